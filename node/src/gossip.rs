//! What nodes tell each other over the overlay: transactions, and at each epoch's end what was decided (T30).
//!
//! The first byte of a message says what it is, the rest is its encoding.

use crate::chain::{AdmissionRefusal, Chain};
use overlay::{MessageVerdict, OverlayHandle};
use parity_scale_codec::Encode;
use primitives::Height;
use runtime::{Certificate, Limits, Transaction};
use std::sync::Arc;
use std::time::Duration;

const TRANSACTION: u8 = 0;
const DECISION: u8 = 1;

/// How often all of it is gossiped again; the overlay forgets what it has seen after as long.
const AGAIN: Duration = Duration::from_secs(60);

/// How many waiting transactions at most, the best first.
const TRANSACTIONS_AGAIN: usize = 500;

/// A transaction for other nodes.
pub fn transaction(transaction: &Transaction) -> Vec<u8> {
    message(TRANSACTION, transaction)
}

/// What was decided at an epoch's end, for other nodes.
pub fn decision(certificate: &Certificate) -> Vec<u8> {
    message(DECISION, certificate)
}

fn message(kind: u8, content: &impl Encode) -> Vec<u8> {
    let mut bytes = vec![kind];
    content.encode_to(&mut bytes);
    bytes
}

/// The longest message. Evidence that holds a certificate by every validator is within the bytes of a transaction; genesis checks it.
pub fn most_bytes(limits: &Limits) -> usize {
    (limits.max_transaction_bytes as usize).saturating_add(1)
}

/// What becomes of a peer's message.
pub fn judge(chain: &Chain, message: &[u8]) -> MessageVerdict {
    let judged = match message.split_first() {
        Some((&TRANSACTION, bytes)) => chain.receive(bytes).map(drop),
        Some((&DECISION, bytes)) => chain.compare(bytes),
        _ => Err(AdmissionRefusal::PeerFault),
    };
    match judged {
        Ok(()) => MessageVerdict::Accept,
        Err(AdmissionRefusal::Harmless) => MessageVerdict::Ignore,
        Err(AdmissionRefusal::PeerFault) => MessageVerdict::Reject,
    }
}

/// Tells peers at each epoch's end what was decided here. One that decided the same passes it on to nobody.
pub async fn tell_ends(chain: Arc<Chain>, overlay: OverlayHandle) {
    let mut heads = chain.heads();
    let mut told = Height(0);
    while heads.changed().await.is_ok() {
        let end = chain.newest_end().filter(|end| end.height > told && has_peers(&overlay));
        if let Some(end) = end
            && overlay.publish(decision(&end)).is_ok()
        {
            told = end.height;
        }
    }
}

/// Tells peers both decisions of a height that has two, so that those who know one of them learn of the other.
pub async fn tell_forks(chain: Arc<Chain>, overlay: OverlayHandle) {
    let mut forks = chain.forks();
    while forks.changed().await.is_ok() {
        let fork = forks.borrow_and_update().clone();
        // Of another height, which a ticket may show, peers want to hear nothing.
        let fork = fork.filter(|fork| fork.height().ends_epoch(chain.epoch_length()));
        for certificate in fork.iter().flat_map(|fork| [fork.ours(), fork.theirs()]) {
            if let Err(error) = overlay.publish(decision(certificate)) {
                tracing::warn!(%error, "peers are not told of the fork; they compare at the next epoch's end");
            }
        }
    }
}

/// Gossips the newest decision and waiting transactions again from time to time: a node that came late, or was overloaded, has not seen
/// them.
pub async fn tell_again(chain: Arc<Chain>, overlay: OverlayHandle) {
    let mut rounds = tokio::time::interval(AGAIN);
    loop {
        rounds.tick().await;
        let end = chain.newest_end().filter(|_| has_peers(&overlay));
        let messages = end.iter().map(decision);
        let waiting = chain.waiting(TRANSACTIONS_AGAIN);
        for message in messages.chain(waiting.iter().map(transaction)) {
            if overlay.publish(message).is_err() {
                break;
            }
        }
    }
}

/// Whether somebody hears; what nobody hears waits in the overlay, where transactions have more use of the place.
fn has_peers(overlay: &OverlayHandle) -> bool {
    !overlay.status().live_peers.is_empty()
}
