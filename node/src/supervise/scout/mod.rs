//! What the chain decided, watched from beside the running node: makes sure of what is approved, brings it here unless the node
//! has it from the time of its vote, and says when it is this node's turn to change.
//!
//! What the node answers without a proof is only a hint: it decides what is looked at, never what is installed or told as
//! advice (T27). And what it does not answer is no answer: it is said, and asked again, and neither a no nor a yes.

mod change;
#[cfg(test)]
mod tests;

use super::fetcher;
use super::gate::StartGate;
use super::keeper::ReleaseKeeper;
use super::notify;
use super::patience::Patience;
use super::reports::{self, Reporter};
use host::clock;
use light::Fork;
use parity_scale_codec::DecodeAll as _;
use primitives::{AccountId, BuildHash, Reading};
use releases::queries::stage_key;
use releases::{InstallStage, StageName, StageReport, Target};
use rollout::newest;
use rpc::api::GovApiClient as _;
use rpc::client::BlockWatch;
use std::io;
use std::sync::Arc;
use std::time::Instant;
use store::EvidenceFolder;
use update::audit::{self, Action};
use update::release_file::suits_this_machine;
use update::{
    Approval, Authorized, DownloadedRelease, Prover, Shown, Slot, Staged, Step, UpdateError, ensure_release_authorized,
};

/// Releases that are looked at.
const LOOKED_AT: u32 = 20;

/// A supervisor's view of the chain.
pub struct Scout {
    pub gate: Arc<StartGate>,
    pub keeper: Arc<ReleaseKeeper>,
    pub prover: Prover,
    pub reporter: Reporter,
    pub account: Option<AccountId>,
    /// The build that runs.
    pub running: BuildHash,
    /// The release that is looked for.
    pub wanted: Option<BuildHash>,
    /// The release that lies ready, so that it is staged and reported once.
    pub ready: Option<Staged>,
    /// When sources that failed are asked again, and how long after that if they fail again (T16).
    pub patience: Patience,
    /// When it is looked again whether the chain has it that the build that runs has proven itself here.
    pub until_said: Patience,
    /// Until when a node is asked again that cannot say on how much of the stake a release failed; none while it can.
    pub unheard_until: Option<Instant>,
    /// What has been said already, so that it is said once.
    pub said: Option<String>,
    /// The refusal that stands, where it hangs on the time: it is put on record once, though its sentence is another one each time.
    pub untimely: Option<&'static str>,
}

/// A build that chain state has approved and that is newer than the one that runs.
struct Candidate {
    hash: BuildHash,
    shown: Shown,
}

/// What a look at the chain came to.
#[derive(Debug, PartialEq, Eq)]
enum Look {
    /// There is nothing to do before another block.
    Nothing,
    /// A release was just brought here. Bringing it took its time: whose turn it is now, and whether it still may run, says the newest
    /// block, which is asked for at once, because none comes where the chain stands still.
    Brought,
    /// While others were asked about a release that lies ready, a block came that says something else of it, and is looked at at once.
    Again,
    /// It is this node's turn to change to a release that lay ready.
    Turn(Box<Staged>),
}

impl Scout {
    /// Watches until it is this node's turn to change to a release, which is staged then.
    pub async fn watch(mut self) -> Staged {
        let mut watch = BlockWatch::open(self.prover.node()).await;
        loop {
            match self.look().await {
                Ok(Look::Turn(staged)) => return *staged,
                Ok(Look::Brought | Look::Again) => {
                    self.untimely = None;
                    continue;
                }
                Ok(Look::Nothing) => self.untimely = None,
                Err(error) => self.refuse(&error),
            }
            watch.next().await;
        }
    }

    /// A release that lies ready.
    fn lies_ready(&self, hash: BuildHash) -> Option<Staged> {
        self.ready.clone().filter(|ready| ready.release.hash() == hash)
    }

    /// Says why the next release has to wait, and puts it on record when it is news. A fork that the node showed is kept for it, too:
    /// its health tells of it, and it brings what was done on chain.
    fn refuse(&mut self, error: &UpdateError) {
        if let UpdateError::Forked(fork) = error
            && let Err(failure) = self.keep_fork(fork)
        {
            tracing::error!(%fork, error = %failure, "the proof of this cannot be kept");
        }
        let sentence = format!("the next release has to wait: {error} ({})", error.code());
        let untimely = error.is_of_the_time().then(|| error.code());
        let is_news = match untimely {
            Some(_) => self.untimely != untimely,
            None => self.said.as_ref() != Some(&sentence),
        };
        if let Some(hash) = self.wanted.filter(|_| is_news) {
            audit::refused(self.keeper.releases(), hash, error);
        }
        self.untimely = untimely;
        self.say(sentence);
    }

    fn keep_fork(&self, fork: &Fork) -> Result<(), UpdateError> {
        let gate = &self.gate;
        let kept = gate.as_the_node(|| EvidenceFolder::of(&gate.home, &gate.genesis).keep_fork(fork))?;
        kept.map(drop).map_err(UpdateError::disk("write", &gate.home.fork()))
    }

    /// One look at the chain.
    async fn look(&mut self) -> Result<Look, UpdateError> {
        self.look_and(Self::stage).await
    }

    /// The same, where `bring` makes a release lie ready.
    async fn look_and(
        &mut self,
        bring: impl AsyncFnOnce(&mut Self, Authorized) -> Result<(), UpdateError>,
    ) -> Result<Look, UpdateError> {
        if let Err(error) = self.make_up_for_healthy().await {
            self.say(format!("whether the running build was said to be healthy is looked for again: {error}"));
        }
        reports::deliver(&self.reporter, &self.keeper).await?;
        let shown = self.prover.show(self.running).await?;
        self.gate.remember(self.running, &shown);
        let running = shown.approval;
        self.warn_of_freeze(&running);
        if !self.patience.is_over(Instant::now()) {
            return Ok(Look::Nothing);
        }
        match self.candidate(&running).await? {
            Some(candidate) => self.prepare(candidate, &running, bring).await,
            None => Ok(Look::Nothing),
        }
    }

    /// Says once more that the build that runs has proven itself here, when the chain has it no further than started: so it is after a
    /// restart, which the node's receipt tells of.
    async fn make_up_for_healthy(&mut self) -> Result<(), UpdateError> {
        let Some(account) = self.account.filter(|_| self.until_said.is_over(Instant::now())) else { return Ok(()) };
        // The receipt comes when it comes, so it is looked for again, after longer and longer.
        self.until_said.learn(false, Instant::now());
        let hash = self.running;
        let has_proven_itself = self.keeper.journal()?.step == Step::Settled
            && audit::read(self.keeper.releases())?.into_iter().any(|entry| entry.action == Action::Healthy { hash });
        if has_proven_itself && self.said_of(hash, account).await == Some(StageName::Booted) {
            self.keeper.change(move |journal| journal.report(hash, InstallStage::Healthy)).await?;
        }
        Ok(())
    }

    /// What a validator last said of a build, as far as the node says that.
    async fn said_of(&self, hash: BuildHash, account: AccountId) -> Option<StageName> {
        let answer = self.prover.node().stage_proofs(hash, None).await.ok()?;
        let key = stage_key(&hash, &account);
        let proof = answer.proofs.into_iter().find(|proof| proof.key.as_slice() == key.as_slice())?;
        let report = StageReport::decode_all(&mut proof.value.as_deref()?).ok()?;
        Some(report.stage.name())
    }

    /// Says at half of the allowed age that the chain may be held back (T3).
    fn warn_of_freeze(&mut self, running: &Approval) {
        let look = || self.gate.as_the_node(|| self.gate.clock.look()).ok()?.ok();
        let reading = look().unwrap_or_else(|| Reading::alone(clock::now()));
        if let Some(warning) = running.freeze_warning(reading, self.gate.config.update.most_age()) {
            self.say(warning);
        }
    }

    /// The newest release that the chain has approved after the one that runs.
    async fn candidate(&mut self, running: &Approval) -> Result<Option<Candidate>, UpdateError> {
        let running = running.release.as_ref().map_or(0, |release| release.sequence);
        let node = self.prover.node();
        let page = node.release_history(None, Some(LOOKED_AT), None, None, None).await;
        let page = page.map_err(|error| unanswered("which releases are approved", node.explain(error)))?;
        let hints = page.entries.into_iter().map(|entry| entry.release);
        let Some(hint) = newest(hints, running, suits_this_machine) else { return Ok(None) };
        let hash = hint.build_hash;
        let shown = self.prover.show(hash).await?;
        self.gate.remember(hash, &shown);
        let later = shown.approval.release.as_ref().is_some_and(|release| release.sequence > running);
        Ok(later.then_some(Candidate { hash, shown }))
    }

    /// Fetches and stages an approved release, and waits for this node's turn when it may change by itself.
    async fn prepare(
        &mut self,
        candidate: Candidate,
        running: &Approval,
        bring: impl AsyncFnOnce(&mut Self, Authorized) -> Result<(), UpdateError>,
    ) -> Result<Look, UpdateError> {
        let Candidate { hash, shown } = &candidate;
        let hash = *hash;
        self.wanted = Some(hash);
        let (rules, journal) = (self.gate.rules()?, self.keeper.journal()?);
        let read = || self.gate.as_the_node(|| self.gate.clock.read(Some(shown.approval.time)));
        let reading = tokio::task::block_in_place(read)??;
        let authorized = match ensure_release_authorized(hash, &shown.approval, &rules, &journal, reading) {
            Ok(authorized) => authorized,
            Err(error @ UpdateError::MarkedBad { .. }) => {
                self.say(format!("{error}"));
                return Ok(Look::Nothing);
            }
            Err(error) => return Err(error),
        };
        match self.lies_ready(hash) {
            Some(staged) => self.wait_for_turn(staged, &candidate, running).await,
            None => match bring(self, authorized).await {
                Ok(()) => Ok(Look::Brought),
                Err(error) => self.unusable(hash, error).await,
            },
        }
    }

    /// What becomes of a release that lay ready before the look.
    async fn wait_for_turn(
        &mut self,
        staged: Staged,
        candidate: &Candidate,
        running: &Approval,
    ) -> Result<Look, UpdateError> {
        if !self.gate.config.supervise.switch {
            self.say(format!(
                "release {} (build {}) is approved, fetched and ready; set supervise.switch, or install it with `contract \
                 gov fetch-release --hash {} --install` and restart",
                staged.release.sequence(),
                candidate.hash,
                candidate.hash
            ));
            return Ok(Look::Nothing);
        }
        self.change(staged, candidate, running).await
    }

    /// Brings a release into the free slot.
    async fn stage(&mut self, authorized: Authorized) -> Result<(), UpdateError> {
        let hash = authorized.hash();
        let downloaded = self.fetch(authorized.target()).await?;
        let staged = self.keeper.with(move |installer| installer.stage(&downloaded.file, authorized)).await;
        if matches!(staged, Err(UpdateError::OnTrial(_) | UpdateError::NotChecked { .. })) {
            // It is here, and is not read again with each block for as long as that takes.
            self.patience.learn(false, Instant::now());
        }
        let staged = staged?;
        let asked = self.ask_whether_it_takes_home(staged.slot).await;
        if asked.is_err() {
            self.patience.learn(false, Instant::now());
        }
        asked?;
        self.keeper.change(move |journal| journal.report(hash, InstallStage::Staged)).await?;
        self.ready = Some(staged);
        Ok(())
    }

    async fn ask_whether_it_takes_home(&self, slot: Slot) -> Result<(), UpdateError> {
        let (gate, releases) = (self.gate.clone(), self.keeper.releases().clone());
        let place = releases.slot(slot);
        let asked = tokio::task::spawn_blocking(move || gate.require_takes_home(&releases, slot)).await;
        asked.unwrap_or_else(|failed| Err(UpdateError::disk("ask the build in", &place)(io::Error::other(failed))))
    }

    /// A release that cannot run here: said on chain, and not tried again.
    async fn unusable(&mut self, hash: BuildHash, error: UpdateError) -> Result<Look, UpdateError> {
        if !error.is_of_the_build() {
            return Err(error);
        }
        let reason = format!("{error}");
        audit::refused(self.keeper.releases(), hash, &error);
        self.say(reason.clone());
        let said = reports::shortened(&reason);
        let at = clock::now();
        self.keeper
            .change(move |journal| {
                journal.mark_bad(hash, &reason, at);
                journal.report(hash, InstallStage::Unusable { reason: said });
            })
            .await?;
        Ok(Look::Nothing)
    }

    /// The bytes of a release: those that the node holds, else those that are fetched in its name, and then held for others too.
    async fn fetch(&mut self, target: &Target) -> Result<DownloadedRelease, UpdateError> {
        if let Some(held) = fetcher::held(&self.gate, target).await? {
            return Ok(held);
        }
        let brought = fetcher::bring(&self.gate, target).await;
        self.patience.learn(brought.is_ok(), Instant::now());
        brought?;
        let (hash, why) = (target.build_hash, "it was fetched, and is gone again");
        let gone = || UpdateError::not_fetched(hash, "E_NOT_HELD", format!("release {hash}: {why}"));
        fetcher::held(&self.gate, target).await?.ok_or_else(gone)
    }

    /// Says something to the operator, unless it was the last thing said.
    fn say(&mut self, sentence: String) {
        if self.said.as_ref() != Some(&sentence) {
            notify::status(&sentence);
            self.said = Some(sentence);
        }
    }
}

/// A node that does not say something, and what it said instead.
fn unanswered(what: &str, why: impl std::fmt::Display) -> UpdateError {
    UpdateError::Unanswered { what: what.to_owned(), why: why.to_string() }
}
