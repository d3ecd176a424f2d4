//! What happens in a future, and in which epoch: all of it but what follows from it.

use super::options::{Options, Shape};
use super::setting::Setting;
use crate::chance::Chance;
use releases::MAX_SIGNERS;
use serde::Serialize;

/// How many epochs a validator that goes offline stays so, on average.
const MEAN_OUTAGE: u64 = 3;

/// The most epochs that one outage has. From one to as many, each length is as likely as another.
const LONGEST_OUTAGE: u64 = 2 * MEAN_OUTAGE - 1;

/// Outages are drawn from so many epochs before the first one, so that in that one as many are offline as in any other.
const RUN_UP: u64 = 30;

/// All that happens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// How many epochs there are.
    pub epochs: u64,
    /// What happens, by epoch.
    pub happenings: Vec<Happening>,
    /// Which keys are lost one after the other when those epochs are over, until releases stop: each is taken from a
    /// round of the keys that are left.
    pub lost_in_the_end: Vec<u64>,
}

/// Something that happens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Happening {
    /// In which epoch, from 1.
    pub epoch: u64,
    /// What.
    pub what: What,
}

/// What can happen. A rank is a place in the roster that is then in force, from 0 and round and round.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// The planned change of the roster is to be proposed.
    Change {
        /// How many signatures a release needs then.
        threshold: u32,
        /// How many signers there are then.
        signers: u32,
    },
    /// A release is made.
    Release {
        /// The ranks of the signers who are not at hand in this epoch.
        slow: Vec<u64>,
    },
    /// A signer loses its key; nobody has it then.
    KeyLost {
        /// Whose.
        rank: u64,
    },
    /// A thief copies keys.
    KeysStolen {
        /// Whose is the first.
        rank: u64,
        /// How many, one rank after the other.
        keys: u64,
    },
    /// There is to be a signer more.
    Joins,
    /// A signer leaves, by its own word where the roster lets it, and somebody else is to sign in its place.
    Leaves {
        /// Which of those that still sign and have their key.
        rank: u64,
    },
    /// A validator is offline: it neither votes nor proposes, and says of no build that it holds it.
    Offline {
        /// Which.
        validator: usize,
        /// For how many epochs.
        epochs: u64,
    },
    /// Nobody comes to vote but who proposes; their nodes run.
    NobodyVotes {
        /// For how many epochs.
        epochs: u64,
    },
    /// The thief tries something.
    Thief {
        /// What.
        trick: Trick,
    },
}

/// What a thief tries with the keys that it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Trick {
    /// To have its build approved, signed by the stolen keys.
    Approve,
    /// The same, with a threshold as low as it has keys.
    ApproveWithLessThanTheThreshold,
    /// The same, filled up with keys of its own.
    ApproveWithForeignKeys,
    /// The same, each signature twice.
    ApproveTwice,
    /// To have a roster of its own keys.
    Roster,
    /// The same, with the version after the next one.
    RosterThatSkips,
    /// The same, with the version of the roster in force.
    RosterAgain,
    /// To take a stolen key out of the roster, so that fewer are left.
    TakeOut,
}

impl Trick {
    const ALL: [Trick; 8] = [
        Trick::Approve,
        Trick::ApproveWithLessThanTheThreshold,
        Trick::ApproveWithForeignKeys,
        Trick::ApproveTwice,
        Trick::Roster,
        Trick::RosterThatSkips,
        Trick::RosterAgain,
        Trick::TakeOut,
    ];

    /// Whether it asks for a roster whose version is not the next one: that is refused, whoever signs it.
    pub(super) fn has_wrong_version(self) -> bool {
        matches!(self, Trick::RosterThatSkips | Trick::RosterAgain)
    }
}

impl What {
    /// The name of its kind.
    pub fn kind(&self) -> &'static str {
        match self {
            What::Change { .. } => "change",
            What::Release { .. } => "release",
            What::KeyLost { .. } => "key_lost",
            What::KeysStolen { .. } => "keys_stolen",
            What::Joins => "joins",
            What::Leaves { .. } => "leaves",
            What::Offline { .. } => "offline",
            What::NobodyVotes { .. } => "nobody_votes",
            What::Thief { .. } => "thief",
        }
    }
}

impl Plan {
    /// What happens in an epoch, in order.
    pub fn in_epoch(&self, epoch: u64) -> impl Iterator<Item = &What> {
        self.happenings.iter().filter(move |happening| happening.epoch == epoch).map(|happening| &happening.what)
    }
}

/// Draws a future. Each kind of thing has chance of its own, so that more of one leaves the others as they are.
pub(super) fn make(setting: &Setting, chance: &mut Chance) -> Plan {
    let options = &setting.options;
    let mut happenings: Vec<Happening> = Vec::new();
    happenings.extend(change(options, setting.change));
    happenings.extend(churn(options, chance));
    happenings.extend(outages(options, setting.network.validators.len(), &mut chance.fork("outages")));
    happenings.extend(quiet(options, &mut chance.fork("quiet")));
    happenings.extend(theft(options, setting.looked_at(), &mut chance.fork("theft")));
    happenings.extend(made(options, &mut chance.fork("releases")));
    happenings.sort_by_key(|happening| happening.epoch);
    let mut end = chance.fork("end");
    let lost_in_the_end = (0..=MAX_SIGNERS).map(|_| end.below(1 << 32)).collect();
    Plan { epochs: options.epochs, happenings, lost_in_the_end }
}

fn change(options: &Options, change: Option<Shape>) -> Option<Happening> {
    let Shape { threshold, signers } = change?;
    Some(Happening { epoch: options.change_at, what: What::Change { threshold, signers } })
}

/// The releases, evenly over the year and each at some epoch of its turn; none so late that its activation is not seen.
fn made(options: &Options, chance: &mut Chance) -> Vec<Happening> {
    let Options { epochs, epochs_per_year, releases_per_year: rate, window, delay, .. } = *options;
    let last = epochs - window - delay;
    let turn = epochs_per_year.checked_div(rate).unwrap_or(1).max(1);
    let count = epochs.saturating_mul(rate) / epochs_per_year;
    let due = |number: u64| 1 + number.saturating_mul(epochs_per_year).checked_div(rate).unwrap_or_default();
    let mut releases = Vec::new();
    for number in 0..count {
        let epoch = due(number) + chance.below(turn);
        let slow = (0..u64::from(MAX_SIGNERS)).filter(|_| chance.happens(options.slow_percent * 10_000)).collect();
        if epoch <= last {
            releases.push(Happening { epoch, what: What::Release { slow } });
        }
    }
    releases
}

/// Keys that are lost, and signers that join and leave.
fn churn(options: &Options, chance: &Chance) -> Vec<Happening> {
    let mut churn = Vec::new();
    let mut draw = |purpose: &str, rate: u64, what: &dyn Fn(u64) -> What| {
        let mut chance = chance.fork(purpose);
        let per_million = (rate.saturating_mul(1_000_000) / options.epochs_per_year).min(1_000_000) as u32;
        for epoch in 1..=options.epochs {
            let (happens, rank) = (chance.happens(per_million), chance.below(u64::from(MAX_SIGNERS)));
            if happens {
                churn.push(Happening { epoch, what: what(rank) });
            }
        }
    };
    draw("losses", options.lost_keys_per_year, &|rank| What::KeyLost { rank });
    draw("joins", options.joins_per_year, &|_| What::Joins);
    draw("leaves", options.leaves_per_year, &|rank| What::Leaves { rank });
    churn
}

/// Each validator is up for a while and down for a while, so that it is down in the share of all epochs that is
/// asked for.
fn outages(options: &Options, validators: usize, chance: &mut Chance) -> Vec<Happening> {
    let per_million = begins_per_million(options.offline_percent);
    let mut outages = Vec::new();
    for validator in 0..validators {
        for (epoch, epochs) in outages_of_one(options.epochs, per_million, chance) {
            outages.push(Happening { epoch, what: What::Offline { validator, epochs } });
        }
    }
    outages
}

/// In how many of a million epochs an outage begins, of those in which a validator is not offline already.
///
/// An outage has `MEAN_OUTAGE` epochs on average, and `1 / p - 1` lie between it and the next one, where `p` is what is
/// asked here; the offline share of both together is what `percent` says.
fn begins_per_million(percent: u32) -> u32 {
    let offline = u64::from(percent.min(100));
    (offline * 1_000_000 / (MEAN_OUTAGE * (100 - offline) + offline)) as u32
}

/// The first epoch of each outage of a validator, and how many it has.
fn outages_of_one(epochs: u64, per_million: u32, chance: &mut Chance) -> Vec<(u64, u64)> {
    // Counted from the beginning of the run-up.
    let (first, last) = (RUN_UP + 1, RUN_UP + epochs);
    let (mut outages, mut epoch) = (Vec::new(), 1);
    while epoch <= last {
        if !chance.happens(per_million) {
            epoch += 1;
            continue;
        }
        let (from, until) = (epoch.max(first), epoch + chance.within(1..=LONGEST_OUTAGE));
        if from < until {
            outages.push((from - RUN_UP, until - from));
        }
        epoch = until;
    }
    outages
}

/// In some futures a time in which nobody comes to vote, long enough for some vote to fall into it.
fn quiet(options: &Options, chance: &mut Chance) -> Option<Happening> {
    let (happens, epoch) = (chance.happens(options.quiet_percent * 10_000), chance.within(1..=options.epochs));
    happens.then_some(Happening { epoch, what: What::NobodyVotes { epochs: options.window * 2 } })
}

/// A theft in the first half, and within the time until it is noticed and mended whatever the thief can think of.
fn theft(options: &Options, roster: Shape, chance: &mut Chance) -> Vec<Happening> {
    let most = options.stolen_keys.unwrap_or(roster.signers);
    let (keys, rank) = (chance.below(u64::from(most) + 1), chance.below(u64::from(MAX_SIGNERS)));
    let stolen = chance.within(1..=(options.epochs / 2).max(1));
    if keys == 0 {
        return Vec::new();
    }
    let until = (stolen + options.notice_after + options.window + options.delay).min(options.epochs);
    let mut theft = vec![Happening { epoch: stolen, what: What::KeysStolen { rank, keys } }];
    for trick in Trick::ALL {
        theft.push(Happening { epoch: chance.within(stolen..=until), what: What::Thief { trick } });
    }
    theft
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        options: Options,
    }

    const PLANS: u64 = 300;
    const VALIDATORS: usize = 7;

    fn options(percent: u32) -> Options {
        Line::try_parse_from(["release_signers", "--offline-percent", &percent.to_string()]).unwrap().options
    }

    /// The outages of many plans: validator, first epoch, how many epochs.
    fn drawn(options: &Options, seed: u64) -> Vec<(usize, u64, u64)> {
        let outages = outages(options, VALIDATORS, &mut Chance::of(seed)).into_iter();
        let drawn = outages.filter_map(|Happening { epoch, what }| match what {
            What::Offline { validator, epochs } => Some((validator, epoch, epochs)),
            _ => None,
        });
        drawn.collect()
    }

    /// Of a thousand epochs of validators, in how many they are offline: in all epochs, and in the first one alone.
    fn offline_permille(percent: u32) -> (u64, u64) {
        let (options, validators) = (options(percent), VALIDATORS as u64);
        let (mut all, mut first) = (0, 0);
        for (_, epoch, epochs) in (0..PLANS).flat_map(|seed| drawn(&options, seed)) {
            all += epochs.min(options.epochs + 1 - epoch);
            first += u64::from(epoch == 1);
        }
        (all * 1_000 / (PLANS * validators * options.epochs), first * 1_000 / (PLANS * validators))
    }

    #[test]
    fn validators_are_offline_in_the_share_of_epochs_that_is_asked_for() {
        for percent in [5, 10, 25, 50, 75, 90] {
            let (all, first) = offline_permille(percent);
            let asked = u64::from(percent) * 10;
            assert!(all.abs_diff(asked) <= 10, "asked {asked} permille, and came to {all}");
            assert!(first.abs_diff(asked) <= 40, "asked {asked} permille, and came to {first} in the first epoch");
        }
        assert_eq!((offline_permille(0), offline_permille(100)), ((0, 0), (1_000, 1_000)));
    }

    #[test]
    fn outages_of_a_validator_follow_each_other_and_last_as_long_as_is_said() {
        let (options, mut longest) = (options(50), 0);
        for seed in 0..PLANS {
            let (mut of, mut free_from) = (0, 1);
            for (validator, epoch, epochs) in drawn(&options, seed) {
                if validator != of {
                    (of, free_from) = (validator, 1);
                }
                assert!(epoch >= free_from && epoch <= options.epochs, "seed {seed}");
                (free_from, longest) = (epoch + epochs, longest.max(epochs));
            }
        }
        assert_eq!(longest, LONGEST_OUTAGE);
    }
}
