//! What each who has a role says about what waits, and what nodes say of themselves.

use super::people::{COMMANDER, Person, name};
use super::setting::{COMMIT, NEXT_STAGE, Setting};
use ::rollouts::change::{ChangeDraft, ChangeRequest, Effect, EffectTo, FlagSide};
use ::rollouts::check::{AboutKind, Ask, Refs};
use ::rollouts::plan::Nature;
use ::rollouts::statement::{Statement, StatementOutcome, StatementSubject};
use flags::{Gate, Gates};
use primitives::{AccountId, ChangeId, Digest, List, Moment, Name, Path, Reason, ReleaseClass, Text};
use releases::Advertisement;
use runtime::Call;
use state::State;

/// A call about the plan, in a role.
fn acting(setting: &Setting, who: &Person, call: impl FnOnce(Name, Name) -> ::rollouts::Call) -> Call {
    Call::Rollouts(call(setting.plan.name.clone(), who.role.clone()))
}

/// Asks for a change.
pub(super) fn submits(setting: &Setting, who: &Person, request: ChangeRequest) -> Call {
    let change = Box::new(draft(setting, request));
    acting(setting, who, |plan, acting| ::rollouts::Call::Submit { plan, acting, change })
}

/// Carries a change out that names no sealer.
pub(super) fn executes(setting: &Setting, who: &Person, change: ChangeId) -> Call {
    acting(setting, who, |plan, acting| ::rollouts::Call::Execute { plan, acting, change, sealer_proof: None })
}

/// Takes a step of the stage that stands by a change.
pub(super) fn steps(setting: &Setting, who: &Person, change: ChangeId, step: Name) -> Call {
    acting(setting, who, |plan, acting| ::rollouts::Call::Step { plan, acting, change, step })
}

/// Closes a change.
pub(super) fn closes(setting: &Setting, who: &Person, change: ChangeId) -> Call {
    acting(setting, who, |plan, acting| ::rollouts::Call::Close { plan, acting, change })
}

/// States something.
pub(super) fn states(setting: &Setting, who: &Person, statement: Statement) -> Call {
    acting(setting, who, |plan, acting| ::rollouts::Call::State { plan, acting, statement: Box::new(statement) })
}

/// A validator states something for its own node, as a member of a segment.
pub(super) fn attests(setting: &Setting, segment: &Name, statement: Statement) -> Call {
    let (plan, acting, statement) = (setting.plan.name.clone(), segment.clone(), Box::new(statement));
    Call::Rollouts(::rollouts::Call::State { plan, acting, statement })
}

/// To come to the next stage with the build.
pub(super) fn promotion(setting: &Setting) -> ChangeRequest {
    ChangeRequest::Promote { to: name(NEXT_STAGE), artifact: Some(Digest(setting.build.0)) }
}

/// To disable a gate everywhere.
pub(super) fn disabling(gate: &str) -> ChangeRequest {
    let flags = List::truncate_from(vec![name(gate)]);
    ChangeRequest::Disable { flags, scope: Path::ROOT, cause: name("SAFETY") }
}

/// To pause changes everywhere.
pub(super) fn pause() -> ChangeRequest {
    ChangeRequest::Freeze { scope: Path::ROOT, announcement: text("we look into it") }
}

/// To enable a gate that is disabled, against what stands.
pub(super) fn enabling(setting: &Setting, state: &State, gate: &str) -> ChangeRequest {
    let (plan, flag) = (&setting.plan.name, name(gate));
    let side = FlagSide {
        targeting: flags::queries::setting(state, plan, &flag, &Path::ROOT).map(|setting| setting.targeting),
        disabled: true,
    };
    let effect = Effect::Flag { flag, path: Path::ROOT, to: EffectTo::Enabled, was: side.digest() };
    ChangeRequest::Set { effects: List::truncate_from(vec![effect]) }
}

fn draft(setting: &Setting, request: ChangeRequest) -> ChangeDraft {
    ChangeDraft {
        version: setting.plan.version,
        bundle: setting.plan.bundle,
        request,
        class: ReleaseClass::Minor,
        nature: Nature::Feature,
        phase: None,
        sealer: None,
        ticket: None,
        reason: Reason::new("it is time").unwrap_or_else(|| state::corrupt("a reason of the simulation is none")),
        milestone: None,
        impact: Text::default(),
        features: List::new(),
    }
}

/// A text that fits.
fn text<const MOST: u32>(text: &str) -> Text<MOST> {
    Text::new(text).unwrap_or_default()
}

/// That a check is well.
pub(super) fn passed(setting: &Setting, key: &Name, about: StatementSubject) -> Statement {
    let predicate = match asked(setting, key) {
        Some(Ask::Word { predicate: Some(predicate), .. }) => predicate.clone(),
        _ => Text::default(),
    };
    let digest = Some(Digest::blake3(key.as_str().as_bytes()));
    Statement { predicate, digest, ..Statement::new(key.clone(), about, StatementOutcome::Passed) }
}

/// What a check of the plan asks.
pub(super) fn asked<'s>(setting: &'s Setting, key: &Name) -> Option<&'s Ask> {
    setting.plan.checks.iter().find(|check| check.key == *key).map(|check| &check.ask)
}

/// What somebody says to a check about a change and a stage, where it is for its role to say; nothing to what time alone, nodes or a vote
/// answer.
pub(super) fn words(
    setting: &Setting,
    who: &Person,
    (change, executed): (ChangeId, Option<Moment>),
    (key, stage): (&Name, Option<&Name>),
) -> Vec<Statement> {
    let Some(check) = setting.plan.checks.iter().find(|check| check.key == *key) else { return Vec::new() };
    let is_owner = check.by.as_ref() == Some(&who.role);
    let about = |kind: AboutKind| match (kind, stage) {
        (AboutKind::Stage, Some(stage)) => StatementSubject::Stage(stage.clone()),
        (AboutKind::Artifact, _) => StatementSubject::Artifact(Digest(setting.build.0)),
        (AboutKind::Change, _) => StatementSubject::Change(change),
        _ => StatementSubject::Plan,
    };
    match &check.ask {
        Ask::Word { refs: Refs::ReleaseChecks, .. } => sections(setting, who, change, key, stage),
        Ask::Word { about: kind, .. } if is_owner => vec![passed(setting, key, about(*kind))],
        Ask::Watch { about: kind, .. } if is_owner => {
            let began = executed.map(|executed| executed.time);
            vec![Statement { began, ..passed(setting, key, about(*kind)) }]
        }
        Ask::Build { commit_of, .. } if who.role.as_str() == COMMANDER => {
            let tested = |key: &Name| {
                let word = passed(setting, key, StatementSubject::Artifact(Digest(setting.build.0)));
                Statement { commit: Text::new(COMMIT), ..word }
            };
            commit_of.iter().map(tested).collect()
        }
        _ => Vec::new(),
    }
}

/// The sections that a stage has gone through and that are for somebody's role to sign off.
fn sections(setting: &Setting, who: &Person, change: ChangeId, key: &Name, stage: Option<&Name>) -> Vec<Statement> {
    let Some(stage) = stage.and_then(|stage| setting.plan.stage(stage)) else { return Vec::new() };
    let own = stage.release_checks.iter().filter(|section| section.owner.as_ref() == Some(&who.role));
    let signed = own.map(|section| {
        let refs = List::truncate_from(vec![section.anchor.clone()]);
        Statement { refs, ..passed(setting, key, StatementSubject::Change(change)) }
    });
    signed.collect()
}

/// What the node of a validator says of itself when all is well.
pub(super) fn advertisement(setting: &Setting, state: &State, who: &AccountId) -> Call {
    let gates = Gates::of(state);
    let bits = |is_it: &dyn Fn(Gate) -> bool| -> u64 {
        Gate::ALL.iter().filter(|gate| is_it(**gate)).fold(0, |bits, gate| bits | (1 << (*gate as u32)))
    };
    runtime::testing::advertise(Advertisement {
        channel: name(NEXT_STAGE),
        gates: bits(&|gate| gates.is_on_for(state, gate, who)),
        known: bits(&|_| true),
        held: 0,
        bundle: setting.plan.bundle,
        build: setting.build,
    })
}
