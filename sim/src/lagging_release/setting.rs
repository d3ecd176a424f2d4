//! The network as it is played, and the rules that its supervisors go by.

use super::options::Options;
use crate::keys::{Role, key};
use crate::network::Network;
use accounts::{Endowment, FeeSchedule};
use anyhow::{Context as _, Result, bail};
use governance::Track;
use primitives::{AccountId, Amount, BuildHash};
use releases::Platform;
use rollout::{HoldRules, TrialRules, distance};
use runtime::Genesis;
use std::time::Duration;
use update::{Pace, Rules};

/// From one block to the next. Waves are counted by block time, so blocks are as far apart as six of them are to fit into a minute.
pub const BETWEEN_BLOCKS: Duration = Duration::from_secs(10);
/// Blocks in an epoch, whatever it has on the network: a vote takes two epochs, and nobody waits for it here.
pub const EPOCH_BLOCKS: u64 = 20;
/// How old the newest proven block may be when something is installed, as nodes have it where nobody sets it.
pub(super) const MOST_AGE: Duration = Duration::from_secs(2 * 60 * 60);
/// What every validator has beside its bonds, in tokens: fees are one token.
const FUNDS: Amount = Amount(10_000_000);
/// How long sources that answer too slowly are waited for, as nodes have it where nobody sets it.
const PACE_WINDOW: Duration = Duration::from_secs(10);

const BROKEN_RULES: [&str; 4] =
    ["rollback-to-revoked", "waves-without-bound", "turn-by-an-old-block", "runs-past-notice"];

/// The rules that are broken, for a test that shows that it is noticed. None of them is broken in what decides, but in what asks it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Broken {
    /// Whoever goes back does not ask whether the build before may run.
    pub goes_back_unasked: bool,
    /// Whoever waits for a wave does so at a distance of zero, which is nobody's turn to wait for.
    pub without_waves: bool,
    /// Whoever has fetched a release decides by the block from before the fetch.
    pub by_an_old_block: bool,
    /// Nobody ends what runs when it may run no more, and no build that comes up asks whether it may.
    pub runs_past_notice: bool,
}

/// What is the same in all futures.
#[derive(Clone, Debug)]
pub(super) struct Setting {
    /// What the operator said.
    pub options: Options,
    /// The network as the chain begins with it.
    pub network: Network,
    /// The build that all nodes run at first.
    pub first_build: BuildHash,
    /// What all machines are.
    pub platform: Platform,
    /// When a release is held back.
    pub hold: HoldRules,
    /// How a build is judged on trial.
    pub trial: TrialRules,
    /// From one wave to the next.
    pub distance: Duration,
    /// How slow a source may be.
    pub pace: Pace,
    /// What is asked of a release before it is installed.
    pub rules: Rules,
    /// What the release has, in bytes.
    pub size: u64,
    /// What each mirror sends, in bytes a second.
    pub rates: Vec<u64>,
    /// What is broken.
    pub broken: Broken,
    /// Whether scouts look at each of their turns, for a test that shows that nothing comes of those that are left out.
    pub leaves_no_look_out: bool,
}

impl Setting {
    /// Puts it together.
    ///
    /// # Errors
    /// A sentence that says what cannot be.
    pub fn new(options: &Options, network: Network, broken: Option<&str>) -> Result<Self> {
        let broken = Broken::named(broken)?;
        options.check(options.validators.unwrap_or(network.validators.len()))?;
        let network = compressed(options, network)?;
        let genesis = &network.genesis;
        let first =
            genesis.releases.approved.first().context("the network has approved no build; name the first one")?;
        let asked = if broken.without_waves { Duration::ZERO } else { Duration::from_secs(options.wave_distance) };
        Ok(Self {
            options: options.clone(),
            first_build: first.build_hash,
            platform: first.platform.clone(),
            hold: HoldRules {
                pause_at_failed_percent: options.pause_at_failed_percent,
                most_hold_ms: options.most_hold.saturating_mul(60_000),
            },
            trial: TrialRules {
                window: Duration::from_secs(options.health_window),
                max_attempts: options.max_attempts,
            },
            distance: distance(asked, BETWEEN_BLOCKS),
            pace: Pace { least: options.least_kib_per_second << 10, window: PACE_WINDOW },
            rules: rules_of(genesis),
            size: options.size_mib << 20,
            rates: options.rates(),
            broken,
            leaves_no_look_out: false,
            network: network.clone(),
        })
    }

    /// How many validators there are.
    pub fn validators(&self) -> usize {
        self.network.validators.len()
    }
}

impl Broken {
    fn named(name: Option<&str>) -> Result<Self> {
        Ok(match name {
            None => Self::default(),
            Some("rollback-to-revoked") => Self { goes_back_unasked: true, ..Self::default() },
            Some("waves-without-bound") => Self { without_waves: true, ..Self::default() },
            Some("turn-by-an-old-block") => Self { by_an_old_block: true, ..Self::default() },
            Some("runs-past-notice") => Self { runs_past_notice: true, ..Self::default() },
            Some(other) => bail!("there is no rule {other:?} to break here; there are: {}", BROKEN_RULES.join(", ")),
        })
    }
}

fn rules_of(genesis: &Genesis) -> Rules {
    Rules {
        domain: genesis.signing_domain(),
        of_genesis: genesis.releases.approved.clone(),
        said_in_genesis: genesis.releases.manifests.clone(),
        most_age: Some(MOST_AGE),
        drift: Duration::from_millis(genesis.chain.consensus.max_clock_drift_ms),
        ..Rules::default()
    }
}

/// The network with short epochs and votes, the notice of the options, and nobody who cannot pay.
fn compressed(options: &Options, network: Network) -> Result<Network> {
    let mut network = match options.validators {
        Some(count) => {
            let unit = network.genesis.staking.params.minimum_bond.0.max(1_000);
            let mut network = network.with_validators(&powers(count as u64, unit));
            let most = &mut network.genesis.staking.params.max_validators;
            *most = (*most).max(u32::try_from(count).unwrap_or(u32::MAX));
            network
        }
        None => network,
    };
    let genesis = &mut network.genesis;
    genesis.chain.epoch_length = EPOCH_BLOCKS;
    genesis.chain.consensus.block_time_ms = u64::try_from(BETWEEN_BLOCKS.as_millis()).unwrap_or(u64::MAX);
    for track in [&mut genesis.governance.params.routine, &mut genesis.governance.params.expedited] {
        shorten(track);
    }
    let epoch = BETWEEN_BLOCKS.as_secs().saturating_mul(EPOCH_BLOCKS);
    genesis.releases.params.notice_epochs = options.notice.saturating_mul(60).div_ceil(epoch).max(1);
    genesis.accounts.fees = FeeSchedule { base: Amount(1), per_byte: Amount::ZERO, per_read: Amount::ZERO };
    for index in 0..network.validators.len() as u64 {
        fund(genesis, key(Role::Validator, index).account());
    }
    network.genesis.check().context("this network cannot be played with short epochs")?;
    Ok(network)
}

/// Stakes from one unit to two, no two alike.
fn powers(count: u64, unit: u64) -> Vec<u64> {
    (0..count).map(|index| unit.saturating_mul(2 * count - index)).collect()
}

fn shorten(track: &mut Track) {
    (track.least_window, track.most_window) = (1, 1);
    (track.least_delay, track.most_delay) = (1, 1);
    track.deposit = Amount(1);
}

fn fund(genesis: &mut Genesis, account: AccountId) {
    let balances = &mut genesis.accounts.balances;
    match balances.iter_mut().find(|endowment| endowment.account == account) {
        Some(endowment) => endowment.balance = endowment.balance.saturating_add(FUNDS),
        None => balances.push(Endowment { account, balance: FUNDS }),
    }
}
