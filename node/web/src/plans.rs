//! The plans whose flags are evaluated here, each compiled: published whole after each block that wrote something about it, so that
//! whoever answers waits for nobody and reads no state. They take turns, so that one about which every block writes holds up no other.

use crate::asked::AskedContext;
use crate::etag::TaggedBody;
use crate::metrics::{EvaluationCounters, WebMetrics};
use crate::source::ChainSource;
use crate::turns::{CompilingTurns, Unread};
use crate::written::WrittenFlag;
use arc_swap::ArcSwapOption;
use flags::{ContextValue, FlagId, FlagReader, Snapshot};
use primitives::{Digest, Height, Name, Path, Timestamp};
use rollouts::plans::{self, KeptRef};
use state::State;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::watch;
use tokio::time::Instant;

/// How many tags and previews of one compilation are remembered.
const MOST_REMEMBERED: usize = 4_096;
/// The digits of a tag, of the 64 that its digest has.
const TAG_DIGITS: usize = 32;

/// A plan as it is answered from. It never changes; another one takes its place.
#[derive(Debug)]
pub(crate) struct ServedPlan {
    /// What its scopes are named by, below the stage; none in a node's plan, where everything is at the root.
    pub levels: Vec<Name>,
    /// Whether it governs the network, so that everything is at the root.
    pub is_of_node: bool,
    /// The stages.
    pub stages: Vec<Name>,
    /// The BLAKE3 of its bundle.
    pub bundle: Digest,
    /// Of which block it is.
    pub height: Height,
    /// The time of that block.
    pub time: Timestamp,
    /// Since when it is answered from, where another one was before it.
    pub since: Option<Instant>,
    version: u32,
    snapshot: Snapshot,
    written: Vec<WrittenFlag>,
    counters: EvaluationCounters,
    tags: Mutex<HashMap<(Path, bool), Arc<str>>>,
    previews: Mutex<HashMap<(Name, bool, usize), Arc<TaggedBody>>>,
}

impl ServedPlan {
    /// What the plan is called.
    pub fn name(&self) -> &Name {
        self.snapshot.plan()
    }

    /// The flag of that key, where a reader may see it.
    pub fn find(&self, reader: FlagReader, key: &str) -> Option<FlagId> {
        self.snapshot.find_for(reader, key)
    }

    /// Whether there is a flag of that key that a reader may not see.
    pub fn hides(&self, reader: FlagReader, key: &str) -> bool {
        self.snapshot.find(key).is_some() && self.find(reader, key).is_none()
    }

    /// Writes what flags serve whoever a context is about at a path, one after the other with commas between them; gives whether each
    /// could be served.
    pub fn evaluate(&self, flags: &[FlagId], scope: &Path, context: &AskedContext<'_>, out: &mut String) -> bool {
        let known: Vec<(&str, ContextValue<'_>)> = context.all().collect();
        let (scope, context) = (self.snapshot.scope(scope), self.snapshot.context(&known));
        let (mut is_whole, mut is_first) = (true, true);
        for flag in flags {
            let Some(served) = self.snapshot.resolve(*flag, &scope, &context) else { continue };
            let resolution = served.resolution();
            self.counters.count(resolution.reason);
            is_whole &= resolution.reason.error_code().is_none();
            if !is_first {
                out.push(',');
            }
            is_first = false;
            if let Some(written) = self.written(*flag) {
                written.write(resolution, out);
            }
        }
        is_whole
    }

    /// Every flag that a reader sees, in the order of their keys.
    pub fn seen_by(&self, reader: FlagReader) -> &[FlagId] {
        self.snapshot.seen_by(reader)
    }

    fn written(&self, flag: FlagId) -> Option<&WrittenFlag> {
        // A server sees all of them, in order.
        let place = self.snapshot.seen_by(FlagReader::Server).binary_search(&flag).ok()?;
        self.written.get(place)
    }

    /// What the configuration at a path is called. While it is the same, nobody is served anything else there.
    pub fn tag(&self, scope: &Path, reader: FlagReader) -> Arc<str> {
        let key = (scope.clone(), reader == FlagReader::Client);
        if let Some(tag) = self.tags.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return tag.clone();
        }
        let digest = self.snapshot.digest(scope, reader).to_string();
        let tag: Arc<str> = format!("cfg-{}", digest.get(..TAG_DIGITS).unwrap_or(&digest)).into();
        let mut tags = self.tags.lock().unwrap_or_else(PoisonError::into_inner);
        if tags.len() < MOST_REMEMBERED {
            tags.insert(key, tag.clone());
        }
        tag
    }

    /// A preview that was made of it before.
    pub fn preview(&self, of: &(Name, bool, usize)) -> Option<Arc<TaggedBody>> {
        self.previews.lock().unwrap_or_else(PoisonError::into_inner).get(of).cloned()
    }

    /// Keeps a preview of it.
    pub fn keep_preview(&self, of: (Name, bool, usize), preview: &Arc<TaggedBody>) {
        let mut previews = self.previews.lock().unwrap_or_else(PoisonError::into_inner);
        if previews.len() < MOST_REMEMBERED {
            previews.insert(of, preview.clone());
        }
    }
}

/// All plans that are evaluated here.
#[derive(Debug)]
pub(crate) struct ServedPlans {
    served: Vec<(Name, ArcSwapOption<ServedPlan>)>,
    turns: Mutex<CompilingTurns>,
    /// Changes when one of them does.
    moved: watch::Sender<u64>,
}

impl ServedPlans {
    /// These, none of them compiled.
    pub fn of(names: Vec<Name>) -> Self {
        let turns = Mutex::new(CompilingTurns::of(names.clone()));
        let served = names.into_iter().map(|name| (name, ArcSwapOption::empty())).collect();
        Self { served, turns, moved: watch::Sender::new(0) }
    }

    /// A plan as it is now; none when it is not evaluated here, or the chain has it not.
    pub fn get(&self, name: &Name) -> Option<Arc<ServedPlan>> {
        let (_, served) = self.served.iter().find(|(served, _)| served == name)?;
        served.load_full()
    }

    /// Changes when one of them does.
    pub fn moved(&self) -> watch::Receiver<u64> {
        self.moved.subscribe()
    }

    /// Compiles what blocks have written since this was called last: a turn for each plan that waits for one. Whatever is written meanwhile
    /// has its turn the next time. Reads state, and is called where that is allowed, by one at a time.
    pub fn refresh(&self, source: &dyn ChainSource, metrics: &WebMetrics) {
        for _ in &self.served {
            let Some((place, unread)) = self.turn(source) else { return };
            if let Some((name, served)) = self.served.get(place) {
                self.compile((name, served), &unread, source, metrics);
            }
        }
    }

    /// Whose turn it is. What blocks wrote is taken before each turn, and before state is read: what is written in between is read now, and
    /// again the next time.
    fn turn(&self, source: &dyn ChainSource) -> Option<(usize, Unread)> {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        turns.note(source.writes().take().as_ref());
        turns.take()
    }

    fn compile(
        &self,
        (name, served): (&Name, &ArcSwapOption<ServedPlan>),
        unread: &Unread,
        source: &dyn ChainSource,
        metrics: &WebMetrics,
    ) {
        let (begun, before) = (Instant::now(), served.load_full());
        let mut after = None;
        source.read(&mut |state, height, time| {
            after = BlockRead { state, height, time }.compiled(name, before.as_ref(), unread, metrics);
        });
        let is_same = match (&before, &after) {
            (Some(before), Some(after)) => Arc::ptr_eq(before, after),
            (before, after) => before.is_none() && after.is_none(),
        };
        if !is_same {
            served.store(after);
            metrics.compiled(begun.elapsed().as_secs_f64());
            self.moved.send_modify(|count| *count = count.wrapping_add(1));
        }
    }
}

/// State after a block.
struct BlockRead<'s, 'm> {
    state: &'s State<'m>,
    height: Height,
    time: Timestamp,
}

impl BlockRead<'_, '_> {
    /// The plan after this block; the one before where nothing of it was written, and none where the chain has no such plan.
    fn compiled(
        &self,
        name: &Name,
        before: Option<&Arc<ServedPlan>>,
        unread: &Unread,
        metrics: &WebMetrics,
    ) -> Option<Arc<ServedPlan>> {
        let plan = plans::current(self.state, name).ok()?;
        let snapshot = match (before, unread) {
            (Some(before), Unread::Touched(touched)) if touched.is_empty() && before.version == plan.version => {
                return Some(before.clone());
            }
            (Some(before), Unread::Touched(touched)) => before.snapshot.following(self.state, touched),
            _ => Snapshot::compile(self.state, name),
        };
        Some(Arc::new(self.served(plan, snapshot, before.is_some(), metrics)))
    }

    fn served(&self, plan: KeptRef, snapshot: Snapshot, follows: bool, metrics: &WebMetrics) -> ServedPlan {
        let all = snapshot.seen_by(FlagReader::Server).iter().filter_map(|flag| snapshot.flag(*flag));
        let written = all.map(|flag| WrittenFlag::of(&plan.name, flag)).collect();
        ServedPlan {
            levels: plan.kept.levels.iter().cloned().collect(),
            is_of_node: plan.kept.is_of_node(),
            stages: plan.kept.stages.iter().cloned().collect(),
            bundle: plan.kept.bundle,
            height: self.height,
            time: self.time,
            since: follows.then(Instant::now),
            version: plan.version,
            written,
            counters: metrics.of_plan(&plan.name),
            snapshot,
            tags: Mutex::default(),
            previews: Mutex::default(),
        }
    }
}
