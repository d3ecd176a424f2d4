//! What happens in a future, and when: who is there on which day, which nodes are down or cut off, and when something goes wrong.

use super::options::Options;
use crate::chance::Chance;
use serde::Serialize;
use std::collections::BTreeSet;

/// Hours of a day.
pub(super) const DAY: u64 = 24;

/// The hours of a day at which somebody looks that is there.
const LOOKS: std::ops::RangeInclusive<u64> = 7..=18;

/// The hour of a day until which whoever acts alone goes on.
const EVENING: u64 = 20;

/// How long a node is down on average, in hours.
const MEAN_DOWN: u64 = 5;

/// How long a network is in two parts on average, in hours.
const MEAN_PARTITION: u64 = 6;

/// No outage is longer.
const LONGEST: u64 = 48;

/// The gates that an emergency turns off here.
pub(super) const GATES: [&str; 2] = ["pruning", "reconstruction"];

/// All that happens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// Each day.
    pub days: Vec<Day>,
    /// What happens besides, by hour.
    pub happenings: Vec<Happening>,
}

/// Who looks at which hour of a day: those who act alone, then the council; nothing of who is not there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Day {
    /// The hour of each.
    pub looks: Vec<Option<u64>>,
}

/// Something that happens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Happening {
    /// In which hour, from 1.
    pub hour: u64,
    /// What.
    pub what: What,
}

/// What can happen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// Nodes of validators are down: a number of each.
    Down {
        /// Whose.
        validators: BTreeSet<usize>,
        /// For how long.
        hours: u64,
    },
    /// Nodes of validators are cut off from the others, and hear each other.
    Cut {
        /// Whose.
        validators: BTreeSet<usize>,
        /// For how long.
        hours: u64,
    },
    /// The commander disables a gate.
    Emergency {
        /// Its place among those that are.
        gate: usize,
    },
    /// The SRE lead pauses changes.
    Pause,
}

impl What {
    /// The name of its kind.
    pub fn kind(&self) -> &'static str {
        match self {
            What::Down { .. } => "down",
            What::Cut { .. } => "cut",
            What::Emergency { .. } => "emergency",
            What::Pause => "pause",
        }
    }
}

impl Plan {
    /// How many hours there are.
    pub fn hours(&self) -> u64 {
        self.days.len() as u64 * DAY
    }

    /// What happens in an hour, in order.
    pub fn in_hour(&self, hour: u64) -> impl Iterator<Item = &What> {
        self.happenings.iter().filter(move |happening| happening.hour == hour).map(|happening| &happening.what)
    }

    /// Whether somebody of that number is there in an hour: from when it looks until the evening.
    pub fn is_there(&self, hour: u64, person: usize) -> bool {
        let (day, at) = ((hour / DAY) as usize, hour % DAY);
        let looks = self.days.get(day).and_then(|day| day.looks.get(person).copied().flatten());
        looks.is_some_and(|looks| (looks..=EVENING).contains(&at))
    }

    /// Whether somebody of that number looks in an hour.
    pub fn looks(&self, hour: u64, person: usize) -> bool {
        let (day, at) = ((hour / DAY) as usize, hour % DAY);
        self.days.get(day).is_some_and(|day| day.looks.get(person).copied().flatten() == Some(at))
    }
}

/// Draws a future. Each kind of thing has chance of its own, so that more of one leaves the others as they are.
pub(super) fn make(options: &Options, validators: usize, chance: &mut Chance) -> Plan {
    let people = 3 + usize::from(options.council);
    let mut there = chance.fork("people");
    let days = (0..options.days).map(|_| day(options, people, &mut there)).collect();
    let hours = options.days * DAY;
    let mut happenings = downs(options, validators, hours, &mut chance.fork("down"));
    happenings.extend(cuts(options, validators, hours, &mut chance.fork("partitions")));
    let second_half = hours / 2..=hours;
    let mut wrong = chance.fork("wrong");
    for _ in 0..count(options.emergencies_per_month, options.days / 2, &mut wrong) {
        let gate = wrong.below(GATES.len() as u64) as usize;
        happenings.push(Happening { hour: wrong.within(second_half.clone()), what: What::Emergency { gate } });
    }
    for _ in 0..count(options.pauses_per_month, options.days / 2, &mut wrong) {
        happenings.push(Happening { hour: wrong.within(second_half.clone()), what: What::Pause });
    }
    happenings.sort_by_key(|happening| happening.hour);
    Plan { days, happenings }
}

fn day(options: &Options, people: usize, chance: &mut Chance) -> Day {
    let looks = (0..people).map(|_| {
        let (is_there, hour) = (chance.happens(options.attendance_percent * 10_000), chance.within(LOOKS));
        is_there.then_some(hour)
    });
    Day { looks: looks.collect() }
}

/// How often something happens in so many days that happens so often in thirty; what is left of whole times by chance.
fn count(a_month: u64, days: u64, chance: &mut Chance) -> u64 {
    let thirtieths = a_month * days;
    thirtieths / 30 + u64::from(chance.below(30) < thirtieths % 30)
}

/// Each node is up for a while and down for a while, so that it is down in about the share of all hours that is asked for.
fn downs(options: &Options, validators: usize, hours: u64, chance: &mut Chance) -> Vec<Happening> {
    let down = u64::from(options.down_percent.min(99));
    let per_million = (down * 1_000_000 / (MEAN_DOWN * (100 - down) + down)) as u32;
    let mut downs = Vec::new();
    for validator in 0..validators {
        let mut hour = 1;
        while hour <= hours {
            let (happens, lasts) = (chance.happens(per_million), chance.tail(MEAN_DOWN, LONGEST).max(1));
            if happens {
                downs.push(Happening { hour, what: What::Down { validators: [validator].into(), hours: lasts } });
                hour += lasts;
            }
            hour += 1;
        }
    }
    downs
}

/// Each time any validators fall to any of two sides.
fn cuts(options: &Options, validators: usize, hours: u64, chance: &mut Chance) -> Vec<Happening> {
    let times = count(options.partitions_per_month, options.days, chance);
    let mut cut = || {
        let (hour, lasts) = (chance.within(1..=hours), chance.tail(MEAN_PARTITION, LONGEST).max(1));
        let validators = (0..validators).filter(|_| chance.happens(500_000)).collect();
        Happening { hour, what: What::Cut { validators, hours: lasts } }
    };
    (0..times).map(|_| cut()).collect()
}
