//! `the-block supervise`: runs the node, changes it to what the chain approved, and changes it back when that does not come up.
//!
//! The supervisor starts `releases/current/the-block`. Beside the running node a [`scout`](scout) watches the chain; when it is
//! this node's turn to change to a release, the node is stopped, the link moves, and the new build is on trial: it has to
//! answer, advance and find its peers within a window ([`health`]). What it lacks may have nothing to do with it;
//! then the build before is asked for the same ([`proof`]). A build that fails some attempts by itself is given up for the one
//! before, if that may still run; if not, nothing runs, and the exit code says so. All that has to be remembered is in the
//! journal, so that a supervisor that is killed goes on where it was. What may be executed, the [`gate`] decides before every
//! start. By which rules a build is judged, given up or waited for, and whose turn it is, says [`rollout`]; here is what asks, and
//! what is done about it.
//!
//! # Invariants
//! - Nothing is executed but bytes that were measured, that were installed where they lie, and that certified chain state lets
//!   run.
//! - No build is asked whether it may run and believed.
//! - A build fails a bounded number of times, then it is marked and not tried again by itself.
//! - Nothing is held against a build but what it did itself; what is not known is said, and changes nothing.
//! - A supervisor that ends, however it ends, leaves a home whose `current` can be started, and no node behind.
//! - The loop that says that it turns, and hears signals, waits for no disk: what does is done [`apart`].

mod apart;
mod child;
mod fetcher;
mod gate;
mod health;
mod keeper;
mod notify;
mod own_node;
pub mod parent;
pub(crate) mod patience;
mod proof;
pub mod reports;
mod scout;
mod signals;
mod standing;
#[cfg(test)]
mod tests;
mod trial;

pub use fetcher::NotFetched;
pub use keeper::ReleaseKeeper;
pub use rollout::Conclusion;
pub use signals::Signals;

use crate::boot::Decision;
use anyhow::Context as _;
use child::Child;
use gate::{Admission, StartGate};
use host::config::{Config, Home};
use host::console;
use host::keys;
use host::provenance::TrustedSigners;
use host::user::{NodeUser, act_as};
use light::Anchor;
use own_node::{Answering, OwnNode};
use patience::Patience;
use primitives::{BuildHash, SecretKey};
use reports::Reporter;
use rollout::{
    Before, End, Ended, Judge, LONGEST_PAUSE, Lack, NotKnown, Supervision, TrialRules, TrialVerdict, Unwell,
};
use rpc::client::{Node, dial};
use runtime::Genesis;
use scout::Scout;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::time::sleep;
use update::{Confinement, MeasuredExecutable, Prover, Releases, Staged, Step, UpdateError};

/// How long who updates as well is left to it, once more.
const AGAIN: Duration = Duration::from_secs(1);

/// Nobody can say whether what `current` leads to may run.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Unanswered(String);

/// Whether nothing was decided, and may be once it is asked again.
fn may_pass(error: &anyhow::Error) -> bool {
    error.is::<Unanswered>() || error.downcast_ref::<UpdateError>().is_some_and(UpdateError::may_pass)
}

/// One node and who looks after it.
pub struct Supervisor {
    gate: Arc<StartGate>,
    key: Option<SecretKey>,
    keeper: Arc<ReleaseKeeper>,
    /// The node of the home, over the socket there, which strangers cannot reach.
    node: Node,
    own: OwnNode,
    log: Option<String>,
}

/// What made a running node's time end.
enum Turn {
    /// The node ended.
    Ended(Ended),
    /// It is to change to a release.
    Switch(Box<Staged>),
    /// It is not well, by its own doing.
    Unwell(Unwell),
    /// It lacks something for which it need not be to blame.
    Lacks(Lack),
    /// The supervisor is to stop.
    Stop,
}

impl Supervisor {
    /// Gets ready to look after the node of a home.
    ///
    /// # Errors
    /// When a key cannot be read or the configuration cannot be used.
    pub fn new(home: Home, config: Config, genesis: Genesis, log: Option<String>) -> anyhow::Result<Self> {
        let user = NodeUser::named(&config.supervise.node_user)?;
        let may_not = "cannot act as the node's user; run `supervise` as root or with CAP_SETUID and CAP_SETGID, as \
                       deploy/the-block.service does";
        let key = home.validator_key(&config);
        let key = act_as(user, || key.map(|path| keys::read(&path)).transpose()).context(may_not)??;
        let trusted = TrustedSigners::from_env(&home)?;
        let node = match user {
            None => Node::at_socket(&home.socket())?,
            Some(user) => {
                let dial_as_it = move |path: &Path| user.act(|| dial(path)).flatten();
                Node::at_socket_by(&home.socket(), Arc::new(dial_as_it))?
            }
        };
        let mut gate = StartGate::new(home, config, genesis, trusted, user);
        gate.log.clone_from(&log);
        let gate = Arc::new(gate);
        let releases = Releases::of(&gate.home);
        let keeper = Arc::new(ReleaseKeeper::new(releases, gate.confinement.clone()));
        Ok(Self { gate, key, keeper, node, own: OwnNode::default(), log })
    }

    /// Looks after the node until there is nothing more to look after.
    ///
    /// # Errors
    /// When the node cannot be started at all, or the disk refuses.
    pub async fn run(self) -> anyhow::Result<Conclusion> {
        let _alone = self.keeper.releases().lock_supervisor()?;
        self.adopt().await?;
        self.say_how_confined();
        let mut signals = Signals::listen().context("cannot wait for signals")?;
        let this = Arc::new(self);
        tokio::select! {
            concluded = this.keep_running(&mut signals) => concluded,
            never = notify::keep_alive() => match never {},
        }
    }

    /// Says what keeps the node from what decides what runs (H20).
    fn say_how_confined(&self) {
        let one_user = self.gate.confinement.user().is_none();
        match (one_user, Confinement::is_enforced()) {
            (_, true) => {}
            (true, false) => tracing::warn!(
                "nothing keeps the node from writing over releases/: it runs as the user that supervises, and the kernel has no Landlock"
            ),
            (false, false) => {
                tracing::info!(
                    "the kernel has no Landlock; the node is kept from releases/ by being another user's alone"
                );
            }
        }
    }

    /// Does something on a thread that may wait for the disk.
    async fn apart<T, F>(self: &Arc<Self>, work: impl FnOnce(Arc<Self>) -> F + Send + 'static) -> T
    where
        T: Send + 'static,
        F: Future<Output = T>,
    {
        let this = self.clone();
        apart::apart(move || work(this)).await
    }

    async fn keep_running(self: &Arc<Self>, signals: &mut Signals) -> anyhow::Result<Conclusion> {
        let mut supervision = Supervision::default();
        loop {
            let executable = match self.admit(&mut supervision, signals).await? {
                ControlFlow::Continue(Some(executable)) => executable,
                ControlFlow::Continue(None) => continue,
                ControlFlow::Break(conclusion) => return Ok(conclusion),
            };
            let running = executable.hash();
            let began = Instant::now();
            let starting = self.apart(move |this| async move { this.start(executable).await });
            let Some(started) = signals.or_stop(starting).await else { return Ok(Conclusion::Stopped) };
            let mut child = match started {
                Ok(child) => child,
                Err(error) => {
                    if let Some(build) = error.spoiled() {
                        let standing = self.apart(move |this| async move { this.stand_still(build, &error) });
                        return Ok(signals.or_stop(standing).await.unwrap_or(Conclusion::Stopped));
                    }
                    let end = End::NotStarted(error.to_string());
                    match self.take_in(end, began, &mut supervision, signals).await? {
                        Some(conclusion) => return Ok(conclusion),
                        None => continue,
                    }
                }
            };
            let (before, open) = (supervision.before(), supervision.open_comparisons());
            let life = self.apart(move |this| async move { this.life(running, before, open).await });
            match self.look_after(&mut child, signals, life).await? {
                Turn::Stop => {
                    notify::stopping();
                    child.stop().await?;
                    return Ok(Conclusion::Stopped);
                }
                Turn::Switch(staged) => {
                    let asking = self.apart(|this| async move { health::now(&this.node).await });
                    let Some(before) = signals.or_stop(asking).await else {
                        notify::stopping();
                        child.stop().await?;
                        return Ok(Conclusion::Stopped);
                    };
                    notify::status(&format!("changing to release {}", staged.release.sequence()));
                    child.stop().await?;
                    let switching = self.keeper.with(move |installer| installer.switch(&staged));
                    let Some(switched) = signals.or_stop(switching).await else { return Ok(Conclusion::Stopped) };
                    if let Err(error) = switched {
                        notify::status(&format!("the build before goes on: {error} ({})", error.code()));
                    }
                    supervision.changes(before);
                }
                Turn::Unwell(unwell) => {
                    child.stop().await?;
                    let end = End::Unwell(unwell);
                    if let Some(conclusion) = self.take_in(end, began, &mut supervision, signals).await? {
                        return Ok(conclusion);
                    }
                }
                Turn::Lacks(lack) => {
                    child.stop().await?;
                    if !self.put_to_proof(lack, &mut supervision, signals).await? {
                        return Ok(Conclusion::Stopped);
                    }
                }
                Turn::Ended(ended) => {
                    let end = End::Ended(ended);
                    if let Some(conclusion) = self.take_in(end, began, &mut supervision, signals).await? {
                        return Ok(conclusion);
                    }
                }
            }
        }
    }

    /// Takes in that the node came to an end which nobody asked for, and waits before the next start; a conclusion where there is
    /// none.
    async fn take_in(
        self: &Arc<Self>,
        end: End,
        began: Instant,
        supervision: &mut Supervision,
        signals: &mut Signals,
    ) -> anyhow::Result<Option<Conclusion>> {
        let ran = began.elapsed();
        supervision.ended(&end);
        match self.weigh_end(&end, ran, signals).await {
            // It is decided before the next start.
            Err(error) if may_pass(&error) => {
                let code = error.downcast_ref::<UpdateError>().map(UpdateError::code).unwrap_or_default();
                notify::status(&format!("{} ({code})", console::sentence(error.as_ref())));
            }
            Err(error) => return Err(error),
            Ok(None) => {}
            concluded => return concluded,
        }
        let paused = signals.or_stop(sleep(supervision.pause_after(ran))).await;
        Ok(paused.is_none().then_some(Conclusion::Stopped))
    }

    /// Makes the running executable the first release of a home that has none.
    async fn adopt(&self) -> anyhow::Result<()> {
        if self.keeper.releases().live().is_some() {
            return Ok(());
        }
        let own = std::fs::File::open("/proc/self/exe").context("cannot open the running executable; mount /proc")?;
        self.keeper.with(move |installer| installer.adopt(&own)).await?;
        Ok(())
    }

    /// What is to be executed now; nothing when the next look may find it, and a conclusion when there is nothing more to find.
    async fn admit(
        self: &Arc<Self>,
        supervision: &mut Supervision,
        signals: &mut Signals,
    ) -> anyhow::Result<ControlFlow<Conclusion, Option<MeasuredExecutable>>> {
        let last = supervision.last().cloned();
        let deciding = self.apart(move |this| async move { this.decide(last.as_ref()).await });
        let Some(decided) = signals.or_stop(deciding).await else {
            return Ok(ControlFlow::Break(Conclusion::Stopped));
        };
        let why = match decided {
            Err(error) if may_pass(&error) => error,
            decided => return decided,
        };
        notify::status(&format!("nothing is started yet, for nobody can say what may run: {why:#}"));
        let paused = signals.or_stop(sleep(supervision.pause_unanswered())).await;
        Ok(paused.map_or(ControlFlow::Break(Conclusion::Stopped), |()| ControlFlow::Continue(None)))
    }

    /// As [`admit`](Self::admit), and does not wait: what [may pass](may_pass) is an error.
    async fn decide(
        &self,
        last: Option<&Unwell>,
    ) -> anyhow::Result<ControlFlow<Conclusion, Option<MeasuredExecutable>>> {
        if let Some(conclusion) = self.give_up_if_exhausted(last).await? {
            return Ok(ControlFlow::Break(conclusion));
        }
        let (gate, releases) = (self.gate.clone(), self.keeper.releases().clone());
        let decided = tokio::task::spawn_blocking(move || gate.admit(&releases)).await;
        Ok(match decided.context("deciding about a start failed")?? {
            Admission::Granted(executable) => ControlFlow::Continue(Some(executable)),
            Admission::Refused(ended, why) => match self.judge(ended).await? {
                Some(conclusion) => ControlFlow::Break(conclusion.because(&why)),
                None => ControlFlow::Continue(None),
            },
            Admission::Spoiled(build, error) => ControlFlow::Break(self.stand_still(build, &error)),
            Admission::Unanswered(why) => return Err(Unanswered(why).into()),
        })
    }

    /// Executes what was admitted.
    async fn start(&self, executable: MeasuredExecutable) -> Result<Child, UpdateError> {
        if let Step::Trying { attempts, .. } = self.keeper.journal()?.step {
            let most = self.gate.config.supervise.max_attempts;
            notify::status(&format!("starting a build on trial, which failed {attempts} of {most} attempts"));
        }
        let previous = self.previous();
        let StartGate { home, confinement, .. } = &*self.gate;
        let child = Child::start(&executable, confinement, home.path(), previous.as_deref(), self.log.as_deref())?;
        self.own.is(child.id());
        Ok(child)
    }

    /// What `current` leads to is not what was installed, or need not stay it: nothing runs, and an operator has to look.
    fn stand_still(&self, build: BuildHash, error: &UpdateError) -> Conclusion {
        let sentence = format!("{error} ({})", error.code());
        self.keeper.record_safe_mode(build, &sentence, Some((build, error)));
        Conclusion::Refused(Decision::NotApproved.exit_code(), sentence)
    }

    /// The executable to go back to, for the node's own use and for its children.
    fn previous(&self) -> Option<PathBuf> {
        let releases = self.keeper.releases();
        let other = releases.live().map(|live| releases.executable(live.other()));
        other.filter(|path| path.is_file())
    }

    /// The time of one child: until it ends, has to change, does not prove itself, or everything is to stop.
    async fn look_after(
        self: &Arc<Self>,
        child: &mut Child,
        signals: &mut Signals,
        life: impl Future<Output = Result<Turn, UpdateError>>,
    ) -> anyhow::Result<Turn> {
        let listen = *self.gate.config.rpc.listen.first();
        let standing = self.apart(move |this| async move { standing::tell(&this, listen).await });
        tokio::select! {
            ended = child.ended() => Ok(Turn::Ended(ended?)),
            turn = life => Ok(turn?),
            () = signals.stop() => Ok(Turn::Stop),
            never = standing => match never {},
        }
    }

    /// What a node goes through that runs a build: it proves itself, and then it is watched over until the chain wants another one.
    async fn life(&self, running: BuildHash, before: Before, open_proofs: u32) -> Result<Turn, UpdateError> {
        let proving = self.prove_itself(before, open_proofs);
        tokio::pin!(proving);
        let proven = match tokio::time::timeout(self.health_window(), &mut proving).await {
            Ok(proven) => proven?,
            // What takes longer may stay so until there is another release.
            Err(_) => tokio::select! {
                proven = &mut proving => proven?,
                staged = self.next_release(running) => return Ok(Turn::Switch(Box::new(staged))),
            },
        };
        if let Some(turn) = proven {
            return Ok(turn);
        }
        if let Some(hash) = self.settle().await? {
            notify::status(&format!("build {hash} is healthy"));
        }
        let staged = self.next_release(running).await;
        Ok(Turn::Switch(Box::new(staged)))
    }

    /// Puts on record that the build that runs has proven itself, when it was on trial; whoever updates meanwhile is waited for.
    async fn settle(&self) -> Result<Option<BuildHash>, UpdateError> {
        loop {
            match self.keeper.with(|installer| installer.settle_and_report()).await {
                Err(error) if error.may_pass() => {
                    notify::status(&format!(
                        "the build is healthy, which is not on record yet: {error} ({})",
                        error.code()
                    ));
                }
                settled => return settled,
            }
            sleep(AGAIN).await;
        }
    }

    /// Waits until the running node is well; else what is to be done about it.
    async fn prove_itself(&self, before: Before, open_proofs: u32) -> Result<Option<Turn>, UpdateError> {
        // Who is not on trial may take as long as it takes: it has proven itself before.
        let windows = self.is_on_trial()?.then(|| self.rules().windows(open_proofs));
        loop {
            let verdict = health::wait(&self.node, Judge::new(before, windows)).await;
            if !self.is_of_this_build(&verdict).await {
                continue;
            }
            let lack = match verdict {
                TrialVerdict::Well => return Ok(None),
                TrialVerdict::Unwell(unwell) => return Ok(Some(Turn::Unwell(unwell))),
                TrialVerdict::NotKnown(NotKnown::Lacks(lack)) => lack,
                TrialVerdict::NotKnown(NotKnown::Unasked(why)) => {
                    notify::status(&format!("the build on trial goes on; whether it is well is not known: {why}"));
                    continue;
                }
            };
            if self.build_before()?.is_some() {
                return Ok(Some(Turn::Lacks(lack)));
            }
            notify::status(&format!("the build on trial goes on, though {lack}: there is none before it to compare"));
        }
    }

    /// Whether a verdict is of the build that runs here, and not of another one that answers in its place, which is waited for to be
    /// gone. A build is not well by the word of nobody knows whom; that it does not answer, or lacks something, is shown by it as well
    /// as by anybody.
    async fn is_of_this_build(&self, verdict: &TrialVerdict) -> bool {
        if matches!(verdict, TrialVerdict::NotKnown(NotKnown::Unasked(_))) {
            return true;
        }
        match self.answering().await {
            Answering::Own => true,
            Answering::Another(_) => {
                self.wait_for_strays().await;
                false
            }
            Answering::Unknown(_) => *verdict != TrialVerdict::Well,
        }
    }

    /// How a build on trial is judged here.
    fn rules(&self) -> TrialRules {
        TrialRules { window: self.health_window(), max_attempts: self.gate.config.supervise.max_attempts }
    }

    fn health_window(&self) -> Duration {
        Duration::from_secs(self.gate.config.supervise.health_window_s)
    }

    /// Waits for a release that this node is to change to.
    async fn next_release(&self, running: BuildHash) -> Staged {
        let anchor = self.anchor().await;
        self.scout(running, anchor).watch().await
    }

    /// What is trusted of the chain. While what the home remembers is damaged, nothing is, and no release is looked for.
    async fn anchor(&self) -> Anchor {
        let StartGate { home, config, genesis, .. } = &*self.gate;
        loop {
            // The node's own certified head, which a store that is being written to gives too.
            let anchored = || self.gate.as_the_node(|| store::anchor_of(home, config, genesis));
            match tokio::task::block_in_place(anchored) {
                Ok(Ok(anchor)) => return anchor,
                Ok(Err(mistrust)) => notify::status(&format!("no release is looked for: {mistrust}")),
                Err(error) => notify::status(&format!("no release is looked for: {error}")),
            }
            sleep(LONGEST_PAUSE).await;
        }
    }

    fn scout(&self, running: BuildHash, anchor: Anchor) -> Scout {
        Scout {
            gate: self.gate.clone(),
            keeper: self.keeper.clone(),
            prover: Prover::new(self.node.clone(), anchor),
            reporter: Reporter::new(self.node.clone(), self.key.clone(), &self.gate.genesis),
            account: self.key.as_ref().map(SecretKey::account),
            running,
            wanted: None,
            ready: None,
            patience: Patience::default(),
            until_said: Patience::default(),
            unheard_until: None,
            said: None,
            untimely: None,
        }
    }
}
