//! Changes of the roster: what they come to from the current one, who approves them, and a key that leaves.

use crate::answer::CommandAnswer;
use crate::args::roster::{Leave, NewRoster, RosterArgs, RosterEdit};
use crate::args::{Propose, Send};
use crate::commands::keys;
use crate::commands::manifest_file::paired;
use crate::commands::sending::{write, write_proposal};
use crate::failure::{Failure, failed, refused, usage};
use crate::session::Session;
use primitives::{List, PublicKey, SecretKey};
use releases::{Call, Error, Motion, Roster, RosterApproval, RosterChange, leave_message};
use rpc::api::GovApiClient;
use rpc::views::ReleaseSigners;

/// Does what was asked about the roster.
///
/// # Errors
/// Keys that cannot be read, edits and signatures that do not fit, and everything [`write`] refuses.
pub async fn run(command: RosterArgs, session: &Session) -> Result<CommandAnswer, Failure> {
    match command {
        RosterArgs::Propose(arguments) => propose(session, &arguments).await,
        RosterArgs::Sign { edit, key, passphrase } => sign(session, &edit, &keys::read(&key, &passphrase)?).await,
        RosterArgs::Leave(arguments) => leave(session, &arguments).await,
    }
}

/// Proposes another roster.
///
/// # Errors
/// Keys and signatures that do not pair, an edit that changes nothing, and everything [`write_proposal`] refuses.
async fn propose(session: &Session, arguments: &Propose<NewRoster>) -> Result<CommandAnswer, Failure> {
    let Propose { motion: NewRoster { edit, signatures, signers }, timing, writing } = arguments;
    let pairs = paired(signers, signatures, "--signature")?;
    let approvals = pairs.into_iter().map(|pair| RosterApproval { signer: pair.signer, signature: pair.signature });
    let approvals = List::try_from(approvals.collect::<Vec<_>>())
        .map_err(|_| usage("there are more approvals than two rosters can have keys; name each signer once"))?;
    let (_, roster) = edited(session, edit).await?;
    let motion = runtime::Motion::Releases(Motion::SetRoster(Box::new(RosterChange { roster, approvals })));
    write_proposal(session, writing, motion, *timing).await
}

/// Approves another roster as a signer of the current or of the new one.
///
/// # Errors
/// A key that is in neither, and an edit that changes nothing.
async fn sign(session: &Session, edit: &RosterEdit, key: &SecretKey) -> Result<CommandAnswer, Failure> {
    let (current, roster) = edited(session, edit).await?;
    let signer = key.public();
    if !roster.signers.contains(&signer) && !current.signers.contains(&signer) {
        return Err(refused(Error::UnknownSigner(signer)));
    }
    let signature = key.sign(&roster.approval_message(&session.chain_id().await?));
    // One line each, never wrapped: they are copied and parsed.
    let text = format!("signer {signer}\nsignature {signature}\n");
    CommandAnswer::new(&RosterApproval { signer, signature }, text)
}

/// Takes a key out of the roster by its own word.
///
/// # Errors
/// A key that is not in the roster or has left it, and everything [`write`] refuses.
async fn leave(session: &Session, arguments: &Send<Leave>) -> Result<CommandAnswer, Failure> {
    let Send { call: Leave { signer_key }, writing } = arguments;
    let key = keys::read(signer_key, &writing.passphrase)?;
    let current = current(session).await?;
    let (signer, version) = (key.public(), current.roster);
    if let Some(left) = current.left.iter().find(|left| left.signer == signer) {
        return Err(refused(Error::AlreadyLeft { signer, from_epoch: left.from_epoch }));
    }
    if !current.signers.contains(&signer) {
        return Err(refused(Error::UnknownSigner(signer)));
    }
    let signature = key.sign(&leave_message(&session.chain_id().await?, signer, version));
    let call = Call::LeaveRoster { signer, version, signature };
    write(session, writing, runtime::Call::Releases(call)).await
}

async fn current(session: &Session) -> Result<ReleaseSigners, Failure> {
    session.node.release_signers().await.map_err(|error| session.explain(error))
}

async fn edited(session: &Session, edit: &RosterEdit) -> Result<(ReleaseSigners, Roster), Failure> {
    let current = current(session).await?;
    let roster = edit_roster(&current, edit)?;
    Ok((current, roster))
}

/// The roster that an edit makes of the current one: the keys that stay in their order, then those that join. Keys that leave by
/// their own word do not stay, and join only when they are named.
fn edit_roster(current: &ReleaseSigners, edit: &RosterEdit) -> Result<Roster, Failure> {
    if let Some(unknown) = edit.remove.iter().find(|key| !current.signers.contains(key)) {
        return Err(refused(Error::UnknownSigner(*unknown)));
    }
    let staying = current.staying();
    if let Some(twice) = edit.add.iter().find(|key| staying.contains(key)) {
        return Err(refused(Error::DuplicateSigner(*twice)));
    }
    let staying = staying.iter().filter(|key| !edit.remove.contains(key));
    let signers: Vec<PublicKey> = staying.chain(&edit.add).copied().collect();
    let threshold = edit.threshold.unwrap_or(current.required);
    if signers == current.signers && threshold == current.required {
        return Err(refused(Error::RosterUnchanged));
    }
    let version = current.roster.saturating_add(1);
    let signers = List::try_from(signers)
        .map_err(|_| failed(format!("a roster has at most {} keys; remove some", releases::MAX_SIGNERS)))?;
    Ok(Roster { version, signers, threshold })
}

#[cfg(test)]
mod tests {
    use super::*;
    use primitives::Epoch;
    use releases::Departure;

    fn key(index: u8) -> PublicKey {
        runtime::testing::signer(index).public()
    }

    fn after(add: &[u8], remove: &[u8], threshold: Option<u32>) -> Result<Roster, Failure> {
        edited_without(&[], add, remove, threshold)
    }

    /// As [`after`], while some keys are leaving.
    fn edited_without(leaving: &[u8], add: &[u8], remove: &[u8], threshold: Option<u32>) -> Result<Roster, Failure> {
        let left = leaving.iter().map(|index| Departure { signer: key(*index), from_epoch: Epoch(9) }).collect();
        let signers = (0..3).map(key).collect();
        let current = ReleaseSigners { signers, left, threshold: 3, required: 2, roster: 4 };
        let keys = |indices: &[u8]| indices.iter().map(|index| key(*index)).collect();
        edit_roster(&current, &RosterEdit { add: keys(add), remove: keys(remove), threshold })
    }

    #[test]
    fn h17_a_key_that_leaves_comes_back_only_when_it_is_named() {
        let keys = |roster: Roster| roster.signers.into_inner();
        assert_eq!(keys(edited_without(&[1], &[7], &[], None).unwrap()), [key(0), key(2), key(7)]);
        assert_eq!(keys(edited_without(&[1], &[1], &[0], None).unwrap()), [key(2), key(1)]);
    }

    #[test]
    fn an_edit_keeps_the_order_and_counts_the_version() {
        let roster = after(&[7], &[1], None).unwrap();
        assert_eq!((roster.version, roster.threshold), (5, 2), "the roster's own threshold, not the last applied one");
        assert_eq!(roster.signers.into_inner(), [key(0), key(2), key(7)]);
        assert_eq!(after(&[], &[], Some(3)).unwrap().threshold, 3);
    }

    #[test]
    fn an_edit_that_makes_no_sense_is_refused_as_the_chain_would() {
        let refused = |add: &[u8], remove: &[u8]| after(add, remove, None).unwrap_err().to_string();
        assert_eq!(refused(&[], &[9]), Error::UnknownSigner(key(9)).to_string());
        assert_eq!(refused(&[1], &[]), Error::DuplicateSigner(key(1)).to_string());
        assert_eq!(refused(&[], &[]), Error::RosterUnchanged.to_string());
    }
}
