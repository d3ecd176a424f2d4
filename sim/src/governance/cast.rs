//! Who plays: honest validators and holders, and the many accounts of one attacker; and the genesis they begin with.

use super::purse::purse;
use crate::keys::{Role, key};
use crate::network::Network;
use accounts::Endowment;
use anyhow::{Context as _, ensure};
use primitives::{AccountId, Amount, BuildHash, Digest, List, SecretKey};
use releases::{Manifest, ReleaseAttestation, ReleaseVote};
use runtime::{Genesis, Limits};
use staking::GenesisBond;

/// Blocks in an epoch: few, because governance counts epochs.
pub const EPOCH_BLOCKS: u64 = 4;

/// The bytes of a block: few, so that whoever fills it needs few transactions.
const BLOCK_BYTES: u32 = 12 << 10;

/// Honest accounts that delegate to honest validators, and propose too.
const HOLDERS: u64 = 4;

/// The most accounts of the attacker that propose as holders of enough stake.
const SECONDS: u64 = 6;

/// The most accounts of the attacker with next to no stake.
const DUST: u64 = 12;

/// How many releases were signed once and nobody wants.
const UNWANTED: u64 = 64;

/// On which side an account is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Wants motions to be decided.
    Honest,
    /// The attacker's.
    Hostile,
}

/// What an account is to the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Post {
    /// Decides blocks.
    Validator,
    /// Delegates enough to propose.
    Holder,
    /// Has next to no stake.
    Dust,
}

/// An account that plays.
#[derive(Clone, Debug)]
pub struct Person {
    /// Its key.
    pub key: SecretKey,
    /// The account itself.
    pub account: AccountId,
    /// On which side it is.
    pub side: Side,
    /// What it is.
    pub post: Post,
    /// What it has bonded in the beginning; of dust, what it may bond.
    pub stake: u64,
    /// The validator it is bonded to, by its place in the cast.
    pub to: usize,
}

/// Everybody, and the network they begin with.
#[derive(Clone, Debug)]
pub struct Cast {
    /// With the stake of all of them in its genesis.
    pub network: Network,
    /// Validators first, the honest ones before the others: the place of one is its number as a validator.
    pub people: Vec<Person>,
    /// Releases that signers signed once and nobody wants: what the attacker can propose.
    pub unwanted: Vec<ReleaseVote>,
}

/// How the attacker spreads its stake.
struct Spread {
    /// The own bonds of its validators.
    validators: Vec<u64>,
    /// How many others can propose, and with how much each.
    seconds: (u64, u64),
    /// How many have dust, and how much each may bond.
    dust: (u64, u64),
}

impl Spread {
    /// Of all the stake that is `percent` of everything beside so much honest stake: three validators, holders that can
    /// propose with a quarter, and dust of a twentieth, as far as the minimums of the network allow.
    fn of(genesis: &Genesis, honest: u64, percent: u64) -> Self {
        let (rules, params) = (&genesis.staking.params, &genesis.governance.params);
        let all = u128::from(honest) * u128::from(percent) / u128::from(100 - percent);
        let all = u64::try_from(all).unwrap_or(u64::MAX);
        let least = rules.minimum_delegation.0.max(1);
        let second = params.proposer_stake.0.max(least);
        let seconds = (all / 4 / second).min(SECONDS);
        let (dust_stake, grain) = (all / 20, least.max(all / 20 / DUST));
        let dust = (dust_stake / grain).min(DUST);
        let rest = all - seconds * second - dust * grain;
        let bond = rules.minimum_bond.0.max(1);
        let validators = match rest {
            rest if rest / 5 >= bond => vec![rest / 2, rest / 10 * 3, rest - rest / 2 - rest / 10 * 3],
            rest if rest >= bond => vec![rest],
            _ => Vec::new(),
        };
        Self { validators, seconds: (seconds, second), dust: (dust, grain) }
    }
}

impl Cast {
    /// The accounts of a network and of an attacker with so much of all stake.
    ///
    /// # Errors
    /// A network that cannot begin like this, with what is wrong about it.
    pub fn new(network: &Network, percent: u64) -> anyhow::Result<Self> {
        ensure!(!network.validators.is_empty(), "the network has no validator; name one that has");
        ensure!(
            network.signers > 0,
            "the network has no release signer, so nothing could be proposed; name one that has"
        );
        let people = people(network, percent);
        let mut genesis = genesis(network, &people);
        let purse = purse(&genesis, people.len())?;
        genesis.accounts.balances = people.iter().map(|person| endowment(person, purse)).collect();
        genesis.check().context("the network cannot hold this simulation; try another one, or fewer validators")?;
        let validators =
            people.iter().filter(|person| person.post == Post::Validator).map(|person| person.stake).collect();
        let (signers, source) = (network.signers, network.source.clone());
        let network = Network { genesis, validators, signers, source };
        let cast = Self { network, people, unwanted: Vec::new() };
        let unwanted = (0..UNWANTED).map(|number| cast.release("unwanted", number)).collect();
        Ok(Self { unwanted, ..cast })
    }

    /// The places of those on a side that are something.
    pub fn of(&self, side: Side, post: Post) -> Vec<usize> {
        self.places(|person| person.side == side && person.post == post)
    }

    /// The places of those on a side whose stake weighs: all but dust.
    pub fn with_stake(&self, side: Side) -> Vec<usize> {
        self.places(|person| person.side == side && person.post != Post::Dust)
    }

    fn places(&self, is_one: impl Fn(&Person) -> bool) -> Vec<usize> {
        self.people.iter().enumerate().filter(|(_, person)| is_one(person)).map(|(place, _)| place).collect()
    }

    /// The place of an account.
    pub fn place_of(&self, account: &AccountId) -> Option<usize> {
        self.people.iter().position(|person| person.account == *account)
    }

    /// On which side an account is, if it plays at all.
    pub fn side_of(&self, account: &AccountId) -> Option<Side> {
        self.place_of(account).map(|place| self.people[place].side)
    }

    /// What approves a build of its own for each name and number, signed by as many signers as the roster asks for.
    pub fn release(&self, name: &str, number: u64) -> ReleaseVote {
        let releases = &self.network.genesis.releases;
        let build_hash = BuildHash(Digest::blake3(format!("sim/governance/{name}/{number}").as_bytes()).0);
        let platform = releases.approved[0].platform.clone();
        let domain = self.network.genesis.signing_domain().expect("the check of genesis asks for an approved build");
        let message = domain.attestation_message(&build_hash, &platform);
        let attest = |index: u64| {
            let key = key(Role::Signer, index);
            ReleaseAttestation { signer: key.public(), signature: key.sign(&message) }
        };
        let signatures: Vec<_> = (0..u64::from(releases.roster.threshold)).map(attest).collect();
        ReleaseVote {
            build_hash,
            platform,
            signatures: List::truncate_from(signatures),
            signature_threshold: releases.roster.threshold,
            signer_set: releases.roster.signers.clone(),
            manifest: Manifest::default(),
            sealed: None,
        }
    }
}

fn person(role: Role, index: u64, side: Side, post: Post) -> Person {
    let key = key(role, index);
    Person { account: key.account(), key, side, post, stake: 0, to: 0 }
}

fn people(network: &Network, percent: u64) -> Vec<Person> {
    let least = network.genesis.staking.params.minimum_bond.0.max(1);
    let powers: Vec<u64> = network.validators.iter().map(|power| (*power).max(least)).collect();
    let spread = Spread::of(&network.genesis, powers.iter().fold(0, |sum, power| sum.saturating_add(*power)), percent);
    let honest = powers.len();
    let mut people = Vec::new();
    for (place, stake) in powers.into_iter().chain(spread.validators.iter().copied()).enumerate() {
        let side = if place < honest { Side::Honest } else { Side::Hostile };
        people.push(Person { stake, to: place, ..person(Role::Validator, place as u64, side, Post::Validator) });
    }
    let params = &network.genesis.governance.params;
    let holding = params.proposer_stake.0.max(network.genesis.staking.params.minimum_delegation.0).max(1);
    for index in 0..HOLDERS {
        let to = index as usize % honest;
        people.push(Person { stake: holding, to, ..person(Role::Holder, index, Side::Honest, Post::Holder) });
    }
    let (seconds, second) = spread.seconds;
    let backed = if spread.validators.is_empty() { 0 } else { honest };
    for index in 0..seconds {
        let stranger = person(Role::Stranger, index, Side::Hostile, Post::Holder);
        people.push(Person { stake: second, to: backed, ..stranger });
    }
    let (dust, grain) = spread.dust;
    for index in 0..dust {
        people.push(Person { stake: grain, ..person(Role::Stranger, SECONDS + index, Side::Hostile, Post::Dust) });
    }
    people
}

/// The network's own rules of votes, stake, fees and releases, with short epochs, small blocks and these people.
fn genesis(network: &Network, people: &[Person]) -> Genesis {
    let mut genesis = network.genesis.clone();
    let validators = people.iter().filter(|person| person.post == Post::Validator).count();
    genesis.staking.params.max_validators = u32::try_from(validators).unwrap_or(u32::MAX);
    genesis.chain.epoch_length = EPOCH_BLOCKS;
    let at_once = genesis.governance.params.max_live_proposals.saturating_add(genesis.staking.params.max_validators);
    genesis.chain.limits = Limits {
        max_block_bytes: BLOCK_BYTES.max(genesis.most_evidence_bytes()),
        // Half of it is the clock's, and each live proposal can bring two facts at once.
        max_block_transactions: at_once.saturating_mul(4).saturating_add(8),
        max_transaction_bytes: (BLOCK_BYTES / 2).max(genesis.most_evidence_bytes()),
        ..genesis.chain.limits
    };
    let bonded = people.iter().filter(|person| person.post != Post::Dust);
    let bond = |person: &Person| GenesisBond {
        account: person.account,
        validator: people[person.to].account,
        amount: Amount(person.stake),
    };
    genesis.staking.bonds = bonded.map(bond).collect();
    let signers = (0..network.signers as u64).map(|index| key(Role::Signer, index).public()).collect();
    genesis.releases.roster.version = 1;
    genesis.releases.roster.signers = List::truncate_from(signers);
    genesis
}

/// What an account owns: its stake a few times over, because what left a bond waits, and its purse.
fn endowment(person: &Person, purse: u64) -> Endowment {
    Endowment { account: person.account, balance: Amount(person.stake.saturating_mul(4).saturating_add(purse)) }
}
