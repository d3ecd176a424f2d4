//! When a change is taken, and carried out at once where its procedure is at once (ROLLOUTS 7.4).

use super::{acting, execution, guards, quorum, submission};
use crate::change::{ChangeDraft, ChangeRequest, Effected, Execution, SubmittedChange};
use crate::deadline::ChangeDeadline;
use crate::effects::QuorumMove;
use crate::judge::lists::ApproveList;
use crate::judge::verdict::bare_verdict;
use crate::plan::{ChangeKind, Procedure, Stage};
use crate::plans::{self, KeptRef};
use crate::storage::LATEST;
use crate::{Error, Event, effects, freeze, phase, polls, scope};
use primitives::{AccountId, Amount, Moment, Name};
use roles::Actor;
use state::State;

/// The guards stand in the order of the table in ROLLOUTS 7.4.
pub(super) fn decide(
    state: &State,
    at: Moment,
    who: AccountId,
    (plan, acting): (&Name, &Name),
    draft: &ChangeDraft,
) -> Result<Event, Error> {
    let plan = plans::current(state, plan)?;
    let by = acting::require(state, &plan, acting, who, "submit", &draft.request)?;
    guards::require_version(&plan, draft.version)?;
    guards::require_bundle(&plan, &draft.bundle)?;
    let change = numbered(state, at, &plan, by.clone(), draft);
    guards::require_stage(state, &plan, &draft.request)?;
    let submitting = Submitting::of(state, at, &plan, &change)?;
    submission::require_subject(state, &plan, &change)?;
    phase::require_for_change(state, &plan, draft)?;
    guards::require_sole(state, &plan, &draft.request, None)?;
    submitting.require_open(acting)?;
    submitting.require_said()?;
    let effects = effects::of_request(state, at, &plan, &draft.request)?;
    let quorum = effects::quorum_move(state, at, &plan.name, &effects);
    quorum::require_named(draft.sealer.as_ref(), quorum)?;
    submitting.taken(&by, effects, quorum)
}

fn numbered(state: &State, at: Moment, plan: &KeptRef, by: Actor, draft: &ChangeDraft) -> SubmittedChange {
    let id = LATEST.get_or_default(state).next();
    SubmittedChange::new(id, plan.name.clone(), Some(by), at, draft.clone())
}

/// A change while it is judged, with the rules that it goes by.
struct Submitting<'s> {
    state: &'s State<'s>,
    at: Moment,
    plan: &'s KeptRef,
    change: &'s SubmittedChange,
    procedure: Procedure,
    stages: Vec<Stage>,
}

impl<'s> Submitting<'s> {
    fn of(state: &'s State<'s>, at: Moment, plan: &'s KeptRef, change: &'s SubmittedChange) -> Result<Self, Error> {
        let (kind, request) = (change.kind(), &change.asked.request);
        let missing = || Error::ProcedureMissing { plan: plan.name.clone(), kind };
        let procedure = plan.procedure(state, kind, request.stage()).ok_or_else(missing)?;
        let stages = scope::touched(state, plan, request)?;
        Ok(Self { state, at, plan, change, procedure, stages })
    }

    /// Nothing stands still there.
    fn require_open(&self, acting: &Name) -> Result<(), Error> {
        let (state, at, plan, kind) = (self.state, self.at, &self.plan.name, self.change.kind());
        freeze::require_unfrozen(state, at, plan, kind, None)?;
        freeze::require_unpaused(state, at, plan, kind, &scope::paths_of(state, self.change))?;
        match &self.change.asked.request {
            ChangeRequest::Freeze { scope, .. } => freeze::require_may_pause(state, at, plan, acting, scope),
            _ => Ok(()),
        }
    }

    /// The change says what it has to.
    fn require_said(&self) -> Result<(), Error> {
        let draft = &self.change.asked;
        submission::require_ticket(&self.procedure, &self.stages, draft)?;
        submission::require_cause(self.state, self.plan, &self.procedure, &draft.request)?;
        submission::require_features(self.state, self.at, self.plan, draft)
    }

    fn taken(&self, by: &Actor, effects: Vec<Effected>, quorum: QuorumMove) -> Result<Event, Error> {
        let (state, request) = (self.state, &self.change.asked.request);
        let vote = polls::vote_on(state, self.plan, self.change, quorum);
        // What somebody votes on before waits for that.
        let at_once = self.procedure.at_once && vote.is_none();
        let emergencies = execution::emergencies(request, &effects);
        submission::require_place(state, self.plan, by, request, (at_once, emergencies))?;
        let deposit = submission::deposit_of(state, self.plan, request);
        accounts::queries::require_free(state, &by.account, deposit)?;
        let execution = if at_once { Some(self.carried_out(effects, quorum)?) } else { None };
        let is_over = execution.as_ref().is_some_and(|execution| execution.closed);
        let within = self.procedure.execute_within;
        Ok(Event::Submitted {
            change: Box::new(self.change.clone()),
            expires: (!at_once && !within.is_nothing()).then(|| ChangeDeadline::after(self.at, within)),
            vote,
            deposit: if is_over { Amount::ZERO } else { deposit },
            incident: None,
            execution: execution.map(Box::new),
        })
    }

    /// What is carried out in the block that takes it meets what any execution meets, with nothing announced and nothing to wait for.
    fn carried_out(&self, effects: Vec<Effected>, quorum: QuorumMove) -> Result<Execution, Error> {
        let (state, at, plan, change) = (self.state, self.at, self.plan, self.change);
        let verdict = bare_verdict(state, at, plan, change, None, &ApproveList::of(state, plan, change).checks);
        guards::require_go(&verdict)?;
        if self.procedure.window {
            guards::require_window(state, at, plan, &self.stages, None)?;
        }
        if change.kind() == ChangeKind::Promote {
            let paths = scope::paths_of(state, change);
            guards::require_nothing_overdue(state, &plan.name, &paths)?;
            guards::require_no_incident(state, &plan.name, &paths)?;
        }
        guards::require_unmoved(state, &plan.name, &change.asked.request)?;
        quorum::require_present(state, at, quorum)?;
        execution::of(state, at, plan, (change, None), verdict.answer, effects)
    }
}
