//! What a change, a statement and a refusal are on the wire, in JSON, and by their hash.

use crate::change::{ChangeDraft, ChangeRequest, ChangeState, DutyState, EndedWhy, FlagSide, SubmittedChange};
use crate::plan::{ChangeKind, Nature, PhaseState};
use crate::statement::{StatementOutcome, StatementSubject};
use crate::storage::procedure_place;
use crate::tests::sample::name;
use crate::verdict::{Answer, FindingState};
use crate::{Error, Motion};
use flags::{Serve, Targeting};
use parity_scale_codec::{DecodeAll, Encode};
use primitives::{
    AccountId, ChangeId, Digest, Epoch, Height, List, Moment, Path, Reason, ReleaseClass, Text, Timestamp,
};
use roles::Actor;
use state::{Key, KeyBytes};
use std::collections::BTreeSet;

fn draft(request: ChangeRequest) -> ChangeDraft {
    ChangeDraft {
        version: 1,
        bundle: Digest([7; 32]),
        request,
        class: ReleaseClass::Minor,
        nature: Nature::Feature,
        phase: None,
        sealer: None,
        ticket: None,
        reason: Reason::new("it is time").unwrap(),
        milestone: None,
        impact: Text::default(),
        features: List::default(),
    }
}

fn promotion() -> ChangeDraft {
    draft(ChangeRequest::Promote { to: name("testnet"), artifact: None })
}

fn actor(account: u8) -> Actor {
    Actor { account: AccountId([account; 32]), role: name("release_commander") }
}

fn moment(height: u64) -> Moment {
    Moment { height: Height(height), epoch: Epoch(0), time: Timestamp(height), running: height, level: 0 }
}

#[test]
fn a_change_is_known_by_what_it_says_and_not_by_when() {
    let at = |id, height| {
        SubmittedChange::new(ChangeId(id), name("chain"), Some(actor(1)), moment(height), promotion()).digest
    };
    assert_eq!(at(1, 5), at(2, 9));
}

#[test]
fn whatever_a_change_says_makes_it_another() {
    let edits: [fn(&mut ChangeDraft); 7] = [
        |draft| draft.version = 2,
        |draft| draft.bundle = Digest([8; 32]),
        |draft| draft.request = ChangeRequest::Demote { to: name("testnet") },
        |draft| draft.class = ReleaseClass::Hotfix,
        |draft| draft.nature = Nature::Fix,
        |draft| draft.sealer = Some(AccountId([3; 32])),
        |draft| draft.reason = Reason::new("it is late").unwrap(),
    ];
    let mut digests = BTreeSet::new();
    for edit in edits {
        let mut draft = promotion();
        edit(&mut draft);
        digests.insert(SubmittedChange::digest_of(&name("chain"), Some(&actor(1)), &draft));
    }
    digests.insert(SubmittedChange::digest_of(&name("chain"), Some(&actor(1)), &promotion()));
    digests.insert(SubmittedChange::digest_of(&name("chain"), Some(&actor(2)), &promotion()));
    digests.insert(SubmittedChange::digest_of(&name("chain"), None, &promotion()));
    digests.insert(SubmittedChange::digest_of(&name("pos"), Some(&actor(1)), &promotion()));
    assert_eq!(digests.len(), edits.len() + 4);
}

#[test]
fn a_side_of_a_flag_is_told_from_every_other() {
    let set = |variant| Some(Targeting { cases: List::default(), otherwise: Serve::Variant(variant) });
    let sides = [None, set(0), set(1)].into_iter().flat_map(|targeting| {
        [false, true].map(|disabled| FlagSide { targeting: targeting.clone(), disabled }.digest())
    });
    assert_eq!(sides.collect::<BTreeSet<_>>().len(), 6);
}

#[test]
fn drafts_and_motions_come_back_from_their_bytes_and_from_their_json() {
    let draft = promotion();
    assert_eq!(ChangeDraft::decode_all(&mut &draft.encode()[..]).unwrap(), draft);
    assert_eq!(serde_json::from_str::<ChangeDraft>(&serde_json::to_string(&draft).unwrap()).unwrap(), draft);
    let motion = Motion::Decide { change: ChangeId(3), check: name("ratify"), digest: Digest([1; 32]) };
    assert_eq!(Motion::decode_all(&mut &motion.encode()[..]).unwrap(), motion);
    assert_eq!(serde_json::from_str::<Motion>(&serde_json::to_string(&motion).unwrap()).unwrap(), motion);
}

/// What is encoded is only ever added to: these places are for good (ROLLOUTS 3.3).
#[test]
fn states_outcomes_and_answers_keep_their_numbers() {
    let reverted = ChangeState::Reverted { by: ChangeId(0) };
    assert_eq!([ChangeState::Open, ChangeState::Closed].encode(), [0, 3]);
    assert_eq!(
        (reverted.encode().first(), ChangeState::Ended { why: EndedWhy::Superseded }.encode()),
        (Some(&4), vec![5, 4])
    );
    assert_eq!([DutyState::Owed, DutyState::MetLate].encode(), [0, 3]);
    assert_eq!([StatementOutcome::Passed, StatementOutcome::Waived].encode(), [0, 3]);
    assert_eq!([Answer::Go, Answer::NoGo, Answer::Deferred].encode(), [0, 1, 2]);
    assert_eq!([FindingState::Met, FindingState::Skipped].encode(), [0, 6]);
    assert_eq!(StatementSubject::Scope(Path::ROOT).encode().first(), Some(&5));
    assert_eq!(ChangeRequest::Phase { phase: name("a"), to: PhaseState::Open }.encode().first(), Some(&6));
}

#[test]
fn answers_and_outcomes_are_shown_as_people_write_them() {
    assert_eq!(
        [Answer::Go, Answer::NoGo, Answer::Deferred].map(|answer| answer.to_string()),
        ["GO", "NO-GO", "DEFERRED"]
    );
    assert_eq!(StatementOutcome::Passed.to_string(), "PASSED");
}

#[test]
fn a_procedure_of_a_stage_is_kept_beside_that_of_every_stage() {
    let place = |kind, stage: Option<&str>| {
        let mut bytes = KeyBytes::new();
        procedure_place(kind, stage.map(name).as_ref()).write(&mut bytes);
        bytes
    };
    let places =
        [place(ChangeKind::Promote, None), place(ChangeKind::Promote, Some("canary")), place(ChangeKind::Demote, None)];
    assert_eq!(places.iter().collect::<BTreeSet<_>>().len(), 3);
    let mut rest = &places[1][..];
    let read = <(ChangeKind, Path)>::read(&mut rest);
    assert_eq!((read, rest), (Some((ChangeKind::Promote, "canary".parse().unwrap())), &[][..]));
}

#[test]
fn a_refusal_says_what_happened_and_what_to_do() {
    let missing = List::truncate_from(vec![name("canary.soak"), name("canary.dry_run")]);
    let refused = Error::Deferred { missing, of: 5 };
    assert_eq!(
        refused.to_string(),
        "the list is DEFERRED by canary.soak, canary.dry_run; have that and 3 more met first"
    );
    assert_eq!((refused.code(), refused.number() >= 400), ("E_DEFERRED", true));
    let (to, standing, next) = (name("mainnet"), Some(name("testnet")), Some(name("canary")));
    let skipped = Error::NotSuccessor { to, standing, next }.to_string();
    assert!(skipped.contains("\"testnet\" is the last that stands; promote to \"canary\" next"), "{skipped}");
}
