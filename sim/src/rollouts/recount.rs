//! What came of it, counted over from facts alone: whose ballots counted, and when what ended had to.

use super::outcome::Outcome;
use super::setting::{HOUR, NEXT_STAGE, RATIFY, RATIFY_WITHIN, Setting};
use super::{LAPSED, RATIFIED, RESTORED, TOO_SOON, UNAPPROVED, UNDECIDED};
use crate::property::Property;
use ::governance::Choice;
use ::rollouts::change::ChangeRequest;
use ::rollouts::plan::{ChangeKind, Missed};
use primitives::{AccountId, ChangeId, Moment, ProposalId};
use runtime::{Event, Fact};
use std::collections::{BTreeMap, BTreeSet};

/// A breach that was found: which, and how.
pub(super) type Breach = (&'static Property, String);

/// An emergency that waits for the council.
#[derive(Debug)]
struct Waiting {
    /// By how much the chain had run when it was carried out.
    since: u64,
    kind: ChangeKind,
}

/// The books.
#[derive(Debug, Default)]
pub(super) struct Books {
    /// Who said yes last in which poll.
    yes: BTreeMap<ProposalId, BTreeSet<AccountId>>,
    /// By which poll a change was approved.
    approved: BTreeMap<ChangeId, ProposalId>,
    /// What was asked for.
    kinds: BTreeMap<ChangeId, ChangeKind>,
    /// The promotion that the commander wants.
    promotion: Option<ChangeId>,
    waiting: BTreeMap<ChangeId, Waiting>,
    /// The pauses that stand, with by how much the chain had run when each began.
    paused: BTreeMap<ChangeId, u64>,
}

impl Books {
    /// Takes note of a block's facts at a moment, and says what is wrong with them.
    pub fn note(&mut self, setting: &Setting, at: Moment, facts: &[Fact], outcome: &mut Outcome) -> Vec<Breach> {
        let mut breaches = Vec::new();
        for fact in facts {
            match &fact.outcome {
                Ok(Event::Governance(::governance::Event::Voted { ballot, .. })) => {
                    let yes = self.yes.entry(ballot.proposal_id).or_default();
                    if ballot.choice == Choice::Yes {
                        yes.insert(ballot.voter);
                    } else {
                        yes.remove(&ballot.voter);
                    }
                }
                Ok(Event::Rollouts(event)) => breaches.extend(self.of_changes(setting, at, event, outcome)),
                _ => {}
            }
        }
        breaches.extend(self.overdue(at));
        breaches
    }

    /// The promotion that was asked for.
    pub fn promotion(&self) -> Option<ChangeId> {
        self.promotion
    }

    fn of_changes(
        &mut self,
        setting: &Setting,
        at: Moment,
        event: &::rollouts::Event,
        outcome: &mut Outcome,
    ) -> Option<Breach> {
        use ::rollouts::Event::*;
        match event {
            Submitted { change, execution, .. } => {
                let (id, kind) = (change.id, change.kind());
                self.kinds.insert(id, kind);
                if matches!(&change.asked.request, ChangeRequest::Promote { to, .. } if to.as_str() == NEXT_STAGE) {
                    self.promotion = Some(id);
                }
                if execution.is_some() {
                    self.waiting.insert(id, Waiting { since: at.running, kind });
                    if kind == ChangeKind::Freeze {
                        self.paused.insert(id, at.running);
                    } else {
                        outcome.emergencies += 1;
                    }
                }
                None
            }
            Approved { change, poll, .. } => {
                self.approved.insert(*change, *poll);
                None
            }
            Executed { change, .. } => self.unapproved(setting, *change),
            Met { change, check, late, .. } if check.as_str() == RATIFY => {
                let waited = self.waiting.remove(change);
                if waited.is_some_and(|waiting| waiting.kind == ChangeKind::Disable) || *late {
                    let count = if *late { &mut outcome.ratified_late } else { &mut outcome.ratified };
                    *count += 1;
                }
                None
            }
            Missed { change, check, then, .. } => {
                *outcome.missed.entry(check.to_string()).or_default() += 1;
                self.missed(at, *change, check.as_str(), *then, outcome)
            }
            Reverted { change, .. } => {
                self.waiting.remove(change);
                self.ends_pause(at, *change, outcome);
                outcome.rejected += 1;
                None
            }
            Closed { change, .. } | Thawed { change, .. } => {
                self.waiting.remove(change);
                self.ends_pause(at, *change, outcome);
                None
            }
            _ => None,
        }
    }

    /// Whether fewer agreed than the plan asks for, of what a council decides.
    fn unapproved(&self, setting: &Setting, change: ChangeId) -> Option<Breach> {
        let kind = self.kinds.get(&change)?;
        if !matches!(kind, ChangeKind::Promote | ChangeKind::Set | ChangeKind::Demote) {
            return None;
        }
        let yes = self.approved.get(&change).and_then(|poll| self.yes.get(poll)).map_or(0, BTreeSet::len);
        let council = usize::from(setting.options.council);
        let is_enough = yes * 3 >= council * 2;
        let what = || format!("change {change} was carried out, and {yes} of {council} members had agreed");
        (!is_enough).then(|| (&UNAPPROVED, what()))
    }

    fn missed(
        &mut self,
        at: Moment,
        change: ChangeId,
        check: &str,
        then: Missed,
        outcome: &mut Outcome,
    ) -> Option<Breach> {
        if check != RATIFY {
            return None;
        }
        let waiting = self.waiting.remove(&change)?;
        if then == Missed::Restore {
            self.ends_pause(at, change, outcome);
        }
        let ran = at.running.saturating_sub(waiting.since);
        let what = || format!("change {change} was missed after the chain had run for {ran} ms");
        (ran < RATIFY_WITHIN).then(|| (&TOO_SOON, what()))
    }

    fn ends_pause(&mut self, at: Moment, change: ChangeId, outcome: &mut Outcome) {
        if let Some(since) = self.paused.remove(&change) {
            outcome.paused.push(at.running.saturating_sub(since) / HOUR);
        }
    }

    /// What waits for longer than it may. It is told once.
    fn overdue(&mut self, at: Moment) -> Vec<Breach> {
        let is_late = |waiting: &Waiting| at.running > waiting.since + RATIFY_WITHIN + HOUR;
        let late: Vec<ChangeId> =
            self.waiting.iter().filter(|(_, waiting)| is_late(waiting)).map(|(id, _)| *id).collect();
        let breach = |change: ChangeId| {
            self.waiting.remove(&change);
            (&UNDECIDED, format!("change {change} still waits for its council"))
        };
        late.into_iter().map(breach).collect()
    }
}

/// What must happen sometimes, and did in some facts.
pub(super) fn happened(facts: &[Fact]) -> BTreeSet<&'static str> {
    let of = |fact: &Fact| match &fact.outcome {
        Ok(Event::Rollouts(::rollouts::Event::Met { check, late: false, .. })) if check.as_str() == RATIFY => {
            Some(RATIFIED.name)
        }
        Ok(Event::Rollouts(::rollouts::Event::Missed { check, then, .. })) if check.as_str() == RATIFY => match then {
            Missed::Hold => Some(LAPSED.name),
            Missed::Restore => Some(RESTORED.name),
            Missed::Block => None,
        },
        _ => None,
    };
    facts.iter().filter_map(of).collect()
}
