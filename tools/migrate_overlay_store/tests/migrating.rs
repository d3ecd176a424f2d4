//! Stories of a migration.

use libp2p::PeerId;
use migrate_overlay_store::{MigrateError, Migrated, migrate};
use overlay::{PeerRecord, PeerStore};
use std::fs;
use std::path::{Path, PathBuf};

const NOW: u64 = 1_800_000_000;
const ONE: &str = "12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA";
const TWO: &str = "QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N";
const TWO_AS_CID: &str = "bafzbeie5745rpv2m6tjyuugywy4d5ewrqgqqhfnf445he3omzpjbx5xqxe";

struct Place {
    _folder: tempfile::TempDir,
    source: PathBuf,
    destination: PathBuf,
}

fn place(document: &str) -> Place {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("overlay_peers.json");
    let destination = folder.path().join("overlay/peers.json");
    fs::write(&source, document).unwrap();
    Place { _folder: folder, source, destination }
}

impl Place {
    fn migrate(&self) -> Result<Migrated, MigrateError> {
        migrate(&self.source, &self.destination, false, NOW)
    }
}

/// The file that a migration of `document` gives, read as a node reads it.
fn migrated(document: &str) -> Vec<PeerRecord> {
    let place = place(document);
    place.migrate().unwrap();
    PeerStore::load(&place.destination).unwrap().peers().cloned().collect()
}

fn refusal(document: &str) -> String {
    let place = place(document);
    let error = place.migrate().unwrap_err().to_string();
    assert!(!place.destination.exists(), "a refused migration wrote something");
    error.replace(&place.source.display().to_string(), "FILE")
}

fn record(id: &str, addresses: &[&str], first_seen: u64, last_seen: u64, score: f64) -> PeerRecord {
    PeerRecord {
        peer_id: id.parse().unwrap(),
        addresses: addresses.iter().map(|address| address.parse().unwrap()).collect(),
        first_seen,
        last_seen,
        score,
        migrated_at: Some(NOW),
    }
}

#[test]
fn a_list_and_an_object_give_the_same_store() {
    let list = format!(
        r#"[{{"id":"{ONE}","addresses":["/ip4/10.0.0.1/tcp/26603/p2p/{ONE}","10.0.0.1:26603","node-1:26603"],
             "first_seen":5,"last_seen":7,"score":-0.25}},
            {{"peer_id":"{TWO_AS_CID}","addresses":[]}}]"#
    );
    let object = format!(
        r#"{{"{ONE}":{{"addresses":["10.0.0.1:26603","/dns/node-1/tcp/26603"],"first_seen":5,"last_seen":7,"score":-0.25}},
            "{TWO}":[]}}"#
    );
    let mut expected = vec![
        record(ONE, &["/ip4/10.0.0.1/tcp/26603", "/dns/node-1/tcp/26603"], 5, 7, -0.25),
        record(TWO, &[], NOW, NOW, 0.0),
    ];
    expected.sort_by_key(|record| record.peer_id);
    assert_eq!(migrated(&list), expected);
    assert_eq!(migrated(&object), expected);
    assert_eq!(migrated(&format!(r#"{{"peers":{list}}}"#)), expected);
    assert_eq!(migrated(&format!(r#"{{"peers":{object}}}"#)), expected);
    assert_eq!(migrated("[]"), []);
}

#[test]
fn every_spelling_of_an_id_means_the_same_peer() {
    let bytes = TWO.parse::<PeerId>().unwrap().to_bytes();
    for spelling in [TWO, TWO_AS_CID, &hex::encode(&bytes), &hex::encode_upper(&bytes), &format!("  {TWO} ")] {
        assert_eq!(migrated(&format!(r#"{{"{spelling}":[]}}"#)), [record(TWO, &[], NOW, NOW, 0.0)], "{spelling:?}");
    }
    let cut = &TWO_AS_CID[..TWO_AS_CID.len() - 1];
    for bad in ["", "b", "peer", "00", "bafz", cut, &format!("{TWO}1"), &format!("{TWO_AS_CID}a")] {
        assert!(refusal(&format!(r#"{{"{bad}":[]}}"#)).contains("is no peer id"), "{bad:?}");
    }
}

#[test]
fn the_new_store_is_one_that_a_node_writes_again_as_it_is() {
    let place = place(&format!(r#"[{{"id":"{ONE}","addresses":["[::1]:9"]}}]"#));
    place.migrate().unwrap();
    let store = PeerStore::load(&place.destination).unwrap();
    assert_eq!(store.document(), fs::read(&place.destination).unwrap());
    assert!(fs::read_to_string(&place.destination).unwrap().contains(&format!("\"migrated_at\": {NOW}")));
    let names: Vec<_> = fs::read_dir(place.destination.parent().unwrap()).unwrap().collect();
    assert_eq!(names.len(), 1, "something was left beside the store: {names:?}");
}

#[test]
fn a_malformed_entry_is_named_by_its_place() {
    let cases = [
        ("{", "FILE, EOF while parsing"),
        ("7", "FILE, invalid type: integer `7`, expected a list of peers, or an object of peers by id"),
        (r#"[{"id":"x","addresses":[]}]"#, "FILE, peer 1: \"x\" is no peer id"),
        (r#"[{"id":"ONE","addresses":[]},{"addresses":[]}]"#, "FILE, peer 2: missing field `id`"),
        (r#"{"ONE":5}"#, "FILE, peer 1, \"ONE\": 5 is neither a peer nor a list of addresses"),
        (r#"{"ONE":[],"ONE":[]}"#, "FILE, \"ONE\" is there twice"),
        (r#"{"ONE":{"id":"TWO","addresses":[]}}"#, "it has an id of its own beside the one it is listed under"),
        (r#"[{"id":"ONE","addresses":["10.0.0.1"]}]"#, "FILE, peer 1: \"10.0.0.1\" is not a peer address"),
        (r#"[{"id":"ONE","addresses":["/ip4/1.2.3.4/tcp/5/p2p/TWO"]}]"#, "is one of another peer, TWO"),
        (r#"[{"id":"ONE","addresses":[],"port":5}]"#, "FILE, peer 1: unknown field `port`"),
        (
            r#"[{"id":"ONE","addresses":[],"first_seen":9,"last_seen":8}]"#,
            "first seen at 9, after it was last seen at 8",
        ),
        (r#"[{"id":"ONE","addresses":[],"last_seen":-8}]"#, "FILE, peer 1: invalid value: integer `-8`"),
        (
            r#"[{"id":"TWO","addresses":[]},{"id":"CID","addresses":[]}]"#,
            "FILE, peer 2: peer TWO is listed a second time",
        ),
    ];
    for (document, sentence) in cases {
        let filled = |text: &str| text.replace("ONE", ONE).replace("TWO", TWO).replace("CID", TWO_AS_CID);
        let said = refusal(&filled(document));
        assert!(said.contains(&filled(sentence)), "{document} gave: {said}");
    }
}

#[test]
fn what_is_there_stays_unless_forced() {
    let place = place(&format!(r#"{{"{ONE}":[]}}"#));
    fs::create_dir_all(place.destination.parent().unwrap()).unwrap();
    fs::write(&place.destination, "precious").unwrap();
    assert!(matches!(place.migrate(), Err(MigrateError::Exists { .. })));
    assert_eq!(fs::read_to_string(&place.destination).unwrap(), "precious");
    assert_eq!(migrate(&place.source, &place.destination, true, NOW).unwrap().peers, 1);
    assert_eq!(PeerStore::load(&place.destination).unwrap().peers().len(), 1);

    let same = migrate(&place.source, &place.source, true, NOW);
    assert!(matches!(same, Err(MigrateError::Same { .. })), "{same:?}");
    let missing = migrate(Path::new("/nowhere"), &place.destination, true, NOW);
    assert!(matches!(missing, Err(MigrateError::Unreadable { .. })), "{missing:?}");
    fs::write(place.destination.with_file_name("file"), "").unwrap();
    let below_a_file = place.destination.with_file_name("file").join("peers.json");
    let unwritable = migrate(&place.source, &below_a_file, false, NOW);
    assert!(matches!(unwritable, Err(MigrateError::Unwritable { .. })), "{unwritable:?}");
}

#[test]
fn what_does_not_fit_is_counted() {
    let peers: Vec<String> = (0..PeerStore::CAPACITY + 3)
        .map(|number| format!(r#"{{"id":"{}","addresses":[],"score":{number}}}"#, PeerId::random()))
        .collect();
    let crowded = place(&format!("[{}]", peers.join(",")));
    let done = crowded.migrate().unwrap();
    assert_eq!((done.peers, done.peers_left_out), (PeerStore::CAPACITY, 3));
    let least = PeerStore::load(&crowded.destination).unwrap().peers().map(|peer| peer.score as u64).min();
    assert_eq!(least, Some(3), "the peers of the least score are the ones left out");

    let many = place(&format!(r#"{{"{ONE}":["a:1","b:2","c:3","d:4","e:5","a:1"]}}"#));
    let done = many.migrate().unwrap();
    assert_eq!((done.peers, done.addresses_left_out), (1, 1));
    let huge = place(&" ".repeat(17 << 20));
    assert!(matches!(huge.migrate(), Err(MigrateError::TooLong { .. })));
}
