//! The last end of an epoch that a home has verified, in a file outside of its store.
//!
//! The node's key signs it for the network and for this purpose. Its public half, which an encrypted key file says without a
//! passphrase, is enough to see that. Whoever does not even know that takes nothing for trusted by this file, and still takes no store
//! that lacks what it names: a forged one can only refuse.

use super::Mistrust;
use crate::db::DbError;
use host::config::Home;
use host::keys;
use light::{Anchor, SignedHeader};
use parity_scale_codec::{Decode, DecodeAll, Encode};
use primitives::{BlockHash, Height, SecretKey, Signature};
use runtime::Genesis;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

/// What the file begins with, and what the signature is for.
const MAGIC: &[u8] = b"the-block/anchor/v1\n";
/// No such file is longer, in bytes; a header with the largest set of validators has a fraction of it.
const MOST_BYTES: u64 = 1 << 20;

/// The last end of an epoch that a home has verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptAnchor {
    end: SignedHeader,
    file: PathBuf,
    /// Whether it is known that this node has signed it.
    is_signed: bool,
}

/// The file, behind its magic.
#[derive(Encode, Decode)]
struct Content {
    end: SignedHeader,
    signature: Signature,
}

impl KeptAnchor {
    /// Reads what a home has verified; none where no epoch was verified yet.
    ///
    /// # Errors
    /// When it is cut off or damaged, of another network, or signed by another key than this node's.
    pub fn read(home: &Home, genesis: &Genesis) -> Result<Option<Self>, Mistrust> {
        let file = home.anchor();
        let wrong = |what: String| Mistrust::Anchor { file: file.clone(), what };
        let Some(bytes) = stored(&file).map_err(|error| DbError::system(&file, &error))? else {
            return Ok(None);
        };
        let Content { end, signature } = decoded(&bytes).ok_or_else(|| wrong("is cut off or damaged".into()))?;
        let verified = end.verify(&genesis.chain.chain_id);
        verified.map_err(|error| wrong(format!("holds a block that was not decided: {error}")))?;
        // A passphrase that is not at hand is no forgery.
        let key = keys::public(&home.node_key());
        let is_signed = key.map(|key| key.verify(&message(genesis, &end), &signature));
        if is_signed == Some(false) {
            return Err(wrong("was not written with this node's key for this network".into()));
        }
        Ok(Some(Self { end, file, is_signed: is_signed.unwrap_or(false) }))
    }

    /// Keeps an end that this home has verified, unless a later one is kept.
    ///
    /// # Errors
    /// When the home cannot be written.
    pub fn move_on(home: &Home, genesis: &Genesis, key: &SecretKey, end: SignedHeader) -> io::Result<()> {
        let file = home.anchor();
        let before = stored(&file)?.and_then(|bytes| decoded(&bytes));
        if before.is_some_and(|before| before.end.height() >= end.height()) {
            return Ok(());
        }
        let signature = key.sign(&message(genesis, &end));
        std::fs::create_dir_all(files::folder_of(&file))?;
        files::replace(&file, None, &[MAGIC, &Content { end, signature }.encode()].concat())
    }

    /// Its height.
    pub fn height(&self) -> Height {
        self.end.height()
    }

    /// Its block.
    pub fn block(&self) -> BlockHash {
        self.end.header.hash()
    }

    /// The trust that begins with it; none where nobody could tell that this node has signed it.
    pub(super) fn anchor(&self, genesis: &Genesis) -> Option<Anchor> {
        self.is_signed.then(|| Anchor::at(genesis, &self.end))
    }

    /// Refuses what does not contain it; `found` is what there is in its place, as a sentence.
    pub(crate) fn lacking(&self, found: String) -> Mistrust {
        Mistrust::Lacks { file: self.file.clone(), height: self.height(), block: self.block(), found }
    }
}

/// What is signed: the purpose, the network, and everything that is acted on.
fn message(genesis: &Genesis, end: &SignedHeader) -> Vec<u8> {
    [MAGIC, genesis.hash().as_bytes(), &end.encode()].concat()
}

fn stored(file: &Path) -> io::Result<Option<Vec<u8>>> {
    let Some(opened) = files::if_there(File::open(file))? else { return Ok(None) };
    let mut bytes = Vec::new();
    opened.take(MOST_BYTES).read_to_end(&mut bytes)?;
    Ok(Some(bytes))
}

fn decoded(bytes: &[u8]) -> Option<Content> {
    Content::decode_all(&mut bytes.strip_prefix(MAGIC)?).ok()
}
