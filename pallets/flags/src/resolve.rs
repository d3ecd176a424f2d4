//! Which value applies: the one semantics of flags, pure and total (ROLLOUTS 6.2).

use crate::bucket::drawn_variant;
use crate::evaluate::{Evaluation, EvaluationContext, Truth};
use crate::targeting::{Disabled, SegmentMembers, Serve, Setting, Targeting};
use crate::{DefinedFlag, Flag, Value};
use parity_scale_codec::{Decode, Encode};
use primitives::{Height, Name, Path};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A flag with everything that decides what it serves at a path: what is set and disabled there and on the way to the root, and the
/// segments that settings name. Every key of the two maps is an ancestor of one path, or that path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScopedFlag {
    /// The flag.
    pub flag: DefinedFlag,
    /// Where it is disabled.
    pub disabled: BTreeMap<Path, Disabled>,
    /// Where something is set.
    pub settings: BTreeMap<Path, Setting>,
    /// The members of the segments that are named there; one that is not here has none.
    pub segments: BTreeMap<Name, SegmentMembers>,
}

/// What a flag serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Resolution {
    /// The variant, by its place.
    pub variant: u8,
    /// Why that one.
    pub reason: EvaluationReason,
    /// The height of the setting that decided, of the disabling, or of the flag's definition where its fallback is served.
    pub version: Height,
}

/// Why a flag serves what it serves; OpenFeature's words.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, strum::Display, strum::VariantArray,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum EvaluationReason {
    /// What is set serves everybody the same.
    #[codec(index = 0)]
    Static,
    /// Nothing is set, or no case of what is set holds.
    #[codec(index = 1)]
    Default,
    /// A case holds.
    #[codec(index = 2)]
    TargetingMatch,
    /// It was drawn.
    #[codec(index = 3)]
    Split,
    /// The flag is disabled.
    #[codec(index = 4)]
    Disabled,
    /// Something would have to be drawn, and there is no targeting key: the fallback is served.
    #[codec(index = 5)]
    Error,
}

impl EvaluationReason {
    /// OpenFeature's code of what is wrong; none where nothing is.
    pub fn error_code(self) -> Option<&'static str> {
        (self == Self::Error).then_some("TARGETING_KEY_MISSING")
    }
}

/// What one setting says.
enum Said {
    Served(u8, EvaluationReason),
    AsAbove,
    NeedsKey,
}

/// What a flag serves whoever a context is about. It is the same for everybody who has the same in their hands, and there is always an
/// answer.
pub fn resolve(scoped: &ScopedFlag, context: &EvaluationContext) -> Resolution {
    if let Some(disabled) = scoped.disabled.values().next_back() {
        let (variant, version) = (scoped.flag.flag.off, disabled.since.height);
        return Resolution { variant, reason: EvaluationReason::Disabled, version };
    }
    // Paths are in order, each below the one before: the last is the longest.
    for setting in scoped.settings.values().rev() {
        match scoped.said(setting, context) {
            Said::Served(variant, reason) => return Resolution { variant, reason, version: setting.since.height },
            Said::NeedsKey => return scoped.fallback(EvaluationReason::Error),
            Said::AsAbove => {}
        }
    }
    scoped.fallback(EvaluationReason::Default)
}

/// Every variant that a flag can serve somewhere, to anybody, by what is set there and above, the nearest first.
pub(crate) fn may_serve<'t>(
    flag: &Flag,
    is_disabled: bool,
    settings: impl Iterator<Item = &'t Targeting>,
) -> BTreeSet<u8> {
    if is_disabled {
        return BTreeSet::from([flag.off]);
    }
    let mut served = BTreeSet::new();
    for targeting in settings {
        served.extend(targeting.variants());
        served.extend(targeting.draws_by_key().then_some(flag.fallback));
        if !targeting.inherits() {
            return served;
        }
    }
    served.insert(flag.fallback);
    served
}

impl ScopedFlag {
    /// The value of what is served; none only where a flag has no such variant, which none that was defined lacks.
    pub fn value(&self, resolution: Resolution) -> Option<&Value> {
        self.flag.flag.variant(resolution.variant).map(|variant| &variant.value)
    }

    /// Every variant that it can serve there, to anybody.
    pub fn may_serve(&self) -> BTreeSet<u8> {
        may_serve(&self.flag.flag, !self.disabled.is_empty(), self.settings.values().rev().map(|set| &set.targeting))
    }

    /// Whether it is on there for everybody, whoever asks: what another flag that requires it needs (REQ-011).
    pub fn is_on_for_all(&self) -> bool {
        self.may_serve().into_iter().all(|variant| self.flag.flag.is_on(variant))
    }

    /// Whether it is on there for anybody.
    pub fn is_on_for_some(&self) -> bool {
        self.may_serve().into_iter().any(|variant| self.flag.flag.is_on(variant))
    }

    fn fallback(&self, reason: EvaluationReason) -> Resolution {
        Resolution { variant: self.flag.flag.fallback, reason, version: self.flag.since }
    }

    fn said(&self, setting: &Setting, context: &EvaluationContext) -> Said {
        let targeting = &setting.targeting;
        let evaluation = Evaluation { salt: &self.flag.flag.salt, segments: &self.segments, context };
        for arm in &targeting.cases {
            match evaluation.holds(&arm.when) {
                Truth::Yes => return self.serve(&arm.serve, EvaluationReason::TargetingMatch, context),
                Truth::NeedsKey => return Said::NeedsKey,
                Truth::No => {}
            }
        }
        let is_static = targeting.cases.is_empty();
        let reason = if is_static { EvaluationReason::Static } else { EvaluationReason::Default };
        self.serve(&targeting.otherwise, reason, context)
    }

    fn serve(&self, serve: &Serve, reason: EvaluationReason, context: &EvaluationContext) -> Said {
        match serve {
            Serve::Variant(variant) => Said::Served(*variant, reason),
            Serve::Split(weights) => match context.targeting_key() {
                Some(key) => {
                    let flag = &self.flag.flag;
                    let variant = drawn_variant(&flag.salt, &key, weights).unwrap_or(flag.fallback);
                    Said::Served(variant, EvaluationReason::Split)
                }
                None => Said::NeedsKey,
            },
            Serve::Inherit => Said::AsAbove,
        }
    }
}
