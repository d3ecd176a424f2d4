//! The proof that a build is approved.

use crate::file::{self, FileError, MAX_TICKET_BYTES};
use crate::{Anchor, Distrust, NotRecent, Recency, SignedHeader};
use parity_scale_codec::{Decode, DecodeAll, Encode};
use primitives::{BuildHash, Epoch, Height, List, Reading, StateRoot, Timestamp};
use releases::queries::{Verdict, levels_key, minimum_sequence_key, release_key, verdict};
use releases::{ApprovedRelease, Levels, MinimumSequence};
use runtime::{ChainParams, Header, LEVEL};
use serde::{Deserialize, Serialize};
use state::{ProofError, StateProof};

/// The most headers between the anchor and the ticket's own. Where trust needs more, a verifier fetches them before, in pages.
pub const MAX_HOPS: u32 = 1_024;

/// The first line of its file.
const FIRST_LINE: &[u8] = b"the-block/ticket/v1\n";

/// What state says about a build, under a header that its validators decided.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Ticket {
    /// Headers that lead trust from the anchor to the last one, ascending; mostly none.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<SignedHeader>", length(max = MAX_HOPS)))]
    pub hops: List<SignedHeader, MAX_HOPS>,
    /// The header whose state is proven.
    pub head: SignedHeader,
    /// The approval record of the build, or that there is none.
    pub approval: StateProof,
    /// The least sequence number that may run, or that there is none.
    pub minimum_sequence: StateProof,
    /// The levels of the network, by which a verifier that knows less is told so before it reads anything else.
    pub levels: StateProof,
}

/// What a verified ticket shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proven {
    /// The header under which everything is proven.
    pub header: Header,
    /// The epoch in which the build would run: that of the block after it, or [one to come](Self::as_of).
    pub epoch: Epoch,
    /// The approval record; none when governance never approved the build.
    pub release: Option<ApprovedRelease>,
    /// The least sequence number that may run.
    pub minimum_sequence: MinimumSequence,
    /// The levels of the network.
    pub levels: Levels,
}

/// Why a ticket proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TicketError {
    /// More bytes than any ticket has.
    #[error("it has {0} bytes, and a ticket has at most {MAX_TICKET_BYTES}")]
    TooLarge(usize),
    /// Another file.
    #[error("it is not a ticket")]
    NotATicket,
    /// Cut off or damaged.
    #[error("it is cut off or damaged: {0}")]
    Undecodable(String),
    /// Trust does not reach one of its headers.
    #[error("its header cannot be trusted: {0}")]
    Distrust(#[from] Distrust),
    /// It speaks of another key.
    #[error("its proof is about {found}, and {expected} is asked for; fetch the ticket of this build")]
    OtherKey {
        /// The key it proves.
        found: String,
        /// The key that is needed.
        expected: String,
    },
    /// The claimed value is not in state.
    #[error("its state proof does not verify: {0}")]
    Proof(#[from] ProofError),
    /// The value is proven and unknown here.
    #[error("the value it proves cannot be read by this version: {0}; use a newer build")]
    Value(String),
    /// The network has come up to a level of which this software knows nothing.
    #[error("it is of a network at level {needs}, and this build knows levels up to {have}; use a newer build")]
    NewerLevel {
        /// The level in force.
        needs: u32,
        /// The highest level that is known here.
        have: u32,
    },
}

impl From<FileError> for TicketError {
    fn from(error: FileError) -> Self {
        match error {
            FileError::TooLarge(bytes) => Self::TooLarge(bytes),
            FileError::Another => Self::NotATicket,
            FileError::Undecodable(error) => Self::Undecodable(error),
        }
    }
}

impl Ticket {
    /// The file: a line that says what it is, and the SCALE encoding.
    pub fn to_bytes(&self) -> Vec<u8> {
        file::write(FIRST_LINE, self)
    }

    /// Reads exactly one ticket.
    ///
    /// # Errors
    /// For too many bytes, another file, one that is cut off, and bytes left over.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, TicketError> {
        Ok(file::read(FIRST_LINE, bytes)?)
    }

    /// Shows what state says about `build`, from what `anchor` trusts.
    ///
    /// # Errors
    /// The first thing that does not hold: a header, a certificate, a step of trust, a proof.
    pub fn verify(&self, anchor: &Anchor, build: &BuildHash) -> Result<Proven, TicketError> {
        self.follow(anchor)?;
        let header = self.head.header.clone();
        let root = header.state_root;
        let epoch = header.height.next().epoch(anchor.epoch_length());
        // First, because what else is proven may be new.
        let levels: Levels = proven(&self.levels, levels_key(), root)?.unwrap_or_default();
        let needs = levels.at(epoch);
        if needs > LEVEL {
            return Err(TicketError::NewerLevel { needs, have: LEVEL });
        }
        let release = proven(&self.approval, &release_key(build), root)?;
        let minimum_sequence = proven(&self.minimum_sequence, minimum_sequence_key(), root)?.unwrap_or_default();
        Ok(Proven { header, epoch, release, minimum_sequence, levels })
    }

    /// The anchor that trusting the ticket gives, whatever its proofs say.
    ///
    /// # Errors
    /// Why trust does not reach one of its headers.
    pub fn follow(&self, anchor: &Anchor) -> Result<Anchor, Distrust> {
        anchor.follow(self.headers())
    }

    /// Its headers, ascending, the one whose state it proves last.
    pub fn headers(&self) -> impl Iterator<Item = &SignedHeader> {
        self.hops.iter().chain([&self.head])
    }

    /// The height whose state it proves.
    pub fn height(&self) -> Height {
        self.head.height()
    }
}

impl Proven {
    /// Whether the build may run.
    pub fn verdict(&self) -> Verdict {
        verdict(self.release.as_ref(), &self.minimum_sequence, self.epoch)
    }

    /// The level that is in force in its epoch.
    pub fn level(&self) -> u32 {
        self.levels.at(self.epoch)
    }

    /// The same for the epoch that it is at a time, if blocks came as fast as they should since. Once a build may not run it never may
    /// again by the same record, so that the verdict then is that of every epoch between; a time before the header changes nothing.
    pub fn as_of(&self, now: Timestamp, chain: &ChainParams) -> Self {
        let epoch = chain.epoch_by(self.header.height, self.header.time, now);
        Self { epoch, ..self.clone() }
    }

    /// Refuses a header that is not of the present by the clock of whoever asks.
    ///
    /// # Errors
    /// Why it is not.
    pub fn require_recent(&self, reading: Reading, recency: Recency) -> Result<(), NotRecent> {
        recency.require(self.header.time, reading)
    }
}

/// A value, or its absence, shown by a proof.
fn proven<V: Decode>(proof: &StateProof, key: &[u8], root: StateRoot) -> Result<Option<V>, TicketError> {
    if proof.key != key {
        let printable = |key: &[u8]| state::tree::printable(key);
        return Err(TicketError::OtherKey { found: printable(&proof.key), expected: printable(key) });
    }
    proof.verify(root)?;
    let decode = |mut bytes: &[u8]| V::decode_all(&mut bytes).map_err(|error| TicketError::Value(error.to_string()));
    proof.value.as_deref().map(decode).transpose()
}
