//! Everything that a plan's flags serve, compiled so that an answer is a few loads and takes no memory (ROLLOUTS 6.3).
//!
//! A [`Snapshot`] says what [`resolve`](crate::resolve) says of the state that it was compiled from, to everybody and everywhere. It
//! never changes: after a block that [touched](TouchedFlags) flags of the plan, another one [follows](Snapshot::following) it, which
//! shares all that was not touched. Whoever serves flags keeps the latest, and asks no state.
//!
//! ```
//! use flags::{ContextValue, FlagReader, Snapshot};
//! use primitives::{Name, Path};
//! use state::{Memory, State};
//!
//! let (memory, plan) = (Memory::default(), Name::new("shop").ok_or("no name")?);
//! let snapshot = Snapshot::compile(&State::over(&memory), &plan);
//! let scope = snapshot.scope(&"PROD/t1".parse::<Path>()?);
//! let context = snapshot.context(&[("targetingKey", ContextValue::Text("ann"))]);
//! for flag in snapshot.seen_by(FlagReader::Client) {
//!     let served = snapshot.resolve(*flag, &scope, &context);
//!     assert!(served.is_some());
//! }
//! assert_eq!(snapshot.find("checkout"), None);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod compile;
mod context;
mod draw;
mod listing;
mod names;
mod program;
mod served;
mod source;
mod touched;
mod version;
mod words;

pub use context::{ContextValue, FlagContext};
pub use served::{FlagReader, ServedFlag};
pub use source::ListedFlag;
pub use touched::TouchedFlags;

use crate::queries;
use compile::{CompiledFlag, compiled};
use listing::Listing;
use parity_scale_codec::Encode;
use primitives::{Digest, Name, Path};
use source::{FlagSource, SegmentTable, read_all};
use state::State;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use words::Words;

/// What stands between the names of a path.
const BETWEEN: char = '/';

/// A flag of one snapshot, by its place there: the flags of a plan in the order of their keys. Another snapshot may have another one
/// at that place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct FlagId(u32);

impl FlagId {
    /// Its place among all flags of the snapshot, from 0.
    #[inline]
    pub fn place(self) -> usize {
        self.0 as usize
    }
}

/// A path, by what a snapshot knows of it and of what it lies under. It is for that snapshot alone.
#[derive(Debug, Clone, Copy, Default)]
pub struct FlagScope {
    /// The numbers of those where something is set, the nearest first; the root is none of them.
    levels: [u32; Path::MOST_NAMES as usize],
    count: usize,
}

/// What the flags of a plan serve.
#[derive(Debug, Clone)]
pub struct Snapshot {
    plan: Name,
    /// In the order of their keys.
    flags: Vec<CompiledFlag>,
    listing: Arc<Listing>,
    segments: BTreeMap<Name, Arc<SegmentTable>>,
    words: Words,
}

impl Snapshot {
    /// What a plan's flags serve by a state; of a plan that there is not, no flag.
    pub fn compile(state: &State, plan: &Name) -> Self {
        let mut words = Words::default();
        let tables = queries::segments(state, plan);
        let segments = tables.map(|(name, members)| (name, SegmentTable::new(members, &mut words))).collect();
        let (mut flags, mut listing) = (Vec::new(), Listing::default());
        // One after the other, so that each is compiled while what was read of it is at hand.
        for source in read_all(state, plan, &segments) {
            listing.add(&source.flag);
            flags.push(compiled(source, &mut words));
        }
        Self { plan: plan.clone(), flags, listing: Arc::new(listing), segments, words }
    }

    /// What the plan's flags serve by a later state, when nothing of the plan was written in between but what was touched. Only that is
    /// read and compiled again, with what names a segment that was touched.
    #[must_use]
    pub fn following(&self, state: &State, touched: &TouchedFlags) -> Self {
        let (plan, mut words, mut segments) = (&self.plan, self.words.clone(), self.segments.clone());
        for name in &touched.segments {
            match queries::segment(state, plan, name) {
                Some(members) => segments.insert(name.clone(), SegmentTable::new(members, &mut words)),
                None => segments.remove(name),
            };
        }
        let mut again: BTreeSet<&Name> = touched.flags.iter().collect();
        if !touched.segments.is_empty() {
            let naming = self.flags.iter().filter(|flag| flag.source().names_any(&touched.segments));
            again.extend(naming.map(|flag| flag.source().key()));
        }
        let (mut flags, mut is_listed_alike) = (self.flags.clone(), true);
        for key in again {
            let source = FlagSource::read(state, plan, key, &segments);
            let flag = source.map(|source| compiled(source, &mut words));
            is_listed_alike &= put(&mut flags, key, flag);
        }
        // An attribute without a slot would be asked of nobody.
        if words.are_too_many() {
            return Self::compile(state, plan);
        }
        let anew = || Arc::new(Listing::of(flags.iter().map(|flag| &flag.source().flag)));
        let listing = if is_listed_alike { Arc::clone(&self.listing) } else { anew() };
        Self { plan: plan.clone(), flags, listing, segments, words }
    }

    /// The plan.
    pub fn plan(&self) -> &Name {
        &self.plan
    }

    /// The flag of that key; none when the plan has no such flag.
    #[inline]
    pub fn find(&self, key: &str) -> Option<FlagId> {
        let is_it = |flag: FlagId| self.flags.get(flag.place()).is_some_and(|flag| flag.source().key().as_str() == key);
        self.listing.find(key, is_it)
    }

    /// The flag of that key, where whoever reads may see it; for others there is none.
    #[inline]
    pub fn find_for(&self, reader: FlagReader, key: &str) -> Option<FlagId> {
        self.find(key).filter(|flag| self.flag(*flag).is_some_and(|flag| reader.sees(flag.defined.flag.audience)))
    }

    /// The flags that a reader sees, in the order of their keys.
    pub fn seen_by(&self, reader: FlagReader) -> &[FlagId] {
        self.listing.seen_by(reader)
    }

    /// What is said of a flag; none for one of another snapshot that this one has not.
    pub fn flag(&self, flag: FlagId) -> Option<&ListedFlag> {
        self.flags.get(flag.place()).map(|flag| &flag.source().flag)
    }

    /// A path as this snapshot knows it: asked once, however many flags are then resolved there.
    pub fn scope(&self, path: &Path) -> FlagScope {
        let mut scope = FlagScope::default();
        let mut text = path.as_str();
        while !text.is_empty() {
            let free = scope.levels.get_mut(scope.count);
            if let (Some(free), Some(level)) = (free, self.words.scope_of(text)) {
                *free = level;
                scope.count = scope.count.saturating_add(1);
            }
            text = text.rsplit_once(BETWEEN).map_or("", |(outer, _)| outer);
        }
        scope
    }

    /// What is known of whoever asks, as far as rules of the plan ask for it. The later of two under one name counts.
    pub fn context<'c>(&self, known: &[(&str, ContextValue<'c>)]) -> FlagContext<'c> {
        FlagContext::new(&self.words, known)
    }

    /// What a flag serves whoever a context is about: [`resolve`](crate::resolve), without reading state or taking memory. None for a
    /// flag of another snapshot that this one has not.
    #[inline]
    pub fn resolve(&self, flag: FlagId, scope: &FlagScope, context: &FlagContext<'_>) -> Option<&ServedFlag> {
        let levels = scope.levels.get(..scope.count).unwrap_or_default();
        self.flags.get(flag.place())?.resolve(levels, context)
    }

    /// What everything that a reader sees is configured to be at a path. While it is the same nobody is served anything else there,
    /// whoever asks; below that path something may be set otherwise, so whoever is served there asks by its own path.
    pub fn digest(&self, path: &Path, reader: FlagReader) -> Digest {
        let ancestors: Vec<Path> = path.ancestors().collect();
        let seen = self.seen_by(reader).iter().filter_map(|flag| self.flags.get(flag.place()));
        let digests: Vec<Digest> = seen.map(|flag| flag.source().digest(&ancestors)).collect();
        Digest::blake3(&("the-block/flags-at/v1", &self.plan, path, digests).encode())
    }
}

/// Puts the flag of a key where it belongs in the order of keys, in place of the one that is there, or takes that one out; whether all
/// are listed as they were.
fn put(flags: &mut Vec<CompiledFlag>, key: &Name, flag: Option<CompiledFlag>) -> bool {
    let place = flags.binary_search_by(|other| other.source().key().cmp(key));
    match (place, flag) {
        (Ok(place), Some(flag)) => flags.get_mut(place).is_none_or(|there| {
            let before = std::mem::replace(there, flag);
            Listing::has_alike(&before.source().flag, &there.source().flag)
        }),
        (Ok(place), None) => {
            flags.remove(place);
            false
        }
        (Err(place), Some(flag)) => {
            flags.insert(place, flag);
            false
        }
        (Err(_), None) => true,
    }
}
