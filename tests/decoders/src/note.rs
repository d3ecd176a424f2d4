//! A signed note, as witnesses answer it, and as whoever reads a log is given its checkpoint.

use crate::{Outcome, Seed, numbered};
use primitives::{BlockHash, Digest};
use runtime::testing::{genesis, validator};
use tlog::{Checkpoint, LogOrigin, Note, NoteAlgorithm, VerifierKey};

/// There is one text for a note and for a checkpoint, and a signature is taken for what was signed alone.
pub fn check(bytes: &[u8]) -> Outcome {
    let Ok(text) = std::str::from_utf8(bytes) else { return Outcome::Refused };
    let Ok(note) = Note::parse(text) else { return Outcome::Refused };
    assert_eq!(note.to_string(), text, "two texts of one note");
    let checkpoint = Checkpoint::parse(&note.text);
    if let Ok(checkpoint) = &checkpoint {
        assert_eq!(checkpoint.text(), note.text, "two texts of one checkpoint");
    }
    if keys().iter().any(|key| key.verify(&note).is_some()) {
        let signed = [3, 40].map(made);
        assert!(checkpoint.is_ok_and(|checkpoint| signed.contains(&checkpoint)), "a checkpoint that nobody signed");
    }
    Outcome::Taken
}

fn made(size: u64) -> Checkpoint {
    let origin = LogOrigin::of(&genesis().chain.chain_id, &BlockHash([7; 32]));
    Checkpoint { origin, size, root: Digest([9; 32]) }
}

/// The log's own key, and that of a witness.
fn keys() -> [VerifierKey; 2] {
    let log =
        VerifierKey { name: made(3).origin.to_string(), algorithm: NoteAlgorithm::Log, key: validator(0).public() };
    let witness =
        VerifierKey { name: "witness".into(), algorithm: NoteAlgorithm::Cosignature, key: validator(1).public() };
    [log, witness]
}

/// Checkpoints that the log signed, a witness, and both.
pub fn seeds() -> Vec<Seed> {
    let [log, witness] = keys();
    let notes = [3, 40].into_iter().flat_map(|size| {
        let text = made(size).text();
        let own = log.signed(&validator(0), 0, &text);
        let cosigned = witness.signed(&validator(1), 1_700_000_000, &text);
        [vec![own.clone()], vec![cosigned.clone()], vec![own, cosigned]]
            .map(|lines| Note { text: text.clone(), lines }.to_string().into_bytes())
    });
    numbered("note", notes)
}
