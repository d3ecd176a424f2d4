//! The life of a release: one block an epoch, each block one of the things that matter to it.

use crate::network::*;
use governance::{Choice, Status};
use primitives::{AccountId, Amount, BuildHash, Height, ProposalId, SecretKey};
use releases::Standing;
use releases::queries::{Verdict, verdict_now};
use runtime::testing::{genesis, held_by, release_vote, signer, validator};
use runtime::{Call, Context, Genesis, Lane, Motion, Payload, execute, testing};
use state::{Memory, State};
use stateright::{Checker, Model, Property};
use std::hash::{Hash, Hasher};

const FIRST: BuildHash = BuildHash([0xaa; 32]);
const NEW: BuildHash = BuildHash([1; 32]);
/// Blocks, and so epochs, that are looked at.
const DEPTH: u64 = 8;
/// Proposals on one way through it.
const PROPOSALS: u64 = 2;

/// Two validators of equal stake, whose every block is an epoch of its own, and whose notice is one epoch.
struct SmallWorld {
    genesis: Genesis,
}

/// A moment of it. Balances and nonces do not count for what it is: everybody can always pay.
#[derive(Clone)]
struct Moment {
    memory: Memory,
    height: u64,
}

impl Moment {
    fn counts(&self) -> impl Iterator<Item = (&Vec<u8>, &Vec<u8>)> {
        self.memory.0.iter().filter(|(key, _)| !key.starts_with(b"accounts/"))
    }

    fn state(&self) -> State<'_> {
        State::over(&self.memory)
    }

    fn epoch(&self) -> primitives::Epoch {
        Height(self.height).epoch(1)
    }

    fn verdict(&self, hash: BuildHash) -> Verdict {
        verdict_now(&self.state(), &hash, self.epoch())
    }

    /// Every proposal with its status.
    fn proposals(&self) -> Vec<(governance::Proposal<Motion>, Status)> {
        let state = self.state();
        let all = governance::queries::proposals::<Motion>(&state);
        let with_status = |proposal: governance::Proposal<Motion>| {
            let status = governance::queries::poll(&state, proposal.id).status;
            (proposal, status)
        };
        all.map(with_status).collect()
    }
}

impl PartialEq for Moment {
    fn eq(&self, other: &Self) -> bool {
        self.height == other.height && self.counts().eq(other.counts())
    }
}

impl Hash for Moment {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.height.hash(hasher);
        self.counts().for_each(|row| row.hash(hasher));
    }
}

impl std::fmt::Debug for Moment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "height {}: {:?} {:?}", self.height, self.verdict(FIRST), self.verdict(NEW))
    }
}

/// What one block holds.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Act {
    Nothing,
    /// The new build is proposed, and all or none vote for it and hold it.
    Approve {
        votes: bool,
    },
    /// The new build is proposed and voted for, and nobody holds it.
    Withhold,
    Revoke(BuildHash),
    RaiseMinimum,
    /// Everything that is live is to be stopped.
    CancelFirst,
    /// A signer of the new build takes its key back.
    Leave,
    /// A key is replaced by another, with the approvals it needs.
    Rotate,
    /// Both validators run a build.
    Install(BuildHash),
}

const ACTS: [Act; 12] = [
    Act::Nothing,
    Act::Approve { votes: true },
    Act::Approve { votes: false },
    Act::Withhold,
    Act::Revoke(FIRST),
    Act::Revoke(NEW),
    Act::RaiseMinimum,
    Act::CancelFirst,
    Act::Leave,
    Act::Rotate,
    Act::Install(NEW),
    Act::Install(FIRST),
];

impl SmallWorld {
    fn new() -> Self {
        let mut genesis = genesis();
        genesis.chain.epoch_length = 1;
        genesis.staking.params.max_validators = 2;
        genesis.releases.params.notice_epochs = 1;
        genesis.staking.bonds.truncate(2);
        Self { genesis }
    }

    /// The calls of a block: who asks for what.
    fn calls(&self, at: &Moment, act: Act) -> Vec<(SecretKey, Call)> {
        let next = latest(at).next().0;
        let carried = |call: Call| {
            let yes = |index| (validator(index), vote(next, Choice::Yes, None));
            vec![(validator(0), call), yes(0), yes(1)]
        };
        let both = |call: &dyn Fn() -> Call| vec![(validator(0), call()), (validator(1), call())];
        match act {
            Act::Nothing => Vec::new(),
            Act::Approve { votes: true } => [carried(self.approve()), held_by(2, &[NEW])].concat(),
            Act::Approve { votes: false } => vec![(validator(0), self.approve())],
            Act::Withhold => carried(self.approve()),
            Act::Revoke(hash) => carried(propose_expedited(revoke(&[hash]))),
            Act::RaiseMinimum => carried(propose_expedited(raise_minimum(2))),
            Act::CancelFirst => carried(propose_expedited(cancel(1))),
            Act::Leave => vec![(validator(0), leave_roster(&self.genesis, 0, 1))],
            Act::Rotate => {
                let motion = set_roster(&self.genesis, roster(2, &[1, 2, 3], 2), &[1, 2]);
                carried(testing::propose_on(governance::TrackName::Routine, motion))
            }
            Act::Install(hash) => both(&|| install(hash)),
        }
    }

    fn approve(&self) -> Call {
        let motion = approve(release_vote(&self.genesis, NEW, 2));
        // Long enough to be stopped.
        propose_for(governance::TrackName::Routine, motion, None, Some(2))
    }

    fn context(&self, height: u64) -> Context {
        testing::context(&self.genesis, height)
    }

    fn sign(&self, at: &Moment, calls: &[(SecretKey, Call)]) -> Vec<runtime::Transaction> {
        let mut sent: Vec<AccountId> = Vec::new();
        let sign = |(key, call): &(SecretKey, Call)| {
            let account = key.account();
            let before = sent.iter().filter(|other| **other == account).count() as u64;
            sent.push(account);
            let nonce = accounts::queries::account(&at.state(), &account).nonce + before;
            let (chain_id, fee) = (self.genesis.chain.chain_id.clone(), self.genesis.accounts.fees.base);
            let expires_at = Height(at.height + 5);
            Payload { chain_id, account, lane: Lane::Wallet, nonce, expires_at, fee, call: call.clone() }.sign(key)
        };
        calls.iter().map(sign).collect()
    }
}

impl Model for SmallWorld {
    type State = Moment;
    type Action = Act;

    fn init_states(&self) -> Vec<Moment> {
        vec![Moment { memory: self.genesis.build(), height: 0 }]
    }

    fn actions(&self, at: &Moment, acts: &mut Vec<Act>) {
        let proposes = |act: &Act| !matches!(act, Act::Nothing | Act::Leave | Act::Install(_));
        let running = releases::queries::running(&at.state(), &validator(0).account());
        let again = |act: &Act| matches!(act, Act::Install(hash) if running == Some(*hash));
        acts.extend(ACTS.into_iter().filter(|act| !again(act) && (!proposes(act) || latest(at).0 < PROPOSALS)));
    }

    fn next_state(&self, before: &Moment, act: Act) -> Option<Moment> {
        let transactions = self.sign(before, &self.calls(before, act));
        let executed = execute(&before.memory, &self.context(before.height + 1), &transactions).ok()?;
        let mut memory = before.memory.clone();
        memory.commit(executed.writes);
        Some(Moment { memory, height: before.height + 1 })
    }

    fn within_boundary(&self, at: &Moment) -> bool {
        at.height <= DEPTH
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("a build boots only with attestation, stake, holders and activation", |_, at: &Moment| {
                boots_by_right(at)
            }),
            Property::always("nobody is stranded", |world: &Self, at: &Moment| nobody_is_stranded(world, at)),
            Property::always("what passed and is ready is carried out", |_, at: &Moment| the_ready_are_carried_out(at)),
            Property::sometimes("the new build boots", |_, at: &Moment| at.verdict(NEW) == Verdict::Approved),
            Property::sometimes("the old build is revoked", |_, at: &Moment| {
                matches!(at.verdict(FIRST), Verdict::Revoked { .. })
            }),
            Property::sometimes("the new build is revoked, and the old one runs", |_, at: &Moment| {
                matches!(at.verdict(NEW), Verdict::Revoked { .. }) && at.verdict(FIRST) == Verdict::Approved
            }),
            Property::sometimes("the old build is below the minimum", |_, at: &Moment| {
                matches!(at.verdict(FIRST), Verdict::BelowMinimumSequence { .. })
            }),
            Property::sometimes(
                "a release is carried out with the signature of a key that has left",
                |_, at: &Moment| {
                    let (state, key) = (at.state(), signer(0).public());
                    let left = releases::queries::roster_record(&state).departure(&key);
                    let release = releases::queries::release(&state, &NEW);
                    left.zip(release).is_some_and(|(left, release)| {
                        let signed = release.signatures.iter().any(|attestation| attestation.signer == key);
                        signed && left.from_epoch <= release.activated_epoch
                    })
                },
            ),
            Property::sometimes("a release that is wanted and withheld is rejected", |_, at: &Moment| {
                let wanted = |id| governance::queries::poll(&at.state(), id).tally.yes > Amount::ZERO;
                let mut all = at.proposals().into_iter();
                all.any(|(proposal, status)| approves(&proposal) && status == Status::Rejected && wanted(proposal.id))
            }),
            Property::sometimes("of two that approve one build the first is carried out", |_, at: &Moment| {
                let ends: Vec<_> = at.proposals().into_iter().filter(|(proposal, _)| approves(proposal)).collect();
                ends.iter().map(|(_, status)| *status).eq([Status::Activated, Status::Cancelled])
            }),
            Property::sometimes("a passed release is stopped", |_, at: &Moment| {
                at.proposals().iter().any(|(proposal, status)| {
                    matches!(proposal.motion, Motion::Governance(_)) && *status == Status::Activated
                })
            }),
        ]
    }
}

fn latest(at: &Moment) -> ProposalId {
    governance::queries::latest(&at.state())
}

fn approves(proposal: &governance::Proposal<Motion>) -> bool {
    matches!(proposal.motion, Motion::Releases(releases::Motion::Approve(_)))
}

/// The proposal that approved a build.
fn approval_of(state: &State, hash: BuildHash) -> Option<ProposalId> {
    releases::queries::release(state, &hash)?.proposal_id
}

fn boots_by_right(at: &Moment) -> bool {
    if at.verdict(NEW) != Verdict::Approved {
        return true;
    }
    let state = at.state();
    let release = releases::queries::release(&state, &NEW).expect("it boots");
    let id = release.proposal_id.unwrap_or_default();
    let (poll, proposal) = (governance::queries::poll(&state, id), governance::queries::proposal::<Motion>(&state, id));
    let message = NEW.attestation_message();
    let valid =
        release.signatures.iter().filter(|attestation| attestation.signer.verify(&message, &attestation.signature));
    valid.count() >= 2
        && proposal.rules.shortfall(&poll.tally, poll.total).is_none()
        && releases::queries::holds(&state, &NEW, &validator(0).account())
        && poll.status == Status::Activated
        && proposal.activation_epoch <= at.epoch()
}

/// A build that is active runs, or two thirds of the stake said that they run one that does.
fn nobody_is_stranded(world: &SmallWorld, at: &Moment) -> bool {
    let state = at.state();
    let active = |hash: BuildHash| {
        releases::queries::release(&state, &hash).is_some_and(|release| release.standing == Standing::Active)
    };
    let runs = |hash: BuildHash| at.verdict(hash) == Verdict::Approved;
    let validators = world.genesis.validators().validators;
    let running = |member: &staking::Validator| releases::queries::running(&state, &member.account).is_some_and(runs);
    [FIRST, NEW].into_iter().any(|hash| active(hash) && runs(hash)) || validators.iter().all(running)
}

fn the_ready_are_carried_out(at: &Moment) -> bool {
    let all = at.proposals();
    let stopped = |id: ProposalId| {
        all.iter().any(|(proposal, status)| {
            let Motion::Governance(governance::Intervention::Cancel { proposal_id, .. }) = &proposal.motion else {
                return false;
            };
            *proposal_id == id && *status == Status::Activated
        })
    };
    let state = at.state();
    let approved_by_another = |id: ProposalId| approval_of(&state, NEW).is_some_and(|other| other != id);
    all.iter().all(|(proposal, status)| match status {
        Status::Passed => proposal.activation_epoch > at.epoch(),
        // No key that leaves undoes what passed, and no rotation.
        Status::Cancelled if approves(proposal) => stopped(proposal.id) || approved_by_another(proposal.id),
        _ => true,
    })
}

#[test]
fn no_way_through_a_small_network_breaks_the_life_of_a_release() {
    let checker = SmallWorld::new().checker().threads(2).spawn_bfs().join();
    println!("{} states of {} blocks", checker.unique_state_count(), checker.state_count());
    checker.assert_properties();
}
