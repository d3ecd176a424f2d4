//! Whether a build may run that somebody else is about to execute. The build itself is not asked: it would be its own judge.

use super::evidence::{self, Evidence};
use super::report::{self, Decision, Disbelief};
use super::ticket::Search;
use super::verified::{Unverified, Verified};
use super::{BootError, ask_further};
use host::config::{Config, Home};
use primitives::{BuildHash, Epoch, Timestamp};
use releases::queries::verdict;
use runtime::Genesis;
use std::time::Duration;
use store::db::{Access, DbError, Store};
use store::known_anchor;
use update::{Approval, Shown, StartRefusal};

/// What certified chain state says about a build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// What is decided. What a build was compiled from only the build knows; its own boot check holds that against its approval.
    pub decision: Decision,
    /// Why, in one sentence, and what to do next.
    pub reason: String,
    /// The word of the attack that this may be, such as `E_PROOF`; none where it is no sign of one.
    pub code: Option<&'static str>,
    /// What chain state says; none when nothing could be believed.
    pub approval: Option<Approval>,
}

/// Whether a build may run on the chain of a home whose node is stopped: by its store, which is verified first, or by a ticket
/// where that does not know the build.
///
/// # Errors
/// When the store is in use, of another genesis, or unreadable; damage is an answer.
pub fn may_run(home: &Home, config: &Config, genesis: &Genesis, hash: BuildHash) -> Result<Judgement, BootError> {
    let trusting = |anchor| Search { home, config, genesis, anchor, build: hash };
    let known = match Verified::open(home, config, genesis, Access::ReadOnly) {
        Ok(verified) => match verified.evidence(genesis, &hash) {
            Ok(evidence) => ask_further(&trusting(verified.anchor), None, Access::ReadOnly, evidence),
            Err(disbelief) => Err(disbelief),
        },
        Err(Unverified::Unbelieved(disbelief)) => Err(disbelief),
        // What another version of this software wrote says nothing here; a ticket may, from what this home has verified before.
        Err(Unverified::Unreadable(error @ (DbError::Older { .. } | DbError::Newer { .. }))) => {
            match known_anchor(home, genesis) {
                Ok(anchor) => {
                    let found = trusting(anchor).find(None);
                    Ok(Evidence::from_ticket(found.map_err(|_| BootError::Store(error))?))
                }
                Err(mistrust) => Err(mistrust.into()),
            }
        }
        Err(Unverified::Unreadable(error)) => return Err(BootError::Store(error)),
    };
    Ok(match known {
        Ok(evidence) => Judgement::over(&hash, &evidence),
        Err(disbelief) => Judgement::unbelieved(disbelief),
    })
}

impl Judgement {
    /// By the chain of a store that is open and was believed when it was opened.
    pub fn by_store(store: &Store, genesis: &Genesis, hash: &BuildHash) -> Self {
        match evidence::from_store(store, genesis, hash) {
            Ok(evidence) => Self::over(hash, &evidence),
            Err(disbelief) => Self::unbelieved(disbelief),
        }
    }

    /// By what was proven to this process a while ago, in the epoch that the clock gives by now; none when that is too long ago.
    /// The clock can only refuse: it makes nothing younger, and later epochs only bring the end of a build nearer.
    pub fn by_proof(
        shown: &Shown,
        hash: &BuildHash,
        config: &Config,
        genesis: &Genesis,
        now: Timestamp,
    ) -> Option<Self> {
        let Approval { release, minimum_sequence, time, .. } = &shown.approval;
        let age = shown.approval.age(now);
        let most = Duration::from_secs(config.boot.max_ticket_age_hours.saturating_mul(3600));
        let chain = &genesis.chain;
        let an_epoch = chain.consensus.block_time_ms.saturating_mul(chain.epoch_length).max(1);
        let passed = u64::try_from(age.as_millis()).unwrap_or(u64::MAX) / an_epoch;
        let epoch = Epoch(shown.approval.epoch.0.saturating_add(passed));
        let evidence = Evidence {
            height: shown.height,
            time: *time,
            epoch,
            state_root: None,
            verdict: verdict(release.as_ref(), minimum_sequence, epoch),
            release: release.clone(),
            minimum_sequence: minimum_sequence.clone(),
            witness: report::Witness::Ticket { from: "the node, while it ran".into() },
        };
        (age <= most).then(|| Self::over(hash, &evidence))
    }

    /// Whether it may run.
    ///
    /// # Errors
    /// Why not.
    pub fn require(&self) -> Result<(), StartRefusal> {
        match self.decision {
            Decision::Run => Ok(()),
            refused => Err(StartRefusal { exit_code: refused.exit_code(), why: self.reason.clone() }),
        }
    }

    fn over(hash: &BuildHash, evidence: &Evidence) -> Self {
        let (decision, reason) = report::judge(hash, None, evidence);
        Self { decision, reason, code: None, approval: Some(evidence.into()) }
    }

    fn unbelieved(disbelief: Disbelief) -> Self {
        let Disbelief { decision, code, why } = disbelief;
        Self { decision, reason: why, code, approval: None }
    }
}
