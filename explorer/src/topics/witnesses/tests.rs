//! What witnesses write, without a database.

use super::fold::write;
use super::{CHECKPOINT_LIST, CHECKPOINTS, COSIGNATURES, WITNESSES};
use crate::fold::testing::{account, moment};
use crate::fold::{BlockWriter, FoldError};
use crate::store::memory::MemoryRows;
use crate::store::table::{COUNTS, Row, SqlValue};
use primitives::{Digest, Epoch, Name, PublicKey, Signature};
use witnesses::{Cosignature, Event};

fn registered(byte: u8) -> Event {
    let (name, key) = (Name::new("acme").unwrap(), PublicKey([byte; 32]));
    Event::Registered { witness: account(byte), name, key, is_member: false }
}

fn cosigned(byte: u8, epoch: u64) -> Event {
    let (name, key) = (Name::new("acme").unwrap(), PublicKey([byte; 32]));
    let cosignature = Cosignature { name, key, timestamp: 1_700_000_000, signature: Signature([byte; 64]) };
    Event::Cosigned { witness: account(byte), epoch: Epoch(epoch), size: 30, root: Digest([7; 32]), cosignature }
}

async fn written(rows: &mut MemoryRows, height: u64, events: &[Event]) -> Result<(), FoldError> {
    let mut block = BlockWriter::new(rows, moment(height));
    for event in events {
        write(&mut block, event).await?;
    }
    block.finish().await
}

fn row(byte: u8, since: u64, last: Option<u64>, retired: Option<u64>) -> Row {
    let key = PublicKey([byte; 32]).to_string();
    vec![account(byte).to_string().into(), "acme".into(), key.into(), since.into(), last.into(), retired.into()]
}

#[tokio::test]
async fn a_checkpoint_stands_once_with_everybody_who_cosigned_it() {
    let mut rows = MemoryRows::default();
    written(&mut rows, 31, &[registered(1), registered(2)]).await.unwrap();
    written(&mut rows, 32, &[cosigned(1, 3)]).await.unwrap();
    written(&mut rows, 34, &[cosigned(2, 3)]).await.unwrap();
    let root = Digest([7; 32]).to_string();
    let checkpoint: Row = vec![3u64.into(), 30u64.into(), root.into()];
    assert_eq!(rows.table(&CHECKPOINTS), [checkpoint]);
    let total: Row = vec![CHECKPOINT_LIST.into(), 1u64.into()];
    assert!(rows.table(&COUNTS).contains(&total), "it is counted once");
    let one = |byte: u8, height: u64| -> Row { vec![3u64.into(), account(byte).to_string().into(), height.into()] };
    assert_eq!(rows.table(&COSIGNATURES), [one(1, 32), one(2, 34)]);
    assert_eq!(rows.table(&WITNESSES), [row(1, 31, Some(3), None), row(2, 31, Some(3), None)]);
}

#[tokio::test]
async fn who_retired_is_kept_with_what_it_cosigned_and_begins_anew_when_it_comes_again() {
    let mut rows = MemoryRows::default();
    written(&mut rows, 31, &[registered(1), cosigned(1, 3)]).await.unwrap();
    written(&mut rows, 40, &[Event::Retired { witness: account(1) }]).await.unwrap();
    assert_eq!(rows.table(&WITNESSES), [row(1, 31, Some(3), Some(40))]);
    assert_eq!(rows.table(&COSIGNATURES).len(), 1, "what it cosigned stays");
    written(&mut rows, 52, &[registered(1)]).await.unwrap();
    assert_eq!(rows.table(&WITNESSES), [row(1, 52, None, None)]);
    assert!(matches!(rows.table(&WITNESSES)[0][4], SqlValue::Int(None)));
}

#[tokio::test]
async fn a_cosignature_of_nobody_who_registered_is_no_block_of_this_chain() {
    let mut rows = MemoryRows::default();
    let refused = written(&mut rows, 31, &[cosigned(9, 3)]).await;
    assert!(matches!(refused, Err(FoldError::Damaged(_))), "{refused:?}");
}
