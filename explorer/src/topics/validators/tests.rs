//! What stake and reports write, without a database.

use super::fold::{heard, runs, write};
use super::{ELECTIONS, HEARD, JAILED, OFFENCES, POWERS, RUNNING, UNENFORCED};
use crate::fold::BlockWriter;
use crate::fold::testing::{account, build, moment};
use crate::store::column::json;
use crate::store::memory::MemoryRows;
use crate::store::table::{COUNTS, Row};
use primitives::{Amount, Epoch, Height, List};
use staking::{Event, Loss, OffenceName, Validator, ValidatorSet};

async fn folded(rows: &mut MemoryRows, events: &[Event]) {
    let mut block = BlockWriter::new(rows, moment(10));
    for event in events {
        write(&mut block, event).await.unwrap();
    }
    block.finish().await.unwrap();
}

fn bonded(validator: u8, amount: u64, from: u64) -> Event {
    let (who, validator) = (account(9), account(validator));
    Event::Bonded { who, validator, amount: Amount(amount), from_epoch: Epoch(from), remembered_from: Epoch(0) }
}

fn unbonding(validator: u8, amount: u64, from: u64) -> Event {
    let (who, validator) = (account(9), account(validator));
    Event::Unbonding {
        who,
        validator,
        amount: Amount(amount),
        from_epoch: Epoch(from),
        free_epoch: Epoch(from + 3),
        remembered_from: Epoch(0),
    }
}

fn counted(name: &str, count: u64) -> Row {
    vec![name.into(), count.into()]
}

fn power(validator: u8, epoch: u64, power: u64) -> Row {
    vec![account(validator).to_string().into(), epoch.into(), json(&Amount(power)).into()]
}

#[tokio::test]
async fn power_is_what_was_bonded_less_what_left_from_each_epoch_on() {
    let mut rows = MemoryRows::default();
    folded(&mut rows, &[bonded(1, 100, 2), bonded(2, 7, 2), bonded(1, 50, 3)]).await;
    assert_eq!(rows.table(&POWERS), [power(1, 2, 100), power(1, 3, 150), power(2, 2, 7)]);
    folded(&mut rows, &[unbonding(1, 30, 4)]).await;
    assert_eq!(rows.table(&POWERS), [power(1, 2, 100), power(1, 3, 150), power(1, 4, 120), power(2, 2, 7)]);
}

#[tokio::test]
async fn bonds_of_one_epoch_are_one_power() {
    let mut rows = MemoryRows::default();
    folded(&mut rows, &[bonded(1, 100, 2), bonded(1, 50, 2), unbonding(1, 10, 2)]).await;
    assert_eq!(rows.table(&POWERS), [power(1, 2, 140)]);
}

#[tokio::test]
async fn tokens_that_are_free_again_and_bonds_that_are_forgotten_change_no_power() {
    let mut rows = MemoryRows::default();
    let (who, validator) = (account(9), account(1));
    let free = Event::Unbonded { who, validator, amount: Amount(30), free_epoch: Epoch(1) };
    let forgotten = Event::Forgotten { who, validator, forget_epoch: Epoch(9), with_power: true };
    folded(&mut rows, &[free, forgotten]).await;
    assert_eq!(rows, MemoryRows::default());
}

#[tokio::test]
async fn each_epoch_has_the_set_that_was_elected_for_it() {
    let mut rows = MemoryRows::default();
    let set = |power| ValidatorSet::strongest(vec![Validator { account: account(1), power: Amount(power) }], 1);
    let elected = |epoch, power, of_quorum| Event::Elected {
        epoch: Epoch(epoch),
        validators: set(power),
        candidates: set(of_quorum),
        sealer: None,
        remembered_from: Epoch(0),
    };
    folded(&mut rows, &[elected(2, 5, 5), elected(3, 6, 7)]).await;
    let row = |epoch: u64, power, of_quorum| -> Row {
        vec![epoch.into(), json(&set(power)).into(), json(&set(of_quorum)).into(), None::<u64>.into()]
    };
    assert_eq!(rows.table(&ELECTIONS), [row(2, 5, 5), row(3, 6, 7)]);
}

#[tokio::test]
async fn h15_a_punished_validator_is_weaker_and_out_of_what_was_elected_already() {
    let mut rows = MemoryRows::default();
    let member = |byte, power| Validator { account: account(byte), power: Amount(power) };
    let set = |members: Vec<Validator>| ValidatorSet::strongest(members, 9);
    let (validators, remembered_from) = (set(vec![member(1, 150), member(2, 7)]), Epoch(0));
    let candidates = set(vec![member(1, 150), member(2, 7), member(3, 5)]);
    let elected = Event::Elected { epoch: Epoch(5), validators, candidates, sealer: None, remembered_from };
    let (validator, from_epoch, epoch) = (account(1), Epoch(5), Epoch(3));
    let loss = |bonded| Loss { bonded: Amount(bonded), waiting: List::truncate_from(vec![(Epoch(6), Amount(3))]) };
    let punished = Event::Punished {
        validator,
        epoch,
        offence: OffenceName::Votes,
        height: Height(9),
        reporter: account(9),
        loss: loss(50),
        reward: Amount(2),
        from_epoch,
        remembered_from,
        leaves_set_of: Some(Epoch(5)),
        leaves_candidates_of: Some(Epoch(5)),
        jailed_until: Epoch(45),
        next: None,
    };
    let slashed = |bonded| Event::Slashed {
        who: account(8),
        validator,
        epoch,
        loss: loss(bonded),
        from_epoch,
        remembered_from,
        unlisted: false,
        next: None,
    };
    folded(&mut rows, &[bonded(1, 150, 2), elected, punished, slashed(10), slashed(0)]).await;
    assert_eq!(rows.table(&POWERS), [power(1, 2, 150), power(1, 5, 90)]);
    let without = [vec![member(2, 7)], vec![member(2, 7), member(3, 5)]];
    let [validators, candidates] = without.map(|members| json(&set(members)));
    let left: Row = vec![5u64.into(), validators.into(), candidates.into(), None::<u64>.into()];
    assert_eq!(rows.table(&ELECTIONS), [left]);
    let jailed = |until: Option<u64>| -> Row { vec![validator.to_string().into(), until.into()] };
    assert_eq!(rows.table(&JAILED), [jailed(Some(45))]);
    let offences = rows.table(&OFFENCES);
    assert_eq!(offences.len(), 1);
    assert!(offences[0][3].text().unwrap().contains(r#""lost":"53","reward":"2""#), "{offences:?}");
    assert_eq!(rows.table(&COUNTS), [counted("offences", 1)]);
    folded(&mut rows, &[Event::Unjailed { validator }]).await;
    assert_eq!(rows.table(&JAILED), [jailed(None)]);
}

#[tokio::test]
async fn h15_each_epoch_in_which_nobody_is_punished_is_kept_with_the_block_that_said_so() {
    let mut rows = MemoryRows::default();
    folded(&mut rows, &[3, 4].map(|epoch| Event::Unenforced { epoch: Epoch(epoch) })).await;
    let row = |epoch: u64| -> Row { vec![epoch.into(), 10u64.into()] };
    assert_eq!(rows.table(&UNENFORCED), [row(3), row(4)]);
    assert_eq!(rows.table(&COUNTS), [counted("unenforced", 2)]);
}

#[tokio::test]
async fn a_node_runs_what_it_said_last() {
    let mut rows = MemoryRows::default();
    let mut block = BlockWriter::new(&mut rows, moment(12));
    for byte in [1, 2] {
        heard(&mut block, &account(byte), &moment(11));
        runs(&mut block, &account(byte), Some(build(7)));
    }
    heard(&mut block, &account(1), &moment(12));
    runs(&mut block, &account(1), None);
    block.finish().await.unwrap();
    let node = |byte| account(byte).to_string();
    let running: [Row; 2] =
        [vec![node(1).into(), None::<u64>.into()], vec![node(2).into(), build(7).to_string().into()]];
    assert_eq!(rows.table(&RUNNING), running);
    let spoken: [Row; 2] =
        [vec![node(1).into(), json(&moment(12)).into()], vec![node(2).into(), json(&moment(11)).into()]];
    assert_eq!(rows.table(&HEARD), spoken);
}
