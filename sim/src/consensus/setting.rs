//! What all futures have in common: the genesis, whose keys there are, and the rules by which is decided.

use super::options::{HostileOptions, below_a_third};
use crate::keys::{Role, key};
use crate::links::Place;
use crate::network::Network;
use ::consensus::LinearTimeouts;
use accounts::Endowment;
use anyhow::{Result, bail, ensure};
use arc_malachitebft_core_types::{ThresholdParam, ThresholdParams};
use primitives::{Amount, SecretKey};
use runtime::Genesis;
use staking::{GenesisBond, MAX_VALIDATORS};
use std::time::Duration;

/// What nobody bonds at first, to pay fees and to bond later, in parts of the strongest validator's power.
const FREE_PARTS: u64 = 4;
/// How many accounts there are beside those of machines.
const HOLDERS: u64 = 2;
/// Where a network has as little as no block time, blocks are reckoned to take so long.
const LEAST_BLOCK_US: u64 = 200_000;

/// A rule that is broken on purpose, to show that this program sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BrokenRule {
    /// Nobody brings evidence.
    DoubleVoteUnpunished,
    /// More than a third of the power is enough to lock and to decide.
    LockOnAThird,
    /// No key signs anything.
    KeyRefuses,
    /// Blocks in the middle of an epoch are shown to light clients with one signature alone.
    CertificateCutShort,
}

impl BrokenRule {
    fn named(name: &str) -> Result<Self> {
        match name {
            "double-vote-unpunished" => Ok(Self::DoubleVoteUnpunished),
            "lock-on-a-third" => Ok(Self::LockOnAThird),
            "key-refuses" => Ok(Self::KeyRefuses),
            "certificate-cut-short" => Ok(Self::CertificateCutShort),
            _ => bail!(
                "there is no rule {name:?} to break; give --break one of double-vote-unpunished, lock-on-a-third, key-refuses, \
                 certificate-cut-short"
            ),
        }
    }
}

/// What all futures have in common.
#[derive(Clone, Debug)]
pub(super) struct Setting {
    /// What every chain begins with.
    pub genesis: Genesis,
    /// The key of each machine, by its place: validators first, then those that may become one.
    pub keys: Vec<SecretKey>,
    /// Who pays and delegates.
    pub holders: Vec<SecretKey>,
    /// The power of each validator at the beginning, by its place.
    pub powers: Vec<u64>,
    pub heights: u64,
    /// The most dishonest ones.
    pub byzantine: usize,
    /// Whether they may have a third and more.
    pub beyond_a_third: bool,
    pub partitions: u64,
    pub restarts: u64,
    pub disks_lie: bool,
    pub broken: Option<BrokenRule>,
}

impl Setting {
    pub fn new(options: &HostileOptions, network: &Network, broken: Option<&str>) -> Result<Self> {
        let powers = if options.as_they_are {
            network.validators.clone()
        } else {
            let power = network.genesis.staking.params.minimum_bond.0.max(1_000_000);
            vec![power; options.validators]
        };
        options.check(&powers)?;
        let keys = (0..=powers.len() as u64).map(|index| key(Role::Validator, index)).collect();
        let mut setting = Self {
            genesis: network.genesis.clone(),
            keys,
            holders: (0..HOLDERS).map(|index| key(Role::Holder, index)).collect(),
            byzantine: options.byzantine.unwrap_or_else(|| below_a_third(&powers)),
            powers,
            heights: options.heights,
            beyond_a_third: options.beyond_a_third,
            partitions: options.partitions,
            restarts: options.restarts,
            disks_lie: !options.disks_keep_their_word,
            broken: broken.map(BrokenRule::named).transpose()?,
        };
        setting.begin(options.epoch_length)?;
        Ok(setting)
    }

    /// Puts the machines into the genesis, in place of whoever was there.
    fn begin(&mut self, epoch_length: u64) -> Result<()> {
        let strongest = self.powers.iter().copied().max().unwrap_or_default();
        let total = self.powers.iter().try_fold(0u64, |sum, power| sum.checked_add(*power));
        ensure!(
            total.and_then(|total| total.checked_mul(12)).is_some(),
            "the validators have so much power together that it cannot be counted here; take --validators instead of --as-they-are"
        );
        let free = strongest.saturating_mul(FREE_PARTS).saturating_add(self.dearest_fees());
        let machines = self.keys.iter().enumerate();
        let power = |place: Place| self.powers.get(place).copied().unwrap_or_default();
        let balances = machines.clone().map(|(place, key)| (key, power(place).saturating_add(free)));
        let balances = balances.chain(self.holders.iter().map(|key| (key, free)));
        let balances = balances.map(|(key, balance)| Endowment { account: key.account(), balance: Amount(balance) });
        let bonds = machines.filter(|(place, _)| power(*place) > 0).map(|(place, key)| {
            let account = key.account();
            GenesisBond { account, validator: account, amount: Amount(power(place)) }
        });
        let (balances, bonds) = (balances.collect(), bonds.collect());
        let places = u32::try_from(self.keys.len()).unwrap_or(MAX_VALIDATORS);
        let genesis = &mut self.genesis;
        genesis.accounts.balances = balances;
        genesis.staking.bonds = bonds;
        genesis.staking.params.max_validators = genesis.staking.params.max_validators.max(places);
        genesis.staking.params.penalties.jail_epochs = 1;
        genesis.chain.epoch_length = epoch_length;
        let checked = genesis.check();
        checked.map_err(|mistakes| anyhow::anyhow!("this network cannot have such validators: {mistakes}"))
    }

    /// What a hundred of the largest transactions cost.
    fn dearest_fees(&self) -> u64 {
        let largest = self.genesis.chain.limits.max_transaction_bytes;
        self.genesis.accounts.fees.least(largest.into()).0.saturating_mul(100)
    }

    /// Machines that decide from the beginning.
    pub fn validators(&self) -> usize {
        self.powers.len()
    }

    /// All machines.
    pub fn places(&self) -> usize {
        self.keys.len()
    }

    pub fn epoch_length(&self) -> u64 {
        self.genesis.chain.epoch_length
    }

    /// From one block to the next, as far as plans reckon with it.
    pub fn block_us(&self) -> u64 {
        self.genesis.chain.consensus.block_time_ms.saturating_mul(1_000).max(LEAST_BLOCK_US)
    }

    pub fn block_time(&self) -> Duration {
        Duration::from_micros(self.block_us())
    }

    /// The same for the core; none where blocks are as fast as they can be.
    pub fn target_block_time(&self) -> Option<Duration> {
        let block_time_ms = self.genesis.chain.consensus.block_time_ms;
        (block_time_ms > 0).then(|| Duration::from_millis(block_time_ms))
    }

    /// How long rounds wait, as the node sets it.
    pub fn timeouts(&self) -> LinearTimeouts {
        ::consensus::timeouts(&self.genesis.chain.consensus)
    }

    /// What is enough to lock and to decide.
    pub fn thresholds(&self) -> ThresholdParams {
        match self.broken {
            Some(BrokenRule::LockOnAThird) => {
                ThresholdParams { quorum: ThresholdParam::F_PLUS_ONE, ..ThresholdParams::default() }
            }
            _ => ThresholdParams::default(),
        }
    }

    /// Within which time a block has to come once nothing is cut and everybody is up: as many rounds as the dishonest ones can spoil in a
    /// row, and a few more in which all come together, each as long as it is after a partition.
    pub fn patience(&self, dishonest: usize) -> Duration {
        let rounds = u32::try_from(dishonest).unwrap_or(u32::MAX).saturating_mul(2).saturating_add(8);
        let timeouts = self.timeouts();
        let late = |first: Duration, delta: Duration| (first + delta * 10).min(timeouts.max_timeout);
        let round = late(timeouts.propose, timeouts.propose_delta)
            + late(timeouts.prevote, timeouts.prevote_delta)
            + late(timeouts.precommit, timeouts.precommit_delta);
        (round + timeouts.rebroadcast) * rounds
    }

    /// How many blocks a validator that takes part may see after it knows of an offence, before that is punished: the turns of all
    /// others, and as long as what it sends may wait.
    pub fn blocks_until_punished(&self) -> u64 {
        (self.places() as u64).saturating_add(the_block::own::LIFETIME)
    }
}
