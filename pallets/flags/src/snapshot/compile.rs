//! A flag, compiled: for each place where something is set or disabled, an answer that is finished, or a ruling that comes to one.

use super::context::FlagContext;
use super::draw::Draw;
use super::program::{Program, ProgramParts};
use super::served::ServedFlag;
use super::source::{FlagSource, InForce};
use super::words::{KEY_SLOT, Words};
use crate::evaluate::Truth;
use crate::targeting::{Serve, Setting};
use crate::{EvaluationReason, Resolution};
use primitives::{Height, Path};
use std::sync::Arc;

/// What is served at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    /// The same to everybody: a place among the finished answers.
    Fixed(u32),
    /// What a ruling comes to, by its place; it names answers that were there before it alone, so asking on ends.
    Ruled(u32),
}

/// Where nothing is set.
const FALLBACK: Answer = Answer::Fixed(0);
/// Where something would have to be drawn, and there is no key to draw by.
const WITHOUT_KEY: Answer = Answer::Fixed(1);

/// A flag as it is asked; cheap to copy, since snapshots that follow one another share most of them.
#[derive(Debug, Clone)]
pub(super) struct CompiledFlag {
    root: Answer,
    /// By the number of the scope; none where nothing is set or disabled below the root.
    overrides: Option<Arc<[(u32, Answer)]>>,
    finished: Arc<[ServedFlag]>,
    /// None where everybody is served the same.
    rulings: Option<Arc<[Ruling]>>,
    source: Arc<FlagSource>,
}

#[derive(Debug, Clone)]
struct Ruling {
    /// The first that holds serves.
    cases: Box<[(Program, Service)]>,
    otherwise: Service,
}

#[derive(Debug, Clone)]
enum Service {
    Same(Answer),
    Split(Box<SplitTable>),
}

#[derive(Debug, Clone)]
struct SplitTable {
    draw: Draw,
    total: u32,
    /// Weights, with what is served to those that fall on them.
    parts: Box<[(u32, Answer)]>,
    /// What is served where none weighs anything.
    none: Answer,
}

impl CompiledFlag {
    pub fn source(&self) -> &FlagSource {
        &self.source
    }

    /// What it serves at a scope, given by the numbers of its levels, the nearest first; what has no number has nothing set.
    #[inline]
    pub fn resolve(&self, levels: &[u32], context: &FlagContext<'_>) -> Option<&ServedFlag> {
        let answer = match &self.overrides {
            Some(overrides) => nearest(overrides, levels).unwrap_or(self.root),
            None => self.root,
        };
        match answer {
            Answer::Fixed(place) => self.finished.get(place as usize),
            Answer::Ruled(place) => self.ruled(place, context),
        }
    }

    /// What a ruling comes to. It stands apart, because rules take registers that whoever is served a finished answer would save and
    /// restore for them.
    #[inline(never)]
    fn ruled(&self, mut ruling: u32, context: &FlagContext<'_>) -> Option<&ServedFlag> {
        loop {
            match self.rulings.as_ref()?.get(ruling as usize)?.answer(context) {
                Answer::Fixed(place) => return self.finished.get(place as usize),
                Answer::Ruled(place) => ruling = place,
            }
        }
    }
}

/// What overrides at the nearest level at which anything does.
#[inline]
fn nearest(overrides: &[(u32, Answer)], levels: &[u32]) -> Option<Answer> {
    let at = |level: &u32| overrides.binary_search_by_key(level, |(scope, _)| *scope).ok();
    let place = levels.iter().find_map(at)?;
    overrides.get(place).map(|(_, answer)| *answer)
}

impl Ruling {
    #[inline]
    fn answer(&self, context: &FlagContext<'_>) -> Answer {
        for (when, service) in &self.cases {
            match when.holds(context) {
                Truth::Yes => return service.answer(context),
                Truth::NeedsKey => return WITHOUT_KEY,
                Truth::No => {}
            }
        }
        self.otherwise.answer(context)
    }
}

impl Service {
    #[inline]
    fn answer(&self, context: &FlagContext<'_>) -> Answer {
        match self {
            Self::Same(answer) => *answer,
            Self::Split(split) => split.answer(context),
        }
    }
}

impl SplitTable {
    fn answer(&self, context: &FlagContext<'_>) -> Answer {
        let Some(mut place) = context.drawn(KEY_SLOT, self.draw, self.total) else { return WITHOUT_KEY };
        for (weight, answer) in &self.parts {
            match place.checked_sub(*weight) {
                Some(rest) => place = rest,
                None => return *answer,
            }
        }
        self.none
    }
}

/// Compiles one flag.
pub(super) fn compiled(source: Arc<FlagSource>, words: &mut Words) -> CompiledFlag {
    let mut compiler = Compiler::new(&source, words);
    let places = source.places();
    let mut answers: Vec<(&Path, Answer)> = Vec::with_capacity(places.len());
    for (path, in_force) in places {
        let above =
            answers.iter().rev().find(|(above, _)| path.is_under(above)).map_or(FALLBACK, |(_, answer)| *answer);
        let answer = match in_force {
            InForce::Disabled(disabled) => {
                let off = source.flag.defined.flag.off;
                compiler.finished(off, EvaluationReason::Disabled, disabled.since.height)
            }
            InForce::Set(setting) => compiler.setting(setting, above),
        };
        answers.push((path, answer));
    }
    let Compiler { finished, rulings, words, .. } = compiler;
    let root = answers.iter().find(|(path, _)| path.is_root()).map_or(FALLBACK, |(_, answer)| *answer);
    let below = answers.iter().filter(|(path, _)| !path.is_root());
    let mut overrides: Vec<(u32, Answer)> = below.map(|(path, answer)| (words.scope(path.as_str()), *answer)).collect();
    overrides.sort_unstable_by_key(|(scope, _)| *scope);
    CompiledFlag { root, overrides: shared(overrides), finished: finished.into(), rulings: shared(rulings), source }
}

/// Where there are none, nothing: that takes no memory, and no count when it is cloned.
fn shared<T>(all: Vec<T>) -> Option<Arc<[T]>> {
    (!all.is_empty()).then(|| all.into())
}

/// How many answers most flags have at most: the two that every flag has, and what a setting of two variants serves.
const FEW_ANSWERS: usize = 4;

struct Compiler<'c> {
    source: &'c Arc<FlagSource>,
    words: &'c mut Words,
    finished: Vec<ServedFlag>,
    rulings: Vec<Ruling>,
}

impl<'c> Compiler<'c> {
    fn new(source: &'c Arc<FlagSource>, words: &'c mut Words) -> Self {
        let defined = &source.flag.defined;
        let mut finished = Vec::with_capacity(FEW_ANSWERS);
        // As `FALLBACK` and `WITHOUT_KEY` have them.
        finished.extend([EvaluationReason::Default, EvaluationReason::Error].map(|reason| {
            let resolution = Resolution { variant: defined.flag.fallback, reason, version: defined.since };
            ServedFlag::new(source, resolution)
        }));
        Self { source, words, finished, rulings: Vec::new() }
    }

    fn finished(&mut self, variant: u8, reason: EvaluationReason, version: Height) -> Answer {
        let resolution = Resolution { variant, reason, version };
        let there = self.finished.iter().position(|other| other.resolution() == resolution);
        let place = there.unwrap_or_else(|| {
            self.finished.push(ServedFlag::new(self.source, resolution));
            self.finished.len().saturating_sub(1)
        });
        Answer::Fixed(u32::try_from(place).unwrap_or_default())
    }

    fn setting(&mut self, setting: &Setting, above: Answer) -> Answer {
        let (targeting, version) = (&setting.targeting, setting.since.height);
        let mut cases = Vec::new();
        for arm in &targeting.cases {
            let (segments, salt) = (&self.source.segments, &self.source.flag.defined.flag.salt);
            let when = Program::of(&arm.when, &mut ProgramParts { words: &mut *self.words, segments, salt });
            // What is not well formed never holds.
            if let Some(when) = when {
                cases.push((when, self.service(&arm.serve, EvaluationReason::TargetingMatch, version, above)));
            }
        }
        let is_static = targeting.cases.is_empty();
        let reason = if is_static { EvaluationReason::Static } else { EvaluationReason::Default };
        match self.service(&targeting.otherwise, reason, version, above) {
            Service::Same(answer) if cases.is_empty() => answer,
            otherwise => {
                self.rulings.push(Ruling { cases: cases.into(), otherwise });
                Answer::Ruled(u32::try_from(self.rulings.len().saturating_sub(1)).unwrap_or(u32::MAX))
            }
        }
    }

    fn service(&mut self, serve: &Serve, reason: EvaluationReason, version: Height, above: Answer) -> Service {
        match serve {
            Serve::Variant(variant) => Service::Same(self.finished(*variant, reason, version)),
            Serve::Inherit => Service::Same(above),
            Serve::Split(weights) => {
                let total = weights.iter().fold(0u32, |sum, (_, weight)| sum.saturating_add(*weight));
                let flag = &self.source.flag.defined.flag;
                let (draw, fallback) = (Draw::salted(&flag.salt), flag.fallback);
                let mut part = |variant: u8| self.finished(variant, EvaluationReason::Split, version);
                let parts: Vec<(u32, Answer)> =
                    weights.iter().map(|(variant, weight)| (*weight, part(*variant))).collect();
                let none = part(fallback);
                Service::Split(Box::new(SplitTable { draw, total, parts: parts.into(), none }))
            }
        }
    }
}
