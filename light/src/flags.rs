//! Proof of what a flag serves at a path, checked without the chain (ROLLOUTS 12.3): everything that decides it, row by row, under one
//! trusted header. What follows from the rows is for [`flags::resolve`] alone to say, which the chain runs too.

use crate::file::{self, FileError, MAX_TICKET_BYTES};
use crate::{Anchor, Distrust, MAX_HOPS, NotRecent, Recency, SignedHeader};
use flags::queries::{disabled_key, flag_key, scoped, segment_key, setting_key};
use flags::{
    DefinedFlag, Disabled, EvaluationContext, MOST_SEGMENTS_NAMED, Resolution, ScopedFlag, SegmentMembers, Setting,
    resolve,
};
use parity_scale_codec::{Decode, DecodeAll, Encode};
use primitives::{List, Name, Path, Reading, StateRoot};
use releases::Levels;
use releases::queries::levels_key;
use runtime::{Header, LEVEL};
use serde::{Deserialize, Serialize};
use state::tree::printable;
use state::{ProofError, State, StateProof};
use std::collections::{BTreeMap, BTreeSet};

/// The first line of its file.
const FIRST_LINE: &[u8] = b"the-block/flag/v1\n";

/// The most paths on the way from one to the root, both among them.
const MOST_ABOVE: u32 = Path::MOST_NAMES + 1;

/// The most segments that what is set on the way names.
const MOST_SEGMENTS_PROVEN: u32 = MOST_ABOVE * MOST_SEGMENTS_NAMED as u32;

/// A flag of a plan, at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlagQuestion {
    /// The plan.
    pub plan: Name,
    /// The flag.
    pub key: Name,
    /// The path; the root is everywhere.
    pub scope: Path,
}

/// Everything of state that decides what a flag serves at a path.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct FlagRows {
    /// The levels of the network, by which a verifier that knows less is told so before it reads anything else.
    pub levels: StateProof,
    /// The flag.
    pub flag: StateProof,
    /// Where it is disabled, and where not: at the path, then at each above, the root last.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<StateProof>", length(max = MOST_ABOVE)))]
    pub disabled: List<StateProof, MOST_ABOVE>,
    /// What is set, and where nothing is: at the same paths in the same order.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<StateProof>", length(max = MOST_ABOVE)))]
    pub settings: List<StateProof, MOST_ABOVE>,
    /// The segments that the settings name, in the order of their names.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<StateProof>", length(max = MOST_SEGMENTS_PROVEN)))]
    pub segments: List<StateProof, MOST_SEGMENTS_PROVEN>,
}

/// What decides what a flag serves at a path, under a header that its validators decided.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct FlagTicket {
    /// Headers that lead trust from the anchor to the last one, ascending; mostly none.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<SignedHeader>", length(max = MAX_HOPS)))]
    pub hops: List<SignedHeader, MAX_HOPS>,
    /// The header whose state is proven.
    pub head: SignedHeader,
    /// What is proven.
    pub rows: FlagRows,
}

/// What a verified ticket shows of a flag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvenFlag {
    /// The header under which everything is proven.
    pub header: Header,
    /// The flag, with everything that decides what it serves at the path.
    pub scoped: ScopedFlag,
}

/// Why a ticket shows nothing of a flag.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FlagTicketError {
    /// More bytes than any ticket has.
    #[error("it has {0} bytes, and the ticket of a flag has at most {MAX_TICKET_BYTES}")]
    TooLarge(usize),
    /// Another file.
    #[error("it is not the ticket of a flag")]
    NotATicket,
    /// Cut off or damaged.
    #[error("it is cut off or damaged: {0}")]
    Undecodable(String),
    /// Trust does not reach one of its headers.
    #[error("its header cannot be trusted: {0}")]
    Distrust(#[from] Distrust),
    /// It speaks of another key.
    #[error("its proof is about {found}, and {expected} is asked for; fetch the ticket of this flag at this path")]
    OtherKey {
        /// The key it proves.
        found: String,
        /// The key that is needed.
        expected: String,
    },
    /// Not one proof for each row.
    #[error("it has {have} proofs of {what}, and {need} are needed")]
    Incomplete {
        /// What the rows are: `paths where it is disabled`, `settings`, or `segments`.
        what: &'static str,
        /// The proofs.
        have: u64,
        /// The rows.
        need: u64,
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
    /// That there is no such flag is what it proves.
    #[error("it proves that plan {plan} has no flag {key}")]
    NoFlag {
        /// The plan.
        plan: Name,
        /// The flag.
        key: Name,
    },
}

impl From<FileError> for FlagTicketError {
    fn from(error: FileError) -> Self {
        match error {
            FileError::TooLarge(bytes) => Self::TooLarge(bytes),
            FileError::Another => Self::NotATicket,
            FileError::Undecodable(error) => Self::Undecodable(error),
        }
    }
}

impl FlagQuestion {
    /// The paths that have a say, the nearest first and the root last.
    fn paths(&self) -> impl Iterator<Item = Path> {
        self.scope.ancestors()
    }
}

impl FlagRows {
    /// The rows of a question, with the proof that `prove` has of each key in that very state.
    ///
    /// # Errors
    /// What `prove` cannot.
    pub fn gather<E>(
        state: &State,
        asked: &FlagQuestion,
        mut prove: impl FnMut(&[u8]) -> Result<StateProof, E>,
    ) -> Result<Self, E> {
        let FlagQuestion { plan, key, scope } = asked;
        let named = scoped(state, plan, key, scope).map(|scoped| segments_named(&scoped.settings)).unwrap_or_default();
        let mut all =
            |keys: Vec<state::KeyBytes>| -> Result<Vec<StateProof>, E> { keys.iter().map(|key| prove(key)).collect() };
        let disabled = all(asked.paths().map(|path| disabled_key(plan, key, &path)).collect())?;
        let settings = all(asked.paths().map(|path| setting_key(plan, key, &path)).collect())?;
        let segments = all(named.iter().map(|name| segment_key(plan, name)).collect())?;
        Ok(Self {
            levels: prove(levels_key())?,
            flag: prove(&flag_key(plan, key))?,
            disabled: List::truncate_from(disabled),
            settings: List::truncate_from(settings),
            segments: List::truncate_from(segments),
        })
    }

    /// What they show of a question under the state root of a header.
    fn shown(&self, asked: &FlagQuestion, root: StateRoot) -> Result<ScopedFlag, FlagTicketError> {
        let FlagQuestion { plan, key, .. } = asked;
        let flag: Option<DefinedFlag> = proven(&self.flag, &flag_key(plan, key), root)?;
        let flag = flag.ok_or_else(|| FlagTicketError::NoFlag { plan: plan.clone(), key: key.clone() })?;
        let disabled: BTreeMap<Path, Disabled> =
            each("paths where it is disabled", &self.disabled, asked.paths(), root, |path| {
                disabled_key(plan, key, path)
            })?;
        let settings: BTreeMap<Path, Setting> =
            each("settings", &self.settings, asked.paths(), root, |path| setting_key(plan, key, path))?;
        let named = segments_named(&settings).into_iter();
        let segments: BTreeMap<Name, SegmentMembers> =
            each("segments", &self.segments, named, root, |name| segment_key(plan, name))?;
        Ok(ScopedFlag { flag, disabled, settings, segments })
    }
}

impl FlagTicket {
    /// The file: a line that says what it is, and the SCALE encoding.
    pub fn to_bytes(&self) -> Vec<u8> {
        file::write(FIRST_LINE, self)
    }

    /// Reads exactly one.
    ///
    /// # Errors
    /// For too many bytes, another file, one that is cut off, and bytes left over.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, FlagTicketError> {
        Ok(file::read(FIRST_LINE, bytes)?)
    }

    /// Shows what decides what a flag serves at a path, from what `anchor` trusts.
    ///
    /// # Errors
    /// The first thing that does not hold: a header, a certificate, a step of trust, a proof; and that there is no such flag.
    pub fn verify(&self, anchor: &Anchor, asked: &FlagQuestion) -> Result<ProvenFlag, FlagTicketError> {
        anchor.follow(self.headers())?;
        let header = self.head.header.clone();
        // First, because what else is proven may be new.
        let levels: Levels = proven(&self.rows.levels, levels_key(), header.state_root)?.unwrap_or_default();
        let needs = levels.at(header.height.next().epoch(anchor.epoch_length()));
        if needs > LEVEL {
            return Err(FlagTicketError::NewerLevel { needs, have: LEVEL });
        }
        let scoped = self.rows.shown(asked, header.state_root)?;
        Ok(ProvenFlag { header, scoped })
    }

    /// Its headers, ascending, the one whose state it proves last.
    pub fn headers(&self) -> impl Iterator<Item = &SignedHeader> {
        self.hops.iter().chain([&self.head])
    }
}

impl ProvenFlag {
    /// What the flag serves whoever a context is about.
    pub fn resolve(&self, context: &EvaluationContext) -> Resolution {
        resolve(&self.scoped, context)
    }

    /// Refuses a header that is not of the present by the clock of whoever asks.
    ///
    /// # Errors
    /// Why it is not.
    pub fn require_recent(&self, reading: Reading, recency: Recency) -> Result<(), NotRecent> {
        recency.require(self.header.time, reading)
    }
}

/// The segments that settings name, each once, in order.
fn segments_named(settings: &BTreeMap<Path, Setting>) -> BTreeSet<Name> {
    settings.values().flat_map(|setting| setting.targeting.segments()).cloned().collect()
}

/// The rows that have a value, of those that must each be proven, in their order.
fn each<K: Ord, V: Decode>(
    what: &'static str,
    proofs: &[StateProof],
    places: impl Iterator<Item = K>,
    root: StateRoot,
    key: impl Fn(&K) -> state::KeyBytes,
) -> Result<BTreeMap<K, V>, FlagTicketError> {
    let places: Vec<K> = places.collect();
    let (have, need) = (proofs.len() as u64, places.len() as u64);
    if have != need {
        return Err(FlagTicketError::Incomplete { what, have, need });
    }
    let mut found = BTreeMap::new();
    for (place, proof) in places.into_iter().zip(proofs) {
        if let Some(value) = proven(proof, &key(&place), root)? {
            found.insert(place, value);
        }
    }
    Ok(found)
}

/// A value, or its absence, shown by a proof.
fn proven<V: Decode>(proof: &StateProof, key: &[u8], root: StateRoot) -> Result<Option<V>, FlagTicketError> {
    if proof.key != key {
        return Err(FlagTicketError::OtherKey { found: printable(&proof.key), expected: printable(key) });
    }
    proof.verify(root)?;
    let decode =
        |mut bytes: &[u8]| V::decode_all(&mut bytes).map_err(|error| FlagTicketError::Value(error.to_string()));
    proof.value.as_deref().map(decode).transpose()
}
