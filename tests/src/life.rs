//! A chain in memory on which everything happens that can: for whatever folds facts.
//!
//! It runs the real runtime, with certificates that verify; who does what is drawn from a seed.

use governance::{Choice, Intervention, TrackName};
use light::testing::TestChain;
use primitives::{AccountId, Amount, BuildHash, Digest, Epoch, Height, ProposalId, SecretKey, Text};
use rand::rngs::StdRng;
use rand::seq::SliceRandom as _;
use rand::{Rng as _, SeedableRng as _};
use releases::{Advertisement, AttestedTarget, InstallStage, Manifest, Platform, Target};
use runtime::testing::*;
use runtime::{Call, Genesis, Motion, Record};
use staking::GenesisBond;
use state::State;

/// The chain, and the chance that moves it.
pub struct Life {
    /// The chain so far.
    pub chain: TestChain,
    random: StdRng,
    /// The builds that were proposed; hashes are made of their number.
    builds: u8,
}

/// Every so many blocks, each call is asked for as its example has it.
const EXAMPLES_EVERY: u64 = 40;
/// Every so many blocks, somebody else gives itself a name or takes it back.
const DESCRIBED_EVERY: u64 = 5;
/// Every so many blocks, the next validator says what its node runs and knows; sometimes twice in an epoch.
const ADVERTISED_EVERY: u64 = 2;
/// What the third holder delegates, and takes back in the second block, so that it is forgotten while somebody still looks.
const SHORT_LIVED: Amount = Amount(10_000);
/// When it is proven that a validator with a delegator contradicted itself, and when that validator comes back.
const CONTRADICTED_AT: Height = Height(100);
const BACK_AT: Height = Height(112);

/// Short epochs, so that votes end within a few blocks; the holders delegate from the start.
pub fn small_network() -> Genesis {
    let mut genesis = genesis();
    genesis.chain.epoch_length = 3;
    genesis.staking.params.unbonding_epochs = 2;
    genesis.staking.params.penalties.jail_epochs = 1;
    genesis.staking.params.remembered_epochs = 10;
    genesis.governance.params.max_live_proposals = 8;
    for track in [&mut genesis.governance.params.routine, &mut genesis.governance.params.expedited] {
        (track.most_window, track.most_delay) = (6, 4);
    }
    for account in &mut genesis.accounts.balances {
        account.balance = Amount(20_000_000);
    }
    let bonds = [
        (holder(0), validator(0), Amount(300_000)),
        (holder(1), validator(1), Amount(200_000)),
        (holder(2), validator(2), SHORT_LIVED),
    ];
    for (who, to, amount) in bonds {
        genesis.staking.bonds.push(GenesisBond { account: who.account(), validator: to.account(), amount });
    }
    genesis
}

fn text<const MAX: u32>(text: &str) -> Text<MAX> {
    Text::new(text).unwrap_or_default()
}

impl Life {
    /// The life of a small network that a seed gives.
    pub fn new(seed: u64) -> Self {
        Self { chain: TestChain::new(small_network()), random: StdRng::seed_from_u64(seed), builds: 0 }
    }

    /// One more block, of a few calls.
    pub fn block(&mut self) -> Record {
        let everybody: Vec<SecretKey> = (0..4).map(validator).chain((0..3).map(holder)).collect();
        let mut calls: Vec<(SecretKey, Call)> = if self.random.gen_ratio(1, 2) {
            // What everybody does at once, without which no high bar is ever reached.
            let said = match (self.random.gen_ratio(3, 4), self.open()) {
                (true, Some(id)) => [vec![self.vote(id, Choice::Yes)], self.hold(id)].concat(),
                _ => vec![self.install()],
            };
            everybody.iter().flat_map(|who| said.iter().map(move |call| (who.clone(), call.clone()))).collect()
        } else {
            let count = self.random.gen_range(0..4);
            (0..count).map(|_| self.somebody(&everybody)).collect()
        };
        if self.height().0.is_multiple_of(EXAMPLES_EVERY) {
            // What is not drawn above is asked for too.
            calls.extend(examples::calls().into_iter().map(|call| (holder(2), call)));
        }
        let opened = self.random.gen_ratio(1, 6).then(|| self.reveal()).flatten();
        if let Some(opened) = opened {
            calls.push((holder(1), opened));
        }
        if self.random.gen_ratio(1, 12) {
            calls.push(self.withdraw(&everybody));
        }
        if self.height().0.is_multiple_of(DESCRIBED_EVERY) {
            calls.push(self.described(&everybody));
        }
        if self.height().0.is_multiple_of(ADVERTISED_EVERY) {
            calls.push(self.advertised());
        }
        let amended = self.random.gen_ratio(1, 16).then(|| self.amend()).flatten();
        if let Some(amended) = amended {
            calls.push((validator(3), amended));
        }
        if self.height() == Height(1) {
            calls.push((holder(2), unbond(validator(2).account(), SHORT_LIVED.0)));
        }
        if self.height() == CONTRADICTED_AT {
            let offence = double_vote(&self.chain.genesis.chain.chain_id, &validator(1), CONTRADICTED_AT);
            calls.push((holder(0), evidence(offence)));
        }
        if self.height() == Height(2) {
            calls.push((validator(2), set_commission(50_000)));
            calls.push((holder(0), fund(1_000)));
            calls.push((holder(2), collect(validator(2).account())));
        }
        if self.height() == BACK_AT {
            calls.push((validator(1), unjail()));
        }
        self.chain.block(&calls);
        let height = self.chain.height();
        self.chain.record(height).map(|(record, _)| record).unwrap_or_else(|| unreachable!("a block was just made"))
    }

    /// So many more blocks.
    pub fn blocks(&mut self, count: u64) {
        (0..count).for_each(|_| drop(self.block()));
    }

    /// The height so far.
    pub fn height(&self) -> Height {
        self.chain.height()
    }

    /// The state after the newest block.
    pub fn state(&self) -> State<'_> {
        self.chain.state()
    }

    /// The epoch of the newest block.
    pub fn epoch(&self) -> Epoch {
        self.height().epoch(self.chain.genesis.chain.epoch_length)
    }

    fn somebody(&mut self, everybody: &[SecretKey]) -> (SecretKey, Call) {
        let who = everybody.choose(&mut self.random).cloned().unwrap_or_else(|| validator(0));
        let call = match self.random.gen_range(0..20) {
            0..4 => self.propose_release(who.account()),
            4..8 => self.propose_motion(),
            8..11 => {
                let id = self.open().unwrap_or_else(|| self.recent());
                let choice = [Choice::Yes, Choice::No, Choice::Abstain].choose(&mut self.random).copied();
                self.vote(id, choice.unwrap_or(Choice::Yes))
            }
            11..14 => self.install(),
            14 => self.report(),
            15 => attest_rebuild(self.build(), Some(Digest([7; 32])), Some(text("<b>abc</b>"))),
            16 => {
                let secret = self.secret(Self::hash(0), &platform());
                reveal(Self::hash(0), who.account(), secret, Digest([0; 32]))
            }
            17 if self.random.gen_ratio(1, 3) => self.leave(),
            17 => self.stake(&who, everybody),
            18 => self.stake(&who, everybody),
            _ => {
                let amount = if self.random.gen_ratio(1, 3) { u64::MAX } else { 1 };
                transfer(validator(0).account(), amount)
            }
        };
        (who, call)
    }

    /// The hash of the build of a number.
    fn hash(number: u8) -> BuildHash {
        BuildHash([number; 32])
    }

    /// A build that was approved, mostly, and one that was only proposed, sometimes.
    fn build(&mut self) -> BuildHash {
        if self.random.gen_ratio(1, 10) {
            return Self::hash(self.builds);
        }
        let approved: Vec<BuildHash> =
            releases::queries::releases(&self.state()).map(|build| build.build_hash).collect();
        approved.choose(&mut self.random).copied().unwrap_or(BuildHash([0xaa; 32]))
    }

    /// A build that no validator runs, where there is one: of what they run, support does not end.
    fn left(&mut self) -> BuildHash {
        let state = self.chain.state();
        let run: Vec<BuildHash> =
            (0..4).filter_map(|index| releases::queries::running(&state, &validator(index).account())).collect();
        let builds = releases::queries::releases(&state).map(|build| build.build_hash);
        let left: Vec<BuildHash> = builds.filter(|hash| !run.contains(hash)).collect();
        left.choose(&mut self.random).copied().unwrap_or(BuildHash([0xaa; 32]))
    }

    /// A build for which no end is decided, where there is one.
    fn lasting(&mut self) -> BuildHash {
        let state = self.chain.state();
        let builds = releases::queries::releases(&state).map(|build| build.build_hash);
        let lasting: Vec<BuildHash> = builds.filter(|hash| releases::queries::stop(&state, hash).is_none()).collect();
        lasting.choose(&mut self.random).copied().unwrap_or(BuildHash([0xaa; 32]))
    }

    /// A proposal that takes votes; one that is no release before the others, because it needs more of them.
    fn open(&mut self) -> Option<ProposalId> {
        let state = self.chain.state();
        let all = (1..=governance::queries::latest(&state).0).map(ProposalId);
        let is_open = |id: &ProposalId| governance::queries::poll(&state, *id).status == governance::Status::Open;
        let mut open: Vec<ProposalId> = all.filter(is_open).collect();
        let is_release = |id: &ProposalId| {
            let motion = governance::queries::proposal::<Motion>(&state, *id).motion;
            matches!(motion, Motion::Releases(releases::Motion::Approve(_)))
        };
        open.sort_by_key(is_release);
        if self.random.gen_ratio(2, 3) { open.first().copied() } else { open.choose(&mut self.random).copied() }
    }

    /// One after the other says who it is; at some turns only where more stands, or nothing any more.
    fn described(&self, everybody: &[SecretKey]) -> (SecretKey, Call) {
        let turn = self.height().0 / DESCRIBED_EVERY;
        let who = everybody.get(turn as usize % everybody.len().max(1)).cloned();
        let name = if turn.is_multiple_of(4) { String::new() } else { format!("Keeper {turn}") };
        let link = if turn.is_multiple_of(3) { "" } else { "https://keepers.example/?a=1&b=%3C" };
        (who.unwrap_or_else(|| validator(0)), describe(&name, link))
    }

    /// One validator after the other says what its node runs and knows, each for two turns.
    fn advertised(&self) -> (SecretKey, Call) {
        let turn = self.height().0 / ADVERTISED_EVERY;
        let who = validator((turn / 2 % 4) as u8);
        let running = releases::queries::running(&self.state(), &who.account());
        let said = examples::advertisement();
        let advertisement = Advertisement { build: running.unwrap_or(said.build), gates: turn % 128, ..said };
        (who, advertise(advertisement))
    }

    /// By whoever proposed it: mostly the latest that may be taken back, which no expedited motion is once others have voted.
    fn withdraw(&mut self, everybody: &[SecretKey]) -> (SecretKey, Call) {
        let whatever = self.random.gen_ratio(1, 4);
        let state = self.chain.state();
        let may = |proposal: &governance::Proposal<Motion>| {
            let open = governance::queries::poll(&state, proposal.id).status == governance::Status::Open;
            let alone = governance::queries::ballots(&state, proposal.id).next().is_none();
            open && (whatever || alone || proposal.track == TrackName::Routine)
        };
        let proposal = governance::queries::proposals::<Motion>(&state).filter(may).last();
        let of = |key: &&SecretKey| proposal.as_ref().is_some_and(|proposal| proposal.proposer == key.account());
        let who = everybody.iter().find(of).cloned().unwrap_or_else(|| validator(0));
        let id = proposal.as_ref().map(|proposal| proposal.id).unwrap_or_default();
        (who, withdraw(id.0))
    }

    fn recent(&mut self) -> ProposalId {
        let latest = governance::queries::latest(&self.state());
        ProposalId(latest.0.saturating_sub(self.random.gen_range(0..3)))
    }

    fn platform(&mut self) -> Platform {
        let named = ["x86_64-linux", "aarch64-linux"].choose(&mut self.random).and_then(|name| name.parse().ok());
        named.unwrap_or_else(platform)
    }

    fn manifest(&mut self, number: u8) -> Manifest {
        let end = self.random.gen_ratio(1, 4).then(|| self.epoch().plus(4));
        Manifest {
            version: Text::new(format!("1.{number}.0\0")),
            notes: Some(text("<script>alert(1)</script>")),
            end_of_support_epoch: end,
            level: self.random.gen_ratio(1, 4).then_some(runtime::LEVEL),
            ..Manifest::default()
        }
    }

    fn propose_release(&mut self, proposer: AccountId) -> Call {
        // A hash is tried again now and then: beside a live proposal for it, or refused once it is approved.
        let number =
            if self.random.gen_ratio(1, 6) { self.builds.max(1) } else { self.builds.saturating_add(1).min(120) };
        self.builds = self.builds.max(number);
        let (signers, runs_on) = (self.random.gen_range(1..4), self.platform());
        let mut vote = release_vote_for(&self.chain.genesis, Self::hash(number), runs_on, signers);
        let roster = releases::queries::roster(&self.state());
        vote.signer_set = roster.signers.clone();
        vote.signature_threshold = roster.threshold;
        if self.random.gen_ratio(1, 3) {
            let secret = self.secret(vote.build_hash, &vote.platform);
            vote.sealed = Some(secret.seal(&proposer, &vote.build_hash, &Self::salt(vote.build_hash)));
        } else {
            let mut said = self.manifest(number);
            if self.random.gen_ratio(1, 3) {
                let second = BuildHash([number.wrapping_add(121); 32]);
                let platform = "riscv64-linux".parse().unwrap_or_else(|_| platform());
                let signatures = attested(&self.chain.genesis, second, &platform, &[0, 1, 2]);
                let target = Target { build_hash: second, platform, sha256: None, size: Some(9) };
                said.other_targets = primitives::List::truncate_from(vec![AttestedTarget { target, signatures }]);
            }
            let by: Vec<u8> = (0..signers).collect();
            vote = described(&self.chain.genesis, vote, said, &by);
        }
        self.propose(TrackName::Routine, approve(vote))
    }

    /// What is said of a build once it is revealed; all signers there are have signed it.
    fn secret(&self, build_hash: BuildHash, platform: &Platform) -> Manifest {
        let said = Manifest { version: Some(text("9.9.9")), ..Manifest::default() };
        signed_manifest(&self.chain.genesis, (build_hash, platform), said, &[0, 1, 2, 3, 4])
    }

    /// To say something else about a release than was said when it was approved, signed by all that sign now.
    fn amend(&mut self) -> Option<Call> {
        let hash = self.build();
        let motion = {
            let state = self.chain.state();
            let sequence = releases::queries::release(&state, &hash)?.sequence;
            let listed = (1..=releases::queries::listed_count(&state, None)).rev();
            let listed = listed.filter_map(|number| releases::queries::listed(&state, None, number));
            let latest_first = listed.filter_map(|hash| releases::queries::release(&state, &hash));
            let mut builds = latest_first.filter(|build| build.sequence == sequence);
            let first = builds.next()?;
            let others = builds.map(|build| AttestedTarget { target: build.target, signatures: Default::default() });
            let said = Manifest {
                version: Text::new(format!("1.{}.1", first.sequence)),
                notes: Some(text("It was another <commit>.")),
                other_targets: primitives::List::truncate_from(others.collect()),
                end_of_support_epoch: first.manifest.end_of_support_epoch,
                level: first.manifest.level,
                ..Manifest::default()
            };
            let roster = releases::queries::roster(&state);
            let by: Vec<u8> = (0..5).filter(|index| roster.signers.contains(&signer(*index).public())).collect();
            amend(&self.chain.genesis, &first, said, &by)
        };
        Some(self.propose(TrackName::Routine, motion))
    }

    fn propose(&mut self, track: TrackName, motion: Motion) -> Call {
        let deadline = self.random.gen_ratio(1, 3).then(|| self.epoch().plus(2));
        propose_for(track, motion, deadline, None)
    }

    fn propose_motion(&mut self) -> Call {
        let reason = || examples::reason("because of \"this\" & \0that");
        let motion = match self.random.gen_range(0..8) {
            0 | 1 => {
                let build_hashes = primitives::List::truncate_from(vec![self.build()]);
                Motion::Releases(releases::Motion::Revoke { build_hashes, reason: reason() })
            }
            2 => {
                let latest = releases::queries::latest_sequence(&self.state());
                let minimum = latest.saturating_sub(self.random.gen_range(0..3)).max(2);
                Motion::Releases(releases::Motion::RaiseMinimumSequence { minimum, reason: reason() })
            }
            3 | 4 => {
                let left = self.left();
                end_support(left, self.epoch().plus(self.random.gen_range(4..12)))
            }
            5 | 6 => {
                let keys: Vec<u8> = (0..5).filter(|_| self.random.gen_ratio(4, 5)).collect();
                let version = releases::queries::roster(&self.state()).version + 1;
                let next = roster(version, &keys, self.random.gen_range(1..3));
                set_roster(&self.chain.genesis, next, &[0, 1, 2, 3, 4])
            }
            _ => {
                let proposal_id = self.recent();
                Motion::Governance(Intervention::Cancel { proposal_id, reason: examples::reason("no") })
            }
        };
        self.propose(TrackName::Expedited, motion)
    }

    fn vote(&mut self, proposal_id: ProposalId, choice: Choice) -> Call {
        let reason = self.random.gen_ratio(1, 2).then_some("<img src=x onerror=alert(1)> \u{202e}abc\0");
        vote(proposal_id.0, choice, reason)
    }

    /// What makes a release that a proposal asks for available.
    fn hold(&self, id: ProposalId) -> Vec<Call> {
        match governance::queries::proposal::<Motion>(&self.state(), id).motion {
            Motion::Releases(releases::Motion::Approve(vote)) => {
                vote.targets().map(|target| hold(target.build_hash)).collect()
            }
            _ => Vec::new(),
        }
    }

    fn install(&mut self) -> Call {
        install(if self.random.gen_ratio(1, 2) { self.lasting() } else { self.build() })
    }

    fn report(&mut self) -> Call {
        let stages = [
            InstallStage::Held,
            InstallStage::Staged,
            InstallStage::Healthy,
            InstallStage::RolledBack { reason: text("it did not come up") },
            InstallStage::Unusable { reason: text("<wrong\0platform>") },
            InstallStage::BootedUnsafely { reason: text("E_UPDATER_HASH: <another supervisor>") },
        ];
        let stage = stages.choose(&mut self.random).cloned().unwrap_or_default();
        report(self.build(), stage)
    }

    /// What a build is sealed with.
    fn salt(build_hash: BuildHash) -> Digest {
        Digest(build_hash.0)
    }

    /// Opens a sealed proposal that lives.
    fn reveal(&self) -> Option<Call> {
        let state = self.state();
        let sealed = |proposal: governance::Proposal<Motion>| match proposal.motion {
            Motion::Releases(releases::Motion::Approve(vote)) if vote.sealed.is_some() => {
                let status = governance::queries::poll(&state, proposal.id).status;
                matches!(status, governance::Status::Open | governance::Status::Passed).then_some((
                    vote.build_hash,
                    vote.platform,
                    proposal.proposer,
                ))
            }
            _ => None,
        };
        let (build_hash, platform, proposer) = governance::queries::proposals::<Motion>(&state).find_map(sealed)?;
        Some(reveal(build_hash, proposer, self.secret(build_hash, &platform), Self::salt(build_hash)))
    }

    fn leave(&mut self) -> Call {
        let index = self.random.gen_range(0..5);
        leave_roster(&self.chain.genesis, index, releases::queries::roster(&self.state()).version)
    }

    fn stake(&mut self, who: &SecretKey, everybody: &[SecretKey]) -> Call {
        let to = everybody.choose(&mut self.random).unwrap_or(&everybody[0]).account();
        let amount = self.random.gen_range(0..50_000);
        match self.random.gen_range(0..3) {
            0 => bond(amount),
            1 => delegate(to, amount),
            _ => unbond(if self.random.gen_ratio(2, 3) { who.account() } else { to }, amount),
        }
    }
}
