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
use governance::{Track, TrackName};
use primitives::Epoch;
use rpc::api::{ChainApiClient as _, GovApiClient as _};
use runtime::{Call, Motion};

/// Blocks that a transaction may need to be in one.
const TO_BE_INCLUDED: u64 = 2;

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
/// Arguments that make none, and everything [`write_proposal`] refuses.
pub async fn propose<M: Args + ToMotion>(session: &Session, arguments: &Propose<M>) -> Result<CommandAnswer, Failure> {
    let Propose { motion, timing, writing } = arguments;
    write_proposal(session, writing, motion.to_motion()?, *timing).await
}

/// Proposes a motion with the key of the account that asks.
///
/// # Errors
/// A key that cannot be read, and everything [`submit::send`] refuses.
pub async fn write_proposal(
    session: &Session,
    writing: &Writing,
    motion: Motion,
    timing: Timing,
) -> Result<CommandAnswer, Failure> {
    // Before the deadline is worked out: while a passphrase is typed, the chain goes on.
    let key = keys::read(&writing.key, &writing.passphrase)?;
    let call = proposal(session, motion, timing).await?;
    submit::send(session, &key, writing, call).await
}

/// The call that proposes a motion: on the track that may stop something, where it can, and with at least one whole epoch to vote,
/// where no other end is named.
///
/// # Errors
/// When the node does not answer.
pub async fn proposal(session: &Session, motion: Motion, timing: Timing) -> Result<Call, Failure> {
    let track = timing.track.unwrap_or_else(|| usual_track(&motion));
    let deadline = match timing.deadline {
        Some(named) => Some(named),
        None => {
            let params = session.node.params().await.map_err(|error| session.explain(error))?;
            let status = session.node.status().await.map_err(|error| session.explain(error))?;
            let track = params.governance.track(track);
            track.and_then(|track| usual_deadline(track, status.epoch, status.next_epoch.blocks_left))
        }
    };
    Ok(timed(motion, Timing { track: Some(track), deadline, ..timing }))
}

/// Where voting ends when no epoch is named: so that there is one whole epoch to vote, as far as the track allows. None where the
/// soonest of the track leaves as much, which the chain knows best.
fn usual_deadline(track: &Track, now: Epoch, blocks_left: u64) -> Option<Epoch> {
    // What is sent at the end of an epoch may be in a block of the next one.
    let made_in = if blocks_left <= TO_BE_INCLUDED { now.next() } else { now };
    let (whole, latest) = (made_in.plus(2), now.plus(track.most_window));
    (track.least_window == 1 && track.most_window > 1).then_some(whole.min(latest))
}

/// The call that proposes a motion by rules and at times that are all said.
fn timed(motion: Motion, timing: Timing) -> Call {
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
        Motion::Releases(Approve(_) | SetRoster(_) | Amend { .. }) | Motion::Rollouts(rollouts::Motion::Install(_)) => {
            TrackName::Routine
        }
        Motion::Releases(Revoke { .. } | RaiseMinimumSequence { .. } | EndSupport { .. })
        | Motion::Governance(_)
        | Motion::Roles(_)
        | Motion::Rollouts(_) => TrackName::Expedited,
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
    use primitives::{Amount, BuildHash, Fraction, ProposalId};

    #[test]
    fn what_stops_something_is_proposed_on_the_expedited_track_unless_another_is_named() {
        let stop = Intervention::Cancel { proposal_id: ProposalId(1), reason: "it is wrong".parse().unwrap() };
        let end = releases::Motion::EndSupport { build_hash: BuildHash([1; 32]), epoch: Epoch(9) };
        let track = |motion: Motion, track: Option<TrackName>| {
            let timing = Timing { track, deadline: Some(Epoch(7)), delay: Some(2) };
            let Call::Governance(governance::Call::Propose { track, vote_deadline_epoch, activation_delay, .. }) =
                timed(motion, timing)
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

    #[test]
    fn o44_there_is_a_whole_epoch_to_vote_where_no_end_is_named() {
        let track = |least_window, most_window| Track {
            deposit: Amount(1),
            least_window,
            most_window,
            least_delay: 1,
            most_delay: 9,
            quorum: Fraction::THIRD,
            support: Fraction::THIRD,
        };
        let usual = |least, most, blocks_left| usual_deadline(&track(least, most), Epoch(7), blocks_left);
        assert_eq!(usual(1, 100, 5), Some(Epoch(9)), "epoch 8 is whole");
        assert_eq!(usual(1, 100, 1), Some(Epoch(10)), "it will be made in epoch 8");
        assert_eq!(usual(1, 2, 1), Some(Epoch(9)), "no later than the track allows");
        assert_eq!(usual(1, 1, 5), None, "the track allows no more");
        assert_eq!(usual(2, 100, 5), None, "the soonest leaves as much");
    }
}
