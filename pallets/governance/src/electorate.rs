//! Who can vote on a proposal, and with how much.

use parity_scale_codec::{Decode, Encode};
use primitives::{AccountId, Amount, Epoch};
use roles::RoleKey;
use serde::{Deserialize, Serialize};
use state::State;

/// Who can vote. Neither kind copies anything: what is named here tells of every account whether it can.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Electorate {
    /// Stake in force in an epoch.
    #[codec(index = 0)]
    Stake {
        /// The epoch.
        epoch: Epoch,
        /// All of it.
        total: Amount,
    },
    /// The members of a role, each of whom counts one: those who [had a vote](roles::queries::has_vote) by a version of its roster, and
    /// still have it (REQ-019). Who went and came again has come later, and so has lost its vote; who may act in some places alone has
    /// none.
    #[codec(index = 1)]
    Members {
        /// The role.
        key: RoleKey,
        /// The version of its roster when the poll was opened.
        version: u64,
    },
}

impl Electorate {
    /// What the vote of each member counts.
    pub const OF_A_MEMBER: Amount = Amount(1);

    /// The epoch whose stake votes; none where members do.
    pub fn stake_epoch(&self) -> Option<Epoch> {
        match self {
            Electorate::Stake { epoch, .. } => Some(*epoch),
            Electorate::Members { .. } => None,
        }
    }

    /// The role whose members vote; none where stake does.
    pub fn role(&self) -> Option<&RoleKey> {
        match self {
            Electorate::Stake { .. } => None,
            Electorate::Members { key, .. } => Some(key),
        }
    }

    /// What an account can vote with of its own, now: its stake in that epoch, or one as a member; nothing for whoever has no
    /// vote. What others have delegated to a validator is not in it.
    pub fn weight_of(&self, state: &State, who: &AccountId) -> Amount {
        match self {
            Electorate::Stake { epoch, .. } => staking::queries::stake_at(state, who, *epoch),
            Electorate::Members { key, version } => {
                let votes = roles::queries::has_vote(state, key, who, *version);
                if votes { Self::OF_A_MEMBER } else { Amount::ZERO }
            }
        }
    }

    /// All the weight there is, now: members who went since are not in it.
    pub fn total(&self, state: &State) -> Amount {
        match self {
            Electorate::Stake { total, .. } => *total,
            Electorate::Members { .. } => self.members(state).iter().map(|_| Self::OF_A_MEMBER).sum(),
        }
    }

    /// The members who can vote, now, in the order of their accounts; none where stake votes. A role has few, and whoever asks reads
    /// them all.
    pub fn members(&self, state: &State) -> Vec<AccountId> {
        let Electorate::Members { key, version } = self else { return Vec::new() };
        roles::queries::voters(state, key, *version)
    }
}
