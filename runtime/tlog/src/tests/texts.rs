use super::leaf;
use crate::{
    Checkpoint, Frontier, LogOrigin, MOST_NOTE_LINES, Note, NoteAlgorithm, NoteError, NoteLine, Tile, TileKind,
    VerifierKey, cosigned_bytes, note_key_id, verify_cosignature, vkey,
};
use parity_scale_codec::{DecodeAll, Encode};
use primitives::{BlockHash, Digest, SecretKey, Text};
use proptest::prelude::*;

fn origin() -> LogOrigin {
    LogOrigin::of(&Text::new("the-block-1").unwrap(), &BlockHash([0xab; 32]))
}

fn checkpoint(size: u64) -> Checkpoint {
    let mut frontier = Frontier::default();
    (0..size).for_each(|height| frontier.append(leaf(height).hash()));
    Checkpoint { origin: origin(), size, root: frontier.root() }
}

fn secret(seed: u8) -> SecretKey {
    SecretKey::from_seed(&[seed; 32])
}

fn verifier(name: &str, algorithm: NoteAlgorithm, seed: u8) -> VerifierKey {
    VerifierKey { name: name.into(), algorithm, key: secret(seed).public() }
}

#[test]
fn a_leaf_is_the_height_and_the_hash_of_its_block() {
    let bytes = leaf(258).encode();
    assert_eq!(bytes[..8], [0, 0, 0, 0, 0, 0, 1, 2]);
    assert_eq!(bytes[8..], leaf(258).block.0);
    assert_eq!(leaf(258).hash(), Digest::sha256(&[&[0][..], &bytes].concat()));
    assert_eq!(leaf(258).hash().0, tlog_tiles::record_hash(&bytes).0);
}

#[test]
fn a_log_is_named_by_its_network_and_the_digits_of_its_genesis() {
    assert_eq!(origin().as_str(), "the-block/the-block-1/abababababababab");
    let odd = LogOrigin::of(&Text::new("a b+c\u{e9}/\n").unwrap(), &BlockHash([1; 32]));
    assert_eq!(odd.as_str(), "the-block/a_b_c___/0101010101010101", "it stays the name of a key");
    for bad in ["", "a b", "a+b", "a\u{7f}", &"x".repeat(65)] {
        assert_eq!(LogOrigin::new(bad), None, "{bad:?}");
        assert!(LogOrigin::decode_all(&mut &bad.to_owned().encode()[..]).is_err(), "{bad:?}");
        assert!(serde_json::from_value::<LogOrigin>(bad.into()).is_err(), "{bad:?}");
    }
    assert_eq!(LogOrigin::decode_all(&mut &origin().encode()[..]).unwrap(), origin());
}

#[test]
fn the_text_of_a_checkpoint_is_that_of_the_other_library_and_the_only_one() {
    let checkpoint = checkpoint(7);
    let text = checkpoint.text();
    let theirs = tlog_tiles::Checkpoint::from_bytes(text.as_bytes()).unwrap();
    assert_eq!((theirs.origin(), theirs.size(), theirs.hash().0), (origin().as_str(), 7, checkpoint.root.0));
    assert_eq!(theirs.to_bytes(), text.as_bytes());
    assert_eq!(Checkpoint::parse(&text), Ok(checkpoint));
    let root = text.lines().nth(2).unwrap();
    for (bad, why) in [
        (text.trim_end().to_owned(), NoteError::Unended),
        (format!("{text}extension\n"), NoteError::Lines),
        ("a\n7\n".to_owned(), NoteError::Lines),
        (format!("a b\n7\n{root}\n"), NoteError::Name),
        (format!("a\n07\n{root}\n"), NoteError::Size),
        (format!("a\n+7\n{root}\n"), NoteError::Size),
        (format!("a\n18446744073709551616\n{root}\n"), NoteError::Size),
        (format!("a\n7\n{}\n", &root[4..]), NoteError::Root),
        (format!("a\n7\n{}\n", root.trim_end_matches('=')), NoteError::Root),
    ] {
        assert_eq!(Checkpoint::parse(&bad), Err(why), "{bad:?}");
    }
}

#[test]
fn what_a_log_signs_the_other_library_verifies_by_the_text_of_its_key() {
    let text = checkpoint(3).text();
    let key = verifier(origin().as_str(), NoteAlgorithm::Log, 1);
    let note = Note { text: text.clone(), lines: vec![key.signed(&secret(1), 0, &text)] };
    let printed = note.to_string();
    let theirs = signed_note::Note::from_bytes(printed.as_bytes()).unwrap();
    let known = signed_note::StandardVerifier::new(&key.to_string()).unwrap();
    let (verified, others) = theirs.verify(&signed_note::VerifierList::new(vec![Box::new(known)])).unwrap();
    assert_eq!((verified.len(), others.len()), (1, 0));
    assert_eq!(theirs.to_bytes(), printed.as_bytes());
    assert_eq!(Note::parse(&printed), Ok(note.clone()));
    assert_eq!(key.verify(&note), Some(0));
    assert_eq!(verifier(origin().as_str(), NoteAlgorithm::Log, 2).verify(&note), None, "another key");
    assert_eq!(key.verify(&Note { text: checkpoint(4).text(), ..note }), None, "another text");
}

/// Whether the other library takes a note for signed by a key of a log.
fn others_take(note: &Note, key: &VerifierKey) -> bool {
    let theirs = signed_note::Note::from_bytes(note.to_string().as_bytes()).unwrap();
    let known = signed_note::StandardVerifier::new(&key.to_string()).unwrap();
    theirs.verify(&signed_note::VerifierList::new(vec![Box::new(known)])).is_ok()
}

#[test]
fn the_first_line_of_a_key_counts_and_a_wrong_one_refuses_the_note_as_with_the_other_library() {
    let text = checkpoint(3).text();
    let key = verifier(origin().as_str(), NoteAlgorithm::Log, 1);
    let good = key.signed(&secret(1), 0, &text);
    let bad = NoteLine { signature: vec![7; 64], ..good.clone() };
    let (short, foreign) = (
        NoteLine { signature: vec![7; 63], ..good.clone() },
        NoteLine { name: "harbour".into(), id: 7, signature: vec![7; 64] },
    );
    for (lines, is_taken) in [
        (vec![good.clone()], true),
        (vec![good.clone(), bad.clone()], true),
        (vec![foreign, good.clone()], true),
        (vec![bad, good.clone()], false),
        (vec![short, good], false),
    ] {
        let note = Note { text: text.clone(), lines };
        assert_eq!((key.verify(&note).is_some(), others_take(&note, &key)), (is_taken, is_taken), "{note}");
    }
}

#[test]
fn what_a_witness_signs_says_when_and_is_no_signature_of_anything_else() {
    let (checkpoint, other) = (checkpoint(3), checkpoint(4));
    let bytes = cosigned_bytes(1_790_000_000, &checkpoint);
    let said = String::from_utf8(bytes.clone()).unwrap();
    assert_eq!(said, format!("cosignature/v1\ntime 1790000000\n{}", checkpoint.text()));
    let (key, signature) = (secret(3).public(), secret(3).sign(&bytes));
    assert!(verify_cosignature(&key, 1_790_000_000, &checkpoint, &signature));
    assert!(!verify_cosignature(&key, 1_790_000_001, &checkpoint, &signature));
    assert!(!verify_cosignature(&key, 1_790_000_000, &other, &signature));
    assert!(!verify_cosignature(&secret(4).public(), 1_790_000_000, &checkpoint, &signature));
    let witness = verifier("harbour", NoteAlgorithm::Cosignature, 3);
    let line = witness.cosigned(1_790_000_000, &signature);
    assert_eq!(line.signature.len(), 8 + 64);
    assert_eq!(line, witness.signed(&secret(3), 1_790_000_000, &checkpoint.text()));
    let note = Note { text: checkpoint.text(), lines: vec![line] };
    assert_eq!(witness.verify(&Note::parse(&note.to_string()).unwrap()), Some(1_790_000_000));
    let as_log = VerifierKey { algorithm: NoteAlgorithm::Log, ..witness };
    assert_eq!(as_log.verify(&note), None, "the type of a key is part of its number");
}

/// The example that stands at the beginning of c2sp.org/tlog-cosignature. The keys are not published with it.
#[test]
fn the_published_example_of_a_cosigned_checkpoint_is_read_and_printed_as_it_stands() {
    let published = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n\
        \u{2014} example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n\
        \u{2014} witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n";
    let note = Note::parse(published).unwrap();
    assert_eq!(note.to_string(), published);
    let checkpoint = Checkpoint::parse(&note.text).unwrap();
    assert_eq!((checkpoint.origin.as_str(), checkpoint.size), ("example.com/behind-the-sofa", 20_852_163));
    assert_eq!(checkpoint.text(), note.text);
    let [log, witness] = note.lines.as_slice() else { panic!("it has two lines") };
    assert_eq!((log.id, log.signature.len()), (0x033d_e0ae, 64));
    assert_eq!((witness.name.as_str(), witness.id), ("witness.example.com/w1", 0x8d66_cf3f));
    let signed_at: [u8; 8] = witness.signature[..8].try_into().unwrap();
    assert_eq!((u64::from_be_bytes(signed_at), witness.signature.len()), (1_679_315_147, 72));
}

#[test]
fn the_text_of_a_key_has_its_number_and_is_read_back_or_refused() {
    let key = verifier("harbour", NoteAlgorithm::Cosignature, 5);
    let text = vkey("harbour", NoteAlgorithm::Cosignature, &key.key);
    assert_eq!(
        (text.parse::<VerifierKey>(), key.id()),
        (Ok(key.clone()), note_key_id("harbour", key.algorithm, &key.key))
    );
    let log = verifier("harbour", NoteAlgorithm::Log, 5);
    assert_eq!(log.id(), signed_note::key_id("harbour", &[&[1][..], key.key.as_bytes()].concat()));
    let (name, rest) = text.split_once('+').unwrap();
    let (digits, encoded) = rest.split_once('+').unwrap();
    for (bad, why) in [
        (name.to_owned(), NoteError::Key),
        (format!("{name}+{digits}"), NoteError::Key),
        (format!("+{digits}+{encoded}"), NoteError::Name),
        (format!("other+{digits}+{encoded}"), NoteError::KeyId),
        (format!("{name}+{}+{encoded}", digits.to_uppercase() + "0"), NoteError::KeyId),
        (format!("{name}+{digits}+Ag=="), NoteError::Algorithm(2)),
        (format!("{name}+{digits}+BA=="), NoteError::Key),
        (format!("{name}+{digits}+{}", &encoded[1..]), NoteError::Key),
        (format!(" {text}\n"), NoteError::Name),
        (format!("{text}\n"), NoteError::Key),
    ] {
        assert_eq!(bad.parse::<VerifierKey>(), Err(why), "{bad}");
    }
}

#[test]
fn what_is_no_note_is_refused_with_why() {
    let line = NoteLine { name: "a".into(), id: 7, signature: vec![1; 64] }.to_string();
    assert!(Note::parse(&format!("text\n\n{line}\n")).is_ok());
    for (bad, why) in [
        ("x".repeat(16 * 1024 + 1), NoteError::TooLong { have: 16 * 1024 + 1 }),
        (format!("te\txt\n\n{line}\n"), NoteError::Control),
        (format!("text\n{line}\n"), NoteError::Unsigned),
        (format!("text\n\n{line}"), NoteError::Unended),
        ("text\n\n\n".to_owned(), NoteError::Unended),
        (format!("text\n\n{line}\n- a AAAAAAA=\n"), NoteError::Signature(2)),
        ("text\n\n\u{2014} a+b AAAAAAA=\n".to_owned(), NoteError::Signature(1)),
        ("text\n\n\u{2014} a AAAAAA==\n".to_owned(), NoteError::Signature(1)),
        (format!("text\n\n{}", format!("{line}\n").repeat(MOST_NOTE_LINES + 1)), NoteError::TooMany),
    ] {
        assert_eq!(Note::parse(&bad), Err(why), "{bad:?}");
    }
}

#[test]
fn tiles_are_named_as_c2sp_names_them() {
    let hashes = |level, index, width| Tile { kind: TileKind::Hashes(level), index, width };
    for (path, tile) in [
        ("tile/0/000", hashes(0, 0, 256)),
        ("tile/0/x001/x234/067", hashes(0, 1_234_067, 256)),
        ("tile/1/255.p/7", hashes(1, 255, 7)),
        ("tile/63/000", hashes(63, 0, 256)),
        ("tile/entries/x001/000.p/1", Tile { kind: TileKind::Entries, index: 1_000, width: 1 }),
    ] {
        assert_eq!((Tile::parse(path), tile.to_string()), (Ok(tile), path.to_owned()));
    }
    for bad in [
        "",
        "tile/0/0",
        "tile/0/1000",
        "tile/0/x000/001",
        "tile/0/001/002",
        "tile/0/x001",
        "tile/00/000",
        "tile/64/000",
        "tile/8/0/000",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/01",
        "tile/0/000/",
        "tile/data/000",
        "/tile/0/000",
        "tile/0/x999/x999/x999/x999/x999/x999/999",
    ] {
        assert!(Tile::parse(bad).is_err(), "{bad:?}");
    }
}

#[test]
fn a_tree_has_a_tile_once_it_has_all_of_its_hashes() {
    let tile = Tile { kind: TileKind::Hashes(1), index: 1, width: 2 };
    assert_eq!((tile.tree_level(), tile.places()), (Some(8), Some(256..258)));
    assert!(tile.is_within(258 * 256) && !tile.is_within(258 * 256 - 1) && !tile.is_full());
    let leaves = Tile { kind: TileKind::Entries, index: 0, width: 256 };
    assert!(leaves.is_within(256) && !leaves.is_within(255) && leaves.is_full());
    assert_eq!(Tile { kind: TileKind::Hashes(8), ..tile }.tree_level(), None, "no tree is that high");
    assert_eq!(Tile { index: u64::MAX, ..tile }.places(), None);
}

proptest! {
    #[test]
    fn what_is_printed_of_a_tile_is_read_back(entries: bool, level in 0u8..64, index: u64, width in 1u16..=256) {
        let kind = if entries { TileKind::Entries } else { TileKind::Hashes(level) };
        let tile = Tile { kind, index, width };
        prop_assert_eq!(Tile::parse(&tile.to_string()), Ok(tile));
    }

    #[test]
    fn whatever_text_comes_it_is_read_or_refused(text in "\\PC{0,40}(\n\n\u{2014} [a-z+]{0,3} [A-Za-z0-9+/=]{0,12}\n)?") {
        if let Ok(note) = Note::parse(&text) {
            prop_assert_eq!(note.to_string(), text.clone());
        }
        let _ = (Checkpoint::parse(&text), Tile::parse(&text), text.parse::<VerifierKey>());
    }
}
