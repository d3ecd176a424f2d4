//! One example of each chain type.
#![expect(missing_docs, reason = "each is an example of the type that it gives")]

use crate::{Motion, testing};
use primitives::*;
use releases::{Amended, ApprovedRelease, AttestedTarget, Manifest, ReleaseAttestation, ReleaseVote, SignedRoot};
use releases::{Standing, Target};

pub const HASH: BuildHash = BuildHash([0xb1; 32]);
pub const KEY: PublicKey = PublicKey([0xc2; 32]);
pub const WHO: AccountId = AccountId([0xa1; 32]);
pub const VALIDATOR: AccountId = AccountId([0xa2; 32]);
pub const ID: ProposalId = ProposalId(7);
pub const TEN: Amount = Amount(10);
pub const SIXTEEN: Amount = Amount(1 << 40);
pub const AT: Moment = Moment {
    height: Height(1_000),
    epoch: Epoch(100),
    time: Timestamp(1_700_000_001_000),
    running: 1_000_000,
    level: 1,
};

pub fn position() -> ChainPosition {
    AT.position()
}

pub fn running() -> crate::Running {
    crate::Running { ms: AT.running, time: AT.time }
}

pub fn digest() -> Digest {
    Digest([0xd3; 32])
}

pub fn signature() -> Signature {
    Signature([0x5e; 64])
}

pub fn text<const MAX: u32>(text: &str) -> Text<MAX> {
    Text::new(text).unwrap_or_else(|| state::corrupt("an example is too long"))
}

pub fn reason(text: &str) -> Reason {
    Reason::new(text).unwrap_or_else(|| state::corrupt("an example gives no reason"))
}

pub fn named(text: &str) -> Name {
    Name::new(text).unwrap_or_else(|| state::corrupt("an example is no name"))
}

pub fn role_key() -> roles::RoleKey {
    roles::RoleKey { plan: named("pos"), role: named("TENANT_OWNER") }
}

pub fn role() -> roles::Role {
    let grant = |action, scope| roles::Grant { action: named(action), scope };
    let grants = [grant("set.submit", ScopePattern::everywhere()), grant("hold", scope())];
    roles::Role { grants: List::truncate_from(grants.into()), least_members: 1 }
}

pub fn role_head() -> roles::RoleHead {
    roles::RoleHead { version: 2, count: 1, places: roles::MOST_VOTERS }
}

pub fn scope() -> ScopePattern {
    "*/t1/**".parse().unwrap_or_default()
}

pub fn seat() -> roles::Seat {
    roles::Seat { account: WHO, scopes: List::truncate_from(vec![scope()]) }
}

pub fn member() -> roles::Member {
    roles::Member { scopes: seat().scopes, joined: 2 }
}

pub fn actor() -> roles::Actor {
    roles::Actor { account: VALIDATOR, role: named("APPLICATION_OWNER") }
}

pub fn target() -> Target {
    Target { build_hash: HASH, platform: testing::platform(), sha256: Some(digest()), size: Some(60_000_000) }
}

pub fn attestations() -> List<ReleaseAttestation, 32> {
    List::truncate_from(vec![ReleaseAttestation { signer: KEY, signature: signature() }])
}

pub fn manifest() -> Manifest {
    Manifest {
        version: Some(text("1.4.0")),
        class: releases::ReleaseClass::Hotfix,
        severity: releases::Severity::Critical,
        sha256: Some(digest()),
        size: Some(60_000_000),
        other_targets: List::truncate_from(vec![AttestedTarget { target: target(), signatures: attestations() }]),
        source_commit: Some(text("0123abcd")),
        source_hash: Some(digest()),
        vendor_tree_hash: Some(digest()),
        dependency_snapshot_hash: Some(digest()),
        sbom_hash: Some(digest()),
        provenance_hash: Some(digest()),
        components: components(),
        level: Some(1),
        updater_hash: Some(BuildHash([0xb2; 32])),
        end_of_support_epoch: Some(Epoch(900)),
        notes: Some(text("fixes é")),
        signed_root: Some(SignedRoot { root: digest(), signatures: attestations() }),
    }
}

pub fn amended() -> Amended {
    Amended { proposal_id: ID, at: position(), signature_threshold: 2, signer_set: List::truncate_from(vec![KEY]) }
}

pub fn components() -> releases::Components {
    let (runtime, transport) = (Some(text("tokio")), Some(text("libp2p")));
    releases::Components { runtime, transport, storage: Some(text("rocksdb")) }
}

pub fn release_vote() -> ReleaseVote {
    ReleaseVote {
        build_hash: HASH,
        platform: testing::platform(),
        signatures: attestations(),
        signature_threshold: 2,
        signer_set: List::truncate_from(vec![KEY]),
        manifest: manifest(),
        sealed: None,
    }
}

/// Over [`manifest`], as the proposer of [`proposal`] makes it.
pub fn seal() -> Digest {
    manifest().seal(&WHO, &HASH, &digest())
}

pub fn sealed_vote() -> ReleaseVote {
    ReleaseVote { manifest: Manifest::default(), sealed: Some(seal()), ..release_vote() }
}

pub fn motion() -> Motion {
    testing::approve(release_vote())
}

pub fn roster_record() -> releases::RosterRecord {
    let roster = releases::Roster { version: 2, signers: List::truncate_from(vec![KEY]), threshold: 1 };
    let left = List::truncate_from(vec![departure()]);
    releases::RosterRecord { roster, since: Some(position()), cause: releases::RosterCause::Proposal(ID), left }
}

pub fn departure() -> releases::Departure {
    releases::Departure { signer: KEY, from_epoch: Epoch(103) }
}

pub fn levels() -> releases::Levels {
    releases::Levels::from_genesis(1).raised(Epoch(100), Epoch(102), 2)
}

pub fn minimum_sequence() -> releases::MinimumSequence {
    releases::MinimumStep { sequence: 3, effective_epoch: Epoch(102) }.into()
}

pub fn approved(standing: Standing) -> ApprovedRelease {
    ApprovedRelease {
        build_hash: HASH,
        proposal_id: Some(ID),
        proposer: Some(WHO),
        activated_epoch: Epoch(100),
        activated: Some(position()),
        sequence: 3,
        level: 1,
        standing,
        target: target(),
        manifest: manifest(),
        signatures: attestations(),
        signature_threshold: 2,
        signer_set: List::truncate_from(vec![KEY]),
        long_parts: manifest().long_parts(HASH, &testing::platform()),
        support_end: Some(Epoch(800)),
        amended: Some(amended()),
    }
}

/// One of each standing.
pub fn standings() -> [Standing; 3] {
    let revoked = Standing::Revoked { reason: reason("leaks keys"), effective_epoch: Epoch(102) };
    [Standing::Active, Standing::Superseded { by: HASH, end_of_support_epoch: Some(Epoch(900)) }, revoked]
}

pub fn receipt() -> releases::Receipt {
    releases::Receipt { first: position(), last: position(), count: 2 }
}

/// One of each stage.
pub fn stages() -> Vec<releases::InstallStage> {
    use releases::InstallStage::*;
    let reason = text("no block in 60 s");
    vec![
        Staged,
        Booted,
        Healthy,
        RolledBack { reason: reason.clone() },
        Unusable { reason: reason.clone() },
        BootedUnsafely { reason },
        Held,
    ]
}

pub fn held_power() -> releases::HeldPower {
    releases::HeldPower { proposal_id: ID, power: TEN, total: SIXTEEN }
}

pub fn rebuild() -> releases::Rebuild {
    releases::Rebuild { number: 2, at: position(), source_hash: Some(digest()), source_commit: Some(text("0123abcd")) }
}

pub fn stage_report() -> releases::StageReport {
    let booted = releases::StageReport::after(None, 5, releases::InstallStage::Booted, position());
    releases::StageReport::after(Some(booted), 5, stages().remove(3), position())
}

pub fn stage_nodes() -> releases::StageNodes {
    releases::StageNodes { held: 6, staged: 1, booted: 2, healthy: 30, rolled_back: 4, unusable: 0 }
}

pub fn installs() -> releases::Installs {
    releases::Installs { count: 300, latest: List::truncate_from(vec![AT.time, AT.time]) }
}

pub fn track_rules() -> governance::TrackRules {
    testing::genesis().governance.params.expedited.rules()
}

pub fn electorate() -> governance::Electorate {
    governance::Electorate::Stake { epoch: Epoch(90), total: SIXTEEN }
}

pub fn tally() -> governance::Tally {
    governance::Tally { yes: Amount(3), no: Amount(2), abstain: Amount(1) }
}

pub fn poll() -> governance::Poll {
    let status = governance::Status::Passed;
    governance::Poll {
        status,
        electorate: electorate(),
        place: governance::Place::Own,
        vote_deadline_epoch: Epoch(95),
        activation_epoch: Epoch(97),
        closes_at: None,
        rules: track_rules(),
        ballots: 3,
        tally: tally(),
        total: SIXTEEN,
        queued: None,
    }
}

/// Who votes on what the chain asks of members.
pub fn council() -> governance::Electorate {
    governance::Electorate::Members { key: role_key(), version: 3 }
}

/// A motion that the chain has put to members.
pub fn asked_of_members() -> governance::Proposal<Motion> {
    let (quorum, support) = (Fraction::NOTHING, Fraction::TWO_THIRDS);
    governance::Proposal {
        track: governance::TrackName::Council,
        rules: governance::TrackRules { quorum, support, deposit: Amount::ZERO },
        place: governance::Place::Chain,
        electorate: council(),
        vote_deadline_epoch: Epoch::MAX,
        activation_epoch: Epoch::MAX,
        closes_at: Some(governance::Closing::after(AT, Span::hours(24))),
        ..proposal()
    }
}

pub fn deposit() -> governance::Deposit {
    governance::Deposit { account: WHO, amount: TEN }
}

pub fn proposal() -> governance::Proposal<Motion> {
    governance::Proposal {
        id: ID,
        motion: motion(),
        proposer: WHO,
        track: governance::TrackName::Expedited,
        rules: track_rules(),
        place: governance::Place::Own,
        electorate: electorate(),
        created: AT,
        created_epoch: Epoch(100),
        vote_deadline_epoch: Epoch(102),
        activation_epoch: Epoch(103),
        closes_at: None,
    }
}

pub fn shared_places() -> governance::SharedPlaces {
    governance::SharedPlaces { routine: 3, expedited: 2 }
}

pub fn ballot() -> governance::Ballot {
    governance::Ballot {
        proposal_id: ID,
        voter: WHO,
        number: 3,
        choice: governance::Choice::No,
        weight: SIXTEEN,
        represented: TEN,
        reason: Some(reason("it does not build")),
        received_at: AT.time,
    }
}

pub fn advertisement() -> releases::Advertisement {
    let (channel, bundle) = (named("mainnet"), digest());
    releases::Advertisement { channel, gates: 0b001_1101, known: 0b111_1111, held: 0b100_0000, bundle, build: HASH }
}

pub fn history() -> staking::StakeHistory {
    let mut history = staking::StakeHistory::since(Epoch(0), TEN);
    history.set(Epoch(4), SIXTEEN, Epoch(0));
    history
}

pub fn bonds() -> staking::Bonds {
    List::truncate_from(vec![staking::Bond { validator: VALIDATOR, history: history(), lost: history() }])
}

pub fn validators() -> staking::ValidatorSet {
    staking::ValidatorSet::strongest(vec![staking::Validator { account: VALIDATOR, power: SIXTEEN }], 1)
}

/// The precommit of one validator.
pub fn commission() -> staking::Commission {
    staking::Commission { millionths: 50_000, from_epoch: Epoch(3), before: 0 }
}

pub fn certificate() -> crate::Certificate {
    let signatures = List::truncate_from(vec![(VALIDATOR, signature())]);
    crate::Certificate { height: AT.height, round: 1, block: header().hash(), signatures }
}

pub fn two_votes() -> staking::Offence {
    let (first, second) = (None, Some(header().hash()));
    let [first, second] = [first, second].map(|block| staking::SignedVote { block, signature: signature() });
    let (validator, height, kind) = (VALIDATOR, AT.height, VoteKind::Precommit);
    staking::Offence::Votes { validator, height, round: 1, kind, first, second }
}

/// One of each.
pub fn offences() -> Vec<staking::Offence> {
    let proposal = |byte: u8, pol_round| {
        let (block, signature) = (BlockHash([byte; 32]), signature());
        staking::SignedProposal { block, pol_round, signature }
    };
    let (validator, height, block) = (VALIDATOR, AT.height, BlockHash([9; 32]));
    let (first, second) = (proposal(8, None), proposal(9, Some(0)));
    let (certificate, signature) = (certificate(), signature());
    vec![
        two_votes(),
        staking::Offence::Proposals { validator, height, round: 1, first, second },
        staking::Offence::AfterDecision { certificate, validator, round: 2, block, signature },
    ]
}

pub fn loss() -> staking::Loss {
    staking::Loss { bonded: SIXTEEN, waiting: List::truncate_from(vec![(Epoch(4), TEN)]) }
}

pub fn penalty() -> staking::Penalty {
    staking::Penalty { oldest: Epoch(1), next: WHO, taken: TEN }
}

pub fn account() -> accounts::Account {
    accounts::Account { free: SIXTEEN, held: TEN, nonce: 3, node_nonce: 5 }
}

pub fn description() -> accounts::Description {
    accounts::Description { name: text("Acme Validators"), link: text("https://acme.example/validators") }
}

pub fn transaction() -> crate::Transaction {
    let call = testing::transfer(WHO, 10);
    let (chain_id, account, lane) = (text("the-block-test"), VALIDATOR, crate::Lane::Wallet);
    let payload = crate::Payload { chain_id, account, lane, nonce: 3, expires_at: Height(1_005), fee: TEN, call };
    crate::Transaction { payload, signature: signature() }
}

pub fn cause() -> crate::Cause {
    let (hash, lane) = (TransactionHash([0x77; 32]), crate::Lane::Node);
    crate::Cause::Transaction { hash, account: WHO, lane, fee: SIXTEEN, burned: TEN }
}

pub fn header() -> crate::Header {
    crate::Header {
        chain_id: text("the-block-test"),
        height: AT.height,
        time: AT.time,
        proposer: VALIDATOR,
        parent: BlockHash([0x11; 32]),
        transactions_root: digest(),
        facts_root: Digest([0x22; 32]),
        state_root: StateRoot([0x33; 32]),
        validators_hash: Digest([0x44; 32]),
        next_validators_hash: Digest([0x55; 32]),
        last_commit_hash: Digest([0x66; 32]),
    }
}
