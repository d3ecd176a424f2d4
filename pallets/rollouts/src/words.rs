//! How plans, changes and statements are spoken of.

use crate::change::{ChangeDraft, ChangeRequest, Effected, EndedWhy, Execution, SubmittedChange};
use crate::install::Installation;
use crate::plan::Missed;
use crate::standing::ThawedWhy;
use crate::statement::Statement;
use crate::{Call, Error, Event, Motion};
use cases::OpenedCase;
use governance::DepositEnd;
use primitives::{Amount, CaseId, ChangeId, Name, Path, ProposalId, Subject};
use state::Told;

impl Told for Call {
    fn sentence(&self) -> String {
        match self {
            Call::Install { installation } => format!("installs {}", described(installation)),
            Call::Retire { plan, acting } => format!("retires plan {plan} for good, as {acting}"),
            Call::Submit { plan, acting, change } => {
                format!("asks, as {acting} of plan {plan}, {}", asks(change))
            }
            Call::Withdraw { plan, change, .. } => format!("takes change {change} of plan {plan} back"),
            Call::Announce { plan, acting, change, from, until, text } => format!(
                "announces, as {acting}, that change {change} of plan {plan} is carried out between {from} and {until} ms since \
                 1970: {:?}",
                text.as_str()
            ),
            Call::Execute { plan, acting, change, .. } => {
                format!("carries change {change} of plan {plan} out, as {acting}")
            }
            Call::Step { plan, acting, change, step } => {
                format!("takes step {step:?} of change {change} of plan {plan}, as {acting}")
            }
            Call::Close { plan, acting, change } => format!("closes change {change} of plan {plan}, as {acting}"),
            Call::State { plan, acting, statement } => {
                format!("states, as {acting} of plan {plan}, {}", said(statement))
            }
        }
    }

    fn kind(&self) -> &'static str {
        self.into()
    }

    fn about(&self) -> Vec<Subject> {
        Vec::new()
    }
}

impl Told for Motion {
    fn sentence(&self) -> String {
        match self {
            Motion::Decide { change, check, digest } => {
                format!("to agree to {check:?} of change {change}, whose text is {digest}")
            }
            Motion::Install(installation) => format!("to install {}", described(installation)),
            Motion::Abort { change, reason } => format!("to end change {change}, because {:?}", reason.as_str()),
        }
    }

    fn kind(&self) -> &'static str {
        self.into()
    }

    fn about(&self) -> Vec<Subject> {
        Vec::new()
    }
}

impl Told for Event {
    fn sentence(&self) -> String {
        match self {
            Event::Installed { installation, by, deposit, effects } => {
                let who = by.map(|by| format!(" by {by}")).unwrap_or_default();
                let installed = described(installation);
                format!("{installed} is in force{who}{}{}", moves(effects), holds(*deposit))
            }
            Event::Retired { plan, by, deposit } => {
                format!("{by} retired plan {plan} for good{}", gives_back(Some(deposit)))
            }
            Event::Submitted { change, vote, deposit, incident, execution, .. } => {
                let told = submitted(change, vote.as_ref(), *deposit, execution.as_deref());
                format!("{told}{}", linked(*incident))
            }
            Event::Closed { plan, change, by, deposit } => {
                format!("{by} closed change {change} of plan {plan}{}", gives_back(deposit.as_ref()))
            }
            Event::Stated { plan, stated, marks, opened, rolls_back } => {
                let restarts = marks.as_ref().map(|stage| format!(", which restarts the soaks of stage {stage:?}"));
                let asks = rolls_back.as_ref().map(|stage| format!(", and asks to roll stage {stage:?} back"));
                let (by, statement) = (&stated.actor, said(&stated.statement));
                let (restarts, asks) = (restarts.unwrap_or_default(), asks.unwrap_or_default());
                format!("{by} of plan {plan} stated {statement}{restarts}{}{asks}", opens(opened.as_deref()))
            }
            Event::Approved { .. } | Event::Announced { .. } | Event::Executed { .. } | Event::Stepped { .. } => {
                of_progress(self)
            }
            Event::Met { .. }
            | Event::Missed { .. }
            | Event::Reverted { .. }
            | Event::Ended { .. }
            | Event::Thawed { .. }
            | Event::Voided { .. }
            | Event::Dropped { .. } => of_outcome(self),
            Event::AmendmentAsked { number, installation, by, .. } => {
                format!(
                    "{by} asked, as amendment {number}, for {}; a vote of who owns the plan decides",
                    described(installation)
                )
            }
            Event::AmendmentEnded { plan, number, poll, why } => {
                format!("amendment {number} of plan {plan} {}, by proposal {poll}", end(*why))
            }
        }
    }

    fn kind(&self) -> &'static str {
        self.into()
    }

    fn about(&self) -> Vec<Subject> {
        match self {
            Event::Installed { by, .. } => by.iter().copied().map(Subject::Account).collect(),
            Event::Submitted { change, .. } => change.submitter().into_iter().map(Subject::Account).collect(),
            Event::Retired { by, .. }
            | Event::AmendmentAsked { by, .. }
            | Event::Announced { by, .. }
            | Event::Executed { by, .. }
            | Event::Stepped { by, .. }
            | Event::Closed { by, .. } => vec![Subject::Account(by.account)],
            Event::Stated { stated, .. } => vec![Subject::Account(stated.actor.account)],
            Event::Approved { poll, .. }
            | Event::Reverted { poll, .. }
            | Event::Voided { poll, .. }
            | Event::AmendmentEnded { poll, .. } => vec![Subject::Proposal(*poll)],
            Event::Met { poll, .. } => poll.iter().copied().map(Subject::Proposal).collect(),
            Event::Ended { deposit, .. } | Event::Missed { deposit, .. } => {
                deposit.iter().map(|end| Subject::Account(end.deposit().account)).collect()
            }
            Event::Thawed { .. } | Event::Dropped { .. } => Vec::new(),
        }
    }
}

impl Told for Error {
    fn sentence(&self) -> String {
        self.to_string()
    }

    fn kind(&self) -> &'static str {
        "rollouts.refused"
    }

    fn about(&self) -> Vec<Subject> {
        Vec::new()
    }
}

/// A version of a plan.
fn described(Installation { plan, stage, .. }: &Installation) -> String {
    let stage = stage.as_ref().map(|stage| format!(", with stage {stage:?} standing")).unwrap_or_default();
    format!("version {} of plan {}, made from the bundle {}{stage}", plan.version, plan.name, plan.bundle)
}

/// What a change asks for and why, as the end of a sentence.
fn asks(draft: &ChangeDraft) -> String {
    let ticket = draft.ticket.as_ref().map(|ticket| format!(", under ticket {ticket}")).unwrap_or_default();
    let sealer = draft.sealer.map(|who| format!(", from when on {who} decides blocks alone")).unwrap_or_default();
    let phase = draft.phase.as_ref().map(|phase| format!(", in phase {phase:?}")).unwrap_or_default();
    format!("{}{phase}{ticket}{sealer}, because {:?}", requested(&draft.request), draft.reason.as_str())
}

fn requested(request: &ChangeRequest) -> String {
    match request {
        ChangeRequest::Promote { to, artifact } => {
            let tested = artifact.map(|artifact| format!(" with {artifact}")).unwrap_or_default();
            format!("to promote to stage {to:?}{tested}")
        }
        ChangeRequest::Demote { to } => format!("to go back to stage {to:?}"),
        ChangeRequest::Set { effects } => format!("to move {}", things(effects.len())),
        ChangeRequest::Disable { flags, scope, cause } => {
            format!("to disable {} {} for {cause}", listed(flags), place(scope))
        }
        ChangeRequest::Rollback { stage, trigger, source } => {
            format!("to roll stage {stage:?} back, because of {trigger}, seen in {source}")
        }
        ChangeRequest::Freeze { scope, announcement } => {
            format!("to pause changes {}, telling users {:?}", place(scope), announcement.as_str())
        }
        ChangeRequest::Phase { phase, to } => format!("to have phase {phase:?} {to}"),
    }
}

fn said(statement: &Statement) -> String {
    let Statement { key, about, outcome, expires, reason, .. } = statement;
    let until = expires.map(|end| format!(" until {end} ms since 1970")).unwrap_or_default();
    let why = if reason.as_str().is_empty() { String::new() } else { format!(", because {:?}", reason.as_str()) };
    format!("that {key:?} of {about} is {outcome}{until}{why}")
}

fn submitted(change: &SubmittedChange, vote: Option<&Name>, deposit: Amount, execution: Option<&Execution>) -> String {
    let by = change.by.as_ref().map_or_else(|| "the chain".to_owned(), ToString::to_string);
    let vote = vote.map(|check| format!("; a vote on {check:?} decides")).unwrap_or_default();
    let done = execution.map(carried_out).unwrap_or_default();
    let (id, plan, asked) = (change.id, &change.plan, asks(&change.asked));
    format!("{by} submitted change {id} of plan {plan} {asked}{vote}{done}{}", holds(deposit))
}

fn carried_out(execution: &Execution) -> String {
    let owed: Vec<Name> = execution.duties.iter().map(|duty| duty.check.clone()).collect();
    let owes = if owed.is_empty() { String::new() } else { format!("; it owes {}", listed(&owed)) };
    let (moves, back, opens) = (moves(&execution.effects), goes_back(execution), opens(execution.opened.as_deref()));
    format!(", and it is carried out{moves}{back}{opens}{owes}")
}

/// What a change goes back from, and to.
fn goes_back(execution: &Execution) -> String {
    let to = execution.subject.filter(|_| !execution.reverts.is_empty());
    let to = to.map(|subject| format!("; {subject} stands again")).unwrap_or_default();
    let from = execution.reverts.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    if from.is_empty() { to } else { format!("; it goes back from what change {from} did{to}") }
}

fn opens(opened: Option<&OpenedCase>) -> String {
    match opened {
        Some(opened) if opened.as_report => format!("; report {} is opened", opened.id),
        Some(opened) => format!("; incident {} is opened", opened.id),
        None => String::new(),
    }
}

fn linked(incident: Option<CaseId>) -> String {
    incident.map(|case| format!("; it is linked to incident {case}")).unwrap_or_default()
}

/// A change on its way.
fn of_progress(event: &Event) -> String {
    match event {
        Event::Approved { plan, change, poll, verdict, not_before, .. } => {
            let from = not_before.map(|epoch| format!(", and can be carried out from epoch {epoch} on"));
            let from = from.unwrap_or_default();
            format!("{} is approved by proposal {poll}, its list then {verdict}{from}", named(plan, *change))
        }
        Event::Announced { plan, change, by, number, from, until, freezes, .. } => {
            let stands = if *freezes { ", in which what is not urgent stands still" } else { "" };
            format!(
                "{by} announced, as number {number}, that {} is carried out between {from} and {until} ms since \
                 1970{stands}",
                named(plan, *change)
            )
        }
        Event::Executed { plan, change, by, execution } => {
            let done = carried_out(execution);
            format!("{by} executed {}{done}", named(plan, *change))
        }
        Event::Stepped { plan, change, by, step, effects, .. } => {
            format!("{by} took step {step:?} of {}{}", named(plan, *change), moves(effects))
        }
        _ => String::new(),
    }
}

/// What came of a change.
fn of_outcome(event: &Event) -> String {
    match event {
        Event::Met { plan, change, check, late, poll } => {
            let by = poll.map(|poll: ProposalId| format!(" by proposal {poll}")).unwrap_or_default();
            let late = if *late { ", after its time" } else { "" };
            format!("{check:?} of {} is met{by}{late}", named(plan, *change))
        }
        Event::Missed { plan, change, check, then, effects, deposit, opened } => {
            let then = match then {
                Missed::Block => "; nothing is promoted there until it is met",
                Missed::Hold => "; what the change did stays, and nothing is promoted there until it is met",
                Missed::Restore => "; what the change did is undone",
            };
            let (named, back) = (named(plan, *change), gives_back(deposit.as_ref()));
            let opens = opens(opened.as_deref());
            format!("{check:?} of {named} was not met in time{then}{}{opens}{back}", moves(effects))
        }
        Event::Reverted { plan, change, check, poll, effects, deposit } => {
            let (named, back) = (named(plan, *change), gives_back(deposit.as_ref()));
            format!("{named} is undone, because proposal {poll} on {check:?} was rejected{}{back}", moves(effects))
        }
        Event::Ended { plan, change, why, reason, deposit, .. } => {
            let said = reason.as_ref().map(|reason| format!(", because {:?}", reason.as_str())).unwrap_or_default();
            format!("{} {}{said}{}", named(plan, *change), end(*why), gives_back(deposit.as_ref()))
        }
        Event::Thawed { plan, change, why, reason } => {
            let said = reason.as_ref().map(|reason| format!(", because {:?}", reason.as_str())).unwrap_or_default();
            format!("{} stops others no longer: {}{said}", named(plan, *change), thawed(*why))
        }
        Event::Voided { plan, change, check, poll, reopens } => {
            let then = if *reopens { "; another is opened" } else { "" };
            format!("proposal {poll} on {check:?} of {} decides nothing{then}", named(plan, *change))
        }
        Event::Dropped { plan, change, statements: 0, is_all: false, .. } => {
            format!("what was said about {} is needed, and looked at again in a day", named(plan, *change))
        }
        Event::Dropped { plan, change, statements, is_all, .. } => {
            let rest = if *is_all { ", the last of them" } else { "" };
            let count = if *statements == 1 { "one statement".to_owned() } else { format!("{statements} statements") };
            format!("{count} about {} are kept no longer{rest}", named(plan, *change))
        }
        _ => String::new(),
    }
}

fn end(why: EndedWhy) -> &'static str {
    match why {
        EndedWhy::Rejected => "is rejected",
        EndedWhy::Withdrawn => "is withdrawn by who submitted it",
        EndedWhy::Expired => "was not carried out in time and expired",
        EndedWhy::Aborted => "is ended by the stake",
        EndedWhy::Superseded => "is over, because another version of the plan is in force",
    }
}

fn thawed(why: ThawedWhy) -> &'static str {
    match why {
        ThawedWhy::Met => "what it waited for is met",
        ThawedWhy::TimeOver => "its longest time is over",
        ThawedWhy::WindowOver => "its window is over, and it was not carried out in it",
        ThawedWhy::Aborted => "the stake ended that",
    }
}

fn named(plan: &Name, change: ChangeId) -> String {
    format!("change {change} of plan {plan}")
}

fn moves(effects: &[Effected]) -> String {
    if effects.is_empty() { String::new() } else { format!(", which moves {}", things(effects.len())) }
}

fn things(count: usize) -> String {
    if count == 1 { "one thing".into() } else { format!("{count} things") }
}

fn listed(names: &[Name]) -> String {
    let names: Vec<&str> = names.iter().map(Name::as_str).collect();
    names.join(", ")
}

fn place(path: &Path) -> String {
    if path.is_root() { "at the root".into() } else { format!("in {path}") }
}

fn holds(deposit: Amount) -> String {
    if deposit == Amount::ZERO { String::new() } else { format!("; {} is held", tokens(deposit)) }
}

fn gives_back(end: Option<&DepositEnd>) -> String {
    match end {
        Some(DepositEnd::Returned(deposit)) => format!("; {} is free again", tokens(deposit.amount)),
        Some(DepositEnd::Burned(deposit)) => format!("; {} is forfeited", tokens(deposit.amount)),
        None => String::new(),
    }
}

fn tokens(amount: Amount) -> String {
    format!("{} tokens", amount.grouped())
}
