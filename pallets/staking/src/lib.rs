//! Validators, bonds, delegations, and the stake that was in force in each epoch.
//!
//! A bond ties tokens to a validator: one's own (which makes the account a validator) or another's (a delegation). A change
//! made in epoch `e` is in force from `e + 1`; what is in force in an epoch that has begun never changes again. So a
//! *snapshot* is no copy, only the number of an epoch, and an electorate costs nothing to take.
//! At the start of epoch `e` the validator set of epoch `e + 1` is elected from the stake in force in `e`, by the rule that holds then
//! ([`Election`]): the strongest, or one of those who stand for election alone, the sealer. Whom the first rule would elect stands
//! beside the set by either ([`queries::candidates`]): who decides blocks is asked of the set, and all else about validators of the
//! candidates.
//!
//! What strangers can make much of waits in lines, and the clock serves each line a few at a time ([`ripe`]): tokens that left a
//! bond until they are free, and bonds of which nothing is left until nobody needs to remember them. Whoever waits counts in no
//! election and in no vote, because what left a bond is in force no more; so it does not matter to an epoch whether those who
//! waited for it are free when it begins. An epoch has as many places in the line as its blocks can free: when they are taken,
//! tokens wait for the next one, and whoever unbonds is told for which.
//!
//! A validator answers with its stake for what it signs. Whoever proves that it contradicted itself ([`Offence`]) has a share of
//! what it had at stake burned at once, however it left since; its delegators lose a smaller one by the clock ([`sweep`]), before
//! any bond to it moves or ripens. That has a part of the clock's work, and those who wait for others' bonds keep theirs. It is out of the next set, and comes back by its own call alone. An act can be judged for as long
//! as all that was at stake is still bonded or waits.
//! Whether it can be judged at all was decided when its epoch began ([`unenforced`]): turning the gate of enforcement off forgives nothing
//! that was signed before, and turning it on again convicts nobody of what was signed meanwhile.
//!
//! # Invariants
//! - The power of a validator is the sum of the bonds to it, in every epoch that is remembered.
//! - Tokens that leave a bond stay held for the unbonding period, and are freed once, in the epoch that was said when they left.
//! - The validator set is never empty: an election without candidates keeps the set.
//! - Where blocks are decided by a quorum, the candidates are the set. Who decides alone does so for as long as it stands for election:
//!   nobody takes its place by more stake.
//! - An election reads as many candidates as it elects, however many there are or were.
//! - Of a bond that nothing is left of, and that nobody needs to remember, nothing stays.
//! - No stake is lost but by two contradicting signatures of the validator it was bonded to, and nothing of what came later: all acts
//!   together take no more than was at stake in them.
//! - The acts of a validator in one epoch are punished once, in whatever form they are proven.
#![cfg_attr(test, allow(clippy::restriction, reason = "a test may stop where it fails"))]

pub mod apply;
mod audit;
mod candidates;
mod certificate;
mod decide;
mod due;
mod election;
mod evidence;
mod genesis;
mod history;
mod line;
mod loss;
mod memory;
mod offence;
mod penalties;
pub mod queries;
mod storage;
#[cfg(test)]
mod tests;
mod validators;
mod words;

use parity_scale_codec::{Decode, Encode};
use primitives::{AccountId, Amount, ChainId, Epoch, Fraction, Height, List};
use serde::{Deserialize, Serialize};

pub use certificate::{Certificate, CertificateError};
pub use due::{due, ripe, unenforced};
pub use election::Election;
pub use genesis::{GenesisBond, StakingGenesis};
pub use history::StakeHistory;
pub use offence::{MAX_OFFENCE_SIGNATURES, Offence, OffenceName, SignedProposal, SignedVote};
pub use penalties::sweep;
pub use validators::{Validator, ValidatorSet};

/// The most validators a network can have.
pub const MAX_VALIDATORS: u32 = 128;

/// The most validators one account can be bonded to.
pub const MAX_BONDS: u32 = 16;

/// A commission of all that delegators earn, in millionths.
pub const WHOLE_COMMISSION: u32 = 1_000_000;

/// The most epochs for which tokens wait that one fact takes some of.
pub const MAX_LOSSES: u32 = 16;

/// What a stake holder can ask for.
#[derive(
    Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, strum::IntoStaticStr, primitives::Leveled,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "StakingCall"))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[strum(serialize_all = "snake_case", prefix = "staking.")]
pub enum Call {
    /// Bonds tokens to oneself: becomes a validator, or a stronger one.
    Bond {
        /// How much; the whole own bond must reach the minimum.
        amount: Amount,
    },
    /// Bonds tokens to another validator.
    Delegate {
        /// The validator.
        validator: AccountId,
        /// How much; the whole delegation must reach the minimum.
        amount: Amount,
    },
    /// Takes tokens out of a bond; they are free after the unbonding period.
    Unbond {
        /// The validator; oneself for one's own bond.
        validator: AccountId,
        /// How much; at most what is bonded, and what is left must reach the minimum or be nothing.
        amount: Amount,
    },
    /// Proves that a validator contradicted itself. Whoever does, but the validator itself, gets a share of what is burned.
    Evidence(Box<Offence>),
    /// Stands for election again after a punishment, once the time is over and with the minimum bond.
    Unjail,
    /// Says how much of what delegators earn with the sender it keeps, from the next epoch on.
    #[level(1)]
    SetCommission {
        /// In millionths; at most [`WHOLE_COMMISSION`].
        millionths: u32,
    },
}

/// What happened.
#[derive(
    Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, strum::IntoStaticStr, strum::VariantNames,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "StakingEvent"))]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case", prefix = "staking.")]
pub enum Event {
    /// Stake follows these rules from now on.
    ParamsSet {
        /// The rules.
        params: StakingParams,
        /// The network, which is part of everything that validators sign.
        chain_id: ChainId,
        /// Blocks in an epoch: of which epoch the acts of a height are.
        epoch_length: u64,
        /// How many who wait an epoch can free: what the limits of the chain's blocks give.
        most_freed: u64,
    },
    /// Tokens were bonded.
    Bonded {
        /// The account whose tokens they are.
        who: AccountId,
        /// The validator they strengthen.
        validator: AccountId,
        /// How much.
        amount: Amount,
        /// The first epoch in which they count.
        from_epoch: Epoch,
        /// The first epoch whose stake stays remembered.
        remembered_from: Epoch,
    },
    /// Tokens left a bond and wait.
    Unbonding {
        /// The account whose tokens they are.
        who: AccountId,
        /// The validator they strengthened.
        validator: AccountId,
        /// How much.
        amount: Amount,
        /// The first epoch in which they count no more.
        from_epoch: Epoch,
        /// The epoch at whose start they are free.
        free_epoch: Epoch,
        /// The first epoch whose stake stays remembered.
        remembered_from: Epoch,
    },
    /// Tokens that waited are free.
    Unbonded {
        /// The account whose tokens they are.
        who: AccountId,
        /// The validator they strengthened.
        validator: AccountId,
        /// How much.
        amount: Amount,
        /// The epoch they waited for.
        free_epoch: Epoch,
    },
    /// The validator set of an epoch is known.
    Elected {
        /// The epoch it decides blocks in.
        epoch: Epoch,
        /// The set.
        validators: ValidatorSet,
        /// Whom the rule of a quorum elects: the set itself, where a quorum decides blocks.
        candidates: ValidatorSet,
        /// Who decides blocks alone; none where a quorum does.
        sealer: Option<AccountId>,
        /// The first epoch whose set stays remembered.
        remembered_from: Epoch,
    },
    /// Nobody needs to remember a bond any more, of which nothing was left.
    Forgotten {
        /// The account that was bonded.
        who: AccountId,
        /// The validator it was bonded to.
        validator: AccountId,
        /// The first epoch in which nobody needs to remember it.
        forget_epoch: Epoch,
        /// Whether the validator's power is forgotten with it: nobody is bonded to it, and no vote needs to know who was.
        with_power: bool,
    },
    /// A validator was punished for contradicting itself: for all it did in that epoch, once.
    Punished {
        /// The validator.
        validator: AccountId,
        /// The epoch of the act.
        epoch: Epoch,
        /// What it did.
        offence: OffenceName,
        /// The height that it was about.
        height: Height,
        /// Who proved it.
        reporter: AccountId,
        /// What the validator lost of its own stake. All of it is burned, but the reward.
        loss: Loss,
        /// How much of that the reporter got.
        reward: Amount,
        /// The first epoch in which what left the bond counts no more.
        from_epoch: Epoch,
        /// The first epoch whose stake stays remembered.
        remembered_from: Epoch,
        /// The epoch whose elected set it is taken out of; none where it is not in the next one, or is all of it.
        leaves_set_of: Option<Epoch>,
        /// The epoch whose candidates it is taken out of; none where it is not among the next ones, or is all of them.
        leaves_candidates_of: Option<Epoch>,
        /// The first epoch in which it may stand for election again.
        jailed_until: Epoch,
        /// Who bears the offence next; none where nobody else does.
        next: Option<Penalty>,
    },
    /// Somebody bore the offence of a validator. All that was lost is burned.
    Slashed {
        /// Whose tokens they were.
        who: AccountId,
        /// The validator.
        validator: AccountId,
        /// The epoch of the act.
        epoch: Epoch,
        /// What it lost; nothing, where it had nothing at stake.
        loss: Loss,
        /// The first epoch in which what left the bond counts no more.
        from_epoch: Epoch,
        /// The first epoch whose stake stays remembered.
        remembered_from: Epoch,
        /// Whether it is asked no more, until it delegates again: it had nothing at stake in any epoch that is still judged.
        unlisted: bool,
        /// Who bears the offence next; none when everybody has.
        next: Option<Penalty>,
    },
    /// A validator stands for election again.
    Unjailed {
        /// The validator.
        validator: AccountId,
    },
    /// What validators sign in the epoch that begins is not punished: the gate of enforcement was off when it began.
    Unenforced {
        /// The epoch.
        epoch: Epoch,
    },
    /// A validator keeps so much of what its delegators earn.
    CommissionSet {
        /// The validator.
        validator: AccountId,
        /// In millionths.
        millionths: u32,
        /// What it keeps until then, in millionths.
        before: u32,
        /// The first epoch in which it counts.
        from_epoch: Epoch,
    },
}

/// Why a call was refused.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "StakingRefusal"))]
#[serde(rename_all = "snake_case")]
pub enum Error {
    /// Too few free tokens.
    #[error(transparent)]
    Accounts(#[from] accounts::Error),
    /// The own bond would be below the minimum.
    #[error("a validator's own bond must be at least {need} and would be {have}; bond more, or unbond all of it")]
    BelowMinimumBond {
        /// What the bond would be.
        have: Amount,
        /// The minimum.
        need: Amount,
    },
    /// The account is not a validator.
    #[error("{0} is not a validator")]
    UnknownValidator(AccountId),
    /// The account is bonded to as many validators as allowed.
    #[error("an account can be bonded to at most {0} validators; unbond from one, and wait until its votes are past")]
    TooManyBonds(u32),
    /// More was asked for than is bonded.
    #[error("{have} is bonded to {validator}, less than the {need} asked for")]
    BondTooSmall {
        /// The validator.
        validator: AccountId,
        /// What is bonded.
        have: Amount,
        /// What was asked for.
        need: Amount,
    },
    /// The delegation would be below the minimum.
    #[error("a delegation must be at least {need} and would be {have}; delegate more, or unbond all of it")]
    BelowMinimumDelegation {
        /// What the delegation would be.
        have: Amount,
        /// The minimum.
        need: Amount,
    },
    /// The two messages are no offence.
    #[error(
        "the two messages do not contradict each other, or stand in another order than by block; name two that no honest \
         validator signs"
    )]
    NoOffence,
    /// The act is too long ago, or of an epoch that has not begun.
    #[error("the act is of epoch {epoch}, and those of epochs {oldest} to {newest} are judged now")]
    OutOfReach {
        /// The epoch of the act.
        epoch: Epoch,
        /// The first epoch that is judged.
        oldest: Epoch,
        /// The last.
        newest: Epoch,
    },
    /// Who is accused decided no blocks then.
    #[error("{validator} was not in the validator set of epoch {epoch}, and what it signed for it counts for nobody")]
    NotInSet {
        /// Who is accused.
        validator: AccountId,
        /// The epoch of the act.
        epoch: Epoch,
    },
    /// What the validator did in that epoch was punished.
    #[error("{validator} was punished for what it did in epoch {epoch}; all acts of one epoch are one offence")]
    AlreadyPunished {
        /// The validator.
        validator: AccountId,
        /// The epoch.
        epoch: Epoch,
    },
    /// One of the two signatures is not the validator's.
    #[error("{0} did not sign both messages on this network")]
    NotSigned(AccountId),
    /// The certificate proves no decision.
    #[error("the certificate does not show that its block of height {0} was decided")]
    Undecided(Height),
    /// The bonds of a validator stand still.
    #[error(
        "those who delegate to {0} bear an offence of it, and its bonds stand still until all have; try again in a few blocks"
    )]
    BondsHeld(AccountId),
    /// The account was not punished, or stands for election again.
    #[error("{0} is not jailed")]
    NotJailed(AccountId),
    /// It is too soon.
    #[error("a validator that was punished stays out until epoch {until}; try again then")]
    StillJailed {
        /// The first epoch in which it may come back.
        until: Epoch,
    },
    /// Nobody answers for what was signed in that epoch.
    #[error(
        "what validators signed in epoch {epoch} is not punished, because consensus_enforcement was off when it began; what they sign \
         in an epoch that begins with it on is"
    )]
    GateOff {
        /// The epoch of the act.
        epoch: Epoch,
    },
    /// A commission is a part of the whole.
    #[error("a commission of {millionths} millionths is more than all; name at most {most}")]
    CommissionTooHigh {
        /// What was asked for, in millionths.
        millionths: u32,
        /// The most, in millionths.
        most: u32,
    },
}

/// The rules of staking; from genesis.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct StakingParams {
    /// How many validators decide blocks; the strongest are elected.
    pub max_validators: u32,
    /// The least own bond of a validator.
    pub minimum_bond: Amount,
    /// The least that can be delegated to one validator; at least one. Each delegation is work for the whole network.
    pub minimum_delegation: Amount,
    /// How many epochs tokens wait after leaving a bond; longer when more leave than an epoch can free.
    pub unbonding_epochs: u64,
    /// How many past epochs stake is remembered for; at least as many as a proposal can live, and more than tokens wait.
    pub remembered_epochs: u64,
    /// What contradicting itself costs a validator.
    pub penalties: PenaltyParams,
}

/// What contradicting itself costs a validator; from genesis.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PenaltyParams {
    /// How much of its own stake it loses; more than nothing of the minimum bond.
    pub own_share: Fraction,
    /// How much each delegator loses of what it had bonded to the validator.
    pub delegated_share: Fraction,
    /// How much of what the validator loses at once goes to whoever proved it, and is not burned; less than all of it, or
    /// reporting oneself would cost nothing.
    pub reward_share: Fraction,
    /// How many epochs it stays out, from the first one that it does not decide blocks in; at least one.
    pub jail_epochs: u64,
}

/// A twentieth.
const TWENTIETH: Fraction = match Fraction::new(1, 20) {
    Some(share) => share,
    None => Fraction::THIRD,
};

/// What a network begins with unless its genesis says otherwise: a third of the own stake, a twentieth of each delegation, a
/// twentieth of that third for whoever proved it, and forty epochs.
impl Default for PenaltyParams {
    fn default() -> Self {
        Self { own_share: Fraction::THIRD, delegated_share: TWENTIETH, reward_share: TWENTIETH, jail_epochs: 40 }
    }
}

/// How much a validator keeps of what those who delegate to it earn.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Commission {
    /// In millionths, from an epoch on.
    pub millionths: u32,
    /// The first epoch in which that counts.
    pub from_epoch: Epoch,
    /// What counted in the epoch before, in millionths.
    pub before: u32,
}

impl Commission {
    /// What counts in an epoch, of the last one of which it was said and later ones.
    pub fn at(&self, epoch: Epoch) -> u32 {
        if epoch < self.from_epoch { self.before } else { self.millionths }
    }
}

/// What an account loses of its stake with a validator.
#[derive(Debug, Clone, Default, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Loss {
    /// Out of the bond.
    pub bonded: Amount,
    /// Out of what left the bond and waits, by the epoch it waits for.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<(Epoch, Amount)>", length(max = MAX_LOSSES)))]
    pub waiting: List<(Epoch, Amount), MAX_LOSSES>,
}

impl Loss {
    /// All of it.
    pub fn total(&self) -> Amount {
        self.waiting.iter().map(|(_, amount)| *amount).sum::<Amount>().saturating_add(self.bonded)
    }
}

/// Whose turn it is to bear an offence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Penalty {
    /// The first epoch of which all that left a bond since still waits.
    pub oldest: Epoch,
    /// Whose turn it is.
    pub next: AccountId,
    /// What that account has lost already of what it has to.
    pub taken: Amount,
}

/// One account's bond to one validator.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Bond {
    /// The validator.
    pub validator: AccountId,
    /// The amount, as it was over time.
    pub history: StakeHistory,
    /// All that was lost of it for offences, out of the bond or while it waited, as it was over time.
    pub lost: StakeHistory,
}

/// All bonds of one account.
pub type Bonds = List<Bond, MAX_BONDS>;
