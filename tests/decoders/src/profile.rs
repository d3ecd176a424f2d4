//! A profile, as people write it: TOML that becomes a plan.

use crate::{Outcome, Seed};
use profiles::{ProfileFiles, text::toml};
use rollouts::plan::Plan;

/// The name of the file in mistakes.
const FILE: &str = "profile.toml";
/// More bytes than this are not looked at: libFuzzer would call a long file slow.
const MOST: usize = 32 << 10;

/// The documents that the profiles of this repository name; there is no other, and no bundle beside a profile.
struct Documents;

impl ProfileFiles for Documents {
    fn bundle(&self, _path: &str) -> Result<Vec<u8>, String> {
        Err("no such file".into())
    }

    fn document(&self, path: &str) -> Result<Vec<u8>, String> {
        let bytes: &[u8] = match path {
            "docs/Release-Gatekeeper.md" => include_bytes!("../../../docs/Release-Gatekeeper.md"),
            "docs/operations/release_checklist.md" => include_bytes!("../../../docs/operations/release_checklist.md"),
            "docs/operations/rollbacks/server.md" => include_bytes!("../../../docs/operations/rollbacks/server.md"),
            "docs/operations/rollbacks/web_client.md" => {
                include_bytes!("../../../docs/operations/rollbacks/web_client.md")
            }
            "docs/operations/rollbacks/tauri_client.md" => {
                include_bytes!("../../../docs/operations/rollbacks/tauri_client.md")
            }
            _ => return Err("no such file".into()),
        };
        Ok(bytes.to_vec())
    }
}

/// What is read has no mistake, and is read again from what it is written as; what is not says where and why.
pub fn check(bytes: &[u8]) -> Outcome {
    if bytes.len() > MOST {
        return Outcome::Refused;
    }
    match profiles::read(FILE, bytes, &Documents) {
        Ok(loaded) => {
            let plan = loaded.plan;
            assert_eq!(plan.mistakes(), []);
            let written = toml(&plan);
            let read = profiles::read(FILE, written.as_bytes(), &Documents);
            let read = read.unwrap_or_else(|mistakes| panic!("{mistakes}\n{written}")).plan;
            // The hashes are of other files, and what is written begins anew.
            let Plan { version, bundle, profile, .. } = plan;
            assert_eq!(Plan { version, bundle, profile, ..read }, plan, "{written}");
            Outcome::Taken
        }
        Err(mistakes) => {
            let lines = 1..=bytes.iter().filter(|byte| **byte == b'\n').count() + 1;
            assert!(!mistakes.0.is_empty());
            for mistake in mistakes.0 {
                assert!(!mistake.sentence.is_empty(), "{mistake:?}");
                let is_there = mistake.file != FILE || mistake.line.is_none_or(|line| lines.contains(&line));
                assert!(is_there, "{mistake:?}");
            }
            Outcome::Refused
        }
    }
}

/// The profiles of this repository that hold their bundles.
pub fn seeds() -> Vec<Seed> {
    let files: [(&str, &[u8]); 2] = [
        ("pos", include_bytes!("../../../config/profiles/pos.toml")),
        ("trunk", include_bytes!("../../../config/profiles/trunk.toml")),
    ];
    files.map(|(name, bytes)| Seed { name: name.into(), bytes: bytes.into() }).into()
}
