//! Trunk-based delivery, under the plan of `config/profiles/trunk.toml`, exactly as it is: four stages, a checklist and a share of votes for
//! each class of release, and flags that release what was deployed (ROLLOUTS 10).

use crate::application::{Application, Holder, path};
use crate::network::{DAY, HOUR, MONDAY, SECOND, name};
use artifacts::ArtifactEntry;
use flags::{Audience, EvaluationContext, Expiry, Flag, FlagKind, Risk, Targeting, Value, Variant};
use governance::Choice;
use primitives::{ChangeId, Digest, List, ReleaseClass, Text, Timestamp};
use profiles::Loaded;
use rollouts::change::{ChangeDraft, ChangeRequest, ChangeState, EffectTo, Feature};
use rollouts::statement::StatementSubject;
use rollouts::verdict::{Answer, FindingState};
use runtime::testing::vote;
use std::sync::LazyLock;
use tests::explorer::repository;

const PLAN: &str = "trunk";

/// The plan, read once.
fn loaded() -> &'static Loaded {
    static LOADED: LazyLock<Loaded> = LazyLock::new(|| {
        let root = repository();
        profiles::load(&root.join("config/profiles/trunk.toml"), &root).unwrap()
    });
    &LOADED
}

/// A release manager, from 0; there are three.
fn manager(index: u8) -> Holder {
    Holder::new(index + 141, PLAN, "release_manager", "**")
}

/// Who keeps it running.
fn sre() -> Holder {
    Holder::new(151, PLAN, "sre", "**")
}

/// Who releases what was deployed.
fn product() -> Holder {
    Holder::new(152, PLAN, "product_owner", "**")
}

fn trunk() -> Application {
    Application::new(loaded(), vec![manager(0), manager(1), manager(2), sre(), product()])
}

impl Application {
    /// A build that may go everywhere, registered.
    fn built(&mut self, number: u8) -> Digest {
        let said = [
            ("commit", "0123456789abcdef0123456789abcdef01234567"),
            ("target", "ga"),
            ("built_at", "2024-01-01T00:00:00Z"),
        ];
        let artifact = ArtifactEntry {
            name: name(&format!("trunk-2024.01.01.{number}")),
            digest: Digest::blake3(&[number]),
            phase: None,
            meta: List::truncate_from(said.map(|(key, said)| (name(key), Text::new(said).unwrap())).to_vec()),
        };
        let digest = artifact.digest;
        self.granted(manager(0).registers(artifact));
        digest
    }

    /// When something may move next: on a workday from eight to eighteen, more than two hours ahead.
    fn workday(&self) -> Timestamp {
        self.next_window(&[0, 1, 2, 3, 4], 8)
    }

    /// A promotion of a class, for which everybody has said what is asked; the vote is left.
    fn asked_for(&mut self, stage: &str, artifact: Digest, class: ReleaseClass) -> ChangeId {
        let draft = ChangeDraft { class, ..self.promotes(stage, artifact) };
        let change = self.submitted(manager(0).submits(draft));
        self.answer(change);
        change
    }

    /// The place of the variant that the flag of the guilds serves at a path.
    fn serves(&self, at: &str) -> u8 {
        let context = EvaluationContext::default();
        let (state, plan, flag) = (self.state(), name(PLAN), name("guild_chat"));
        flags::queries::resolution(&state, &plan, &flag, &path(at), &context).unwrap().variant
    }

    /// So many managers agree; the next block counts.
    fn agreed_by(&mut self, change: ChangeId, managers: u8) {
        let poll = self.poll(change);
        for index in 0..managers {
            self.granted((manager(index).key, vote(poll.0, Choice::Yes, Some("read it"))));
        }
        self.block(SECOND, &[]);
    }

    /// A promotion of a class that two managers agree to, in the next window; it is deployed there.
    fn goes(&mut self, stage: &str, artifact: Digest, class: ReleaseClass) -> ChangeId {
        let change = self.asked_for(stage, artifact, class);
        self.agreed_by(change, 2);
        let day = self.workday();
        self.reach(day);
        self.answer(change);
        self.granted(manager(0).executes(change));
        self.take_step(&manager(0), change, "deploy");
        change
    }
}

/// How a check stands in the list of a change.
fn found(trunk: &Application, change: ChangeId, key: &str) -> FindingState {
    let list = trunk.list(change);
    list.findings.iter().find(|finding| finding.key.as_str() == key).unwrap().state
}

#[test]
fn the_first_release_goes_from_local_over_staging_and_canary_to_everybody() {
    let mut trunk = trunk();
    let first = trunk.built(1);
    for stage in ["local", "staging", "canary", "ga"] {
        trunk.goes(stage, first, ReleaseClass::Minor);
        assert_eq!(trunk.stands_in(stage), Some(first));
    }
    let asked = manager(0).submits(trunk.promotes("ga", first));
    trunk.refused(asked, "E_NOT_SUCCESSOR");
}

#[test]
fn tests_service_level_and_business_flow_stand_before_each_stage_and_are_said_by_their_owners() {
    let mut trunk = trunk();
    let first = trunk.built(1);
    let change = trunk.submitted(manager(0).submits(trunk.promotes("local", first)));
    assert_eq!(trunk.unmet(change), ["test_suite", "slo_health", "business_flow", "approved"]);
    let word = trunk.word("business_flow", StatementSubject::Artifact(first));
    for other in [manager(0), sre()] {
        trunk.refused(other.states(word.clone()), "E_STATEMENT_OWNER");
    }
    trunk.granted(product().states(word));
    assert_eq!(trunk.unmet(change), ["test_suite", "slo_health", "approved"]);
}

#[test]
fn a_class_has_the_drills_that_it_asks_for_and_a_major_release_has_two_thirds() {
    let mut trunk = trunk();
    let first = trunk.built(1);
    for stage in ["local", "staging", "canary"] {
        trunk.goes(stage, first, ReleaseClass::Patch);
    }
    let drills = ["drill.server", "drill.web_client", "drill.tauri"];
    let classes = [
        (ReleaseClass::Major, [false, false, false]),
        (ReleaseClass::Minor, [false, false, true]),
        (ReleaseClass::Patch, [false, true, true]),
        (ReleaseClass::Hotfix, [true, true, true]),
    ];
    let mut asked = Vec::new();
    for (class, skipped) in classes {
        let draft = ChangeDraft { class, ..trunk.promotes("ga", first) };
        let change = trunk.submitted(manager(0).submits(draft));
        let is_skipped = drills.map(|key| found(&trunk, change, key) == FindingState::Skipped);
        assert_eq!(is_skipped, skipped, "{class:?}");
        asked.push(change);
    }
    trunk.answer(asked[0]);
    trunk.agreed_by(asked[0], 1);
    assert_eq!(trunk.progress(asked[0]).state, ChangeState::Open, "one of three is no half");
    let poll = trunk.poll(asked[0]);
    trunk.granted((manager(1).key, vote(poll.0, Choice::Yes, Some("read it"))));
    trunk.block(SECOND, &[]);
    assert_eq!(trunk.progress(asked[0]).state, ChangeState::Approved, "two of three are two thirds");
}

#[test]
fn a_blocker_is_for_a_hotfix_too() {
    let mut trunk = trunk();
    let first = trunk.built(1);
    let draft = ChangeDraft { class: ReleaseClass::Hotfix, ..trunk.promotes("local", first) };
    let change = trunk.submitted(manager(0).submits(draft));
    trunk.granted(sre().states(trunk.failed("slo_health", StatementSubject::Stage(name("local")))));
    assert_eq!((trunk.list(change).answer, found(&trunk, change, "slo_health")), (Answer::NoGo, FindingState::Failed));
    let poll = trunk.poll(change);
    let yes = (manager(1).key, vote(poll.0, Choice::Yes, Some("it is urgent")));
    trunk.refused(yes, "E_NOT_READY");
}

/// A flag of high risk that is off where nothing is set.
fn guild_chat() -> Flag {
    let variants = [("on", true), ("off", false)];
    let variants = variants.map(|(key, on)| Variant { name: name(key), value: Value::Bool(on) });
    Flag {
        key: name("guild_chat"),
        kind: FlagKind::Release,
        variants: List::truncate_from(variants.to_vec()),
        fallback: 1,
        off: 1,
        owner: name("product_owner"),
        expires: Expiry::At(Timestamp(MONDAY + 90 * DAY)),
        risk: Risk::High,
        audience: Audience::Both,
        emergency: true,
        requires: List::new(),
        bypass: List::new(),
        salt: name("guild_chat"),
        text: Text::default(),
    }
}

#[test]
fn what_is_deployed_is_released_by_its_flag_region_by_region_with_a_ticket() {
    let mut trunk = trunk();
    let first = trunk.built(1);
    let brings = |trunk: &Application| {
        let feature = Feature { name: name("guild_chat"), risk: Risk::High, flag: Some(name("guild_chat")) };
        ChangeDraft { features: List::truncate_from(vec![feature]), ..trunk.promotes("local", first) }
    };
    trunk.refused(manager(0).submits(brings(&trunk)), "E_FLAG_REQUIRED");
    let defines = |by: Holder| (by.key.clone(), by.defines(guild_chat()));
    trunk.refused(defines(product()), "E_ROLE");
    trunk.granted(defines(manager(0)));
    trunk.granted(manager(0).submits(brings(&trunk)));
    for stage in ["local", "staging", "canary", "ga"] {
        trunk.goes(stage, first, ReleaseClass::Hotfix);
    }
    assert_eq!(trunk.serves("ga/eu"), 1, "it is deployed, and off");

    let widens = |trunk: &Application, ticket: Option<&str>| ChangeDraft {
        ticket: ticket.map(name),
        ..trunk.sets(vec![trunk.moving("guild_chat", path("ga/eu"), EffectTo::Setting(Targeting::constant(0)))])
    };
    trunk.refused(product().submits(widens(&trunk, None)), "E_TICKET");
    trunk.refused(sre().submits(widens(&trunk, Some("REL-9"))), "E_ROLE");
    trunk.granted(product().submits(widens(&trunk, Some("REL-9"))));
    assert_eq!(["ga/eu", "ga/eu/g7", "ga/us"].map(|at| trunk.serves(at)), [0, 0, 1]);
    trunk.granted(sre().submits(trunk.contains("guild_chat", "ga/eu")));
    assert_eq!(trunk.serves("ga/eu/g7"), 1, "contained at once");
}

#[test]
fn trunk_goes_back_in_production_without_a_window_and_owes_its_health_and_its_flow() {
    let mut trunk = trunk();
    for number in [1, 2] {
        let artifact = trunk.built(number);
        for stage in ["local", "staging", "canary", "ga"] {
            trunk.goes(stage, artifact, ReleaseClass::Hotfix);
        }
    }
    trunk.wait(DAY - HOUR);
    let draft =
        trunk.draft(ChangeRequest::Rollback { stage: name("ga"), trigger: name("manual"), source: name("telemetry") });
    trunk.refused(product().submits(draft.clone()), "E_ROLE");
    let change = trunk.submitted(sre().submits(draft));
    assert_eq!(trunk.stands_in("ga"), Some(Digest::blake3(&[1])));
    assert_eq!(trunk.owed(change), ["post.health", "post.flow"]);
    trunk.answer_duties(change);
    trunk.block(SECOND, &[]);
    trunk.granted(sre().closes(change));
    assert_eq!(trunk.incidents().len(), 1);
}
