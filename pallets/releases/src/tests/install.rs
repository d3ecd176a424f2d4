//! Stories of what nodes say about builds. ANN, BEN and CLO decide blocks with 40, 40 and 20 power; DAN does not.

use super::*;
use crate::queries::{receipts, rollout, running, stages};
use crate::{InstallStage, Receipt, StageCount, StageName, StageReport};
use staking::{Validator, ValidatorSet};
use state::Told as _;

const BEN: AccountId = AccountId([8; 32]);
const CLO: AccountId = AccountId([9; 32]);
const DAN: AccountId = AccountId([10; 32]);

/// A world with validators, whose release 2 is `NEW`.
fn settled(memory: &Memory) -> State<'_> {
    let mut state = world(memory);
    let members = [(ANN, 40), (BEN, 40), (CLO, 20)].map(|(account, power)| Validator { account, power: Amount(power) });
    let set = ValidatorSet::strongest(members.to_vec(), 3);
    elect(&mut state, &set);
    enact(&mut state, 3, vote(NEW, &[0, 1])).unwrap();
    state
}

fn rolled_back() -> InstallStage {
    InstallStage::RolledBack { reason: Text::new("no block in 60 s").unwrap() }
}

fn unusable() -> InstallStage {
    InstallStage::Unusable { reason: Text::new("needs a newer C library").unwrap() }
}

fn say(state: &mut State, epoch: u64, node: AccountId, hash: BuildHash, stage: InstallStage) -> Result<Event, Error> {
    let event = Call::RecordInstall { build_hash: hash, stage }.decide(state, at(epoch), node)?;
    event.apply(state, at(0));
    Ok(event)
}

fn stage_of(state: &State, hash: BuildHash, node: AccountId) -> StageReport {
    stages(state, &hash).find(|(who, _)| *who == node).unwrap().1
}

#[test]
fn a_receipt_counts_once_per_build_node_and_epoch() {
    let memory = Memory::default();
    let mut state = world(&memory);
    let booted = InstallStage::Booted;
    assert_eq!(say(&mut state, 1, ANN, NEW, booted.clone()), Err(Error::NotApproved(NEW)));
    for epoch in [1, 2, 5] {
        say(&mut state, epoch, ANN, FIRST, booted.clone()).unwrap();
        let again = say(&mut state, epoch, ANN, FIRST, booted.clone());
        let (stage, epoch) = (StageName::Booted, Epoch(epoch));
        assert_eq!(again, Err(Error::AlreadyRecorded { build_hash: FIRST, stage, epoch }));
    }
    say(&mut state, 5, BEN, FIRST, booted).unwrap();
    let seen: Vec<_> = receipts(&state, &FIRST).collect();
    assert_eq!(seen[0], (ANN, Receipt { first: at(1), last: at(5), count: 3 }));
    assert_eq!(seen[1].1.count, 1);
}

#[test]
fn a_node_says_each_stage_once_an_epoch_and_stands_at_the_latest() {
    let memory = Memory::default();
    let mut state = settled(&memory);
    let way = [InstallStage::Staged, InstallStage::Booted, rolled_back(), unusable(), InstallStage::Healthy];
    for stage in &way {
        say(&mut state, 4, ANN, NEW, stage.clone()).unwrap();
        assert_eq!((stage_of(&state, NEW, ANN).stage, stage_of(&state, NEW, ANN).at), (stage.clone(), at(4)));
    }
    for stage in &way {
        let refused = Error::AlreadyRecorded { build_hash: NEW, stage: stage.name(), epoch: Epoch(4) };
        assert_eq!(say(&mut state, 4, ANN, NEW, stage.clone()), Err(refused));
    }
    let other_words = InstallStage::Unusable { reason: Text::default() };
    assert!(say(&mut state, 4, ANN, NEW, other_words.clone()).is_err(), "another reason is the same stage");
    say(&mut state, 5, ANN, NEW, other_words.clone()).unwrap();
    assert_eq!(stage_of(&state, NEW, ANN).stage, other_words);
    assert_eq!(stages(&state, &NEW).count(), 1);
}

#[test]
fn only_a_boot_is_an_install() {
    let memory = Memory::default();
    let mut state = settled(&memory);
    for stage in [InstallStage::Staged, InstallStage::Healthy, rolled_back(), unusable()] {
        let event = say(&mut state, 4, ANN, NEW, stage.clone()).unwrap();
        let report = stage_of(&state, NEW, ANN);
        assert_eq!((&report.stage, report.at), (&stage, at(4)));
        let running = (stage == InstallStage::Healthy).then_some(NEW);
        assert_eq!(event, Event::Reported { build_hash: NEW, node: ANN, report, running });
    }
    assert_eq!(receipts(&state, &NEW).count(), 0);
    let refused = say(&mut state, 4, ANN, NEWER, InstallStage::Staged);
    assert_eq!(refused, Err(Error::NotApproved(NEWER)), "a build that was never approved");
}

#[test]
fn h05_t29_a_boot_that_warns_is_an_install_and_keeps_its_warning() {
    let memory = Memory::default();
    let mut state = settled(&memory);
    let reason = Text::new("E_UPDATER_HASH: nobody approved the supervisor").unwrap();
    let unsafely = InstallStage::BootedUnsafely { reason: reason.clone() };
    assert_eq!((unsafely.name(), unsafely.reason()), (StageName::Booted, Some(&reason)));
    let event = say(&mut state, 4, ANN, NEW, unsafely.clone()).unwrap();
    assert!(matches!(event, Event::Installed { .. }) && event.sentence().contains("E_UPDATER_HASH"), "{event:?}");
    assert_eq!(receipts(&state, &NEW).collect::<Vec<_>>(), [(ANN, Receipt { first: at(4), last: at(4), count: 1 })]);
    assert_eq!(stage_of(&state, NEW, ANN).stage, unsafely);
    assert_eq!(running(&state, &ANN), Some(NEW));
    let again = say(&mut state, 4, ANN, NEW, InstallStage::Booted);
    assert!(matches!(again, Err(Error::AlreadyRecorded { .. })), "one boot an epoch, with or without a warning");
}

#[test]
fn a_node_runs_what_it_booted_until_it_says_that_it_failed() {
    let memory = Memory::default();
    let mut state = settled(&memory);
    say(&mut state, 4, ANN, FIRST, InstallStage::Booted).unwrap();
    say(&mut state, 4, ANN, NEW, InstallStage::Staged).unwrap();
    assert_eq!(running(&state, &ANN), Some(FIRST), "what is staged does not run");
    say(&mut state, 4, ANN, NEW, InstallStage::Booted).unwrap();
    assert_eq!(running(&state, &ANN), Some(NEW));
    say(&mut state, 4, ANN, NEW, rolled_back()).unwrap();
    assert_eq!(running(&state, &ANN), None);
    say(&mut state, 4, ANN, FIRST, InstallStage::Healthy).unwrap();
    assert_eq!(running(&state, &ANN), Some(FIRST), "although its boot was on record before");
    say(&mut state, 4, ANN, NEW, unusable()).unwrap();
    assert_eq!(running(&state, &ANN), Some(FIRST), "another build's failure");
}

#[test]
fn t20_the_stake_on_which_a_build_failed_is_counted_by_the_latest_word_of_each_validator() {
    let memory = Memory::default();
    let mut state = settled(&memory);
    assert_eq!(rollout(&state, &NEW, Epoch(4)).failed_stake, Amount(0));
    say(&mut state, 4, ANN, NEW, rolled_back()).unwrap();
    say(&mut state, 4, BEN, NEW, InstallStage::Healthy).unwrap();
    say(&mut state, 4, CLO, NEW, unusable()).unwrap();
    say(&mut state, 4, DAN, NEW, unusable()).unwrap();
    say(&mut state, 4, DAN, FIRST, InstallStage::Booted).unwrap();
    let seen = rollout(&state, &NEW, Epoch(4));
    let count = |nodes, stake| StageCount { nodes, stake: Amount(stake) };
    assert_eq!((seen.staged, seen.booted, seen.healthy), (count(0, 0), count(0, 0), count(1, 40)));
    assert_eq!((seen.rolled_back, seen.unusable), (count(1, 40), count(2, 20)), "no stake, no weight");
    assert_eq!((seen.failed_stake, seen.total_stake), (Amount(60), Amount(100)));
    say(&mut state, 5, ANN, NEW, InstallStage::Booted).unwrap();
    assert_eq!(rollout(&state, &NEW, Epoch(5)).failed_stake, Amount(20), "it was tried again and runs");
}
