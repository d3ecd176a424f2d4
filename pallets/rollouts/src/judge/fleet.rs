//! Nodes run what they should, by what they advertised, over those who could be elected by power (ROLLOUTS 7.2, `Fleet`).
//!
//! For a stage that stands two things are asked apart. Whether the chain's own map is the profile: an emergency shows there. And whether
//! the nodes see the map that the chain has, each for its own account, so that the members of a cohort are no drift.

use super::asked::JudgedIn;
use super::chorus::percent;
use super::outcome::AskOutcome;
use crate::check::FleetProfile;
use crate::effects::profile;
use crate::plan::AskedCheck;
use flags::{Gate, Gates};
use primitives::{AccountId, Amount, Epoch, Fraction, Name};
use releases::Advertisement;
use std::collections::BTreeSet;

/// What a check asks that asks about the fleet.
pub(crate) struct FleetAsked {
    pub profile: FleetProfile,
    pub share: Fraction,
    pub fresh: bool,
    pub bundle: bool,
}

/// Judges a check that asks about the fleet.
pub(super) fn judge(judged: &JudgedIn<'_>, asked: &AskedCheck, fleet: &FleetAsked) -> AskOutcome {
    let need = judged.words(|| need_of(fleet));
    let drifting = match fleet.profile {
        FleetProfile::Current => profile::drifting(judged.state, judged.plan),
        FleetProfile::Target => Vec::new(),
    };
    let profile = match drifting.len() {
        0 => None,
        1 => Some("1 flag is not as the profile says".to_owned()),
        more => Some(judged.words(|| format!("{more} flags are not as the profile says"))),
    };
    if fleet.share.is_nothing() {
        let have = profile.unwrap_or_else(|| "every flag is as the profile says".into());
        return AskOutcome::of(drifting.is_empty(), have, need).naming(judged.named(&drifting));
    }
    let nodes = nodes(judged, asked, fleet);
    if nodes.total == Amount::ZERO {
        return AskOutcome::of_nobody(crate::plan::VALIDATORS, need);
    }
    let have = judged.words(|| {
        let percent = format!("{} percent of the power", percent(nodes.power, nodes.total));
        match profile {
            Some(profile) => format!("{percent}, and {profile}"),
            None => percent,
        }
    });
    let is_met = nodes.is_met(fleet.share) && drifting.is_empty();
    let mut missing = judged.named(&drifting);
    missing.extend(judged.named(&nodes.drifting));
    AskOutcome::of(is_met, have, need).naming(missing)
}

fn need_of(fleet: &FleetAsked) -> String {
    let what = match fleet.profile {
        FleetProfile::Current => "every flag as the profile says",
        FleetProfile::Target => "nodes that are ready for the stage",
    };
    if fleet.share.is_nothing() {
        return what.into();
    }
    let nodes = match fleet.profile {
        FleetProfile::Current => format!("{what}, and seen so by {} of the power", fleet.share),
        FleetProfile::Target => format!("{what}, with {} of the power", fleet.share),
    };
    let bundle = if fleet.bundle { ", with the bundle's bytes" } else { "" };
    let fresh = if fleet.fresh { ", advertised since it was submitted" } else { "" };
    format!("{nodes}{bundle}{fresh}")
}

pub(crate) fn nodes(judged: &JudgedIn<'_>, asked: &AskedCheck, fleet: &FleetAsked) -> releases::FleetShare {
    // A node advertises once an epoch, so what it said in the epoch of the submission counts as said since.
    let change = judged.asked_change(asked).change;
    let since = change.as_ref().filter(|_| fleet.fresh).map(|change| change.created.epoch);
    let bundle = fleet.bundle.then_some(judged.plan.kept.bundle);
    let (seen, turned_on) = match fleet.profile {
        FleetProfile::Current => (Some(SeenGates::of(judged)), 0),
        FleetProfile::Target => (None, turned_on(judged, asked)),
    };
    releases::queries::fleet_share(judged.state, judged.at.epoch, |who, epoch: Epoch, said: &Advertisement| {
        let is_fresh = since.is_none_or(|since| epoch >= since);
        let has_bundle = bundle.is_none_or(|bundle| said.bundle == bundle);
        let sees = seen.as_ref().is_none_or(|gates| gates.are_seen(who, said));
        let is_ready = said.known & turned_on == turned_on && said.held & turned_on == 0;
        is_fresh && has_bundle && sees && is_ready
    })
}

/// The gates as this block has them, for any account, with each segment read once.
struct SeenGates {
    gates: Gates,
    limited: Vec<(Gate, BTreeSet<AccountId>)>,
}

impl SeenGates {
    fn of(judged: &JudgedIn<'_>) -> Self {
        let gates = Gates::of(judged.state);
        let members = |segment: &Name| -> BTreeSet<AccountId> {
            // The gates are those of the node's plan, whichever plan asks.
            let plan = flags::queries::node_plan(judged.state);
            let members =
                plan.and_then(|plan| flags::queries::segment(judged.state, &plan, segment)).unwrap_or_default();
            members.iter().filter_map(|member| member.as_str().parse().ok()).collect()
        };
        let limited = gates.limited.iter().map(|(gate, segment)| (*gate, members(segment))).collect();
        Self { gates, limited }
    }

    /// Whether a node sees what holds for its account; what its build knows beyond this one is no drift.
    fn are_seen(&self, who: &AccountId, said: &Advertisement) -> bool {
        Gate::ALL.iter().all(|gate| {
            let is_member = |(limited, members): &(Gate, BTreeSet<AccountId>)| limited == gate && members.contains(who);
            let is_on = self.gates.is_on_for_all(*gate) || self.limited.iter().any(is_member);
            (said.gates & bit(*gate) != 0) == is_on
        })
    }
}

/// The gates that are on at the stage that is asked about, its steps included, and not for everybody now.
fn turned_on(judged: &JudgedIn<'_>, asked: &AskedCheck) -> u64 {
    let stage = judged.stage_of(asked).and_then(|stage| judged.plan.stage(judged.state, &stage).ok());
    let Some(stage) = stage else { return 0 };
    let gates = Gates::of(judged.state);
    let set = stage.steps.iter().flat_map(|step| step.sets.iter()).map(|(flag, variant, _)| (flag, variant));
    let values = stage.values.iter().map(|(flag, variant)| (flag, variant)).chain(set);
    let on = values.filter_map(|(key, variant)| {
        let gate = Gate::named(key).filter(|gate| !gates.is_on_for_all(*gate))?;
        let flag = flags::queries::flag(judged.state, &judged.plan.name, key)?.flag;
        flag.place_of(variant).is_some_and(|place| flag.is_on(place)).then(|| bit(gate))
    });
    on.fold(0, |all, gate| all | gate)
}

/// The bit of a gate in what nodes advertise.
fn bit(gate: Gate) -> u64 {
    1u64.checked_shl(gate as u32).unwrap_or_default()
}
