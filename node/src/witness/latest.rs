//! What this node's witness signed last, in a file outside of the store, and whether it may sign a checkpoint after that.
//!
//! The file is a note as witnesses make them: the checkpoint, and below it the cosignature. It is on the disk before the cosignature goes
//! anywhere, and is never taken back: a store from a backup, or of another chain, is held against it.

use super::verifier_of;
use files::remedy;
use primitives::{Digest, SecretKey, Signature};
use std::io;
use std::path::PathBuf;
use store::db::DbError;
use tlog::{Checkpoint, Hashes, MOST_NOTE_BYTES, Note, VerifierKey, prove_consistency, root_at};

/// The permission bits of the file.
const OWN: u32 = 0o600;

/// Why a checkpoint is not cosigned.
#[derive(Debug, thiserror::Error)]
pub enum CosignRefusal {
    /// The file cannot be read or written.
    #[error("this node's witness signs nothing: {path}: {error}; {}", remedy(.error))]
    File {
        /// The file.
        path: PathBuf,
        /// The system's answer.
        error: io::Error,
    },
    /// The file is none that a witness wrote.
    #[error(
        "this node's witness signs nothing: {path} is not what it signed last ({reason}); restore that file, or have another key \
         registered, with which nothing was signed, and move the file away"
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// It has signed for another log.
    #[error(
        "this node's witness signs nothing: it signed for the log {signed} last, and this one is {found}; give this network's witness a \
         home and a key of its own"
    )]
    OtherLog {
        /// Which it signed for.
        signed: String,
        /// Which this is.
        found: String,
    },
    /// The log is behind what was signed.
    #[error(
        "this node's witness signs nothing: it signed the log at size {signed} last, and here it has size {found}; this store is older \
         than that, and it signs again once the node has caught up"
    )]
    Behind {
        /// The size that it signed last.
        signed: u64,
        /// The size here.
        found: u64,
    },
    /// The log is another than was signed.
    #[error(
        "this node's witness refuses to sign a fork: it signed root {root} at size {signed}, and the log here, of size {found}, does not go \
         on from there; compare this node's chain with others', and keep {path} as evidence"
    )]
    Fork {
        /// The size that it signed last.
        signed: u64,
        /// The root that it signed last.
        root: Digest,
        /// The size here.
        found: u64,
        /// The file.
        path: PathBuf,
    },
    /// The store has no such tree.
    #[error(
        "this node's witness signs nothing: the store does not have the tree whose root the state says at size {0}"
    )]
    OtherTree(u64),
    /// The store.
    #[error(transparent)]
    Store(#[from] DbError),
}

/// The file of what was signed last.
#[derive(Debug, Clone)]
pub struct LatestCosigned {
    path: PathBuf,
}

impl LatestCosigned {
    /// The one at a path.
    pub fn at(path: PathBuf) -> Self {
        Self { path }
    }

    /// Signs a checkpoint, once it is held against what was signed last and is on the disk; what was signed last is given again. The name is
    /// that of the witness on chain, `now` seconds since 1970, and `tree` has the hashes of the log.
    ///
    /// # Errors
    /// Why it is not signed.
    pub fn cosign<H: Hashes<Error = DbError>>(
        &self,
        tree: &H,
        checkpoint: &Checkpoint,
        (name, key): (&str, &SecretKey),
        now: u64,
    ) -> Result<(u64, Signature), CosignRefusal> {
        let verifier = verifier_of(name, key.public());
        if root_at(tree, checkpoint.size)? != checkpoint.root {
            return Err(CosignRefusal::OtherTree(checkpoint.size));
        }
        let last = self.read()?;
        let mut least = 0;
        if let Some((signed, note)) = &last {
            self.require_goes_on(tree, signed, checkpoint)?;
            let before = signature_in(note, &verifier);
            if let Some(again) = before.filter(|_| signed == checkpoint) {
                return Ok(again);
            }
            least = before.map_or(0, |(when, _)| when);
        }
        // No time goes back, whatever this machine's clock does.
        let timestamp = now.max(least);
        let line = verifier.signed(key, timestamp, &checkpoint.text());
        let note = Note { text: checkpoint.text(), lines: vec![line] };
        self.write(&note)?;
        signature_in(&note, &verifier).ok_or_else(|| self.damaged("what was just signed is no signature"))
    }

    fn require_goes_on<H: Hashes<Error = DbError>>(
        &self,
        tree: &H,
        signed: &Checkpoint,
        checkpoint: &Checkpoint,
    ) -> Result<(), CosignRefusal> {
        if signed.origin != checkpoint.origin {
            let (signed, found) = (signed.origin.to_string(), checkpoint.origin.to_string());
            return Err(CosignRefusal::OtherLog { signed, found });
        }
        if signed.size > checkpoint.size {
            return Err(CosignRefusal::Behind { signed: signed.size, found: checkpoint.size });
        }
        let proof = prove_consistency(tree, signed.size, checkpoint.size)?;
        if proof.is_some_and(|proof| proof.verify(&signed.root, &checkpoint.root)) {
            return Ok(());
        }
        let (root, found, path) = (signed.root, checkpoint.size, self.path.clone());
        Err(CosignRefusal::Fork { signed: signed.size, root, found, path })
    }

    fn read(&self) -> Result<Option<(Checkpoint, Note)>, CosignRefusal> {
        let Some(bytes) = files::if_there(std::fs::read(&self.path)).map_err(|error| self.failed(error))? else {
            return Ok(None);
        };
        if bytes.len() > MOST_NOTE_BYTES {
            return Err(self.damaged("it is too long"));
        }
        let text = String::from_utf8(bytes).map_err(|_| self.damaged("it is no text"))?;
        let note = Note::parse(&text).map_err(|error| self.damaged(&error.to_string()))?;
        let checkpoint = Checkpoint::parse(&note.text).map_err(|error| self.damaged(&error.to_string()))?;
        Ok(Some((checkpoint, note)))
    }

    fn write(&self, note: &Note) -> Result<(), CosignRefusal> {
        let write = || {
            std::fs::create_dir_all(files::folder_of(&self.path))?;
            files::replace(&self.path, Some(OWN), note.to_string().as_bytes())
        };
        write().map_err(|error| self.failed(error))
    }

    fn failed(&self, error: io::Error) -> CosignRefusal {
        CosignRefusal::File { path: self.path.clone(), error }
    }

    fn damaged(&self, reason: &str) -> CosignRefusal {
        CosignRefusal::Damaged { path: self.path.clone(), reason: reason.to_owned() }
    }
}

/// The time and the signature in the first line of a witness's key that is valid.
pub(super) fn signature_in(note: &Note, verifier: &VerifierKey) -> Option<(u64, Signature)> {
    let id = verifier.id();
    let own = note.lines.iter().filter(|line| line.id == id && line.name == verifier.name);
    let mut alone = own.map(|line| Note { text: note.text.clone(), lines: vec![line.clone()] });
    let valid = alone.find(|alone| verifier.verify(alone).is_some())?;
    let (timestamp, signature) = valid.lines.first()?.signature.split_first_chunk::<8>()?;
    Some((u64::from_be_bytes(*timestamp), Signature(signature.try_into().ok()?)))
}
