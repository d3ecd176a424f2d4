//! How views look on terminals of three widths. `BLESS=1` rewrites the golden files.

mod drawn;

use cli::render::{self, Screen};
use drawn::{NOW, golden};
use primitives::{
    AccountId, Amount, BuildHash, ChainPosition, Digest, Epoch, Fraction, Height, List, Moment, ProposalId, Text,
    Timestamp,
};
use releases::queries::Verdict;
use releases::{Availability, BuildHolders, Components, Manifest, Receipt, ReleaseAttestation, RosterCause, Uptake};
use releases::{RosterRecord, SignedUnder, StageCount, StageName, Standing, Target};
use rpc::views::*;
use runtime::testing::examples;
use staking::Validator;
use std::time::{Duration, UNIX_EPOCH};

const HASH: BuildHash = BuildHash([0xab; 32]);
fn validator(index: u8) -> AccountId {
    runtime::testing::validator(index).account()
}

fn position(epoch: u64) -> ChainPosition {
    ChainPosition { height: Height(epoch * 10), epoch: Epoch(epoch), time: Timestamp(NOW - (20 - epoch) * 10_000) }
}

fn deadline(epoch: u64) -> Deadline {
    let blocks = (epoch * 10).saturating_sub(200);
    let time = NOW + blocks * 1_000;
    Deadline { epoch: Epoch(epoch), height: Height(epoch * 10), blocks_left: blocks, estimated_time: Timestamp(time) }
}

/// The example, which says everything, but for a component that is not named.
fn manifest() -> Manifest {
    Manifest {
        components: Components { runtime: None, ..examples::components() },
        notes: Text::new("Repairs the stall of epoch 12.\nClears \x1b[2Jnothing."),
        ..examples::manifest()
    }
}

fn attestations(count: u8) -> releases::Attestations {
    let sign = |index| {
        let key = runtime::testing::signer(index);
        ReleaseAttestation { signer: key.public(), signature: key.sign(&HASH.attestation_message()) }
    };
    List::truncate_from((0..count).map(sign).collect())
}

fn roster() -> Vec<primitives::PublicKey> {
    (0..3).map(|index| runtime::testing::signer(index).public()).collect()
}

fn proposal(id: u64, status: DecisionStatus) -> ProposalView {
    let rules = runtime::testing::genesis().governance.params.expedited.rules();
    ProposalView {
        id: ProposalId(id),
        subject: ProposalSubject::Release(Box::new(ReleaseProposal {
            build_hash: HASH,
            platform: runtime::testing::platform(),
            signatures: attestations(2),
            signature_threshold: 2,
            signer_set: List::truncate_from(roster()),
            sealed: None,
            revealed: true,
            manifest: manifest(),
        })),
        proposer: validator(0),
        track: governance::TrackName::Expedited,
        rules,
        place: governance::Place::Shared,
        electorate: governance::Electorate::Stake { epoch: Epoch(19), total: Amount(4_000_000) },
        created: Moment::of(position(19), 190_000, 1),
        created_epoch: Epoch(19),
        vote_deadline_epoch: Epoch(22),
        activation_epoch: Epoch(24),
        closes_at: None,
        total: Amount(4_000_000),
        status,
        tally: governance::Tally { yes: Amount(2_500_000), no: Amount(250_000), abstain: Amount::ZERO },
        availability: Some(held_by(1_000_000)),
    }
}

/// How far the release is at hand when so much of four millions of power holds it.
fn held_by(power: u64) -> Availability {
    let build = BuildHolders { build_hash: HASH, power: Amount(power) };
    Availability::of(Fraction::THIRD, Amount(4_000_000), vec![build])
}

fn ballot(index: u8, choice: governance::Choice, weight: u64, reason: Option<&str>) -> governance::Ballot {
    governance::Ballot {
        proposal_id: ProposalId(7),
        voter: validator(index),
        number: u64::from(index) + 1,
        choice,
        weight: Amount(weight),
        represented: Amount::ZERO,
        reason: reason.and_then(primitives::Reason::new),
        received_at: Timestamp(NOW - 5_000),
    }
}

fn rebuild(index: u8, source_hash: Option<Digest>) -> RebuildView {
    let number = u64::from(index) + 1;
    let rebuild = releases::Rebuild { number, at: position(18), source_hash, source_commit: Text::new("3f1c2d4") };
    RebuildView { builder: validator(index), rebuild }
}

/// A proposal in the middle of its vote.
fn detail(status: DecisionStatus) -> ProposalDetail {
    let proposal = proposal(7, status);
    let roster = runtime::testing::genesis().releases.roster;
    let record = RosterRecord { roster, since: None, cause: RosterCause::Genesis, left: List::default() };
    let under = SignedUnder { record, replaced: None };
    let progress = VoteProgress::of(&proposal, &under);
    let signatures = progress.signatures.map(|_| releases::SignatureCount { have: 2, need: 2 });
    ProposalDetail {
        progress: VoteProgress { signatures, ..progress },
        vote_deadline: Some(deadline(22)),
        activation: Some(deadline(24)),
        ballot_count: 2,
        ballots: vec![
            ballot(
                0,
                governance::Choice::Yes,
                2_500_000,
                Some("Tested for a week on our staging nodes; no stall since."),
            ),
            ballot(1, governance::Choice::No, 250_000, Some("evil \x1b]0;owned\x07\u{202e} reason\nin two lines")),
        ],
        not_voted: vec![Missing { account: validator(2), weight: Amount(1_250_000) }],
        not_voted_count: Some(1),
        not_voted_weight: Amount(1_250_000),
        not_holding: Some(
            (1..4).map(|index| Validator { account: validator(index), power: Amount(1_000_000) }).collect(),
        ),
        rebuild_count: 1,
        rebuilds: vec![rebuild(3, None)],
        described: Descriptions::default(),
        proposal,
    }
}

#[test]
fn a_proposal_fits_one_screen() {
    golden("proposal", |screen| render::proposal(screen, &detail(DecisionStatus::Open)));
}

#[test]
fn h17_a_release_with_a_signature_to_spare_is_not_warned_about() {
    let screen = Screen { width: 200, now: UNIX_EPOCH };
    let warns = |detail: &ProposalDetail| render::proposal(&screen, detail).contains("one of the signers leaves");
    let mut open = detail(DecisionStatus::Open);
    assert!(warns(&open) && !warns(&detail(DecisionStatus::Passed)));
    open.progress.signatures = Some(releases::SignatureCount { have: 3, need: 2 });
    assert!(!warns(&open));
}

#[test]
fn a_sealed_proposal_shows_its_seal_and_nothing_it_does_not_know() {
    let mut sealed = detail(DecisionStatus::Passed);
    let ProposalSubject::Release(release) = &mut sealed.proposal.subject else { unreachable!() };
    (release.sealed, release.revealed) = (Some(Digest([0x5e; 32])), false);
    sealed.proposal.availability = Some(held_by(0));
    golden("proposal_sealed", |screen| render::proposal(screen, &sealed));
}

#[test]
fn a_watched_proposal_shows_the_count_the_time_and_the_last_votes() {
    golden("board", |screen| {
        render::board(screen, &detail(DecisionStatus::Open), 10, "Following http://127.0.0.1:26600.")
    });
    let mut passed = detail(DecisionStatus::Passed);
    passed.not_voted.clear();
    (passed.proposal.availability, passed.not_holding) = (Some(held_by(4_000_000)), Some(Vec::new()));
    let many = (0..7).map(|index| ballot(index, governance::Choice::Yes, 500_000, None));
    (passed.ballots, passed.ballot_count) = (many.collect(), 7);
    golden("board_passed", |screen| render::board(screen, &passed, 10, "no node answers; asking again in 4 s"));
}

/// An open poll that the chain opened for members, of whom two have voted.
fn asked_of_members(closes_at: Option<governance::Closing>) -> ProposalDetail {
    let mut detail = detail(DecisionStatus::Open);
    let proposal = &mut detail.proposal;
    (proposal.electorate, proposal.place) = (examples::council(), governance::Place::Chain);
    (proposal.track, proposal.closes_at, proposal.total) = (governance::TrackName::Council, closes_at, Amount(3));
    (proposal.vote_deadline_epoch, proposal.activation_epoch) = (Epoch::MAX, Epoch::MAX);
    proposal.tally = governance::Tally { yes: Amount(1), no: Amount(1), abstain: Amount::ZERO };
    let reason = primitives::Reason::new("another build").unwrap();
    proposal.subject = ProposalSubject::Cancellation { proposal_id: ProposalId(6), reason };
    proposal.availability = None;
    (detail.vote_deadline, detail.activation, detail.not_holding) = (None, None, None);
    (detail.rebuild_count, detail.rebuilds, detail.progress.signatures) = (0, Vec::new(), None);
    (detail.progress.electorate, detail.not_voted[0].weight) = (Amount(3), Amount(1));
    detail
}

#[test]
fn what_members_are_asked_says_who_they_are_and_names_no_epoch_that_never_comes() {
    let screen = Screen { width: 200, now: UNIX_EPOCH + Duration::from_millis(NOW) };
    let opened = asked_of_members(None).proposal.created;
    let closings = [
        (None, "until it is decided"),
        (Some(primitives::Span::days(7)), "until it is decided, or the chain has run for 7 d since"),
        (Some(primitives::Span::Epochs(2)), "until it is decided, or epoch 22 begins"),
    ];
    for (within, until) in closings {
        let asked = asked_of_members(within.map(|span| governance::Closing::after(opened, span)));
        let (whole, board) = (render::proposal(&screen, &asked), render::board(&screen, &asked, 10, ""));
        for drawn in [&whole, &board] {
            assert!(drawn.contains("3 who were TENANT_OWNER of plan pos when it was opened and still are"), "{drawn}");
            assert!(drawn.lines().any(|line| line.starts_with("Open ") && line.ends_with(until)), "{drawn}");
            for absent in ["Voting ends", "Activation", "Deposit", "alidator", &Epoch::MAX.to_string()] {
                assert!(!drawn.contains(absent), "{absent}: {drawn}");
            }
        }
        assert!(whole.contains("Opened for") && whole.contains("Members that have not voted"), "{whole}");
        assert!(board.contains("1 member has not voted"), "{board}");
        let page = PageOf { total: 1, page: 0, page_size: 1, entries: vec![asked.proposal] };
        assert!(!render::proposals(&screen, &page).contains(&Epoch::MAX.to_string()));
    }
}

#[test]
fn names_stand_beside_keys_and_never_instead_of_them() {
    let said = |index, name: &str| {
        let name = Text::new(name).unwrap();
        DescribedAccount::new(validator(index), accounts::Description { name, link: Text::default() })
    };
    let mut named = detail(DecisionStatus::Open);
    // Two of one name, and one whose name a node made up that no account could have.
    named.described = Descriptions::new([said(0, "Acme"), said(1, "Acme"), said(2, "\u{410}cme\u{202e}")]);
    let screen = Screen { width: 400, now: UNIX_EPOCH + Duration::from_millis(NOW) };
    for drawn in [render::proposal(&screen, &named), render::board(&screen, &named, 10, "")] {
        for who in [0, 1].map(validator) {
            assert!(drawn.contains(&format!("Acme ({who})")), "{drawn}");
        }
        assert_eq!(drawn.matches("Acme").count(), drawn.matches("Acme (").count(), "no name is alone: {drawn}");
        assert!(!drawn.contains("\u{410}cme"), "{drawn}");
    }
    let (drawn, proposer) = (render::proposal(&screen, &named), format!(" Acme ({})", validator(0)));
    assert!(drawn.lines().any(|line| line.starts_with("Proposer ") && line.ends_with(&proposer)), "{drawn}");
}

#[test]
fn proposals_are_listed() {
    let entries = vec![
        proposal(7, DecisionStatus::Open),
        proposal(6, DecisionStatus::Superseded),
        proposal(5, DecisionStatus::Rejected),
    ];
    let page = PageOf { total: 43, page: 0, page_size: 3, entries };
    golden("proposals", |screen| render::proposals(screen, &page));
    let none: PageOf<ProposalView> = PageOf { total: 0, page: 0, page_size: 20, entries: vec![] };
    golden("no_proposals", |screen| render::proposals(screen, &none));
}

fn approved(standing: Standing, status: DecisionStatus) -> ReleaseView {
    let target = Target { build_hash: HASH, platform: runtime::testing::platform(), sha256: None, size: None };
    ReleaseView {
        release: releases::ApprovedRelease {
            build_hash: HASH,
            proposal_id: Some(ProposalId(7)),
            proposer: Some(validator(0)),
            activated_epoch: Epoch(15),
            activated: Some(position(15)),
            sequence: 4,
            level: 1,
            standing,
            target,
            manifest: manifest(),
            signatures: attestations(2),
            signature_threshold: 2,
            signer_set: List::truncate_from(roster()),
            long_parts: manifest().long_parts(HASH, &runtime::testing::platform()),
            support_end: None,
            amended: None,
        },
        status,
        verdict: Verdict::Approved,
        attested_signers: roster().into_iter().take(2).collect(),
        quorum_met: true,
        install_times: vec![Timestamp(NOW - 40_000), Timestamp(NOW - 30_000)],
        install_count: 3,
        last_install_ts: Some(Timestamp(NOW - 30_000)),
    }
}

fn stage(index: u8, stage: StageName, reason: Option<&str>) -> NodeStage {
    NodeStage { node: validator(index), stage, reason: reason.and_then(Text::new), at: position(17) }
}

fn uptake() -> Uptake {
    let one = StageCount { nodes: 1, stake: Amount(1_000_000) };
    Uptake {
        staged: one,
        healthy: one,
        rolled_back: one,
        failed_stake: Amount(1_000_000),
        total_stake: Amount(4_000_000),
        ..Uptake::default()
    }
}

#[test]
fn a_release_shows_its_signers_and_installs() {
    let receipt = Receipt { first: position(16), last: position(17), count: 2 };
    let superseded = Standing::Superseded { by: BuildHash([0xcd; 32]), end_of_support_epoch: Some(Epoch(300)) };
    let detail = ReleaseDetail {
        release: approved(superseded, DecisionStatus::Superseded),
        installs: vec![Install { node: validator(0), receipt }, Install { node: validator(1), receipt }],
        uptake: uptake(),
        stages: vec![
            stage(0, StageName::RolledBack, Some("no block in 60 s\nafter \x1b[2Jthe switch")),
            stage(1, StageName::Healthy, None),
            stage(2, StageName::Staged, None),
        ],
        rebuild_count: 2,
        rebuilds: vec![rebuild(2, Some(Digest([0x77; 32]))), rebuild(3, None)],
        described: Descriptions::default(),
    };
    golden("release", |screen| render::release(screen, &detail));
}

#[test]
fn releases_are_listed() {
    let entries = vec![approved(Standing::Active, DecisionStatus::Activated)];
    let page = PageOf { total: 1, page: 0, page_size: 20, entries };
    golden("releases", |screen| render::releases(screen, &page));
}

#[test]
fn the_roster_and_the_rules() {
    let signers = ReleaseSigners { signers: roster(), left: Vec::new(), threshold: 3, required: 2, roster: 1 };
    golden("signers", |screen| render::signers(screen, &signers));
    let departure = releases::Departure { signer: roster()[0], from_epoch: Epoch(21) };
    let left = ReleaseSigners { signers: roster()[1..].to_vec(), left: vec![departure], ..signers };
    golden("signers_left", |screen| render::signers(screen, &left));
    let genesis = runtime::testing::genesis();
    let params = ParamsView {
        chain: genesis.chain,
        governance: genesis.governance.params,
        staking: genesis.staking.params,
        releases: genesis.releases.params,
        fees: genesis.accounts.fees,
        epoch: Epoch(20),
        latest_sequence: 4,
        minimum_sequence: 0,
        minimum_sequence_ahead: Vec::new(),
    };
    golden("params", |screen| render::params(screen, &params));
    let step = |sequence, epoch| releases::MinimumStep { sequence, effective_epoch: Epoch(epoch) };
    let rising = ParamsView { minimum_sequence: 2, minimum_sequence_ahead: vec![step(3, 21), step(4, 22)], ..params };
    let screen = Screen { width: 200, now: UNIX_EPOCH };
    let drawn = render::params(&screen, &rising);
    assert!(drawn.contains("at least 2, 3 from epoch 21, 4 from epoch 22 may run"), "{drawn}");
}

#[test]
fn an_account_with_stake() {
    let view = AccountView {
        account: validator(0),
        balance: accounts::Account { free: Amount(998_990), held: Amount(1_001_000), nonce: 3, node_nonce: 5 },
        next_nonce: 4,
        bonds: vec![
            Bonded { validator: validator(0), amount: Amount(1_000_000) },
            Bonded { validator: validator(1), amount: Amount(500) },
        ],
        unbonding: vec![Unbonding { free_epoch: Epoch(24), validator: validator(1), amount: Amount(500) }],
        stake: Amount(1_000_500),
        power: Amount(1_000_000),
        validator: true,
        jailed_until: Some(Epoch(64)),
        name: Text::default(),
        link: Text::default(),
        described: Descriptions::default(),
    };
    golden("account", |screen| render::account(screen, &view));
}

#[test]
fn where_the_chain_stands() {
    let genesis = runtime::testing::genesis();
    let members =
        (0..4).map(|index| staking::Validator { account: validator(index), power: Amount(1_000_000) }).collect();
    let validators = staking::ValidatorSet::strongest(members, 16);
    let view = ChainStatus {
        chain_id: genesis.chain.chain_id.clone(),
        genesis_hash: Digest([1; 32]),
        height: Height(200),
        hash: primitives::BlockHash([2; 32]),
        state_root: primitives::StateRoot([3; 32]),
        time: Timestamp(NOW),
        proposer: validator(0),
        epoch: Epoch(20),
        epoch_length: 10,
        level: 1,
        levels: releases::Levels::from_genesis(1).raised(Epoch(20), Epoch(22), 2),
        next_epoch: deadline(21),
        block_ms: 1_004,
        earliest: Height(0),
        total_power: validators.total_power(),
        sealer: None,
        unenforced: vec![Epoch(17), Epoch(18), Epoch(20)],
        validators,
        limits: genesis.chain.limits,
        consensus: genesis.chain.consensus,
        fees: genesis.accounts.fees,
        described: Descriptions::default(),
    };
    golden("status", |screen| render::status(screen, &view));
}

#[test]
fn the_tree_of_blocks_says_what_it_is_and_who_vouches_for_it() {
    let key = runtime::testing::signer(0).public();
    let vkey = format!("first\x1b[2J+0123abcd+{key}");
    let name = primitives::Name::new("first").unwrap();
    let origin = tlog::LogOrigin::of(&Text::new("the-block-1").unwrap(), &primitives::BlockHash([7; 32]));
    let said = CheckpointCosignature {
        account: validator(0),
        name: name.clone(),
        key,
        vkey: vkey.clone(),
        timestamp: NOW / 1_000,
        signature: runtime::testing::signer(0).sign(b"a checkpoint"),
    };
    let checkpoint = LogCheckpoint {
        height: Height(205),
        epoch: Epoch(20),
        origin,
        size: 200,
        root: Digest([0xef; 32]),
        cosignatures: vec![said],
        note: String::new(),
    };
    golden("log_checkpoint", |screen| render::log::checkpoint(screen, &checkpoint));
    let witness = |index: u8, has_cosigned| WitnessOfLog {
        account: validator(index),
        name: name.clone(),
        key,
        vkey: vkey.clone(),
        registered: Epoch(3),
        bonded: Amount(1_000_000),
        is_member: index == 0,
        has_cosigned,
    };
    let view = WitnessesOfLog {
        height: Height(205),
        grows: true,
        is_open: true,
        log_size: Some(205),
        log_root: Some(Digest([0xef; 32])),
        checkpoint: Some(Epoch(20)),
        witnesses: vec![witness(0, true), witness(1, false)],
    };
    golden("log_witnesses", |screen| render::log::witnesses(screen, &view));
    let nobody = WitnessesOfLog {
        grows: false,
        is_open: false,
        log_size: None,
        log_root: None,
        checkpoint: None,
        witnesses: vec![],
        ..view
    };
    golden("log_no_witnesses", |screen| render::log::witnesses(screen, &nobody));
}

#[test]
fn an_audit_log_says_whether_it_hangs_together_and_what_was_played_down() {
    let hash = primitives::BlockHash([0xcd; 32]);
    let view = AuditIntegrity {
        chain_valid: true,
        broken_at: None,
        broken_by: None,
        checked_from: Some(Height(0)),
        checked_to: Some(Height(1_200)),
        is_whole: true,
        severity_downgrade_count: 1,
        severity_downgrades: vec![SeverityDowngrade {
            height: Height(900),
            index: 2,
            time: Timestamp(NOW),
            sentence: "an incident was said to be \x1b[2JINFO and is WARN".into(),
        }],
        total_entries: 12_345,
        anchor_head: Some(AuditAnchor {
            height: Height(1_200),
            hash,
            log_size: Some(1_200),
            log_root: Some(primitives::Digest([0xef; 32])),
            cosignatures: Some(2),
        }),
    };
    golden("audit", |screen| render::audit(screen, &view));
    let broken = AuditIntegrity {
        chain_valid: false,
        broken_at: Some(Height(7)),
        broken_by: Some("its facts have another root than its header says".into()),
        severity_downgrades: Vec::new(),
        ..view
    };
    golden("audit_broken", |screen| render::audit(screen, &broken));
}
