//! A pause: one key stops what goes on, for a day, or for as long as the council agrees (ROLLOUTS 7.4, 7.6 and 7.7).

use crate::evidence::FIRST_BUILD;
use crate::founding::Founding;
use crate::guest;
use crate::made::{brought, code, kinds};
use crate::network::{DAY, HOUR, Network, PLAN, SECOND, name};
use crate::people::{Person, commander, demotes, disables, member, passed, pauses, promotes, sets, sre_lead, steward};
use governance::{Choice, Status, TrackName};
use primitives::ChangeId;
use rollouts::Event;
use rollouts::change::ChangeState;
use rollouts::plan::Missed;
use rollouts::queries::{self, ChangeLabel};
use rollouts::statement::StatementSubject;
use runtime::testing::validator;

/// A network at testnet that somebody has paused, and whose council is asked about that.
fn paused_by(who: &Person) -> (Network, ChangeId) {
    let mut network = Founding::at("testnet").network();
    let pause = network.submitted(who.submits(pauses()));
    assert_eq!((network.paused(), network.label(pause)), (Some(pause), ChangeLabel::Paused));
    (network, pause)
}

#[test]
fn what_is_asked_and_carried_out_stops_and_no_emergency_no_vote_and_no_word_does() {
    let mut network = Founding::at("testnet").network();
    let reconstruction = sets(vec![network.setting("reconstruction", false)]);
    let approved = network.approved(reconstruction.clone());
    let open = network.submitted(commander().submits(reconstruction));
    network.outwait_stake(approved);
    let window = network.window_of("testnet");
    network.wait_until(window);
    let pause = network.submitted(sre_lead().submits(pauses()));
    assert_eq!((network.paused(), network.label(pause)), (Some(pause), ChangeLabel::Paused));

    let back = demotes("development", Some(validator(1).account()));
    for draft in [promotes("canary", FIRST_BUILD), back, sets(vec![network.setting("pruning", false)])] {
        network.refused(commander().submits(draft), "E_PAUSED");
    }
    network.refused(commander().executes(approved), "E_PAUSED");

    let emergency = network.submitted(commander().submits(disables(&["pruning"], "SAFETY")));
    assert_eq!(kinds(&network.council(emergency, 2, Choice::Yes).facts), ["met"]);
    network.granted(member(0).states(passed("mitigation", StatementSubject::Change(emergency))));
    network.granted(commander().closes(emergency));
    network.granted(member(0).votes(network.poll(open), Choice::Yes));
    network.granted(sre_lead().states(passed("preflight.network_churn", StatementSubject::Stage(name("testnet")))));
    network.granted(commander().withdraws(open));
    network.granted(network.proposes_a_build(TrackName::Routine));
    assert_eq!(network.paused(), Some(pause), "all of that happened in the pause");

    network.granted(sre_lead().closes(pause));
    assert_eq!((network.paused(), network.label(pause)), (None, ChangeLabel::Closed));
    network.granted(commander().executes(approved));
}

#[test]
fn one_that_is_not_ratified_ends_after_a_day_and_its_role_waits_for_as_long_as_it_lasted() {
    let (mut network, pause) = paused_by(&commander());
    network.stand(30 * HOUR);
    let end = network.progress(pause).executed.unwrap().running + DAY;
    assert_eq!(brought(&network.run_until(end - 1)), [], "a day is one in which the chain runs");
    assert_eq!(network.paused(), Some(pause));
    let events = network.block(1, &[]).brought();
    assert!(matches!(events.as_slice(), [Event::Missed { then: Missed::Restore, .. }]), "{events:?}");
    assert_eq!((network.paused(), network.progress(pause).state), (None, ChangeState::Reverted { by: pause }));
    assert_eq!(queries::emergencies(&network.state(), &name(PLAN), &commander().account()), 0);

    network.refused(commander().submits(pauses()), "E_PAUSED");
    let other = network.submitted(sre_lead().submits(pauses()));
    assert_eq!(network.paused(), Some(other), "another role may at once");
    network.granted(sre_lead().closes(other));
    network.run_until(end + DAY - 2);
    assert_eq!(code(&network.ask_after(1, commander().submits(pauses()))), "E_PAUSED");
    assert_eq!(code(&network.ask_after(1, commander().submits(pauses()))), "granted");
    assert_eq!(network.at.running, end + DAY);
}

#[test]
fn one_that_the_council_rejects_ends_in_that_block() {
    let (mut network, pause) = paused_by(&commander());
    assert_eq!(kinds(&network.council(pause, 2, Choice::No).facts), ["reverted"]);
    assert_eq!((network.paused(), network.label(pause)), (None, ChangeLabel::Reverted));
    network.granted(commander().submits(promotes("canary", FIRST_BUILD)));
}

#[test]
fn one_that_is_ratified_lasts_until_whoever_asked_for_it_closes_it() {
    let (mut network, pause) = paused_by(&sre_lead());
    let events = network.council(pause, 2, Choice::Yes).brought();
    assert!(matches!(events.as_slice(), [Event::Met { late: false, .. }]), "{events:?}");
    assert_eq!(brought(&network.wait(4 * DAY)), [], "longer than any freeze by a stage");
    assert_eq!((network.paused(), network.label(pause)), (Some(pause), ChangeLabel::Paused));
    network.refused(commander().submits(promotes("canary", FIRST_BUILD)), "E_PAUSED");
    network.refused(steward().closes(pause), "E_ROLE");
    network.refused(member(0).closes(pause), "E_ROLE");
    network.granted(sre_lead().closes(pause));
    assert_eq!((network.paused(), network.label(pause)), (None, ChangeLabel::Closed));
    network.refused(sre_lead().submits(pauses()), "E_PAUSED");
    network.wait(3 * DAY);
    network.refused(sre_lead().submits(pauses()), "E_PAUSED");
    network.wait(DAY + HOUR);
    network.granted(sre_lead().submits(pauses()));
}

#[test]
fn one_that_is_lifted_before_anybody_voted_leaves_nothing_to_ratify() {
    let (mut network, pause) = paused_by(&sre_lead());
    let poll = network.poll(pause);
    network.granted(commander().closes(pause));
    assert_eq!((network.paused(), network.label(pause)), (None, ChangeLabel::Closed));
    network.block(SECOND, &[]);
    assert_eq!(governance::queries::poll(&network.state(), poll).status, Status::Cancelled);
    let later = brought(&network.wait(DAY));
    assert!(!later.iter().any(|event| matches!(event, Event::Missed { .. } | Event::Reverted { .. })), "{later:?}");
}

#[test]
fn an_application_that_pauses_itself_stops_itself_and_nothing_else() {
    let mut network = Founding::at("testnet").network();
    network.granted(guest::installs());
    network.granted(guest::pauses());
    let flip = guest::flips(&network, 1).remove(0);
    network.refused(flip, "E_PAUSED");
    assert_eq!((network.paused(), network.frozen()), (None, None));
    network.granted(network.proposes_a_build(TrackName::Routine));
    network.granted(commander().submits(promotes("canary", FIRST_BUILD)));
    let pause = network.submitted(commander().submits(pauses()));
    network.granted(commander().closes(pause));
    let flip = guest::flips(&network, 1).remove(0);
    network.refused(flip, "E_PAUSED");
}
