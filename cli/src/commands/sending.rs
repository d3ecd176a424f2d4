//! From arguments to what is sent: a call, or a motion with its timing. All that is particular to one is how its arguments
//! become it.

use super::keys;
use crate::answer::CommandAnswer;
use crate::args::propose::Timing;
use crate::args::{Propose, Send, Writing};
use crate::failure::Failure;
use crate::session::Session;
use crate::submit;
use clap::Args;
use governance::TrackName;
use runtime::{Call, Motion};

/// Arguments that make a call.
pub trait ToCall {
    /// The call.
    ///
    /// # Errors
    /// Arguments that make none, and files that cannot be read.
    fn to_call(&self) -> Result<Call, Failure>;
}

/// Arguments that make a motion.
pub trait ToMotion {
    /// The motion.
    ///
    /// # Errors
    /// Arguments that make none, and files that cannot be read.
    fn to_motion(&self) -> Result<Motion, Failure>;
}

/// Sends the call that arguments make.
///
/// # Errors
/// Arguments that make none, and everything [`write`] refuses.
pub async fn send<C: Args + ToCall>(session: &Session, arguments: &Send<C>) -> Result<CommandAnswer, Failure> {
    write(session, &arguments.writing, arguments.call.to_call()?).await
}

/// Proposes the motion that arguments make.
///
/// # Errors
/// Arguments that make none, and everything [`write`] refuses.
pub async fn propose<M: Args + ToMotion>(session: &Session, arguments: &Propose<M>) -> Result<CommandAnswer, Failure> {
    write(session, &arguments.writing, proposal(arguments.motion.to_motion()?, arguments.timing)).await
}

/// The call that proposes a motion; on the track that may stop something, where it can.
pub fn proposal(motion: Motion, timing: Timing) -> Call {
    let Timing { track, deadline, delay } = timing;
    let track = track.unwrap_or_else(|| usual_track(&motion));
    Call::Governance(governance::Call::Propose {
        motion,
        track,
        vote_deadline_epoch: deadline,
        activation_delay: delay,
    })
}

/// The track of a motion for which none is named: one that takes it whatever the state of the chain is.
fn usual_track(motion: &Motion) -> TrackName {
    use releases::Motion::{Amend, Approve, EndSupport, RaiseMinimumSequence, Revoke, SetRoster};
    match motion {
        Motion::Releases(Approve(_) | SetRoster(_) | Amend { .. }) => TrackName::Routine,
        Motion::Releases(Revoke { .. } | RaiseMinimumSequence { .. } | EndSupport { .. }) | Motion::Governance(_) => {
            TrackName::Expedited
        }
    }
}

/// Signs a call with the key of the account that asks, and sends it.
///
/// # Errors
/// A key that cannot be read, and everything [`submit::send`] refuses.
pub async fn write(session: &Session, writing: &Writing, call: Call) -> Result<CommandAnswer, Failure> {
    let key = keys::read(&writing.key, &writing.passphrase)?;
    submit::send(session, &key, writing, call).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use governance::Intervention;
    use primitives::{BuildHash, Epoch, ProposalId};

    #[test]
    fn what_stops_something_is_proposed_on_the_expedited_track_unless_another_is_named() {
        let stop = Intervention::Cancel { proposal_id: ProposalId(1), reason: governance::Reason::default() };
        let end = releases::Motion::EndSupport { build_hash: BuildHash([1; 32]), epoch: Epoch(9) };
        let track = |motion: Motion, track: Option<TrackName>| {
            let timing = Timing { track, deadline: Some(Epoch(7)), delay: Some(2) };
            let Call::Governance(governance::Call::Propose { track, vote_deadline_epoch, activation_delay, .. }) =
                proposal(motion, timing)
            else {
                panic!("it is a proposal")
            };
            assert_eq!((vote_deadline_epoch, activation_delay), (Some(Epoch(7)), Some(2)));
            track
        };
        assert_eq!(track(Motion::Governance(stop.clone()), None), TrackName::Expedited);
        assert_eq!(track(Motion::Governance(stop), Some(TrackName::Routine)), TrackName::Routine);
        assert_eq!(track(Motion::Releases(end.clone()), None), TrackName::Expedited);
        assert_eq!(track(Motion::Releases(end), Some(TrackName::Routine)), TrackName::Routine, "as puts an end off");
    }
}
