//! Choruses: who may speak, by heads and by power, and after which announcement.

use super::scene::{ANN, BEN, CHANGE, DAN, Scene, asking, moment};
use crate::check::{Ask, Least};
use crate::statement::{ChorusRoll, StatementOutcome, StatementSubject};
use crate::storage::CHORUSES;
use crate::tally::accounts_in;
use crate::tests::sample::{list, name};
use crate::tests::verdict::word_about;
use crate::verdict::{EMPTY_SEGMENT, FindingState};
use flags::apply::{change_segment, make_segment};
use primitives::{AccountId, Fraction, Text};
use state::Memory;

fn chorus(segment: &str, least: Least, after_announced: bool) -> Ask {
    Ask::Chorus { segment: name(segment), least, after_announced }
}

fn share(numerator: u32, denominator: u32) -> Least {
    Least::Share(Fraction::new(numerator, denominator).unwrap())
}

fn says(scene: &mut Scene<'_>, who: AccountId, segment: &str, outcome: StatementOutcome) -> Result<(), crate::Error> {
    scene.says(who, segment, word_about("asked", StatementSubject::Change(CHANGE), outcome))
}

#[test]
fn a_share_of_validators_is_by_power_and_a_failure_is_a_yes_less() {
    let memory = Memory::default();
    let mut scene = Scene::with(&memory, [asking("asked", chorus("validators", share(7, 10), false))]);
    says(&mut scene, ANN, "validators", StatementOutcome::Passed).unwrap();
    let finding = scene.ask("asked");
    assert_eq!(
        (finding.state, finding.have.as_str()),
        (FindingState::Missing, "1 of 3 validators, with 50 percent of the power")
    );
    assert_eq!(finding.missing, [BEN.to_string(), DAN.to_string()]);
    says(&mut scene, DAN, "validators", StatementOutcome::Passed).unwrap();
    assert_eq!(scene.ask("asked").state, FindingState::Met);
    says(&mut scene, DAN, "validators", StatementOutcome::Failed).unwrap();
    assert_eq!(scene.ask("asked").state, FindingState::Missing);
}

#[test]
fn where_all_are_wanted_one_without_power_is_one_of_them() {
    let memory = Memory::default();
    let mut scene = Scene::with(&memory, [asking("asked", chorus("validators", share(1, 1), false))]);
    scene.elect(0, &[(ANN, 60), (BEN, 40), (DAN, 0)]);
    says(&mut scene, ANN, "validators", StatementOutcome::Passed).unwrap();
    says(&mut scene, BEN, "validators", StatementOutcome::Passed).unwrap();
    assert_eq!(scene.ask("asked").state, FindingState::Missing);
    says(&mut scene, DAN, "validators", StatementOutcome::Passed).unwrap();
    assert_eq!(scene.ask("asked").state, FindingState::Met);
}

#[test]
fn who_left_the_segment_is_neither_asked_nor_counted_and_who_came_is_not_either() {
    let memory = Memory::default();
    let mut scene = Scene::with(&memory, [asking("asked", chorus("validators", Least::Count(2), false))]);
    says(&mut scene, ANN, "validators", StatementOutcome::Passed).unwrap();
    says(&mut scene, BEN, "validators", StatementOutcome::Passed).unwrap();
    assert_eq!((scene.ask("asked").state, scene.ask("asked").have.as_str()), (FindingState::Met, "2 of 3 validators"));
    let newcomer = AccountId([9; 32]);
    scene.elect(0, &[(ANN, 50), (DAN, 20), (newcomer, 90)]);
    assert_eq!(
        (scene.ask("asked").state, scene.ask("asked").have.as_str()),
        (FindingState::Missing, "1 of 2 validators")
    );
    let refused = says(&mut scene, newcomer, "validators", StatementOutcome::Passed).unwrap_err();
    assert_eq!(refused.code(), "E_STATEMENT_OWNER");
}

#[test]
fn a_share_of_nobody_is_missing_under_a_code_of_its_own() {
    let memory = Memory::default();
    let checks = [
        asking("share", chorus("cohort", share(1, 1), false)),
        asking("count", chorus("cohort", Least::Count(1), false)),
        asking("installed", Ask::Installed { segment: name("cohort"), stage: releases::StageName::Booted }),
    ];
    let mut scene = Scene::with(&memory, checks);
    make_segment(&mut scene.state, &name("chain"), &name("cohort"));
    for key in ["share", "count", "installed"] {
        let finding = scene.ask(key);
        assert_eq!((finding.state, finding.code.as_str()), (FindingState::Missing, EMPTY_SEGMENT), "{key}");
    }
}

#[test]
fn a_segment_of_accounts_counts_by_heads() {
    let memory = Memory::default();
    let mut scene = Scene::with(&memory, [asking("asked", chorus("cohort", share(2, 3), false))]);
    let members: Vec<Text<64>> = [ANN, BEN, DAN].map(|who| Text::new(who.to_string()).unwrap()).to_vec();
    change_segment(&mut scene.state, &name("chain"), &name("cohort"), &members, &[]);
    CHORUSES.set(&mut scene.state, &(CHANGE, name("cohort")), &ChorusRoll { speakers: list([ANN, BEN, DAN]) });
    says(&mut scene, DAN, "cohort", StatementOutcome::Passed).unwrap();
    assert_eq!((scene.ask("asked").state, scene.ask("asked").have.as_str()), (FindingState::Missing, "1 of 3 cohort"));
    says(&mut scene, BEN, "cohort", StatementOutcome::Passed).unwrap();
    assert_eq!(scene.ask("asked").state, FindingState::Met);
}

#[test]
fn an_account_that_is_in_a_segment_in_digits_of_either_case_is_one_speaker() {
    let memory = Memory::default();
    let mut scene = Scene::with(&memory, [asking("asked", chorus("cohort", Least::Count(2), false))]);
    let twice = AccountId([0xab; 32]);
    let spellings = [twice.to_string(), twice.to_string().to_uppercase(), ANN.to_string()];
    let members: [Text<64>; 3] = spellings.map(|text| Text::new(text).unwrap());
    change_segment(&mut scene.state, &name("chain"), &name("cohort"), &members, &[]);
    assert_eq!(accounts_in(&scene.state, scene.at, &name("chain"), &name("cohort")), [ANN, twice]);
    CHORUSES.set(&mut scene.state, &(CHANGE, name("cohort")), &ChorusRoll { speakers: list([ANN, twice]) });
    says(&mut scene, twice, "cohort", StatementOutcome::Passed).unwrap();
    assert_eq!((scene.ask("asked").state, scene.ask("asked").have.as_str()), (FindingState::Missing, "1 of 2 cohort"));
}

#[test]
fn after_an_announcement_everybody_speaks_again() {
    let memory = Memory::default();
    let mut scene = Scene::with(&memory, [asking("asked", chorus("validators", Least::Count(1), true))]);
    says(&mut scene, ANN, "validators", StatementOutcome::Passed).unwrap();
    assert_eq!(scene.ask("asked").state, FindingState::Missing);
    for number in [1, 2] {
        scene.edit(|progress| progress.announced = number);
        scene.at = moment(10 + u64::from(number), 0, 10_000);
        assert_eq!(scene.ask("asked").state, FindingState::Missing, "announcement {number}");
        says(&mut scene, ANN, "validators", StatementOutcome::Passed).unwrap();
        assert_eq!(scene.ask("asked").state, FindingState::Met, "announcement {number}");
    }
}
