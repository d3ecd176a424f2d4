//! The laws of a release's life, counted from facts and not by the questions the rules ask.

use crate::network::{Done, Network};
use governance::Status;
use primitives::{BuildHash, Epoch, ProposalId, PublicKey};
use releases::queries::{Verdict, verdict_now};
use releases::{MinimumSequence, Motion as ReleaseMotion, Roster, Standing};
use runtime::{Cause, Error, Event, Motion};
use std::collections::{BTreeMap, BTreeSet};

/// What was seen in earlier blocks.
#[derive(Default)]
pub struct Lifecycle {
    /// The epoch in which each build was approved.
    approved: BTreeMap<BuildHash, Epoch>,
    /// The first epoch in which each build was seen refused.
    refused: BTreeMap<BuildHash, Epoch>,
    roster: Option<Roster>,
    minimum: MinimumSequence,
    /// The sealed proposals that were opened.
    revealed: BTreeSet<ProposalId>,
}

impl Lifecycle {
    pub fn check(&mut self, network: &Network, done: &Done) {
        for fact in &done.executed.facts {
            match (&fact.cause, &fact.outcome) {
                (Cause::Transaction { .. }, Ok(Event::Releases(event @ releases::Event::Revealed { .. }))) => {
                    self.revealed_by_right(network, event);
                }
                (Cause::Proposal(id), Ok(Event::Releases(releases::Event::Approved { builds, .. }))) => {
                    for build in builds {
                        self.approved_by_right(network, *id, build);
                    }
                }
                (
                    cause,
                    Ok(Event::Releases(event @ (releases::Event::Approved { .. } | releases::Event::Revoked { .. }))),
                ) => {
                    assert!(matches!(cause, Cause::Proposal(_)), "{event:?} without a proposal");
                    Self::strands_nobody(network);
                }
                (Cause::Proposal(_), Ok(Event::Releases(releases::Event::MinimumSequenceRaised { .. }))) => {
                    Self::strands_nobody(network);
                }
                (Cause::Proposal(id), Err(Error::Releases(refusal))) => Self::no_signer_undid(network, *id, refusal),
                _ => {}
            }
        }
        self.roster_follows(network);
        self.minimum_never_falls(network);
        self.only_what_was_approved_boots(network);
        self.what_is_ready_activates(network);
    }

    /// What is revealed is what was sealed, by whoever sealed it, and it is revealed in time.
    fn revealed_by_right(&mut self, network: &Network, event: &releases::Event) {
        let releases::Event::Revealed { proposal_id, build_hash, seal, salt, manifest } = event else { return };
        let proposal = governance::queries::proposal::<Motion>(&network.state(), *proposal_id);
        let Motion::Releases(ReleaseMotion::Approve(vote)) = &proposal.motion else { panic!("revealed {proposal:?}") };
        assert_eq!((vote.build_hash, vote.sealed), (*build_hash, Some(*seal)));
        assert_eq!(manifest.seal(&proposal.proposer, build_hash, salt), *seal, "what is revealed is what was sealed");
        assert!(network.epoch() < proposal.activation_epoch, "revealed once it was due");
        assert!(self.revealed.insert(*proposal_id), "revealed twice");
    }

    /// A key that leaves, and a rotation, undo nothing that passed (H17). What a seal hides may never have had its signatures.
    fn no_signer_undid(network: &Network, id: ProposalId, refusal: &releases::Error) {
        use releases::Error::*;
        let motion = governance::queries::proposal::<Motion>(&network.state(), id).motion;
        let hides = matches!(motion, Motion::Releases(ReleaseMotion::Approve(vote)) if vote.sealed.is_some());
        if hides && matches!(refusal, ManifestQuorumMissing { .. }) {
            return;
        }
        let by_a_signer = matches!(
            refusal,
            QuorumMissing { .. }
                | ManifestQuorumMissing { .. }
                | ApprovalsMissing { .. }
                | UnknownSigner(_)
                | RosterChanged { .. }
                | RosterUnusable { .. }
                | RosterUnchanged
        );
        assert!(!by_a_signer, "proposal {id} had passed: {refusal}");
    }

    /// Attestation quorum by the keys of a roster, stake approval, and activation: all three.
    fn approved_by_right(&mut self, network: &Network, id: ProposalId, build: &releases::ApprovedRelease) {
        let state = network.state();
        let proposal = governance::queries::proposal::<Motion>(&state, id);
        let poll = governance::queries::poll(&state, id);
        assert_eq!(poll.status, Status::Activated);
        assert!(proposal.activation_epoch <= network.epoch() && poll.vote_deadline_epoch < network.epoch().next());
        assert!(poll.tally.yes > poll.tally.no && proposal.rules.shortfall(&poll.tally, poll.total).is_none());
        let Motion::Releases(ReleaseMotion::Approve(vote)) = &proposal.motion else {
            panic!("approved by {proposal:?}")
        };
        assert!(vote.sealed.is_none() || self.revealed.contains(&id), "approved while it was sealed");
        let message = build.build_hash.attestation_message();
        let rosters: Vec<Roster> = releases::queries::rosters(&state).map(|record| record.roster).collect();
        let valid: BTreeSet<PublicKey> = build
            .signatures
            .iter()
            .filter(|attestation| attestation.signer.verify(&message, &attestation.signature))
            .map(|attestation| attestation.signer)
            .collect();
        assert!(valid.len() >= vote.signature_threshold as usize && valid.len() == build.signatures.len());
        // The roster may have changed since it passed.
        let in_force = |roster: &Roster| {
            valid.iter().all(|key| roster.signers.contains(key)) && valid.len() >= roster.threshold as usize
        };
        assert!(rosters.iter().any(in_force));
        self.approved.insert(build.build_hash, network.epoch());
    }

    /// After builds went out of use: a later release is active for them, or two thirds of the stake run builds that stay.
    fn strands_nobody(network: &Network) {
        let (state, now) = (network.state(), network.epoch());
        let after = now.plus(network.genesis.releases.params.notice_epochs);
        let builds: Vec<_> = releases::queries::releases(&state).collect();
        let lasts = |build: &releases::ApprovedRelease| {
            verdict_now(&state, &build.build_hash, after) == Verdict::Approved
                && !matches!(build.standing, Standing::Revoked { .. })
        };
        if builds.iter().any(|build| build.standing == Standing::Active && lasts(build)) {
            return;
        }
        let set = staking::queries::validator_set(&state, now);
        let runs = |node| releases::queries::running(&state, node);
        let safe = set.validators.iter().filter(|member| {
            builds.iter().any(|build| runs(&member.account) == Some(build.build_hash) && lasts(build))
        });
        let power: u64 = safe.map(|member| member.power.0).sum();
        assert!(power * 3 >= set.total_power().0 * 2, "stranded: {power} of {:?}", set.total_power());
    }

    fn only_what_was_approved_boots(&mut self, network: &Network) {
        let (state, now) = (network.state(), network.epoch());
        let genesis = network.genesis.releases.approved[0].build_hash;
        for hash in (1..6u8).map(|byte| BuildHash([byte; 32])).chain([genesis]) {
            let verdict = verdict_now(&state, &hash, now);
            match verdict {
                Verdict::Approved => {
                    let approved = hash == genesis || self.approved.get(&hash).is_some_and(|epoch| *epoch <= now);
                    assert!(approved, "{hash} boots without approval");
                }
                Verdict::NotApproved => assert!(!self.approved.contains_key(&hash), "an approval was forgotten"),
                Verdict::Revoked { .. } | Verdict::BelowMinimumSequence { .. } => {
                    self.refused.entry(hash).or_insert(now);
                }
                Verdict::EndOfSupport { .. } => {}
            }
            let gone = self.refused.contains_key(&hash);
            assert!(!gone || verdict != Verdict::Approved, "{hash} came back although it was taken out of use");
        }
    }

    fn roster_follows(&mut self, network: &Network) {
        let roster = releases::queries::roster(&network.state());
        let staying = releases::queries::roster_record(&network.state()).staying();
        assert!(roster.threshold >= 1 && roster.threshold as usize <= staying.len(), "it can release");
        let records: Vec<u64> =
            releases::queries::rosters(&network.state()).map(|record| record.roster.version).collect();
        assert_eq!(records, (1..=roster.version).collect::<Vec<_>>(), "every version is on record, without a gap");
        if let Some(before) = self.roster.replace(roster.clone()) {
            assert!(roster == before || roster.version > before.version, "a roster changed under its version");
        }
    }

    /// Of no epoch, also of one that is still to come.
    fn minimum_never_falls(&mut self, network: &Network) {
        let notice = network.genesis.releases.params.notice_epochs;
        let minimum = releases::queries::minimum_sequence(&network.state());
        let before = std::mem::replace(&mut self.minimum, minimum.clone());
        for epoch in (0..=network.epoch().plus(notice).0).map(Epoch) {
            assert!(minimum.at(epoch) >= before.at(epoch), "in epoch {epoch} {before:?} fell to {minimum:?}");
        }
        assert!(minimum.ahead(Epoch(0)).count() as u64 <= notice + 1, "{minimum:?}");
    }

    /// No proposal that passed is left behind once its epoch has come.
    fn what_is_ready_activates(&self, network: &Network) {
        let state = network.state();
        for proposal in governance::queries::proposals::<Motion>(&state) {
            let id = proposal.id;
            let passed = governance::queries::poll(&state, id).status == Status::Passed;
            assert!(!passed || proposal.activation_epoch > network.epoch(), "proposal {id} passed and was left behind");
        }
    }
}
