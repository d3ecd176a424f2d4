//! Could a node's plan end the quorum of its validators without a vote of the stake (ROLLOUTS 11)?

use super::{DutyList, Found, duty_lists, place};
use crate::plan::value::is_on;
use crate::plan::{ChangeKind, Missed, NO_EMERGENCY, Plan, QUORUM_GATE, Stage};
use flags::Flag;
use primitives::Name;

pub(super) fn find(plan: &Plan, found: &mut Found) {
    if !plan.is_of_node() {
        return;
    }
    no_emergency(plan, found);
    let Some(gate) = plan.flags.iter().find(|flag| flag.key.as_str() == QUORUM_GATE) else { return };
    let quorum = Quorum { plan, gate };
    quorum.by_playbook(found);
    quorum.by_segment(found);
    quorum.by_undoing(found);
}

/// Whoever could flip these in a panic could decide alone, or forgive signing twice.
fn no_emergency(plan: &Plan, found: &mut Found) {
    for flag in &plan.flags {
        let spared = !NO_EMERGENCY.contains(&flag.key.as_str()) || !flag.emergency;
        found.require(spared, format!("{}.emergency", place::flag(&flag.key)), || {
            format!("no emergency touches {:?}: a single key could do it; say emergency = false", flag.key)
        });
    }
}

struct Quorum<'p> {
    plan: &'p Plan,
    gate: &'p Flag,
}

impl Quorum<'_> {
    /// A rollback to the values of a stage where it is off.
    fn by_playbook(&self, found: &mut Found) {
        for playbook in &self.plan.playbooks {
            // A stage that is not there is another mistake.
            let profile = playbook.profile.as_ref().filter(|profile| self.plan.stage(profile).is_some());
            let Some(profile) = profile else { continue };
            let mut from = self.plan.stages.iter().filter(|stage| stage.playbook == playbook.domain);
            let ends = !self.at(profile) && from.any(|stage| self.is_on_after(stage));
            found.require(!ends, format!("{}.profile", place::playbook(&playbook.domain)), || {
                format!("a rollback would turn {QUORUM_GATE} off, as it is at {profile:?}; name a stage where it is on")
            });
        }
    }

    /// A limit that ends when its segment changes, and a step that ends it for anybody.
    fn by_segment(&self, found: &mut Found) {
        for stage in &self.plan.stages {
            let place = place::stage(&stage.name);
            let limited = stage.limits.iter().any(|limit| limit.flag == self.gate.key);
            found.require(!limited, format!("{place}.limits.{QUORUM_GATE}"), || {
                format!("whoever leaves the segment would lose {QUORUM_GATE} without a vote; leave the limit out")
            });
            for (at, step) in stage.steps.iter().enumerate() {
                for (set, (key, variant, only)) in step.sets.iter().enumerate() {
                    let keeps = *key != self.gate.key || (is_on(self.gate, variant) && only.is_none());
                    found.require(keeps, format!("{place}.steps[{at}].sets[{set}]"), || {
                        format!("a step may not turn {QUORUM_GATE} off, nor for a segment alone; leave that out")
                    });
                }
            }
        }
    }

    /// A change that turned it on, and is undone: because a duty was missed, or because its vote was lost.
    fn by_undoing(&self, found: &mut Found) {
        for list in duty_lists(self.plan).iter().filter(|list| self.undoing_ends_it(list)) {
            for (at, duty) in list.duties.iter().enumerate() {
                found.require(duty.missed != Missed::Restore, format!("{}[{at}].missed", list.place), || {
                    format!("what is undone then could turn {QUORUM_GATE} off without a vote of the stake; say block or hold")
                });
                let voted = self.plan.check(&duty.check).is_some_and(|check| check.ask.is_vote());
                found.require(!voted, format!("{}[{at}].check", list.place), || {
                    format!(
                        "losing this vote could turn {QUORUM_GATE} off without one of the stake; vote before, not after"
                    )
                });
            }
        }
    }

    /// Whether undoing a change with those duties could turn it off.
    fn undoing_ends_it(&self, list: &DutyList<'_>) -> bool {
        let concerned = |stage: &&Stage| list.stage.is_none_or(|only| *only == stage.name);
        let mut stages = self.plan.stages.iter().filter(concerned);
        match list.kind {
            ChangeKind::Set => true,
            ChangeKind::Promote => stages.any(|to| self.is_on_after(to) && !self.is_on_before(to)),
            ChangeKind::Demote => stages.any(|to| self.at(&to.name) && self.is_off_later(to)),
            ChangeKind::Rollback => stages.any(|from| !self.at(&from.name) && self.is_on_after_rollback(from)),
            // None of these turns it on: no emergency touches it, and the others move no value.
            ChangeKind::Disable | ChangeKind::Freeze | ChangeKind::Phase => false,
        }
    }

    /// Whether it is on at a stage, as the stage says.
    fn at(&self, stage: &Name) -> bool {
        let values = self.plan.values_at(stage);
        values.iter().any(|(flag, served)| **flag == self.gate.key && is_on(self.gate, served.variant))
    }

    /// Whether it is on at a stage once all steps are taken.
    fn is_on_after(&self, stage: &Stage) -> bool {
        let mut sets = stage.steps.iter().flat_map(|step| step.sets.iter());
        self.at(&stage.name) || sets.any(|(key, variant, _)| *key == self.gate.key && is_on(self.gate, variant))
    }

    /// Whether it is on at the stage before one, or before any stands.
    fn is_on_before(&self, stage: &Stage) -> bool {
        match self.plan.predecessor(&stage.name) {
            Some(before) => self.at(&before.name),
            None => self.gate.is_on(self.gate.fallback),
        }
    }

    fn is_off_later(&self, stage: &Stage) -> bool {
        let later = self.plan.stages.iter().skip_while(|other| other.name != stage.name);
        later.skip(1).any(|later| !self.at(&later.name))
    }

    fn is_on_after_rollback(&self, stage: &Stage) -> bool {
        let profile = self.plan.playbook(&stage.playbook).and_then(|playbook| playbook.profile.as_ref());
        profile.is_some_and(|profile| self.at(profile))
    }
}
