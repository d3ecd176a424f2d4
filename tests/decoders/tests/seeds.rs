//! The seeds that fuzzing begins with are in the tree, are made of today's examples, and are taken; what must hold of their
//! decoders holds of them, and of everything that is a little like them.
//!
//! `BLESS=1 cargo test -p decoders --test seeds` rewrites `fuzz/seeds`.

use decoders::{DECODERS, Decoder, LONGEST, Outcome, Seed};
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

fn folder(decoder: &Decoder) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds").join(decoder.name)
}

#[test]
fn the_seeds_in_the_tree_are_those_that_the_examples_make() {
    for decoder in DECODERS {
        let folder = folder(decoder);
        let made: BTreeMap<String, Vec<u8>> =
            (decoder.seeds)().into_iter().map(|Seed { name, bytes }| (name, bytes)).collect();
        if std::env::var_os("BLESS").is_some() {
            // What no example makes any more goes.
            let _ = fs::remove_dir_all(&folder);
            fs::create_dir_all(&folder).unwrap();
            made.iter().for_each(|(name, bytes)| fs::write(folder.join(name), bytes).unwrap());
        }
        let files = fs::read_dir(&folder).into_iter().flatten().map(|file| file.unwrap());
        let kept: BTreeMap<String, Vec<u8>> =
            files.map(|file| (file.file_name().into_string().unwrap(), fs::read(file.path()).unwrap())).collect();
        let names = |seeds: &BTreeMap<String, Vec<u8>>| seeds.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&kept), names(&made), "{}: run make bless", decoder.name);
        let differ: Vec<&String> = made.keys().filter(|name| made[*name] != kept[*name]).collect();
        assert!(differ.is_empty(), "{}: {differ:?} would be made otherwise today; run make bless", decoder.name);
    }
}

#[test]
fn every_seed_is_taken() {
    for decoder in DECODERS {
        let seeds = (decoder.seeds)();
        assert!(seeds.len() > 1, "{}", decoder.name);
        for Seed { name, bytes } in seeds {
            assert!(bytes.len() <= LONGEST, "{} {name} has {} bytes", decoder.name, bytes.len());
            assert_eq!((decoder.check)(&bytes), Outcome::Taken, "{} {name}", decoder.name);
        }
    }
}

/// A seed cut short, with a byte more, with bits flipped, and with a piece of it twice.
fn damaged(seed: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    const PLACES: usize = 12;
    let places = (0..=PLACES).map(move |n| n * seed.len() / PLACES);
    let cut = places.clone().map(move |at| seed[..at].to_vec());
    let flipped = places.clone().filter(move |at| *at < seed.len()).map(move |at| {
        let mut bytes = seed.to_vec();
        bytes[at] ^= 1 << (at % 8);
        bytes
    });
    let twice = places.map(move |at| [&seed[..at], &seed[at / 2..]].concat());
    let longer = [[seed, &[0]].concat(), [seed, seed].concat()];
    cut.chain(flipped).chain(twice).chain(longer).filter(|bytes| bytes.len() <= LONGEST)
}

#[test]
fn what_must_hold_holds_of_every_damaged_seed() {
    for decoder in DECODERS {
        let mut refused = 0;
        for Seed { bytes, .. } in (decoder.seeds)() {
            refused += damaged(&bytes).filter(|bytes| (decoder.check)(bytes) == Outcome::Refused).count();
        }
        assert!(refused > 0, "{} takes whatever it is given", decoder.name);
    }
}
