//! What came up in the histories, so that no law is held over nothing.

use super::chronicle::Chronicle;
use ::rollouts::Error;
use ::rollouts::Event as Told;
use ::rollouts::change::{Effected, Execution};
use ::rollouts::plan::Missed;
use ::rollouts::statement::StatementOutcome;
use governance::Electorate;
use primitives::{ChangeId, Moment};
use runtime::{Event, Fact};
use std::collections::BTreeMap;

/// How often something came up.
#[derive(Debug, Default)]
pub struct Reached(BTreeMap<String, u32>);

/// What has to come up, counted over all histories.
const WANTED: [&str; 37] = [
    "amended",
    "announced",
    "approved by members",
    "approved by stake",
    "closed demote",
    "closed disable",
    "closed freeze",
    "closed promote",
    "closed set",
    "disabled",
    "enabled again",
    "ended aborted",
    "ended expired",
    "ended rejected",
    "ended superseded",
    "ended withdrawn",
    "executed demote",
    "executed promote",
    "executed set",
    "froze others",
    "met in time",
    "met late",
    "missed block",
    "missed hold",
    "missed restore",
    "moved a segment",
    "refused by a freeze",
    "refused by a no-go",
    "refused by a pause",
    "refused to agree with oneself",
    "reverted by going back",
    "reverted by its vote",
    "stepped and moved",
    "thawed met",
    "thawed time_over",
    "turned the quorum off",
    "waived",
];

impl Reached {
    fn up(&mut self, what: impl Into<String>) {
        *self.0.entry(what.into()).or_default() += 1;
    }

    /// Notes what a fact is, by what was told before it.
    pub fn note(&mut self, told: &Chronicle, at: Moment, fact: &Fact) {
        match &fact.outcome {
            Ok(Event::Rollouts(event)) => self.note_event(told, event),
            Err(runtime::Error::Rollouts(error)) => self.note_refusal(error),
            _ => {}
        }
        if told.frozen_by(at).is_some() {
            self.up("froze others");
        }
    }

    fn note_event(&mut self, told: &Chronicle, event: &Told) {
        let kind = |id: &ChangeId| told.changes[id].change.kind();
        match event {
            Told::Installed { .. } => self.up("amended"),
            Told::Announced { .. } => self.up("announced"),
            Told::Submitted { execution: Some(execution), .. } => self.note_execution(execution),
            Told::Approved { poll, .. } => {
                let by_stake = matches!(told.polls[poll].proposal.electorate, Electorate::Stake { .. });
                self.up(if by_stake { "approved by stake" } else { "approved by members" });
            }
            Told::Executed { change, execution, .. } => {
                self.up(format!("executed {}", kind(change)));
                self.note_execution(execution);
                if told.changes[change].change.asked.sealer.is_some() {
                    self.up("turned the quorum off");
                }
                execution.reverts.iter().for_each(|_| self.up("reverted by going back"));
            }
            Told::Stepped { effects, .. } if !effects.is_empty() => self.up("stepped and moved"),
            Told::Closed { change, .. } => self.up(format!("closed {}", kind(change))),
            Told::Stated { stated, .. } if stated.statement.outcome == StatementOutcome::Waived => self.up("waived"),
            Told::Met { late, .. } => self.up(if *late { "met late" } else { "met in time" }),
            Told::Missed { then, .. } => self.up(match then {
                Missed::Block => "missed block",
                Missed::Hold => "missed hold",
                Missed::Restore => "missed restore",
            }),
            Told::Reverted { .. } => self.up("reverted by its vote"),
            Told::Ended { why, .. } => self.up(format!("ended {why}")),
            Told::Thawed { why, .. } => self.up(format!("thawed {why}")),
            _ => {}
        }
    }

    fn note_execution(&mut self, execution: &Execution) {
        for effect in &execution.effects {
            match effect {
                Effected::Flag { before, after, .. } if before.disabled && !after.disabled => self.up("enabled again"),
                Effected::Flag { before, after, .. } if !before.disabled && after.disabled => self.up("disabled"),
                Effected::Segment { .. } => self.up("moved a segment"),
                Effected::Flag { .. } => {}
            }
        }
    }

    fn note_refusal(&mut self, error: &Error) {
        match error {
            Error::Frozen { .. } => self.up("refused by a freeze"),
            Error::Paused { .. } => self.up("refused by a pause"),
            Error::NoGo { .. } => self.up("refused by a no-go"),
            Error::SelfApproval { .. } => self.up("refused to agree with oneself"),
            _ => {}
        }
    }

    /// Everything that is wanted came up.
    pub fn is_enough(&self) {
        let missing: Vec<_> = WANTED.iter().filter(|wanted| !self.0.contains_key(**wanted)).collect();
        assert!(missing.is_empty(), "no law was held over {missing:?}, but over {self:?}");
    }
}
