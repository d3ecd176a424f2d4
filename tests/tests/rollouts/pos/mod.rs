//! The shop, under the plan of `config/profiles/pos.toml`, exactly as it is: one owner, two tenants, one way from DEV to PROD.

mod boundaries;
mod contained;
mod containment;
mod effects;
mod journey_pos;
mod phases;
mod promotions;
mod rollback;
mod tenants;

use crate::application::{Application, Holder};
use crate::network::name;
use artifacts::ArtifactEntry;
use primitives::{ChangeId, Digest, List, Text};
use profiles::Loaded;
use rollouts::change::ChangeState;
use rollouts::plan::PhaseState;
use std::sync::LazyLock;
use tests::explorer::repository;

const PLAN: &str = "pos";
/// What an artifact was built from.
const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

/// The plan, read once.
fn loaded() -> &'static Loaded {
    static LOADED: LazyLock<Loaded> = LazyLock::new(|| {
        let root = repository();
        profiles::load(&root.join("config/profiles/pos.toml"), &root).unwrap()
    });
    &LOADED
}

/// The one owner of the application.
fn owner() -> Holder {
    Holder::new(121, PLAN, "APPLICATION_OWNER", "**")
}

/// The owner of a tenant, who may act in that tenant alone.
fn tenant(number: u8) -> Holder {
    Holder::new(number + 121, PLAN, "TENANT_OWNER", &format!("*/t{number}/**"))
}

/// Whoever signs that a phase is frozen.
fn release_owner() -> Holder {
    Holder::new(131, PLAN, "RELEASE_OWNER", "**")
}

/// What builds, tests and deploys.
fn ci() -> Holder {
    Holder::new(132, PLAN, "CI", "**")
}

/// The shop as it is installed: no phase has begun.
fn installed() -> Application {
    Application::new(loaded(), vec![owner(), tenant(1), tenant(2), release_owner(), ci()])
}

/// The shop in phase 5.
fn shop() -> Application {
    let mut shop = installed();
    shop.granted(owner().submits(shop.moves_on("5.x", PhaseState::Open)));
    shop
}

/// The artifact of a build, as it is registered: of a phase, and for a stage.
fn build(number: u8, phase: &str, target: &str) -> ArtifactEntry {
    let said = [
        ("commit", COMMIT.to_owned()),
        ("rv", format!("RV-2024.01.01.{number}")),
        ("dv", "DV-2024-0001".to_owned()),
        ("target", target.to_owned()),
        ("built_at", "2024-01-01T00:00:00Z".to_owned()),
    ];
    ArtifactEntry {
        name: name(&format!("cfgp-pos-2024.01.01.{number}")),
        digest: Digest::blake3(&[number]),
        phase: Some(name(phase)),
        meta: List::truncate_from(said.map(|(key, said)| (name(key), Text::new(said).unwrap())).to_vec()),
    }
}

/// Ways on which stories go.
impl Application {
    /// A build of phase 5 that is for PROD, registered by what built it.
    fn registered(&mut self, number: u8) -> Digest {
        let artifact = build(number, "5.x", "PROD");
        let digest = artifact.digest;
        self.granted(ci().registers(artifact));
        digest
    }

    /// When PROD may be entered next: the next trading pause, more than two hours ahead.
    fn trading_pause(&self) -> primitives::Timestamp {
        self.next_window(&[0, 1, 2, 3, 4, 5, 6], 16)
    }

    /// An artifact enters a stage that has no window, and is deployed there.
    fn enter(&mut self, stage: &str, artifact: Digest) -> ChangeId {
        let change = self.submitted(owner().submits(self.promotes(stage, artifact)));
        self.answer(change);
        self.granted(owner().executes(change));
        self.take_step(&owner(), change, "deploy");
        change
    }

    /// An artifact that stands nowhere comes to STAGING.
    fn stage(&mut self, artifact: Digest) {
        self.enter("DEV", artifact);
        self.enter("STAGING", artifact);
    }

    /// One that stands in STAGING is asked for in PROD, everybody says what is asked, and the trading pause begins.
    fn ready_for_prod(&mut self, artifact: Digest) -> ChangeId {
        let change = self.submitted(owner().submits(self.promotes("PROD", artifact)));
        let pause = self.trading_pause();
        self.reach(pause);
        self.answer(change);
        change
    }

    /// The same, and it enters PROD.
    fn enter_prod(&mut self, artifact: Digest) -> ChangeId {
        let change = self.ready_for_prod(artifact);
        self.granted(owner().executes(change));
        change
    }

    /// A build comes from nowhere to PROD, is deployed and audited, and so known to be good.
    fn proven(&mut self, number: u8) -> Digest {
        let artifact = self.registered(number);
        self.stage(artifact);
        let change = self.enter_prod(artifact);
        self.take_step(&owner(), change, "deploy");
        self.answer_duties(change);
        self.granted(owner().closes(change));
        assert_eq!(self.progress(change).state, ChangeState::Closed);
        artifact
    }
}
