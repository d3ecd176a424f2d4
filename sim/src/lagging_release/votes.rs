//! The chain of the network: what is proposed, voted on and reported, as real transactions in real blocks.

use super::properties::{BACKWARDS, LAWS, REVOKED_MEANWHILE};
use super::setting::Setting;
use crate::chain::Chain;
use crate::chance::Chance;
use crate::keys::{Role, key};
use crate::run::Run;
use crate::world::Moment;
use governance::Choice;
use primitives::{AccountId, Amount, BuildHash, Digest, List, ProposalId, SecretKey, Timestamp, TrackName};
use releases::{InstallStage, Manifest, ReleaseAttestation, ReleaseVote, SignedRoot, manifest_message};
use runtime::{Call, Event, Fact, Lane, Motion, Transaction, testing};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// What a validator says on chain about a build.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word {
    /// The number of the validator.
    pub validator: usize,
    /// The build.
    pub build: BuildHash,
    /// How far it has come.
    pub stage: InstallStage,
}

/// The chain, and who acts on it.
pub(super) struct Votes {
    /// The chain.
    pub chain: Chain,
    keys: Vec<SecretKey>,
    accounts: Vec<AccountId>,
    powers: Vec<Amount>,
    /// Those who hold what is voted on.
    holders: Vec<usize>,
    to_propose: Vec<(TrackName, Motion)>,
    to_vote: Vec<(ProposalId, Option<BuildHash>)>,
    open: BTreeSet<ProposalId>,
    receipts: BTreeMap<AccountId, Timestamp>,
}

/// The hash of a release by its number from 1.
pub(super) fn build_hash(number: usize) -> BuildHash {
    BuildHash(Digest::blake3(format!("sim/lagging_release/{number}").as_bytes()).0)
}

impl Votes {
    /// A chain before its first block, on which validators of just as much power hold what is voted on as is needed.
    pub fn begin(setting: &Setting, chance: &mut Chance) -> Self {
        let chain = Chain::begin(&setting.network);
        let keys: Vec<SecretKey> = (0..setting.validators() as u64).map(|index| key(Role::Validator, index)).collect();
        let accounts: Vec<AccountId> = keys.iter().map(SecretKey::account).collect();
        let set = chain.validators();
        let powers: Vec<Amount> = accounts.iter().map(|who| set.power_of(who).unwrap_or_default()).collect();
        let holders = holders(setting, &powers, chance);
        Self {
            chain,
            keys,
            accounts,
            powers,
            holders,
            to_propose: Vec::new(),
            to_vote: Vec::new(),
            open: BTreeSet::new(),
            receipts: BTreeMap::new(),
        }
    }

    /// The accounts of the validators, by number.
    pub fn accounts(&self) -> &[AccountId] {
        &self.accounts
    }

    /// Their powers.
    pub fn powers(&self) -> &[Amount] {
        &self.powers
    }

    /// Whether a validator holds a release from its vote on.
    pub fn holds(&self, validator: usize) -> bool {
        self.holders.contains(&validator)
    }

    /// Whether nothing is voted on any more.
    pub fn are_over(&self) -> bool {
        self.to_propose.is_empty() && self.to_vote.is_empty() && self.open.is_empty()
    }

    /// Has a release proposed with the next block.
    pub fn approve(&mut self, setting: &Setting, number: usize) {
        let motion = testing::approve(release_vote(setting, number));
        self.to_propose.push((TrackName::Routine, motion));
    }

    /// Has the revocation of a build proposed with the next block.
    pub fn revoke(&mut self, build: BuildHash) {
        let motion = testing::revoke(&[build]);
        self.to_propose.push((TrackName::Expedited, motion));
    }

    /// The next block, so long after the one before, with what is to be proposed and voted on and what validators say. False where
    /// a law is broken.
    pub fn block(&mut self, at: Moment, after: Duration, proposer: usize, words: &[Word], run: &mut Run) -> bool {
        let transactions = self.transactions(words);
        let committed = match self.chain.block(after, proposer, transactions) {
            Ok(committed) => committed,
            Err(law) => {
                run.broken(&LAWS, at, law);
                return false;
            }
        };
        run.decided(&committed.executed.facts);
        for fact in &committed.executed.facts {
            self.take_in(at, fact, run);
        }
        true
    }

    fn transactions(&mut self, words: &[Word]) -> Vec<Transaction> {
        let mut calls: Vec<(usize, Lane, Call)> = Vec::new();
        for (ProposalId(id), asked_for) in std::mem::take(&mut self.to_vote) {
            let vote = |validator| (validator, Lane::Wallet, testing::vote(id, Choice::Yes, None));
            calls.extend((0..self.keys.len()).map(vote));
            if let Some(build) = asked_for {
                calls.extend(self.holders.iter().map(|who| (*who, Lane::Node, testing::hold(build))));
            }
        }
        let to_propose = if self.has_time_to_vote() { std::mem::take(&mut self.to_propose) } else { Vec::new() };
        for (track, motion) in to_propose {
            calls.push((0, Lane::Wallet, testing::propose_on(track, motion)));
        }
        let said = |word: &Word| (word.validator, Lane::Node, testing::report(word.build, word.stage.clone()));
        calls.extend(words.iter().map(said));
        calls.into_iter().map(|(who, lane, call)| self.chain.sign_in(lane, &self.keys[who], call)).collect()
    }

    /// Whether the next block is so far from the end of its epoch, with which a vote ends, that all can vote on what it brings.
    fn has_time_to_vote(&self) -> bool {
        let (next, length) = (self.chain.height().next().0, self.chain.epoch_length());
        next % length + 4 < length
    }

    fn take_in(&mut self, at: Moment, fact: &Fact, run: &mut Run) {
        let event = match &fact.outcome {
            Ok(event) => event,
            Err(refused) => {
                run.tell(at, || format!("refused: {refused}"));
                return;
            }
        };
        match event {
            Event::Governance(event) => self.take_in_vote(at, event, run),
            Event::Releases(releases::Event::Installed { node, receipt, .. }) => {
                let before = self.receipts.insert(*node, receipt.last.time);
                if before.is_some_and(|before| receipt.last.time < before) || receipt.last.time < receipt.first.time {
                    run.broken(&BACKWARDS, at, format!("{node} installed at {} after it did later", receipt.last.time));
                }
            }
            Event::Releases(releases::Event::Approved { builds, .. }) => {
                let number = builds.first().map(|build| build.sequence).unwrap_or_default();
                run.tell(at, || format!("release {number} is approved"));
            }
            Event::Releases(releases::Event::Revoked { effective_epoch, .. }) => {
                run.happened(&REVOKED_MEANWHILE);
                run.tell(at, || format!("a build is revoked; no node runs it from epoch {effective_epoch} on"));
            }
            _ => {}
        }
    }

    fn take_in_vote(&mut self, at: Moment, event: &governance::Event<Motion>, run: &mut Run) {
        match event {
            governance::Event::Proposed(proposal) => {
                let asked_for = match &proposal.motion {
                    Motion::Releases(releases::Motion::Approve(vote)) => Some(vote.build_hash),
                    _ => None,
                };
                self.open.insert(proposal.id);
                self.to_vote.push((proposal.id, asked_for));
            }
            governance::Event::Rejected { proposal_id, shortfall, .. } => {
                self.open.remove(proposal_id);
                run.broken(
                    &LAWS,
                    at,
                    format!("all voted for proposal {proposal_id}, which was rejected: {shortfall:?}"),
                );
            }
            governance::Event::Activated { proposal_id } => {
                self.open.remove(proposal_id);
            }
            governance::Event::Cancelled(cancelled) => {
                self.open.remove(&cancelled.proposal_id);
                run.tell(at, || format!("proposal {} is not carried out", cancelled.proposal_id));
            }
            _ => {}
        }
    }
}

/// Validators in an order of chance, until their power is as much as a release needs.
fn holders(setting: &Setting, powers: &[Amount], chance: &mut Chance) -> Vec<usize> {
    let share = setting.network.genesis.releases.params.available_share;
    let total: Amount = powers.iter().copied().sum();
    let mut order: Vec<usize> = (0..powers.len()).collect();
    chance.shuffle(&mut order);
    let (mut holders, mut power) = (Vec::new(), Amount::ZERO);
    for validator in order {
        if share.is_met(power, total) {
            break;
        }
        power = power.saturating_add(powers[validator]);
        holders.push(validator);
    }
    holders
}

/// What approves a release, signed by as many of the roster as it takes.
fn release_vote(setting: &Setting, number: usize) -> ReleaseVote {
    let genesis = &setting.network.genesis;
    let (build_hash, platform) = (build_hash(number), setting.platform.clone());
    let roster = &genesis.releases.roster;
    let signers: Vec<SecretKey> = (0..u64::from(roster.threshold)).map(|index| key(Role::Signer, index)).collect();
    let sign = |message: &[u8]| {
        let signatures =
            signers.iter().map(|key| ReleaseAttestation { signer: key.public(), signature: key.sign(message) });
        List::truncate_from(signatures.collect())
    };
    let attested = match genesis.signing_domain() {
        Some(domain) => domain.attestation_message(&build_hash, &platform),
        None => build_hash.attestation_message(),
    };
    let said = Manifest { size: Some(setting.size), ..Manifest::default() };
    let root = said.root(build_hash, &platform);
    let signatures = sign(&manifest_message(&genesis.chain.chain_id, &root));
    ReleaseVote {
        build_hash,
        signatures: sign(&attested),
        signature_threshold: roster.threshold,
        signer_set: roster.signers.clone(),
        manifest: Manifest { signed_root: Some(SignedRoot { root, signatures }), ..said },
        sealed: None,
        platform,
    }
}
