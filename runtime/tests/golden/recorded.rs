//! Law 15: a chain that was recorded at a level comes to the same under every later build (ROLLOUTS 3.3, 19).
//!
//! `tests/golden/level_0.txt` is 200 blocks of a network without a plan that begins at level 0: of each how many transactions and facts it
//! has, and the beginnings of the roots of its facts and of the state after it. Its transactions follow from a number alone, so only what
//! blocks come to is kept. A rule that is altered without asking `at.level` comes to something else here.

use crate::network::*;
use governance::{Choice, TrackName};
use primitives::{Amount, BuildHash, Digest, Epoch, Height, SecretKey, Text};
use releases::{InstallStage, Manifest};
use rewards::RewardsGenesis;
use runtime::{Call, Genesis};
use state::Told as _;
use std::collections::BTreeSet;

/// Which recording of level 0 this is. `make bless` records anew only where the file has another number: a running network that decides
/// otherwise than it did falls apart, so who raises this means that no such network exists, and says so under Consensus in CHANGELOG.md.
const RECORDING: u32 = 3;

const BLOCKS: u64 = 200;
const FILE: &str = "level_0.txt";

/// Who signs: four validators, and then three holders.
const PEOPLE: u64 = 7;
const VALIDATORS: u64 = 4;

/// Numbers that follow from one another (xorshift64*); nothing here has to be unforeseeable.
struct Draws(u64);

impl Draws {
    /// The next one, below a bound.
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % bound
    }

    fn one_of<T: Copy, const N: usize>(&mut self, all: [T; N]) -> T {
        all[usize::try_from(self.below(N as u64)).unwrap()]
    }
}

/// The network of the tests at level 0, with epochs in which much comes to its end.
fn at_level_0() -> Genesis {
    let mut genesis = genesis();
    (genesis.chain.level, genesis.chain.epoch_length) = (0, 4);
    // Nobody was paid before there was a level 1.
    genesis.rewards = RewardsGenesis::of(Amount::ZERO, Amount::ZERO);
    genesis
}

fn person(index: u64) -> SecretKey {
    let index = u8::try_from(index).unwrap();
    if u64::from(index) < VALIDATORS { validator(index) } else { holder(index - VALIDATORS as u8) }
}

fn build(draws: &mut Draws) -> BuildHash {
    BuildHash([draws.one_of([0xaa, 1, 2, 3, 4]); 32])
}

/// What somebody asks next. Much of it is refused, which is recorded too.
fn asked(network: &Network, draws: &mut Draws) -> (SecretKey, Call) {
    let who = person(draws.below(PEOPLE));
    let (to, other) = (person(draws.below(VALIDATORS)).account(), person(draws.below(PEOPLE)).account());
    let amount = draws.one_of([0, 1, 500, 1_000, 40_000, 3_000_000]);
    let latest = governance::queries::latest(&network.state()).0;
    let poll = latest.saturating_sub(draws.below(3));
    let call = match draws.below(20) {
        0 => transfer(other, amount),
        1 => describe(draws.one_of(["Ann", "block 7", ""]), draws.one_of(["https://example.org", "example.org", ""])),
        2 => bond(amount),
        3 | 4 => delegate(to, amount),
        5 | 6 => unbond(to, amount),
        7 => unjail(),
        8 => {
            let height = network.ledger.head().at.height.0.saturating_sub(draws.below(6));
            contradiction(network, u8::try_from(draws.below(VALIDATORS)).unwrap(), Height(height))
        }
        9 | 10 => release(network, draws),
        11 => propose_on(draws.one_of([TrackName::Routine, TrackName::Expedited]), motion(network, draws, poll)),
        12..=15 => vote(poll, draws.one_of([Choice::Yes, Choice::Yes, Choice::No, Choice::Abstain]), None),
        16 => withdraw(poll),
        17 => hold(build(draws)),
        18 => report(build(draws), draws.one_of([Stage::Staged, Stage::Booted, Stage::Healthy]).into()),
        _ => attest_rebuild(build(draws), Some(Digest([9; 32])), Text::new("c0ffee")),
    };
    (who, call)
}

/// How far a build has come, of what says nothing else.
#[derive(Clone, Copy)]
enum Stage {
    Staged,
    Booted,
    Healthy,
}

impl From<Stage> for InstallStage {
    fn from(stage: Stage) -> Self {
        match stage {
            Stage::Staged => InstallStage::Staged,
            Stage::Booted => InstallStage::Booted,
            Stage::Healthy => InstallStage::Healthy,
        }
    }
}

fn release(network: &Network, draws: &mut Draws) -> Call {
    let bare = release_vote(&network.genesis, build(draws), draws.one_of([1, 2, 3]));
    let said = Manifest { version: Text::new("1.4.0"), ..Manifest::default() };
    let vote = if draws.below(2) == 0 { bare } else { described(&network.genesis, bare, said, &[0, 1]) };
    runtime::testing::propose(vote)
}

fn motion(network: &Network, draws: &mut Draws, poll: u64) -> runtime::Motion {
    match draws.below(5) {
        0 => revoke(&[build(draws)]),
        1 => raise_minimum(draws.below(4)),
        2 => end_support(build(draws), Epoch(network.epoch().0 + draws.below(12))),
        3 => cancel(poll),
        _ => set_roster(&network.genesis, roster(1 + draws.below(3), &[0, 1, 3], 2), &[0, 1, 3]),
    }
}

/// The beginning of a digest, which no two of these have in common by chance.
fn beginning(digest: impl ToString) -> String {
    digest.to_string().chars().take(16).collect()
}

/// The blocks of the chain, as this build makes them.
fn play() -> Vec<Done> {
    let (mut network, mut draws) = (Network::new(at_level_0()), Draws(0x15));
    let mut made = Vec::new();
    for _ in 0..BLOCKS {
        let count = draws.below(6);
        let calls: Vec<_> = (0..count).map(|_| asked(&network, &mut draws)).collect();
        made.push(network.block(&calls));
    }
    assert_eq!(releases::queries::level_at(&network.state(), network.epoch()), 0, "it stays where it began");
    made
}

fn record() -> String {
    let mut lines = format!("recording {RECORDING} of level 0: height, transactions, facts, facts root, state root\n");
    for Done { transactions, executed, header, .. } in play() {
        let (height, transactions, facts) = (header.height, transactions.len(), executed.facts.len());
        let (facts_root, state_root) = (beginning(header.facts_root), beginning(header.state_root));
        lines += &format!("{height} {transactions} {facts} {facts_root} {state_root}\n");
    }
    lines
}

#[test]
fn l15_a_chain_of_level_0_without_a_plan_comes_to_what_was_recorded() {
    let found = record();
    let kept = std::fs::read_to_string(crate::file(FILE)).unwrap_or_default();
    if crate::is_blessed() && kept.lines().next() != found.lines().next() {
        return crate::keep(FILE, &found);
    }
    crate::require_same(FILE, &found);
}

/// The recording means something only where blocks come to much.
#[test]
fn l15_the_recorded_chain_has_elections_votes_releases_and_refusals() {
    let kinds: BTreeSet<&str> = play().iter().flat_map(|done| &done.executed.facts).map(|fact| fact.kind()).collect();
    for wanted in [
        "staking.elected",
        "staking.bonded",
        "staking.unbonding",
        "staking.unbonded",
        "staking.punished",
        "governance.proposed",
        "governance.voted",
        "governance.rejected",
        "releases.reported",
        "accounts.refused",
        "staking.refused",
        "governance.refused",
        "releases.refused",
    ] {
        assert!(kinds.contains(wanted), "{wanted} never came up: {kinds:?}");
    }
}
