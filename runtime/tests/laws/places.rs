//! The laws of the places that live proposals hold (H3), counted from proposals and not by the questions the rules ask.

use crate::cells::{PLACES, SHARED_PLACES};
use crate::network::{Done, Network, approve};
use governance::{DepositEnd, Event as Governance, Place, Proposal, Status, TrackName};
use primitives::{AccountId, BuildHash, List, ProposalId};
use runtime::testing::{propose_on, release_vote, signer};
use runtime::{Error, Event, Motion};
use state::{Decide as _, State};
use std::collections::{BTreeMap, BTreeSet};

/// A build that no other action proposes.
const FRESH: BuildHash = BuildHash([0x77; 32]);

/// Holds a block to the laws of places.
pub fn are_shared_out(network: &Network, done: &Done) {
    for fact in &done.executed.facts {
        match &fact.outcome {
            Ok(Event::Governance(Governance::Proposed(proposal))) => its_own_place_is_a_validators(network, proposal),
            Ok(Event::Governance(Governance::Withdrawn { proposal_id, deposit })) => {
                withdrawing_from_others_is_not_free(network, *proposal_id, deposit);
            }
            _ => {}
        }
    }
    let live = live(&network.state());
    what_is_live_is_within_the_bound(network, &live);
    no_validator_is_kept_out(network, &live);
}

fn live(state: &State) -> Vec<Proposal<Motion>> {
    let is_live = |proposal: &Proposal<Motion>| {
        matches!(governance::queries::poll(state, proposal.id).status, Status::Open | Status::Passed)
    };
    governance::queries::proposals::<Motion>(state).filter(is_live).collect()
}

fn its_own_place_is_a_validators(network: &Network, proposal: &Proposal<Motion>) {
    let set = staking::queries::validator_set(&network.state(), proposal.created_epoch);
    let may = proposal.track == TrackName::Expedited && set.power_of(&proposal.proposer).is_some();
    assert!(proposal.place == Place::Shared || may, "not the proposer's own: {proposal:?}");
}

fn withdrawing_from_others_is_not_free(network: &Network, id: ProposalId, deposit: &DepositEnd) {
    let state = network.state();
    let proposal = governance::queries::proposal::<Motion>(&state, id);
    let others = governance::queries::ballots(&state, id).any(|ballot| ballot.voter != proposal.proposer);
    assert_eq!(matches!(deposit, DepositEnd::Burned(_)), others, "proposal {id} was taken back");
    assert!(!others || proposal.track == TrackName::Routine, "an expedited motion was taken from its voters");
}

/// Neither track ever has more than its half of the shared places, and no account more than two of them and its own. Without
/// those whose proposers left the set meanwhile, what is live is within what the limits of blocks are made for: a validator that
/// left keeps its place until its proposal is concluded, so all together there may be more, and what is over waits.
fn what_is_live_is_within_the_bound(network: &Network, live: &[Proposal<Motion>]) {
    let (state, most) = (network.state(), network.genesis.governance.params.max_live_proposals as usize);
    let shared = |track| live.iter().filter(|other| other.place == Place::Shared && other.track == track).count();
    let (routine, expedited) = (shared(TrackName::Routine), shared(TrackName::Expedited));
    assert!(routine <= most / 2 && expedited <= most - most / 2, "{routine} and {expedited} of {most}");
    let set = staking::queries::validator_set(&state, network.epoch());
    let stayed = |own: &&Proposal<Motion>| own.place == Place::Own && set.power_of(&own.proposer).is_some();
    let counted = (routine + expedited + live.iter().filter(stayed).count()) as u64;
    let counted_on = network.genesis.governance.params.most_live(network.genesis.staking.params.max_validators);
    assert!(counted <= counted_on, "{counted} of {counted_on}");
    let kept = SHARED_PLACES.get_or_default(&state);
    assert_eq!((kept.routine as usize, kept.expedited as usize), (routine, expedited));
    let held: BTreeSet<_> = live.iter().map(|proposal| (proposal.proposer, proposal.id)).collect();
    assert_eq!(PLACES.iter(&state).map(|(key, _)| key).collect::<BTreeSet<_>>(), held);
    let mut by_account: BTreeMap<AccountId, (usize, usize)> = BTreeMap::new();
    for proposal in live {
        let (shared, own) = by_account.entry(proposal.proposer).or_default();
        match proposal.place {
            Place::Shared => *shared += 1,
            Place::Own => *own += 1,
            Place::Chain | Place::Guest => unreachable!("no plan of these chains asks anything"),
        }
    }
    for (who, (shared, own)) in by_account {
        assert!(shared <= 2 && own <= 1, "{who} holds {shared} shared places and {own} of its own");
    }
}

/// Whatever is live, a validator without a live expedited motion can propose one, if it can pay.
fn no_validator_is_kept_out(network: &Network, live: &[Proposal<Motion>]) {
    let (state, at) = (network.state(), network.moment());
    let call = propose_on(TrackName::Expedited, fresh_release(network));
    let set = staking::queries::validator_set(&state, at.epoch);
    let idle = |who: &AccountId| {
        !live.iter().any(|proposal| proposal.proposer == *who && proposal.track == TrackName::Expedited)
    };
    for who in set.validators.iter().map(|member| member.account).filter(idle) {
        match call.decide(&state, at, who) {
            Ok(_) | Err(Error::Governance(governance::Error::Deposit(_))) => {}
            Err(error) => panic!("{who} cannot propose: {error}"),
        }
    }
}

/// A motion that is admitted at any time: a build that was never approved, signed by the keys of the moment.
fn fresh_release(network: &Network) -> Motion {
    let record = releases::queries::roster_record(&network.state());
    let (signing, threshold) = (record.signing(network.ledger.head().at.epoch), record.roster.threshold);
    let keys = (0..5).map(signer).filter(|key| signing.contains(&key.public()));
    let attest = |key: primitives::SecretKey| releases::ReleaseAttestation {
        signer: key.public(),
        signature: key.sign(&FRESH.attestation_message()),
    };
    let mut vote = release_vote(&network.genesis, FRESH, 0);
    vote.signatures = List::truncate_from(keys.take(threshold as usize).map(attest).collect());
    (vote.signer_set, vote.signature_threshold) = (signing, threshold);
    approve(vote)
}
