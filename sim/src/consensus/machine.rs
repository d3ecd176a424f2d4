//! A machine: a chain, a disk, a clock and a key; and the process that runs on it, as long as it is up.

use super::courier::Key;
use super::engine::Core;
use super::hazards::{Dishonest, MachineCrash};
use super::home::Home;
use super::oracle::Commitment;
use super::purse::BOUNDS;
use super::scene::{Letter, Offer, Said, Scene};
use super::standing::Standing;
use super::{CAUGHT_UP, LAWS};
use crate::drift::Drift;
use crate::links::Place;
use crate::property::Property;
use crate::world::Moment;
use ::consensus::{Address, ChainContext, Signatory, chain_certificate, offences};
use arc_malachitebft_core_consensus::{Input, LivenessMsg, MisbehaviorEvidence, SignedConsensusMsg};
use arc_malachitebft_core_types::{CommitCertificate, Timeout};
use ledger::{InMemory, Ledger, missing_blocks};
use primitives::{BlockHash, Height, SecretKey, Timestamp, TransactionHash};
use runtime::{Block, Certificate, Context, Executed, execute, replay};
use staking::ValidatorSet;
use state::State;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use the_block::mempool::Mempool;

/// A machine of the network.
pub(super) struct Machine {
    pub place: Place,
    pub key: SecretKey,
    pub signatory: Signatory,
    /// What stands for this machine's key where it signs nothing: nobody's.
    pub nobody: Address,
    /// What it does that it should not; none where it is honest.
    pub dishonest: Option<Dishonest>,
    /// The chain, which outlives every crash up to its head.
    pub ledger: Ledger<InMemory>,
    pub home: Home,
    pub clock: Drift,
    pub standing: Standing,
    /// How many processes there were; timeouts of earlier ones are none of this one's.
    pub lives: u32,
    pub life: Option<Life>,
    /// A crash that is under way.
    pub fall: Option<Fall>,
    /// How many blocks it decided with others, and did not fetch.
    pub live_blocks: u64,
    /// When it committed last, or came back.
    pub moved: Moment,
    /// Since when it is back, and what the others had then; none once it has that too.
    pub catching_up: Option<(Moment, Height)>,
}

/// A crash in the middle of something.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fall {
    /// So many effects are still carried out.
    pub effects_left: u32,
    pub loses_log: bool,
}

/// A process.
pub(super) struct Life {
    pub core: Option<Core>,
    /// What the core is to take in, in this order.
    pub inputs: VecDeque<Input<ChainContext>>,
    pub timers: Vec<(Timeout, u64)>,
    pub next_timer: u64,
    pub pool: Mempool,
    /// The height that the core is at, and when it came to it.
    pub height: Height,
    pub began: Moment,
    pub round: u32,
    /// Whether it decides at this height.
    pub takes_part: bool,
    /// Whether the log is being read.
    pub recovers: bool,
    /// Whether the height is over, and the next one is to begin.
    pub is_over: bool,
    /// Blocks that came before their height began.
    pub early: BTreeMap<Height, Vec<Offer>>,
    /// The transactions of blocks that were refused, by their height.
    pub refused: BTreeMap<Height, BTreeSet<TransactionHash>>,
    /// How many blocks of a publisher in a round were executed.
    pub judged: BTreeMap<(Height, u32, Address), usize>,
    /// How far others have said that they have come.
    pub tips: BTreeMap<Place, Height>,
    /// Decided blocks that were fetched, by whom, and are to be taken in.
    pub fetched: BTreeMap<Height, (Place, Vec<u8>, Certificate)>,
    pub asked: Option<Moment>,
    /// The height that was decided by what was fetched.
    pub synced: Option<Height>,
    /// The head when everything was looked at last.
    pub seen_head: Height,
    /// From which height on each offence may be sent.
    pub not_before: BTreeMap<Key, Height>,
    /// A second block that a dishonest proposer has for a height and round.
    pub second: Option<(Height, u32, BlockHash)>,
}

impl Machine {
    pub fn is_honest(&self) -> bool {
        self.dishonest.is_none()
    }

    pub fn is_up(&self) -> bool {
        self.life.is_some()
    }

    /// What its clock reads.
    pub fn reads(&self, scene: &Scene<'_>) -> Timestamp {
        self.clock.reads(scene.setting.genesis.time, scene.now())
    }

    /// Starts a process, unless there is one; `newest` is how far the others have come.
    pub fn starts(&mut self, newest: Height, scene: &mut Scene<'_>) {
        self.fall = None;
        if self.is_up() {
            return;
        }
        let (place, head) = (self.place, self.height());
        scene.tell(|| format!("{place} starts at {head}"));
        let clock = self.reads(scene);
        self.standing.begins(clock, scene.setting.genesis.chain.consensus.max_clock_drift_ms);
        self.lives += 1;
        self.moved = scene.now();
        self.catching_up = (self.lives > 1 && newest > head).then(|| (scene.now(), newest));
        self.life = Some(Life::at(head, scene.now()));
        self.begins_height(scene);
        self.works(scene);
    }

    /// A crash of the plan comes.
    pub fn falls(&mut self, crash: &MachineCrash, scene: &mut Scene<'_>) {
        let (effects_left, loses_log) = (crash.after_effects, crash.loses_log);
        if !self.is_up() || self.fall.is_some() {
            return;
        }
        self.fall = Some(Fall { effects_left, loses_log });
        if effects_left == 0 {
            self.dies(scene);
        }
    }

    /// The process is gone, and the disk has what was synced.
    pub fn dies(&mut self, scene: &mut Scene<'_>) {
        let loses_log = self.fall.take().is_some_and(|fall| fall.loses_log);
        let (place, head) = (self.place, self.height());
        scene.tell(|| format!("{place} crashes at {head}{}", if loses_log { " and loses its log" } else { "" }));
        self.life = None;
        self.home.crash(loses_log);
        if loses_log {
            self.standing.loses_log();
        }
    }

    /// A letter comes.
    pub fn hears(&mut self, from: Place, letter: &Letter, scene: &mut Scene<'_>) {
        match &letter.said {
            Said::Consensus(SignedConsensusMsg::Vote(vote)) => self.takes_in(Input::Vote(vote.clone())),
            Said::Consensus(SignedConsensusMsg::Proposal(proposal)) => self.takes_in(Input::Proposal(proposal.clone())),
            Said::Liveness(LivenessMsg::Vote(vote)) => self.takes_in(Input::Vote(vote.clone())),
            Said::Liveness(LivenessMsg::PolkaCertificate(certificate)) => {
                self.takes_in(Input::PolkaCertificate(certificate.clone()));
            }
            Said::Liveness(LivenessMsg::SkipRoundCertificate(certificate)) => {
                self.takes_in(Input::RoundCertificate(certificate.clone()));
            }
            Said::Block(offer) => self.is_offered(offer, scene),
            Said::Pool(transactions) => {
                for transaction in transactions {
                    // What the pool does not take is known already, or its sender's to worry about.
                    let _ = self.admits(transaction.clone(), scene);
                }
            }
            Said::Tip(height) => self.hears_tip(from, *height, scene),
            Said::Ask(first) => self.answers(from, *first, scene),
            Said::Decided(blocks) => self.is_given(from, blocks),
        }
        self.works(scene);
    }

    /// Queues what the core is to take in.
    pub fn takes_in(&mut self, input: Input<ChainContext>) {
        if let Some(life) = &mut self.life {
            life.inputs.push_back(input);
        }
    }

    /// Has the core take in all that waits, and begins the next height when one is over.
    pub fn works(&mut self, scene: &mut Scene<'_>) {
        while let Some(life) = &mut self.life {
            if std::mem::take(&mut life.is_over) {
                self.begins_height(scene);
                continue;
            }
            let Some(input) = life.inputs.pop_front() else { return };
            self.feeds(input, scene);
        }
    }

    /// Makes a decided block the head.
    pub fn commits(&mut self, decided: CommitCertificate<ChainContext>, scene: &mut Scene<'_>) {
        let height = decided.height.0;
        if height <= self.height() {
            return;
        }
        let block = self.home.find(height, decided.value_id).map(|held| Block::clone(&held.block));
        let committed = block.ok_or_else(|| "it is not here".to_owned()).and_then(|block| {
            let certificate = chain_certificate(decided).map_err(|error| error.to_string())?;
            self.makes_head(block, certificate, scene)
        });
        if let Err(reason) = committed {
            let place = self.place;
            let what = format!("machine {place} cannot commit the decided block of height {height}: {reason}");
            self.ends(&LAWS, what, scene);
        }
    }

    /// The process ends, and no crash of the plan is why. Of an honest machine that is a breach; a dishonest one does no more from then on.
    pub fn ends(&mut self, property: &'static Property, what: String, scene: &mut Scene<'_>) {
        if self.is_honest() {
            scene.oracle.gives_up();
            scene.broken(property, what);
        } else {
            scene.oracle.loses_a_dishonest_one();
            scene.tell(|| what);
        }
        self.life = None;
        self.home.crash(false);
    }

    fn makes_head(&mut self, block: Block, certificate: Certificate, scene: &mut Scene<'_>) -> Result<(), String> {
        let (header, hash) = (block.header.clone(), block.hash());
        let (place, height) = (self.place, header.height);
        let is_first = scene.oracle.is_first_at(place, height);
        let foreseen = is_first.then(|| self.foresees(&block)).transpose()?;
        let validators: ValidatorSet = self.ledger.validators(height).unwrap_or_default();
        let committed = self.ledger.commit(block, certificate.clone()).map_err(|error| error.to_string())?;
        if foreseen.is_some_and(|foreseen| foreseen.facts != committed.executed.facts) {
            scene.broken(&LAWS, format!("block {height} came to other facts when it was executed again"));
        }
        let round = certificate.round;
        scene.tell(|| format!("{place} commits {height} {hash} of round {round}"));
        let supply = if is_first { rewards::queries::supply(&self.state()) } else { Default::default() };
        let executed = &committed.executed;
        let validators = &validators;
        let commitment =
            Commitment { place, header: &header, hash, certificate: &certificate, validators, executed, supply };
        let now = scene.now();
        scene.oracle.commits(&commitment, now, scene.run);
        self.goes_on_from(height, header.time, scene);
        Ok(())
    }

    /// What a block does, with the law that its facts replayed write the same.
    fn foresees(&self, block: &Block) -> Result<Executed, String> {
        let storage = self.ledger.storage();
        let missing = missing_blocks(storage, block.header.height).map_err(|error| error.to_string())?;
        let (before, context) = (&storage.state, Context { missing, ..Context::of(block) });
        let executed = execute(before, &context, &block.transactions).map_err(|error| error.to_string())?;
        if replay(before, &context, &executed.facts) == executed.writes {
            Ok(executed)
        } else {
            Err("its facts replayed write another state".to_owned())
        }
    }

    /// Everything that follows from a new head.
    fn goes_on_from(&mut self, height: Height, time: Timestamp, scene: &mut Scene<'_>) {
        self.moved = scene.now();
        self.home.forget(height);
        self.standing.committed(height, time);
        let Some(life) = &mut self.life else { return };
        let was_fetched = life.synced == Some(height);
        life.round = 0;
        life.early.retain(|early, _| *early > height);
        life.refused.retain(|refused, _| *refused > height);
        life.judged.retain(|(judged, ..), _| *judged > height);
        life.fetched.retain(|fetched, _| *fetched > height);
        if !was_fetched {
            self.live_blocks += 1;
        }
        if let Some((since, _)) = self.catching_up.filter(|(_, newest)| height >= *newest) {
            self.catching_up = None;
            scene.oracle.caught_up(scene.world.now().since(since));
            if was_fetched && self.is_honest() {
                scene.run.happened(&CAUGHT_UP);
            }
        }
        self.sorts_pool(scene);
        self.brings_evidence(scene);
        scene.say(self.place, Said::Tip(height));
    }

    /// A height is over, with what the core noticed in it.
    pub fn finishes(&mut self, evidence: &MisbehaviorEvidence<ChainContext>, scene: &mut Scene<'_>) {
        self.contradicted(offences(evidence), scene);
        if let Some(life) = &mut self.life {
            life.is_over = true;
        }
    }

    /// The state after the head.
    pub fn state(&self) -> State<'_> {
        State::over(&self.ledger.storage().state)
    }
}

impl Life {
    fn at(head: Height, now: Moment) -> Self {
        Self {
            core: None,
            inputs: VecDeque::new(),
            timers: Vec::new(),
            next_timer: 0,
            pool: Mempool::new(BOUNDS),
            height: head,
            began: now,
            round: 0,
            takes_part: false,
            recovers: false,
            is_over: false,
            early: BTreeMap::new(),
            refused: BTreeMap::new(),
            judged: BTreeMap::new(),
            tips: BTreeMap::new(),
            fetched: BTreeMap::new(),
            asked: None,
            synced: None,
            seen_head: head,
            not_before: BTreeMap::new(),
            second: None,
        }
    }
}
