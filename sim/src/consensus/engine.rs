//! Malachite's core, driven: inputs go in, effects come out and are carried out here, in the order of the engine
//! (`arc-malachitebft-engine`, `consensus.rs`).

use super::checker::{Checker, at_once};
use super::machine::{Life, Machine};
use super::oracle::Word;
use super::scene::{Happens, Said, Scene};
use super::setting::BrokenRule;
use super::{ALIVE, HONEST};
use crate::links::Place;
use ::consensus::{Address, BlockHeight, ChainContext, Members};
use arc_malachitebft_app::metrics::Metrics;
use arc_malachitebft_core_consensus::{
    ConsensusMsg, Effect, Error, Input, LivenessMsg, Params, Resumable as _, Resume, SignedConsensusMsg, State,
    ValuePayload, VoteExtensionError,
};
use arc_malachitebft_core_types::{
    CommitCertificate, NilOrVal, PublicKey, Round, SignedMessage, SignedVote, Timeout, TimeoutKind, ValidatorSet as _,
    VoteExtensionPolicy, VoteType,
};
use arc_malachitebft_signing::{Signer as _, Verifier as _, VerifierExt as _};
use primitives::{BlockHash, Height, VoteKind};
use std::fmt::Display;
use std::mem::discriminant;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

/// So many later heights have their messages kept until they begin, and so many messages of each: what the node's engine has.
const QUEUED_HEIGHTS: usize = 10;
/// See [`QUEUED_HEIGHTS`].
const QUEUED_EACH: usize = 500;
/// A target that no machine's own clock comes to: how long a height takes is for virtual time to say.
const NO_REAL_TIME: Duration = Duration::from_secs(1 << 32);

/// Why a core takes in nothing more.
enum Stop {
    /// A crash of the plan comes before its next effect.
    Falls,
    /// It came to an error, or asked for what it cannot have; which, in words.
    Ends(String),
}

/// The core of a process.
pub(super) struct Core {
    state: State<ChainContext>,
    /// Read by nobody; the core writes them.
    metrics: Metrics,
    address: Address,
}

impl Core {
    fn new(height: Height, members: Members, address: Address, scene: &Scene<'_>) -> Self {
        let params = Params {
            address,
            threshold_params: scene.setting.thresholds(),
            value_payload: ValuePayload::ProposalAndParts,
            enabled: true,
        };
        let state = State::new(ChainContext, BlockHeight(height), members, params, QUEUED_HEIGHTS, QUEUED_EACH);
        Self { state, metrics: Metrics::new(), address }
    }

    /// Takes in an input and has each effect handled, until one of them cannot be.
    fn drives(
        &mut self,
        input: Input<ChainContext>,
        mut handle: impl FnMut(Effect<ChainContext>) -> Result<Resume<ChainContext>, Stop>,
    ) -> Result<(), Stop> {
        let drive = AssertUnwindSafe(|| -> Result<Result<(), Error<ChainContext>>, Stop> {
            let ended: Result<(), Error<ChainContext>> = arc_malachitebft_core_consensus::process!(
                input: input,
                state: &mut self.state,
                metrics: &self.metrics,
                with: effect => match handle(effect) {
                    Ok(resume) => Ok::<_, String>(resume),
                    Err(stop) => return Err(stop),
                }
            );
            Ok(ended)
        });
        // A core that panics ends its process, and not this program: that it does is worth a seed.
        match catch_unwind(drive) {
            Ok(ended) => ended?.map_err(|error| Stop::Ends(error.to_string())),
            Err(panic) => Err(Stop::Ends(message_of(&*panic))),
        }
    }
}

fn message_of(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    format!("it panicked: {}", text.unwrap_or_else(|| "nobody knows why".to_owned()))
}

impl Machine {
    /// Has the core begin the height after the head, and read its log.
    pub(super) fn begins_height(&mut self, scene: &mut Scene<'_>) {
        let height = self.height().next();
        let set = self.ledger.validators(height).unwrap_or_default();
        let Some(members) = Members::new(&set) else { return };
        let signs = self.standing.signing().may_sign(height);
        let address = if signs { self.signatory.address() } else { self.nobody };
        let takes_part = members.get_by_address(&address).is_some();
        let entries = self.home.open_log(height, takes_part);
        let Some(life) = &mut self.life else { return };
        (life.height, life.began, life.round) = (height, scene.now(), 0);
        (life.takes_part, life.recovers) = (takes_part, false);
        if life.core.as_ref().is_none_or(|core| core.address != address) {
            life.core = Some(Core::new(height, members.clone(), address, scene));
        }
        let target = scene.setting.target_block_time().map(|_| NO_REAL_TIME);
        let policy = VoteExtensionPolicy::Disabled;
        self.feeds(Input::StartHeight(BlockHeight(height), members, false, target, policy), scene);
        self.recovers(entries, scene);
        self.takes_fetched(height);
        self.asks_on(scene);
    }

    /// Reads the log: what was signed before is signed again, and nothing else.
    fn recovers(&mut self, entries: Vec<Input<ChainContext>>, scene: &mut Scene<'_>) {
        if entries.is_empty() {
            return;
        }
        let place = self.place;
        scene.tell(|| format!("{place} reads {} entries of its log", entries.len()));
        let Some(Life { core: Some(core), recovers, .. }) = &mut self.life else { return };
        core.state.record_recovered_own_precommit_extensions(&entries);
        core.state.index_wal_entries(&entries);
        *recovers = true;
        for entry in entries {
            self.feeds(entry, scene);
        }
        let Some(Life { core: Some(core), recovers, .. }) = &mut self.life else { return };
        core.state.reset_entries_index();
        *recovers = false;
    }

    /// Has the core take in one input.
    pub(super) fn feeds(&mut self, input: Input<ChainContext>, scene: &mut Scene<'_>) {
        let Some(mut core) = self.life.as_mut().and_then(|life| life.core.take()) else { return };
        let fed = core.drives(input, |effect| self.handles(effect, scene));
        match fed {
            Ok(()) => {
                if let Some(life) = &mut self.life {
                    life.core = Some(core);
                }
            }
            Err(Stop::Falls) => self.dies(scene),
            Err(Stop::Ends(error)) => self.fails(&error, scene),
        }
    }

    /// The core cannot go on, and the process ends.
    fn fails(&mut self, error: &str, scene: &mut Scene<'_>) {
        let (place, height) = (self.place, self.height());
        let reads = self.life.as_ref().is_some_and(|life| life.recovers);
        let (property, when) = if reads { (&HONEST, " while it read its log") } else { (&ALIVE, "") };
        self.ends(property, format!("the core of machine {place} ended after height {height}{when}: {error}"), scene);
    }

    /// Carries out one effect.
    fn handles(&mut self, effect: Effect<ChainContext>, scene: &mut Scene<'_>) -> Result<Resume<ChainContext>, Stop> {
        if !self.goes_on() {
            return Err(Stop::Falls);
        }
        let place = self.place;
        match effect {
            Effect::CancelAllTimeouts(_) => self.cancels(|_| true),
            Effect::CancelTimeout(timeout, _) => self.cancels(|other| is_same(other, &timeout)),
            Effect::ScheduleTimeout(timeout, _) => self.waits(timeout, scene),
            Effect::StartRound(height, round, ..) => self.begins_round(height.0, round, scene),
            Effect::PublishConsensusMsg(message, _) => {
                self.flushes();
                self.publishes(message, scene);
            }
            Effect::PublishLivenessMsg(message, _) => scene.say(place, Said::Liveness(message)),
            Effect::RepublishVote(vote, _) => scene.say(place, Said::Liveness(LivenessMsg::Vote(vote))),
            Effect::RepublishRoundCertificate(certificate, _) => {
                scene.say(place, Said::Liveness(LivenessMsg::SkipRoundCertificate(certificate)));
            }
            Effect::GetValue(height, round, ..) => self.proposes(height.0, round, scene),
            Effect::RestreamProposal(height, round, valid_round, _, value, _) => {
                self.streams_again(height.0, value, (round, valid_round), scene);
            }
            Effect::CertVerifiedSyncValue(value, proposer, _) => self.is_synced(&value, proposer, scene),
            Effect::CertRejectedSyncValue(_, height, error, _) => {
                scene.tell(|| format!("{place} refuses a certificate of {height}: {error}"));
            }
            Effect::Decide(certificate, ..) => {
                self.flushes();
                self.confirms(&certificate, scene);
                // What falls here has confirmed the block and not committed it.
                if !self.goes_on() {
                    return Err(Stop::Falls);
                }
                self.commits(certificate, scene);
            }
            Effect::Finalize(_, _, evidence, _) => self.finishes(&evidence, scene),
            Effect::WalAppend(height, entry, _) => self.appends(height.0, entry),
            effect => return self.signs_or_checks(effect, scene),
        }
        Ok(Resume::Continue)
    }

    /// The effects that ask for a signature, or whether one holds.
    fn signs_or_checks(&self, effect: Effect<ChainContext>, scene: &Scene<'_>) -> Result<Resume<ChainContext>, Stop> {
        let (checker, context) = (&scene.checker, &ChainContext);
        Ok(match effect {
            Effect::SignVote(vote, r) => r.resume_with(signed(at_once(self.signatory.sign_vote(vote)), scene)?),
            Effect::SignProposal(proposal, r) => {
                r.resume_with(signed(at_once(self.signatory.sign_proposal(proposal)), scene)?)
            }
            Effect::VerifySignature(message, key, r) => r.resume_with(holds(checker, &message, &key)),
            Effect::VerifyCommitCertificate(certificate, set, thresholds, r) => {
                r.resume_with(at_once(checker.verify_commit_certificate(context, &certificate, &set, thresholds)))
            }
            Effect::VerifyExtendedCommitCertificate(certificate, set, thresholds, policy, r) => r.resume_with(at_once(
                checker.verify_extended_commit_certificate(context, &certificate, &set, thresholds, policy),
            )),
            Effect::VerifyPolkaCertificate(certificate, set, thresholds, r) => {
                r.resume_with(at_once(checker.verify_polka_certificate(context, &certificate, &set, thresholds)))
            }
            Effect::VerifyRoundCertificate(certificate, set, thresholds, r) => {
                r.resume_with(at_once(checker.verify_round_certificate(context, &certificate, &set, thresholds)))
            }
            // Votes carry no extensions on this chain: none is made, and none is accepted.
            Effect::ExtendVote(_, _, _, _, r) => r.resume_with(None),
            Effect::VerifyVoteExtension(_, _, _, _, _, _, r) => {
                r.resume_with(Err(VoteExtensionError::InvalidVoteExtension))
            }
            effect => return Err(Stop::Ends(format!("it asks for what nobody gives here: {effect:?}"))),
        })
    }

    /// Whether the process is still there; one that falls is gone when its last effect is carried out.
    fn goes_on(&mut self) -> bool {
        match &mut self.fall {
            Some(fall) if fall.effects_left == 0 => false,
            Some(fall) => {
                fall.effects_left -= 1;
                true
            }
            None => true,
        }
    }

    fn cancels(&mut self, is_meant: impl Fn(&Timeout) -> bool) {
        if let Some(life) = &mut self.life {
            life.timers.retain(|(timeout, _)| !is_meant(timeout));
        }
    }

    fn waits(&mut self, timeout: Timeout, scene: &mut Scene<'_>) {
        self.cancels(|other| is_same(other, &timeout));
        let (place, number) = (self.place, self.lives);
        let Some(life) = &mut self.life else { return };
        let wait = match timeout.kind {
            TimeoutKind::FinalizeHeight(_) => {
                let passed = scene.now().since(life.began);
                scene.setting.target_block_time().unwrap_or_default().saturating_sub(passed)
            }
            _ => scene.setting.timeouts().duration_for(timeout),
        };
        let id = life.next_timer;
        life.next_timer += 1;
        life.timers.push((timeout, id));
        scene.world.after(wait, Happens::Timer { place, life: number, id });
    }

    /// A timeout ends, unless it was cancelled.
    pub(super) fn is_timed_out(&mut self, number: u32, id: u64, scene: &mut Scene<'_>) {
        if number != self.lives {
            return;
        }
        let Some(life) = &mut self.life else { return };
        let Some(at) = life.timers.iter().position(|(_, other)| *other == id) else { return };
        let (timeout, _) = life.timers.remove(at);
        life.inputs.push_back(Input::TimeoutElapsed(timeout));
        self.works(scene);
    }

    fn begins_round(&mut self, height: Height, round: Round, scene: &mut Scene<'_>) {
        self.flushes();
        let number = round.as_u32().unwrap_or_default();
        if let Some(life) = &mut self.life {
            life.round = number;
        }
        let place = self.place;
        if number > 0 {
            scene.tell(|| format!("{place} begins round {number} of {height}"));
        }
        for value in self.seen_before(height, scene) {
            self.takes_in(value);
        }
    }

    fn flushes(&mut self) {
        if self.life.as_ref().is_some_and(|life| life.takes_part && !life.recovers) {
            self.home.flush();
        }
    }

    fn appends(&mut self, height: Height, entry: Input<ChainContext>) {
        if self.life.as_ref().is_some_and(|life| life.takes_part && !life.recovers) {
            self.home.append(height, entry);
        }
    }

    fn confirms(&self, certificate: &CommitCertificate<ChainContext>, scene: &mut Scene<'_>) {
        let now = scene.now();
        scene.oracle.confirms(self.place, certificate.height.0, certificate.value_id, now, scene.run);
    }

    /// Says what was signed, once it is on disk that it was.
    fn publishes(&mut self, message: SignedConsensusMsg<ChainContext>, scene: &mut Scene<'_>) {
        let place = self.place;
        if let SignedConsensusMsg::Vote(vote) = &message {
            scene.tell(|| spoken(place, vote));
        }
        if self.is_honest() {
            let (word, block) = word(place, &message);
            let now = scene.now();
            scene.oracle.says(word, block, now, scene.run);
            scene.say(place, Said::Consensus(message));
        } else {
            self.publishes_dishonestly(message, scene);
        }
    }
}

/// What a key signed; a core whose key does not sign cannot go on.
fn signed<T>(signed: Result<T, impl Display>, scene: &Scene<'_>) -> Result<T, Stop> {
    if scene.setting.broken == Some(BrokenRule::KeyRefuses) {
        return Err(Stop::Ends("its key refuses to sign".to_owned()));
    }
    signed.map_err(|error| Stop::Ends(format!("its key does not sign: {error}")))
}

/// What was signed, and for which block.
fn word(place: Place, message: &SignedConsensusMsg<ChainContext>) -> (Word, Option<BlockHash>) {
    let (height, round) = (message.height().0, message.round().as_u32().unwrap_or_default());
    let (kind, block) = match message {
        SignedConsensusMsg::Proposal(proposal) => (None, Some(proposal.value.0)),
        SignedConsensusMsg::Vote(vote) => {
            let kind = match vote.kind {
                VoteType::Prevote => VoteKind::Prevote,
                VoteType::Precommit => VoteKind::Precommit,
            };
            (Some(kind), block_of(vote))
        }
    };
    ((place, height, round, kind), block)
}

fn block_of(vote: &SignedVote<ChainContext>) -> Option<BlockHash> {
    match vote.block {
        NilOrVal::Nil => None,
        NilOrVal::Val(block) => Some(block),
    }
}

fn spoken(place: Place, vote: &SignedVote<ChainContext>) -> String {
    let block = block_of(vote).map_or_else(|| "nil".to_owned(), |block| block.to_string());
    format!("{place} {:?} {} {} {block}", vote.kind, vote.height, vote.round)
}

/// Whether two timeouts are of one kind in one round; how long the end of a height is waited for makes no other.
fn is_same(one: &Timeout, other: &Timeout) -> bool {
    one.round == other.round && discriminant(&one.kind) == discriminant(&other.kind)
}

fn holds(
    checker: &Checker,
    message: &SignedMessage<ChainContext, ConsensusMsg<ChainContext>>,
    key: &PublicKey<ChainContext>,
) -> bool {
    let found = match &message.message {
        ConsensusMsg::Vote(vote) => at_once(checker.verify_signed_vote(vote, &message.signature, key)),
        ConsensusMsg::Proposal(proposal) => at_once(checker.verify_signed_proposal(proposal, &message.signature, key)),
    };
    found.is_ok_and(|found| found.is_valid())
}
