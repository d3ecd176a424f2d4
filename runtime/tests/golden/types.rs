//! One line for each example of each chain type: its name, the BLAKE3 and length of its SCALE encoding, the BLAKE3 of its
//! JSON, and the encoding itself where it is short.

use crate::errors::transaction_errors;
use parity_scale_codec::Encode;
use primitives::*;
use runtime::testing::examples::*;
use runtime::{Event, Fact, Record, testing};
use serde::Serialize;
use std::collections::BTreeSet;

struct Lines(String);

impl Lines {
    fn add<T: Encode + Serialize>(&mut self, name: &str, value: &T) {
        let json = serde_json::to_string(value).unwrap();
        self.line(name, &value.encode(), &json);
    }

    /// An enumeration: a line for each variant, by its JSON name.
    fn each<T: Encode + Serialize>(&mut self, name: &str, values: &[T]) {
        for value in values {
            let json = serde_json::to_value(value).unwrap();
            self.add(&format!("{name}::{}", variant(&json)), value);
        }
    }

    fn line(&mut self, name: &str, bytes: &[u8], json: &str) {
        let shown = if bytes.len() <= 40 { hex::encode(bytes) } else { String::new() };
        let (scale, json) = (Digest::blake3(bytes), Digest::blake3(json.as_bytes()));
        self.0 += format!("{name:<48} {scale} {:>5} {json} {shown}", bytes.len()).trim_end();
        self.0.push('\n');
    }
}

/// `staking.too_many_bonds` for `{"staking":{"too_many_bonds":16}}`.
fn variant(json: &serde_json::Value) -> String {
    match json {
        serde_json::Value::String(name) => name.clone(),
        serde_json::Value::Object(fields) if fields.len() == 1 => {
            let (name, inner) = fields.iter().next().unwrap();
            let of_pallet = runtime::kinds().iter().any(|kind| kind.split('.').next() == Some(name.as_str()));
            if of_pallet || name == "deposit" { format!("{name}.{}", variant(inner)) } else { name.clone() }
        }
        _ => "…".into(),
    }
}

#[test]
fn every_chain_type_is_encoded_as_ever() {
    let mut lines = Lines("# name, BLAKE3 of SCALE, its length, BLAKE3 of JSON, SCALE where short\n".into());
    words(&mut lines);
    lines.each("Call", &calls());
    lines.add("Motion", &motion());
    lines.each("Event", &events());
    lines.each("Error", &errors());
    lines.each("TxError", &transaction_errors());
    stored(&mut lines);
    whole(&mut lines);
    crate::golden("types.txt", &lines.0);
}

fn words(lines: &mut Lines) {
    lines.add("Amount", &SIXTEEN);
    lines.add("Fraction", &Fraction::new(1, 3).unwrap());
    lines.add("Text", &text::<32>("é"));
    lines.add("Height", &AT.height);
    lines.add("Epoch", &AT.epoch);
    lines.add("Timestamp", &AT.time);
    lines.add("ProposalId", &ID);
    lines.add("Moment", &AT);
    lines.add("ChainPosition", &position());
    lines.add("Running", &running());
    lines.add("BuildHash", &HASH);
    lines.add("Platform", &testing::platform());
    lines.add("AccountId", &WHO);
    lines.add("PublicKey", &KEY);
    lines.add("Signature", &signature());
    use governance::{Choice, Place, Shortfall, Status, TrackName};
    lines.each("TrackName", &[TrackName::Routine, TrackName::Expedited, TrackName::Council]);
    lines.each("Choice", &[Choice::Yes, Choice::No, Choice::Abstain]);
    lines.each("Place", &[Place::Shared, Place::Own, Place::Chain, Place::Guest]);
    use Shortfall::*;
    lines.each("Shortfall", &[Quorum, Support, Majority, Signatures, Signers, Unavailable, Voters]);
    use Status::*;
    lines.each("Status", &[Open, Passed, Activated, Rejected, Withdrawn, Cancelled]);
    use releases::{ReleaseClass, Severity};
    lines.each("ReleaseClass", &[ReleaseClass::Major, ReleaseClass::Minor, ReleaseClass::Patch, ReleaseClass::Hotfix]);
    lines.each("Severity", &[Severity::Low, Severity::Medium, Severity::High, Severity::Critical]);
    lines.each("Standing", &standings());
}

#[test]
fn every_event_and_every_refusal_has_one_of_the_kinds_that_can_be_asked_for() {
    let (refusals, kinds): (BTreeSet<&str>, BTreeSet<&str>) =
        runtime::kinds().into_iter().partition(|kind| kind.ends_with(".refused"));
    assert_eq!(events().iter().map(|event| event.told().kind()).collect::<BTreeSet<_>>(), kinds);
    assert_eq!(errors().iter().map(|error| error.told().kind()).collect::<BTreeSet<_>>(), refusals);
}

#[test]
fn a_fact_is_about_what_it_is_named_after_first_and_about_each_thing_once() {
    use primitives::Subject;
    use state::Told as _;
    let stop = governance::Intervention::Cancel { proposal_id: primitives::ProposalId(1), reason: reason("leaks") };
    let proposed = governance::Proposal { motion: runtime::Motion::Governance(stop), ..proposal() };
    let fact = |cause, event| runtime::Fact { cause, outcome: Ok(event) };
    let own = Subject::Proposal(ID);
    let about = fact(cause(), Event::Governance(governance::Event::Proposed(proposed))).about();
    assert_eq!(about, [own, Subject::Proposal(primitives::ProposalId(1)), Subject::Account(WHO)]);
    let activated = governance::Event::Activated { proposal_id: ID };
    assert_eq!(fact(runtime::Cause::Proposal(ID), Event::Governance(activated)).about(), [own]);
    // The clock ends it, and its proposer's deposit with it.
    let (shortfall, deposit) = (governance::Shortfall::Quorum, governance::DepositEnd::Burned(deposit()));
    let rejected = governance::Event::Rejected { proposal_id: ID, tally: tally(), shortfall, deposit };
    let about = fact(runtime::Cause::Clock, Event::Governance(rejected)).about();
    assert_eq!(about, [own, Subject::Account(WHO)]);
    // The build that gave way has the smaller hash, and comes after the one that is approved.
    let approved = releases::Event::Approved {
        builds: vec![approved(releases::Standing::Active)],
        superseded: vec![releases::Superseded { build_hash: BuildHash([0; 32]), by: HASH }],
        applied_threshold: 2,
    };
    let about = fact(runtime::Cause::Proposal(ID), Event::Releases(approved)).about();
    assert_eq!(about, [Subject::Build(HASH), Subject::Build(BuildHash([0; 32])), own]);
}

fn stored(lines: &mut Lines) {
    let genesis = testing::genesis();
    lines.add("Account", &account());
    lines.add("Description", &description());
    lines.add("FeeSchedule", &genesis.accounts.fees);
    lines.add("StakeHistory", &history());
    lines.add("Bonds", &bonds());
    lines.add("ValidatorSet", &validators());
    lines.add("StakingParams", &genesis.staking.params);
    lines.add("Loss", &loss());
    lines.add("Penalty", &penalty());
    lines.add("GovernanceParams", &genesis.governance.params);
    lines.add("TrackRules", &track_rules());
    use governance::{Closing, PollFailure, Shortfall};
    lines.each("Electorate", &[electorate(), council()]);
    lines.each("Closing", &[Closing::Running(AT.running), Closing::Epoch(AT.epoch)]);
    lines.each("PollFailure", &[PollFailure::Rejected(Shortfall::Voters), PollFailure::Cancelled]);
    lines.add("Proposal", &proposal());
    lines.add("Proposal, of members", &asked_of_members());
    lines.add("Poll", &poll());
    lines.add("Ballot", &ballot());
    lines.add("Tally", &tally());
    lines.line("SharedPlaces", &shared_places().encode(), "");
    lines.add("ReleaseParams", &genesis.releases.params);
    lines.add("Roster", &genesis.releases.roster);
    lines.add("RosterRecord", &roster_record());
    lines.add("Departure", &departure());
    lines.add("MinimumSequence", &minimum_sequence());
    lines.add("Levels", &levels());
    lines.each("Motion", &motions());
    lines.add("ReleaseVote", &release_vote());
    lines.add("ReleaseVote, sealed", &sealed_vote());
    lines.line("Manifest::seal", &seal().encode(), "");
    lines.add("Manifest", &manifest());
    lines.add("Components", &components());
    lines.line("Manifest::root", &manifest().root(HASH, &testing::platform()).encode(), "");
    lines.line("manifest_message", &releases::manifest_message(&text("the-block-test"), &digest()), "");
    lines.add("Manifest, empty", &releases::Manifest::default());
    lines.add("ApprovedRelease", &approved(releases::Standing::Active));
    lines.add("Receipt", &receipt());
    lines.each("InstallStage", &stages());
    lines.add("Rebuild", &rebuild());
    lines.add("StageReport", &stage_report());
    lines.add("StageNodes", &stage_nodes());
    lines.add("HeldPower", &held_power());
    lines.add("Advertisement", &advertisement());
    lines.add("ChainParams", &genesis.chain);
}

fn whole(lines: &mut Lines) {
    use runtime::{Block, Cause, Lane};
    let refused = Fact { cause: cause(), outcome: Err(errors().remove(0)) };
    let facts = vec![Fact { cause: Cause::Clock, outcome: Ok(events().remove(0)) }, refused];
    let chain_id = text("the-block-test");
    lines.each("Cause", &[cause(), Cause::Proposal(ID), Cause::Clock]);
    lines.add("Fact", &facts[0]);
    lines.add("Fact, refused", &facts[1]);
    lines.each("Lane", &[Lane::Wallet, Lane::Node]);
    lines.add("Payload", &transaction().payload);
    lines.line("Payload::signing_bytes", &transaction().payload.signing_bytes(), "");
    lines.add("Transaction", &transaction());
    lines.add("Header", &header());
    for last_commit in [None, Some(certificate())] {
        lines.add("Block", &Block { header: header(), last_commit, transactions: vec![transaction()] });
    }
    lines.add("Record", &Record { header: header(), facts });
    lines.add("Certificate", &certificate());
    lines.each("Offence", &offences());
    for kind in [VoteKind::Prevote, VoteKind::Precommit] {
        for block in [None, Some(header().hash())] {
            let payload = vote_payload(&chain_id, kind, AT.height, 1, block);
            lines.line(&format!("vote_payload {kind:?} {}", block.is_some()), &payload, "");
        }
    }
    for pol_round in [None, Some(0)] {
        let payload = proposal_payload(&chain_id, AT.height, 1, header().hash(), pol_round);
        lines.line(&format!("proposal_payload {}", pol_round.is_some()), &payload, "");
    }
    let (key, value, proof) = (b"releases/roster".to_vec(), Some(vec![1, 2]), vec![3]);
    lines.add("StateProof", &state::StateProof { key, value, proof });
    lines.add("Genesis", &testing::genesis());
}
