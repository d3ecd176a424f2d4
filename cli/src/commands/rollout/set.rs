//! What a change moves, written against what stands there now: that is asked of the node, so that nobody copies digests.

use crate::args::rollout::asked::SetArgs;
use crate::failure::{Failure, failed, usage};
use crate::session::Session;
use flags::{Arm, MOST_NODES, RuleNode, SegmentMembers, Serve, Targeting};
use primitives::{List, Name, Path, Text};
use rollouts::change::{Effect, EffectTo, FlagSide, digest_of_members};
use rpc::api::{FlagsApiClient as _, StateApiClient as _};
use rpc::views::{FlagDetail, StorageKey};
use std::collections::BTreeSet;

/// What arguments move under a plan.
pub async fn effect(session: &Session, plan: &Name, arguments: &SetArgs) -> Result<Effect, Failure> {
    if let Some(name) = &arguments.segment {
        let present = match arguments.present.as_slice() {
            [] => members(session, plan, name).await?,
            named => named.iter().map(lower).collect::<BTreeSet<_>>().into_iter().collect(),
        };
        return of_segment(name, arguments, &present);
    }
    let Some(flag) = &arguments.flag else { return Err(usage("name a FLAG, or a --segment")) };
    let path = arguments.scope.clone().unwrap_or_default();
    let shown = session.node.flags_flag(plan.clone(), flag.clone()).await.map_err(|error| session.explain(error))?;
    let was = side_at(&shown, &path)?.digest();
    Ok(Effect::Flag { flag: flag.clone(), to: moved(&shown, arguments)?, path, was })
}

/// How a flag stands at exactly one path.
fn side_at(shown: &FlagDetail, path: &Path) -> Result<FlagSide, Failure> {
    let targeting = shown.settings.iter().find(|set| set.path == *path).map(|set| set.setting.targeting.clone());
    let disabled = shown.disablings.iter().any(|off| off.path == *path);
    let are_all_shown =
        shown.setting_count == shown.settings.len() as u64 && shown.disabling_count == shown.disablings.len() as u64;
    if !are_all_shown && (targeting.is_none() || !disabled) {
        return Err(failed(
            "the node shows only the first 100 paths at which this flag is set, so what stands here is not known; send the change \
             with `contract send`",
        ));
    }
    Ok(FlagSide { targeting, disabled })
}

/// What is done to a flag.
fn moved(shown: &FlagDetail, arguments: &SetArgs) -> Result<EffectTo, Failure> {
    match &arguments.variant {
        Some(variant) => served(shown, variant, arguments.only.as_ref()).map(EffectTo::Setting),
        None if arguments.enable => Ok(EffectTo::Enabled),
        None => Ok(EffectTo::Unset),
    }
}

/// What serves a variant to everybody, or to a segment alone.
fn served(shown: &FlagDetail, variant: &Name, only: Option<&Name>) -> Result<Targeting, Failure> {
    let flag = &shown.view.flag;
    let place =
        flag.variants.iter().position(|known| known.name == *variant).and_then(|place| u8::try_from(place).ok());
    let place = place.ok_or_else(|| {
        let all: Vec<&str> = flag.variants.iter().map(|variant| variant.name.as_str()).collect();
        usage(format!("flag {} has no variant {variant}; its variants are {}", flag.key, all.join(", ")))
    })?;
    let Some(segment) = only else { return Ok(Targeting::constant(place)) };
    let parts = vec![RuleNode::Segment(segment.clone())];
    let when: List<RuleNode, MOST_NODES> =
        List::try_from(parts).map_err(|_| failed("a rule of one part is too large"))?;
    let case = Arm { when: when.into(), serve: Serve::Variant(place) };
    let cases = List::try_from(vec![case]).map_err(|_| failed("a targeting of one case is too large"))?;
    Ok(Targeting { cases, otherwise: Serve::Inherit })
}

/// Who is in a segment after the newest block, in order.
async fn members(session: &Session, plan: &Name, segment: &Name) -> Result<Vec<Text<64>>, Failure> {
    let key = StorageKey(flags::queries::segment_key(plan, segment).to_vec());
    let answered = session.node.get(key).await.map_err(|error| session.explain(error))?;
    let members: Option<SegmentMembers> = answered.decoded().map_err(|error| {
        failed(format!("the node's answer is no list of members: {error}; name them with --present"))
    })?;
    Ok(members.unwrap_or_default().into_inner())
}

/// Who comes into a segment, and who goes, where some are in it now.
fn of_segment(name: &Name, arguments: &SetArgs, members: &[Text<64>]) -> Result<Effect, Failure> {
    let SetArgs { add, remove, .. } = arguments;
    let bounded = |members: &[Text<64>]| {
        List::try_from(members.iter().map(lower).collect::<Vec<_>>())
            .map_err(|_| usage("one change moves at most 64 members each way; ask for several"))
    };
    Ok(Effect::Segment {
        name: name.clone(),
        add: bounded(add)?,
        remove: bounded(remove)?,
        was: digest_of_members(members),
    })
}

/// An account as segments have it, in lower case; anything else as it is.
fn lower(member: &Text<64>) -> Text<64> {
    let account = member.as_str().parse::<primitives::AccountId>();
    account.ok().and_then(|account| Text::new(account.to_string())).unwrap_or_else(|| member.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use flags::{EvaluationReason, Value};
    use primitives::{ChangeId, Height};
    use rpc::views::{FlagDisabling, FlagServed, FlagSetting, FlagView};
    use runtime::testing::examples;

    /// The flag of the examples, set at the root and disabled at `DEV`.
    fn shown() -> FlagDetail {
        let since = primitives::Moment::of(examples::position(), 0, 1);
        let by = ChangeId(3);
        let setting = flags::Setting { targeting: Targeting::constant(0), since, by };
        let served = FlagServed {
            variant: Name::new("on").unwrap(),
            value: Value::Bool(true),
            reason: EvaluationReason::Static,
            version: Height(1),
            may_serve: Vec::new(),
            is_on_for_all: true,
            is_on_for_some: true,
            segments: Vec::new(),
            disabled_at: None,
        };
        let view = FlagView { flag: examples::flag(), since: Height(1), is_of_plan: true, is_expired: false, served };
        FlagDetail {
            height: Height(9),
            plan: Name::new("shop").unwrap(),
            view,
            required_by: Vec::new(),
            setting_count: 1,
            settings: vec![FlagSetting { path: Path::ROOT, setting }],
            disabling_count: 1,
            disablings: vec![FlagDisabling { path: "DEV".parse().unwrap(), disabled: flags::Disabled { since, by } }],
        }
    }

    #[test]
    fn what_a_change_is_written_against_is_what_stands_at_exactly_that_path() {
        let (shown, side) = (shown(), |path: &str| side_at(&shown(), &path.parse().unwrap()).unwrap());
        let set = FlagSide { targeting: Some(Targeting::constant(0)), disabled: false };
        assert_eq!(side(""), set);
        assert_eq!(side("DEV"), FlagSide { targeting: None, disabled: true });
        assert_eq!(side("DEV/t1"), FlagSide::default(), "what stands above is not in it");
        let more = FlagDetail { setting_count: 101, ..shown };
        assert!(side_at(&more, &"DEV/t1".parse().unwrap()).is_err(), "it may be set where the node shows nothing");
    }

    #[test]
    fn a_variant_is_served_by_its_place_to_all_or_to_a_segment() {
        let (on, off, neither) = ["on", "off", "half"].map(|name| Name::new(name).unwrap()).into();
        assert_eq!(served(&shown(), &off, None).unwrap(), Targeting::constant(1));
        let limited = served(&shown(), &on, Some(&Name::new("testers").unwrap())).unwrap();
        assert_eq!((limited.cases.len(), limited.otherwise), (1, Serve::Inherit));
        let unknown = served(&shown(), &neither, None).unwrap_err();
        assert!(unknown.to_string().contains("its variants are on, off"), "{unknown}");
    }

    #[test]
    fn members_are_hashed_as_a_segment_keeps_them() {
        let account = Text::new("AB".repeat(32)).unwrap();
        assert_eq!(lower(&account).as_str(), "ab".repeat(32));
        let other = Text::new("Ann").unwrap();
        assert_eq!(lower(&other), other);
    }
}
