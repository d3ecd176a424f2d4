//! A node's plan in force, with its members and validators, and a promotion to testnet that was submitted.

use crate::change::{ChangeDraft, ChangeProgress, ChangeRequest, ChangeState, SubmittedChange};
use crate::check::Check;
use crate::install::PlanHead;
use crate::judge::lists::listed;
use crate::judge::verdict::{bare_verdict, verdict};
use crate::plan::{AskedCheck, ListOf, Nature, Plan};
use crate::plans::{self, FIRST_CHANGE, KeptRef};
use crate::standing::StageStanding;
use crate::statement::{ChorusRoll, Statement, StatementOutcome, StatementSubject};
use crate::storage::*;
use crate::tests::sample::{list, name, node};
use crate::verdict::{Answer, Finding, FindingState, ListVerdict};
use crate::{Call, Error};
use primitives::{
    AccountId, Amount, BuildHash, ChangeId, Digest, Epoch, Height, List, Moment, Name, Reason, ReleaseClass,
    ScopePattern, Text, Timestamp,
};
use roles::{Actor, MOST_MEMBERS, RoleKey, Seat};
use staking::{Validator, ValidatorSet};
use state::{Apply, Decide, Memory, State};

pub(in crate::tests) use crate::tests::sample::check as asking;

pub(in crate::tests) const ANN: AccountId = AccountId([1; 32]);
pub(in crate::tests) const BEN: AccountId = AccountId([2; 32]);
/// The commander.
pub(in crate::tests) const CAROL: AccountId = AccountId([3; 32]);
/// The weakest of the validators, and of `sre` too.
pub(in crate::tests) const DAN: AccountId = AccountId([4; 32]);
/// The promotion.
pub(in crate::tests) const CHANGE: ChangeId = ChangeId(1);
/// How many epochs have their validators.
const EPOCHS: u64 = 64;

/// A moment at which the clock and the chain have run alike.
pub(in crate::tests) fn moment(height: u64, epoch: u64, running: u64) -> Moment {
    Moment { height: Height(height), epoch: Epoch(epoch), time: Timestamp(running), running, level: 0 }
}

pub(in crate::tests) fn word_about(key: &str, about: StatementSubject, outcome: StatementOutcome) -> Statement {
    Statement::new(name(key), about, outcome)
}

pub(in crate::tests) struct Scene<'m> {
    pub state: State<'m>,
    pub at: Moment,
}

impl<'m> Scene<'m> {
    /// With the checks of the sample and some more, at block 10. Development stands since block 1, by the first change.
    pub fn with(memory: &'m Memory, more: impl IntoIterator<Item = Check>) -> Self {
        let mut plan = node();
        more.into_iter().for_each(|check| plan.checks.try_push(check).unwrap());
        Self::of(memory, &plan)
    }

    pub fn of(memory: &'m Memory, plan: &Plan) -> Self {
        let mut scene = Self { state: State::over(memory), at: moment(10, 0, 10_000) };
        scene.install(plan);
        scene.seat("sre", &[ANN, BEN, DAN]);
        scene.seat("commander", &[CAROL]);
        for epoch in 0..EPOCHS {
            scene.elect(epoch, &[(ANN, 50), (BEN, 30), (DAN, 20)]);
        }
        scene.stand("development", moment(1, 0, 1_000), FIRST_CHANGE);
        let progress = waiting(scene.at);
        scene.submit(CHANGE, "testnet", progress);
        scene
    }

    fn install(&mut self, plan: &Plan) {
        plans::write(&mut self.state, plan);
        let installed = moment(1, 0, 1_000);
        let head = PlanHead { version: 1, installed, owner: None, deposit: Amount::ZERO, retired: false };
        PLANS.set(&mut self.state, &plan.name, &head);
        for (name, role) in &plan.roles {
            let key = RoleKey { plan: plan.name.clone(), role: name.clone() };
            roles::apply::write_role(&mut self.state, &key, role, MOST_MEMBERS);
        }
        flags::apply::define_flags_of_plan(&mut self.state, installed, &plan.name, &plan.flags);
        flags::apply::set_node_plan(&mut self.state, Some(&plan.name));
    }

    pub fn seat(&mut self, role: &str, accounts: &[AccountId]) {
        let key = RoleKey { plan: name("chain"), role: name(role) };
        for account in accounts {
            let seat = Seat { account: *account, scopes: list([ScopePattern::everywhere()]) };
            roles::apply::seat(&mut self.state, &key, &seat);
        }
    }

    /// Takes a role from an account.
    pub fn dismiss(&mut self, role: &str, account: AccountId) {
        let key = RoleKey { plan: name("chain"), role: name(role) };
        let event = roles::Event::MemberWent { key, version: 99, account, by: None };
        event.apply(&mut self.state, self.at);
    }

    pub fn elect(&mut self, epoch: u64, powers: &[(AccountId, u64)]) {
        let validators = powers.iter().map(|(account, power)| Validator { account: *account, power: Amount(*power) });
        let set = ValidatorSet { validators: list(validators) };
        let elected = staking::Event::Elected {
            epoch: Epoch(epoch),
            validators: set.clone(),
            candidates: set,
            sealer: None,
            remembered_from: Epoch(0),
        };
        elected.apply(&mut self.state, self.at);
    }

    /// A build of that number is approved, from a commit.
    pub fn approve(&mut self, number: u8, commit: Option<&str>) {
        let build_hash = BuildHash([number; 32]);
        let target =
            releases::Target { build_hash, platform: "x86_64-linux".parse().unwrap(), sha256: None, size: None };
        let source_commit = commit.map(|commit| Text::new(commit).unwrap());
        let build = releases::ApprovedRelease {
            build_hash,
            proposal_id: None,
            proposer: None,
            activated_epoch: Epoch(0),
            activated: None,
            sequence: number.into(),
            level: 1,
            standing: releases::Standing::Active,
            target,
            manifest: releases::Manifest { source_commit, ..Default::default() },
            signatures: List::default(),
            signature_threshold: 0,
            signer_set: List::default(),
            long_parts: Default::default(),
            support_end: None,
            amended: None,
        };
        let approved = releases::Event::Approved { builds: vec![build], superseded: Vec::new(), applied_threshold: 1 };
        approved.apply(&mut self.state, self.at);
    }

    pub fn stand(&mut self, stage: &str, since: Moment, change: ChangeId) {
        let standing = StageStanding { subject: None, since, change };
        STANDINGS.set(&mut self.state, &(name("chain"), name(stage)), &standing);
    }

    /// A promotion by the commander, with everybody who could be elected in its chorus.
    pub fn submit(&mut self, id: ChangeId, to: &str, progress: ChangeProgress) {
        let asked = ChangeDraft {
            version: 1,
            bundle: Digest([1; 32]),
            request: ChangeRequest::Promote { to: name(to), artifact: None },
            class: ReleaseClass::Minor,
            nature: Nature::Feature,
            phase: None,
            sealer: None,
            ticket: None,
            reason: Reason::new("it is time").unwrap(),
            milestone: None,
            impact: Text::default(),
            features: List::default(),
        };
        let by = Actor { account: CAROL, role: name("commander") };
        let change = SubmittedChange::new(id, name("chain"), Some(by), self.at, asked);
        CHANGES.set(&mut self.state, &id, &change);
        PROGRESS.set(&mut self.state, &id, &progress);
        let roll = ChorusRoll { speakers: list([ANN, BEN, DAN]) };
        CHORUSES.set(&mut self.state, &(id, name("validators")), &roll);
    }

    /// Has the promotion name a build.
    pub fn name_build(&mut self, number: u8) {
        let mut change = self.change();
        change.asked.request = ChangeRequest::Promote { to: name("testnet"), artifact: Some(Digest([number; 32])) };
        CHANGES.set(&mut self.state, &CHANGE, &change);
    }

    pub fn edit(&mut self, edit: impl FnOnce(&mut ChangeProgress)) {
        let mut progress = self.progress();
        edit(&mut progress);
        PROGRESS.set(&mut self.state, &CHANGE, &progress);
    }

    pub fn change(&self) -> SubmittedChange {
        CHANGES.get(&self.state, &CHANGE).unwrap()
    }

    pub fn progress(&self) -> ChangeProgress {
        PROGRESS.get(&self.state, &CHANGE).unwrap()
    }

    pub fn plan(&self) -> KeptRef {
        plans::current(&self.state, &name("chain")).unwrap()
    }

    /// States something, and has it applied.
    pub fn says(&mut self, who: AccountId, acting: &str, statement: Statement) -> Result<(), Error> {
        let (plan, acting) = (name("chain"), name(acting));
        let call = Call::State { plan, acting, statement: Box::new(statement) };
        let event = call.decide(&self.state, self.at, who)?;
        event.apply(&mut self.state, self.at);
        Ok(())
    }

    /// A word about the promotion.
    pub fn word(&mut self, who: AccountId, key: &str, outcome: StatementOutcome) {
        let statement = word_about(key, StatementSubject::Change(CHANGE), outcome);
        self.says(who, "sre", statement).unwrap();
    }

    /// What a list comes to; it is the same for whoever reads it and for whoever only goes by it.
    pub fn judge(&self, list: &[AskedCheck]) -> ListVerdict {
        let (state, plan, change, progress) = (&self.state, self.plan(), self.change(), self.progress());
        let told = verdict(state, self.at, &plan, Some(&change), Some(&progress), list);
        let checks = listed(state, &plan, list.to_vec());
        let bare = bare_verdict(state, self.at, &plan, &change, Some(&progress), &checks);
        let stands = |verdict: &ListVerdict| -> Vec<(Name, FindingState)> {
            verdict.findings.iter().map(|finding| (finding.key.clone(), finding.state)).collect()
        };
        assert_eq!((bare.answer, stands(&bare)), (told.answer, stands(&told)));
        told
    }

    /// One check, asked from a list.
    pub fn ask_from(&self, key: &str, from: ListOf) -> Finding {
        let asked = AskedCheck { key: name(key), stage: Some(name("testnet")), from };
        self.judge(&[asked]).findings.remove(0)
    }

    pub fn ask(&self, key: &str) -> Finding {
        self.ask_from(key, ListOf::Readiness)
    }

    pub fn answer(&self, keys: &[&str]) -> Answer {
        let asked = |key: &&str| AskedCheck { key: name(key), stage: Some(name("testnet")), from: ListOf::Readiness };
        self.judge(&keys.iter().map(asked).collect::<Vec<_>>()).answer
    }
}

pub(in crate::tests) fn waiting(since: Moment) -> ChangeProgress {
    ChangeProgress {
        state: ChangeState::Open,
        since,
        expires: None,
        poll: None,
        not_before: None,
        window: None,
        announced: 0,
        announced_at: None,
        executed: None,
        thawed: None,
        effects: List::new(),
        left: List::new(),
        steps: List::new(),
        duties: List::new(),
        incident: None,
        verdict: Answer::Deferred,
        emergencies: 0,
        deposit: Amount::ZERO,
    }
}
