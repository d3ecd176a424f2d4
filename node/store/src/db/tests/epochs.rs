use super::*;
use crate::db::{Damage, DbError, Extent, epoch_ends};
use light::{Anchor, Trail};
use parity_scale_codec::Encode;

fn ends(store: &Store, from: u64) -> Vec<u64> {
    store.view().epoch_ends(Height(from)).map(|end| end.unwrap().height().0).collect()
}

fn damage(store: &Store) -> String {
    store.verify(Extent::Whole, 100).expect_err("the damage must be found").to_string()
}

fn put_row(store: &Store, height: u64, row: Option<&[u8]>) {
    let (column, key) = (store.0.column(Column::Epochs), height.to_be_bytes());
    match row {
        Some(row) => store.0.db.put_cf(column, key, row).unwrap(),
        None => store.0.db.delete_cf(column, key).unwrap(),
    }
}

#[test]
fn an_epoch_ends_before_the_next_begins_and_genesis_ends_none() {
    assert_eq!(epoch_ends(10).take(3).collect::<Vec<_>>(), [9, 19, 29].map(Height));
    assert_eq!(epoch_ends(1).take(3).collect::<Vec<_>>(), [1, 2, 3].map(Height));
    for length in [1, 2, 7] {
        let named = epoch_ends(length).take_while(|end| end.0 < 50).collect::<Vec<_>>();
        let found = (0..50).map(Height).filter(|height| height.ends_epoch(length)).collect::<Vec<_>>();
        assert_eq!(named, found, "epochs of {length}");
    }
}

#[test]
fn the_ends_of_epochs_outlive_their_heights() {
    let (dir, store) = new_chain(Keep::Last(2));
    grow(&store, 35);
    assert_eq!(store.view().earliest().unwrap(), Height(33));
    assert_eq!(ends(&store, 0), [9, 19, 29]);
    assert_eq!(ends(&store, 19), [19, 29]);
    assert_eq!(ends(&store, 20), [29]);
    let end = store.view().epoch_end(Height(19)).unwrap().unwrap();
    assert_eq!((end.height(), end.certificate.block), (Height(19), end.header.hash()));
    assert_eq!(end.validators, testing::genesis().validators());
    assert_eq!(store.view().epoch_end(Height(20)).unwrap(), None);
    store.verify(Extent::Whole, 100).unwrap();
    store.verify(Extent::Sample(10), 10).unwrap();
    drop(store);
    assert_eq!(ends(&open(dir.path(), Keep::Last(2)), 0), [9, 19, 29]);
}

#[test]
fn h07_each_hop_is_kept_as_it_is_settled_and_outlives_its_height() {
    let (dir, store) = new_chain(Keep::Last(2));
    grow(&store, 155);
    let mut trail = Trail::resume(Anchor::genesis(&testing::genesis()), None);
    let due: Vec<Height> = {
        let view = store.view();
        let all = view.epoch_ends(Height(0)).map(|end| end.unwrap());
        all.filter_map(|end| trail.extend(&end)).map(|hop| hop.height()).collect()
    };
    assert!(due.len() > 2, "{due:?}");
    let hops = |store: &Store| {
        let view = store.view();
        (1..=view.hops().unwrap()).map(|number| view.hop(number).unwrap().unwrap().height()).collect::<Vec<_>>()
    };
    assert_eq!(hops(&store), due);
    for height in (0..=155).map(Height) {
        let above = due.iter().position(|hop| *hop > height).map(|place| place as u64 + 1);
        assert_eq!(store.view().hop_above(height).unwrap(), above, "above {height}");
    }
    assert_eq!((store.view().hop(0).unwrap(), store.view().hop(due.len() as u64 + 1).unwrap()), (None, None));
    store.verify(Extent::Whole, 100).unwrap();
    drop(store);
    assert_eq!(hops(&open(dir.path(), Keep::Last(2))), due);
}

#[test]
fn h07_a_hop_that_trust_does_not_take_is_found() {
    let (_dir, store) = new_chain(Keep::Everything);
    grow(&store, 75);
    let column = || store.0.column(Column::Hops);
    let (first, another) = (store.view().hop_height(1).unwrap().unwrap(), Height(9));
    store.0.db.put_cf(column(), 1u64.to_be_bytes(), another.encode()).unwrap();
    assert!(damage(&store).starts_with("hop 1 of the hops column is not the one that trust takes"));
    store.0.db.put_cf(column(), 1u64.to_be_bytes(), first.encode()).unwrap();
    store.verify(Extent::Whole, 100).unwrap();
    store.0.db.put_cf(column(), 9u64.to_be_bytes(), another.encode()).unwrap();
    assert!(damage(&store).starts_with("hop 9 "), "one too many");
}

#[test]
fn an_end_that_is_missing_or_anothers_is_found() {
    let (_dir, store) = new_chain(Keep::Everything);
    grow(&store, 32);
    let end = store.view().epoch_end(Height(19)).unwrap().unwrap();

    put_row(&store, 19, None);
    assert_eq!(damage(&store), "block 19, the last of its epoch, is missing in the epochs column");
    let mut other = end.clone();
    other.validators = Default::default();
    put_row(&store, 19, Some(&other.encode()));
    assert!(damage(&store).contains("has other validators than its header names"));
    other = end.clone();
    other.header.time = other.header.time.plus(1);
    put_row(&store, 19, Some(&other.encode()));
    assert!(damage(&store).contains("has the certificate of another block"));
    other.certificate.block = other.header.hash();
    put_row(&store, 19, Some(&other.encode()));
    assert!(damage(&store).contains("is another block than the headers column has"));
    put_row(&store, 19, Some(&store.view().epoch_end(Height(9)).unwrap().unwrap().encode()));
    assert!(damage(&store).contains("is of height 9"));
    put_row(&store, 19, Some(b"nonsense"));
    assert!(matches!(store.verify(Extent::Sample(1), 1), Err(Damage::Unreadable(DbError::Damaged(_)))));
    put_row(&store, 19, Some(&end.encode()));
    store.verify(Extent::Whole, 100).unwrap();

    put_row(&store, 29, None);
    assert!(damage(&store).contains("block 29, the last of its epoch, is not the newest that is stored"));
    (9..30).for_each(|height| put_row(&store, height, None));
    assert_eq!(damage(&store), "block 29, the last of its epoch, is missing in the epochs column");
}
