//! What a validator says by itself of the builds that are voted on: that it holds them.

use crate::chain::Chain;
use crate::own::{self, Voice};
use primitives::{BuildHash, Height, TransactionHash};
use releases::InstallStage;
use rpc::SubmitError;
use runtime::{Call, TxError};
use state::{Decide as _, State};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tokio::sync::watch;

/// A word that was sent.
struct Sent {
    transaction: TransactionHash,
    /// The last block it may be in.
    expires_at: Height,
    /// How often it was sent by now.
    times: u32,
}

/// Says of each build in `held` that it is, and says it again until that is in a block, for every proposal that asks for it. Only
/// of what the node gives to others may it be said.
pub async fn say(chain: Arc<Chain>, voice: Voice, mut held: watch::Receiver<BTreeSet<BuildHash>>) {
    let mut heads = chain.heads();
    let mut sent: BTreeMap<BuildHash, Sent> = BTreeMap::new();
    let mut is_poor = false;
    loop {
        let goes_on = tokio::select! {
            changed = heads.changed() => changed.is_ok(),
            changed = held.changed() => changed.is_ok(),
        };
        if !goes_on {
            return;
        }
        let (now, builds) = (heads.borrow_and_update().at.height, held.borrow_and_update().clone());
        // What counts no more was heard.
        sent.retain(|build, _| builds.contains(build) && counts(&chain, &voice, *build));
        for build in builds {
            let before = sent.get(&build);
            if before.is_some_and(|sent| waits(&chain, now, sent)) || !counts(&chain, &voice, build) {
                continue;
            }
            let (unheard, expires_at) = (before.map_or(0, |sent| sent.times), now.plus(own::LIFETIME));
            match own::send(&chain, &voice, word(build), expires_at, unheard) {
                Ok(transaction) => {
                    sent.insert(build, Sent { transaction, expires_at, times: unheard.saturating_add(1) });
                }
                Err(SubmitError::Invalid(TxError::CannotPayFee { have, need })) if !is_poor => {
                    tracing::warn!(%have, %need, account = %voice.account(), "what is held cannot be said: the account cannot pay the fee");
                    is_poor = true;
                }
                Err(error) => tracing::debug!(%build, %error, "that a build is held has to be said later"),
            }
        }
    }
}

fn word(build_hash: BuildHash) -> Call {
    Call::Releases(releases::Call::RecordInstall { build_hash, stage: InstallStage::Held })
}

/// Whether it may still come into a block. A pool drops what others outbid.
fn waits(chain: &Chain, now: Height, sent: &Sent) -> bool {
    now <= sent.expires_at && chain.pool().contains(&sent.transaction)
}

/// Whether the chain would count it: by its own rule, and as long as the build is voted on.
fn counts(chain: &Chain, voice: &Voice, build: BuildHash) -> bool {
    let view = chain.store().view();
    let state = State::over(&view);
    let is_approved = releases::queries::release(&state, &build).is_some();
    !is_approved && word(build).decide(&state, chain.next_moment(), voice.account()).is_ok()
}
