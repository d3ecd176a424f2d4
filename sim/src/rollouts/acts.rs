//! What nodes do by themselves, and everybody who looks: says what is asked, votes, carries out and closes.

use super::people::{COMMANDER, COUNCIL, Person, SRE_LEAD};
use super::plan::{GATES, What};
use super::play::Play;
use super::setting::{FIRST_STAGE, NEXT_STAGE};
use super::{people, said};
use ::rollouts::change::{ChangeProgress, ChangeState};
use ::rollouts::check::Ask;
use ::rollouts::plan::ChangeKind;
use ::rollouts::queries;
use ::rollouts::statement::StatementSubject;
use ::rollouts::verdict::Finding;
use governance::Choice;
use primitives::{ChangeId, Path, ProposalId};
use runtime::testing::vote;
use std::collections::BTreeSet;

/// The hour of a day at which operators of validators look.
const OPERATORS_LOOK: u64 = 10;

/// For how long a promotion waits for its soak at least, in hours.
const SOAK: u64 = 48;

impl Play<'_> {
    /// What everybody does before the next block.
    pub(super) fn act(&mut self, side: &BTreeSet<usize>) {
        self.let_nodes_speak(side);
        let setting = self.setting;
        for (number, person) in setting.people.iter().enumerate() {
            let is_first = self.plan.looks(self.hour, number);
            // Who votes looks once a day; who acts alone goes on until the evening.
            let goes_on = person.role.as_str() != COUNCIL && self.plan.is_there(self.hour, number);
            if is_first || goes_on {
                self.look(person, is_first);
            }
        }
        for what in std::mem::take(&mut self.urgent) {
            self.go_wrong(&what);
        }
        self.count_what_is_missed();
    }

    /// Nodes advertise once an epoch, and their operators acknowledge a promotion.
    fn let_nodes_speak(&mut self, side: &BTreeSet<usize>) {
        let (setting, epoch) = (self.setting, self.next_moment().epoch);
        for key in self.nodes_of(side) {
            let who = key.account();
            let advertises = self.chain.ask(|state| {
                let has = releases::queries::has_advertised_since(state, &who, epoch);
                (!has).then(|| said::advertisement(setting, state, &who))
            });
            if let Some(call) = advertises {
                self.ask(&key, call);
            }
        }
        let Some(id) = self.books.promotion().filter(|_| self.hour % 24 == OPERATORS_LOOK) else { return };
        for finding in self.unmet(id) {
            if let Some(Ask::Chorus { segment, .. }) = said::asked(setting, &finding.key) {
                for key in self.nodes_of(side) {
                    let word = said::passed(setting, &finding.key, StatementSubject::Change(id));
                    self.ask(&key, said::attests(setting, segment, word));
                }
            }
        }
    }

    /// Somebody looks at everything that is live, for the first time on a day or again.
    fn look(&mut self, who: &Person, is_first: bool) {
        for id in self.live() {
            let Some(progress) = self.progress(id) else { continue };
            if who.role.as_str() == COUNCIL {
                self.vote_on(who, id, &progress);
            }
            self.speak(who, id, &progress, is_first);
            match who.role.as_str() {
                COMMANDER => self.carry_on(who, id, &progress),
                SRE_LEAD if is_first => self.lift(who, id, &progress),
                _ => {}
            }
        }
        if who.role.as_str() == COMMANDER {
            self.want(who);
        }
    }

    fn live(&self) -> Vec<ChangeId> {
        self.chain.ask(|state| queries::live(state, &self.setting.plan.name).collect())
    }

    fn progress(&self, id: ChangeId) -> Option<ChangeProgress> {
        self.chain.ask(|state| queries::progress(state, id))
    }

    /// What is asked before a change is carried out, or owed once it was.
    fn findings(&self, id: ChangeId) -> Vec<Finding> {
        let (at, waits) = (self.next_moment(), self.progress(id).is_some_and(|progress| progress.state.waits()));
        let list = self
            .chain
            .ask(|state| if waits { queries::list_of(state, at, id) } else { queries::duties_of(state, at, id) });
        list.map(|list| list.findings).unwrap_or_default()
    }

    /// What of that is not met.
    fn unmet(&self, id: ChangeId) -> Vec<Finding> {
        self.findings(id).into_iter().filter(|finding| !finding.state.is_settled()).collect()
    }

    /// Votes on what waits for that, once everything else is said.
    fn vote_on(&mut self, who: &Person, id: ChangeId, progress: &ChangeProgress) {
        let waits = progress.state.waits();
        let poll: Option<ProposalId> = match progress.state {
            ChangeState::Open => progress.poll,
            ChangeState::Active => progress.owed().find_map(|duty| duty.poll),
            _ => None,
        };
        let Some(poll) = poll.filter(|poll| !self.voted.contains(&(*poll, who.account()))) else { return };
        let is_vote = |finding: &Finding| said::asked(self.setting, &finding.key).is_some_and(Ask::is_vote);
        if waits && !self.unmet(id).iter().all(is_vote) {
            return;
        }
        let disagrees = self.run.chance.happens(self.setting.options.disagree_percent * 10_000);
        let choice = if disagrees { Choice::No } else { Choice::Yes };
        self.voted.insert((poll, who.account()));
        self.ask(&who.key, vote(poll.0, choice, Some("I have read it")));
    }

    /// Says what is for its role to say, of what is asked and of the step that is next; once a day also what is fresh for a while alone.
    fn speak(&mut self, who: &Person, id: ChangeId, progress: &ChangeProgress, is_first: bool) {
        let setting = self.setting;
        let ages = |finding: &Finding| {
            setting.plan.checks.iter().any(|check| check.key == finding.key && check.fresh.is_some())
        };
        let is_asked = |finding: &Finding| !finding.state.is_settled() || (is_first && ages(finding));
        let findings = self.findings(id).into_iter().filter(is_asked);
        let mut asked: Vec<_> = findings.map(|finding| (finding.key, finding.stage)).collect();
        if let Some(step) = self.next_step(id, progress) {
            let stage = Some(people::name(NEXT_STAGE));
            asked.extend(step.needs.iter().map(|key| (key.clone(), stage.clone())));
        }
        let mut begins_drill = false;
        for (key, stage) in &asked {
            for word in said::words(setting, who, (id, progress.executed), (key, stage.as_ref())) {
                self.ask(&who.key, said::states(setting, who, word));
            }
            let is_drill = matches!(said::asked(setting, key), Some(Ask::Drill { .. }));
            begins_drill |= is_drill && who.role.as_str() == SRE_LEAD;
        }
        if begins_drill && !self.drills {
            self.drills = true;
            self.say_of_drill("drill.chain.began");
        }
    }

    /// The drill that began in the block before ends.
    pub(super) fn end_drill(&mut self) {
        self.say_of_drill("drill.chain.ended");
    }

    fn say_of_drill(&mut self, key: &str) {
        let setting = self.setting;
        let Some(sre_lead) = setting.people.iter().find(|person| person.role.as_str() == SRE_LEAD) else { return };
        let word = said::passed(setting, &people::name(key), StatementSubject::Plan);
        self.ask(&sre_lead.key, said::states(setting, sre_lead, word));
    }

    /// The step of the stage that stands by a promotion which is to be taken next.
    fn next_step(&self, id: ChangeId, progress: &ChangeProgress) -> Option<&::rollouts::plan::ActivationStep> {
        let is_it = self.books.promotion() == Some(id) && progress.executed.is_some();
        let stage = self.setting.plan.stage(&people::name(NEXT_STAGE)).filter(|_| is_it)?;
        stage.steps.get(progress.steps.len())
    }

    /// The commander carries out what is approved, takes the next step, and closes what owes nothing.
    fn carry_on(&mut self, who: &Person, id: ChangeId, progress: &ChangeProgress) {
        let setting = self.setting;
        match progress.state {
            ChangeState::Approved if self.can_be_carried_out(id) => {
                self.ask(&who.key, said::executes(setting, who, id));
            }
            ChangeState::Active => {
                if let Some(step) = self.next_step(id, progress).map(|step| step.key.clone()) {
                    self.ask(&who.key, said::steps(setting, who, id, step));
                }
                let is_pause = self.change(id).is_some_and(|change| change.kind() == ChangeKind::Freeze);
                if progress.owed().next().is_none() && !is_pause {
                    self.ask(&who.key, said::closes(setting, who, id));
                }
            }
            _ => {}
        }
    }

    fn can_be_carried_out(&self, id: ChangeId) -> bool {
        let (at, plan) = (self.next_moment(), &self.setting.plan.name);
        let refusals = self.chain.ask(|state| queries::refusals_of_execution(state, at, plan, id));
        refusals.is_ok_and(|refusals| refusals.is_empty())
    }

    /// The SRE lead lifts its pause when it looks again.
    fn lift(&mut self, who: &Person, id: ChangeId, progress: &ChangeProgress) {
        let is_pause = self.change(id).is_some_and(|change| change.kind() == ChangeKind::Freeze);
        if is_pause && progress.state == ChangeState::Active {
            self.ask(&who.key, said::closes(self.setting, who, id));
        }
    }

    /// The commander wants the next stage, and gates on again whose emergencies are decided.
    fn want(&mut self, who: &Person) {
        let setting = self.setting;
        let plan = &setting.plan.name;
        let kinds: BTreeSet<ChangeKind> =
            self.live().into_iter().filter_map(|id| self.change(id)).map(|change| change.kind()).collect();
        let stands = self.chain.ask(|state| queries::standing(state, plan)).map(|(stage, _)| stage);
        if stands.is_some_and(|stage| stage.as_str() == FIRST_STAGE) && !kinds.contains(&ChangeKind::Promote) {
            self.asked_at.get_or_insert(self.hour);
            self.ask(&who.key, said::submits(setting, who, said::promotion(setting)));
        }
        if kinds.contains(&ChangeKind::Disable) || kinds.contains(&ChangeKind::Set) {
            return;
        }
        if let Some(gate) = GATES.into_iter().find(|gate| self.is_disabled(gate)) {
            let request = self.chain.ask(|state| said::enabling(setting, state, gate));
            self.ask(&who.key, said::submits(setting, who, request));
        }
    }

    fn is_disabled(&self, gate: &str) -> bool {
        let plan = &self.setting.plan.name;
        self.chain.ask(|state| flags::queries::disabled(state, plan, &people::name(gate), &Path::ROOT).is_some())
    }

    /// Whoever is called when something goes wrong does not wait for the next time that it looks.
    fn go_wrong(&mut self, what: &What) {
        let setting = self.setting;
        let by = |role: &str| setting.people.iter().find(|person| person.role.as_str() == role);
        let asks = match what {
            What::Emergency { gate } => {
                let gate = GATES.get(*gate).copied().filter(|gate| !self.is_disabled(gate));
                by(COMMANDER).zip(gate).map(|(who, gate)| (who, said::disabling(gate)))
            }
            What::Pause => by(SRE_LEAD).map(|who| (who, said::pause())),
            What::Down { .. } | What::Cut { .. } => None,
        };
        if let Some((who, request)) = asks {
            self.ask(&who.key, said::submits(setting, who, request));
        }
    }

    /// Counts the hours in which the promotion could have been carried out by the clock alone, and what was missing.
    fn count_what_is_missed(&mut self) {
        let (setting, at) = (self.setting, self.next_moment());
        let Some(id) = self.books.promotion() else { return };
        let waits = self.progress(id).is_some_and(|progress| progress.state.waits());
        let soaked = self.asked_at.is_some_and(|asked| self.hour >= asked + SOAK);
        let window = setting.plan.stage(&people::name(NEXT_STAGE)).map(|stage| &stage.window);
        let mut windows = setting.plan.windows.iter();
        let is_open = windows.any(|of_plan| Some(&of_plan.name) == window && of_plan.rule.holds(at.time));
        if !(waits && soaked && is_open) {
            return;
        }
        self.outcome.hours_missed += 1;
        let lacking: Vec<String> = self.unmet(id).iter().map(|finding| finding.key.to_string()).collect();
        let lacking = if lacking.is_empty() { vec!["time".to_owned()] } else { lacking };
        for key in lacking {
            *self.outcome.lacked.entry(key).or_default() += 1;
        }
    }
}
