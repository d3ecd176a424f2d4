//! Flags: what they are, what is set where, and what they serve.

use crate::error::RpcRefusal;
use crate::views::MOST_PER_PAGE;
use flags::queries::{disablings, flags, is_of_plan, required_by, resolution, scoped, settings};
use flags::{
    Attribute, Audience, Disabled, EvaluationContext, EvaluationReason, Flag, MOST_FLAGS, MOST_VARIANTS, Resolution,
    ScopedFlag, Setting, Value, resolve,
};
use primitives::{Decimal, Height, Moment, Name, Path};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use state::State;
use std::collections::BTreeMap;

/// The flags of a plan, with what they serve at a path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FlagsOfPlan {
    /// The newest block, after which this is so.
    pub height: Height,
    /// The plan.
    pub plan: Name,
    /// The path; the empty one is everywhere.
    pub scope: Path,
    /// Its flags, in the order of their keys.
    #[schemars(length(max = MOST_FLAGS))]
    pub flags: Vec<FlagView>,
}

/// A flag, with what it serves at a path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FlagView {
    /// The flag.
    pub flag: Flag,
    /// The height of the block that defined it.
    pub since: Height,
    /// Whether it came with the version of the plan that is in force.
    pub is_of_plan: bool,
    /// Whether the day has come until which it was meant to be there. It serves what it served.
    pub is_expired: bool,
    /// What it serves.
    pub served: FlagServed,
}

/// What a flag serves at a path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FlagServed {
    /// The variant that whoever nothing is known of is served.
    pub variant: Name,
    /// What that is worth.
    pub value: Value,
    /// Why that one.
    pub reason: EvaluationReason,
    /// The height of what decided: the setting, the disabling, or the definition.
    pub version: Height,
    /// Every variant that it can serve there, to anybody.
    #[schemars(length(max = MOST_VARIANTS))]
    pub may_serve: Vec<Name>,
    /// Whether it is on there for everybody.
    pub is_on_for_all: bool,
    /// Whether it is on there for anybody.
    pub is_on_for_some: bool,
    /// The segments that what is set there, or above, asks about.
    pub segments: Vec<Name>,
    /// Where it is disabled, there or nearest above; null where it is not.
    pub disabled_at: Option<Path>,
}

/// A flag with everything that is set of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FlagDetail {
    /// The newest block, after which this is so.
    pub height: Height,
    /// The plan.
    pub plan: Name,
    /// The flag, with what it serves at the root.
    #[serde(flatten)]
    pub view: FlagView,
    /// The flags that require it, and so go off with it.
    #[schemars(length(max = MOST_FLAGS))]
    pub required_by: Vec<Name>,
    /// At how many paths something is set.
    pub setting_count: u64,
    /// What is set by path, with the change that set it; the first 100.
    #[schemars(length(max = MOST_PER_PAGE))]
    pub settings: Vec<FlagSetting>,
    /// At how many paths it is disabled.
    pub disabling_count: u64,
    /// Where it is disabled, with the change that did it; the first 100.
    #[schemars(length(max = MOST_PER_PAGE))]
    pub disablings: Vec<FlagDisabling>,
}

/// What is set at a path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FlagSetting {
    /// The path.
    pub path: Path,
    /// What is served there, since when, and by which change.
    #[serde(flatten)]
    pub setting: Setting,
}

/// That a flag is disabled at a path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FlagDisabling {
    /// The path.
    pub path: Path,
    /// Since when, and by which change.
    #[serde(flatten)]
    pub disabled: Disabled,
}

/// What a flag serves somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FlagEvaluation {
    /// The newest block, after which this is so.
    pub height: Height,
    /// The plan.
    pub plan: Name,
    /// The flag.
    pub key: Name,
    /// The path.
    pub scope: Path,
    /// The variant.
    pub variant: Name,
    /// What that is worth.
    pub value: Value,
    /// Why that one.
    pub reason: EvaluationReason,
    /// OpenFeature's code of what is wrong; null where nothing is.
    pub error_code: Option<String>,
    /// The height of what decided: the setting, the disabling, or the definition.
    pub version: Height,
}

/// What is known of whoever asks for a value: an object of texts, numbers and booleans, as OpenFeature's evaluation context.
/// `targetingKey` is what shares are drawn by: of a node's plan the account.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct EvaluationAttributes(#[schemars(with = "serde_json::Value")] pub BTreeMap<String, AttributeValue>);

/// Something that is known of somebody: yes or no, a number, or a text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum AttributeValue {
    /// Yes or no.
    Bool(bool),
    /// A number; `7` and `7.0` are the same.
    Number(serde_json::Number),
    /// A text.
    Text(String),
}

impl EvaluationAttributes {
    /// The same for the one who resolves.
    ///
    /// # Errors
    /// A number that has more digits than any flag can ask about.
    pub fn context(&self) -> Result<EvaluationContext, RpcRefusal> {
        self.0.iter().try_fold(EvaluationContext::default(), |context, (name, value)| {
            let attribute = match value {
                AttributeValue::Bool(value) => Attribute::Bool(*value),
                AttributeValue::Number(number) => Attribute::Number(counted(name, number)?),
                AttributeValue::Text(text) => Attribute::Text(text.clone()),
            };
            Ok(context.with(name, attribute))
        })
    }
}

fn counted(name: &str, number: &serde_json::Number) -> Result<Decimal, RpcRefusal> {
    let refuse = |why: String| RpcRefusal::Parameter(format!("{name} of context cannot be {number}: {why}"));
    number.to_string().parse::<Decimal>().map_err(refuse)
}

impl FlagServed {
    /// What a flag serves at a path; none when the plan has no such flag.
    pub(crate) fn at(state: &State, plan: &Name, key: &Name, path: &Path) -> Option<Self> {
        let scoped = scoped(state, plan, key, path)?;
        let resolution = resolve(&scoped, &EvaluationContext::default());
        let (variant, value) = named(&scoped.flag.flag, resolution)?;
        let flag = &scoped.flag.flag;
        let may_serve = scoped.may_serve().into_iter().filter_map(|place| flag.variant(place));
        Some(Self {
            variant,
            value,
            reason: resolution.reason,
            version: resolution.version,
            may_serve: may_serve.map(|variant| variant.name.clone()).collect(),
            is_on_for_all: scoped.is_on_for_all(),
            is_on_for_some: scoped.is_on_for_some(),
            disabled_at: scoped.disabled.keys().next_back().cloned(),
            segments: segments(&scoped),
        })
    }
}

impl FlagServed {
    /// Whether everybody is served the same by it, whatever decided that.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        Self { version: other.version, ..self.clone() } == *other
    }
}

fn named(flag: &Flag, resolution: Resolution) -> Option<(Name, Value)> {
    flag.variant(resolution.variant).map(|variant| (variant.name.clone(), variant.value.clone()))
}

fn segments(scoped: &ScopedFlag) -> Vec<Name> {
    let named = scoped.settings.values().flat_map(|setting| setting.targeting.segments());
    named.cloned().collect::<std::collections::BTreeSet<Name>>().into_iter().collect()
}

fn view(state: &State, at: Moment, plan: &Name, key: &Name, path: &Path) -> Option<FlagView> {
    let defined = flags::queries::flag(state, plan, key)?;
    Some(FlagView {
        is_of_plan: is_of_plan(state, plan, key),
        is_expired: defined.flag.expires.is_over(at.time),
        served: FlagServed::at(state, plan, key, path)?,
        since: defined.since,
        flag: defined.flag,
    })
}

/// Whether somebody of an audience sees a flag: servers and clients see what is for both.
pub(super) fn is_seen(flag: &Flag, audience: Option<Audience>) -> bool {
    let is_for_both = flag.audience == Audience::Both;
    match audience {
        None => true,
        Some(audience @ (Audience::Server | Audience::Client)) => is_for_both || flag.audience == audience,
        Some(audience) => flag.audience == audience,
    }
}

/// The flags of a plan at a path, for as long as somebody waits for them.
pub(crate) fn flags_of_plan<E>(
    state: &State,
    at: Moment,
    plan: &Name,
    scope: &Path,
    audience: Option<Audience>,
    go_on: impl Fn() -> Result<(), E>,
) -> Result<FlagsOfPlan, E> {
    let mut shown = Vec::new();
    for defined in flags(state, plan).filter(|defined| is_seen(&defined.flag, audience)) {
        go_on()?;
        shown.extend(view(state, at, plan, &defined.flag.key, scope));
    }
    Ok(FlagsOfPlan { height: at.height, plan: plan.clone(), scope: scope.clone(), flags: shown })
}

/// A flag with everything that is set of it; none when the plan has no such flag.
pub(crate) fn flag(state: &State, at: Moment, plan: &Name, key: &Name) -> Option<FlagDetail> {
    let view = view(state, at, plan, key, &Path::ROOT)?;
    let most = MOST_PER_PAGE as usize;
    let mut set: Vec<FlagSetting> =
        settings(state, plan, key).map(|(path, setting)| FlagSetting { path, setting }).collect();
    let mut off: Vec<FlagDisabling> =
        disablings(state, plan, key).map(|(path, disabled)| FlagDisabling { path, disabled }).collect();
    let (setting_count, disabling_count) = (set.len() as u64, off.len() as u64);
    set.truncate(most);
    off.truncate(most);
    Some(FlagDetail {
        height: at.height,
        plan: plan.clone(),
        view,
        required_by: required_by(state, plan, key).collect(),
        setting_count,
        settings: set,
        disabling_count,
        disablings: off,
    })
}

/// What a flag serves somebody at a path; none when the plan has no such flag.
pub(crate) fn evaluation(
    state: &State,
    height: Height,
    (plan, key): (&Name, &Name),
    scope: &Path,
    context: &EvaluationContext,
) -> Option<FlagEvaluation> {
    let resolution = resolution(state, plan, key, scope, context)?;
    let flag = flags::queries::flag(state, plan, key)?.flag;
    let (variant, value) = named(&flag, resolution)?;
    Some(FlagEvaluation {
        height,
        plan: plan.clone(),
        key: key.clone(),
        scope: scope.clone(),
        variant,
        value,
        reason: resolution.reason,
        error_code: resolution.reason.error_code().map(str::to_owned),
        version: resolution.version,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn context(text: &str) -> Result<EvaluationContext, RpcRefusal> {
        serde_json::from_str::<EvaluationAttributes>(text).unwrap().context()
    }

    #[test]
    fn a_context_is_read_by_its_types() {
        let read = context(r#"{"targetingKey":"ann","age":7.50,"beta":true}"#).unwrap();
        assert_eq!(read.targeting_key().as_deref(), Some("ann"));
        assert_eq!(read.attribute("age"), Some(&Attribute::Number("7.5".parse().unwrap())));
        assert_eq!(read.attribute("beta"), Some(&Attribute::Bool(true)));
    }

    #[test]
    fn a_number_beyond_any_flag_is_refused_by_its_name() {
        let refusal = context(r#"{"mass":1e300}"#).unwrap_err().to_string();
        assert!(refusal.contains("mass"), "{refusal}");
    }
}
