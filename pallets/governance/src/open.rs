//! What the chain itself puts to the vote.

use crate::{Closing, Electorate, Event, Motion, Place, Proposal, TrackName, TrackRules, queries};
use primitives::{AccountId, Amount, Epoch, Fraction, Moment, Span};
use roles::RoleKey;
use state::State;

/// Who votes on what the chain opens, and by which rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PollRules {
    /// The members of a role, each of whom counts one (REQ-031).
    Members {
        /// The role.
        key: RoleKey,
        /// The share of all members, not of those who vote, that has to be in favour.
        share: Fraction,
        /// For how long it can be voted on; without it, until it is decided.
        within: Option<Span>,
        /// Whether it is of the plan of an application. Such a plan is a guest: its polls end behind those of the network's own
        /// plan, and [so many](crate::MOST_GUESTS) in a block at most.
        guest: bool,
    },
    /// The stake in force, by the rules of the expedited track, with its least window and its least delay.
    Stake,
}

/// Puts a motion to the vote, for `proposer`, who is named and pays nothing: there is no deposit, and the poll holds none of the
/// places of live proposals. Nobody takes it back; the stake can [cancel](crate::Intervention::Cancel) it as any other.
///
/// The number is [`queries::next_id`], so of several each is applied before the next one is opened. Nothing is asked of the motion here:
/// [`votable`](state::Enact::votable) is, with every vote in favour. One that only the chain may put to the vote refuses in
/// [`admit`](state::Enact::admit), which is asked of what accounts propose.
pub fn open<M: Motion>(state: &State, at: Moment, proposer: AccountId, motion: M, rules: PollRules) -> Event<M> {
    let vote = match rules {
        PollRules::Members { key, share, within, guest } => of_members(state, at, key, share, within, guest),
        PollRules::Stake => of_stake(state, at),
    };
    let total = vote.electorate.total(state);
    let proposal = Proposal {
        id: queries::next_id(state),
        motion,
        proposer,
        track: vote.track,
        rules: vote.rules,
        place: vote.place,
        electorate: vote.electorate,
        created: at,
        created_epoch: at.epoch,
        vote_deadline_epoch: vote.voting_ends,
        activation_epoch: vote.activation,
        closes_at: vote.closes_at,
    };
    Event::Opened { proposal, total }
}

/// Those parts of a proposal that depend on who votes.
struct Vote {
    track: TrackName,
    rules: TrackRules,
    place: Place,
    electorate: Electorate,
    voting_ends: Epoch,
    activation: Epoch,
    closes_at: Option<Closing>,
}

/// Members vote on what has no epochs: it is carried out in the block in which it is decided.
fn of_members(state: &State, at: Moment, key: RoleKey, share: Fraction, within: Option<Span>, guest: bool) -> Vote {
    let version = roles::queries::head(state, &key).version;
    Vote {
        track: TrackName::Council,
        rules: TrackRules { quorum: Fraction::NOTHING, support: share, deposit: Amount::ZERO },
        place: if guest { Place::Guest } else { Place::Chain },
        electorate: Electorate::Members { key, version },
        voting_ends: Epoch::MAX,
        activation: Epoch::MAX,
        closes_at: within.map(|span| Closing::after(at, span)),
    }
}

fn of_stake(state: &State, at: Moment) -> Vote {
    let track = queries::params(state).expedited;
    let voting_ends = at.epoch.plus(track.least_window);
    Vote {
        track: TrackName::Expedited,
        rules: TrackRules { deposit: Amount::ZERO, ..track.rules() },
        place: Place::Chain,
        electorate: Electorate::Stake { epoch: at.epoch, total: staking::queries::total_at(state, at.epoch) },
        voting_ends,
        activation: voting_ends.plus(track.least_delay),
        closes_at: None,
    }
}
