//! What happens to proposals, held against the properties.

use super::cast::Side;
use super::honest::Aim;
use super::known::Known;
use super::outcome::Decided;
use super::play::Play;
use super::properties as laws;
use super::strategy::StrategyName;
use ::governance::{Ballot, Choice, DepositEnd, Event as Governance, Proposal, Status, Tally};
use primitives::ProposalId;
use releases::Standing;
use runtime::Motion;

impl Play<'_> {
    /// Follows what happened to a proposal; `by` is the strategy that asked for it, if one did.
    pub(super) fn see_governance(&mut self, event: &Governance<Motion>, by: Option<StrategyName>) {
        match event {
            Governance::Proposed(proposal) => self.see_proposed(proposal, by),
            Governance::Voted { ballot, tally, overridden, .. } => {
                self.is_backed(ballot, tally);
                if by == Some(StrategyName::Dust) && overridden.iter().any(|one| one.lighter.is_some()) {
                    self.run.happened(&laws::BALLOT_LIGHTER);
                }
                if by == Some(StrategyName::Flip) && ballot.choice == Choice::No {
                    self.run.happened(&laws::FLIPPED);
                }
            }
            Governance::Withdrawn { proposal_id, deposit } => {
                if let Some(known) = self.conclude(*proposal_id, "withdrawn", Some(deposit))
                    && known.side == Side::Honest
                    && matches!(deposit, DepositEnd::Burned(_))
                    && self.is_played(StrategyName::Grief)
                {
                    self.run.happened(&laws::DEPOSIT_LOST);
                }
            }
            Governance::Passed { proposal_id, .. } => self.see_passed(*proposal_id),
            Governance::Rejected { proposal_id, shortfall, deposit, .. } => {
                let number = self.honest.number_of(*proposal_id);
                if let Some(known) = self.conclude(*proposal_id, "rejected", Some(deposit)) {
                    let what = format!("proposal {proposal_id} was rejected for want of: {shortfall:?}");
                    self.see_rejected(&known, number, what);
                }
            }
            Governance::Activated { proposal_id } => self.see_done(*proposal_id, "activated"),
            Governance::Cancelled(cancelled) => {
                let sealed = self.live.get(&cancelled.proposal_id).and_then(|known| known.strategy);
                self.see_done(cancelled.proposal_id, "cancelled");
                if sealed == Some(StrategyName::Sealed) {
                    self.run.happened(&laws::NEVER_OPENED);
                }
            }
            // No plan of these chains asks anything.
            Governance::ParamsSet(_)
            | Governance::Opened { .. }
            | Governance::Decided { .. }
            | Governance::Recounted { .. } => {}
        }
    }

    fn see_proposed(&mut self, proposal: &Proposal<Motion>, strategy: Option<StrategyName>) {
        let side = self.arena.cast.side_of(&proposal.proposer).unwrap_or(Side::Hostile);
        let wanted = self.honest.wants_it(&proposal.motion);
        let known = Known { proposal: proposal.clone(), side, wanted, status: Status::Open, strategy };
        let watched = self.is_watched();
        self.honest.see_proposed(&self.arena, &known, watched);
        let (at, id, deadline) = (self.moment(), proposal.id, proposal.vote_deadline_epoch);
        self.run.tell(at, || format!("proposal {id} opens, {side:?}, wanted: {wanted}, until epoch {deadline}"));
        self.live.insert(id, known);
    }

    fn is_backed(&mut self, ballot: &Ballot, tally: &Tally) {
        let Some(known) = self.live.get(&ballot.proposal_id) else { return };
        let Some(epoch) = known.proposal.electorate.stake_epoch() else { return };
        if let Some(flaw) = self.shadow.flaw(ballot, tally, epoch) {
            self.broken(&laws::STAKELESS, flaw);
        }
    }

    fn see_passed(&mut self, id: ProposalId) {
        let Some(known) = self.live.get_mut(&id) else { return };
        known.status = Status::Passed;
        let (is_unsupported, track) = (known.side == Side::Hostile && !known.wanted, known.proposal.track);
        let (deadline, name) = (known.proposal.vote_deadline_epoch, known.strategy);
        let at = self.moment();
        self.run.tell(at, || format!("proposal {id} passes"));
        if is_unsupported {
            let of = name.map_or("an unknown strategy", StrategyName::word);
            self.broken(&laws::UNSUPPORTED, format!("proposal {id} of {of} passed on the {track} track"));
        }
        let Some(want) = self.honest.number_of(id).map(|number| &self.honest.wants[number]) else { return };
        if want.planned.mistaken {
            return;
        }
        self.outcome.decided.push(Decided {
            asked: want.planned.track,
            track,
            to_open: want.opened.minus(want.since.0).0,
            to_decide: deadline.minus(want.since.0).0,
            late: want.asked.minus(want.since.0).0,
            during: want.during.clone(),
        });
    }

    fn see_rejected(&mut self, known: &Known, number: Option<usize>, what: String) {
        match known.strategy {
            Some(StrategyName::Cancel) => self.run.happened(&laws::STOP_REJECTED),
            Some(StrategyName::Grab) => self.run.happened(&laws::GRAB_REJECTED),
            _ => {}
        }
        if number.is_some_and(|number| !self.honest.wants[number].planned.mistaken) {
            self.broken(&laws::UNDECIDED, what);
        }
    }

    /// A proposal that passed was carried out, or not: if it is an honest one, what it is for must be in force.
    fn see_done(&mut self, id: ProposalId, how: &'static str) {
        let number = self.honest.number_of(id);
        self.conclude(id, how, None);
        let Some(want) = number.map(|number| &self.honest.wants[number]) else { return };
        let (aim, mistaken) = (want.aim, want.planned.mistaken);
        if self.is_in_force(aim) {
            if let Aim::Approved(hash) = aim {
                self.honest.approved(hash);
            }
        } else if !mistaken {
            self.broken(&laws::NOT_CARRIED_OUT, format!("proposal {id} was {how}, and {aim:?} is not in force"));
        }
    }

    fn is_in_force(&self, aim: Aim) -> bool {
        self.arena.chain.ask(|state| match aim {
            Aim::Approved(hash) => releases::queries::release(state, &hash).is_some(),
            Aim::Revoked(hash) => releases::queries::release(state, &hash)
                .is_some_and(|release| matches!(release.standing, Standing::Revoked { .. })),
        })
    }

    /// Forgets a proposal that is over, and counts what became of its deposit.
    fn conclude(&mut self, id: ProposalId, how: &'static str, deposit: Option<&DepositEnd>) -> Option<Known> {
        let at = self.moment();
        self.run.tell(at, || format!("proposal {id} is {how}"));
        if let Some(number) = self.honest.number_of(id) {
            self.honest.end(number);
        }
        let known = self.live.remove(&id)?;
        if let Some(DepositEnd::Burned(deposit)) = deposit {
            match (known.side, known.strategy) {
                (Side::Honest, _) => self.outcome.honest_deposits += deposit.amount.0,
                (Side::Hostile, Some(name)) => self.outcome.attack(name).deposits += deposit.amount.0,
                (Side::Hostile, None) => {}
            }
        }
        Some(known)
    }
}
