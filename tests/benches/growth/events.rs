//! What a state is grown by: events as the chain decides them, of accounts, nodes, voters and builds that are made up.

use governance::{Ballot, Choice, Tally};
use primitives::{AccountId, Amount, BuildHash, Digest, List, Moment, ProposalId};
use releases::{
    ApprovedRelease, InstallStage, Receipt, ReleaseVote, StageNodes, StageReport, Standing, Superseded, Target,
};
use runtime::{Event, Genesis, testing};

/// What there is so many of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GrownKind {
    /// Accounts with tokens.
    Accounts,
    /// Nodes that installed the build of genesis, each with its receipt.
    Receipts,
    /// Ballots on the one open proposal.
    Ballots,
    /// Releases, each of which takes the place of the one before.
    Releases,
}

impl GrownKind {
    /// In the order in which they come.
    pub const ALL: [Self; 4] = [Self::Accounts, Self::Receipts, Self::Ballots, Self::Releases];
}

/// Makes events.
pub struct GrownEvents {
    at: Moment,
    vote: ReleaseVote,
}

impl GrownEvents {
    /// Those that happen at a moment.
    pub fn at(at: Moment, genesis: &Genesis) -> Self {
        Self { at, vote: testing::release_vote(genesis, build(0), 3) }
    }

    /// The event of a number, from 1.
    pub fn of(&self, kind: GrownKind, number: u64) -> Event {
        match kind {
            GrownKind::Accounts => {
                Event::Accounts(accounts::Event::Endowed { account: account(number), amount: Amount(1_000) })
            }
            GrownKind::Receipts => Event::Releases(self.installed(number)),
            GrownKind::Ballots => Event::Governance(self.voted(number)),
            GrownKind::Releases => Event::Releases(releases::Event::Approved {
                builds: vec![self.release(number)],
                superseded: vec![Superseded { build_hash: build(number - 1), by: build(number) }],
                applied_threshold: 2,
            }),
        }
    }

    fn installed(&self, number: u64) -> releases::Event {
        let (at, stage) = (self.at.position(), InstallStage::Booted);
        let in_epoch = List::truncate_from(vec![stage.name()]);
        releases::Event::Installed {
            build_hash: build(0),
            node: account(number),
            receipt: Receipt { first: at, last: at, count: 1 },
            report: StageReport { number, stage, at, in_epoch },
            nodes: StageNodes { booted: number, ..StageNodes::default() },
        }
    }

    /// Each counts for one token, so that all together are less than the stake.
    fn voted(&self, number: u64) -> governance::Event<runtime::Motion> {
        let ballot = Ballot {
            proposal_id: ProposalId(1),
            voter: account(number),
            number,
            choice: Choice::Yes,
            weight: Amount(1),
            represented: Amount::ZERO,
            reason: None,
            received_at: self.at.time,
        };
        let tally = Tally { yes: Amount(number), ..Tally::default() };
        governance::Event::Voted { ballot, tally, overridden: Vec::new(), decides: false }
    }

    /// The release of a number, from 1; that of genesis came before.
    fn release(&self, number: u64) -> ApprovedRelease {
        let (vote, build_hash) = (&self.vote, build(number));
        ApprovedRelease {
            build_hash,
            proposal_id: None,
            proposer: Some(testing::validator(0).account()),
            activated_epoch: self.at.epoch,
            activated: Some(self.at.position()),
            sequence: number + 1,
            level: 1,
            standing: Standing::Active,
            target: Target { build_hash, ..vote.first_target() },
            manifest: vote.manifest.brief(),
            signatures: vote.signatures.clone(),
            signature_threshold: vote.signature_threshold,
            signer_set: vote.signer_set.clone(),
            long_parts: vote.manifest.long_parts(build_hash, &vote.platform),
            support_end: None,
            amended: None,
        }
    }
}

/// An account that nobody has the key of.
pub fn account(number: u64) -> AccountId {
    AccountId(Digest::blake3(&number.to_be_bytes()).0)
}

/// A build; 0 is the one that genesis approves.
pub fn build(number: u64) -> BuildHash {
    match number {
        0 => BuildHash([0xaa; 32]),
        number => BuildHash(Digest::blake3(&[&b"build"[..], &number.to_be_bytes()].concat()).0),
    }
}
