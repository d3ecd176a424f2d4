//! The proposals that stop something, and the end of support.

use super::write;
use crate::answer::Answer;
use crate::args::Writing;
use crate::args::motions::*;
use crate::failure::{Failure, usage};
use crate::session::Session;
use governance::{Intervention, TrackName};
use primitives::List;
use releases::Motion as Release;
use runtime::Motion;

/// Proposes to take builds out of use.
///
/// # Errors
/// More builds than a release has, and everything [`write`] refuses.
pub async fn revoke(session: &Session, arguments: &ProposeRevoke) -> Result<Answer, Failure> {
    let ProposeRevoke { hashes, reason, timing, writing } = arguments;
    let build_hashes = List::try_from(hashes.clone()).map_err(|_| {
        let most = releases::MAX_REVOKED;
        usage(format!("{} builds are more than the {most} that one proposal can revoke; propose twice", hashes.len()))
    })?;
    let motion = Release::Revoke { build_hashes, reason: reason.clone() };
    propose(session, writing, TrackName::Expedited, *timing, Motion::Releases(motion)).await
}

/// Proposes that no release below a number may run.
///
/// # Errors
/// Everything [`write`] refuses.
pub async fn minimum(session: &Session, arguments: &ProposeMinimum) -> Result<Answer, Failure> {
    let ProposeMinimum { sequence, reason, timing, writing } = arguments;
    let motion = Release::RaiseMinimumSequence { minimum: *sequence, reason: reason.clone() };
    propose(session, writing, TrackName::Expedited, *timing, Motion::Releases(motion)).await
}

/// Proposes the end of support of a release.
///
/// # Errors
/// Everything [`write`] refuses.
pub async fn end_of_support(session: &Session, arguments: &ProposeEndOfSupport) -> Result<Answer, Failure> {
    let ProposeEndOfSupport { hash, epoch, track, timing, writing } = arguments;
    let motion = Release::EndSupport { build_hash: *hash, epoch: *epoch };
    propose(session, writing, *track, *timing, Motion::Releases(motion)).await
}

/// Proposes to stop another proposal.
///
/// # Errors
/// Everything [`write`] refuses.
pub async fn cancel(session: &Session, arguments: &ProposeCancel) -> Result<Answer, Failure> {
    let ProposeCancel { id, reason, timing, writing } = arguments;
    let motion = Intervention::Cancel { proposal_id: *id, reason: reason.clone() };
    propose(session, writing, TrackName::Expedited, *timing, Motion::Governance(motion)).await
}

/// Proposes a motion.
///
/// # Errors
/// Everything [`write`] refuses.
pub async fn propose(
    session: &Session,
    writing: &Writing,
    track: TrackName,
    timing: Timing,
    motion: Motion,
) -> Result<Answer, Failure> {
    let Timing { deadline, delay } = timing;
    let call = governance::Call::Propose { motion, track, vote_deadline_epoch: deadline, activation_delay: delay };
    write(session, writing, runtime::Call::Governance(call)).await
}
