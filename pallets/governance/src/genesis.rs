//! What votes start from.

use crate::{Event, GovernanceParams, Track};
use parity_scale_codec::{Decode, Encode};
use primitives::{Amount, Checker};
use serde::{Deserialize, Serialize};

/// This pallet's part of a genesis.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct GovernanceGenesis {
    /// The rules of votes.
    pub params: GovernanceParams,
}

impl GovernanceGenesis {
    /// What happens at height 0.
    pub fn events<M>(&self) -> impl Iterator<Item = Event<M>> + use<M> {
        std::iter::once(Event::ParamsSet(self.params.clone()))
    }

    /// Finds every mistake. A proposal may not live longer than the `remembered_epochs` that the stake it is measured by is
    /// remembered for.
    pub fn check(&self, remembered_epochs: u64, mut checker: Checker<'_>) {
        let GovernanceParams { max_live_proposals, routine, expedited, .. } = &self.params;
        checker.require(*max_live_proposals >= 2, "params.max_live_proposals", || {
            format!("is {max_live_proposals}; it must be at least 2: each track has half of the places")
        });
        check_track("params.routine", routine, remembered_epochs, &mut checker);
        check_track("params.expedited", expedited, remembered_epochs, &mut checker);
    }
}

fn check_track(name: &str, track: &Track, remembered_epochs: u64, checker: &mut Checker<'_>) {
    for (what, least, most) in
        [("window", track.least_window, track.most_window), ("delay", track.least_delay, track.most_delay)]
    {
        checker.require((1..=most).contains(&least), &format!("{name}.least_{what}"), || {
            format!("is {least}; it must be 1 to most_{what} ({most})")
        });
    }
    let longest = track.most_window.saturating_add(track.most_delay);
    checker.require(longest <= remembered_epochs, &format!("{name}.most_window"), || {
        format!(
            "and most_delay are {longest} together, longer than stake is remembered \
             (staking.params.remembered_epochs is {remembered_epochs})"
        )
    });
    let some_needed = track.quorum.least(Amount(1_000_000)) > Amount::ZERO;
    checker.require(some_needed, &format!("{name}.quorum"), || "is zero; a single ballot would decide".into());
}
