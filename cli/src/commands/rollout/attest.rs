//! `contract rollout attest`: who says what about what.

use super::{ActingAs, network_plan};
use crate::answer::CommandAnswer;
use crate::args::Send;
use crate::args::rollout::said::{AttestArgs, DrillArgs, OutcomeArgs};
use crate::commands::{file, keys};
use crate::failure::{Failure, usage};
use crate::session::Session;
use crate::submit;
use primitives::{Digest, List, Name, Text};
use rollouts::check::{Ask, Check, Refs};
use rollouts::plan::{Plan, Speakers, VALIDATORS};
use rollouts::statement::{Statement, StatementOutcome, StatementSubject};
use rpc::api::RolloutApiClient as _;
use runtime::Call;

/// The grant of whoever takes steps, and so may say something about one.
const STEPS: &str = "promote.execute";
/// The grant of whoever waives checks.
const WAIVE: &str = "waive";

/// What the file of a statement says.
#[derive(Default)]
struct Body {
    digest: Option<Digest>,
    predicate: Text<96>,
    about: Option<StatementSubject>,
    outcome: Option<StatementOutcome>,
    /// The hash of the subject, where the file has one.
    subject: Option<Digest>,
}

/// States something.
pub async fn attest(session: &Session, arguments: &Send<AttestArgs>) -> Result<CommandAnswer, Failure> {
    let Send { call, writing } = arguments;
    let key = keys::read(&writing.key, &writing.passphrase)?;
    let body = body(call)?;
    let (statement, subject) = (Box::new(statement(call, &body)?), body.subject);
    let plan = plan_of(session, call, &statement.about, subject).await?;
    let acting = ActingAs { who: key.account(), plan: &plan, named: call.within.acting.as_ref() };
    let acting = speaker(session, &acting, &statement).await?;
    submit::send(session, &key, writing, Call::Rollouts(rollouts::Call::State { plan, acting, statement })).await
}

/// States that a drill began, or how it ended.
pub async fn drill(session: &Session, arguments: Send<DrillArgs>) -> Result<CommandAnswer, Failure> {
    let Send { call, writing } = arguments;
    attest(session, &Send { call: drilled(call)?, writing }).await
}

/// A drill as the statement that it is.
fn drilled(arguments: DrillArgs) -> Result<AttestArgs, Failure> {
    let DrillArgs { within, playbook, begin, end, outcome, digest, reason } = arguments;
    if end && outcome.said().is_none() {
        return Err(usage("say what came out of the drill: --passed, --warned or --failed"));
    }
    let check = format!("drill.{playbook}.{}", if begin { "began" } else { "ended" });
    let check = check.parse().map_err(|_| usage(format!("the name of playbook {playbook} is too long for a drill")))?;
    let passed = outcome.passed || outcome.said().is_none();
    Ok(AttestArgs {
        within,
        check,
        about: Some(StatementSubject::Plan),
        outcome: OutcomeArgs { passed, ..outcome },
        statement: None,
        digest,
        predicate: None,
        uri: None,
        refs: Vec::new(),
        commit: None,
        value: None,
        began: None,
        expires: None,
        reason,
    })
}

/// What the file says, and what is typed instead of one.
fn body(arguments: &AttestArgs) -> Result<Body, Failure> {
    let Some(path) = &arguments.statement else {
        let (digest, predicate) = (arguments.digest, arguments.predicate.clone().unwrap_or_default());
        return Ok(Body { digest, predicate, ..Body::default() });
    };
    let (said, digest) = file::statement(path)?;
    let wrong = |failure: Failure| usage(format!("{}: {failure}", path.display()));
    let about = arguments.about.clone().or(said.about());
    let subject = about.as_ref().map(|about| said.digest_of(about)).transpose().map_err(wrong)?.flatten();
    let predicate = said.predicate().map_err(wrong)?;
    Ok(Body { digest: Some(digest), predicate, about: said.about(), outcome: said.outcome(), subject })
}

fn statement(arguments: &AttestArgs, body: &Body) -> Result<Statement, Failure> {
    let typed = arguments.outcome.said();
    Ok(Statement {
        key: arguments.check.clone(),
        about: one_of("--about", "subject", arguments.about.clone(), body.about.clone())?,
        outcome: one_of("--passed, --warned, --failed or --waived", "result", typed, body.outcome)?,
        predicate: body.predicate.clone(),
        digest: body.digest,
        uri: arguments.uri.clone().unwrap_or_default(),
        refs: List::try_from(arguments.refs.clone())
            .map_err(|_| usage(format!("{} --ref are more than the 32 of one statement", arguments.refs.len())))?,
        commit: arguments.commit.clone(),
        value: arguments.value,
        began: arguments.began,
        expires: arguments.expires,
        reason: arguments.reason.clone().unwrap_or_default(),
    })
}

/// What is typed or in the file; where it is both, it is the same.
fn one_of<T: PartialEq>(option: &str, part: &str, typed: Option<T>, written: Option<T>) -> Result<T, Failure> {
    match (typed, written) {
        (Some(typed), Some(written)) if typed != written => {
            Err(usage(format!("the {part} in the --statement file is another one; correct {option}, or leave it out")))
        }
        (typed, written) => typed.or(written).ok_or_else(|| usage(format!("say {option}; no file says its {part}"))),
    }
}

/// The plan that is named, else that of the change that it is about, else that of this network. A file about a change names the hash of
/// the change that it is on record with, or none.
async fn plan_of(
    session: &Session,
    arguments: &AttestArgs,
    about: &StatementSubject,
    subject: Option<Digest>,
) -> Result<Name, Failure> {
    let named = arguments.within.plan.as_ref();
    let StatementSubject::Change(id) = about else { return network_plan(session, named).await };
    if let (Some(named), None) = (named, subject) {
        return Ok(named.clone());
    }
    let change = session.node.rollout_change(*id).await.map_err(|error| session.explain(error))?;
    if let Some(other) = subject.filter(|hash| *hash != change.digest) {
        return Err(usage(format!(
            "the --statement file is about a change with hash {other}, and that of change {id} is {}; name the change that was \
             looked at",
            change.digest
        )));
    }
    Ok(named.cloned().unwrap_or(change.summary.plan))
}

/// As what somebody speaks.
async fn speaker(session: &Session, acting: &ActingAs<'_>, statement: &Statement) -> Result<Name, Failure> {
    if let Some(named) = acting.named {
        return Ok(named.clone());
    }
    if statement.outcome == StatementOutcome::Waived {
        return acting.by_grant(session, WAIVE).await;
    }
    let plan = session.node.rollout_plan(acting.plan.clone()).await.map_err(|error| session.explain(error))?.plan;
    match asked_of(&plan, &statement.key) {
        AskedOf::Roles(roles) if !roles.is_empty() => acting.among(session, &roles).await,
        AskedOf::Segment(segment) => Ok(segment),
        AskedOf::Step => acting.by_grant(session, STEPS).await,
        AskedOf::Roles(_) | AskedOf::Unknown => acting.of_any(session).await,
    }
}

/// Whose word a key wants.
#[derive(Debug, PartialEq, Eq)]
enum AskedOf {
    /// That of a member of one of these.
    Roles(Vec<Name>),
    /// That of everybody in a segment, for itself.
    Segment(Name),
    /// That of whoever takes the steps of a stage.
    Step,
    /// The plan does not say; it may be a row.
    Unknown,
}

fn asked_of(plan: &Plan, key: &Name) -> AskedOf {
    if let Some(check) = plan.checks.iter().find(|check| check.key == *key) {
        return of_check(plan, check);
    }
    if let Some(signal) = plan.signals.iter().find(|signal| signal.key == *key) {
        return match &signal.by {
            Speakers::Roles(roles) => AskedOf::Roles(roles.to_vec()),
            Speakers::Validators => Name::new(VALIDATORS).map_or(AskedOf::Unknown, AskedOf::Segment),
        };
    }
    let domain = key.as_str().strip_prefix("drill.").and_then(|rest| rest.rsplit_once('.')).map(|(domain, _)| domain);
    if let Some(playbook) = plan.playbooks.iter().find(|playbook| Some(playbook.domain.as_str()) == domain) {
        return AskedOf::Roles(vec![playbook.owner.clone()]);
    }
    let is_step = plan.stages.iter().any(|stage| stage.steps.iter().any(|step| step.key == *key));
    if is_step { AskedOf::Step } else { AskedOf::Unknown }
}

fn of_check(plan: &Plan, check: &Check) -> AskedOf {
    match &check.ask {
        Ask::Chorus { segment, .. } => AskedOf::Segment(segment.clone()),
        Ask::Word { refs: Refs::ReleaseChecks, .. } => {
            let sections = plan.stages.iter().flat_map(|stage| stage.release_checks.iter());
            let mut roles: Vec<Name> = sections.filter_map(|section| section.owner.clone()).collect();
            roles.sort();
            roles.dedup();
            AskedOf::Roles(roles)
        }
        _ => AskedOf::Roles(check.by.iter().cloned().collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use runtime::testing::examples;

    fn name(text: &str) -> Name {
        Name::new(text).unwrap()
    }

    #[test]
    fn whose_word_a_key_wants_the_plan_says() {
        let plan = examples::plan();
        assert_eq!(asked_of(&plan, &name("tested")), AskedOf::Roles(vec![name("OWNER")]));
        assert_eq!(asked_of(&plan, &name("regression")), AskedOf::Roles(vec![name("OWNER")]));
        assert_eq!(asked_of(&plan, &name("deploy")), AskedOf::Step);
        assert_eq!(asked_of(&plan, &name("drill.server.began")), AskedOf::Roles(vec![name("OWNER")]));
        assert_eq!(asked_of(&plan, &name("FR-P7-1001")), AskedOf::Unknown);
        let chorus =
            Ask::Chorus { segment: name("testers"), least: rollouts::check::Least::Count(1), after_announced: false };
        let check = Check { ask: chorus, ..plan.checks.first().unwrap().clone() };
        assert_eq!(of_check(&plan, &check), AskedOf::Segment(name("testers")));
    }

    #[test]
    fn what_is_typed_and_in_the_file_is_the_same() {
        let of = |typed, written| one_of("--about", "subject", typed, written);
        assert_eq!((of(Some(1), None).unwrap(), of(None, Some(2)).unwrap(), of(Some(3), Some(3)).unwrap()), (1, 2, 3));
        assert!(of(Some(1), Some(2)).unwrap_err().to_string().contains("another one"));
        assert!(of(None, None).unwrap_err().to_string().starts_with("say --about"));
    }
}
