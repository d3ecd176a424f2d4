//! Whether a build may run that somebody else is about to execute. The build itself is not asked: it would be its own judge.

use super::evidence::{self, Evidence};
use super::report::{self, Decision, Disbelief};
use super::ticket::{Search, good_for};
use super::verified::{Unverified, Verified};
use super::{BootError, ask_further};
use host::config::{Config, Home};
use primitives::{BuildHash, Reading};
use releases::queries::verdict;
use runtime::Genesis;
use store::db::{Access, DbError, Store};
use store::known_anchor;
use update::{Approval, Shown, StartRefusal};

/// What certified chain state says about a build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// What is decided. What a build was compiled from, and which level it knows, only the build knows; its own boot check holds that
    /// against its approval.
    pub decision: Decision,
    /// Why, in one sentence, and what to do next.
    pub reason: String,
    /// The word of the attack that this may be, such as `E_PROOF`; none where it is no sign of one.
    pub code: Option<&'static str>,
    /// What chain state says; none when nothing could be believed.
    pub approval: Option<Approval>,
}

/// Whether a build may run on the chain of a home whose node is stopped: by its store, which is verified first, or by a ticket
/// where that does not know the build. A good one is kept, so that the build finds it too, whoever answers by then.
///
/// # Errors
/// When the store is in use, of another genesis, or unreadable; damage is an answer.
pub fn may_run(home: &Home, config: &Config, genesis: &Genesis, hash: BuildHash) -> Result<Judgement, BootError> {
    let access = Access::ReadOnly;
    let trusting =
        |store, anchor, proven| Search { home, config, genesis, store, keeps: true, anchor, proven, build: hash };
    let found = Verified::open(home, config, genesis, access).and_then(|verified| {
        let evidence = verified.evidence(genesis, &hash)?;
        Ok((verified, evidence))
    });
    let known = match found {
        Ok((verified, evidence)) => {
            let search = trusting(verified.store.as_ref(), verified.anchor, evidence.proven_time());
            ask_further(&search, None, evidence)
        }
        // What another version of this software wrote says nothing here; a ticket may, from what this home has verified before.
        Err(Unverified::Unreadable(error @ (DbError::Older { .. } | DbError::Newer { .. }))) => {
            match known_anchor(home, genesis).map_err(Unverified::from) {
                Ok(anchor) => {
                    let found = trusting(None, anchor, None).find(None);
                    Ok(Evidence::from_ticket(found.map_err(|_| BootError::Store(error))?))
                }
                Err(Unverified::Unbelieved(disbelief)) => Err(disbelief),
                Err(Unverified::Unreadable(error)) => return Err(BootError::Store(error)),
            }
        }
        Err(Unverified::Unbelieved(disbelief)) => Err(disbelief),
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
            Err(Unverified::Unbelieved(disbelief)) => Self::unbelieved(disbelief),
            Err(Unverified::Unreadable(error)) => Self::unbelieved(Disbelief::unreadable(&error)),
        }
    }

    /// By what was proven to this process a while ago, in the epoch that the clock gives by now; none when that is longer ago than a
    /// ticket is good for, or the clock cannot be believed.
    pub fn by_proof(
        shown: &Shown,
        hash: &BuildHash,
        config: &Config,
        genesis: &Genesis,
        reading: Reading,
    ) -> Option<Self> {
        let Approval { release, minimum_sequence, time, .. } = &shown.approval;
        good_for(config, genesis).require(*time, reading).ok()?;
        let epoch = genesis.chain.epoch_by(shown.height, *time, reading.latest);
        let evidence = Evidence {
            height: shown.height,
            time: *time,
            epoch,
            state_root: None,
            verdict: verdict(release.as_ref(), minimum_sequence, epoch),
            release: release.clone(),
            minimum_sequence: minimum_sequence.clone(),
            level: None,
            witness: report::Witness::Ticket { from: "the node, while it ran".into() },
        };
        Some(Self::over(hash, &evidence))
    }

    /// Whether nothing is decided: it may be another time that it is asked, though nobody does anything here.
    pub fn is_open(&self) -> bool {
        // The tickets of a supervisor are those of nodes that it asked, who are strangers: the next may be right.
        matches!(self.decision, Decision::Unanswered | Decision::TicketInvalid | Decision::ClockWrong)
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
