//! What lies between nodes: messages take their time, get lost, come twice, pass each other, and not through a partition.

use crate::chance::Chance;
use crate::world::Moment;
use serde::Serialize;

/// The number of a node.
pub type Place = usize;

/// How messages travel.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct LinkRules {
    /// The least time on the way, in microseconds.
    pub least_delay_us: u64,
    /// The most.
    pub most_delay_us: u64,
    /// How many of a million messages are lost.
    pub lost_per_million: u32,
    /// How many of a million come twice.
    pub twice_per_million: u32,
}

/// Some nodes that hear only each other for a time, as the others do.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct Partition {
    /// Since when.
    pub from: Moment,
    /// Until when.
    pub until: Moment,
    /// Who is apart from the others.
    pub apart: Vec<Place>,
}

impl Partition {
    /// Whether it keeps these from hearing each other at a moment.
    pub fn parts(&self, at: Moment, one: Place, other: Place) -> bool {
        let is_there = self.from <= at && at < self.until;
        is_there && self.apart.contains(&one) != self.apart.contains(&other)
    }
}

/// The links between all nodes.
#[derive(Clone, Debug)]
pub struct Links {
    rules: LinkRules,
    partitions: Vec<Partition>,
    chance: Chance,
}

impl Links {
    /// Links with rules, and the partitions there will be.
    pub fn new(rules: LinkRules, partitions: Vec<Partition>, chance: Chance) -> Self {
        Self { rules, partitions, chance }
    }

    /// When a message that is sent now arrives: never, once or twice, and after others that were sent later.
    pub fn arrivals(&mut self, now: Moment, from: Place, to: Place) -> Vec<Moment> {
        // All is drawn whatever comes of it: a partition less changes no other message.
        let is_lost = self.chance.happens(self.rules.lost_per_million);
        let is_twice = self.chance.happens(self.rules.twice_per_million);
        let mut arrives =
            || Moment(now.0.saturating_add(self.chance.within(self.rules.least_delay_us..=self.rules.most_delay_us)));
        let arrivals = [arrives(), arrives()];
        if is_lost || self.are_apart(now, from, to) {
            return Vec::new();
        }
        arrivals.into_iter().take(if is_twice { 2 } else { 1 }).collect()
    }

    /// Whether a partition lies between two nodes.
    pub fn are_apart(&self, now: Moment, from: Place, to: Place) -> bool {
        self.partitions.iter().any(|partition| partition.parts(now, from, to))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn links(lost_per_million: u32, twice_per_million: u32) -> Links {
        let rules = LinkRules { least_delay_us: 10, most_delay_us: 20, lost_per_million, twice_per_million };
        let partition = Partition { from: Moment(100), until: Moment(200), apart: vec![1, 2] };
        Links::new(rules, vec![partition], Chance::of(3))
    }

    #[test]
    fn messages_are_late_lost_and_doubled_as_the_rules_say() {
        let counts =
            |mut links: Links| -> Vec<usize> { (0..1000).map(|_| links.arrivals(Moment(0), 0, 1).len()).collect() };
        assert!(counts(links(0, 0)).iter().all(|count| *count == 1));
        assert!(counts(links(1_000_000, 0)).iter().all(|count| *count == 0));
        assert!(counts(links(0, 1_000_000)).iter().all(|count| *count == 2));
        let some = counts(links(200_000, 0)).iter().filter(|count| **count == 0).count();
        assert!((150..250).contains(&some), "{some} of 1000 are lost");
        let mut sometimes = links(0, 0);
        let at: Vec<Moment> = (0..100).flat_map(|_| sometimes.arrivals(Moment(7), 0, 1)).collect();
        assert!(at.iter().all(|at| (17..=27).contains(&at.0)) && at.windows(2).any(|two| two[0] > two[1]));
    }

    #[test]
    fn a_partition_is_between_those_apart_and_the_others_and_ends() {
        let mut links = links(0, 0);
        assert!(links.arrivals(Moment(100), 0, 1).is_empty() && links.arrivals(Moment(199), 2, 3).is_empty());
        assert_eq!(links.arrivals(Moment(150), 1, 2).len() + links.arrivals(Moment(150), 0, 3).len(), 2);
        assert_eq!(links.arrivals(Moment(99), 0, 1).len() + links.arrivals(Moment(200), 0, 1).len(), 2);
    }
}
