//! What happens in one future: what the mirrors do, what is wrong with the release, who crashes where, and what is revoked.

use super::install::InstallStep;
use super::setting::Setting;
use crate::chance::Chance;
use serde::Serialize;

/// Everything that happens but how long each node takes.
#[derive(Clone, Debug, Serialize)]
pub struct Plan {
    /// How many nodes there are; the first ones are the validators.
    pub nodes: usize,
    /// The mirrors.
    pub mirrors: Vec<Mirror>,
    /// What nodes send to each other, in bytes a second; none where they do not.
    pub peers: Option<u64>,
    /// The releases, in the order in which they are approved; the first one is approved when the future begins.
    pub releases: Vec<Release>,
    /// What is revoked.
    pub revoke: Option<Revoke>,
    /// Who crashes within an install, in the order of the nodes.
    pub crashes: Vec<Crash>,
    /// Who has no room, in the order of the nodes.
    pub full_disks: Vec<FullDisk>,
    /// Whether it is played once more without the first mirror.
    pub without_first: bool,
    /// When nothing new begins any more, in seconds.
    pub until_s: u64,
}

/// A mirror.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Mirror {
    /// What it sends to all who ask together, in bytes a second.
    pub rate: u64,
    /// What it does.
    pub does: Does,
}

/// What a mirror does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Does {
    /// It sends the release.
    Serves,
    /// It sends something else.
    Lies,
    /// It is asked, and sends nothing in that time.
    Stalls {
        /// From this second on.
        from_s: u64,
        /// Until this one.
        until_s: u64,
    },
    /// Nobody answers in that time.
    IsGone {
        /// From this second on.
        from_s: u64,
        /// Until this one.
        until_s: u64,
    },
}

/// A release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Release {
    /// When it is proposed, in seconds; the first one is approved by then.
    pub proposed_s: u64,
    /// What is wrong with it.
    pub bad: Option<Bad>,
}

/// What is wrong with a build, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Bad {
    /// What it does.
    pub how: How,
    /// On how many machines, in percent.
    pub on_percent: u32,
}

/// What a bad build does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum How {
    /// It ends so many seconds after its start.
    Crashes {
        /// The seconds.
        after_s: u64,
    },
    /// It says nothing.
    Hangs,
    /// It answers, and its chain stands still.
    StandsStill,
    /// It does not pass its self-check where it is installed.
    FailsItsCheck,
}

/// A revocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Revoke {
    /// The number of the build: 0 is the one that all nodes run at first.
    pub build: usize,
    /// When it is proposed, in seconds.
    pub proposed_s: u64,
}

/// A machine goes down between two steps of its first installation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Crash {
    /// Which.
    pub node: usize,
    /// In this step: what it writes is not synced yet.
    pub step: InstallStep,
    /// After how many seconds it is there again.
    pub back_after_s: u64,
}

/// A machine has no room for a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct FullDisk {
    /// Which.
    pub node: usize,
    /// Until when, in seconds.
    pub until_s: u64,
}

impl Plan {
    /// Draws one. What is drawn for each node has chance of its own, so that a seed means the same for however many nodes.
    pub(super) fn make(setting: &Setting, chance: &mut Chance) -> Self {
        let options = &setting.options;
        let peers = Some(options.peer_kib_per_second << 10).filter(|rate| *rate > 0);
        let releases = releases(setting, chance);
        let revoke = happens(chance, options.revoke).then(|| revoke(&releases, chance));
        Self {
            nodes: options.nodes,
            mirrors: mirrors(setting, chance),
            peers,
            crashes: crashes(setting, &mut chance.fork("crashes")),
            full_disks: full_disks(setting, &mut chance.fork("full disks")),
            without_first: happens(&mut chance.fork("without first"), options.without_first),
            until_s: options.hours.saturating_mul(3_600),
            releases,
            revoke,
        }
    }

    /// The same without the first mirror.
    pub(super) fn without_first(&self) -> Self {
        let mut plan = Self { without_first: false, ..self.clone() };
        if let Some(first) = plan.mirrors.first_mut() {
            first.does = Does::IsGone { from_s: 0, until_s: u64::MAX };
        }
        plan
    }
}

/// Whether something happens of which it is said in how many of a hundred it does.
pub(super) fn happens(chance: &mut Chance, percent: u32) -> bool {
    chance.happens(percent.saturating_mul(10_000))
}

fn mirrors(setting: &Setting, chance: &mut Chance) -> Vec<Mirror> {
    let mut mirrors: Vec<Mirror> =
        setting.rates.iter().map(|rate| Mirror { rate: *rate, does: Does::Serves }).collect();
    let count = mirrors.len() as u64;
    if happens(chance, setting.options.lies) {
        mirrors[chance.below(count) as usize].does = Does::Lies;
    }
    if happens(chance, setting.options.outages) {
        let from_s = chance.within(0..=600);
        let until_s = from_s + chance.within(60..=3_600);
        let outage =
            if chance.below(2) == 0 { Does::Stalls { from_s, until_s } } else { Does::IsGone { from_s, until_s } };
        // One that lies does nothing else. Where there is no other one, no mirror is away.
        let serving: Vec<usize> = (0..mirrors.len()).filter(|number| mirrors[*number].does == Does::Serves).collect();
        if let Some(number) = chance.pick(&serving) {
            mirrors[*number].does = outage;
        }
    }
    mirrors
}

fn releases(setting: &Setting, chance: &mut Chance) -> Vec<Release> {
    let bad = happens(chance, setting.options.bad).then(|| bad(chance));
    let mut releases = vec![Release { proposed_s: 0, bad }];
    if bad.is_some() && chance.below(2) == 0 {
        // Somebody mends it.
        releases.push(Release { proposed_s: chance.within(1_200..=5_400), bad: None });
    }
    releases
}

fn bad(chance: &mut Chance) -> Bad {
    let how = match chance.below(5) {
        0 => How::Crashes { after_s: 1 },
        1 => How::Crashes { after_s: chance.within(10..=25) },
        2 => How::Hangs,
        3 => How::StandsStill,
        _ => How::FailsItsCheck,
    };
    let on_percent = if chance.below(2) == 0 { 100 } else { chance.within(5..=80) as u32 };
    Bad { how, on_percent }
}

/// A bad release itself, as far as that may still be revoked, or the build before it.
fn revoke(releases: &[Release], chance: &mut Chance) -> Revoke {
    let is_bad = releases.first().is_some_and(|release| release.bad.is_some());
    let build = usize::from(is_bad && chance.below(3) == 0);
    Revoke { build, proposed_s: chance.within(0..=900) }
}

fn crashes(setting: &Setting, chance: &mut Chance) -> Vec<Crash> {
    let mut crashes = Vec::new();
    for node in 0..setting.options.nodes {
        if happens(chance, setting.options.crashes) {
            let step = chance.pick(&InstallStep::ALL).copied().unwrap_or(InstallStep::Copy);
            crashes.push(Crash { node, step, back_after_s: 15 + chance.tail(60, 600) });
        }
    }
    crashes
}

fn full_disks(setting: &Setting, chance: &mut Chance) -> Vec<FullDisk> {
    let mut full = Vec::new();
    for node in 0..setting.options.nodes {
        if happens(chance, setting.options.full_disks) {
            full.push(FullDisk { node, until_s: chance.tail(1_200, 7_200) });
        }
    }
    full
}

#[cfg(test)]
mod tests {
    use super::super::testing::setting;
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn an_outage_that_is_drawn_beside_a_liar_is_that_of_another_mirror() {
        let both = setting("--mirrors 2 --lies 100 --outages 100");
        for seed in 0..20 {
            let does: Vec<Does> = mirrors(&both, &mut Chance::of(seed)).iter().map(|mirror| mirror.does).collect();
            let is_away = |does: &Does| matches!(does, Does::Stalls { .. } | Does::IsGone { .. });
            assert!(does.contains(&Does::Lies) && does.iter().any(is_away), "seed {seed}: {does:?}");
        }
    }

    #[test]
    fn a_seed_means_the_same_for_few_nodes_and_for_many() {
        let all = "--bad 50 --lies 50 --outages 50 --revoke 50 --crashes 50 --full-disks 50 --without-first 50";
        let [few, many] = ["--nodes 10", "--nodes 1000"].map(|nodes| setting(&format!("{nodes} {all}")));
        let mut without_first = BTreeSet::new();
        for seed in 0..20 {
            let [few, many] = [&few, &many].map(|setting| Plan::make(setting, &mut Chance::of(seed)));
            assert_eq!((&few.mirrors, &few.releases, few.revoke), (&many.mirrors, &many.releases, many.revoke));
            assert_eq!(few.crashes[..], many.crashes[..few.crashes.len()], "seed {seed}");
            assert_eq!(few.full_disks[..], many.full_disks[..few.full_disks.len()], "seed {seed}");
            assert_eq!(few.without_first, many.without_first, "seed {seed}");
            without_first.insert(few.without_first);
        }
        assert_eq!(without_first.len(), 2, "in some futures and in others not");
    }
}
