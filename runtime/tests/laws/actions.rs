//! What the accounts of a small network ask for at random.

use crate::network::*;
use governance::{Choice, TrackName};
use primitives::{AccountId, Amount, BuildHash, Digest, Height, ProposalId, SecretKey, Text};
use proptest::prelude::*;
use releases::{Advertisement, InstallStage, Manifest, ReleaseVote};
use runtime::{Call, Genesis, Motion};
use staking::GenesisBond;

/// Four validators and three holders.
pub const ACCOUNTS: usize = 7;

pub fn who(index: usize) -> SecretKey {
    let index = u8::try_from(index).unwrap();
    if index < 4 { validator(index) } else { holder(index - 4) }
}

/// Short epochs, short memory, few places, small blocks; the first two holders delegate from the start.
pub fn small_network() -> Genesis {
    let mut genesis = genesis();
    genesis.chain.epoch_length = 3;
    genesis.chain.limits.max_block_transactions = 64;
    genesis.staking.params.remembered_epochs = 7;
    genesis.staking.params.unbonding_epochs = 2;
    genesis.staking.params.penalties.jail_epochs = 1;
    genesis.staking.params.max_validators = 3;
    genesis.governance.params.max_live_proposals = 8;
    for track in [&mut genesis.governance.params.routine, &mut genesis.governance.params.expedited] {
        (track.most_window, track.most_delay) = (4, 3);
    }
    for (index, to, amount) in [(4, 0, 300_000), (4, 1, 200_000), (5, 0, 100_000)] {
        let (account, validator) = (who(index).account(), who(to).account());
        genesis.staking.bonds.push(GenesisBond { account, validator, amount: Amount(amount) });
    }
    genesis
}

#[derive(Debug, Clone)]
pub enum Action {
    /// A call that is the same wherever the chain stands.
    Ask(Call),
    UnbondAll(usize),
    Propose {
        hash: u8,
        track: TrackName,
        window: Option<u64>,
        delay: Option<u64>,
        signers: u8,
        sealed: bool,
    },
    Vote {
        back: u64,
        choice: Choice,
        reason: Option<String>,
    },
    Withdraw {
        back: u64,
    },
    /// The latest release.
    InstallLatest,
    /// What a proposal asks for.
    Hold {
        back: u64,
    },
    Reveal {
        hash: u8,
        salt: u8,
    },
    ProposeMotion {
        subject: Subject,
        track: TrackName,
        window: Option<u64>,
        delay: Option<u64>,
    },
    /// That somebody contradicted itself, so many epochs ago.
    Evidence(usize, u64),
}

/// What is proposed besides releases; hashes are those that `Propose` uses, and `0xaa` is genesis'.
#[derive(Debug, Clone)]
pub enum Subject {
    Revoke(Vec<u8>),
    RaiseMinimum(u64),
    /// Of the build so many before the latest, so many epochs from now.
    EndSupport {
        back: usize,
        later: u64,
    },
    SetRoster {
        signers: Vec<u8>,
        threshold: u32,
        approving: Vec<u8>,
    },
    Cancel {
        back: u64,
    },
    /// What is said about the build so many before the latest.
    Amend {
        back: usize,
        by: Vec<u8>,
    },
}

impl Subject {
    fn motion(&self, network: &Network, latest: u64) -> Motion {
        match self {
            Subject::Revoke(hashes) => revoke(&hashes.iter().map(|hash| build(*hash)).collect::<Vec<_>>()),
            Subject::RaiseMinimum(minimum) => raise_minimum(*minimum),
            Subject::EndSupport { back, later } => {
                end_support(from_latest(network, *back), network.epoch().plus(*later))
            }
            Subject::SetRoster { signers, threshold, approving } => {
                let version = releases::queries::roster(&network.state()).version + 1;
                set_roster(&network.genesis, roster(version, signers, *threshold), approving)
            }
            Subject::Cancel { back } => cancel(latest.saturating_sub(*back)),
            Subject::Amend { back, by } => {
                let hash = from_latest(network, *back);
                let release = releases::queries::release(&network.state(), &hash).unwrap();
                let Manifest { end_of_support_epoch, level, .. } = release.manifest;
                let version = Text::new(format!("{}.{latest}", release.sequence));
                let source_hash = Some(Digest::sha256(&latest.to_be_bytes()));
                let said = Manifest { version, source_hash, end_of_support_epoch, level, ..Manifest::default() };
                amend(&network.genesis, &release, said, by)
            }
        }
    }
}

/// The approved build so many before the latest; here every release has but one.
fn from_latest(network: &Network, back: usize) -> BuildHash {
    let state = network.state();
    let number = releases::queries::listed_count(&state, None).saturating_sub(back as u64);
    releases::queries::listed(&state, None, number).unwrap_or(build(0xaa))
}

/// The build of a number.
pub fn build(hash: u8) -> BuildHash {
    BuildHash([hash; 32])
}

fn hash() -> impl Strategy<Value = u8> {
    prop_oneof![1 => Just(0xaa), 4 => 1..6u8]
}

/// An end of support, of what has a successor more often than of what has none.
pub fn ending() -> impl Strategy<Value = Subject> {
    (prop_oneof![1 => Just(0), 3 => 1..4usize], 2..14u64).prop_map(|(back, later)| Subject::EndSupport { back, later })
}

fn subject() -> impl Strategy<Value = Subject> {
    let keys = || prop::sample::subsequence((0..5u8).collect::<Vec<_>>(), 1..5);
    let rotation = (keys(), 1..4u32, prop::sample::subsequence((0..5u8).collect::<Vec<_>>(), 2..6));
    prop_oneof![
        4 => prop::collection::vec(hash(), 1..2).prop_map(Subject::Revoke),
        3 => (2..4u64).prop_map(Subject::RaiseMinimum),
        3 => ending(),
        3 => rotation.prop_map(|(signers, threshold, approving)| Subject::SetRoster { signers, threshold, approving }),
        2 => (0..3u64).prop_map(|back| Subject::Cancel { back }),
        2 => (0..3usize, prop::sample::subsequence((0..4u8).collect::<Vec<_>>(), 1..4))
            .prop_map(|(back, by)| Subject::Amend { back, by }),
    ]
}

fn stage() -> impl Strategy<Value = InstallStage> {
    let failed = || ".{0,12}".prop_map(|reason| primitives::Text::new(reason).unwrap());
    prop_oneof![
        Just(InstallStage::Held),
        Just(InstallStage::Staged),
        Just(InstallStage::Healthy),
        failed().prop_map(|reason| InstallStage::RolledBack { reason }),
        failed().prop_map(|reason| InstallStage::Unusable { reason }),
        failed().prop_map(|reason| InstallStage::BootedUnsafely { reason }),
    ]
}

fn amount() -> impl Strategy<Value = u64> {
    prop_oneof![Just(0), Just(999), Just(1_000), 1..2_000_000u64, Just(u64::MAX)]
}

/// What somebody calls itself, or links to: plainly, not at all, or so that it is refused.
fn said() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "",
        "Acme",
        "Ada 1",
        "https://acme.example",
        "b3f1c2d4",
        "\u{410}cme",
        "https://10.0.0.1",
    ])
}

fn choice() -> impl Strategy<Value = Choice> {
    prop_oneof![3 => Just(Choice::Yes), 2 => Just(Choice::No), 1 => Just(Choice::Abstain)]
}

fn track() -> impl Strategy<Value = TrackName> {
    prop_oneof![Just(TrackName::Routine), Just(TrackName::Expedited)]
}

pub fn action() -> impl Strategy<Value = Action> {
    let proposal =
        (1..6u8, track(), prop::option::of(0..6u64), prop::option::of(0..5u64), 1..4u8, prop::bool::weighted(0.2));
    let account = || (0..ACCOUNTS).prop_map(|index| who(index).account());
    prop_oneof![
        2 => (account(), amount()).prop_map(|(to, amount)| Action::Ask(transfer(to, amount))),
        1 => (said(), said()).prop_map(|(name, link)| Action::Ask(describe(name, link))),
        1 => amount().prop_map(|amount| Action::Ask(bond(amount))),
        3 => (account(), amount()).prop_map(|(to, amount)| Action::Ask(delegate(to, amount))),
        2 => (account(), amount()).prop_map(|(from, amount)| Action::Ask(unbond(from, amount))),
        1 => (0..ACCOUNTS).prop_map(Action::UnbondAll),
        4 => proposal.prop_map(|(hash, track, window, delay, signers, sealed)| {
            Action::Propose { hash, track, window, delay, signers, sealed }
        }),
        9 => (0..4u64, choice(), prop::option::of(".{0,12}"))
            .prop_map(|(back, choice, reason)| Action::Vote { back, choice, reason }),
        2 => (0..4u64).prop_map(|back| Action::Withdraw { back }),
        2 => hash().prop_map(|hash| Action::Ask(install(build(hash)))),
        2 => (0..4u64).prop_map(|back| Action::Hold { back }),
        1 => hash().prop_map(|hash| Action::Ask(attest_rebuild(build(hash), None, None))),
        1 => (1..6u8, prop::sample::select(vec![1, 1, 1, 2])).prop_map(|(hash, salt)| Action::Reveal { hash, salt }),
        1 => (hash(), stage()).prop_map(|(hash, stage)| Action::Ask(report(build(hash), stage))),
        1 => hash().prop_map(|hash| {
            Action::Ask(advertise(Advertisement { build: build(hash), ..examples::advertisement() }))
        }),
        9 => (subject(), prop_oneof![1 => track(), 4 => Just(TrackName::Expedited)], prop::option::of(0..3u64), prop::option::of(0..3u64))
            .prop_map(|(subject, track, window, delay)| Action::ProposeMotion { subject, track, window, delay }),
        1 => (0..5u8, 1..3u64)
            .prop_map(|(index, version)| Action::Ask(leave_roster(&small_network(), index, version))),
        1 => (0..5usize, 0..4u64).prop_map(|(liar, back)| Action::Evidence(liar, back)),
        1 => Just(Action::Ask(unjail())),
        1 => (0..1_100_000u32).prop_map(|millionths| Action::Ask(set_commission(millionths))),
        1 => amount().prop_map(|amount| Action::Ask(fund(amount))),
        1 => prop::sample::select(examples::calls()).prop_map(Action::Ask),
    ]
}

/// What everybody does at once, without which no high bar is ever reached: votes for a proposal and mostly holds what it asks
/// for, or installs a build.
pub fn concerted() -> impl Strategy<Value = Vec<(usize, Action)>> {
    let yes = |(back, holds): (u64, bool)| {
        let vote = Action::Vote { back, choice: Choice::Yes, reason: None };
        std::iter::once(vote).chain(holds.then_some(Action::Hold { back })).collect::<Vec<_>>()
    };
    let some = prop_oneof![
        6 => (0..2u64, prop::bool::weighted(0.9)).prop_map(yes),
        1 => hash().prop_map(|hash| vec![Action::Ask(install(build(hash)))]),
        2 => Just(vec![Action::InstallLatest]),
    ];
    some.prop_map(|actions| {
        let by = |index: usize| actions.iter().map(move |action| (index, action.clone()));
        (0..ACCOUNTS).flat_map(by).collect()
    })
}

/// A proposal that is seen through, without which few are carried out: everybody installs what is newest, somebody proposes,
/// everybody votes for it and holds what it asks for, what was sealed is opened, and nobody asks for anything while it is due.
pub fn seen_through(proposal: impl Strategy<Value = Action>) -> impl Strategy<Value = Vec<Vec<(usize, Action)>>> {
    let everybody = |action: &Action| (0..ACCOUNTS).map(|index| (index, action.clone())).collect::<Vec<_>>();
    (0..4usize, proposal, 0..12usize).prop_map(move |(by, proposal, quiet)| {
        let opened = match &proposal {
            Action::Propose { hash, sealed: true, .. } => vec![(by, Action::Reveal { hash: *hash, salt: 1 })],
            _ => Vec::new(),
        };
        let yes = Action::Vote { back: 0, choice: Choice::Yes, reason: None };
        let votes = [everybody(&yes), everybody(&Action::Hold { back: 0 })].concat();
        let mut blocks = vec![everybody(&Action::InstallLatest), vec![(by, proposal)], votes, opened];
        blocks.extend(vec![Vec::new(); quiet]);
        blocks
    })
}

/// What a proposal asks for: a release, or something about those there are.
pub fn proposal() -> impl Strategy<Value = Action> {
    let sealed = prop::bool::weighted(0.3);
    let release = (1..6u8, sealed).prop_map(|(hash, sealed)| Action::Propose {
        hash,
        track: TrackName::Routine,
        window: None,
        delay: None,
        signers: 2,
        sealed,
    });
    let motion = (subject(), prop::option::of(0..3u64)).prop_map(|(subject, delay)| Action::ProposeMotion {
        subject,
        track: TrackName::Expedited,
        window: None,
        delay,
    });
    prop_oneof![1 => release, 1 => motion]
}

/// What closes places to others: proposals with the longest window, withdrawals, few votes, and validators that come and go.
pub fn flood() -> impl Strategy<Value = Vec<Vec<(usize, Action)>>> {
    let propose = (1..6u8, track()).prop_map(|(hash, track)| {
        let (window, delay, signers, sealed) = (Some(4), None, 2, false);
        Action::Propose { hash, track, window, delay, signers, sealed }
    });
    let action = prop_oneof![
        8 => propose,
        2 => (0..8u64).prop_map(|back| Action::Withdraw { back }),
        2 => (0..8u64, choice()).prop_map(|(back, choice)| Action::Vote { back, choice, reason: None }),
        1 => (0..ACCOUNTS).prop_map(Action::UnbondAll),
        1 => (0..4usize).prop_map(|to| Action::Ask(delegate(who(to).account(), 500_000))),
    ];
    prop::collection::vec(prop::collection::vec((0..ACCOUNTS, action), 1..9), 1..25)
}

/// A salt for each build, and others that open nothing.
fn salted(hash: u8, salt: u8) -> Digest {
    Digest([hash.wrapping_mul(16).wrapping_add(salt); 32])
}

/// Of every second build something is said, which as many have signed as the build.
fn release(network: &Network, proposer: AccountId, hash: u8, signers: u8, sealed: bool) -> ReleaseVote {
    let mut vote = release_vote(&network.genesis, build(hash), signers);
    if sealed {
        let secret = secret(&network.genesis, vote.build_hash);
        vote.sealed = Some(secret.seal(&proposer, &vote.build_hash, &salted(hash, 1)));
    } else if hash.is_multiple_of(2) {
        let (version, by) = (Text::new(format!("1.{hash}.0")), (0..signers).collect::<Vec<_>>());
        vote = described(&network.genesis, vote, Manifest { version, ..Manifest::default() }, &by);
    }
    vote
}

/// The build that a proposal is named after; genesis' where it names none.
fn asked_for(network: &Network, id: u64) -> BuildHash {
    let proposal = governance::queries::find::<Motion>(&network.state(), ProposalId(id));
    let builds = proposal.map(|proposal| builds_of(&proposal.motion)).unwrap_or_default();
    builds.first().copied().unwrap_or(build(0xaa))
}

/// Who last proposed a build under a seal; `otherwise` where nobody did.
fn sealer(network: &Network, otherwise: AccountId, build: BuildHash) -> AccountId {
    let state = network.state();
    let seals = |proposal: &governance::Proposal<Motion>| {
        let Motion::Releases(releases::Motion::Approve(vote)) = &proposal.motion else { return false };
        vote.build_hash == build && vote.sealed.is_some()
    };
    let last = governance::queries::proposals::<Motion>(&state).filter(seals).last();
    last.map_or(otherwise, |proposal| proposal.proposer)
}

/// The first height of an epoch that was so many ago.
pub fn first_height(network: &Network, back: u64) -> Height {
    network.epoch().minus(back).first_height(network.genesis.chain.epoch_length)
}

impl Action {
    /// The call of an account; proposals are counted back from the latest, so that most of what is asked makes sense.
    pub fn call(&self, network: &Network, asking: AccountId) -> Call {
        let latest = governance::queries::latest(&network.state()).0;
        let deadline = |window: Option<u64>| window.map(|window| network.epoch().plus(window));
        match self {
            Action::Ask(call) => call.clone(),
            Action::UnbondAll(from) => {
                let validator = who(*from).account();
                unbond(validator, staking::queries::bonded(&network.state(), &validator, &validator).0)
            }
            Action::Propose { hash, track, window, delay, signers, sealed } => {
                let motion = approve(release(network, asking, *hash, *signers, *sealed));
                propose_for(*track, motion, deadline(*window), *delay)
            }
            Action::Vote { back, choice, reason } => vote(latest.saturating_sub(*back), *choice, reason.as_deref()),
            Action::Withdraw { back } => withdraw(latest.saturating_sub(*back)),
            Action::InstallLatest => {
                let latest = releases::queries::active(&network.state()).last().copied();
                install(latest.unwrap_or(build(0xaa)))
            }
            Action::Hold { back } => hold(asked_for(network, latest.saturating_sub(*back))),
            Action::Reveal { hash, salt } => {
                let sealed = build(*hash);
                let secret = secret(&network.genesis, sealed);
                reveal(sealed, sealer(network, asking, sealed), secret, salted(*hash, *salt))
            }
            Action::ProposeMotion { subject, track, window, delay } => {
                propose_for(*track, subject.motion(network, latest), deadline(*window), *delay)
            }
            Action::Evidence(liar, back) => {
                let height = first_height(network, *back);
                evidence(double_vote(&network.genesis.chain.chain_id, &who(*liar), height))
            }
        }
    }
}
