//! Examples of what is asked for, happens and is refused under plans.

use super::plans::*;
use super::*;
use primitives::*;
use rollouts::change::{ChangeState, EndedWhy};
use rollouts::deadline::ChangeDeadline;
use rollouts::standing::ThawedWhy;
use rollouts::verdict::Answer;

/// Each call about flags and plans, at least once; the first is granted on a network without plans.
pub fn calls_of_plans() -> Vec<Call> {
    use rollouts::Call::*;
    let (plan, acting, change) = (|| named("shop"), || named("OWNER"), CHANGE);
    let (from, until) = (Timestamp(1_800_000_000_000), Timestamp(1_800_003_600_000));
    let of_rollouts = [
        Install { installation: Box::new(installation()) },
        Retire { plan: plan(), acting: acting() },
        Submit { plan: plan(), acting: acting(), change: Box::new(draft()) },
        Withdraw { plan: plan(), acting: acting(), change },
        Announce { plan: plan(), acting: acting(), change, from, until, text: text("tonight") },
        Execute { plan: plan(), acting: acting(), change, sealer_proof: None },
        Step { plan: plan(), acting: acting(), change, step: named("deploy") },
        Close { plan: plan(), acting: acting(), change },
        State { plan: plan(), acting: acting(), statement: Box::new(statement()) },
    ];
    let (edit, key) = (flags::FlagEdit { raises_risk: true, ..Default::default() }, named("checkout"));
    let of_flags = [
        flags::Call::Define { plan: plan(), acting: acting(), flag: flag() },
        flags::Call::Edit { plan: plan(), acting: acting(), key: key.clone(), edit },
        flags::Call::Retire { plan: plan(), acting: acting(), key },
        flags::Call::RevokeTokens { plan: plan(), acting: acting(), account: WHO, issued_before: AT.time },
    ];
    of_rollouts.into_iter().map(Call::Rollouts).chain(of_flags.into_iter().map(Call::Flags)).collect()
}

/// One of each motion about plans.
pub fn motions_of_plans() -> Vec<Motion> {
    use rollouts::Motion::*;
    let (check, digest) = (named("council"), change().digest);
    let motions = [
        Decide { change: CHANGE, check, digest },
        Install(Box::new(installation())),
        Abort { change: CHANGE, reason: reason("it was a mistake") },
    ];
    motions.map(Motion::Rollouts).into()
}

/// One of each event of flags and plans.
pub fn events_of_plans() -> Vec<Event> {
    let flags = [
        flags::Event::Defined { plan: named("shop"), flag: flag(), by: owner() },
        flags::Event::Edited { plan: named("shop"), flag: flag(), by: owner() },
        flags::Event::Expired { plan: named("shop"), key: named("old"), owner: named("OWNER"), at: AT.time },
        flags::Event::Retired { plan: named("shop"), key: named("old"), by: owner() },
        flags::Event::TokensRevoked { plan: named("shop"), account: VALIDATOR, issued_before: AT.time, by: owner() },
    ];
    flags.map(Event::Flags).into_iter().chain(events_of_rollouts().into_iter().map(Event::Rollouts)).collect()
}

fn events_of_rollouts() -> Vec<rollouts::Event> {
    use rollouts::Event::*;
    let (plan, change_id, check) = (named("shop"), CHANGE, named("council"));
    let shop = || plan.clone();
    let returned = governance::DepositEnd::Returned(deposit());
    let expires = Some(ChangeDeadline::Running(90_000_000));
    vec![
        Installed { installation: Box::new(installation()), by: Some(WHO), deposit: TEN, effects: effects() },
        Submitted {
            change: Box::new(change()),
            expires,
            vote: Some(check.clone()),
            deposit: TEN,
            incident: None,
            execution: None,
        },
        Announced {
            plan: shop(),
            change: change_id,
            by: owner(),
            number: 1,
            from: AT.time,
            until: AT.time.plus(3_600_000),
            text: text("tonight"),
            freezes: false,
        },
        Stated { plan: shop(), stated: Box::new(stated()), marks: None, opened: None, rolls_back: None },
        Approved {
            plan: shop(),
            change: change_id,
            poll: ID,
            verdict: Answer::Go,
            not_before: Some(Epoch(103)),
            expires,
        },
        Executed { plan: shop(), change: change_id, by: owner(), execution: Box::new(execution()) },
        Stepped {
            plan: shop(),
            change: change_id,
            by: owner(),
            step: named("deploy"),
            effects: effects(),
            duties: duties(),
        },
        Missed {
            plan: shop(),
            change: change_id,
            check: check.clone(),
            then: rollouts::plan::Missed::Hold,
            effects: List::new(),
            deposit: None,
            opened: None,
        },
        Met { plan: shop(), change: change_id, check: check.clone(), late: true, poll: Some(ID) },
        Thawed { plan: shop(), change: change_id, why: ThawedWhy::Met, reason: None },
        Closed { plan: shop(), change: change_id, by: owner(), deposit: Some(returned) },
        Reverted { plan: shop(), change: change_id, check, poll: ID, effects: effects(), deposit: Some(returned) },
        Ended {
            plan: shop(),
            change: change_id,
            was: ChangeState::Open,
            why: EndedWhy::Withdrawn,
            reason: Some(reason("another is better")),
            deposit: Some(returned),
        },
        Voided { plan: shop(), change: change_id, check: named("mitigation"), poll: ID, reopens: true },
        Dropped { plan: shop(), change: change_id, due: 31_536_000_000, statements: 3, is_all: true },
        AmendmentAsked { plan: shop(), number: 1, installation: Box::new(installation()), by: owner() },
        AmendmentEnded { plan: shop(), number: 1, poll: ID, why: EndedWhy::Rejected },
        Retired { plan: shop(), by: owner(), deposit: returned },
    ]
}

/// Refusals about flags and plans: of each way in which they are told, one.
pub fn errors_of_plans() -> impl Iterator<Item = Error> {
    let (plan, key) = (named("shop"), named("checkout"));
    let of_flags = [
        flags::Error::FlagUnknown { plan: plan.clone(), key: key.clone() },
        flags::Error::Disabled { key: key.clone(), above: Path::ROOT },
        flags::Error::GateShape { key: key.clone() },
        flags::Error::ShareFull {
            plan: plan.clone(),
            tenant: Some(named("t1")),
            register: flags::FlagRegister::Settings,
            most: 1_024,
        },
    ];
    let form = ticket_form();
    let of_rollouts = [
        rollouts::Error::PlanUnknown { plan: plan.clone() },
        rollouts::Error::PlanInvalid { plan: plan.clone(), count: 2, field: text("stages"), problem: text("none") },
        rollouts::Error::MovesInSilence {
            flag: key.clone(),
            path: Path::ROOT,
            before: named("off"),
            after: named("on"),
        },
        rollouts::Error::SegmentEmpty { stage: named("DEV"), segment: named("testers") },
        rollouts::Error::TicketMissing { form },
        rollouts::Error::NotInState { change: CHANGE, state: ChangeState::Active },
        rollouts::Error::NoGo { failed: List::truncate_from(vec![named("tested")]), of: 3 },
        rollouts::Error::NotInstaller { plan, installer: WHO },
        rollouts::Error::NoSuchChange(CHANGE),
    ];
    of_flags.into_iter().map(Error::from).chain(of_rollouts.into_iter().map(Error::from))
}
