//! What people say, so that the lists of the shop are met: words, rows of requirements, and drills.

use super::{ShopMember, ShopWalk, TICKET, name};
use anyhow::{Context as _, ensure};
use primitives::{ChangeId, Digest, List, Name, Text};
use rollouts::check::{AboutKind, Ask, Refs, RowKeys};
use rollouts::statement::{Statement, StatementOutcome, StatementSubject};
use rollouts::verdict::Finding;
use runtime::Call;
use serde_json::json;

/// A change that is to go on, and what it moves.
#[derive(Debug, Clone)]
pub(super) struct MovedBuild {
    /// The change.
    pub change: ChangeId,
    /// The artifact that it promotes.
    pub artifact: Option<Digest>,
    /// The phase that it belongs to.
    pub phase: Option<Name>,
}

impl ShopWalk<'_> {
    /// That a check is well, with everything that the check asks such a word to have.
    pub(super) fn word(&self, key: &Name, about: StatementSubject) -> Statement {
        let (predicate, refs) = match self.plan.check(key).map(|check| &check.ask) {
            Some(Ask::Word { predicate, refs, .. }) => (predicate.clone().unwrap_or_default(), referred(refs)),
            _ => (Text::default(), Vec::new()),
        };
        let (digest, refs) = (Some(Digest::blake3(key.as_str().as_bytes())), List::truncate_from(refs));
        Statement { predicate, digest, refs, ..Statement::new(key.clone(), about, StatementOutcome::Passed) }
    }

    /// What keeps a change from going on: before it is carried out its list, then what it owes.
    pub(super) async fn unmet(&self, change: ChangeId) -> anyhow::Result<Vec<Finding>> {
        let said = self.network.nodes[0].call("rollout.explain", json!({ "change": change })).await?;
        let findings: Vec<Finding> = serde_json::from_value(said["findings"].clone())?;
        Ok(findings.into_iter().filter(|finding| !finding.state.is_settled()).collect())
    }

    /// Everybody whose word keeps a change from going on gives it, and what has to be tried is tried; gives how much was said.
    pub(super) async fn answer(&mut self, moved: &MovedBuild) -> anyhow::Result<usize> {
        let unmet = self.unmet(moved.change).await?;
        let mut said = Vec::new();
        for finding in &unmet {
            match self.plan.check(&finding.key).map(|check| check.ask.clone()) {
                Some(Ask::Drill { playbook }) => self.drill(&playbook).await?,
                _ => said.extend(self.answers_to(moved, finding)?),
            }
        }
        self.all_granted(&said).await?;
        let left: Vec<String> = self.unmet(moved.change).await?.iter().map(|finding| finding.key.to_string()).collect();
        ensure!(left.is_empty(), "change {} still lacks {}", moved.change, left.join(", "));
        Ok(said.len())
    }

    /// What answers a finding; nothing where the chain measures.
    fn answers_to(&self, moved: &MovedBuild, finding: &Finding) -> anyhow::Result<Vec<(ShopMember, Call)>> {
        let check = self.plan.check(&finding.key).with_context(|| format!("no check {}", finding.key))?;
        let owner = self.people.of(check.by.as_ref().context("a check that nobody owns")?)?;
        let said = match &check.ask {
            Ask::Word { about, .. } => {
                vec![self.word(&check.key, subject(moved, *about, finding.stage.as_ref())?)]
            }
            Ask::Rows { .. } => {
                let rows = finding.missing.iter().map(|row| self.row(row, moved.phase.as_ref()));
                rows.collect::<anyhow::Result<Vec<Statement>>>()?
            }
            _ => Vec::new(),
        };
        Ok(said.into_iter().map(|statement| (owner.clone(), owner.states(statement))).collect())
    }

    /// That the row of a requirement has passed, with a test of its number; one without a number is of a phase that is named.
    fn row(&self, row: &str, named: Option<&Name>) -> anyhow::Result<Statement> {
        let of_phase = self.plan.phases.iter().find(|phase| phase.exit.iter().any(|key| self.has_row(key, row)));
        let phase = of_phase.map(|phase| &phase.key).or(named).with_context(|| format!("{row} is of no phase"))?;
        let number = row.rsplit('-').next().filter(|number| number.parse::<u32>().is_ok());
        let refs = number.map(|number| name(&format!("TC-FR-{number}-passes"))).into_iter().collect();
        let key = Name::new(row).with_context(|| format!("{row} is no name"))?;
        let word = self.word(&key, StatementSubject::Phase(phase.clone()));
        Ok(Statement { refs: List::truncate_from(refs), ..word })
    }

    fn has_row(&self, check: &Name, row: &str) -> bool {
        let ask = self.plan.check(check).map(|check| &check.ask);
        let Some(Ask::Rows { keys: RowKeys::Range { prefix, from, to, .. }, .. }) = ask else { return false };
        (*from..=*to).any(|number| row == format!("{prefix}{number}"))
    }

    /// Everything that can be said of a list of checks about a phase.
    pub(super) async fn say_of_phase(&mut self, phase: &str, keys: &[Name]) -> anyhow::Result<()> {
        let mut said = Vec::new();
        for key in keys {
            let check = self.plan.check(key).with_context(|| format!("no check {key}"))?;
            if let Ask::Word { .. } = &check.ask {
                let owner = self.people.of(check.by.as_ref().context("a check that nobody owns")?)?;
                let call = owner.states(self.word(key, StatementSubject::Phase(name(phase))));
                said.push((owner, call));
            }
        }
        self.all_granted(&said).await
    }

    /// Tries a playbook: whoever owns it says when that began, and in a later block that it ended well.
    async fn drill(&mut self, playbook: &Name) -> anyhow::Result<()> {
        let owner = self.plan.playbook(playbook).with_context(|| format!("no playbook {playbook}"))?.owner.clone();
        let owner = self.people.of(&owner)?;
        for end in ["began", "ended"] {
            let word = self.word(&name(&format!("drill.{playbook}.{end}")), StatementSubject::Plan);
            self.granted(&owner, owner.states(word)).await?;
        }
        self.tell(&format!("{} tries the rollback of the {playbook}", owner.role));
        Ok(())
    }
}

fn subject(moved: &MovedBuild, about: AboutKind, stage: Option<&Name>) -> anyhow::Result<StatementSubject> {
    Ok(match about {
        AboutKind::Plan => StatementSubject::Plan,
        AboutKind::Change => StatementSubject::Change(moved.change),
        AboutKind::Artifact => StatementSubject::Artifact(moved.artifact.context("the change moves no artifact")?),
        AboutKind::Stage => StatementSubject::Stage(stage.context("the check is about no stage")?.clone()),
        AboutKind::Phase => StatementSubject::Phase(moved.phase.clone().context("the change is of no phase")?),
        AboutKind::Scope => anyhow::bail!("nobody says anything of a scope here"),
    })
}

/// What a word refers to that has to.
fn referred(refs: &Refs) -> Vec<Name> {
    match refs {
        Refs::All(all) => all.to_vec(),
        Refs::Matching(_) => vec![name(TICKET)],
        _ => Vec::new(),
    }
}
