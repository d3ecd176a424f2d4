//! What facts tell of a network that a plan governs, folded one by one. It asks no rule: whatever laws hold is counted from this.

use super::course::Course;
use crate::governed::plan::{ALERT, FREEZE_AT_MOST};
use ::rollouts::change::{ChangeRequest, ChangeState, Execution};
use ::rollouts::plan::{Plan, Stage};
use ::rollouts::statement::{Stated, StatementOutcome, StatementSubject};
use governance::{Ballot, Choice, Electorate, Proposal, Shortfall};
use primitives::{AccountId, Amount, ChangeId, Digest, Height, Moment, Name, Path, ProposalId};
use runtime::{Event, Fact, Genesis, Motion};
use std::collections::BTreeMap;

/// All that was told so far.
#[derive(Debug, Default)]
pub struct Chronicle {
    /// Every version that was ever in force.
    pub plans: BTreeMap<u32, Plan>,
    /// The one that is.
    pub version: u32,
    pub changes: BTreeMap<ChangeId, Course>,
    /// The changes by which stages stand.
    pub standing: BTreeMap<Name, ChangeId>,
    pub rosters: BTreeMap<Name, Roster>,
    pub polls: BTreeMap<ProposalId, PollCourse>,
    /// The latest word of each speaker on each key about each subject, in the order in which they were said.
    pub words: Vec<Stated>,
    pub waivers: BTreeMap<(ChangeId, Name), Stated>,
}

/// The members of a role, each with the version in which it came.
#[derive(Debug, Default)]
pub struct Roster {
    pub version: u64,
    pub joined: BTreeMap<AccountId, u64>,
}

/// A proposal, or a poll that the chain opened.
#[derive(Debug)]
pub struct PollCourse {
    pub proposal: Proposal<Motion>,
    /// All the weight there was when it was opened.
    pub total: Amount,
    pub ballots: BTreeMap<AccountId, Ballot>,
    /// How it ended; none while it is open.
    pub outcome: Option<Result<(), Shortfall>>,
    /// Whether something stopped it.
    pub cancelled: bool,
}

impl PollCourse {
    /// The change that it decides, the check that asks for it, and the text that was read.
    pub fn decides(&self) -> Option<(ChangeId, &Name, Digest)> {
        match &self.proposal.motion {
            Motion::Rollouts(::rollouts::Motion::Decide { change, check, digest }) => Some((*change, check, *digest)),
            _ => None,
        }
    }

    /// Whether two thirds of the stake said yes, and it passed.
    pub fn has_the_stake(&self) -> bool {
        let yes = self.ballots.values().filter(|ballot| ballot.choice == Choice::Yes);
        let weight: u64 = yes.map(|ballot| ballot.weight.0).sum();
        let by_stake = matches!(self.proposal.electorate, Electorate::Stake { .. });
        by_stake && self.outcome == Some(Ok(())) && weight * 3 >= self.total.0 * 2
    }
}

impl Chronicle {
    pub fn begin(genesis: &Genesis) -> Self {
        let mut told = Self::default();
        let memory = state::Memory::default();
        let at = runtime::moment_of(&state::State::over(&memory), Height(0), genesis.time);
        genesis.facts().iter().for_each(|fact| told.tell(at, fact));
        told
    }

    /// The plan in force.
    pub fn plan(&self) -> &Plan {
        &self.plans[&self.version]
    }

    /// The plan that a change was written against.
    pub fn plan_of(&self, course: &Course) -> &Plan {
        &self.plans[&course.change.asked.version]
    }

    /// The last stage that stands.
    pub fn last_standing(&self) -> Option<&Stage> {
        self.plan().stages.iter().rev().find(|stage| self.standing.contains_key(&stage.name))
    }

    /// The stage that a change enters.
    pub fn entered(&self, course: &Course) -> Option<&Stage> {
        match course.request() {
            ChangeRequest::Promote { to, .. } => self.plan_of(course).stages.iter().find(|stage| stage.name == *to),
            _ => None,
        }
    }

    pub fn is_member(&self, role: &Name, who: &AccountId) -> bool {
        self.rosters.get(role).is_some_and(|roster| roster.joined.contains_key(who))
    }

    /// The newest word on a key about something of those who still have the role.
    pub fn newest(&self, key: &Name, about: &StatementSubject, role: &Name) -> Option<&Stated> {
        let is_asked =
            |word: &&Stated| (&word.statement.key, &word.statement.about, &word.actor.role) == (key, about, role);
        let mut said = self.words.iter().rev().filter(is_asked);
        said.find(|word| self.is_member(role, &word.actor.account))
    }

    /// Whether somebody who still has the role noticed something, and nobody of it said since that it is well again.
    pub fn is_alarmed(&self) -> bool {
        let key = Name::new(ALERT).unwrap();
        let word = self.newest(&key, &StatementSubject::Scope(Path::ROOT), &Name::new("sre").unwrap());
        word.is_some_and(|word| word.statement.outcome == StatementOutcome::Failed)
    }

    /// The change by which everything stands still that is not urgent, while a stage is entered.
    pub fn frozen_by(&self, at: Moment) -> Option<ChangeId> {
        self.changes.values().find(|course| self.freezes(at, course)).map(Course::id)
    }

    fn freezes(&self, at: Moment, course: &Course) -> bool {
        if course.thawed || !self.entered(course).is_some_and(|stage| stage.freezes) {
            return false;
        }
        match (course.state, course.executed) {
            (ChangeState::Approved, None) => {
                course.window.is_some_and(|(from, until)| from <= at.time && at.time < until)
            }
            (ChangeState::Active, Some(executed)) => at.running < executed.running + FREEZE_AT_MOST,
            _ => false,
        }
    }

    /// The change that pauses others.
    pub fn paused_by(&self) -> Option<ChangeId> {
        let pauses = |course: &&Course| {
            let is_pause = matches!(course.request(), ChangeRequest::Freeze { .. });
            is_pause && course.state == ChangeState::Active && !course.thawed
        };
        self.changes.values().find(pauses).map(Course::id)
    }

    pub fn tell(&mut self, at: Moment, fact: &Fact) {
        match &fact.outcome {
            Ok(Event::Rollouts(event)) => self.tell_of_changes(at, event),
            Ok(Event::Governance(event)) => self.tell_of_votes(event),
            Ok(Event::Roles(event)) => self.tell_of_members(event),
            _ => {}
        }
    }

    fn tell_of_votes(&mut self, event: &governance::Event<Motion>) {
        match event {
            governance::Event::Opened { proposal, total } => self.opened(proposal, *total),
            governance::Event::Proposed(proposal) => {
                let Electorate::Stake { total, .. } = proposal.electorate else { panic!("of members: {proposal:?}") };
                self.opened(proposal, total);
            }
            governance::Event::Voted { ballot, .. } => {
                self.poll(ballot.proposal_id).ballots.insert(ballot.voter, ballot.clone());
            }
            governance::Event::Decided { proposal_id, shortfall, .. } => {
                self.poll(*proposal_id).outcome = Some(shortfall.map_or(Ok(()), Err));
            }
            governance::Event::Passed { proposal_id, .. } => self.poll(*proposal_id).outcome = Some(Ok(())),
            governance::Event::Rejected { proposal_id, shortfall, .. } => {
                self.poll(*proposal_id).outcome = Some(Err(*shortfall));
            }
            governance::Event::Cancelled(cancelled) => self.poll(cancelled.proposal_id).cancelled = true,
            _ => {}
        }
    }

    fn opened(&mut self, proposal: &Proposal<Motion>, total: Amount) {
        let (proposal, ballots) = (proposal.clone(), BTreeMap::new());
        let id = proposal.id;
        self.polls.insert(id, PollCourse { proposal, total, ballots, outcome: None, cancelled: false });
    }

    fn poll(&mut self, id: ProposalId) -> &mut PollCourse {
        self.polls.get_mut(&id).expect("it was opened")
    }

    fn tell_of_members(&mut self, event: &roles::Event) {
        let roster = self.rosters.entry(event.key().role.clone()).or_default();
        match event {
            roles::Event::MemberCame { version, account, member, .. } => {
                roster.joined.insert(*account, member.joined);
                roster.version = *version;
            }
            roles::Event::MemberWent { version, account, .. } => {
                roster.joined.remove(account);
                roster.version = *version;
            }
            roles::Event::MembersSet { version, came, went, .. } => {
                roster.joined.retain(|account, _| !went.contains(account));
                for seated in came {
                    roster.joined.insert(seated.account, seated.member.joined);
                }
                roster.version = *version;
            }
        }
    }

    fn tell_of_changes(&mut self, at: Moment, event: &::rollouts::Event) {
        use ::rollouts::Event::*;
        match event {
            Installed { installation, .. } => self.installed(installation),
            Submitted { change, expires, execution, .. } => {
                self.changes.insert(change.id, Course::begun((**change).clone(), *expires));
                if let Some(execution) = execution {
                    self.carried_out(at, change.id, execution);
                }
            }
            Approved { change, poll, not_before, expires, .. } => {
                let course = self.course(*change);
                course.state = ChangeState::Approved;
                (course.approved, course.not_before) = (Some((*poll, at)), *not_before);
                course.expires = *expires;
            }
            Announced { change, from, until, .. } => self.course(*change).window = Some((*from, *until)),
            Executed { change, execution, .. } => self.carried_out(at, *change, execution),
            Stepped { change, step, duties, .. } => self.course(*change).stepped(step, duties),
            Closed { change, .. } => self.course(*change).closed(),
            Stated { stated, .. } => self.hear(stated),
            Met { change, check, late, poll, .. } => self.course(*change).met(check, *late, poll.is_some()),
            Missed { change, check, then, .. } => self.course(*change).missed(check, *then),
            Reverted { change, .. } => self.course(*change).reverted(*change),
            Ended { change, why, .. } => self.course(*change).ended(*why),
            Thawed { change, .. } => self.course(*change).thaw(),
            Voided { change, check, reopens, .. } => {
                let course = self.course(*change);
                if let Some(duty) = course.duties.iter_mut().find(|duty| duty.check == *check && *reopens) {
                    duty.poll = None;
                }
            }
            Retired { .. } | Dropped { .. } | AmendmentAsked { .. } | AmendmentEnded { .. } => {}
        }
    }

    pub fn course(&mut self, id: ChangeId) -> &mut Course {
        self.changes.get_mut(&id).expect("it was submitted")
    }

    fn installed(&mut self, installation: &::rollouts::install::Installation) {
        let plan = &installation.plan;
        for seats in &installation.members {
            let roster = self.rosters.entry(seats.role.clone()).or_default();
            for seat in &seats.seats {
                roster.version += 1;
                roster.joined.insert(seat.account, roster.version);
            }
        }
        if let Some(last) = installation.stage.as_ref().and_then(|stage| plan.place(stage)) {
            let stand = plan.stages.iter().take(last + 1);
            self.standing = stand.map(|stage| (stage.name.clone(), ChangeId(0))).collect();
        }
        self.version = plan.version;
        self.plans.insert(plan.version, plan.clone());
    }

    fn carried_out(&mut self, at: Moment, id: ChangeId, execution: &Execution) {
        self.course(id).carried_out(at, execution);
        match self.changes[&id].request().clone() {
            ChangeRequest::Promote { to, .. } => {
                self.standing.insert(to, id);
            }
            ChangeRequest::Demote { to } => self.gone_back(id, &to, execution),
            _ => {}
        }
    }

    fn gone_back(&mut self, id: ChangeId, to: &Name, execution: &Execution) {
        let plan = &self.plans[&self.version];
        let last = plan.place(to).expect("it is of the plan");
        let above: Vec<Name> = plan.stages.iter().skip(last + 1).map(|stage| stage.name.clone()).collect();
        self.standing.retain(|stage, _| !above.contains(stage));
        if let Some(course) = self.standing.get(to).and_then(|by| self.changes.get_mut(by)) {
            course.steps.clear();
        }
        execution.reverts.iter().for_each(|reverted| self.course(*reverted).reverted(id));
    }

    fn hear(&mut self, stated: &Stated) {
        let (said, who) = (&stated.statement, stated.actor.account);
        if let (StatementOutcome::Waived, StatementSubject::Change(id)) = (said.outcome, &said.about) {
            self.waivers.insert((*id, said.key.clone()), stated.clone());
            return;
        }
        self.words.retain(|word| {
            let other = &word.statement;
            let same = (&other.key, &other.about, &word.actor.role) == (&said.key, &said.about, &stated.actor.role);
            !(same && word.actor.account == who)
        });
        self.words.push(stated.clone());
    }
}
