//! What presence writes, without a database.

use super::fold::write;
use super::{ATTENDED, EPOCHS, REWARDS};
use crate::fold::BlockWriter;
use crate::fold::testing::moment;
use crate::store::column::json;
use crate::store::memory::MemoryRows;
use crate::store::table::Row;
use primitives::{AccountId, Amount, Epoch, List};
use rewards::{Event, Payment};

fn payment(byte: u8) -> Payment {
    let (own, delegated, delegation) = (Amount(70), Amount(30), Amount(300));
    Payment { validator: AccountId([byte; 32]), present_ms: 9_000, own, delegated, delegation }
}

#[tokio::test]
async fn each_payment_stands_in_its_place_and_every_block_says_who_was_there() {
    let mut rows = MemoryRows::default();
    let mut block = BlockWriter::new(&mut rows, moment(31));
    let present = [true, false, true].into_iter().collect();
    write(&mut block, &Event::Attended { epoch: Epoch(3), present, ms: 1_000, leader: None, led_ms: 0 });
    let paid = List::truncate_from(vec![payment(2), payment(1)]);
    let (leader, witness, pool) = (Amount(4), Amount(0), Amount(900));
    write(&mut block, &Event::Rewarded { epoch: Epoch(2), paid, leader, witness, pool });
    block.finish().await.unwrap();
    let height = moment(31).height.0;
    let bits = format!("{:032x}", 0b101);
    let attended: Row = vec![height.into(), 3u64.into(), bits.into(), 1_000u64.into()];
    assert_eq!(rows.table(&ATTENDED), [attended]);
    let epoch: Row = vec![2u64.into(), height.into(), 2u64.into(), "4".into(), "0".into(), "900".into()];
    assert_eq!(rows.table(&EPOCHS), [epoch]);
    let row = |byte: u8, place: u64| -> Row {
        let account = AccountId([byte; 32]).to_string();
        let payment = json(&payment(byte));
        vec![2u64.into(), place.into(), account.into(), "100".into(), 9_000u64.into(), payment.into()]
    };
    assert_eq!(rows.table(&REWARDS), [row(2, 0), row(1, 1)], "in the order of the set");
}
