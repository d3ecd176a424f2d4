//! What a change says when it is submitted, and what its procedure, its stages and the policy of its plan ask of that.

use crate::change::{ChangeDraft, ChangeRequest, MANUAL, MOST_LIVE, MOST_OPEN, SubmittedChange};
use crate::check::Ask;
use crate::judge::lists::approve_list;
use crate::plan::{ChangeKind, Governs, Procedure, Stage};
use crate::plans::KeptRef;
use crate::storage::{COUNTS, EMERGENCIES};
use crate::{Error, FirstKeys, PhaseFlaw, scope, shares};
use flags::Risk;
use primitives::{Amount, BuildHash, Digest, Moment, Name, Pattern};
use roles::Actor;
use state::State;

/// A promotion names what it moves: of the node's plan the build that its stage was tested with, which is approved, and none where
/// nothing asks about one; of an application's plan an artifact that may go there.
pub(super) fn require_subject(state: &State, plan: &KeptRef, change: &SubmittedChange) -> Result<(), Error> {
    let ChangeRequest::Promote { to, artifact } = &change.asked.request else { return Ok(()) };
    if !plan.kept.is_of_node() {
        return require_artifact(state, plan, to, artifact.as_ref(), change.asked.phase.as_ref());
    }
    let is_fine = match artifact {
        Some(build) => releases::queries::release(state, &BuildHash(build.0)).is_some(),
        None => {
            let asks = |key: &Name| {
                let ask = plan.check(state, key).map(|check| check.ask);
                matches!(ask, Some(Ask::Build { .. } | Ask::Installed { .. }))
            };
            !approve_list(state, plan, change).iter().any(|asked| asks(&asked.key))
        }
    };
    if is_fine { Ok(()) } else { Err(Error::BuildUnknown) }
}

/// An artifact that is promoted is registered with all that is asked of one, for that stage or one beyond, is not bad (ROLLOUTS 7.5), and
/// is of the phase that the promotion belongs to.
pub(super) fn require_artifact(
    state: &State,
    plan: &KeptRef,
    to: &Name,
    artifact: Option<&Digest>,
    phase: Option<&Name>,
) -> Result<(), Error> {
    let artifact = match (artifact, plan.kept.artifacts.is_some()) {
        (None, false) => return Ok(()),
        (Some(artifact), true) => artifact,
        _ => return Err(Error::ArtifactNamed { plan: plan.name.clone() }),
    };
    artifacts::queries::require_for(state, &plan.name, artifact, to)?;
    let registered = artifacts::queries::artifact(state, &plan.name, artifact);
    let is_of = registered.and_then(|registered| registered.artifact.phase);
    match phase.filter(|phase| is_of.as_ref() != Some(*phase)) {
        Some(phase) => Err(PhaseFlaw::OfArtifact { phase: phase.clone(), artifact: is_of }.into()),
        None => Ok(()),
    }
}

/// The ticket that the procedure and each touched stage ask for (REQ-111). An emergency says it afterwards, where that is a duty of it;
/// only its own procedure may ask before.
pub(super) fn require_ticket(procedure: &Procedure, stages: &[Stage], draft: &ChangeDraft) -> Result<(), Error> {
    let is_urgent = matches!(draft.request.kind(), ChangeKind::Disable | ChangeKind::Rollback | ChangeKind::Freeze);
    let of_stages = stages.iter().filter(|_| !is_urgent).filter_map(|stage| stage.ticket.as_ref());
    procedure.ticket.iter().chain(of_stages).try_for_each(|form| require_form(form, draft.ticket.as_ref()))
}

fn require_form(form: &Pattern, ticket: Option<&Name>) -> Result<(), Error> {
    match ticket {
        None => Err(Error::TicketMissing { form: form.clone() }),
        Some(ticket) if !form.matches(ticket.as_str()) => {
            Err(Error::TicketForm { ticket: ticket.clone(), form: form.clone() })
        }
        Some(_) => Ok(()),
    }
}

/// An emergency says what it is for, in words of its procedure, and touches nothing that none may.
pub(super) fn require_cause(
    state: &State,
    plan: &KeptRef,
    procedure: &Procedure,
    request: &ChangeRequest,
) -> Result<(), Error> {
    match request {
        ChangeRequest::Disable { cause, flags, .. } => {
            if !procedure.causes.contains(cause) {
                let causes = FirstKeys::truncate_from(procedure.causes.to_vec());
                return Err(Error::CauseUnknown { plan: plan.name.clone(), cause: cause.clone(), causes });
            }
            let is_spared = |key: &Name| {
                flags::queries::flag(state, &plan.name, key).is_some_and(|defined| !defined.flag.emergency)
            };
            flags
                .iter()
                .find(|key| is_spared(key))
                .map_or(Ok(()), |flag| Err(Error::NoEmergency { flag: flag.clone() }))
        }
        ChangeRequest::Rollback { trigger, source, .. } => {
            let known = |name: &Name, names: &[Name]| {
                let unknown = || Error::TriggerUnknown {
                    plan: plan.name.clone(),
                    named: name.clone(),
                    known: FirstKeys::truncate_from(names.to_vec()),
                };
                if names.contains(name) { Ok(()) } else { Err(unknown()) }
            };
            if trigger.as_str() != MANUAL {
                known(trigger, &procedure.causes)?;
            }
            known(source, &procedure.sources)
        }
        _ => Ok(()),
    }
}

/// What is of high risk comes behind a live flag of the plan (REQ-105); and what is for a milestone says what its users will notice.
pub(super) fn require_features(state: &State, at: Moment, plan: &KeptRef, draft: &ChangeDraft) -> Result<(), Error> {
    let is_live = |key: &Name| {
        let flag = flags::queries::flag(state, &plan.name, key);
        flag.is_some_and(|defined| !defined.flag.expires.is_over(at.time))
    };
    let bare = |flag: &Option<Name>| !flag.as_ref().is_some_and(is_live);
    if let Some(feature) = draft.features.iter().find(|feature| feature.risk == Risk::High && bare(&feature.flag)) {
        return Err(Error::FlagRequired { feature: feature.name.clone() });
    }
    let says_nothing = draft.impact.as_str().trim().is_empty();
    match &draft.milestone {
        Some(milestone) if draft.request.kind() == ChangeKind::Promote && says_nothing => {
            Err(Error::ImpactMissing(milestone.clone()))
        }
        _ => Ok(()),
    }
}

/// The bounds of what may wait, or owe something: of changes a plan, of those a tenant, and of emergencies an account, each flag and each
/// pause for one (ROLLOUTS 7.7, 17). What is carried out at once does not wait, and may owe something. Emergencies of the role that owns
/// an application's plan are never too many.
pub(super) fn require_place(
    state: &State,
    plan: &KeptRef,
    by: &Actor,
    request: &ChangeRequest,
    (at_once, emergencies): (bool, u8),
) -> Result<(), Error> {
    let kind = request.kind();
    let counts = COUNTS.get(state, &plan.name).unwrap_or_default();
    let live = counts.open.saturating_add(counts.active);
    let bounds = [(live, MOST_LIVE), (if at_once { 0 } else { counts.open }, MOST_OPEN)];
    if let Some((_, most)) = bounds.into_iter().find(|(have, most)| is_counted(kind) && have >= most) {
        return Err(Error::TooManyOpen { plan: plan.name.clone(), most });
    }
    if is_counted(kind) {
        shares::require(state, &plan.name, &scope::paths(state, &plan.name, request), at_once)?;
    }
    let is_owner = matches!(&plan.kept.governs, Governs::Application { owner } if *owner == by.role);
    if is_owner {
        return Ok(());
    }
    if let ChangeRequest::Disable { scope, .. } = request {
        flags::admit::require_room_to_disable(state, &plan.name, scope, emergencies.into())?;
    }
    let most = u32::from(plan.kept.policy.open_emergencies);
    let before = EMERGENCIES.get(state, &(plan.name.clone(), by.account)).unwrap_or_default();
    let have = before.saturating_add(emergencies.into());
    if emergencies > 0 && have > most { Err(Error::TooManyEmergencies { have, most }) } else { Ok(()) }
}

/// Whether changes of a kind are counted while they wait: emergencies and pauses never find the door closed.
pub(crate) fn is_counted(kind: ChangeKind) -> bool {
    !matches!(kind, ChangeKind::Disable | ChangeKind::Rollback | ChangeKind::Freeze)
}

/// What is held for a change, which pays for the facts of the clock that its duties may bring (ROLLOUTS 7.4).
pub(super) fn deposit_of(state: &State, plan: &KeptRef, request: &ChangeRequest) -> Amount {
    let procedure = plan.procedure(state, request.kind(), request.stage());
    let of_kind = procedure.map_or(0, |procedure| procedure.close.len());
    let of_stage = match request {
        ChangeRequest::Promote { to, .. } => plan.stage(state, to).map_or(0, |stage| stage.close.len()),
        _ => 0,
    };
    let duties = u64::try_from(of_kind.saturating_add(of_stage)).unwrap_or(u64::MAX);
    plan.kept.policy.deposit.saturating_mul(duties.saturating_add(1))
}
