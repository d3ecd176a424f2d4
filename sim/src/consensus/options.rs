//! What an operator says: how many validators, how many of them dishonest, how many blocks, and how much goes wrong.

use anyhow::{Result, ensure};

/// The fewest validators of which one may be dishonest.
const FEWEST: usize = 4;
/// The most validators.
const MOST: usize = 40;

/// How many validators decide how many blocks, and what befalls them.
#[derive(Clone, Debug, clap::Args)]
pub struct HostileOptions {
    /// How many validators decide, all of the same power; from 4 to 40
    #[arg(long, value_name = "N", default_value_t = 4)]
    pub validators: usize,
    /// Take the validators of the network as they are, with their powers, instead of as many as --validators says
    #[arg(long, conflicts_with = "validators")]
    pub as_they_are: bool,
    /// How many blocks are decided in each future
    #[arg(long, value_name = "BLOCKS", default_value_t = 50)]
    pub heights: u64,
    /// How many blocks an epoch has
    #[arg(long, value_name = "BLOCKS", default_value_t = 10)]
    pub epoch_length: u64,
    /// The most validators that are dishonest; each future draws from none to as many. Without it, as many as have less than a third of
    /// the power
    #[arg(long, value_name = "N")]
    pub byzantine: Option<usize>,
    /// Let the dishonest ones have a third of the power or more, in every future, to see what breaks then
    #[arg(long, requires = "byzantine")]
    pub beyond_a_third: bool,
    /// The most partitions in each future
    #[arg(long, value_name = "N", default_value_t = 2)]
    pub partitions: u64,
    /// The most crashes with a restart in each future
    #[arg(long, value_name = "N", default_value_t = 3)]
    pub restarts: u64,
    /// Let no disk lose what it said was written; without it, one validator in a few futures loses its log of votes when it crashes
    #[arg(long)]
    pub disks_keep_their_word: bool,
}

impl HostileOptions {
    /// Refuses what cannot be, with what can.
    pub(super) fn check(&self, powers: &[u64]) -> Result<()> {
        let count = powers.len();
        ensure!(
            (FEWEST..=MOST).contains(&count),
            "{count} validators are too few or too many for this; {} a number from {FEWEST} to {MOST}",
            if self.as_they_are { "in the place of --as-they-are give --validators" } else { "give --validators" }
        );
        ensure!(
            (1..=10_000).contains(&self.heights),
            "--heights is {}; give it a number from 1 to 10000",
            self.heights
        );
        ensure!(
            (2..=1_000).contains(&self.epoch_length),
            "--epoch-length is {}; give it a number from 2 to 1000",
            self.epoch_length
        );
        for (option, number) in [("--partitions", self.partitions), ("--restarts", self.restarts)] {
            ensure!(number <= 100, "{option} is {number}; give it a number from 0 to 100");
        }
        self.check_byzantine(powers)
    }

    fn check_byzantine(&self, powers: &[u64]) -> Result<()> {
        let Some(byzantine) = self.byzantine else { return Ok(()) };
        let (count, most) = (powers.len(), below_a_third(powers));
        ensure!(
            byzantine < count,
            "{byzantine} of {count} validators cannot be dishonest: one has to be honest to be looked at; give --byzantine less"
        );
        ensure!(
            byzantine <= most || self.beyond_a_third,
            "{byzantine} of {count} validators can have a third of the power or more, and then nothing is promised; give --byzantine \
             a number up to {most}, or add --beyond-a-third to see what breaks"
        );
        ensure!(
            byzantine > most || !self.beyond_a_third,
            "{byzantine} of {count} validators have less than a third of the power, whichever they are, so --beyond-a-third would change \
             nothing; give --byzantine a number from {} to {}, or leave --beyond-a-third out",
            most + 1,
            count - 1
        );
        Ok(())
    }
}

/// How many validators have less than a third of the power together, whichever they are.
pub(super) fn below_a_third(powers: &[u64]) -> usize {
    let total: u128 = powers.iter().map(|power| u128::from(*power)).sum();
    let mut strongest: Vec<u128> = powers.iter().map(|power| u128::from(*power)).collect();
    strongest.sort_unstable_by(|one, other| other.cmp(one));
    let sums = strongest.iter().scan(0, |sum: &mut u128, power| {
        *sum += power;
        Some(*sum)
    });
    sums.take_while(|sum| sum.saturating_mul(3) < total).count()
}
