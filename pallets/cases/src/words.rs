//! How cases are spoken of.

use crate::{Call, Containment, DutyOfChange, Error, Event, HoldBody, IncidentCause, SignalledBy};
use governance::DepositEnd;
use primitives::{CaseId, Name, Path, Subject};
use state::Told;
use std::fmt;

impl Told for Call {
    fn sentence(&self) -> String {
        match self {
            Call::Report { plan, path, observation } => {
                format!("reports {:?} {} of plan {plan}", observation.as_str(), place(path))
            }
            Call::Dismiss { plan, acting, case, unfounded, reason } => {
                let founded = if *unfounded { " as unfounded" } else { "" };
                format!("dismisses report {case} of plan {plan}{founded}, as {acting}, because {:?}", reason.as_str())
            }
            Call::Detect { plan, acting, path, observation, report, duty, .. } => {
                let of = [report.map(taken), duty.as_ref().map(stands)].into_iter().flatten().collect::<String>();
                let said = observation.as_str();
                format!("opens an incident {} of plan {plan}{of}, as {acting}: {said:?}", place(path))
            }
            Call::Classify { plan, acting, case, severity, module } => {
                format!("says that incident {case} of plan {plan} is {severity}, in {module}, as {acting}")
            }
            Call::Respond { plan, acting, case, containments } => {
                format!("says that {} contains incident {case} of plan {plan}, as {acting}", listed(containments))
            }
            Call::Resolve { plan, acting, case, recovery } => {
                let said = recovery.statement.as_str();
                format!("resolves incident {case} of plan {plan}, as {acting}: {said:?}")
            }
            Call::OpenRisk { plan, acting, path, severity, text, .. } => {
                let said = text.as_str();
                format!("enters a risk of {severity} {} of plan {plan}, as {acting}: {said:?}", place(path))
            }
            Call::Mitigate { plan, acting, case, mitigation } => {
                let said = mitigation.as_str();
                format!("says what was done against risk {case} of plan {plan}, as {acting}: {said:?}")
            }
            Call::Accept { plan, acting, case, review, reason } => {
                let said = reason.as_str();
                format!(
                    "accepts risk {case} of plan {plan} until {review} ms since 1970, as {acting}, because {said:?}"
                )
            }
            Call::CloseRisk { plan, acting, case, reason } => {
                format!("closes risk {case} of plan {plan}, as {acting}, because {:?}", reason.as_str())
            }
            Call::Hold { plan, acting, path, from, until, confirms, .. } => {
                let confirms = confirms.map(|case| format!(", which confirms hold {case}")).unwrap_or_default();
                let place = place(path);
                format!(
                    "has records {place} of plan {plan} kept from block {from} on until {until} ms since 1970, as \
                     {acting}{confirms}"
                )
            }
            Call::Release { plan, acting, case, reason } => {
                format!("releases hold {case} of plan {plan}, as {acting}, because {:?}", reason.as_str())
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

impl Told for Event {
    fn sentence(&self) -> String {
        match self {
            Event::Reported { .. } | Event::Dismissed { .. } => of_report(self),
            Event::Detected { .. } | Event::Classified { .. } | Event::Responded { .. } | Event::Resolved { .. } => {
                of_incident(self)
            }
            Event::RiskOpened { .. }
            | Event::RiskMitigated { .. }
            | Event::RiskAccepted { .. }
            | Event::RiskClosed { .. } => of_risk(self),
            Event::Held { plan, case, path, by, hold } => held(plan, *case, path, &by.to_string(), hold),
            Event::Released { plan, case, by, reason, .. } => match (by, reason) {
                (Some(by), Some(reason)) => {
                    format!("{by} released hold {case} of plan {plan}, because {:?}", reason.as_str())
                }
                _ => format!("the time of hold {case} of plan {plan} is over"),
            },
            Event::Abandoned { plan, case, kind, deposit, .. } => {
                format!("{kind} {case} is over, because plan {plan} is retired{}", gives_back(deposit.as_ref()))
            }
            Event::Dropped { plan, case, .. } => {
                format!("what was said about case {case} of plan {plan} is kept no longer: its time is over")
            }
            Event::Retained { plan, case, by, .. } => {
                format!("what was said about case {case} of plan {plan} is kept for a day more: case {by} needs it")
            }
        }
    }

    fn kind(&self) -> &'static str {
        self.into()
    }

    fn about(&self) -> Vec<Subject> {
        match self {
            Event::Reported { by, .. } => vec![Subject::Account(*by)],
            Event::Dismissed { by, deposit, .. } | Event::Detected { by, deposit, .. } => {
                let theirs = deposit.iter().map(|end| Subject::Account(end.deposit().account));
                std::iter::once(Subject::Account(by.account)).chain(theirs).collect()
            }
            Event::Classified { by, .. }
            | Event::Responded { by, .. }
            | Event::Resolved { by, .. }
            | Event::RiskOpened { by, .. }
            | Event::RiskMitigated { by, .. }
            | Event::RiskClosed { by, .. }
            | Event::Held { by, .. } => vec![Subject::Account(by.account)],
            Event::RiskAccepted { acceptance, .. } => vec![Subject::Account(acceptance.by.account)],
            Event::Released { by, .. } => by.iter().map(|by| Subject::Account(by.account)).collect(),
            Event::Abandoned { deposit, .. } => {
                deposit.iter().map(|end| Subject::Account(end.deposit().account)).collect()
            }
            Event::Dropped { .. } | Event::Retained { .. } => Vec::new(),
        }
    }
}

impl Told for Error {
    fn sentence(&self) -> String {
        self.to_string()
    }

    fn kind(&self) -> &'static str {
        "cases.refused"
    }

    fn about(&self) -> Vec<Subject> {
        Vec::new()
    }
}

/// What opened an incident, as the end of a sentence that says that it is open.
impl fmt::Display for IncidentCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ByHand { report: Some(report), .. } => write!(f, "because of report {report}"),
            Self::ByHand { report: None, duty: Some(duty) } => write!(f, "in place of {duty}"),
            Self::ByHand { report: None, duty: None } => f.write_str("because somebody noticed something"),
            Self::Missed(duty) => write!(f, "because {duty} was not met in time"),
            Self::Rollback(change) => write!(f, "because of rollback {change}"),
            Self::Signal(SignalledBy { key, account }) => write!(f, "because {account} said that {key:?} failed"),
        }
    }
}

impl fmt::Display for DutyOfChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} of change {}", self.check, self.change)
    }
}

impl fmt::Display for Containment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FeatureFlag(change) => write!(f, "change {change} of flags"),
            Self::Rollback(change) => write!(f, "rollback {change}"),
            Self::PolicyLock(Some(change)) => write!(f, "freeze {change}"),
            Self::PolicyLock(None) => f.write_str("the lock that it is itself"),
        }
    }
}

fn of_report(event: &Event) -> String {
    match event {
        Event::Reported { plan, case, path, by, report } => {
            let deposit = report.deposit.as_ref().map(|deposit| deposit.amount.grouped());
            let held = deposit.map(|amount| format!("; {amount} tokens are held")).unwrap_or_default();
            let said = report.observation.as_str();
            format!("{by} made report {case} {} of plan {plan}: {said:?}{held}", place(path))
        }
        Event::Dismissed { plan, case, by, unfounded, reason, deposit, .. } => {
            let founded = if *unfounded { " as unfounded" } else { "" };
            let (said, back) = (reason.as_str(), gives_back(deposit.as_ref()));
            format!("{by} dismissed report {case} of plan {plan}{founded}, because {said:?}{back}")
        }
        _ => String::new(),
    }
}

fn of_incident(event: &Event) -> String {
    match event {
        Event::Detected { plan, case, path, by, observation, report, duty, deposit, .. } => {
            let of = [report.map(taken), duty.as_ref().map(stands)].into_iter().flatten().collect::<String>();
            let (said, back) = (observation.as_str(), gives_back(deposit.as_ref()));
            format!("{by} opened incident {case} {} of plan {plan}{of}: {said:?}{back}", place(path))
        }
        Event::Classified { plan, case, by, asked, severity, module, .. } => {
            let raised = format!("; {asked} was asked for, and less than that it cannot be");
            let raised = if asked < severity { raised } else { String::new() };
            format!("{by} said that incident {case} of plan {plan} is {severity}, in {module}{raised}")
        }
        Event::Responded { plan, case, by, containments, .. } => {
            format!("{by} said that {} contains incident {case} of plan {plan}", listed(containments))
        }
        Event::Resolved { plan, case, by, recovery, .. } => {
            let unfounded = if recovery.unfounded { ", which was unfounded" } else { "" };
            let said = recovery.statement.as_str();
            format!("{by} resolved incident {case} of plan {plan}{unfounded}: {said:?}")
        }
        _ => String::new(),
    }
}

fn of_risk(event: &Event) -> String {
    match event {
        Event::RiskOpened { plan, case, path, by, severity, text, owner, .. } => {
            let (place, said) = (place(path), text.as_str());
            format!(
                "{by} entered risk {case} of {severity} {place} of plan {plan}, for which {owner} answers: {said:?}"
            )
        }
        Event::RiskMitigated { plan, case, by, mitigation, .. } => {
            format!("{by} said what was done against risk {case} of plan {plan}: {:?}", mitigation.as_str())
        }
        Event::RiskAccepted { plan, case, acceptance, .. } => {
            let (by, review, said) = (&acceptance.by, acceptance.review, acceptance.reason.as_str());
            format!("{by} accepted risk {case} of plan {plan} until {review} ms since 1970, because {said:?}")
        }
        Event::RiskClosed { plan, case, by, reason, .. } => {
            format!("{by} closed risk {case} of plan {plan}, because {:?}", reason.as_str())
        }
        _ => String::new(),
    }
}

fn held(plan: &Name, case: CaseId, path: &Path, by: &str, hold: &HoldBody) -> String {
    let HoldBody { from, asked, until, .. } = hold;
    if hold.confirmed.is_some() {
        return format!("{by} confirmed hold {case} of plan {plan}, which lasts until {until} ms since 1970");
    }
    let waits = format!("; until {asked} if another confirms it");
    let waits = if hold.waits() { waits } else { String::new() };
    let (place, why) = (place(path), hold.reason.as_str());
    format!(
        "{by} has records {place} of plan {plan} kept from block {from} on until {until} ms since 1970, by hold {case}, \
         because {why:?}{waits}"
    )
}

fn taken(report: CaseId) -> String {
    format!(" that takes up report {report}")
}

fn stands(duty: &DutyOfChange) -> String {
    format!(" in place of {duty}")
}

fn listed(containments: &[Containment]) -> String {
    let all: Vec<String> = containments.iter().map(ToString::to_string).collect();
    all.join(" and ")
}

fn place(path: &Path) -> String {
    if path.is_root() { "at the root".into() } else { format!("in {path}") }
}

fn gives_back(end: Option<&DepositEnd>) -> String {
    match end {
        Some(DepositEnd::Returned(deposit)) => format!("; {} tokens are free again", deposit.amount.grouped()),
        Some(DepositEnd::Burned(deposit)) => format!("; {} tokens are forfeited", deposit.amount.grouped()),
        None => String::new(),
    }
}
