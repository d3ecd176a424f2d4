//! What a list still asks for, given by those whose it is to give. Who says what about what is read off the plan.

use super::canary::members_of;
use super::evidence::{TEST_RESULT, unsettled};
use super::release::TestedBuild;
use super::{PromotionWalk, short};
use crate::explorer::repository;
use anyhow::{Context as _, bail, ensure};
use primitives::Name;
use rollouts::check::{AboutKind, Ask, Check, Refs};
use rollouts::plan::{Plan, Stage};
use serde_json::json;

/// The check that rests on what would be gone back with.
const ROLLBACK_ASSETS: &str = "preflight.rollback_assets";
/// What the dashboards' one value is compared with; proofs wait for nobody here, so there is no other.
const BLOCK_TIME: &str = "baseline.consensus_latency";

/// What answers are about.
struct Asked<'b> {
    plan: Plan,
    change: u64,
    build: &'b TestedBuild,
    /// The BLAKE3 of what the first node serves under `/metrics`.
    metrics: String,
}

impl PromotionWalk<'_> {
    /// Everybody whose word keeps a change from being carried out, or once it was, from being closed, gives it by a key of its own. What
    /// nodes, time and votes bring is left.
    pub(super) async fn answer(&self, change: u64, build: &TestedBuild) -> anyhow::Result<()> {
        let said = self.explanation(change).await?;
        let asked = self.asked(change, build)?;
        let mut given = 0_usize;
        for finding in unsettled(&said) {
            let key = finding["key"].as_str().context("a finding without a key")?;
            given += usize::from(self.give(&asked, key, finding["stage"].as_str()).await?);
        }
        self.tell(&format!(
            "{given} checks are answered, each by whose it is, on {} of /metrics",
            short(&asked.metrics)
        ));
        Ok(())
    }

    /// The steps of a stage that are told are taken in their order, each once what it needs is said.
    pub(super) async fn take_steps(
        &self,
        change: u64,
        stage: &str,
        steps: &[&str],
        build: &TestedBuild,
    ) -> anyhow::Result<()> {
        let asked = self.asked(change, build)?;
        let rules = stage_of(&asked.plan, stage)?;
        for key in steps {
            let step = rules.steps.iter().find(|step| step.key.as_str() == *key);
            let step = step.with_context(|| format!("{stage} has no step {key}"))?;
            for need in step.needs.iter() {
                self.give(&asked, need.as_str(), Some(stage)).await?;
            }
            self.act("release_commander", &["rollout", "step", "--change", &change.to_string(), "--step", key])?;
            self.tell(&format!("step {key} is taken: {}", step.text.as_str()));
        }
        Ok(())
    }

    fn asked<'b>(&self, change: u64, build: &'b TestedBuild) -> anyhow::Result<Asked<'b>> {
        let plan = profiles::load(&self.profile, &repository())?.plan;
        Ok(Asked { plan, change, build, metrics: self.scraped(&format!("change-{change}"))? })
    }

    /// One check is answered about a stage, where people answer it; gives whether they do.
    async fn give(&self, asked: &Asked<'_>, key: &str, stage: Option<&str>) -> anyhow::Result<bool> {
        // A step that needs nothing stands in a list under its own key.
        let Some(check) = asked.plan.checks.iter().find(|check| check.key.as_str() == key) else { return Ok(false) };
        match &check.ask {
            Ask::Word { refs: Refs::ReleaseChecks, .. } => self.sign_sections(asked, key, stage)?,
            Ask::Word { .. } => self.word(asked, check, stage).await?,
            Ask::Chorus { segment, .. } => self.chorus(asked.change, key, segment.as_str())?,
            Ask::Build { commit_of, .. } if !commit_of.is_empty() => self.test(asked.build).await?,
            Ask::Drill { playbook } => drop(self.drill(playbook.as_str())?),
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// The role that owns a check says that it is so: on what the first node serves under `/metrics`, on a body where the check asks for
    /// one, and with a value where that is compared with another.
    async fn word(&self, asked: &Asked<'_>, check: &Check, stage: Option<&str>) -> anyhow::Result<()> {
        let Ask::Word { about, predicate, within, .. } = &check.ask else { bail!("{} asks for no word", check.key) };
        let (key, owner) = (check.key.as_str(), check.by.as_ref().context("a word that nobody owns")?);
        let (subject, digest) = match about {
            AboutKind::Change => (format!("change:{}", asked.change), self.digest_of(asked.change).await?),
            AboutKind::Artifact => (format!("artifact:{}", asked.build.hash), asked.build.hash.clone()),
            AboutKind::Stage => (format!("stage:{}", stage.context("a word about no stage")?), asked.metrics.clone()),
            other => bail!("{key} is about a {other}, of which nothing is said here"),
        };
        let mut said = vec!["--passed".to_owned()];
        match predicate {
            Some(predicate) => {
                let mut body = json!({ "metrics": asked.metrics, "of": self.network.nodes[0].metrics });
                if predicate.as_str() == TEST_RESULT {
                    body = json!({ "result": "PASSED", "configuration": [{ "name": key }], "seen": body });
                }
                let file =
                    self.body(&format!("{key}-{}", asked.change), &subject, &digest, predicate.as_str(), body)?;
                said.extend(["--statement".to_owned(), file]);
            }
            None if key == ROLLBACK_ASSETS => {
                let snapshot = self.snapshot(&format!("change-{}-{}", asked.change, self.epoch().await?))?;
                said.extend(["--digest".to_owned(), snapshot]);
            }
            None => said.extend(["--digest".to_owned(), asked.metrics.clone()]),
        }
        if within.as_ref().is_some_and(|(of, _)| of.as_str() == BLOCK_TIME) {
            said.extend(["--value".to_owned(), self.block_seconds().await?]);
        }
        let said: Vec<&str> = said.iter().map(String::as_str).collect();
        self.say(owner.as_str(), key, &subject, &said)?;
        Ok(())
    }

    /// Every validator of a segment says that it is so, each for itself.
    fn chorus(&self, change: u64, key: &str, segment: &str) -> anyhow::Result<()> {
        let about = format!("change:{change}");
        let members = members_of(segment)?;
        for index in members {
            self.act_as_validator(*index, &["rollout", "attest", "--check", key, "--about", &about, "--passed"])?;
        }
        self.tell(&format!("{} of {segment} answer {key}, each for itself", members.len()));
        Ok(())
    }

    /// Every section that a stage has gone through is signed off by its owner.
    fn sign_sections(&self, asked: &Asked<'_>, key: &str, stage: Option<&str>) -> anyhow::Result<()> {
        let stage = stage_of(&asked.plan, stage.context("sections of no stage")?)?;
        ensure!(!stage.release_checks.is_empty(), "{} names no sections", stage.name);
        let about = format!("change:{}", asked.change);
        for section in stage.release_checks.iter() {
            let (owner, anchor) = (section.owner.as_ref().context("a section without an owner")?, &section.anchor);
            self.say(owner.as_str(), key, &about, &["--passed", "--ref", anchor.as_str()])?;
            self.tell(&format!("{owner} signs the section #{anchor} of the release checks off"));
        }
        Ok(())
    }
}

fn stage_of<'p>(plan: &'p Plan, stage: &str) -> anyhow::Result<&'p Stage> {
    let name = Name::new(stage).with_context(|| format!("{stage:?} is no name"))?;
    plan.stage(&name).with_context(|| format!("the plan has no stage {stage}"))
}
