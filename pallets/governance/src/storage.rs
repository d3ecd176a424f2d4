//! Where votes are kept.

use crate::{Ballot, Deposit, GovernanceParams, Place, Poll, PollFailure, Proposal, SharedPlaces, Status};
use parity_scale_codec::{Decode, Encode};
use primitives::{AccountId, Amount, Digest, Epoch, Height, ProposalId};
use roles::RoleKey;
use state::{Item, Log, Map, Set};

/// The rules; from genesis.
pub(crate) const PARAMS: Item<GovernanceParams> = Item::new("governance/params");

/// The number of the latest proposal; none before the first.
pub(crate) const LATEST: Item<ProposalId> = Item::new("governance/latest");

/// The proposals over motions of type `M`; those of a runtime are of one type.
pub(crate) const fn proposals<M: Encode + Decode>() -> Map<ProposalId, Proposal<M>> {
    Map::new("governance/proposals")
}

/// What votes read of each proposal, small because every one of them writes it too.
pub(crate) const POLLS: Map<ProposalId, Poll> = Map::new("governance/polls");

/// The deposits that are held: those of the open proposals that accounts made.
pub(crate) const DEPOSITS: Map<ProposalId, Deposit> = Map::new("governance/deposits");

/// The ballots that count.
pub(crate) const BALLOTS: Map<(ProposalId, AccountId), Ballot> = Map::new("governance/ballots");

/// The voters of each proposal, by the numbers of their ballots: in the order in which they first voted, from 1 and without gaps.
pub(crate) const VOTERS: Map<(ProposalId, u64), AccountId> = Map::new("governance/voters");

/// By proposal and validator: delegated stake that voted for itself.
pub(crate) const OVERRIDDEN: Map<(ProposalId, AccountId), Amount> = Map::new("governance/overridden");

/// The place that each live proposal holds, by proposer.
pub(crate) const PLACES: Map<(AccountId, ProposalId), Place> = Map::new("governance/places");

/// How many shared places are held.
pub(crate) const SHARED_PLACES: Item<SharedPlaces> = Item::new("governance/shared_places");

/// The live proposals, by the keys they are found by.
pub(crate) const INDEX: Set<(Digest, ProposalId)> = Set::new("governance/index");

/// The keys in [`INDEX`] of each live proposal.
pub(crate) const KEYS: Set<(ProposalId, Digest)> = Set::new("governance/keys");

/// The live proposals on stake, by the epoch at whose start something happens to them.
pub(crate) const AGENDA: Set<(Epoch, ProposalId)> = Set::new("governance/agenda");

/// The live polls of members, by their line and their role.
pub(crate) const OF_ROLES: Set<(u32, RoleKey, ProposalId)> = Set::new("governance/of_roles");

/// The open polls of members that close when the chain has run for so many milliseconds, by their line and that.
pub(crate) const CLOSING: Set<(u32, u64, ProposalId)> = Set::new("governance/closing");

/// The open polls of members that close at the start of an epoch, by their line and that.
pub(crate) const CLOSING_EPOCHS: Set<(u32, Epoch, ProposalId)> = Set::new("governance/closing_epochs");

/// The polls of members that are decided as far as is known, or whose members went, by their line and since when: those that are to be
/// counted from their ballots, and those that passed and are to be carried out.
pub(crate) const DECIDED: Set<(u32, Height, ProposalId)> = Set::new("governance/decided");

/// What the chain opened and nothing came of, until whoever had it opened has taken note.
pub(crate) const UNMET: Map<ProposalId, PollFailure> = Map::new("governance/unmet");

/// The proposals that ended, by how they did, in the order in which they did.
pub(crate) const ENDED: Log<Status, ProposalId> = Log::new("governance/ended", "governance/ended_counts");
