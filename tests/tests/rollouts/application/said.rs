//! What people say about an application, so that its lists are met: words about artifacts, changes, stages and phases, rows of requirements, and
//! drills.

use super::{Application, Holder, TICKET_NUMBER};
use crate::network::{MINUTE, SECOND, name};
use crate::people::Asked;
use primitives::{ChangeId, Digest, List, Name, Text};
use rollouts::change::ChangeRequest;
use rollouts::check::{AboutKind, Ask, Refs, RowKeys};
use rollouts::queries;
use rollouts::statement::{Statement, StatementOutcome, StatementSubject};
use rollouts::verdict::Finding;

/// What people say about it.
impl Application {
    /// That a check is well, with everything that the check asks such a word to have.
    pub fn word(&self, key: &str, about: StatementSubject) -> Statement {
        let ask = self.plan.check(&name(key)).map(|check| &check.ask);
        let (predicate, refs) = match ask {
            Some(Ask::Word { predicate, refs, .. }) => (predicate.clone().unwrap_or_default(), referred(refs)),
            _ => (Text::default(), Vec::new()),
        };
        let (digest, refs) = (Some(Digest::blake3(key.as_bytes())), List::truncate_from(refs));
        Statement { predicate, digest, refs, ..Statement::new(name(key), about, StatementOutcome::Passed) }
    }

    /// That a check is not well, or under a signal that something was noticed.
    pub fn failed(&self, key: &str, about: StatementSubject) -> Statement {
        let passed = self.word(key, about);
        Statement { outcome: StatementOutcome::Failed, predicate: Text::default(), digest: None, ..passed }
    }

    /// Everybody whose word keeps a change from being carried out gives it; what has to be tried is tried.
    pub fn answer(&mut self, change: ChangeId) {
        let unmet: Vec<Finding> = self.list(change).unmet().cloned().collect();
        self.give(change, &unmet);
    }

    /// The same of what it owes.
    pub fn answer_duties(&mut self, change: ChangeId) {
        let owed: Vec<Finding> = self.duties(change).unmet().cloned().collect();
        self.give(change, &owed);
    }

    /// The same of one check that keeps it, or that it owes.
    pub fn answer_only(&mut self, change: ChangeId, key: &str) {
        let (list, owed) = (self.list(change), self.duties(change));
        let all = list.unmet().chain(owed.unmet());
        let findings: Vec<Finding> = all.filter(|finding| finding.key.as_str() == key).cloned().collect();
        assert_eq!(findings.len(), 1, "{key} is missing");
        self.give(change, &findings);
    }

    fn give(&mut self, change: ChangeId, findings: &[Finding]) {
        for finding in findings {
            if let Some(Ask::Drill { playbook }) = self.plan.check(&finding.key).map(|check| &check.ask) {
                let playbook = playbook.to_string();
                self.drill(&playbook, MINUTE);
            }
        }
        let said: Vec<Asked> = findings.iter().flat_map(|finding| self.answers_to(change, finding)).collect();
        if !said.is_empty() {
            self.all_granted(&said);
        }
    }

    /// What answers a finding; nothing where the chain measures, and where a vote does.
    fn answers_to(&self, change: ChangeId, finding: &Finding) -> Vec<Asked> {
        let Some(check) = self.plan.check(&finding.key) else { return Vec::new() };
        let owner = self.holder(check.by.as_ref().unwrap().as_str());
        match &check.ask {
            Ask::Word { about, .. } => {
                let about = self.subject(change, *about, finding.stage.as_ref());
                vec![owner.states(self.word(check.key.as_str(), about))]
            }
            Ask::Rows { .. } => {
                let phase = queries::change(&self.state(), change).and_then(|change| change.asked.phase);
                let row = |row: &String| owner.states(self.row(row, phase.as_ref()));
                finding.missing.iter().map(row).collect()
            }
            _ => Vec::new(),
        }
    }

    fn subject(&self, change: ChangeId, about: AboutKind, stage: Option<&Name>) -> StatementSubject {
        let asked = queries::change(&self.state(), change).unwrap().asked;
        match (about, asked.request) {
            (AboutKind::Change, _) => StatementSubject::Change(change),
            (AboutKind::Artifact, ChangeRequest::Promote { artifact: Some(artifact), .. }) => {
                StatementSubject::Artifact(artifact)
            }
            (AboutKind::Stage, _) => StatementSubject::Stage(stage.unwrap().clone()),
            (AboutKind::Phase, _) => StatementSubject::Phase(asked.phase.unwrap()),
            (other, request) => panic!("nothing of {request:?} is a {other}"),
        }
    }

    /// That the row of a requirement has passed, with a test of its number; one without a number is of a phase that is named.
    pub fn row(&self, row: &str, named: Option<&Name>) -> Statement {
        let of_phase = self.plan.phases.iter().find(|phase| phase.exit.iter().any(|key| self.has_row(key, row)));
        let phase = of_phase.map(|phase| phase.key.clone()).or_else(|| named.cloned()).unwrap();
        let number: String = row.chars().rev().take_while(char::is_ascii_digit).collect();
        let number: String = number.chars().rev().collect();
        let refs = if number.is_empty() { Vec::new() } else { vec![name(&format!("TC-FR-{number}-passes"))] };
        Statement { refs: List::truncate_from(refs), ..self.word(row, StatementSubject::Phase(phase)) }
    }

    fn has_row(&self, check: &Name, row: &str) -> bool {
        let Some(Ask::Rows { keys, .. }) = self.plan.check(check).map(|check| &check.ask) else { return false };
        let RowKeys::Range { prefix, from, to, .. } = keys else { return false };
        (*from..=*to).any(|number| row == format!("{prefix}{number}"))
    }

    /// Everything that can be said of a list of checks about a phase.
    pub fn say_of_phase(&mut self, phase: &str, keys: &[Name]) {
        let said: Vec<Asked> = keys.iter().flat_map(|key| self.said_of_phase(phase, key)).collect();
        self.all_granted(&said);
    }

    fn said_of_phase(&self, phase: &str, key: &Name) -> Vec<Asked> {
        let check = self.plan.check(key).unwrap();
        let owner = self.holder(check.by.as_ref().unwrap().as_str());
        match &check.ask {
            Ask::Word { .. } => vec![owner.states(self.word(key.as_str(), StatementSubject::Phase(name(phase))))],
            Ask::Rows { keys: RowKeys::Range { prefix, from, to, .. }, .. } => {
                let rows = (*from..=*to).map(|number| self.row(&format!("{prefix}{number}"), None));
                rows.map(|row| owner.states(row)).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Tries a playbook, which takes so long by the time that the chain runs.
    pub fn drill(&mut self, playbook: &str, took: u64) {
        let owner = self.plan.playbook(&name(playbook)).unwrap().owner.clone();
        let owner = self.holder(owner.as_str());
        let end = |of: &str| format!("drill.{playbook}.{of}");
        let (began, ended) =
            (self.word(&end("began"), StatementSubject::Plan), self.word(&end("ended"), StatementSubject::Plan));
        self.granted(owner.states(began));
        let ended = self.ask_after(took, owner.states(ended));
        assert!(ended.is_ok(), "{ended:?}");
    }
}

/// What a word refers to that has to.
fn referred(refs: &Refs) -> Vec<Name> {
    match refs {
        Refs::All(all) => all.to_vec(),
        Refs::Matching(form) => vec![name(&form.as_str().replace("{n}", TICKET_NUMBER))],
        _ => Vec::new(),
    }
}

/// How an artifact gets further.
impl Application {
    /// Takes a step of a stage that stands by a change, once everybody has said what it needs.
    pub fn take_step(&mut self, by: &Holder, change: ChangeId, step: &str) {
        let asked = queries::change(&self.state(), change).unwrap().asked;
        let stage = self.plan.stage(asked.request.stage().unwrap()).unwrap();
        let step = stage.steps.iter().find(|other| other.key.as_str() == step).unwrap();
        let needs = step.needs.iter().flat_map(|key| {
            let check = self.plan.check(key).unwrap();
            let Ask::Word { about, .. } = &check.ask else { return None };
            let about = self.subject(change, *about, Some(&stage.name));
            Some(self.holder(check.by.as_ref().unwrap().as_str()).states(self.word(key.as_str(), about)))
        });
        let needs: Vec<Asked> = needs.collect();
        self.all_granted(&needs);
        self.granted(by.steps(change, step.key.as_str()));
        self.block(SECOND, &[]);
    }
}
