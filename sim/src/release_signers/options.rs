//! What an operator says: the change that is planned, what befalls signers and voters, and how long that is looked at.

use anyhow::{Result, ensure};
use releases::{MAX_SIGNERS, Roster};

/// The change under consideration, and how often what happens to signers and voters.
#[derive(Clone, Debug, clap::Args)]
pub struct Options {
    /// How many signatures a release needs once the planned change is in force; without it, as many as now
    #[arg(long, value_name = "N")]
    pub threshold: Option<u32>,
    /// How many signers there are once the planned change is in force; without it, as many as now
    #[arg(long, value_name = "M")]
    pub signers: Option<u32>,
    /// The epoch in which the planned change is proposed; with 0 it is in force from the beginning
    #[arg(long, value_name = "EPOCH", default_value_t = 2)]
    pub change_at: u64,
    /// How many epochs are looked at
    #[arg(long, value_name = "EPOCHS", default_value_t = 104)]
    pub epochs: u64,
    /// How many epochs make a year. An epoch has three blocks here, whatever it has on the network, so that a year is
    /// played in less than a second
    #[arg(long, value_name = "EPOCHS", default_value_t = 104)]
    pub epochs_per_year: u64,
    /// How many epochs a vote is open
    #[arg(long, value_name = "EPOCHS", default_value_t = 2)]
    pub window: u64,
    /// How many epochs lie between the end of a vote and the activation
    #[arg(long, value_name = "EPOCHS", default_value_t = 1)]
    pub delay: u64,
    /// How many releases are made in a year
    #[arg(long, value_name = "RELEASES", default_value_t = 52)]
    pub releases_per_year: u64,
    /// How many signers lose their key in a year, all signers together
    #[arg(long, value_name = "KEYS", default_value_t = 1)]
    pub lost_keys_per_year: u64,
    /// The most keys that one thief has; each future draws from none to as many. Without it, all of the roster
    #[arg(long, value_name = "KEYS")]
    pub stolen_keys: Option<u32>,
    /// How many signers join in a year, beside those who replace others: the roster grows by each, and its threshold
    /// stays
    #[arg(long, value_name = "SIGNERS", default_value_t = 0)]
    pub joins_per_year: u64,
    /// How many signers leave in a year; somebody else comes in the place of each
    #[arg(long, value_name = "SIGNERS", default_value_t = 1)]
    pub leaves_per_year: u64,
    /// After how many epochs it is noticed that a key is lost or stolen, and its replacement is proposed
    #[arg(long, value_name = "EPOCHS", default_value_t = 2)]
    pub notice_after: u64,
    /// How much of the stake is offline, on average over all epochs, in percent
    #[arg(long, value_name = "PERCENT", default_value_t = 10)]
    pub offline_percent: u32,
    /// How often a signer is not at hand in the epoch in which a release is made, in percent; in the next one it is
    #[arg(long, value_name = "PERCENT", default_value_t = 15)]
    pub slow_percent: u32,
    /// In how many futures there is a time in which nobody comes to vote but who proposes, in percent
    #[arg(long, value_name = "PERCENT", default_value_t = 25)]
    pub quiet_percent: u32,
}

/// How many keys a roster has, and how many of them a release needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shape {
    pub threshold: u32,
    pub signers: u32,
}

impl Shape {
    pub fn of(roster: &Roster) -> Self {
        Self { threshold: roster.threshold, signers: roster.size() }
    }
}

impl std::fmt::Display for Shape {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} of {}", self.threshold, self.signers)
    }
}

impl Options {
    /// The shape of the roster that is planned; none where nobody asks for another than the present one.
    pub(super) fn planned(&self, present: Shape) -> Option<Shape> {
        let planned = Shape {
            threshold: self.threshold.unwrap_or(present.threshold),
            signers: self.signers.unwrap_or(present.signers),
        };
        (planned != present).then_some(planned)
    }

    /// Refuses what cannot be, with what can.
    pub(super) fn check(&self, present: Shape) -> Result<()> {
        let Shape { threshold, signers } = self.planned(present).unwrap_or(present);
        ensure!(
            (1..=MAX_SIGNERS).contains(&signers),
            "a roster has 1 to {MAX_SIGNERS} signers, and {signers} are planned; give --signers a number of \
             those"
        );
        ensure!(
            (1..=signers).contains(&threshold),
            "{signers} signers cannot give {threshold} signatures; give --threshold a number from 1 to \
             {signers}, or more --signers"
        );
        self.check_shares()?;
        self.check_times()?;
        self.check_rates()
    }

    fn check_shares(&self) -> Result<()> {
        for (option, percent) in [
            ("--offline-percent", self.offline_percent),
            ("--slow-percent", self.slow_percent),
            ("--quiet-percent", self.quiet_percent),
        ] {
            ensure!(percent <= 100, "{percent} percent is more than all; give {option} a number from 0 to 100");
        }
        Ok(())
    }

    fn check_times(&self) -> Result<()> {
        for (option, epochs, most) in [
            ("--window", self.window, 100),
            ("--delay", self.delay, 100),
            ("--notice-after", self.notice_after, 10_000),
            ("--epochs-per-year", self.epochs_per_year, 100_000),
            ("--epochs", self.epochs, 100_000),
        ] {
            ensure!((1..=most).contains(&epochs), "{option} is {epochs}; give it a number from 1 to {most}");
        }
        let least = self.window + self.delay + 2;
        ensure!(
            self.epochs >= least,
            "in {} epochs no release comes into force with such a window and delay; give --epochs {least} or more",
            self.epochs
        );
        ensure!(
            self.change_at < self.epochs,
            "the change would come after the end; give --change-at an epoch before {}",
            self.epochs
        );
        Ok(())
    }

    fn check_rates(&self) -> Result<()> {
        for (option, rate) in [
            ("--releases-per-year", self.releases_per_year),
            ("--lost-keys-per-year", self.lost_keys_per_year),
            ("--joins-per-year", self.joins_per_year),
            ("--leaves-per-year", self.leaves_per_year),
        ] {
            let most = self.epochs_per_year;
            ensure!(
                rate <= most,
                "{option} is {rate}, more than one in each epoch; give it a number up to {most}, or more \
                 --epochs-per-year"
            );
        }
        let stolen = self.stolen_keys.unwrap_or_default();
        ensure!(
            stolen <= MAX_SIGNERS,
            "a thief cannot have {stolen} keys of a roster; give --stolen-keys a number from 0 to {MAX_SIGNERS}"
        );
        Ok(())
    }
}
