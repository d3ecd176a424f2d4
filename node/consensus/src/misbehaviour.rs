//! What the engine noticed of validators that contradict themselves, in the chain's words.

use super::context::ChainContext;
use super::messages::{ProposalMessage, Vote};
use arc_malachitebft_app::consensus::MisbehaviorEvidence;
use arc_malachitebft_core_types::{DoubleProposal, DoubleVote, NilOrVal, SignedMessage, VoteType};
use primitives::VoteKind;
use staking::{Offence, SignedProposal, SignedVote};

/// The offences among what was noticed. The engine also keeps what is none, such as one block proposed with another round of
/// prevotes.
pub fn offences(evidence: &MisbehaviorEvidence<ChainContext>) -> Vec<Offence> {
    let votes = evidence.votes.iter().flat_map(|(_, pairs)| pairs).filter_map(of_votes);
    let proposals = evidence.proposals.iter().flat_map(|(_, pairs)| pairs).filter_map(of_proposals);
    votes.chain(proposals).collect()
}

fn of_votes((one, other): &DoubleVote<ChainContext>) -> Option<Offence> {
    let place = |vote: &Vote| (vote.kind, vote.height, vote.round, vote.voter);
    if place(&one.message) != place(&other.message) {
        return None;
    }
    let (kind, height, round, voter) = place(&one.message);
    let kind = match kind {
        VoteType::Prevote => VoteKind::Prevote,
        VoteType::Precommit => VoteKind::Precommit,
    };
    let votes = [one, other].map(|vote| {
        let block = match vote.message.block {
            NilOrVal::Nil => None,
            NilOrVal::Val(block) => Some(block),
        };
        SignedVote { block, signature: vote.signature }
    });
    Offence::of_votes(voter.0, height.0, round.as_u32()?, kind, votes)
}

fn of_proposals((one, other): &DoubleProposal<ChainContext>) -> Option<Offence> {
    let place = |proposal: &ProposalMessage| (proposal.height, proposal.round, proposal.proposer);
    if place(&one.message) != place(&other.message) {
        return None;
    }
    let (height, round, proposer) = place(&one.message);
    let proposals = [one, other].map(|proposal: &SignedMessage<ChainContext, ProposalMessage>| {
        let ProposalMessage { value, pol_round, .. } = &proposal.message;
        SignedProposal { block: value.0, pol_round: pol_round.as_u32(), signature: proposal.signature }
    });
    Offence::of_proposals(proposer.0, height.0, round.as_u32()?, proposals)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::{Address, BlockHeight, BlockValue};
    use crate::signing::Signatory;
    use arc_malachitebft_core_types::Round;
    use arc_malachitebft_signing::Signer;
    use primitives::{BlockHash, ChainId, Height, SecretKey};

    fn chain() -> ChainId {
        "a-1".parse().unwrap()
    }

    fn signatory() -> Signatory {
        Signatory::new(chain(), SecretKey::from_seed(&[1; 32]))
    }

    fn proposal(block: u8, pol_round: Round) -> ProposalMessage {
        let (height, round) = (BlockHeight(Height(3)), Round::new(2));
        let value = BlockValue(BlockHash([block; 32]));
        ProposalMessage { height, round, value, pol_round, proposer: signatory().address() }
    }

    /// What the engine hands over of one validator.
    fn noticed(
        votes: Option<DoubleVote<ChainContext>>,
        proposals: Option<DoubleProposal<ChainContext>>,
    ) -> MisbehaviorEvidence<ChainContext> {
        let mut evidence = MisbehaviorEvidence { proposals: Default::default(), votes: Default::default() };
        if let Some((one, other)) = votes {
            evidence.votes.add(one, other);
        }
        if let Some((one, other)) = proposals {
            evidence.proposals.add(one, other);
        }
        evidence
    }

    #[tokio::test]
    async fn h15_what_the_engine_noticed_is_an_offence_that_the_signatures_prove() {
        let signer = signatory();
        let vote = |block| Vote {
            kind: VoteType::Precommit,
            height: BlockHeight(Height(3)),
            round: Round::new(2),
            block,
            voter: signer.address(),
        };
        let (nil, val) = (vote(NilOrVal::Nil), vote(NilOrVal::Val(BlockHash([9; 32]))));
        let votes = (signer.sign_vote(val).await.unwrap(), signer.sign_vote(nil).await.unwrap());
        let found = offences(&noticed(Some(votes), None));
        let [offence] = &found[..] else { panic!("{found:?}") };
        let Offence::Votes { validator, height, round, kind, first, second } = offence else { panic!("{offence:?}") };
        assert_eq!(
            (Address(*validator), *height, *round, *kind),
            (signer.address(), Height(3), 2, VoteKind::Precommit)
        );
        assert_eq!((first.block, second.block), (None, Some(BlockHash([9; 32]))), "in order");
        for vote in [first, second] {
            let payload = primitives::vote_payload(&chain(), *kind, *height, *round, vote.block);
            assert!(validator.key().verify(&payload, &vote.signature));
        }

        let one = signer.sign_proposal(proposal(1, Round::Nil)).await.unwrap();
        let other = signer.sign_proposal(proposal(2, Round::new(1))).await.unwrap();
        let found = offences(&noticed(None, Some((other, one.clone()))));
        let [offence] = &found[..] else { panic!("{found:?}") };
        let Offence::Proposals { first, second, .. } = offence else { panic!("{offence:?}") };
        assert_eq!((first.pol_round, second.pol_round), (None, Some(1)));
        for proposal in [first, second] {
            let payload = primitives::proposal_payload(&chain(), Height(3), 2, proposal.block, proposal.pol_round);
            assert!(signer.address().0.key().verify(&payload, &proposal.signature));
        }
        let again = signer.sign_proposal(proposal(1, Round::new(1))).await.unwrap();
        let found = offences(&noticed(None, Some((one, again))));
        assert!(found.is_empty(), "the same block in another round of prevotes: {found:?}");
    }
}
