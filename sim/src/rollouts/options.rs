//! What an operator says: how large the council is, how often who is there, and what happens.

use anyhow::{Result, ensure};

/// The council under consideration, and what it lives through.
#[derive(Clone, Debug, clap::Args)]
pub struct Options {
    /// How many members vote
    #[arg(long, value_name = "MEMBERS", default_value_t = 5)]
    pub council: u8,
    /// On how many days each who has a role is there, in percent; on those days members of the council look once
    #[arg(long, value_name = "PERCENT", default_value_t = 75)]
    pub attendance_percent: u32,
    /// How often a member does not agree to what waits for its vote, in percent
    #[arg(long, value_name = "PERCENT", default_value_t = 5)]
    pub disagree_percent: u32,
    /// How many days are looked at: a promotion in the first half, emergencies and pauses in the second
    #[arg(long, value_name = "DAYS", default_value_t = 60)]
    pub days: u64,
    /// How many gates are disabled in an emergency, in thirty days
    #[arg(long, value_name = "EMERGENCIES", default_value_t = 6)]
    pub emergencies_per_month: u64,
    /// How many pauses there are in thirty days
    #[arg(long, value_name = "PAUSES", default_value_t = 4)]
    pub pauses_per_month: u64,
    /// How much of the time each validator's node is down, in percent
    #[arg(long, value_name = "PERCENT", default_value_t = 8)]
    pub down_percent: u32,
    /// How often the network falls apart into two sides, in thirty days
    #[arg(long, value_name = "PARTITIONS", default_value_t = 3)]
    pub partitions_per_month: u64,
}

impl Options {
    /// Refuses what cannot be, with what can.
    pub(super) fn check(&self) -> Result<()> {
        ensure!((3..=16).contains(&self.council), "a council of {} cannot be; give --council 3 to 16", self.council);
        for (option, percent) in [
            ("--attendance-percent", self.attendance_percent),
            ("--disagree-percent", self.disagree_percent),
            ("--down-percent", self.down_percent),
        ] {
            ensure!(percent <= 100, "{percent} percent is more than all; give {option} a number from 0 to 100");
        }
        ensure!(
            (10..=1_000).contains(&self.days),
            "--days is {}; give 10 to 1,000: a promotion waits for a soak of two days, and for a window",
            self.days
        );
        for (option, rate) in [
            ("--emergencies-per-month", self.emergencies_per_month),
            ("--pauses-per-month", self.pauses_per_month),
            ("--partitions-per-month", self.partitions_per_month),
        ] {
            ensure!(rate <= 300, "{option} is {rate}, more than ten a day; give it a number up to 300");
        }
        Ok(())
    }
}
