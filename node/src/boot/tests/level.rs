//! Stories of builds that know another level than they should (ROLLOUTS 3.3).

use super::*;
use runtime::LEVEL;
use state::Item;

/// Where the chain has come to a level, and the first release may still run.
fn raised_to(level: u32, state: &mut State) {
    let minimum = releases::MinimumStep { sequence: 1, effective_epoch: Epoch(0) };
    let reason = Reason::new("what came before stops").unwrap();
    apply(&Event::MinimumSequenceRaised { minimum: minimum.into(), level, reason }, state);
}

fn decided_over(change: impl Fn(&mut State)) -> (Decision, String) {
    let (_dir, home) = home();
    let genesis = genesis(|_| {});
    drop(chain(&home, &genesis, 4, change));
    decide(&home, &genesis)
}

#[test]
fn a_build_that_knows_another_level_than_its_release_says_does_not_run() {
    let saying = |level| decided_over(change_release(move |release| release.manifest.level = Some(level)));
    assert_eq!(saying(LEVEL).0, Decision::Run);
    for other in [LEVEL - 1, LEVEL + 1] {
        let (decision, reason) = saying(other);
        assert_eq!((decision, decision.exit_code()), (Decision::LevelDiffers, 13), "{reason}");
        assert!(reason.contains(&format!("approved as one that knows level {other};")), "{reason}");
    }
}

#[test]
fn a_build_that_knows_less_than_is_in_force_does_not_run_and_another_is_not_judged_by_what_this_one_knows() {
    assert_eq!(decided_over(|state| raised_to(LEVEL, state)).0, Decision::Run);
    let (decision, reason) = decided_over(|state| raised_to(LEVEL + 1, state));
    assert_eq!(decision, Decision::LevelDiffers);
    assert!(reason.contains(&format!("level {} is in force in epoch 0", LEVEL + 1)), "{reason}");

    let (_dir, home) = home();
    let genesis = genesis(|g| g.chain.level = LEVEL + 1);
    let config = Config::default();
    let report = examine(&home, &config, &genesis, Access::ReadOnly, None).unwrap().report;
    assert_eq!((report.decision, report.code.as_deref()), (Decision::LevelDiffers, Some("E_LEVEL")), "by genesis");
    let judged = may_run(&home, &config, &genesis, measure().unwrap()).unwrap();
    assert_eq!(judged.decision, Decision::Run, "{}: a build that is about to be executed judges itself", judged.reason);
}

#[test]
fn what_a_newer_network_wrote_and_this_build_cannot_read_is_not_called_damaged() {
    let unreadable = |state: &mut State| Item::<u8>::new("releases/minimum_sequence").set(state, &0xff);
    assert_eq!(decided_over(unreadable).0, Decision::StoreDamaged);
    let (decision, reason) = decided_over(|state| {
        raised_to(LEVEL + 1, state);
        unreadable(state);
    });
    assert_eq!(decision, Decision::LevelDiffers);
    assert!(reason.contains("cannot read all of it") && !reason.contains("damaged"), "{reason}");
}
