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
mod names;
mod program;
mod served;
mod source;
mod touched;
mod version;
mod words;

pub use context::{ContextValue, FlagContext};
pub use served::{FlagReader, ListedFlag, ServedFlag};
pub use touched::TouchedFlags;

use crate::storage::SEGMENTS;
use compile::{CompiledFlag, compiled};
use names::{PlaceTable, hash};
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
    by_key: PlaceTable,
    /// Those that clients see.
    of_clients: Vec<FlagId>,
    all: Vec<FlagId>,
    segments: BTreeMap<Name, Arc<SegmentTable>>,
    words: Words,
}

impl Snapshot {
    /// What a plan's flags serve by a state; of a plan that there is not, no flag.
    pub fn compile(state: &State, plan: &Name) -> Self {
        let mut words = Words::default();
        let tables = SEGMENTS.iter_under(state, plan);
        let segments = tables.map(|((_, name), members)| (name, SegmentTable::new(members, &mut words))).collect();
        let sources = read_all(state, plan, &segments);
        let flags = sources.into_iter().map(|source| compiled(source, &mut words)).collect();
        Self::assembled(plan.clone(), flags, segments, words)
    }

    /// What the plan's flags serve by a later state, when nothing of the plan was written in between but what was touched. Only that is
    /// read and compiled again, with what names a segment that was touched.
    #[must_use]
    pub fn following(&self, state: &State, touched: &TouchedFlags) -> Self {
        let (plan, mut words, mut segments) = (&self.plan, self.words.clone(), self.segments.clone());
        for name in &touched.segments {
            match SEGMENTS.get(state, &(plan.clone(), name.clone())) {
                Some(members) => segments.insert(name.clone(), SegmentTable::new(members, &mut words)),
                None => segments.remove(name),
            };
        }
        let is_old = |flag: &&CompiledFlag| {
            touched.flags.contains(flag.source().key()) || flag.source().names_any(&touched.segments)
        };
        let mut again: BTreeSet<&Name> = touched.flags.iter().collect();
        again.extend(self.flags.iter().filter(is_old).map(|flag| flag.source().key()));
        let kept = self.flags.iter().filter(|flag| !again.contains(flag.source().key()));
        let mut flags: Vec<CompiledFlag> = kept.cloned().collect();
        for key in again {
            let source = FlagSource::read(state, plan, key, &segments);
            flags.extend(source.map(|source| compiled(source, &mut words)));
        }
        // An attribute without a slot would be asked of nobody.
        if words.are_too_many() {
            return Self::compile(state, plan);
        }
        flags.sort_by(|one, other| one.source().key().cmp(other.source().key()));
        Self::assembled(plan.clone(), flags, segments, words)
    }

    fn assembled(
        plan: Name,
        flags: Vec<CompiledFlag>,
        segments: BTreeMap<Name, Arc<SegmentTable>>,
        words: Words,
    ) -> Self {
        let mut by_key = PlaceTable::with_room_for(flags.len());
        let (mut all, mut of_clients) = (Vec::with_capacity(flags.len()), Vec::new());
        for (place, flag) in (0u32..).zip(&flags) {
            by_key.insert(hash(flag.source().key().as_str()), place);
            all.push(FlagId(place));
            let audience = flag.source().flag.defined.flag.audience;
            of_clients.extend(FlagReader::Client.sees(audience).then_some(FlagId(place)));
        }
        Self { plan, flags, by_key, of_clients, all, segments, words }
    }

    /// The plan.
    pub fn plan(&self) -> &Name {
        &self.plan
    }

    /// The flag of that key; none when the plan has no such flag.
    #[inline]
    pub fn find(&self, key: &str) -> Option<FlagId> {
        let is_it = |place: u32| self.flags.get(place as usize).is_some_and(|flag| flag.source().key().as_str() == key);
        self.by_key.find(hash(key), is_it).map(FlagId)
    }

    /// The flag of that key, where whoever reads may see it; for others there is none.
    #[inline]
    pub fn find_for(&self, reader: FlagReader, key: &str) -> Option<FlagId> {
        self.find(key).filter(|flag| self.flag(*flag).is_some_and(|flag| reader.sees(flag.defined.flag.audience)))
    }

    /// The flags that a reader sees, in the order of their keys.
    pub fn seen_by(&self, reader: FlagReader) -> &[FlagId] {
        match reader {
            FlagReader::Server => &self.all,
            FlagReader::Client => &self.of_clients,
        }
    }

    /// What is said of a flag; none for one of another snapshot that this one has not.
    pub fn flag(&self, flag: FlagId) -> Option<&ListedFlag> {
        self.flags.get(flag.place()).map(|flag| &*flag.source().flag)
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
