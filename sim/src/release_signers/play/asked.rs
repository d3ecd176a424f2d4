//! What council, thief and voters ask for.

use super::super::outcome::{Attempt, End, Wait};
use super::super::plan::Trick;
use super::super::recount::{Asked, Put, Whose};
use super::super::{council::Stage, signed, thief};
use super::{Act, Play};
use governance::{Choice, TrackName};
use primitives::{Epoch, List, PublicKey, SecretKey};
use releases::Roster;
use runtime::testing;
use runtime::{Call, Motion};

impl Play<'_> {
    /// Has a call in the next block.
    pub(super) fn ask(&mut self, key: &SecretKey, call: Call, act: Act) {
        let transaction = self.chain.sign(key, call);
        self.asked.push((act, transaction));
    }

    /// Has a validator whose turn it is propose something. False where none is up.
    pub(super) fn propose(&mut self, now: u64, turn: u64, motion: Motion, whose: Whose, asked: Asked) -> bool {
        let Some(key) = self.seats.proposer(turn, now).map(|seat| seat.key.clone()) else { return false };
        self.propose_by(&key, motion, whose, asked);
        true
    }

    fn propose_by(&mut self, key: &SecretKey, motion: Motion, whose: Whose, asked: Asked) {
        let version = self.books.version();
        let call = testing::propose_on(TrackName::Routine, motion);
        self.ask(key, call, Act::Propose { whose, asked, version });
    }

    /// A signer leaves, and its key gives its word for it.
    pub(super) fn leave(&mut self, now: u64, rank: u64) {
        let signing = self.signing(now);
        if let Some(key) = self.council.leave(&signing, rank) {
            self.take_out(&key, None);
        }
    }

    /// What is noticed by now: whoever sees that its key was copied takes it out of the roster at once.
    pub(super) fn notice(&mut self, now: u64) {
        let signing = self.signing(now);
        for key in self.council.notice(now) {
            if signing.contains(&key.public()) {
                self.take_out(&key, None);
            }
        }
    }

    fn take_out(&mut self, key: &SecretKey, attempt: Option<usize>) {
        let call = testing::leave_roster_with(&self.setting.domain.chain_id, key, self.books.version());
        let payer = if attempt.is_some() { self.thief.clone() } else { self.payer.clone() };
        self.ask(&payer, call, Act::Leave(attempt));
    }

    /// The council proposes the roster that it aims at, once as many keys can approve it as it needs.
    pub(super) fn rotate(&mut self, now: u64) {
        if self.council.rotation.is_some() {
            return;
        }
        let record = self.record();
        let (signing, threshold) = (record.signing(Epoch(now)).to_vec(), self.council.aim.threshold);
        let wanted = self.council.wanted(&signing);
        if wanted == signing && record.roster.threshold == threshold {
            return;
        }
        let keys = self.council.living(&with_others(&signing, &wanted));
        let next = Roster { version: record.roster.version + 1, signers: List::truncate_from(wanted), threshold };
        let asked = Asked::Roster { next: next.clone(), approved: signed::public(&keys) };
        if self.books.lacks_signatures(&asked, record.roster.version, now).is_none() {
            let motion = signed::rotation(self.setting, next, &keys);
            self.propose(now, now, motion, Whose::Rotation, asked);
        }
    }

    /// The council proposes the releases that wait, each with the signatures of all who are at hand.
    pub(super) fn release(&mut self, now: u64) {
        for number in 0..self.council.releases.len() {
            if self.council.releases[number].stage == Stage::Waits {
                self.propose_release(now, number);
            }
        }
    }

    fn propose_release(&mut self, now: u64, number: usize) {
        let (record, signing) = (self.record(), self.signing(now));
        let release = &self.council.releases[number];
        let (build, at_hand): (_, Vec<PublicKey>) = (release.build, release.at_hand(&signing, now).collect());
        let keys = self.council.living(&at_hand);
        let asked = Asked::Build { build, signed: signed::public(&keys), need: record.roster.threshold };
        if self.books.lacks_signatures(&asked, record.roster.version, now).is_some() {
            self.has_to_wait(number, Wait::Signatures);
            return;
        }
        let motion = testing::approve(signed::release(self.setting, &record.roster, build, &keys));
        // Others than those whose proposals may still hold places.
        let turn = now.saturating_add(number as u64);
        if !self.propose(now, turn, motion, Whose::Release(number), asked) {
            self.has_to_wait(number, Wait::Proposer);
        }
    }

    /// The thief tries something with those of its keys that still sign.
    pub(super) fn try_trick(&mut self, now: u64, trick: Trick) {
        let (record, signing) = (self.record(), self.signing(now));
        let stolen = self.council.stolen(&signing);
        let (number, threshold) = (self.outcome.attempts.len(), record.roster.threshold);
        let attempt = Attempt { trick, keys: stolen.len() as u64, threshold, end: End::Open };
        self.outcome.attempts.push(attempt);
        match (thief::motion(self.setting, &record.roster, trick, number, &stolen), stolen.first()) {
            (Some((motion, asked)), _) => {
                let thief = self.thief.clone();
                self.propose_by(&thief, motion, Whose::Thief(number), asked);
            }
            (None, Some(key)) => self.take_out(key, Some(number)),
            (None, None) => self.end_attempt(number, End::Refused),
        }
    }

    /// Who is up and has not voted yet votes, and says that it holds what is to be approved, of whomever: nodes fetch
    /// whatever is asked for. The thief votes for its own.
    pub(super) fn vote(&mut self, now: u64) {
        let mut calls: Vec<(SecretKey, Call)> = Vec::new();
        for (id, put) in self.books.open.iter().filter(|(_, put)| put.is_open && put.voting_ends > now) {
            let choice = if put.whose.is_announced() { Choice::Yes } else { Choice::No };
            for seat in self.seats.up(now) {
                let comes = self.seats.do_vote(now) || seat.account == put.proposer;
                if comes && !put.votes.contains_key(&seat.account) {
                    calls.push((seat.key.clone(), testing::vote(id.0, choice, None)));
                }
                calls.extend(held(put, seat.is_elected, &seat.key));
            }
            if matches!(put.whose, Whose::Thief(_)) && !put.votes.contains_key(&self.thief.account()) {
                calls.push((self.thief.clone(), testing::vote(id.0, Choice::Yes, None)));
            }
        }
        for (key, call) in calls {
            self.ask(&key, call, Act::Other);
        }
    }
}

/// What a validator says of the build that is asked for, if it has not said so.
fn held(put: &Put, is_elected: bool, key: &SecretKey) -> Option<(SecretKey, Call)> {
    let build = put.asked.build().filter(|_| is_elected && !put.holders.contains(&key.account()))?;
    Some((key.clone(), testing::hold(build)))
}

/// Keys, and those others that are not among them.
fn with_others(keys: &[PublicKey], others: &[PublicKey]) -> Vec<PublicKey> {
    let new = others.iter().filter(|key| !keys.contains(key));
    keys.iter().chain(new).copied().collect()
}
