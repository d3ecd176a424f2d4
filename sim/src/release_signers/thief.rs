//! What a thief asks for with the keys that it has.

use super::council::build;
use super::plan::Trick;
use super::recount::Asked;
use super::setting::Setting;
use super::signed;
use crate::keys::{Role, key};
use primitives::{List, PublicKey, SecretKey};
use releases::{ReleaseVote, Roster};
use runtime::{Motion, testing};

/// The first number of the keys that are the thief's own.
const FIRST_OWN_KEY: u64 = 1_000;

/// How many keys the roster has that it would put in the place of the signers.
const OWN_ROSTER: u64 = 3;

/// The motion of a trick, and what it brings; none for the one that is no proposal.
pub(super) fn motion(
    setting: &Setting,
    roster: &Roster,
    trick: Trick,
    number: usize,
    stolen: &[SecretKey],
) -> Option<(Motion, Asked)> {
    match trick {
        Trick::TakeOut => None,
        Trick::Roster => Some(own_roster(setting, roster.version + 1, stolen)),
        Trick::RosterThatSkips => Some(own_roster(setting, roster.version + 2, stolen)),
        Trick::RosterAgain => Some(own_roster(setting, roster.version, stolen)),
        Trick::Approve
        | Trick::ApproveWithLessThanTheThreshold
        | Trick::ApproveWithForeignKeys
        | Trick::ApproveTwice => Some(own_build(setting, roster, trick, number, stolen)),
    }
}

fn own_build(setting: &Setting, roster: &Roster, trick: Trick, number: usize, stolen: &[SecretKey]) -> (Motion, Asked) {
    let mut by = stolen.to_vec();
    match trick {
        Trick::ApproveWithForeignKeys => by.extend(own_keys(u64::from(roster.threshold))),
        Trick::ApproveTwice => by.extend_from_slice(stolen),
        _ => {}
    }
    let plain = signed::release(setting, roster, build("thief", number as u64), &by);
    let vote = ReleaseVote { signature_threshold: asked(roster, trick, stolen.len()), ..plain };
    let brought = Asked::Build { build: vote.build_hash, signed: signed::public(&by), need: vote.signature_threshold };
    (testing::approve(vote), brought)
}

fn asked(roster: &Roster, trick: Trick, stolen: usize) -> u32 {
    let have = u32::try_from(stolen).unwrap_or(u32::MAX);
    if trick == Trick::ApproveWithLessThanTheThreshold { roster.threshold.min(have) } else { roster.threshold }
}

fn own_roster(setting: &Setting, version: u64, stolen: &[SecretKey]) -> (Motion, Asked) {
    let own: Vec<SecretKey> = own_keys(OWN_ROSTER).collect();
    let signers: Vec<PublicKey> = signed::public(&own);
    let next = Roster { version, signers: List::truncate_from(signers), threshold: 1 };
    let by: Vec<SecretKey> = stolen.iter().cloned().chain(own).collect();
    let brought = Asked::Roster { next: next.clone(), approved: signed::public(&by) };
    (signed::rotation(setting, next, &by), brought)
}

fn own_keys(count: u64) -> impl Iterator<Item = SecretKey> {
    (0..count).map(|index| key(Role::Stranger, FIRST_OWN_KEY + index))
}
