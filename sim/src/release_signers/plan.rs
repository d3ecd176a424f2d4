//! What happens in a future, and in which epoch: all of it but what follows from it.

use super::options::{Options, Shape};
use super::setting::Setting;
use crate::chance::Chance;
use releases::MAX_SIGNERS;
use serde::Serialize;

/// How many epochs a validator that goes offline stays so, on average.
const MEAN_OUTAGE: u64 = 3;

/// The most epochs that one outage has.
const LONGEST_OUTAGE: u64 = 30;

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
    /// There is a signer more.
    Joins,
    /// A signer leaves, by its own word where the roster lets it.
    Leaves {
        /// Which.
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
    /// To take a stolen key out of the roster, so that fewer are left.
    TakeOut,
}

impl Trick {
    const ALL: [Trick; 6] = [
        Trick::Approve,
        Trick::ApproveWithLessThanTheThreshold,
        Trick::ApproveWithForeignKeys,
        Trick::ApproveTwice,
        Trick::Roster,
        Trick::TakeOut,
    ];
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

/// Each validator is up for a while and down for a while, so that it is down for the share that is asked for.
fn outages(options: &Options, validators: usize, chance: &mut Chance) -> Vec<Happening> {
    let percent = u64::from(options.offline_percent);
    let up = 100 - percent;
    let per_million = match percent * 1_000_000 / (MEAN_OUTAGE * up.max(1)) {
        _ if up == 0 => 1_000_000,
        share => share.min(1_000_000) as u32,
    };
    let mut outages = Vec::new();
    for validator in 0..validators {
        let mut epoch = 1;
        while epoch <= options.epochs {
            if chance.happens(per_million) {
                let epochs = chance.tail(MEAN_OUTAGE, LONGEST_OUTAGE).max(1);
                outages.push(Happening { epoch, what: What::Offline { validator, epochs } });
                epoch += epochs;
            } else {
                epoch += 1;
            }
        }
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
