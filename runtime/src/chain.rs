//! The numbers of the chain itself; each comes from genesis.

use crate::{Certificate, Header, LEVEL, migrate};
use parity_scale_codec::{Decode, Encode};
use primitives::{ChainId, Checker, Epoch, Height, Moment, Subject, Timestamp};
use releases::MAX_SIGNATURES;
use serde::{Deserialize, Serialize};
use staking::MAX_OFFENCE_SIGNATURES;
use state::{Apply, AuditedEvent, Item, State, Told};
use std::ops::RangeInclusive;

/// The rules of the chain itself.
pub const CHAIN: Item<ChainParams> = Item::new("chain/params");

/// How long the chain has run; written by every block.
pub const RUNNING: Item<Running> = Item::new("chain/running");

/// What [`ChainParams::most_block_ms`] may be, in milliseconds: a second to an hour. With less, a chain whose blocks come as they
/// should would hardly run; with more, it would run while it stands still.
const MOST_BLOCK_MS: RangeInclusive<u64> = 1_000..=3_600_000;

/// The most that [`Limits::max_transaction_lifetime`] may be, in blocks: eleven days of one block a second. A wallet signs
/// nothing that lives longer, whatever a node says of its chain.
pub const MOST_TRANSACTION_LIFETIME: u64 = 1_000_000;

/// The most that an encoded block may have on any chain, in bytes. What consensus carries derives from it.
pub const MOST_ENCODED_BLOCK: u32 = 16 << 20;

/// The most signatures that one call may bring: those over a release with all its targets, or those of a decision that somebody
/// contradicted.
const MOST_SIGNATURES_OF_A_CALL: u32 =
    if MAX_SIGNATURES > MAX_OFFENCE_SIGNATURES { MAX_SIGNATURES } else { MAX_OFFENCE_SIGNATURES };

/// The least that [`Limits::max_block_reads`] may be: several times the rows that judging the longest list of the profiles which come with
/// this software reads. A call that asks for more than a whole block has room for [can be in none](crate::TxError::TooManyReads).
pub const LEAST_BLOCK_READS: u32 = 1 << 16;

/// What an encoded block has beside its transactions, at most: the longest header, the longest precommits for its parent, and how many
/// transactions follow.
const BESIDE_TRANSACTIONS: u32 = Header::MOST_ENCODED + 1 + Certificate::MOST_ENCODED + 4;

/// What every block and transaction is judged by.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Chain"))]
#[serde(deny_unknown_fields)]
pub struct ChainParams {
    /// The network's name; part of everything that is signed.
    pub chain_id: ChainId,
    /// Blocks in an epoch.
    pub epoch_length: u64,
    /// The level that the network begins with, which its first builds know: at most [`LEVEL`](crate::LEVEL) of the software that makes
    /// it. What came with a higher one is dormant until the network comes up to that (ROLLOUTS 3.3).
    pub level: u32,
    /// How much one block adds to the time that the chain has run, at most, in milliseconds; from one second to one hour, and at
    /// least [what a block takes where nothing fails](ConsensusParams::most_undisturbed_ms) (ROLLOUTS 3.1). It tells a slow block
    /// from a chain that stands still. Networks of `testnet` and of tests have 60,000, or that time where it is longer: block
    /// times and failed rounds are seconds, so that a minute cuts nothing off while blocks come, and a chain that stood for a
    /// night has run one minute longer.
    pub most_block_ms: u64,
    /// Bounds.
    pub limits: Limits,
    /// Timing of consensus.
    pub consensus: ConsensusParams,
}

/// How long the chain has run (ROLLOUTS 3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Running {
    /// In milliseconds since genesis: the sum over blocks of the time since the block before, of each at most
    /// [`ChainParams::most_block_ms`].
    pub ms: u64,
    /// The time of the newest block, up to which that is.
    pub time: Timestamp,
}

impl Running {
    /// With one more block at a time; of the time since the block before, `most_block_ms` count at most.
    pub fn until(self, time: Timestamp, most_block_ms: u64) -> Self {
        let passed_ms = time.minus(self.time.0).0.min(most_block_ms);
        Self { ms: self.ms.saturating_add(passed_ms), time }
    }
}

/// Bounds on blocks and transactions.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// The encoded transactions of a block together, in bytes; at most what keeps an encoded block within
    /// [`MOST_ENCODED_BLOCK`].
    pub max_block_bytes: u32,
    /// Transactions in a block, together with what the clock brings to it, which is at most half of this.
    pub max_block_transactions: u32,
    /// Signatures inside the calls of a block, such as those over a release or of an offence; the transactions' own do not count.
    pub max_block_signatures: u32,
    /// Rows of state that the verdicts which a block's calls ask may read, as reckoned before any is judged; at least
    /// [`LEAST_BLOCK_READS`] (ROLLOUTS 3.4).
    pub max_block_reads: u32,
    /// One encoded signed transaction, in bytes.
    pub max_transaction_bytes: u32,
    /// How far ahead a transaction's expiry may lie, in blocks; at most [`MOST_TRANSACTION_LIFETIME`].
    pub max_transaction_lifetime: u64,
}

/// What a proposer fills of a block, at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// Bytes of encoded transactions.
    pub bytes: u32,
    /// Transactions.
    pub transactions: u32,
    /// Signatures inside their calls.
    pub signatures: u32,
    /// Rows that the verdicts may read which they ask.
    pub reads: u32,
}

/// Timing of consensus, in milliseconds.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Consensus"))]
#[serde(deny_unknown_fields)]
pub struct ConsensusParams {
    /// From one block to the next; zero is as fast as the network decides.
    pub block_time_ms: u64,
    /// How long to wait for a proposal in the first round; later rounds wait longer.
    pub propose_timeout_ms: u64,
    /// How long to wait for the votes of others in the first round.
    pub vote_timeout_ms: u64,
    /// How far a block's time may be from a validator's clock.
    pub max_clock_drift_ms: u64,
}

/// What happened to the chain itself.
#[derive(
    Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, strum::IntoStaticStr, strum::VariantNames,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case", prefix = "chain.")]
pub enum ChainEvent {
    /// It began, with these rules.
    Began(ChainParams),
    /// Rows of state came into the shape in which a level keeps them (ROLLOUTS 21).
    Migrated {
        /// The level.
        level: u32,
        /// How many rows: the first ones of those that were left in the earlier shape.
        written: u32,
        /// Whether none is left.
        done: bool,
    },
}

impl Apply for ChainEvent {
    fn apply(&self, state: &mut State, _at: Moment) {
        match self {
            ChainEvent::Began(chain) => CHAIN.set(state, chain),
            ChainEvent::Migrated { level, written, done } => migrate::move_rows(state, *level, *written, *done),
        }
    }
}

impl Told for ChainEvent {
    fn sentence(&self) -> String {
        match self {
            ChainEvent::Began(chain) => format!(
                "the network {} began at level {}, with epochs of {} blocks",
                chain.chain_id, chain.level, chain.epoch_length
            ),
            ChainEvent::Migrated { level, written, done } => {
                let rest = if *done { "and none is left" } else { "and more are left" };
                format!("{written} rows of state are kept as level {level} keeps them, {rest} in the shape before")
            }
        }
    }

    fn kind(&self) -> &'static str {
        self.into()
    }

    fn about(&self) -> Vec<Subject> {
        Vec::new()
    }
}

impl AuditedEvent for ChainEvent {}

impl ChainParams {
    /// The epoch of the next block at a time, if blocks came as fast as they should since one of a height and time; the block's own next
    /// one at any time before that.
    pub fn epoch_by(&self, height: Height, time: Timestamp, now: Timestamp) -> Epoch {
        let passed_ms = now.minus(time.0).0;
        let blocks = passed_ms.checked_div(self.consensus.block_time_ms.max(1)).unwrap_or(0);
        height.next().plus(blocks).epoch(self.epoch_length)
    }

    /// Finds every mistake.
    pub fn check(&self, mut checker: Checker<'_>) {
        checker.require(!self.chain_id.as_str().is_empty(), "chain_id", || "is empty; name the network".into());
        checker.require(self.epoch_length > 0, "epoch_length", || "is 0; an epoch has at least one block".into());
        checker.require(self.level <= LEVEL, "level", || {
            format!(
                "is {}, and this build knows levels up to {LEVEL}; name one that it knows, or use a newer build",
                self.level
            )
        });
        self.check_running(&mut checker);
        self.limits.check(&mut checker);
        let timing = &self.consensus;
        for (field, value) in [
            ("consensus.propose_timeout_ms", timing.propose_timeout_ms),
            ("consensus.vote_timeout_ms", timing.vote_timeout_ms),
            ("consensus.max_clock_drift_ms", timing.max_clock_drift_ms),
        ] {
            checker.require(value > 0, field, || "is 0; nodes would never wait for each other".into());
        }
    }

    /// One block may add as much to the running time as it takes where nothing fails: with less, spans that are measured by it
    /// would last longer than they say on a chain that never stands still.
    fn check_running(&self, checker: &mut Checker<'_>) {
        let (least, most) = (*MOST_BLOCK_MS.start(), *MOST_BLOCK_MS.end());
        let takes = self.consensus.most_undisturbed_ms();
        checker.require(takes <= most, "consensus.block_time_ms", || {
            format!("lets a block take {takes} ms with its timeouts, and one adds {most} to the running time at most; lower them")
        });
        let (asked, least) = (self.most_block_ms, takes.clamp(least, most));
        checker.require((least..=most).contains(&asked), "most_block_ms", || {
            format!(
                "is {asked}; what one block adds to the running time at most must be {least} to {most} ms, and no less than a block \
                 takes with the first round's timeouts"
            )
        });
    }
}

impl ConsensusParams {
    /// The longest that a block takes that is decided in the first round, in milliseconds: the time between blocks, then what is
    /// waited for the proposal, and for the votes of both steps.
    pub const fn most_undisturbed_ms(&self) -> u64 {
        let votes_ms = self.vote_timeout_ms.saturating_mul(2);
        self.block_time_ms.saturating_add(self.propose_timeout_ms).saturating_add(votes_ms)
    }
}

impl Limits {
    /// The longest that an encoded block may be, in bytes: its transactions and their number, its header, and the precommits for
    /// its parent, whether they are there or not. Whoever builds,
    /// carries or checks blocks calls this.
    pub const fn most_encoded_block(&self) -> u32 {
        self.max_block_bytes.saturating_add(BESIDE_TRANSACTIONS)
    }

    /// Whether consensus can carry blocks of these limits: the longest is within [`MOST_ENCODED_BLOCK`].
    pub const fn can_be_carried(&self) -> bool {
        self.most_encoded_block() <= MOST_ENCODED_BLOCK
    }

    /// What a transaction takes of a block, in bytes: its own, or the part of all bytes that its signatures inside are of all
    /// signatures, where that is more. Fees are asked for it and compared by it, so that to fill either room costs the same.
    pub fn weight(&self, bytes: u64, signatures: u64) -> u64 {
        let of_signatures = signatures.saturating_mul(self.max_block_bytes.into());
        bytes.max(of_signatures.checked_div(self.max_block_signatures.into()).unwrap_or_default())
    }

    /// What a transaction takes of a block, in bytes, where the rows that its verdicts may read are counted too: its weight, or the part of
    /// all bytes that its rows are of all rows, where that is more. What waits for blocks competes by it, so that whoever fills the room
    /// for verdicts outbids what else there is, as whoever fills that for bytes does.
    pub fn claim(&self, weight: u64, reads: u32) -> u64 {
        let of_reads = u64::from(reads).saturating_mul(self.max_block_bytes.into());
        weight.max(of_reads.checked_div(self.max_block_reads.into()).unwrap_or_default())
    }

    /// What a proposer fills of its block in a round of a height. Each failed round halves it, and after three nothing is left:
    /// no height hangs on what its blocks hold.
    pub const fn room(&self, round: u32) -> Room {
        let halved = match round {
            0..3 => round,
            _ => return Room { bytes: 0, transactions: 0, signatures: 0, reads: 0 },
        };
        Room {
            bytes: self.max_block_bytes >> halved,
            transactions: self.max_block_transactions >> halved,
            signatures: self.max_block_signatures >> halved,
            reads: self.max_block_reads >> halved,
        }
    }

    fn check(&self, checker: &mut Checker<'_>) {
        checker.require(self.max_block_transactions > 0, "limits.max_block_transactions", || "is 0".into());
        checker.require(self.max_block_signatures >= MOST_SIGNATURES_OF_A_CALL, "limits.max_block_signatures", || {
            format!("is {}; one call may bring {MOST_SIGNATURES_OF_A_CALL}", self.max_block_signatures)
        });
        checker.require(self.max_block_reads >= LEAST_BLOCK_READS, "limits.max_block_reads", || {
            format!(
                "is {}; with less than {LEAST_BLOCK_READS} a list could be too long to be judged",
                self.max_block_reads
            )
        });
        checker.require(
            (1..=MOST_TRANSACTION_LIFETIME).contains(&self.max_transaction_lifetime),
            "limits.max_transaction_lifetime",
            || format!("is {}; it must be 1 to {MOST_TRANSACTION_LIFETIME}", self.max_transaction_lifetime),
        );
        checker.require(self.can_be_carried(), "limits.max_block_bytes", || {
            let most = MOST_ENCODED_BLOCK.saturating_sub(BESIDE_TRANSACTIONS);
            format!("is {}; at most {most} can be proposed", self.max_block_bytes)
        });
        checker.require(
            (1024..=self.max_block_bytes).contains(&self.max_transaction_bytes),
            "limits.max_transaction_bytes",
            || format!("is {}; it must be 1024 to max_block_bytes", self.max_transaction_bytes),
        );
    }
}
