//! Builds on their way to production, and what happens there: a containment whose ticket is late, and a rollback.

use super::said::MovedBuild;
use super::{PLAN, ShopWalk, name};
use anyhow::{Context as _, ensure};
use artifacts::ArtifactEntry;
use cases::{Containment, Recovery};
use primitives::{AlertSeverity, CaseId, ChangeId, Digest, List, Text};
use rollouts::change::ChangeDraft;
use rollouts::statement::StatementSubject;
use runtime::Call;
use serde_json::{Value, json};

/// What builds are built from.
const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";
/// The phase of builds before hardening.
const FIVE: &str = "5.x";

impl ShopWalk<'_> {
    /// The first build goes from DEV over STAGING to PROD, and is audited there; gives it.
    ///
    /// # Errors
    /// The first step that does not do what it says.
    pub async fn release(&mut self) -> anyhow::Result<Digest> {
        self.step(
            "The first build goes from DEV over STAGING to PROD, with what each stage asks; no flag moves by that",
        );
        let before = self.served(0, "loyalty_rules", "PROD/t1").await?;
        let first = self.staged(1).await?;
        let change = self.asked_for_prod(first).await?;
        self.enter_prod(change, first).await?;
        ensure!(self.served(0, "loyalty_rules", "PROD/t1").await? == before, "a flag moved by a deployment");
        Ok(first)
    }

    /// A flag is contained at once; its ticket is late, and until it is there the next build waits; gives that.
    ///
    /// # Errors
    /// The first step that does not do what it says.
    pub async fn contain(&mut self) -> anyhow::Result<Digest> {
        let flag = "loyalty_rules";
        let (owner, [first, _]) = (self.people.owner.clone(), self.people.tenants.clone());
        self.step("Points are given twice: the owner disables loyalty_rules in PROD, at once and without a ticket");
        let on = self.flips(flag, "PROD", "on", Some("CHG-3"))?;
        self.submitted(&owner, on).await?;
        let token = self.token(&first, "t1", "server")?;
        self.services_see(&token, flag, true)?;
        let contains = self.contains(flag, "PROD")?;
        let contained = self.submitted(&owner, contains).await?;
        self.services_see(&token, flag, false)?;
        self.tell(&format!("change {contained} owes its ticket within 72 hours, 24 s here"));

        self.step("Meanwhile the second build comes to STAGING; the ticket is late, and keeps it from PROD");
        let second = self.staged(2).await?;
        let prod = self.asked_for_prod(second).await?;
        self.until_late(contained).await?;
        let (executor, executes) = self.executes(prod);
        self.refused(&executor, executes, "E_OVERDUE").await?;
        let ticket = self.word(&name("ticket"), StatementSubject::Change(contained));
        self.granted(&owner, owner.states(ticket)).await?;
        self.until_answered(contained).await?;
        self.close(contained).await?;
        self.tell("the ticket is there, and the containment is closed; the flag stays off until a change enables it");
        self.enter_prod(prod, second).await?;
        Ok(second)
    }

    /// PROD goes back to the build that is known to be good there, with an incident that stops the next one until it is resolved.
    ///
    /// # Errors
    /// The first step that does not do what it says.
    pub async fn roll_back(&mut self, good: Digest, bad: Digest) -> anyhow::Result<()> {
        let owner = self.people.owner.clone();
        self.step("Tills stand still: the owner rolls PROD back, and says nowhere to what");
        let draft = self.rolls_back("PROD")?;
        let (back, execution) = self.carried_out(&owner, draft).await?;
        let execution = execution.context("the rollback waits")?;
        ensure!(execution.subject == Some(good), "it goes back to something else: {:?}", execution.subject);
        let incident = execution.incident.context("no incident is opened")?;
        self.tell(&format!("{} stands in PROD again, which was audited there; incident {incident} is open", label(1)));
        let again = self.promotes("PROD", bad, FIVE)?;
        self.refused(&owner, owner.submits(again), "E_ARTIFACT_BAD").await?;

        let moved = MovedBuild { change: back, artifact: None, phase: None };
        let said = self.answer(&moved).await?;
        ensure!(said == 4, "{said} smoke checks were owed");
        self.until_answered(back).await?;
        self.close(back).await?;
        self.tell("authentication, reads, checkout and risk modes are tried, and the rollback is closed");

        self.step("The third build waits in STAGING until the incident is resolved");
        let third = self.staged(3).await?;
        let prod = self.asked_for_prod(third).await?;
        let (executor, executes) = self.executes(prod);
        self.refused(&executor, executes, "E_INCIDENT").await?;
        self.resolve(incident, back).await?;
        self.tell("it is classified as CRITICAL, contained by the rollback, and resolved with its root cause");
        self.enter_prod(prod, third).await
    }

    /// An incident is seen to, step by step.
    async fn resolve(&mut self, case: CaseId, back: ChangeId) -> anyhow::Result<()> {
        let owner = self.people.owner.clone();
        let text = |text: &str| Text::new(text).context("a text that is too long");
        let recovery = Box::new(Recovery {
            statement: text("the build before it runs")?,
            root_cause: text("a query without its tenant")?,
            verification: Digest::blake3(b"the smoke list"),
            public_report: None,
            unfounded: false,
        });
        let (severity, module) = (AlertSeverity::Critical, name("checkout"));
        let containments = List::truncate_from(vec![Containment::Rollback(back)]);
        let steps = [
            owner.of_cases(|plan, acting| cases::Call::Classify { plan, acting, case, severity, module }),
            owner.of_cases(|plan, acting| cases::Call::Respond { plan, acting, case, containments }),
            owner.of_cases(|plan, acting| cases::Call::Resolve { plan, acting, case, recovery }),
        ];
        for call in steps {
            self.granted(&owner, call).await?;
        }
        Ok(())
    }

    /// A build of phase 5 is registered, and comes over DEV to STAGING.
    async fn staged(&mut self, number: u8) -> anyhow::Result<Digest> {
        let artifact = self.registered(number, FIVE).await?;
        for stage in ["DEV", "STAGING"] {
            let draft = self.promotes(stage, artifact, FIVE)?;
            let change = self.enter(draft, artifact, FIVE).await?;
            self.deploy(change).await?;
        }
        self.tell(&format!("{} is registered, and stands in DEV and STAGING", label(number)));
        Ok(artifact)
    }

    /// What builds registers a build of a phase that is for PROD.
    pub(super) async fn registered(&mut self, number: u8, phase: &str) -> anyhow::Result<Digest> {
        let said = [
            ("commit", COMMIT.to_owned()),
            ("rv", format!("RV-2026.01.05.{number}")),
            ("dv", "DV-2026-0001".to_owned()),
            ("target", "PROD".to_owned()),
            ("built_at", "2026-01-05T08:00:00Z".to_owned()),
        ];
        let meta = said.map(|(key, said)| Text::new(&said).map(|said| (name(key), said)));
        let meta = meta.into_iter().collect::<Option<Vec<_>>>().context("what is said of a build is too long")?;
        let digest = Digest::blake3(&[number]);
        let artifact = ArtifactEntry {
            name: name(&label(number)),
            digest,
            phase: Some(name(phase)),
            meta: List::truncate_from(meta),
        };
        let ci = self.people.ci.clone();
        let (plan, acting) = (name(PLAN), ci.role.clone());
        self.granted(&ci, Call::Artifacts(artifacts::Call::Register { plan, acting, artifact })).await?;
        Ok(digest)
    }

    /// A promotion is asked for, everybody says what is asked, and it is carried out.
    pub(super) async fn enter(
        &mut self,
        draft: ChangeDraft,
        artifact: Digest,
        phase: &str,
    ) -> anyhow::Result<ChangeId> {
        let owner = self.people.owner.clone();
        let change = self.submitted(&owner, draft).await?;
        let moved = MovedBuild { change, artifact: Some(artifact), phase: Some(name(phase)) };
        self.answer(&moved).await?;
        let (executor, executes) = self.executes(change);
        self.granted(&executor, executes).await?;
        Ok(change)
    }

    /// A build that stands in STAGING is asked for in PROD, and everybody says what is asked there.
    async fn asked_for_prod(&mut self, artifact: Digest) -> anyhow::Result<ChangeId> {
        let owner = self.people.owner.clone();
        let draft = self.promotes("PROD", artifact, FIVE)?;
        let change = self.submitted(&owner, draft).await?;
        let said = self.answer(&MovedBuild { change, artifact: Some(artifact), phase: Some(name(FIVE)) }).await?;
        self.tell(&format!("for PROD, {said} checks are answered by the machine that builds and by the owner"));
        Ok(change)
    }

    /// It is carried out, deployed, audited and closed: then it is good in PROD.
    async fn enter_prod(&mut self, change: ChangeId, artifact: Digest) -> anyhow::Result<()> {
        let (executor, executes) = self.executes(change);
        self.granted(&executor, executes).await?;
        self.deploy(change).await?;
        self.answer(&MovedBuild { change, artifact: Some(artifact), phase: Some(name(FIVE)) }).await?;
        self.until_answered(change).await?;
        self.close(change).await?;
        self.tell(&format!("change {change}: it stands in PROD, and is deployed, audited and closed"));
        Ok(())
    }

    /// What was promoted is deployed, and the step of its stage is taken.
    async fn deploy(&mut self, change: ChangeId) -> anyhow::Result<()> {
        let (owner, ci) = (self.people.owner.clone(), self.people.ci.clone());
        let deployed = self.word(&name("deployed"), StatementSubject::Change(change));
        self.granted(&ci, ci.states(deployed)).await?;
        let step = owner.calls(|plan, acting| rollouts::Call::Step { plan, acting, change, step: name("deploy") });
        self.granted(&owner, step).await.map(drop)
    }

    /// Waits until something that a change owes is late.
    async fn until_late(&mut self, change: ChangeId) -> anyhow::Result<()> {
        self.until_change(change, "late ticket", |change| {
            change["overdue"].as_array().is_some_and(|late| !late.is_empty())
        })
        .await
    }

    /// Waits until the chain has taken note that everything that a change owes is there.
    async fn until_answered(&mut self, change: ChangeId) -> anyhow::Result<()> {
        self.until_change(change, "answered duty", |change| {
            change["overdue"].as_array().is_some_and(Vec::is_empty) && change["next_duty"].is_null()
        })
        .await
    }

    async fn until_change(&mut self, id: ChangeId, what: &str, is_so: impl Fn(&Value) -> bool) -> anyhow::Result<()> {
        let what = format!("{what} of change {id}");
        let asked = &mut self.network.nodes[0];
        asked
            .until(&what, async |node| {
                let change = node.call("rollout.change", json!({ "id": id })).await.ok()?;
                is_so(&change).then_some(())
            })
            .await
    }
}

/// What a build is called.
fn label(number: u8) -> String {
    format!("cfgp-pos-2026.01.05.{number}")
}
