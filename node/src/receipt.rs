//! The install receipt: a node that booted a release says so on chain, once, and what is wrong with what started it.

use crate::chain::Chain;
use crate::own::{self, Voice};
use crate::service::Service;
use crate::supervise::reports::shortened;
use primitives::{BuildHash, Height};
use releases::InstallStage;
use rpc::SubmitError;
use runtime::Call;
use state::State;
use std::sync::Arc;

/// Sends the receipt of this boot and sends it again until it is in a block; then ends.
pub async fn deliver(chain: Arc<Chain>, service: Arc<Service>, voice: Voice, build_hash: BuildHash) {
    let booted = chain.head().at.height;
    let mut heads = chain.heads();
    let (mut sent_until, mut unheard) = (Height(0), 0u32);
    while heads.changed().await.is_ok() {
        let head = heads.borrow_and_update().clone();
        if is_recorded(&chain, &voice, build_hash, booted) {
            tracing::info!(%build_hash, "the install receipt is on chain");
            return;
        }
        // What the chain would refuse is not paid for; an account may get its stake later.
        if head.at.height <= sent_until || !counts(&chain, &voice) {
            continue;
        }
        let expires_at = head.at.height.plus(own::LIFETIME);
        let call = Call::Releases(releases::Call::RecordInstall { build_hash, stage: stage(&service) });
        match own::send(&chain, &voice, call, expires_at, unheard) {
            Ok(_) => (sent_until, unheard) = (expires_at, unheard.saturating_add(1)),
            Err(SubmitError::Invalid(runtime::TxError::CannotPayFee { have, need })) => {
                tracing::warn!(%have, %need, account = %voice.account(), "no install receipt: the account cannot pay the fee");
                return;
            }
            Err(error) => tracing::debug!(%error, "the install receipt has to wait"),
        }
    }
}

/// How the release was booted.
fn stage(service: &Service) -> InstallStage {
    match service.supervisor_warning() {
        Some(warning) => InstallStage::BootedUnsafely { reason: shortened(&warning) },
        None => InstallStage::Booted,
    }
}

/// Whether a receipt of this epoch, or one later than the boot, is in state.
fn is_recorded(chain: &Chain, voice: &Voice, build_hash: BuildHash, booted: Height) -> bool {
    let view = chain.store().view();
    let receipt = releases::queries::receipt(&State::over(&view), &build_hash, &voice.account());
    let epoch = chain.next_position().epoch;
    receipt.is_some_and(|receipt| receipt.last.height > booted || receipt.last.epoch == epoch)
}

/// Whether the account has enough at stake for its word to count in the next block.
fn counts(chain: &Chain, voice: &Voice) -> bool {
    let view = chain.store().view();
    releases::queries::may_report(&State::over(&view), chain.next_position().epoch, voice.account())
}
