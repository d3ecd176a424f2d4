//! What meets the checks of the plan: words, acknowledgements, advertisements, receipts, drills, and a build that the stake approved.
#![allow(dead_code, reason = "each story uses a part of it")]

use crate::network::{MINUTE, Network, PLAN, SECOND, VALIDATORS, chain_plan, name};
use crate::people::{Asked, Person, commander, member, node_of, passed, sre_lead, steward};
use flags::Gate;
use governance::Choice;
use primitives::{AccountId, BuildHash, ChangeId, Decimal, Digest, List, Name, Text};
use releases::{Advertisement, InstallStage, Manifest};
use rollouts::check::{AboutKind, Ask, Refs};
use rollouts::statement::{Statement, StatementSubject};
use rollouts::verdict::Finding;
use runtime::testing::{advertise, described, held_by, propose, release_vote, report, validator, vote};

/// The build that genesis approved: nothing is known of what it was made of.
pub const FIRST_BUILD: BuildHash = BuildHash([0xaa; 32]);
/// The build that [`Network::release`] has approved, with all that preflight asks of it.
pub const BUILD: BuildHash = BuildHash([7; 32]);
/// What that was built from.
pub const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

/// Who has a role of the plan; of several the first.
pub fn holder_of(role: &Name) -> Person {
    let people = [commander(), sre_lead(), steward(), member(0)];
    people.into_iter().find(|person| person.acting == *role).unwrap()
}

/// The build, and what nodes say of themselves.
impl Network {
    /// Has the stake approve a build with its bill of materials, its signatures and its commit, which three validators hold. The chain is
    /// then at the start of the epoch in which it is approved.
    pub fn release(&mut self) -> BuildHash {
        let said = Manifest {
            version: Text::new("1.4.1"),
            source_commit: Text::new(COMMIT),
            sbom_hash: Some(Digest([3; 32])),
            ..Manifest::default()
        };
        let open = described(&self.genesis, release_vote(&self.genesis, BUILD, 3), said, &[0, 1, 2]);
        let poll = governance::queries::latest(&self.state()).next();
        let mut asked = vec![(validator(0), propose(open))];
        asked.extend(held_by(3, &[BUILD]));
        asked.extend((0..VALIDATORS).map(|index| (validator(index), vote(poll.0, Choice::Yes, None))));
        self.all_granted(&asked);
        let activation = governance::queries::poll(&self.state(), poll).activation_epoch;
        self.begin(activation.0);
        assert!(releases::queries::release(&self.state(), &BUILD).is_some(), "it is approved");
        BUILD
    }

    /// What the node of a validator says of itself when all is well: it knows every gate, sees them as the chain has them, holds none
    /// back, and has the bundle and the newest build.
    pub fn advertisement(&self, index: u8) -> Advertisement {
        let is_released = releases::queries::release(&self.state(), &BUILD).is_some();
        Advertisement {
            channel: name("testnet"),
            gates: self.gates_seen_by(&validator(index).account()),
            known: bits(Gate::ALL),
            held: 0,
            bundle: chain_plan().plan.bundle,
            build: if is_released { BUILD } else { FIRST_BUILD },
        }
    }

    /// The call by which it says so.
    pub fn advertises(&self, index: u8) -> Asked {
        (validator(index), advertise(self.advertisement(index)))
    }

    /// Some validators advertise in one block, each of which has not done so in its epoch.
    pub fn advertise(&mut self, nodes: &[u8]) {
        let asked: Vec<Asked> = nodes.iter().map(|index| self.advertises(*index)).collect();
        self.all_granted(&asked);
    }

    /// All of them, in the next epoch where one has advertised in this one: each does so once.
    pub fn advertise_all(&mut self) {
        if (0..VALIDATORS).any(|index| self.has_advertised(index)) {
            self.epochs(1);
        }
        self.advertise(&(0..VALIDATORS).collect::<Vec<u8>>());
    }

    /// Whether a validator has advertised in this epoch.
    pub fn has_advertised(&self, index: u8) -> bool {
        let who = validator(index).account();
        releases::queries::has_advertised_since(&self.state(), &who, self.at.epoch)
    }

    fn gates_seen_by(&self, who: &AccountId) -> u64 {
        let (state, gates) = (self.state(), self.gates());
        let seen: Vec<Gate> = Gate::ALL.iter().copied().filter(|gate| gates.is_on_for(&state, *gate, who)).collect();
        bits(&seen)
    }
}

/// The bits of gates, as nodes advertise them.
fn bits(gates: &[Gate]) -> u64 {
    gates.iter().fold(0, |all, gate| all | (1 << (*gate as u32)))
}

/// What people and nodes do about a list.
impl Network {
    /// Everybody whose word, report or advertisement keeps a change from being carried out gives it, each by a call of its own. What only
    /// time brings, and the vote, is left.
    pub fn answer(&mut self, change: ChangeId) {
        let unmet: Vec<Finding> = self.list(change).unmet().cloned().collect();
        self.give(change, &unmet);
    }

    /// The same of what it owes.
    pub fn answer_duties(&mut self, change: ChangeId) {
        let owed: Vec<Finding> = self.duties(change).unmet().cloned().collect();
        self.give(change, &owed);
    }

    /// The same of some of what it is asked or owes.
    pub fn answer_only(&mut self, change: ChangeId, keys: &[&str]) {
        let (list, owed) = (self.list(change), self.duties(change));
        let named = |finding: &&Finding| keys.contains(&finding.key.as_str());
        let findings: Vec<Finding> = list.unmet().chain(owed.unmet()).filter(named).cloned().collect();
        assert!(!findings.is_empty(), "none of {keys:?} is missing");
        self.give(change, &findings);
    }

    /// The words that a step of the stage that stands by a change needs, and then the step.
    pub fn take_step(&mut self, change: ChangeId, step: &str) {
        let (stage, _) = self.standing();
        let stage = chain_plan().plan.stage(&name(&stage)).unwrap();
        let step = stage.steps.iter().find(|other| other.key.as_str() == step).unwrap();
        let needs = step.needs.iter().flat_map(|key| self.answers_to(change, key, Some(&stage.name)));
        let needs: Vec<Asked> = needs.collect();
        self.all_granted(&needs);
        self.granted(commander().steps(change, step.key.as_str()));
    }

    fn give(&mut self, change: ChangeId, findings: &[Finding]) {
        let is_asked = |is_it: fn(&Ask) -> bool| findings.iter().filter_map(|finding| asked(&finding.key)).any(is_it);
        if is_asked(|ask| matches!(ask, Ask::Drill { .. })) {
            self.drill();
        }
        if is_asked(|ask| matches!(ask, Ask::Fleet { .. })) {
            self.advertise_all();
        }
        let asked = findings.iter().flat_map(|finding| self.answers_to(change, &finding.key, finding.stage.as_ref()));
        let asked: Vec<Asked> = asked.collect();
        self.all_granted(&asked);
    }

    /// The calls that answer a check about a change and a stage; none to what time alone or a vote answers.
    fn answers_to(&self, change: ChangeId, key: &Name, stage: Option<&Name>) -> Vec<Asked> {
        let check = chain_plan().plan.checks.iter().find(|check| check.key == *key);
        let Some((check, owner)) = check.and_then(|check| Some((check, holder_of(check.by.as_ref()?)))) else {
            return Vec::new();
        };
        match &check.ask {
            Ask::Word { refs: Refs::ReleaseChecks, .. } => self.sections_of(change, key, stage),
            Ask::Word { about, within, .. } => {
                let mut word = passed(key.as_str(), self.subject(change, *about, stage));
                word.value = (within.is_some() || key.as_str().starts_with("baseline.")).then(hundred);
                vec![owner.states(word)]
            }
            Ask::Watch { about, .. } => {
                let began = self.progress(change).executed.map(|executed| executed.time);
                let word = Statement { began, ..passed(key.as_str(), self.subject(change, *about, stage)) };
                vec![owner.states(word)]
            }
            Ask::Chorus { segment, .. } => {
                let word = passed(key.as_str(), StatementSubject::Change(change));
                let speakers = self.members_of(segment).into_iter().map(|index| node_of(segment.as_str(), index));
                speakers.map(|speaker| speaker.states(word.clone())).collect()
            }
            Ask::Installed { segment, .. } => {
                let runs =
                    |index: &u8| releases::queries::running(&self.state(), &validator(*index).account()) == Some(BUILD);
                let nodes = self.members_of(segment).into_iter().filter(|index| !runs(index));
                nodes.map(|index| (validator(index), report(BUILD, InstallStage::Booted))).collect()
            }
            Ask::Build { commit_of, .. } => {
                let tested = |key: &Name| {
                    let about = StatementSubject::Artifact(Digest(BUILD.0));
                    let word = Statement { commit: Text::new(COMMIT), ..passed(key.as_str(), about) };
                    commander().states(word)
                };
                commit_of.iter().map(tested).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Every section that a stage has gone through, signed off by its owner.
    fn sections_of(&self, change: ChangeId, key: &Name, stage: Option<&Name>) -> Vec<Asked> {
        let stage = stage.and_then(|stage| chain_plan().plan.stage(stage)).unwrap();
        let signed = stage.release_checks.iter().map(|section| {
            let refs = List::truncate_from(vec![section.anchor.clone()]);
            let word = Statement { refs, ..passed(key.as_str(), StatementSubject::Change(change)) };
            holder_of(section.owner.as_ref().unwrap()).states(word)
        });
        signed.collect()
    }

    fn subject(&self, change: ChangeId, about: AboutKind, stage: Option<&Name>) -> StatementSubject {
        match about {
            AboutKind::Change => StatementSubject::Change(change),
            AboutKind::Stage => StatementSubject::Stage(stage.unwrap().clone()),
            AboutKind::Artifact => StatementSubject::Artifact(Digest(BUILD.0)),
            AboutKind::Plan | AboutKind::Phase | AboutKind::Scope => StatementSubject::Plan,
        }
    }

    /// The validators of genesis in a segment.
    fn members_of(&self, segment: &Name) -> Vec<u8> {
        let members = flags::queries::segment(&self.state(), &name(PLAN), segment).unwrap_or_default();
        let is_in = |index: &u8| {
            let account = validator(*index).account().to_string();
            segment.as_str() == "validators" || members.iter().any(|member| member.as_str() == account)
        };
        (0..VALIDATORS).filter(is_in).collect()
    }

    /// A drill of the playbook of the chain, of a minute.
    pub fn drill(&mut self) {
        let about = || StatementSubject::Plan;
        self.granted(sre_lead().states(passed("drill.chain.began", about())));
        let ended = self.ask_after(MINUTE, sre_lead().states(passed("drill.chain.ended", about())));
        assert!(ended.is_ok(), "{ended:?}");
    }

    /// What was measured at a stage, for the next one to be compared with.
    pub fn state_baselines(&mut self, stage: &str, value: i64) {
        let keys = ["baseline.consensus_latency", "baseline.proof_queue_depth"];
        let value = Decimal::new(value, 0);
        let word = |key| Statement { value, ..passed(key, StatementSubject::Stage(name(stage))) };
        let asked: Vec<Asked> = keys.into_iter().map(|key| sre_lead().states(word(key))).collect();
        self.all_granted(&asked);
        self.block(SECOND, &[]);
    }
}

/// What a check of the plan asks.
fn asked(key: &Name) -> Option<&'static Ask> {
    chain_plan().plan.checks.iter().find(|check| check.key == *key).map(|check| &check.ask)
}

/// What is measured where nobody asks for another value.
fn hundred() -> Decimal {
    Decimal::new(100, 0).unwrap()
}
