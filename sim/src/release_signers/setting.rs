//! The network as it is played, and the rules that it is held to.

use super::options::{Options, Shape};
use crate::keys::{Role, key};
use crate::network::Network;
use accounts::{Endowment, FeeSchedule};
use anyhow::{Context, Result, bail, ensure};
use governance::{Track, TrackRules};
use primitives::{AccountId, Amount, Fraction, SecretKey};
use releases::{Platform, Roster, SigningDomain};
use runtime::Genesis;
use staking::GenesisBond;
use std::time::Duration;

/// Blocks in an epoch: one for what the clock brings, one for what is proposed under what that left, one for votes on
/// it.
pub const EPOCH_LENGTH: u64 = 3;

/// What everybody who has to pay has beside its bonds, in tokens: a fee of one for each transaction, and deposits of
/// one.
const FUNDS: Amount = Amount(10_000_000);

const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);

const BROKEN_RULES: [&str; 2] = ["quorum-skipped", "signatures-skipped"];

/// What is the same in all futures.
#[derive(Clone, Debug)]
pub(super) struct Setting {
    /// What the operator said.
    pub options: Options,
    /// The network as the chain begins with it. Where a rule is broken, it is broken here.
    pub network: Network,
    /// What a vote needs by the rules of the network that is looked at.
    pub rules: TrackRules,
    /// What of the power must hold a release, by the same.
    pub available_share: Fraction,
    /// Who signs at first, and how many of them must, by the same.
    pub roster: Roster,
    /// All bonds; they stay as they are.
    pub bonds: Vec<GenesisBond>,
    /// What the first roster is.
    pub present: Shape,
    /// What it is to become by a motion, and when that is proposed; none where nothing changes, or it is so from the
    /// beginning.
    pub change: Option<Shape>,
    /// What signatures are bound to.
    pub domain: SigningDomain,
    /// What builds run on.
    pub platform: Platform,
    /// From one block to the next.
    pub between: Duration,
}

/// Who acts for the thief, beside the keys that it stole.
pub(super) fn thief() -> SecretKey {
    key(Role::Stranger, 0)
}

/// Who pays for what signers say by themselves.
pub(super) fn payer() -> SecretKey {
    key(Role::Stranger, 1)
}

impl Setting {
    pub fn new(options: &Options, network: Network, broken: Option<&str>) -> Result<Self> {
        let before = Shape::of(&network.genesis.releases.roster);
        options.check(before)?;
        let planned = options.planned(before);
        let network = match planned.filter(|_| options.change_at == 0) {
            Some(Shape { threshold, signers }) => network.with_roster(threshold, signers as usize)?,
            None => network,
        };
        let mut network = compressed(options, network)?;
        let Genesis { releases, governance, staking, .. } = &network.genesis;
        let setting = Self {
            options: options.clone(),
            rules: governance.params.routine.rules(),
            available_share: releases.params.available_share,
            roster: releases.roster.clone(),
            bonds: staking.bonds.clone(),
            present: Shape::of(&releases.roster),
            change: planned.filter(|_| options.change_at > 0),
            domain: network
                .genesis
                .signing_domain()
                .context("the network has approved no build; name the first one")?,
            platform: releases
                .approved
                .first()
                .context("the network has approved no build; name the first one")?
                .platform
                .clone(),
            between: YEAR / blocks_in_a_year(options),
            network: network.clone(),
        };
        match broken {
            None => {}
            Some("quorum-skipped") => skip_quorums(&mut network.genesis)?,
            Some("signatures-skipped") => skip_signatures(&mut network.genesis.releases.roster)?,
            Some(other) => bail!("there is no rule {other:?} to break here; there is: {}", BROKEN_RULES.join(", ")),
        }
        Ok(Self { network, ..setting })
    }

    /// The roster whose keys are looked at: the planned one, or the present one where none is planned.
    pub fn looked_at(&self) -> Shape {
        self.change.unwrap_or(self.present)
    }
}

fn blocks_in_a_year(options: &Options) -> u32 {
    u32::try_from(options.epochs_per_year.saturating_mul(EPOCH_LENGTH)).unwrap_or(u32::MAX)
}

/// The network with short epochs, the windows of the options, and nobody who cannot pay.
fn compressed(options: &Options, mut network: Network) -> Result<Network> {
    let genesis = &mut network.genesis;
    genesis.chain.epoch_length = EPOCH_LENGTH;
    for track in [&mut genesis.governance.params.routine, &mut genesis.governance.params.expedited] {
        set_times(track, options);
    }
    genesis.staking.params.unbonding_epochs = 2;
    genesis.staking.params.remembered_epochs = options.window + options.delay + 3;
    genesis.accounts.fees = FeeSchedule { base: Amount(1), per_byte: Amount::ZERO, per_read: Amount::ZERO };
    let bonded = let_thief_propose(genesis);
    if let Some(first) = network.validators.first_mut() {
        *first = first.saturating_add(bonded.0);
    }
    fund_all(&mut network);
    network.genesis.check().context("this network cannot be played in short epochs")?;
    Ok(network)
}

fn set_times(track: &mut Track, options: &Options) {
    (track.least_window, track.most_window) = (options.window, options.window);
    (track.least_delay, track.most_delay) = (options.delay, options.delay);
    track.deposit = Amount(1);
}

/// Bonds as much to the first validator as whoever proposes needs. Returns how much.
fn let_thief_propose(genesis: &mut Genesis) -> Amount {
    let amount = genesis.governance.params.proposer_stake.max(genesis.staking.params.minimum_delegation).max(Amount(1));
    let bond = GenesisBond { account: thief().account(), validator: key(Role::Validator, 0).account(), amount };
    genesis.staking.bonds.push(bond);
    give(genesis, thief().account(), amount);
    amount
}

fn fund_all(network: &mut Network) {
    let validators = (0..network.validators.len() as u64).map(|index| key(Role::Validator, index).account());
    for account in validators.chain([thief().account(), payer().account()]) {
        give(&mut network.genesis, account, FUNDS);
    }
}

fn give(genesis: &mut Genesis, account: AccountId, amount: Amount) {
    let balances = &mut genesis.accounts.balances;
    match balances.iter_mut().find(|endowment| endowment.account == account) {
        Some(endowment) => endowment.balance = endowment.balance.saturating_add(amount),
        None => balances.push(Endowment { account, balance: amount }),
    }
}

/// Lets a single ballot decide. A genesis with a quorum of nothing is refused, so it is a millionth.
fn skip_quorums(genesis: &mut Genesis) -> Result<()> {
    let (millionth, nothing) = (Fraction::new(1, 1_000_000), Fraction::new(0, 1));
    let params = &mut genesis.governance.params;
    for track in [&mut params.routine, &mut params.expedited] {
        track.quorum = millionth.context("a millionth is a share")?;
        track.support = nothing.context("nothing is a share")?;
    }
    Ok(())
}

/// Lets a single signature do. A genesis that asks for none is refused, so it asks for one, and so do the rosters that
/// the council makes of it.
fn skip_signatures(roster: &mut Roster) -> Result<()> {
    ensure!(
        roster.threshold > 1,
        "the roster asks for one signature, so none can be skipped; play a network whose roster asks for more"
    );
    roster.threshold = 1;
    Ok(())
}
