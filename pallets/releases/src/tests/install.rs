//! Stories of what nodes say about builds. ANN, BEN and CLO decide blocks with 40, 40 and 20 power; DAN does not, and has a stake of
//! 10, as much as it takes to report.

use super::*;
use crate::queries::{installs, listed, listed_count, may_report, node, node_count, receipt, running, stage, uptake};
use crate::{Installs, MAX_INSTALL_TIMES, Receipt, StageCount, StageName, StageNodes, StageReport};
use state::Told as _;

const DAN: AccountId = AccountId([10; 32]);

/// A world with validators, whose release 2 is `NEW`.
fn settled(memory: &Memory) -> State<'_> {
    let mut state = decided(memory);
    bond(&mut state, DAN, 10, 1);
    enact(&mut state, 3, vote(NEW, &[0, 1])).unwrap();
    state
}

/// An account bonds to a validator, from an epoch on.
fn bond(state: &mut State, who: AccountId, amount: u64, from: u64) {
    let (validator, amount, from_epoch, remembered_from) = (ANN, Amount(amount), Epoch(from), Epoch(0));
    staking::Event::Bonded { who, validator, amount, from_epoch, remembered_from }.apply(state, at(0));
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
    stage(state, &hash, &node).unwrap()
}

#[test]
fn a_receipt_counts_once_per_build_node_and_epoch() {
    let memory = Memory::default();
    let mut state = settled(&memory);
    let booted = InstallStage::Booted;
    assert_eq!(say(&mut state, 1, ANN, NEWER, booted.clone()), Err(Error::NotApproved(NEWER)));
    for epoch in [1, 2, 5] {
        say(&mut state, epoch, ANN, FIRST, booted.clone()).unwrap();
        let again = say(&mut state, epoch, ANN, FIRST, booted.clone());
        let (stage, epoch) = (StageName::Booted, Epoch(epoch));
        assert_eq!(again, Err(Error::AlreadyRecorded { build_hash: FIRST, stage, epoch }));
    }
    say(&mut state, 5, BEN, FIRST, booted).unwrap();
    let of_ann = Receipt { first: at(1).position(), last: at(5).position(), count: 3 };
    assert_eq!(receipt(&state, &FIRST, &ANN), Some(of_ann));
    assert_eq!(receipt(&state, &FIRST, &BEN).unwrap().count, 1);
}

#[test]
fn a_node_says_each_stage_once_an_epoch_and_stands_at_the_latest() {
    let memory = Memory::default();
    let mut state = settled(&memory);
    let way = [
        InstallStage::Held,
        InstallStage::Staged,
        InstallStage::Booted,
        rolled_back(),
        unusable(),
        InstallStage::Healthy,
    ];
    for stage in &way {
        say(&mut state, 4, ANN, NEW, stage.clone()).unwrap();
        assert_eq!(
            (stage_of(&state, NEW, ANN).stage, stage_of(&state, NEW, ANN).at),
            (stage.clone(), at(4).position())
        );
    }
    for stage in &way {
        let refused = Error::AlreadyRecorded { build_hash: NEW, stage: stage.name(), epoch: Epoch(4) };
        assert_eq!(say(&mut state, 4, ANN, NEW, stage.clone()), Err(refused));
    }
    let other_words = InstallStage::Unusable { reason: Text::default() };
    assert!(say(&mut state, 4, ANN, NEW, other_words.clone()).is_err(), "another reason is the same stage");
    say(&mut state, 5, ANN, NEW, other_words.clone()).unwrap();
    assert_eq!(stage_of(&state, NEW, ANN).stage, other_words);
    assert_eq!(node_count(&state, &NEW), 1);
}

#[test]
fn only_a_boot_is_an_install() {
    let memory = Memory::default();
    let mut state = settled(&memory);
    for stage in [InstallStage::Held, InstallStage::Staged, InstallStage::Healthy, rolled_back(), unusable()] {
        let event = say(&mut state, 4, ANN, NEW, stage.clone()).unwrap();
        let report = stage_of(&state, NEW, ANN);
        assert_eq!((&report.stage, report.at), (&stage, at(4).position()));
        let running = (stage == InstallStage::Healthy).then_some(NEW);
        let nodes = StageNodes::default().moved(None, stage.name());
        assert_eq!(event, Event::Reported { build_hash: NEW, node: ANN, report, running, nodes });
    }
    assert_eq!(receipt(&state, &NEW, &ANN), None);
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
    let once = Receipt { first: at(4).position(), last: at(4).position(), count: 1 };
    assert_eq!(receipt(&state, &NEW, &ANN), Some(once));
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
    assert_eq!(uptake(&state, &NEW, Epoch(4)).failed_stake, Amount(0));
    say(&mut state, 4, ANN, NEW, rolled_back()).unwrap();
    say(&mut state, 4, BEN, NEW, InstallStage::Healthy).unwrap();
    say(&mut state, 4, CLO, NEW, unusable()).unwrap();
    say(&mut state, 4, DAN, NEW, unusable()).unwrap();
    say(&mut state, 4, DAN, FIRST, InstallStage::Booted).unwrap();
    let seen = uptake(&state, &NEW, Epoch(4));
    let count = |nodes, stake| StageCount { nodes, stake: Amount(stake) };
    assert_eq!((seen.staged, seen.booted, seen.healthy), (count(0, 0), count(0, 0), count(1, 40)));
    assert_eq!((seen.rolled_back, seen.unusable), (count(1, 40), count(2, 20)), "no validator, no weight");
    assert_eq!((seen.failed_stake, seen.total_stake), (Amount(60), Amount(100)));
    say(&mut state, 5, ANN, NEW, InstallStage::Booted).unwrap();
    assert_eq!(uptake(&state, &NEW, Epoch(5)).failed_stake, Amount(20), "it was tried again and runs");
}

#[test]
fn h06_the_word_of_who_has_nothing_at_stake_is_refused_and_leaves_nothing() {
    let memory = Memory::default();
    let mut state = settled(&memory);
    let eve = AccountId([11; 32]);
    bond(&mut state, eve, 9, 1);
    let refused = |have| Err(Error::NotReporter { have: Amount(have), need: Amount(10) });
    let stranger = AccountId([12; 32]);
    let all = [
        InstallStage::Held,
        InstallStage::Staged,
        InstallStage::Booted,
        InstallStage::Healthy,
        rolled_back(),
        unusable(),
    ];
    for stage in all {
        assert_eq!(say(&mut state, 4, stranger, NEW, stage.clone()), refused(0));
        assert_eq!(say(&mut state, 4, eve, NEW, stage), refused(9));
    }
    assert_eq!((node_count(&state, &NEW), installs(&state, &NEW).count), (0, 0));
    // What is bonded in an epoch is in force with the next.
    bond(&mut state, eve, 1, 5);
    assert_eq!(say(&mut state, 4, eve, NEW, InstallStage::Booted), refused(9));
    assert_eq!([4, 5].map(|epoch| may_report(&state, Epoch(epoch), eve)), [false, true]);
    say(&mut state, 5, eve, NEW, InstallStage::Booted).unwrap();
    // A validator's word counts, however little it has bonded itself.
    assert_eq!(staking::queries::stake_at(&state, &CLO, Epoch(5)), Amount(0));
    say(&mut state, 5, CLO, NEW, InstallStage::Booted).unwrap();
    assert_eq!(node_count(&state, &NEW), 2);
}

#[test]
fn h06_nodes_are_numbered_as_they_first_speak_and_counted_where_they_stand() {
    let memory = Memory::default();
    let mut state = settled(&memory);
    let way = [(BEN, rolled_back()), (ANN, InstallStage::Staged), (BEN, InstallStage::Healthy), (DAN, unusable())];
    for (who, stage) in way {
        say(&mut state, 4, who, NEW, stage).unwrap();
    }
    let numbered: Vec<_> = (1..=node_count(&state, &NEW)).map(|number| node(&state, &NEW, number).unwrap()).collect();
    assert_eq!(numbered.iter().map(|(who, _)| *who).collect::<Vec<_>>(), [BEN, ANN, DAN]);
    assert_eq!(numbered.iter().map(|(_, report)| report.number).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(numbered[0].1.stage, InstallStage::Healthy, "what it said last");
    let seen = uptake(&state, &NEW, Epoch(4));
    assert_eq!(seen.stages().map(|(_, count)| count.nodes), [0, 1, 0, 1, 0, 1]);
    assert_eq!(node(&state, &NEW, 4), None);
}

#[test]
fn h06_of_the_installs_of_a_build_the_latest_times_are_kept_and_all_are_counted() {
    let mut installs = Installs::default();
    let many = u64::from(MAX_INSTALL_TIMES) + 50;
    (1..=many).for_each(|time| installs.add(Timestamp(time)));
    assert_eq!((installs.count, installs.latest.len() as u64), (many, u64::from(MAX_INSTALL_TIMES)));
    assert_eq!((installs.latest.first(), installs.latest.last()), (Some(&Timestamp(51)), Some(&Timestamp(many))));
    assert!(installs.latest.is_sorted());
}

#[test]
fn h06_builds_are_listed_by_the_order_of_their_releases_and_by_proposer() {
    let memory = Memory::default();
    let mut state = settled(&memory);
    let other = AttestedTarget { target: target(NEWER), signatures: attested(&[0, 1], NEWER) };
    let third = BuildHash([3; 32]);
    let manifest = Manifest { other_targets: List::truncate_from(vec![other]), ..Manifest::default() };
    let both = ReleaseVote { manifest: signed(manifest, third, &[0, 1]), ..vote(third, &[0, 1]) };
    enact(&mut state, 4, both).unwrap();
    let all = |of: Option<&AccountId>| -> Vec<BuildHash> {
        (1..=listed_count(&state, of)).map(|number| listed(&state, of, number).unwrap()).collect()
    };
    assert_eq!(all(None), [FIRST, NEW, NEWER, third], "read from the end, the first build of a release comes first");
    assert_eq!(all(Some(&ANN)), [NEW, NEWER, third], "nobody proposed that of genesis");
    assert!(all(Some(&BEN)).is_empty());
}
