//! What an operator says: the nodes, the mirrors, the release, and what may go wrong with each.

use anyhow::{Result, ensure};

/// The most nodes that are played.
const MOST_NODES: usize = 10_000;
/// The most validators among them.
const MOST_VALIDATORS: usize = 100;
/// The most mirrors.
const MOST_MIRRORS: usize = 50;

/// The nodes, the mirrors, and how often what goes wrong.
#[derive(Clone, Debug, clap::Args)]
pub struct Options {
    /// How many nodes change to the release, validators included; up to 10,000
    #[arg(long, value_name = "NODES", default_value_t = 100)]
    pub nodes: usize,
    /// How many of them are validators, with stakes of one to two; without it, those of the network with their stakes
    #[arg(long, value_name = "VALIDATORS")]
    pub validators: Option<usize>,
    /// How many mirrors have the release
    #[arg(long, value_name = "MIRRORS", default_value_t = 2)]
    pub mirrors: usize,
    /// What a mirror sends to all who ask together, in KiB a second: one number for all, or one for each, as in 8192,4096
    #[arg(long, value_name = "KIB", value_delimiter = ',', default_value = "8192")]
    pub mirror_kib_per_second: Vec<u64>,
    /// One mirror more, which sends so many KiB a second
    #[arg(long, value_name = "KIB")]
    pub slow_mirror: Option<u64>,
    /// What a node sends to others that ask it for the release, in KiB a second; 0 where nodes do not ask each other
    #[arg(long, value_name = "KIB", default_value_t = 512)]
    pub peer_kib_per_second: u64,
    /// How large the release is, in MiB
    #[arg(long, value_name = "MIB", default_value_t = 64)]
    pub size_mib: u64,
    /// The least that a source must send, in KiB a second, as in `update.min_bytes_per_second`
    #[arg(long, value_name = "KIB", default_value_t = 64)]
    pub least_kib_per_second: u64,
    /// Seconds from one wave of validators to the next, as in `supervise.wave_s`
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    pub wave_distance: u64,
    /// How often a node looks whether there is a new block, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    pub poll: u64,
    /// The longest that a node is down when it changes from one build to the next, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 20)]
    pub restart: u64,
    /// How long a build on trial may say nothing, in seconds, as in `supervise.health_window_s`
    #[arg(long, value_name = "SECONDS", default_value_t = 120)]
    pub health_window: u64,
    /// How often a build fails before it is given up, as in `supervise.max_attempts`
    #[arg(long, value_name = "TIMES", default_value_t = 3)]
    pub max_attempts: u32,
    /// At which share of the stake that says a release failed a node waits, as in `supervise.pause_at_failed_percent`
    #[arg(long, value_name = "PERCENT", default_value_t = 34)]
    pub pause_at_failed_percent: u32,
    /// How long it waits then, in minutes; `supervise.most_hold_s` is a day where nobody sets it
    #[arg(long, value_name = "MINUTES", default_value_t = 60)]
    pub most_hold: u64,
    /// In how many futures the release is bad, in percent
    #[arg(long, value_name = "PERCENT", default_value_t = 40)]
    pub bad: u32,
    /// In how many futures a mirror lies, in percent
    #[arg(long, value_name = "PERCENT", default_value_t = 25)]
    pub lies: u32,
    /// In how many futures a mirror that does not lie stalls or is gone for a while, in percent
    #[arg(long, value_name = "PERCENT", default_value_t = 25)]
    pub outages: u32,
    /// In how many futures a build is revoked while the release spreads, in percent
    #[arg(long, value_name = "PERCENT", default_value_t = 40)]
    pub revoke: u32,
    /// From the decision to revoke a build until no node runs it, in minutes; rounded up to whole epochs, which are 200 seconds here
    #[arg(long, value_name = "MINUTES", default_value_t = 5)]
    pub notice: u64,
    /// How many of the nodes crash within an install, in percent
    #[arg(long, value_name = "PERCENT", default_value_t = 5)]
    pub crashes: u32,
    /// How many of the nodes have no room for the release at first, in percent
    #[arg(long, value_name = "PERCENT", default_value_t = 5)]
    pub full_disks: u32,
    /// How many hours are looked at
    #[arg(long, value_name = "HOURS", default_value_t = 4)]
    pub hours: u64,
    /// In how many futures it is also played what happens without the first mirror, in percent
    #[arg(long, value_name = "PERCENT", default_value_t = 20)]
    pub without_first: u32,
}

impl Options {
    /// Refuses what cannot be, with what can; `validators` is how many the network has.
    pub(super) fn check(&self, validators: usize) -> Result<()> {
        let nodes = self.nodes;
        ensure!(
            (1..=MOST_NODES).contains(&nodes),
            "{nodes} nodes cannot be played; give --nodes a number from 1 to {MOST_NODES}"
        );
        ensure!(
            (1..=MOST_VALIDATORS).contains(&validators),
            "{validators} validators cannot be played; give --validators a number from 1 to {MOST_VALIDATORS}"
        );
        ensure!(
            validators <= nodes,
            "{validators} validators are more than {nodes} nodes; give --nodes at least {validators}, or fewer --validators"
        );
        self.check_mirrors()?;
        self.check_times()?;
        self.check_shares()
    }

    fn check_mirrors(&self) -> Result<()> {
        let (mirrors, rates) = (self.mirrors, self.mirror_kib_per_second.len());
        ensure!(
            mirrors <= MOST_MIRRORS,
            "{mirrors} mirrors are more than are played; give --mirrors a number up to {MOST_MIRRORS}"
        );
        ensure!(
            rates == 1 || rates == mirrors,
            "--mirror-kib-per-second has {rates} numbers for {mirrors} mirrors; give it one, or one for each"
        );
        ensure!(
            mirrors > 0 || self.slow_mirror.is_some(),
            "without a mirror nobody has the release but those who voted for it; give --mirrors at least 1"
        );
        let of_mirrors = self.mirror_kib_per_second.iter().map(|kib| ("--mirror-kib-per-second", kib));
        let slow = self.slow_mirror.iter().map(|kib| ("--slow-mirror", kib));
        for (option, kib) in of_mirrors.chain(slow).chain([("--least-kib-per-second", &self.least_kib_per_second)]) {
            within(option, *kib, 1, 1 << 20)?;
        }
        within("--peer-kib-per-second", self.peer_kib_per_second, 0, 1 << 20)?;
        within("--size-mib", self.size_mib, 1, 4096)
    }

    fn check_times(&self) -> Result<()> {
        for (option, given, least, most) in [
            ("--wave-distance", self.wave_distance, 1, 86_400),
            ("--poll", self.poll, 1, 600),
            ("--restart", self.restart, 3, 3_600),
            ("--health-window", self.health_window, 10, 3_600),
            ("--max-attempts", u64::from(self.max_attempts), 1, 100),
            ("--most-hold", self.most_hold, 1, 1_440),
            ("--notice", self.notice, 1, 1_440),
            ("--hours", self.hours, 1, 48),
        ] {
            within(option, given, least, most)?;
        }
        Ok(())
    }

    fn check_shares(&self) -> Result<()> {
        within("--pause-at-failed-percent", u64::from(self.pause_at_failed_percent), 1, 100)?;
        for (option, percent) in [
            ("--bad", self.bad),
            ("--lies", self.lies),
            ("--outages", self.outages),
            ("--revoke", self.revoke),
            ("--crashes", self.crashes),
            ("--full-disks", self.full_disks),
            ("--without-first", self.without_first),
        ] {
            ensure!(percent <= 100, "{percent} percent is more than all; give {option} a number from 0 to 100");
        }
        Ok(())
    }

    /// What each mirror sends, in bytes a second; the slow one is the last.
    pub(super) fn rates(&self) -> Vec<u64> {
        let given = self.mirror_kib_per_second.iter().copied();
        let all = given.cycle().take(self.mirrors).chain(self.slow_mirror);
        all.map(|kib| kib << 10).collect()
    }
}

fn within(option: &str, given: u64, least: u64, most: u64) -> Result<()> {
    ensure!((least..=most).contains(&given), "{option} is {given}; give it a number from {least} to {most}");
    Ok(())
}
