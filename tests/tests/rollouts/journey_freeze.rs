//! While mainnet is entered everything stands still but what stops something, and that has an end, whatever anybody does (ROLLOUTS 7.6).

use crate::evidence::{BUILD, FIRST_BUILD, holder_of};
use crate::founding::Founding;
use crate::guest;
use crate::made::{brought, kinds};
use crate::motions::{aborts, amends, hands_over, role_key};
use crate::network::{DAY, HOUR, Network, SECOND, chain_plan, name};
use crate::people::{
    Asked, commander, demotes, disables, member, passed, pauses, promotes, sets, sre_lead, steward, stranger,
};
use crate::walk::{NOTICE, canary};
use flags::Gate;
use governance::{Choice, TrackName};
use primitives::{ChangeId, List, Timestamp};
use rollouts::Event;
use rollouts::change::{ChangeState, EndedWhy};
use rollouts::queries::ChangeLabel;
use rollouts::standing::ThawedWhy;
use rollouts::statement::{Statement, StatementSubject};
use runtime::testing::{cancel, propose_on, resign, revoke, validator};

/// How long the announced windows of these stories are. They lie within one of those that canary has every week.
const WINDOW: u64 = 2 * HOUR;
/// How long a freeze lasts at most once mainnet was entered.
const LONGEST_FREEZE: u64 = 72 * HOUR;

/// A network at canary, and a promotion to mainnet that is agreed to and waits for its window.
struct Awaited {
    network: Network,
    promotion: ChangeId,
    /// When the window begins: a Wednesday at nine.
    from: Timestamp,
}

impl Awaited {
    fn by(founding: &Founding) -> Self {
        let mut network = founding.network();
        network.release();
        network.begin(8);
        let promotion = network.submitted(commander().submits(promotes("mainnet", BUILD)));
        let from = network.window_of("canary").plus(NOTICE);
        network.granted(commander().announces(promotion, from, from.plus(WINDOW)));
        network.agreed(promotion);
        network.outwait_stake(promotion);
        Self { network, promotion, from }
    }

    /// Up to a moment before the window begins: the chain stands until then, so that nothing that was said becomes too old.
    fn stand_until(&mut self, before_ms: u64) {
        let time = self.from.minus(before_ms);
        self.network.stand(time.0 - self.network.at.time.0);
    }

    /// The window has begun in the newest block.
    fn begun(mut self) -> Self {
        self.stand_until(0);
        assert_eq!(self.network.frozen(), Some(self.promotion));
        self
    }

    /// Mainnet was entered in the second block of the window.
    fn entered(self) -> (Network, ChangeId) {
        let Self { mut network, promotion, .. } = self.begun();
        network.granted(commander().executes(promotion));
        assert_eq!(network.standing(), ("mainnet".to_owned(), promotion));
        assert_eq!((network.frozen(), network.label(promotion)), (Some(promotion), ChangeLabel::Frozen));
        (network, promotion)
    }
}

/// Mainnet, just entered from a canary in which four validators have the same stake.
fn entered() -> (Network, ChangeId) {
    Awaited::by(&canary()).entered()
}

fn executed_at(network: &Network, change: ChangeId) -> u64 {
    network.progress(change).executed.unwrap().running
}

/// The thaw of a change among some events, and why.
fn thaws(events: &[Event]) -> Vec<(ChangeId, ThawedWhy)> {
    let thaws = events.iter().filter_map(|event| match event {
        Event::Thawed { change, why, .. } => Some((*change, *why)),
        _ => None,
    });
    thaws.collect()
}

#[test]
fn from_the_first_millisecond_of_the_window_on_nothing_new_is_asked_of_the_network() {
    let mut awaited = Awaited::by(&canary());
    let network = &mut awaited.network;
    let cohort = network.approved(sets(vec![network.joining("canary_witnesses", &[1])]));
    network.outwait_stake(cohort);
    awaited.stand_until(1);
    let Awaited { mut network, promotion, .. } = awaited;
    assert_eq!((network.frozen(), network.label(promotion)), (None, ChangeLabel::Scheduled));
    network.block(1, &[]);
    assert_eq!(network.frozen(), Some(promotion));

    network.refused(network.proposes_a_build(TrackName::Routine), "E_FROZEN");
    for track in [TrackName::Routine, TrackName::Expedited] {
        network.refused((validator(0), propose_on(track, amends())), "E_FROZEN");
    }
    let pruning = network.setting("pruning", false);
    for draft in [promotes("mainnet", BUILD), demotes("testnet", None), sets(vec![pruning.clone()])] {
        network.refused(commander().submits(draft), "E_FROZEN");
    }
    network.refused(member(0).submits(sets(vec![pruning])), "E_FROZEN");
    network.refused(commander().executes(cohort), "E_FROZEN");
    assert_eq!(network.frozen(), Some(promotion));
}

#[test]
fn nothing_that_stops_something_or_tells_of_it_stands_still() {
    let mut awaited = Awaited::by(&canary());
    let network = &mut awaited.network;
    network.granted(guest::installs());
    let pruning = sets(vec![network.setting("pruning", false)]);
    let taken_back = network.submitted(commander().submits(pruning.clone()));
    let stopped = network.submitted(commander().submits(pruning));
    let Awaited { mut network, promotion, from } = awaited.begun();
    network.reach_place(2);

    // A proposal of what is urgent, as the plan says; what stops that, a build, or a change; and who has a role.
    network.granted(network.proposes_a_build(TrackName::Expedited));
    let build = governance::queries::latest(&network.state());
    let give = hands_over("security_steward", &stranger(1));
    for (index, motion) in [(1, cancel(build.0)), (2, revoke(&[FIRST_BUILD])), (3, give)] {
        network.granted((validator(index), propose_on(TrackName::Expedited, motion)));
    }
    // Emergencies, and what comes of them.
    let emergency = network.submitted(commander().submits(disables(&["reconstruction"], "LIVENESS")));
    assert!(!network.is_on(Gate::Reconstruction));
    assert_eq!(kinds(&network.council(emergency, 2, Choice::Yes).facts), ["met"]);
    network.granted(member(0).states(passed("mitigation", StatementSubject::Change(emergency))));
    network.granted(commander().closes(emergency));
    let pause = network.submitted(sre_lead().submits(pauses()));
    network.granted(sre_lead().closes(pause));
    // Votes, words, what nodes say of themselves, and taking something back.
    network.granted(member(0).votes(network.poll(stopped), Choice::Yes));
    network.granted(sre_lead().states(passed("preflight.network_churn", StatementSubject::Stage(name("mainnet")))));
    network.granted(network.advertises(0));
    network.granted(commander().withdraws(taken_back));
    // Another plan.
    let flip = guest::flips(&network, 1).remove(0);
    network.granted(flip);
    // What the stake decides is carried out.
    network.stake_decides(aborts(stopped));
    assert_eq!(network.progress(stopped).state, ChangeState::Ended { why: EndedWhy::Aborted });
    assert!(network.at.time < from.plus(WINDOW));
    assert_eq!(network.frozen(), Some(promotion), "all of that happened in the freeze");
}

#[test]
fn a_window_in_which_nothing_is_carried_out_ends_it_and_it_does_not_begin_again() {
    let Awaited { mut network, promotion, from } = Awaited::by(&canary()).begun();
    network.wait_until(from.plus(WINDOW - 1));
    assert_eq!(network.frozen(), Some(promotion));
    let events = network.block(1, &[]).brought();
    assert_eq!((thaws(&events), network.frozen()), (vec![(promotion, ThawedWhy::WindowOver)], None));
    network.refused(commander().executes(promotion), "E_WINDOW");
    network.granted(network.proposes_a_build(TrackName::Routine));

    let again = network.window_of("canary").plus(NOTICE);
    network.granted(commander().announces(promotion, again, again.plus(WINDOW)));
    network.refused(commander().announces(promotion, again, again.plus(WINDOW)), "E_WINDOW");
    network.stand(again.0 - network.at.time.0);
    assert_eq!(network.frozen(), None, "it does not begin again for the same change");
    network.answer(promotion);
    network.granted(commander().executes(promotion));
    assert_eq!((network.standing().1, network.frozen()), (promotion, None));
}

#[test]
fn the_readiness_audit_ends_it_and_what_is_still_missing_keeps_the_change_open_alone() {
    let (mut network, promotion) = entered();
    assert!(network.is_on(Gate::WitnessNetwork) && network.gates().is_on_for_all(Gate::TimetokeRewards));
    network.wait(WINDOW);
    assert_eq!(network.frozen(), Some(promotion), "its window is over, and it is not");
    network.refused(commander().submits(sets(vec![network.setting("pruning", false)])), "E_FROZEN");
    network.refused(network.proposes_a_build(TrackName::Routine), "E_FROZEN");

    // Its own steps go on, unless somebody pauses them.
    let pause = network.submitted(sre_lead().submits(pauses()));
    network.refused(commander().steps(promotion, "confirm"), "E_PAUSED");
    network.granted(sre_lead().closes(pause));
    network.granted(commander().steps(promotion, "confirm"));

    network.answer_only(promotion, &["close.audit"]);
    assert_eq!(network.frozen(), Some(promotion), "it is heard by the next block");
    let events = network.block(SECOND, &[]).brought();
    assert_eq!((thaws(&events), network.frozen()), (vec![(promotion, ThawedWhy::Met)], None));
    network.refused(commander().closes(promotion), "E_DUTY");
    network.granted(network.proposes_a_build(TrackName::Routine));
    network.granted(commander().submits(sets(vec![network.setting("pruning", false)])));
}

#[test]
fn whoever_says_nothing_ends_it_by_that_after_seventy_two_hours() {
    let (mut network, promotion) = entered();
    let end = executed_at(&network, promotion) + LONGEST_FREEZE;
    let told = brought(&network.run_until(end - 1));
    // What the chain measures by itself is met meanwhile, and nothing else is.
    assert!(
        matches!(
            told.as_slice(),
            [Event::Met { check: measured, .. }, Event::Missed { check, .. }]
                if measured.as_str() == "mainnet.profile" && check.as_str() == "close.audit"
        ),
        "{told:?}"
    );
    assert_eq!(network.frozen(), Some(promotion));
    let events = network.block(1, &[]).brought();
    assert_eq!((thaws(&events), network.frozen()), (vec![(promotion, ThawedWhy::TimeOver)], None));
    assert_eq!(network.label(promotion), ChangeLabel::AuditOverdue, "that is still owed");
    network.granted(network.proposes_a_build(TrackName::Routine));
    network.granted(commander().submits(sets(vec![network.setting("pruning", false)])));
}

#[test]
fn closing_the_change_ends_it_in_that_block() {
    let (mut network, promotion) = entered();
    let executed = network.progress(promotion).executed.unwrap();
    network.run_until(executed.running + DAY);
    network.advertise_all();
    let about = || StatementSubject::Change(promotion);
    let sections = &chain_plan().plan.stage(&name("mainnet")).unwrap().release_checks;
    let signed = sections.iter().map(|section| {
        let refs = List::truncate_from(vec![section.anchor.clone()]);
        let owner = holder_of(section.owner.as_ref().unwrap());
        owner.states(Statement { refs, ..passed("close.release_checks", about()) })
    });
    let mut asked: Vec<Asked> = signed.collect();
    let watched = Statement { began: Some(executed.time), ..passed("mainnet.monitored", about()) };
    asked.push(sre_lead().states(watched));
    asked.push(sre_lead().states(passed("close.recovery", about())));
    asked.push(commander().states(passed("close.audit", about())));
    assert_eq!(network.frozen(), Some(promotion), "its audit is late, and it is not over");
    asked.push(commander().closes(promotion));
    network.all_granted(&asked);
    assert_eq!((network.label(promotion), network.frozen()), (ChangeLabel::Closed, None));
    assert_eq!(network.block(SECOND, &[]).brought(), []);
    network.granted(network.proposes_a_build(TrackName::Routine));
}

#[test]
fn the_stake_ends_the_freeze_of_what_is_carried_out_and_the_change_that_is_not() {
    let (mut network, promotion) = entered();
    let events = brought(&network.stake_decides(aborts(promotion)));
    assert_eq!((thaws(&events), network.frozen()), (vec![(promotion, ThawedWhy::Aborted)], None));
    assert_eq!(network.progress(promotion).state, ChangeState::Active, "what it did stands, and is still audited");
    network.refused(commander().closes(promotion), "E_DUTY");

    let Awaited { mut network, promotion, .. } = Awaited::by(&canary()).begun();
    network.stake_decides(aborts(promotion));
    assert_eq!((network.label(promotion), network.frozen()), (ChangeLabel::Aborted, None));
    network.refused(commander().executes(promotion), "E_STATE");
    network.granted(network.proposes_a_build(TrackName::Routine));
}

#[test]
fn more_than_a_tenth_of_the_stake_that_never_advertises_does_not_hold_it() {
    let founding = canary().bonds([1_000_000, 1_000_000, 1_000_000, 400_000]);
    let (mut network, promotion) = Awaited::by(&founding).entered();
    network.advertise(&[0, 1, 2]);
    network.answer_only(promotion, &["close.audit"]);
    network.block(SECOND, &[]);
    assert_eq!(network.frozen(), None);
    let duties = network.duties(promotion);
    let fleet = duties.findings.iter().find(|finding| finding.key.as_str() == "close.fleet").unwrap();
    assert_eq!(
        (fleet.state.is_settled(), fleet.missing.as_slice()),
        (false, [validator(3).account().to_string()].as_slice())
    );
    network.refused(commander().closes(promotion), "E_DUTY");
    network.granted(network.proposes_a_build(TrackName::Routine));
}

#[test]
fn the_only_commander_does_not_go_in_it_and_one_that_is_lost_is_replaced() {
    let (mut network, promotion) = entered();
    let role = "release_commander";
    network.refused((commander().key, resign(role_key(role))), "E_LAST_MEMBER");
    network.stake_decides(hands_over(role, &stranger(0)));
    assert_eq!(network.frozen(), Some(promotion), "in the freeze");
    network.refused(commander().steps(promotion, "confirm"), "E_ROLE");
    network.refused(steward().steps(promotion, "confirm"), "E_ROLE");
    network.granted(stranger(0).steps(promotion, "confirm"));
    network.granted(stranger(0).states(passed("close.audit", StatementSubject::Change(promotion))));
    network.block(SECOND, &[]);
    assert_eq!(network.frozen(), None);
}

#[test]
fn all_roles_together_do_not_pass_it() {
    let (mut network, promotion) = entered();
    let everybody = [commander(), sre_lead(), steward(), member(0), member(1), member(2)];
    let pruning = network.setting("pruning", false);
    let drafts = [demotes("canary", None), sets(vec![pruning])];
    let mut codes = Vec::new();
    for who in &everybody {
        for role in ["release_commander", "governance_council", "sre_lead", "security_steward"] {
            let asked = drafts.iter().map(|draft| who.acting_as(role).submits(draft.clone()));
            let asked: Vec<Asked> = asked.collect();
            codes.extend(network.block(SECOND, &asked).codes());
        }
    }
    let frozen = codes.iter().filter(|code| **code == "E_FROZEN").count();
    let foreign = codes.iter().filter(|code| **code == "E_ROLE").count();
    assert_eq!(
        (frozen, frozen + foreign),
        (8, codes.len()),
        "the commander and three members have the grants: {codes:?}"
    );
    assert_eq!(network.frozen(), Some(promotion));
}
