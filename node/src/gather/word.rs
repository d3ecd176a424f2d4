//! What a validator says by itself of the builds that are voted on: that it holds them.

use crate::chain::Chain;
use crate::own;
use primitives::{BuildHash, Height, SecretKey};
use releases::InstallStage;
use rpc::SubmitError;
use runtime::{Call, TxError};
use state::{Decide as _, State};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tokio::sync::watch;

/// Says of each build in `held` that it is, and says it again until that is in a block, for every proposal that asks for it. Only
/// of what the node gives to others may it be said.
pub async fn say(chain: Arc<Chain>, key: SecretKey, mut held: watch::Receiver<BTreeSet<BuildHash>>) {
    let mut heads = chain.heads();
    let mut sent_until: BTreeMap<BuildHash, Height> = BTreeMap::new();
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
        sent_until.retain(|build, until| builds.contains(build) && now <= *until);
        for build in builds {
            if sent_until.contains_key(&build) || !counts(&chain, &key, build) {
                continue;
            }
            let expires_at = now.plus(own::LIFETIME);
            match own::send(&chain, &key, word(build), expires_at) {
                Ok(_) => {
                    sent_until.insert(build, expires_at);
                }
                Err(SubmitError::Invalid(TxError::CannotPayFee { have, need })) if !is_poor => {
                    tracing::warn!(%have, %need, account = %key.account(), "what is held cannot be said: the account cannot pay the fee");
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

/// Whether the chain would count it: by its own rule, and as long as the build is voted on.
fn counts(chain: &Chain, key: &SecretKey, build: BuildHash) -> bool {
    let view = chain.store().view();
    let state = State::over(&view);
    let is_approved = releases::queries::release(&state, &build).is_some();
    !is_approved && word(build).decide(&state, chain.next_moment(), key.account()).is_ok()
}
