//! What transactions ask for, what happens and what is refused is described to the last field.

use crate::schema::require_type;
use crate::world::World;
use primitives::*;
use releases::{
    ApprovedRelease, Components, InstallStage, Manifest, MinimumSequence, ReleaseVote, Roster, RosterApproval,
    RosterCause, RosterChange, RosterRecord,
};
use rpc::api::GovApiClient;
use runtime::testing::{genesis, release_vote};
use runtime::{Event, Motion};
use serde_json::Value;

const HASH: BuildHash = BuildHash([0xb1; 32]);
const WHO: AccountId = AccountId([0xa1; 32]);
const KEY: PublicKey = PublicKey([0xc2; 32]);
const ID: ProposalId = ProposalId(7);
const SALT: Digest = Digest([0x5a; 32]);
const TEN: Amount = Amount(10);
const AT: Moment = Moment { height: Height(1_000), epoch: Epoch(100), time: Timestamp(1_700_000_001_000) };

/// One of each refusal, as the workspace's golden file of them has it.
const REFUSALS: &str = include_str!("../../../tests/golden/errors.txt");

fn roster() -> Roster {
    Roster { version: 2, signers: List::truncate_from(vec![KEY]), threshold: 1 }
}

fn reason<const MOST: u32>() -> Text<MOST> {
    Text::new("leaks keys").unwrap()
}

fn motions() -> Vec<Motion> {
    use releases::Motion::*;
    let approvals = List::truncate_from(vec![RosterApproval { signer: KEY, signature: Signature([1; 64]) }]);
    let of_releases = [
        Approve(Box::new(release_vote(&genesis(), HASH, 2))),
        SetRoster(Box::new(RosterChange { roster: roster(), approvals })),
        Revoke { build_hashes: List::truncate_from(vec![HASH]), reason: reason() },
        RaiseMinimumSequence { minimum: 3, reason: reason() },
        EndSupport { build_hash: HASH, epoch: Epoch(900) },
    ];
    let cancel = governance::Intervention::Cancel { proposal_id: ID, reason: reason() };
    of_releases.map(Motion::Releases).into_iter().chain([Motion::Governance(cancel)]).collect()
}

fn manifest() -> Manifest {
    let components = Components { storage: Text::new("rocksdb"), ..Components::default() };
    Manifest { components, updater_hash: Some(HASH), ..Manifest::default() }
}

fn sealed() -> Motion {
    let vote = ReleaseVote { sealed: Some(manifest().seal(&SALT)), ..release_vote(&genesis(), HASH, 2) };
    Motion::Releases(releases::Motion::Approve(Box::new(vote)))
}

fn reported(stage: InstallStage) -> Event {
    let report = releases::StageReport::after(None, stage, AT);
    Event::Releases(releases::Event::Reported { build_hash: HASH, node: WHO, report, running: Some(HASH) })
}

/// What an account asks for about a release without a proposal.
fn calls() -> Vec<releases::Call> {
    use releases::Call::*;
    let stages = [InstallStage::Staged, InstallStage::RolledBack { reason: reason() }];
    let reports = stages.map(|stage| RecordInstall { build_hash: HASH, stage });
    let attest = AttestRebuild { build_hash: HASH, source_hash: Some(SALT), source_commit: Text::new("c0ffee") };
    let reveal = Reveal { build_hash: HASH, manifest: Box::new(manifest()), salt: SALT };
    reports.into_iter().chain([attest, reveal]).collect()
}

/// The events that the story of [`World::with_story`] does not have.
fn events(approved: ApprovedRelease) -> Vec<Event> {
    let roster_set = |cause| releases::Event::RosterSet(RosterRecord { roster: roster(), since: Some(AT), cause });
    let minimum = MinimumSequence { sequence: 3, effective_epoch: Epoch(102), before: 2 };
    let tally = governance::Tally::default();
    let shortfall = governance::Shortfall::Support;
    let mut revoked = approved.clone();
    revoked.standing = releases::Standing::Revoked { reason: reason(), effective_epoch: Epoch(9) };
    let superseded = releases::Superseded { build_hash: HASH, by: HASH, end_of_support_epoch: Some(Epoch(9)) };
    let deposit = governance::Deposit { account: WHO, amount: TEN };
    let returned = governance::DepositEnd::Returned(deposit);
    let cancelled = governance::Cancelled { proposal_id: ID, deposit: Some(returned) };
    let (from_epoch, free_epoch, remembered_from) = (Epoch(3), Epoch(4), Epoch(1));
    vec![
        Event::Accounts(accounts::Event::Transferred { from: WHO, to: WHO, amount: TEN }),
        Event::Staking(staking::Event::Unbonding {
            who: WHO,
            validator: WHO,
            amount: TEN,
            from_epoch,
            free_epoch,
            remembered_from,
        }),
        Event::Staking(staking::Event::Unbonded { who: WHO, amount: TEN, free_epoch: Epoch(4) }),
        Event::Governance(governance::Event::Withdrawn { proposal_id: ID, deposit: returned }),
        Event::Governance(governance::Event::Rejected {
            proposal_id: ID,
            tally,
            shortfall,
            deposit: governance::DepositEnd::Burned(deposit),
        }),
        Event::Governance(governance::Event::Cancelled(cancelled)),
        Event::Releases(releases::Event::Approved {
            builds: vec![approved, revoked],
            superseded: vec![superseded],
            applied_threshold: 2,
        }),
        Event::Releases(roster_set(RosterCause::Proposal(ID))),
        Event::Releases(roster_set(RosterCause::Left(KEY))),
        Event::Releases(releases::Event::Revoked {
            build_hashes: List::truncate_from(vec![HASH]),
            reason: reason(),
            effective_epoch: Epoch(102),
            reinstated: vec![HASH],
        }),
        Event::Releases(releases::Event::MinimumSequenceRaised { minimum, reason: reason() }),
        reported(InstallStage::Healthy),
        reported(InstallStage::RolledBack { reason: reason() }),
        reported(InstallStage::Unusable { reason: reason() }),
        Event::Releases(releases::Event::Rebuilt {
            build_hash: HASH,
            builder: WHO,
            rebuild: releases::Rebuild { at: AT, source_hash: Some(SALT), source_commit: None },
        }),
        Event::Releases(releases::Event::Revealed {
            build_hash: HASH,
            seal: manifest().seal(&SALT),
            salt: SALT,
            manifest: Box::new(manifest()),
        }),
        Event::Releases(releases::Event::SupportEnds { build_hashes: vec![HASH], epoch: Epoch(900) }),
    ]
}

#[test]
fn every_refusal_is_described() {
    let document = rpc::openrpc();
    let pallets = ["accounts", "staking", "governance", "releases"];
    let (mut of_pallets, mut of_transactions) = (0, 0);
    for line in REFUSALS.lines().filter(|line| line.starts_with(['{', '"'])) {
        let refusal: Value = serde_json::from_str(line).unwrap();
        if pallets.iter().any(|pallet| refusal.get(pallet).is_some()) {
            require_type(&document, "Refusal", &refusal);
            of_pallets += 1;
        } else {
            require_type(&document, "TxRefusal", &refusal);
            of_transactions += 1;
        }
    }
    assert!(of_pallets > 40 && of_transactions >= 10, "{of_pallets} and {of_transactions} were read");
}

#[test]
fn every_motion_and_call_about_releases_is_described() {
    let document = rpc::openrpc();
    for call in calls() {
        require_type(&document, "Call", &serde_json::to_value(runtime::Call::Releases(call)).unwrap());
    }
    for motion in motions().into_iter().chain([sealed()]) {
        require_type(&document, "Motion", &serde_json::to_value(&motion).unwrap());
        let track = governance::TrackName::Expedited;
        let (vote_deadline_epoch, activation_delay) = (Some(Epoch(9)), None);
        let propose = governance::Call::Propose { motion, track, vote_deadline_epoch, activation_delay };
        require_type(&document, "Call", &serde_json::to_value(runtime::Call::Governance(propose)).unwrap());
    }
}

#[tokio::test]
async fn every_event_of_a_whole_story_is_described() {
    let world = World::with_story().await;
    let document = rpc::openrpc();
    let approved = world.node.release(BuildHash([0xbb; 32])).await.unwrap().release.release;
    for event in events(approved) {
        require_type(&document, "Event", &serde_json::to_value(event).unwrap());
    }
    for height in 1..=25 {
        let record = world.call("chain.record", serde_json::json!({ "height": height })).await.unwrap();
        for fact in record["facts"].as_array().unwrap() {
            require_type(&document, "Fact", fact);
        }
    }
}
