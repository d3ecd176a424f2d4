//! Phases: 5 is locked once its list is met, and 6, frozen, takes hardening alone.

use super::{ShopWalk, name};
use anyhow::Context as _;
use rollouts::change::ChangeDraft;
use rollouts::plan::{Nature, PhaseState};

impl ShopWalk<'_> {
    /// Phase 5 is locked for good, and phase 6 is opened, frozen, and takes hardening.
    ///
    /// # Errors
    /// The first step that does not do what it says.
    pub async fn lock(&mut self) -> anyhow::Result<()> {
        let (owner, release_owner) = (self.people.owner.clone(), self.people.release_owner.clone());
        self.step("Phase 5 is frozen, and locked once its list is met; it takes nothing more");
        let late = self.registered(4, "5.x").await?;
        let freezes = self.moves_on("5.x", PhaseState::Frozen)?;
        self.submitted(&owner, freezes).await?;
        let locks = self.moves_on("5.x", PhaseState::Locked)?;
        self.refused(&owner, owner.submits(locks.clone()), "E_DEFERRED").await?;
        let exit = self.plan.phase(&name("5.x")).context("the plan has no phase 5.x")?.exit.to_vec();
        self.say_of_phase("5.x", &exit).await?;
        self.submitted(&owner, locks).await?;
        let promotes = self.promotes("DEV", late, "5.x")?;
        self.refused(&owner, owner.submits(promotes), "E_LOCKED").await?;

        self.step("Phase 6 is opened and frozen by the release owner: hardening enters, and nothing else");
        let opens = self.moves_on("6", PhaseState::Open)?;
        self.submitted(&owner, opens).await?;
        let build = self.registered(5, "6").await?;
        let freezes = self.moves_on("6", PhaseState::Frozen)?;
        self.submitted(&release_owner, freezes).await?;
        let feature = self.promotes("DEV", build, "6")?;
        let hardening = ChangeDraft { nature: Nature::Hardening, ..feature.clone() };
        self.refused(&owner, owner.submits(feature), "E_FROZEN_PHASE").await?;
        let change = self.enter(hardening, build, "6").await?;
        self.tell(&format!("change {change} is hardening, and stands in DEV"));
        Ok(())
    }
}
