//! The places that live proposals hold: scarce, and so shared out that nobody can close them to others.
//!
//! Each track has half of the shared places, the expedited one the larger half, so neither can be closed from the other; one
//! proposer holds two of them at most. Beside them, every validator has a place of its own for an expedited motion: whatever
//! others propose, a validator can put a stop to the vote.

use crate::{Error, GovernanceParams, TrackName, storage::*};
use parity_scale_codec::{Decode, Encode};
use primitives::AccountId;
use serde::{Deserialize, Serialize};
use state::State;

/// The most shared places that the proposals of one account can hold.
pub const MOST_PLACES_OF_ONE: u32 = 2;

/// The place that a proposal holds from its creation until it is concluded. What the chain opens holds none, and so keeps nobody out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// One of those that all proposers share.
    #[codec(index = 0)]
    Shared,
    /// The one that its proposer has as a validator, for an expedited motion, and nobody else.
    #[codec(index = 1)]
    Own,
    /// None: the chain opened it, for the network's own plan.
    #[codec(index = 2)]
    Chain,
    /// None: the chain opened it, for the plan of an application, which comes behind the network's.
    #[codec(index = 3)]
    Guest,
}

impl Place {
    /// Whether the chain opened it, and no account proposed it.
    pub fn is_of_chain(self) -> bool {
        match self {
            Place::Shared | Place::Own => false,
            Place::Chain | Place::Guest => true,
        }
    }

    /// The line in which a poll of members stands when it ends: the first is served whole before the second.
    pub(crate) fn line(self) -> u32 {
        u32::from(self == Place::Guest)
    }
}

/// How many shared places are held, by the track of the proposals that hold them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Encode, Decode)]
pub struct SharedPlaces {
    /// On the routine track.
    pub routine: u32,
    /// On the expedited track.
    pub expedited: u32,
}

impl SharedPlaces {
    /// How many proposals on a track hold; none for the one on which nobody proposes.
    pub(crate) fn of(&mut self, track: TrackName) -> Option<&mut u32> {
        match track {
            TrackName::Routine => Some(&mut self.routine),
            TrackName::Expedited => Some(&mut self.expedited),
            TrackName::Council => None,
        }
    }

    /// Whether one is free for another proposal on a track.
    fn has_room(mut self, track: TrackName, params: &GovernanceParams) -> bool {
        self.of(track).is_some_and(|held| *held < params.places(track))
    }
}

/// The place that another proposal of `who` would hold: a validator's own for an expedited motion, as long as that is free.
pub(crate) fn free_place(
    state: &State,
    params: &GovernanceParams,
    who: AccountId,
    is_validator: bool,
    track: TrackName,
) -> Result<Place, Error> {
    let held: Vec<Place> = PLACES.iter_under(state, &who).map(|(_, place)| place).collect();
    if is_validator && track == TrackName::Expedited && !held.contains(&Place::Own) {
        return Ok(Place::Own);
    }
    if held.iter().filter(|place| **place == Place::Shared).count() >= MOST_PLACES_OF_ONE as usize {
        return Err(Error::TooManyOfOne(MOST_PLACES_OF_ONE));
    }
    if !SHARED_PLACES.get_or_default(state).has_room(track, params) {
        return Err(Error::TooManyOpen { track, most: params.places(track) });
    }
    Ok(Place::Shared)
}
