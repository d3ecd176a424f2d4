//! The storage layout of flags, plans and changes: every cell with an example of its raw key and value.

use crate::storage::{Cell, item, log, map, set};
use artifacts::CasePin;
use cases::{CaseKind, CaseRegister};
use flags::{DefinedFlag, Disabled, FlagCounts, Gates, Setting, Targeting};
use primitives::{AccountId, CaseId, ChangeId, Digest, Epoch, Height, List, Name, Path, ProposalId, Timestamp};
use roles::RoleKey;
use rollouts::change::{ChangeProgress, ChangeState};
use rollouts::deadline::{ChangeDeadline, Clock};
use rollouts::install::{AskedAmendment, KeptPlan, PlanHead};
use rollouts::plan::{ChangeKind, PhaseState};
use rollouts::standing::{AskedRollback, ChangePause, LiveCounts, PhaseStanding, StageFreeze, StageStanding};
use rollouts::statement::{ChorusRoll, ChorusTally, TalliedWord, WordTally};
use rollouts::verdict::Answer;
use runtime::testing::examples::*;

fn shop() -> Name {
    named("shop")
}

/// A role of it that votes.
fn council() -> RoleKey {
    RoleKey { plan: shop(), role: named("COUNCIL") }
}

/// The cells of flags.
pub fn of_flags() -> Vec<Cell> {
    let place = || (shop(), named("checkout"));
    let at_root = || (shop(), named("checkout"), Path::ROOT);
    let setting = Setting { targeting: Targeting::constant(0), since: AT, by: CHANGE };
    let disabled = Disabled { since: AT, by: CHANGE };
    let counts = FlagCounts { flags: 1, settings: 1, segments: 1, attributes: 0, bytes: 258 };
    vec![
        map::<(Name, Name, Name), u32>("flags/asked_by", (shop(), named("t1"), named("country")), 1),
        map::<(Name, Name), u32>("flags/asked_by_any", (shop(), named("country")), 1),
        map::<(Name, Name), u32>("flags/attributes", (shop(), named("country")), 2),
        map::<Name, _>("flags/count", shop(), counts),
        map::<(Name, Name, Path), _>("flags/disabled", at_root(), disabled),
        set::<(Timestamp, Name, Name)>("flags/expiries", (AT.time, shop(), named("old"))),
        map::<(Name, Name), _>("flags/flags", place(), DefinedFlag { flag: flag(), since: AT.height }),
        item("flags/gates", Gates::without_plan()),
        item("flags/node_plan", named("chain")),
        set::<(Name, Name)>("flags/of_plan", place()),
        map::<Name, (u32, u32, u32, u32)>("flags/of_tenants", shop(), (2, 1, 1, 120)),
        map::<(Name, Name), u32>("flags/places", place(), 3),
        set::<(Name, Name, Name)>("flags/required_by", (shop(), named("checkout"), named("gifts"))),
        set::<(Name, Name)>("flags/retired", (shop(), named("old"))),
        map::<(Name, Name), flags::SegmentMembers>(
            "flags/segments",
            (shop(), named("testers")),
            List::truncate_from(vec![text("ann")]),
        ),
        map::<(Name, Name, Path), _>("flags/settings", at_root(), setting),
        map::<(Name, Name), (u32, u32, u32, u32)>("flags/tenants", (shop(), named("t1")), (1, 1, 1, 60)),
        map::<(Name, AccountId), _>("flags/tokens", (shop(), WHO), AT.time),
    ]
}

/// The cells of artifacts.
pub fn of_artifacts() -> Vec<Cell> {
    let kept = registered_artifact();
    let place = || (shop(), kept.artifact.digest);
    let stage = || (shop(), named("DEV"));
    let cells = vec![
        map::<(Name, Digest), _>("artifacts/artifacts", place(), kept.clone()),
        map::<Name, u32>("artifacts/count", shop(), 1),
        map::<(Name, Name, u64), Digest>("artifacts/latest", (shop(), named("DEV"), u64::MAX - 3), digest()),
        map::<(Name, Name), Digest>("artifacts/names", (shop(), kept.artifact.name.clone()), digest()),
        set::<(Name, Path, CasePin)>("artifacts/pins", (shop(), Path::ROOT, CasePin::Hold(CaseId(7)))),
        set::<(Name, Height, Digest)>("artifacts/releasable", (shop(), AT.height, digest())),
        map::<Name, _>("artifacts/rules", shop(), artifact_rules()),
        map::<(Name, Name), (Option<Digest>, u64)>("artifacts/stages", stage(), (Some(digest()), 3)),
    ];
    cells.into_iter().chain(log(["artifacts/listed", "artifacts/listed_counts"], shop(), digest())).collect()
}

/// The cells of cases.
pub fn of_cases() -> Vec<Cell> {
    let (kind, path) = (CaseKind::Incident, case_head().path);
    let of = || (shop(), kind);
    let duty = duty_of_change();
    let signalled = ((shop(), named("regression")), path.clone(), WHO);
    vec![
        set::<((Name, CaseKind), Path, CaseId)>("cases/at", (of(), path.clone(), CASE)),
        map::<CaseId, _>("cases/bodies", CASE, case_body()),
        map::<CaseId, _>("cases/cases", CASE, case_head()),
        map::<(Name, CaseRegister), (u16, u16)>("cases/counts", (shop(), CaseRegister::Cases), (3, 1)),
        set::<(Epoch, CaseId)>("cases/drop_epochs", (Epoch(258), CASE)),
        set::<(u64, CaseId)>("cases/drop_running", (AT.running, CASE)),
        set::<(Epoch, CaseId)>("cases/hold_epochs", (Epoch(258), CASE)),
        set::<(Timestamp, CaseId)>("cases/hold_times", (AT.time, CASE)),
        set::<(Name, Height, CaseId)>("cases/holds", (shop(), AT.height, CASE)),
        item("cases/latest", CASE),
        item("cases/node_stage", named("canary")),
        map::<ChangeId, CaseId>("cases/of_changes", CHANGE, CASE),
        set::<(Name, CaseKind, CaseId)>("cases/of_kind", (shop(), kind, CASE)),
        map::<(Name, CaseRegister, Name), u16>("cases/of_tenants", (shop(), CaseRegister::Cases, named("t1")), 1),
        set::<(Name, CaseKind, CaseId)>("cases/open", (shop(), kind, CASE)),
        set::<Name>("cases/retired", shop()),
        map::<Name, _>("cases/rules", shop(), case_rules()),
        map::<((Name, Name), Path, AccountId), (Option<CaseId>, bool)>(
            "cases/signalled",
            signalled,
            (Some(CASE), false),
        ),
        map::<(ChangeId, Name, Path), CaseId>("cases/stands_for", (duty.change, duty.check, path), CASE),
        set::<((Name, CaseKind), Path, CaseId)>("cases/wider", (of(), Path::ROOT, CASE)),
    ]
}

/// The cells of plans: where they stand, and their versions in rows.
pub fn of_plans() -> Vec<Cell> {
    let plan = plan();
    let row = |key: &str| (shop(), 1u32, named(key));
    let head = PlanHead { version: 1, installed: AT, owner: Some(WHO), deposit: TEN, retired: false };
    let kept = KeptPlan {
        bundle: plan.bundle,
        profile: plan.profile,
        document: plan.document.clone(),
        governs: plan.governs.clone(),
        levels: plan.levels.clone(),
        stages: List::truncate_from(vec![named("DEV")]),
        flags: List::truncate_from(vec![named("checkout")]),
        artifacts: None,
        policy: plan.policy.clone(),
        active: 1,
    };
    let standing = StageStanding { subject: Some(digest()), since: AT, change: CHANGE };
    let phase = PhaseStanding { state: PhaseState::Open, since: AT, change: CHANGE };
    let procedure = (ChangeKind::Promote, Path::new([named("DEV")]).unwrap());
    let asked = AskedAmendment { by: stated().actor, installation: installation(), poll: Some(ID) };
    let cells = vec![
        map::<ProposalId, (Name, u64)>("rollouts/amendment_polls", ID, (shop(), 1)),
        map::<(Name, u64), _>("rollouts/amendments", (shop(), 1), asked),
        item("rollouts/applications", 1u32),
        map::<(Name, u32, Name), _>("rollouts/checks", row("tested"), plan.checks[0].clone()),
        item("rollouts/latest_amendment", 1u64),
        map::<(Name, Name), _>("rollouts/phase_standings", (shop(), named("P1")), phase),
        map::<(Name, u32, Name), _>("rollouts/phases", row("P1"), plan.phases[0].clone()),
        map::<Name, _>("rollouts/plans", shop(), head),
        map::<(Name, u32, Name), _>("rollouts/playbooks", row("server"), plan.playbooks[0].clone()),
        map::<(Name, u32, (ChangeKind, Path)), _>(
            "rollouts/procedures",
            (shop(), 1, procedure),
            plan.procedures[0].clone(),
        ),
        map::<(Name, u32, Name), _>("rollouts/signals", row("regression"), plan.signals[0].clone()),
        map::<(Name, u32, Name), _>("rollouts/stages", row("DEV"), plan.stages[0].clone()),
        map::<(Name, Name), _>("rollouts/standings", (shop(), named("DEV")), standing),
        map::<(Name, Name, Digest), ChangeId>("rollouts/stood", (shop(), named("DEV"), digest()), CHANGE),
        set::<(RoleKey, u64)>("rollouts/to_amend", (council(), 1)),
        map::<(Name, u32), _>("rollouts/versions", (shop(), 1), kept),
        map::<(Name, u32, Name), _>("rollouts/windows", row("daily"), plan.windows[0].clone()),
    ];
    cells.into_iter().chain(log(["rollouts/listed", "rollouts/listed_counts"], (), shop())).collect()
}

/// The cells of changes: what they are, where they stand, and what is due to them.
pub fn of_changes() -> Vec<Cell> {
    let ends = Some(ChangeDeadline::Running(90_000_000));
    let freeze = StageFreeze { stage: named("DEV"), window: None, executed: Some(AT), ends };
    let pause = ChangePause { since: AT, role: named("OWNER"), ends };
    let of_shop = || (shop(), CHANGE);
    let asked = AskedRollback { signal: named("regression"), incident: None };
    vec![
        map::<(Name, Name), _>("rollouts/asked_rollbacks", (shop(), named("DEV")), asked),
        set::<Name>("rollouts/asking_guests", shop()),
        map::<ChangeId, _>("rollouts/changes", CHANGE, change()),
        map::<Name, _>("rollouts/counts", shop(), LiveCounts { open: 1, active: 0 }),
        item("rollouts/dropped", AT.height),
        set::<(u64, ChangeId)>("rollouts/drops", (90_000_000, CHANGE)),
        set::<((Name, Clock), u64, ChangeId)>("rollouts/due", ((shop(), Clock::Epoch), 258, CHANGE)),
        set::<(Clock, u64, Name)>("rollouts/earliest", (Clock::Running, 90_000_000, shop())),
        map::<(Name, AccountId), u32>("rollouts/emergencies", (shop(), WHO), 1),
        map::<(Name, ChangeId), _>("rollouts/freezes", of_shop(), freeze),
        item("rollouts/guest_dropped", AT.height),
        set::<(u64, ChangeId)>("rollouts/guest_drops", (90_000_000, CHANGE)),
        map::<Name, Height>("rollouts/heard", shop(), Height(7)),
        set::<(Height, Name)>("rollouts/heard_at", (Height(7), shop())),
        item("rollouts/latest", CHANGE),
        set::<(Name, ChangeId)>("rollouts/live", of_shop()),
        set::<ProposalId>("rollouts/needless", ID),
        set::<(Name, ChangeId)>("rollouts/of_plan", of_shop()),
        set::<(Name, Path, ChangeId)>("rollouts/overdue", (shop(), Path::ROOT, CHANGE)),
        map::<(Name, Path, Name), u64>("rollouts/pause_again", (shop(), Path::ROOT, named("OWNER")), 90_000_000),
        map::<(Name, Path, ChangeId), _>("rollouts/pauses", (shop(), Path::ROOT, CHANGE), pause),
        map::<ProposalId, _>("rollouts/polls", ID, (CHANGE, named("council"))),
        map::<ChangeId, _>("rollouts/progress", CHANGE, progress()),
        map::<(Name, Name), _>("rollouts/tenants", (shop(), named("t1")), LiveCounts { open: 1, active: 0 }),
        set::<((Name, Clock), u64, ChangeId)>("rollouts/thaws", ((shop(), Clock::Time), AT.time.0, CHANGE)),
        set::<(RoleKey, ChangeId, Name)>("rollouts/to_ask", (council(), CHANGE, named("council"))),
        set::<(Name, ChangeId)>("rollouts/to_judge", of_shop()),
        map::<(Name, ChangeId, Name), _>("rollouts/to_open", (shop(), CHANGE, named("council")), Some(council().role)),
        set::<RoleKey>("rollouts/voting", council()),
    ]
}

fn progress() -> ChangeProgress {
    ChangeProgress {
        state: ChangeState::Open,
        since: AT,
        expires: Some(ChangeDeadline::Running(90_000_000)),
        poll: Some(ID),
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
        deposit: TEN,
    }
}

/// The cells of what is said.
pub fn of_statements() -> Vec<Cell> {
    let word = TalliedWord::from(&stated());
    let (about, plan, key) = (stated().statement.about.digest(), shop(), named("tested"));
    let tally = WordTally { words: List::truncate_from(vec![word.clone()]) };
    vec![
        map::<(ChangeId, Name), _>("rollouts/chorus_tallies", (CHANGE, named("tried")), ChorusTally::default()),
        map::<(ChangeId, Name), _>(
            "rollouts/choruses",
            (CHANGE, named("testers")),
            ChorusRoll { speakers: List::truncate_from(vec![WHO]) },
        ),
        map::<(Name, Name, Name), _>("rollouts/marks", (shop(), named("DEV"), named("regression")), AT),
        set::<(ChangeId, Name, AccountId)>("rollouts/said_about", (CHANGE, key.clone(), WHO)),
        map::<(Name, Name, (Digest, AccountId)), _>(
            "rollouts/statements",
            (plan.clone(), key.clone(), (about, WHO)),
            stated(),
        ),
        map::<(Name, Name, (Digest, Name)), _>("rollouts/tallies", (plan, key, (about, named("OWNER"))), tally),
        map::<(ChangeId, Name), _>("rollouts/waivers", (CHANGE, named("tested")), word),
    ]
}
