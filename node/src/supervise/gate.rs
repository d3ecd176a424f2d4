//! What stands between a file and its execution.
//!
//! Whatever a supervisor starts was opened once and measured, is what the journal has for its slot, and may run by what certified
//! chain state says about that hash; then the same descriptor is executed. The build's own boot check comes second, and can only
//! refuse: asked alone, a build that was revoked for what it does would let itself back in (T18, T19).
//!
//! Everything here blocks.

use super::parent::PASSED_ON;
use crate::boot::{self, BootError, Decision, Judgement};
use anyhow::Context as _;
use host::clock::HomeClock;
use host::config::{Config, Home};
use host::owners;
use host::provenance::TrustedSigners;
use host::user::NodeUser;
use host::variables;
use primitives::BuildHash;
use rollout::Ended;
use runtime::Genesis;
use std::ops::RangeInclusive;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use store::EvidenceFolder;
use store::db::DbError;
use update::audit;
use update::{
    Confinement, Journal, MeasuredExecutable, Releases, Rules, Shown, Slot, Staged, StartRefusal, UpdateError,
    ended_within, ensure_release_authorized,
};

/// How long a build's own boot check may take: it reads the store, from a disk that may be slow.
const OWN_CHECK: Duration = Duration::from_secs(120);
/// The exit code of what failed for another reason than a boot check.
const FAILED: u8 = 1;
/// The exit code of what cannot use its arguments, its configuration or its keys.
const MISCONFIGURED: u8 = 2;
/// The exit codes of boot checks that refuse.
const REFUSED: RangeInclusive<u8> = 10..=13;
/// The exit code of a boot check that decides nothing.
const UNANSWERED: u8 = Decision::Unanswered.exit_code();
/// Builds of which a proof is remembered: the one that runs, the next one, and the one before.
const REMEMBERED: usize = 3;

/// The home of a supervisor, and what may be executed there.
pub struct StartGate {
    pub home: Home,
    pub config: Config,
    pub genesis: Genesis,
    pub trusted: TrustedSigners,
    /// As whom, and within which folders, whatever is executed here is.
    pub confinement: Confinement,
    /// What a node that is started here is told to log, if anything.
    pub log: Option<String>,
    /// The latest time that was seen in the home; read [as the node](Self::as_the_node), whose it is.
    pub clock: HomeClock,
    /// What was proven to this process, the newest first. It speaks where a build has written the store in a form that this
    /// supervisor does not read.
    proven: Mutex<Vec<(BuildHash, Shown)>>,
}

/// What becomes of what `current` leads to.
pub enum Admission {
    /// It is to be executed.
    Granted(MeasuredExecutable),
    /// The chain does not let it run, or says nothing that can be believed: as if its boot check had ended so. With why.
    Refused(Ended, String),
    /// It is not what was installed there, or need not stay that.
    Spoiled(BuildHash, UpdateError),
    /// The chain cannot be asked, or nobody can say what it decided; that is no verdict. Why.
    Unanswered(String),
}

impl StartGate {
    /// The gate of a home, whose node runs as `user` where that is another than this process'.
    pub fn new(home: Home, config: Config, genesis: Genesis, trusted: TrustedSigners, user: Option<NodeUser>) -> Self {
        let (clock, confinement) = (HomeClock::of(&home), Confinement::of_node(&home, &config, user));
        Self { home, config, genesis, trusted, confinement, log: None, clock, proven: Mutex::default() }
    }

    /// Does something as the user that runs the node: the files of that one are not looked at, nor written, with more rights than
    /// it has itself.
    ///
    /// # Errors
    /// When this process may not do that.
    pub fn as_the_node<T: Send>(&self, work: impl FnOnce() -> T + Send) -> Result<T, UpdateError> {
        self.confinement.as_its_user(work).map_err(UpdateError::disk("act as the node's user in", self.home.path()))
    }

    /// Requires that each file of the home is whose it has to be, and makes what a node that is confined cannot make.
    fn require_owners(&self) -> Result<(), String> {
        match self.confinement.user() {
            Some(user) => owners::check(&self.home, &self.config, user).map_err(|wrong| wrong.to_string()),
            None => owners::make_folders(&self.home, &self.config).map_err(|error| {
                format!("the node's folders cannot be made in {}: {error}", self.home.path().display())
            }),
        }
    }

    /// Decides about what `current` leads to; asked before every start, with the node stopped.
    ///
    /// # Errors
    /// When the journal or the file cannot be read.
    pub fn admit(&self, releases: &Releases) -> anyhow::Result<Admission> {
        if let Err(why) = self.require_owners() {
            return Ok(Admission::Refused(Ended::Misconfigured, why));
        }
        let journal = Journal::open(releases)?;
        let slot = releases.linked()?.with_context(|| {
            format!(
                "{} leads to no slot; install a release with `contract gov fetch-release --install`",
                releases.current().display()
            )
        })?;
        let executable = match MeasuredExecutable::in_slot(releases, &journal, slot) {
            Ok(executable) => executable,
            Err(error) => match error.spoiled() {
                Some(build) => return Ok(Admission::Spoiled(build, error)),
                None => return Err(error.into()),
            },
        };
        let judged = match self.judge(executable.hash()) {
            Ok(judged) => judged,
            Err(error @ BootError::Store(DbError::OtherGenesis { .. })) => {
                return Ok(Admission::Refused(Ended::Misconfigured, error.to_string()));
            }
            Err(error) => return Ok(Admission::Unanswered(error.to_string())),
        };
        Ok(match judged.require() {
            Ok(()) => Admission::Granted(executable),
            Err(refusal) => {
                if let Some(code) = judged.code {
                    audit::not_started(releases, executable.hash(), code, &refusal.why);
                }
                if judged.is_open() {
                    Admission::Unanswered(refusal.why)
                } else {
                    Admission::Refused(Ended::refused_with(refusal.exit_code), refusal.why)
                }
            }
        })
    }

    /// Whether a build may take the place of one that was given up.
    ///
    /// # Errors
    /// [`UpdateError::PreviousRefused`] when it may not; another when that cannot be asked.
    pub fn may_take_over(&self, executable: &MeasuredExecutable) -> Result<(), UpdateError> {
        self.approved(executable.hash())?;
        self.ask_itself(executable)
    }

    /// The release in a slot, when it may take the place of a build that may run no more: it must be what was installed there,
    /// and everything that is asked of a release before it is installed is asked of it (T2).
    ///
    /// # Errors
    /// What keeps it from that.
    pub fn successor(&self, releases: &Releases, journal: &Journal, slot: Slot) -> Result<Staged, UpdateError> {
        let executable = MeasuredExecutable::in_slot(releases, journal, slot)?;
        let hash = executable.hash();
        let judged = self.approved(hash)?;
        let unknown = || UpdateError::Unproven { hash, why: judged.reason.clone() };
        let approval = judged.approval.as_ref().ok_or_else(unknown)?;
        let reading = self.as_the_node(|| self.clock.read(Some(approval.time)))??;
        let release = ensure_release_authorized(hash, approval, &self.rules()?, journal, reading)?;
        self.ask_itself(&executable)?;
        Ok(Staged { slot, release })
    }

    /// Requires that the build in a slot, which is to be changed to, takes this home as it is: its configuration, its keys, and the
    /// words that a node is started with.
    ///
    /// # Errors
    /// [`UpdateError::HomeRefused`] when it does not, and the build that runs does; another when that is not known, such as when
    /// neither does, which is the operator's to mend.
    pub fn require_takes_home(&self, releases: &Releases, slot: Slot) -> Result<(), UpdateError> {
        let journal = Journal::open(releases)?;
        let next = MeasuredExecutable::in_slot(releases, &journal, slot)?;
        let Some(ended) = self.refusal_of_home(&next)? else { return Ok(()) };
        let running = MeasuredExecutable::in_slot(releases, &journal, slot.other())?;
        let why = format!("its own check of it ends with {ended}");
        match self.refusal_of_home(&running)? {
            // What is being written just now may be read by the one and not by the other.
            None if self.refusal_of_home(&next)?.is_none() => Ok(()),
            None => Err(UpdateError::HomeRefused { hash: next.hash(), why }),
            Some(_) => {
                let what = format!("whether build {} takes this home: the one that runs does not either", next.hash());
                Err(UpdateError::Unanswered { what, why })
            }
        }
    }

    /// How a build's own check ends that neither decides about the build nor fails for what is around it.
    fn refusal_of_home(&self, executable: &MeasuredExecutable) -> Result<Option<ExitStatus>, UpdateError> {
        let decides = |code: u8| code <= FAILED || REFUSED.contains(&code) || code == UNANSWERED;
        // One that is killed, or takes too long, may be so by this machine; the trial shows it.
        let refuses = |ended: &ExitStatus| code_of(ended).is_some_and(|code| !decides(code));
        Ok(self.own_check(executable)?.filter(refuses))
    }

    /// The rules of this machine, for a release that is installed by itself.
    ///
    /// # Errors
    /// When it cannot be told whether the network is known to have forked.
    pub fn rules(&self) -> Result<Rules, UpdateError> {
        let fork = self.as_the_node(|| EvidenceFolder::of(&self.home, &self.genesis).fork())?;
        Ok(Rules {
            domain: self.genesis.signing_domain(),
            of_genesis: self.genesis.releases.approved.clone(),
            said_in_genesis: self.genesis.releases.manifests.clone(),
            trusted: self.trusted.clone(),
            most_age: Some(self.config.update.most_age()),
            drift: Duration::from_millis(self.genesis.chain.consensus.max_clock_drift_ms),
            fork: fork.map_err(UpdateError::disk("read", &self.home.fork()))?,
            ..Rules::default()
        })
    }

    /// Remembers what was proven about a build.
    pub fn remember(&self, hash: BuildHash, shown: &Shown) {
        let mut proven = self.proven.lock().unwrap_or_else(PoisonError::into_inner);
        proven.retain(|(known, _)| *known != hash);
        proven.insert(0, (hash, shown.clone()));
        proven.truncate(REMEMBERED);
    }

    /// What the chain says about a build.
    fn judge(&self, hash: BuildHash) -> Result<Judgement, BootError> {
        let may_run = || boot::may_run(&self.home, &self.config, &self.genesis, hash);
        match self.confinement.as_its_user(may_run).map_err(BootError::User)? {
            Err(error @ BootError::Store(DbError::Newer { .. } | DbError::Older { .. })) => {
                self.remembered(hash).ok_or(error)
            }
            other => other,
        }
    }

    fn remembered(&self, hash: BuildHash) -> Option<Judgement> {
        let proven = self.proven.lock().unwrap_or_else(PoisonError::into_inner);
        let (_, shown) = proven.iter().find(|(known, _)| *known == hash)?;
        let reading = self.as_the_node(|| self.clock.read(Some(shown.approval.time))).ok()?.ok()?;
        Judgement::by_proof(shown, &hash, &self.config, &self.genesis, reading)
    }

    /// What the chain says about a build that may run.
    fn approved(&self, hash: BuildHash) -> Result<Judgement, UpdateError> {
        let judged = self.judge(hash).map_err(|error| UpdateError::Unproven { hash, why: error.to_string() })?;
        if judged.is_open() {
            return Err(UpdateError::Unproven { hash, why: judged.reason });
        }
        judged.require().map_err(|why| UpdateError::PreviousRefused { hash, why })?;
        Ok(judged)
    }

    /// The build's own boot check: a second one, with an empty environment, without any key, and not for ever. That it was not made, or
    /// did not come to its end, is this machine's doing as likely as the build's, and no refusal.
    fn ask_itself(&self, executable: &MeasuredExecutable) -> Result<(), UpdateError> {
        let hash = executable.hash();
        let open = |why: String| Err(UpdateError::Unproven { hash, why });
        let ended = match self.own_check(executable) {
            Ok(Some(ended)) if ended.success() => return Ok(()),
            Ok(Some(ended)) => ended,
            Ok(None) => return open(format!("its own boot check does not end within {} s", OWN_CHECK.as_secs())),
            Err(UpdateError::Disk { source, .. }) => {
                return open(format!("its own boot check does not start: {source}"));
            }
            Err(error) => return Err(error),
        };
        let why = format!("its own boot check ends with {ended}");
        match refusal(&ended) {
            Some(exit_code) => Err(UpdateError::PreviousRefused { hash, why: StartRefusal { exit_code, why } }),
            None => open(why),
        }
    }

    /// How the check of a build ends; none where it does not end in time.
    fn own_check(&self, executable: &MeasuredExecutable) -> Result<Option<ExitStatus>, UpdateError> {
        let mut child = executable.execute(&self.confinement, |command| self.start_check(command))?;
        // Whoever may end it, where it does not end.
        let ended = self.confinement.as_its_user(|| ended_within(&mut child, OWN_CHECK)).flatten();
        ended.map_err(UpdateError::disk("wait for", executable.path()))
    }

    fn start_check(&self, mut command: Command) -> std::io::Result<Child> {
        // Where the store and the signers are has to be known; it is all that passes.
        let passed = |name: &'static str| Some((name, variables::passed_on(name)?));
        command.envs(PASSED_ON.into_iter().filter_map(passed));
        command.arg("check").arg("--home").arg(self.home.path());
        if let Some(log) = &self.log {
            command.args(["--log", log]);
        }
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()
    }
}

/// The exit code with which a build's own boot check refuses; none where it ended otherwise, which decides nothing.
fn refusal(ended: &ExitStatus) -> Option<u8> {
    code_of(ended).filter(|code| *code == MISCONFIGURED || REFUSED.contains(code))
}

/// The exit code of a process that was not killed.
fn code_of(ended: &ExitStatus) -> Option<u8> {
    ended.code().and_then(|code| u8::try_from(code).ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::process::ExitStatusExt as _;

    #[test]
    fn o20_only_what_a_check_says_in_its_own_codes_is_a_refusal_of_the_build() {
        for code in [2, 10, 11, 12, 13] {
            assert_eq!(refusal(&ExitStatus::from_raw(code << 8)), Some(code as u8));
        }
        // A disk that fails, a clock that is wrong, nobody who answers, a panic.
        for code in [1, 14, 101] {
            assert_eq!(refusal(&ExitStatus::from_raw(code << 8)), None, "exit code {code}");
        }
        assert_eq!(refusal(&ExitStatus::from_raw(9)), None, "it was killed, such as for want of memory");
    }
}
