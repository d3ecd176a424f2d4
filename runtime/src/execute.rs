//! From transactions to facts, and from facts to state.

use crate::compose::{
    BlockEnvironment, DUE, IN_LINE, OF_ARTIFACTS, OF_CASES, OF_CHANGES, OF_FLAGS, OF_FLEET, OF_GUESTS, OF_OFFENCES,
    OF_POLLS, OF_WITNESSES, Serve,
};
use crate::frame::{frame, require_missing};
use crate::transaction::BlockTerms;
use crate::{
    Block, BlockError, Cause, Certificate, Event, Fact, KnownSignatures, Limits, Motion, NoneKnown, Transaction,
    TxError, last_commit,
};
use flags::Gates;
use governance::{Proposal, Status};
use parity_scale_codec::Encode;
use primitives::{AccountId, BlockHash, ChainId, Digest, Height, Mandate, Moment, Timestamp, TransactionHash};
use rayon::prelude::*;
use rollouts::MOST_OF_GUESTS;
use state::{Apply, Backend, Decide, Enact, State, Writes};

/// Where a block stands: what its execution needs to know beside state and transactions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    /// The network.
    pub chain_id: ChainId,
    /// The number of the block.
    pub height: Height,
    /// Its time.
    pub time: Timestamp,
    /// Who proposes it, and so earns what transactions offer above their least fees.
    pub proposer: AccountId,
    /// The block before.
    pub parent: BlockHash,
    /// The precommits that it brings for that; there exactly while presence is paid for (ROLLOUTS 3.2).
    pub last_commit: Option<Certificate>,
    /// The blocks that are [missing](witnesses::queries::missing) in the tree of blocks and are appended by this one in front of its
    /// parent, by height. They are not in the block: whoever follows the chain has them. None as long as the tree grows with every block.
    /// Another number of them is refused; whether they are the right ones cannot be seen here, and others lead to another header.
    pub missing: Vec<BlockHash>,
}

impl Context {
    /// The context that a block claims for itself, where nothing is missing in the tree of blocks.
    pub fn of(block: &Block) -> Self {
        let header = &block.header;
        Self {
            chain_id: header.chain_id.clone(),
            height: header.height,
            time: header.time,
            proposer: header.proposer,
            parent: header.parent,
            last_commit: block.last_commit.clone(),
            missing: Vec::new(),
        }
    }
}

/// What execution gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Executed {
    /// Every decision, in order.
    pub facts: Vec<Fact>,
    /// What is written.
    pub writes: Writes,
    /// The hash of the set that decides this block.
    pub validators_hash: Digest,
    /// The hash of the set that decides the next block.
    pub next_validators_hash: Digest,
}

impl Executed {
    /// The block's transactions, in their order.
    pub fn transactions(&self) -> impl Iterator<Item = TransactionHash> {
        self.facts.iter().filter_map(|fact| match fact.cause {
            Cause::Transaction { hash, .. } => Some(hash),
            _ => None,
        })
    }
}

/// Executes a block's transactions over committed state: what every block writes, what the clock brings, then each transaction.
///
/// Signatures, those of the parent's precommits too, are checked one at a time, on all cores (`verify_strict`), while the calls are
/// settled; nothing of a block with a bad one is kept. What is counted is counted before the first of them is checked.
///
/// # Errors
/// The first transaction that may not be in the block, a bound the block exceeds, or what is wrong with the parent's precommits.
pub fn execute(
    committed: &dyn Backend,
    context: &Context,
    transactions: &[Transaction],
) -> Result<Executed, BlockError> {
    execute_knowing(committed, context, transactions, &NoneKnown)
}

/// The same, but for the signatures of transactions that are `known` to be good: those are not verified again. It comes to the same as
/// long as each of them is. Who asks for what was decided already, such as while it catches up, has no use for it.
///
/// # Errors
/// As [`execute`].
pub fn execute_knowing(
    committed: &dyn Backend,
    context: &Context,
    transactions: &[Transaction],
    known: &dyn KnownSignatures,
) -> Result<Executed, BlockError> {
    let mut state = State::over(committed);
    let (terms, given) = (BlockTerms::of(&state), BlockEnvironment::before(&state, context));
    let chain = &terms.chain;
    last_commit::require(&state, context, chain.epoch_length)?;
    require_missing(&state, context, &given.gates)?;
    let encoded: Vec<Vec<u8>> = transactions.iter().map(Encode::encode).collect();
    let bytes: usize = encoded.iter().map(Vec::len).sum();
    let inside: u64 = transactions.iter().map(Transaction::signatures_inside).sum();
    require_within(bytes as u64, chain.limits.max_block_bytes, "bytes of transactions")?;
    require_within(inside, chain.limits.max_block_signatures, "signatures inside calls")?;
    let at = frame(&mut state, context, &given.gates);
    let mut facts = due(&mut state, at, &given, &chain.limits);
    require_within(transactions.len() as u64, chain.limits.left_beside(facts.len()), "transactions")?;
    let hashes: Vec<TransactionHash> = encoded.par_iter().map(|bytes| TransactionHash::of(bytes)).collect();
    let check = |(transaction, hash): (&Transaction, &TransactionHash)| {
        if known.is_good(hash) { Ok(()) } else { transaction.check_signature() }
    };
    let checks = || {
        let of_transactions = || transactions.par_iter().zip(hashes.par_iter()).map(check).collect();
        rayon::join(|| last_commit::check_signatures(context), of_transactions)
    };
    let settling = Settling { at, terms: &terms, proposer: context.proposer, reads_left: chain.limits.max_block_reads };
    let settle = || settle_all(&mut state, settling, transactions, &hashes);
    let ((attested, signatures), settled): ((_, Vec<Result<(), TxError>>), Vec<_>) = rayon::join(checks, settle);
    attested?;
    for (index, (signature, settled)) in (0u64..).zip(signatures.into_iter().zip(settled)) {
        signature.map_err(|error| BlockError::Transaction { index, error })?;
        facts.push(settled.map_err(|unsettled| unsettled.in_block(index, &chain.limits))?);
    }
    Ok(finish(state, at, chain.epoch_length, facts))
}

/// Settles one transaction after the other, up to the first that may not be in the block.
fn settle_all(
    state: &mut State,
    mut settling: Settling<'_>,
    transactions: &[Transaction],
    hashes: &[TransactionHash],
) -> Vec<Result<Fact, Unsettled>> {
    let mut settled = Vec::with_capacity(transactions.len());
    for (transaction, hash) in transactions.iter().zip(hashes) {
        settled.push(settle(state, &mut settling, transaction, *hash));
        if settled.last().is_some_and(Result::is_err) {
            break;
        }
    }
    settled
}

/// Builds a block from candidates, and on precommits, whose signatures are known to be good: takes those that may be in it, in order, up to the
/// [room](crate::Limits::room) in that round, and leaves the others.
pub fn assemble(
    committed: &dyn Backend,
    context: &Context,
    round: u32,
    candidates: impl IntoIterator<Item = Transaction>,
) -> (Vec<Transaction>, Executed) {
    let mut state = State::over(committed);
    let (terms, given) = (BlockTerms::of(&state), BlockEnvironment::before(&state, context));
    let chain = &terms.chain;
    let at = frame(&mut state, context, &given.gates);
    let mut facts = due(&mut state, at, &given, &chain.limits);
    let room = chain.limits.room(round);
    let places = room.transactions.min(chain.limits.left_beside(facts.len())) as usize;
    let (mut room_left, mut signatures) = (room.bytes as usize, u64::from(room.signatures));
    let mut settling = Settling { at, terms: &terms, proposer: context.proposer, reads_left: room.reads };
    let mut taken = Vec::new();
    for candidate in candidates {
        if taken.len() >= places {
            break;
        }
        let bytes = candidate.encode();
        let Some(left) = room_left.checked_sub(bytes.len()) else { continue };
        let Some(signatures_left) = signatures.checked_sub(candidate.signatures_inside()) else { continue };
        if let Ok(fact) = settle(&mut state, &mut settling, &candidate, TransactionHash::of(&bytes)) {
            room_left = left;
            signatures = signatures_left;
            facts.push(fact);
            taken.push(candidate);
        }
    }
    (taken, finish(state, at, chain.epoch_length, facts))
}

/// Folds a block's facts into state, after what follows from its context: what an execution with these facts writes.
pub fn replay(committed: &dyn Backend, context: &Context, facts: &[Fact]) -> Writes {
    let mut state = State::over(committed);
    let gates = Gates::of(&state);
    let at = frame(&mut state, context, &gates);
    for fact in facts {
        if let Cause::Transaction { account, lane, fee, burned, .. } = &fact.cause {
            accounts::charge(&mut state, account, *lane, *fee, *burned, &context.proposer);
        }
        if let Ok(event) = &fact.outcome {
            event.apply(&mut state, at);
        }
    }
    state.into_writes()
}

fn require_within(have: u64, most: u32, unit: &'static str) -> Result<(), BlockError> {
    let most = u64::from(most);
    if have > most { Err(BlockError::TooLarge { have, most, unit }) } else { Ok(()) }
}

fn finish(state: State, at: Moment, epoch_length: u64, facts: Vec<Fact>) -> Executed {
    let next_epoch = at.height.next().epoch(epoch_length);
    Executed {
        facts,
        validators_hash: staking::queries::validator_set(&state, at.epoch).hash(),
        next_validators_hash: staking::queries::validator_set(&state, next_epoch).hash(),
        writes: state.into_writes(),
    }
}

/// Why a transaction is not settled. Nothing is written of it.
enum Unsettled {
    /// It can be in no block as things stand.
    Invalid(TxError),
    /// The verdict that it asks may read so many rows more than the block still has room for.
    NoRoomToRead(u32),
}

impl Unsettled {
    fn in_block(self, index: u64, limits: &Limits) -> BlockError {
        match self {
            Unsettled::Invalid(error) => BlockError::Transaction { index, error },
            Unsettled::NoRoomToRead(beyond) => {
                let most = u64::from(limits.max_block_reads);
                BlockError::TooLarge { have: most.saturating_add(beyond.into()), most, unit: "rows that verdicts read" }
            }
        }
    }
}

/// What the transactions of a block are settled by, one after the other.
struct Settling<'b> {
    at: Moment,
    terms: &'b BlockTerms,
    /// Who earns what they offer.
    proposer: AccountId,
    /// How many rows their verdicts may still read.
    reads_left: u32,
}

/// Takes the fee and the nonce, asks `decide`, and calls `apply`. What verdicts may read is counted before one of them is judged.
fn settle(
    state: &mut State,
    settling: &mut Settling<'_>,
    transaction: &Transaction,
    hash: TransactionHash,
) -> Result<Fact, Unsettled> {
    let Settling { at, terms, proposer, reads_left } = settling;
    let (at, reads) = (*at, transaction.reads(state));
    let burned = transaction.check_reading(state, terms, at, reads).map_err(Unsettled::Invalid)?;
    let beyond = Unsettled::NoRoomToRead(reads.saturating_sub(*reads_left));
    *reads_left = reads_left.checked_sub(reads).ok_or(beyond)?;
    let payload = &transaction.payload;
    let (account, lane, fee) = (payload.account, payload.lane, payload.fee);
    accounts::charge(state, &account, lane, fee, burned, proposer);
    let cause = Cause::Transaction { hash, account, lane, fee, burned };
    let outcome = payload.call.decide(state, at, account);
    Ok(record(state, at, cause, outcome))
}

/// What the clock brings, by what was given before the block: to each pallet, to the passed proposals whose turn has come, to
/// plans and their changes, to those who bear an offence, to as many of those who wait in line as half of the block still holds, and where
/// that leaves a place, to who left the fleet or is a witness without a bond. Plans
/// and offences together have no more than half of the clock's part, with what votes brought before them; the rest is for the line.
///
/// An election comes before everything else in its epoch, so that it counts the stake that is in force, and neither it nor what is paid
/// for presence is ever left for another block. Votes are left for the next ones, in their order, only where more proposals are live
/// than the shared places and those of one set of validators ([`check`](crate::Genesis::check) refuses limits that cannot hold that
/// many): where validators left the set and their proposals live on; or where such limits are tight and gates bring facts too.
fn due(state: &mut State, at: Moment, given: &BlockEnvironment<'_>, limits: &Limits) -> Vec<Fact> {
    let most = limits.most_by_clock() as usize;
    let mut facts = Vec::new();
    for due in DUE {
        for event in due(state, at, given, most.saturating_sub(facts.len())) {
            facts.push(record(state, at, Cause::Clock, Ok(event)));
        }
    }
    // What a motion does is a fact, and that it was done another. A record has room for as many as are counted on.
    let counted_on = usize::try_from(governance::queries::most_live(state)).unwrap_or(usize::MAX);
    let motions = counted_on.min(most.saturating_sub(facts.len()) / 2);
    for proposal in governance::activate::<Motion>(state, at, motions) {
        facts.extend(carry_out(state, at, &proposal));
    }
    // The other half is counted on by those who were promised an epoch: see `Genesis::freed_an_epoch`.
    let beside_lines = most / 2;
    for (line, most_of_it) in [(OF_CHANGES, most), (OF_GUESTS, MOST_OF_GUESTS), (OF_POLLS, most)] {
        let have = facts.len();
        let until = half_of_what_is_left(beside_lines, have).min(have.saturating_add(most_of_it));
        serve(state, at, line, until, &mut facts);
    }
    for asked_once in [OF_CASES, OF_ARTIFACTS, OF_FLAGS] {
        let until = half_of_what_is_left(beside_lines, facts.len());
        for event in asked_once(state, at, until.saturating_sub(facts.len())) {
            facts.push(record(state, at, Cause::Clock, Ok(event)));
        }
    }
    serve(state, at, OF_OFFENCES, beside_lines, &mut facts);
    serve(state, at, IN_LINE, most, &mut facts);
    for asked_last in [OF_FLEET, OF_WITNESSES] {
        for event in asked_last(state, at, most.saturating_sub(facts.len())) {
            facts.push(record(state, at, Cause::Clock, Ok(event)));
        }
    }
    facts
}

/// How many facts there are at most once somebody had half of what is left, so that whoever makes much of it keeps nobody else waiting.
fn half_of_what_is_left(most: usize, have: usize) -> usize {
    have.saturating_add(most.saturating_sub(have) / 2)
}

/// Serves a line until it brings nothing more, or there are `most` facts.
fn serve(state: &mut State, at: Moment, line: Serve, most: usize, facts: &mut Vec<Fact>) {
    loop {
        let events = line(state, at, most.saturating_sub(facts.len()));
        if events.is_empty() {
            break;
        }
        facts.extend(events.into_iter().map(|event| record(state, at, Cause::Clock, Ok(event))));
    }
}

/// Does what a passed proposal asks and records how that ended; nothing if it was stopped in this very block.
fn carry_out(state: &mut State, at: Moment, proposal: &Proposal<Motion>) -> Vec<Fact> {
    let proposal_id = proposal.id;
    if governance::queries::poll(state, proposal_id).status != Status::Passed {
        return Vec::new();
    }
    let Proposal { proposer, created: proposed, vote_deadline_epoch, .. } = *proposal;
    // Members decide in any block, so their poll names no epoch; what they decided is carried out at once.
    let mandate = Mandate { proposal_id, proposer, proposed, passed: vote_deadline_epoch.min(at.epoch) };
    let outcome = governance::require_track(state, &proposal.motion, proposal.track)
        .map_err(crate::Error::from)
        .and_then(|()| proposal.motion.enact(state, at, &mandate));
    let conclusion = match outcome {
        Ok(_) => governance::Event::Activated { proposal_id },
        Err(_) => governance::Cancelled { proposal_id, deposit: None }.into(),
    };
    let done = record(state, at, Cause::Proposal(proposal_id), outcome);
    vec![done, record(state, at, Cause::Clock, Ok(Event::Governance(conclusion)))]
}

fn record(state: &mut State, at: Moment, cause: Cause, outcome: Result<Event, crate::Error>) -> Fact {
    if let Ok(event) = &outcome {
        event.apply(state, at);
    }
    Fact { cause, outcome }
}

#[cfg(test)]
#[allow(clippy::restriction, reason = "a test may stop where it fails")]
mod tests {
    use super::half_of_what_is_left;

    #[test]
    fn however_much_plans_and_offences_bring_the_line_keeps_half_of_what_votes_have_left_it() {
        for most in 0..40usize {
            for voted in 0..=most {
                let beside_lines = most / 2;
                let of_plans = (0..6).fold(voted, |have, _| half_of_what_is_left(beside_lines, have));
                assert!(of_plans <= beside_lines.max(voted), "{most} {voted}");
                let for_the_line = most - beside_lines.max(of_plans);
                assert!(for_the_line >= (most - voted) / 2, "{most} {voted}");
            }
        }
    }

    #[test]
    fn who_comes_after_another_that_makes_much_of_it_has_a_part_too() {
        assert_eq!((0..4).map(|have| half_of_what_is_left(8, have)).collect::<Vec<_>>(), [4, 4, 5, 5]);
        assert_eq!(half_of_what_is_left(8, 9), 9, "there is nothing left");
    }
}
