//! What comes of what was asked for, held against the rules.

use super::super::council::Stage;
use super::super::options::Shape;
use super::super::outcome::{End, Wait};
use super::super::recount::{Asked, Put, Whose};
use super::super::{IN_TIME, LOCKED_OUT, ROTATED_WHILE_OPEN, SKIPPED, THIEF_REFUSED, UNSUPPORTED};
use super::{Act, Play};
use governance::{Proposal, Shortfall};
use primitives::ProposalId;
use releases::RosterRecord;
use runtime::{Cause, Error, Event, Fact, Motion};
use state::Told;
use std::collections::{BTreeMap, BTreeSet};

impl Play<'_> {
    /// What became of a transaction.
    pub(super) fn answered(&mut self, act: Act, outcome: &Result<Event, Error>) {
        match (act, outcome) {
            (Act::Propose { whose, asked, version }, Ok(Event::Governance(governance::Event::Proposed(proposal)))) => {
                self.stored(proposal, whose, asked, version)
            }
            (Act::Propose { whose, asked, version }, Err(error)) => self.refused(whose, &asked, version, error),
            (Act::Leave(Some(attempt)), Ok(_)) => self.end_attempt(attempt, End::Succeeded),
            (Act::Leave(Some(attempt)), Err(_)) => self.end_attempt(attempt, End::Refused),
            _ => {}
        }
    }

    fn stored(&mut self, proposal: &Proposal<Motion>, whose: Whose, asked: Asked, version: u64) {
        let id = proposal.id;
        if let Some(lacking) = self.books.lacks_signatures(&asked, version, self.now()) {
            let at = self.at();
            self.run.broken(&UNSUPPORTED, at, format!("proposal {id} was stored with {lacking}"));
        }
        if let Some(skipping) = asked.skips(version) {
            let at = self.at();
            self.run.broken(&SKIPPED, at, format!("proposal {id} was stored for {skipping}"));
        }
        match whose {
            Whose::Release(number) => self.council.releases[number].stage = Stage::Proposed,
            Whose::Rotation => self.council.rotation = Some(id),
            Whose::Rehearsal => self.rehearsed = Some(Ok(id)),
            Whose::Thief(_) => {}
        }
        let (proposer, voting_ends) = (proposal.proposer, proposal.vote_deadline_epoch.0);
        let (votes, holders) = (BTreeMap::new(), BTreeSet::new());
        let put = Put { whose, asked, proposer, version, voting_ends, is_open: true, votes, holders };
        self.books.open.insert(id, put);
    }

    fn refused(&mut self, whose: Whose, asked: &Asked, version: u64, error: &Error) {
        let is_signed = self.books.lacks_signatures(asked, version, self.now()).is_none();
        if is_signed && !matches!(whose, Whose::Thief(_)) && matches!(error, Error::Releases(_)) {
            let at = self.at();
            self.run.broken(&LOCKED_OUT, at, format!("{whose:?} has its signatures and was refused: {error}"));
        }
        match whose {
            Whose::Release(number) => self.has_to_wait(number, Wait::Proposer),
            Whose::Rotation => {}
            Whose::Thief(attempt) => self.end_attempt(attempt, End::Refused),
            Whose::Rehearsal => self.rehearsed = Some(Err(error.clone())),
        }
    }

    pub(super) fn end_attempt(&mut self, attempt: usize, end: End) {
        self.outcome.attempts[attempt].end = end;
        if matches!(end, End::Refused | End::VotedDown) {
            self.run.happened(&THIEF_REFUSED);
        }
    }

    /// Takes note of a fact, whoever asked for it.
    pub(super) fn note(&mut self, fact: &Fact) {
        match &fact.outcome {
            Ok(Event::Governance(event)) => self.note_of_proposals(event),
            Ok(Event::Releases(event)) => self.note_of_releases(&fact.cause, event),
            _ => {}
        }
        if is_worth_telling(fact) {
            self.tell(|| fact.sentence());
        }
    }

    fn note_of_proposals(&mut self, event: &governance::Event<Motion>) {
        match event {
            governance::Event::Voted { ballot, .. } => {
                if let Some(put) = self.books.open.get_mut(&ballot.proposal_id) {
                    put.votes.insert(ballot.voter, ballot.choice);
                }
            }
            governance::Event::Passed { proposal_id, .. } => {
                if let Some(put) = self.books.open.get_mut(proposal_id) {
                    put.is_open = false;
                }
            }
            governance::Event::Rejected { proposal_id, shortfall, .. } => self.rejected(*proposal_id, *shortfall),
            governance::Event::Cancelled(cancelled) => self.cancelled(cancelled.proposal_id),
            governance::Event::Activated { proposal_id } | governance::Event::Withdrawn { proposal_id, .. } => {
                self.conclude(*proposal_id);
            }
            governance::Event::ParamsSet(_)
            | governance::Event::Proposed(_)
            | governance::Event::Opened { .. }
            | governance::Event::Decided { .. }
            | governance::Event::Recounted { .. } => {}
        }
    }

    fn note_of_releases(&mut self, cause: &Cause, event: &releases::Event) {
        match (event, cause) {
            (releases::Event::Held { node, counted, .. }, _) => {
                for held in counted {
                    if let Some(put) = self.books.open.get_mut(&held.proposal_id) {
                        put.holders.insert(*node);
                    }
                }
            }
            (releases::Event::SignerLeft { version, departure }, _) => {
                self.books.leave(*version, *departure);
                self.council.let_go(&departure.signer);
            }
            (releases::Event::Approved { .. }, Cause::Proposal(id)) => self.approved(*id),
            (releases::Event::RosterSet(record), Cause::Proposal(id)) => self.roster_set(*id, record),
            _ => {}
        }
    }

    /// Counts over whether something could come into force. Returns whose it is.
    fn carried_out(&mut self, id: ProposalId) -> Option<Whose> {
        let at = self.at();
        let Some(put) = self.books.open.get(&id) else {
            self.run.broken(&UNSUPPORTED, at, format!("proposal {id} was carried out, and nobody made it"));
            return None;
        };
        let whose = put.whose;
        if let Some(lacking) = self.books.lacks(put) {
            self.run.broken(&UNSUPPORTED, at, format!("proposal {id} ({whose:?}) came into force without {lacking}"));
        }
        if let Whose::Thief(attempt) = whose {
            self.end_attempt(attempt, End::Succeeded);
        }
        Some(whose)
    }

    fn approved(&mut self, id: ProposalId) {
        let Some(Whose::Release(number)) = self.carried_out(id) else { return };
        let now = self.now();
        let release = &mut self.council.releases[number];
        release.stage = Stage::Active;
        self.outcome.took.push(now - release.made);
        if now <= release.planned {
            self.outcome.in_time += 1;
            self.run.happened(&IN_TIME);
        } else {
            self.outcome.late += 1;
        }
    }

    fn roster_set(&mut self, id: ProposalId, record: &RosterRecord) {
        let whose = self.carried_out(id);
        let (found, expected) = (record.roster.version, self.books.version() + 1);
        if found != expected {
            let at = self.at();
            self.run.broken(&SKIPPED, at, format!("roster {found} came into force where {expected} is next"));
        }
        if self.books.open.iter().any(|(other, put)| *other != id && put.is_open) {
            self.run.happened(&ROTATED_WHILE_OPEN);
        }
        let now = self.now();
        self.books.replace(record, now);
        self.outcome.rosters += 1;
        if self.is_changing && whose == Some(Whose::Rotation) && self.is_planned(Shape::of(&record.roster)) {
            self.is_changing = false;
            self.outcome.planned_since = Some(now);
        }
    }

    /// Whether a roster is the planned one. Who was to join since then, before it was proposed, comes on top.
    fn is_planned(&self, shape: Shape) -> bool {
        let most = self.council.aim.signers;
        let planned = self.setting.change.filter(|planned| planned.threshold == shape.threshold);
        planned.is_some_and(|planned| (planned.signers..=most).contains(&shape.signers))
    }

    fn rejected(&mut self, id: ProposalId, shortfall: Shortfall) {
        let Some(put) = self.conclude(id) else { return };
        if put.whose.is_announced() && self.books.lacks(&put).is_none() {
            let at = self.at();
            let (whose, words) = (put.whose, format!("{shortfall:?}"));
            self.run.broken(
                &LOCKED_OUT,
                at,
                format!("proposal {id} ({whose:?}) has all it needs and was rejected: {words}"),
            );
        }
        match put.whose {
            Whose::Release(number) => self.has_to_wait(number, wait_for(shortfall)),
            Whose::Thief(attempt) => self.end_attempt(attempt, End::VotedDown),
            Whose::Rotation | Whose::Rehearsal => {}
        }
    }

    /// A release waits for something, which counts once.
    pub(super) fn has_to_wait(&mut self, release: usize, wait: Wait) {
        if self.council.releases[release].waits.insert(wait) {
            self.outcome.waits.count(wait);
        }
    }

    /// What passed and is not carried out: a roster after another one, and nothing else.
    fn cancelled(&mut self, id: ProposalId) {
        let Some(put) = self.conclude(id) else { return };
        if matches!(put.whose, Whose::Release(_)) {
            let at = self.at();
            self.run.broken(&LOCKED_OUT, at, format!("proposal {id} passed and was not carried out"));
        }
    }

    /// Forgets a proposal that is concluded. A release that is not approved by it waits again.
    fn conclude(&mut self, id: ProposalId) -> Option<Put> {
        let put = self.books.open.remove(&id)?;
        match put.whose {
            Whose::Release(number) => {
                let release = &mut self.council.releases[number];
                if release.stage == Stage::Proposed {
                    release.stage = Stage::Waits;
                }
            }
            Whose::Rotation => self.council.rotation = None,
            Whose::Thief(_) | Whose::Rehearsal => {}
        }
        Some(put)
    }
}

/// What a release waits for whose vote was lost.
fn wait_for(shortfall: Shortfall) -> Wait {
    match shortfall {
        Shortfall::Quorum | Shortfall::Support | Shortfall::Majority | Shortfall::Voters => Wait::Votes,
        Shortfall::Signatures => Wait::SignerWhoLeft,
        Shortfall::Signers => Wait::AnotherRoster,
        Shortfall::Unavailable => Wait::Holders,
    }
}

/// What is said of proposals and rosters, without votes and holders, of which there are many.
fn is_worth_telling(fact: &Fact) -> bool {
    match &fact.outcome {
        Ok(Event::Governance(event)) => !matches!(event, governance::Event::Voted { .. }),
        Ok(Event::Releases(event)) => !matches!(event, releases::Event::Held { .. }),
        Ok(_) => false,
        Err(_) => true,
    }
}
