//! What chain state says about a build, each piece proven against the certified state root.

use crate::chain::head_of;
use crate::db::Store;
use parity_scale_codec::DecodeAll;
use primitives::{BuildHash, Epoch, Height, StateRoot};
use releases::{ApprovedRelease, MinimumSequence, queries::Verdict, queries::verdict, storage::*};
use rpc::Head;
use runtime::Genesis;
use state::State;

/// What chain state says about a build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Evidence {
    pub height: Height,
    pub epoch: Epoch,
    pub state_root: Option<StateRoot>,
    pub release: Option<ApprovedRelease>,
    pub verdict: Verdict,
}

impl Evidence {
    /// The evidence of a chain that has not begun: genesis itself, which the operator chose to trust.
    pub fn from_genesis(genesis: &Genesis, hash: &BuildHash) -> Self {
        let memory = genesis.build();
        let state = State::over(&memory);
        Self::judge(genesis, Height(0), None, APPROVED.get(&state, hash), MINIMUM_SEQUENCE.get_or_default(&state))
    }

    fn judge(
        genesis: &Genesis,
        height: Height,
        state_root: Option<StateRoot>,
        release: Option<ApprovedRelease>,
        minimum_sequence: MinimumSequence,
    ) -> Self {
        let epoch = height.next().epoch(genesis.chain.epoch_length);
        let verdict = verdict(release.as_ref(), &minimum_sequence, epoch);
        Self { height, epoch, state_root, release, verdict }
    }
}

/// Gathers the evidence of a store, or says what in the store does not hold.
pub(super) fn from_store(store: &Store, genesis: &Genesis, hash: &BuildHash) -> Result<Evidence, String> {
    let view = store.view();
    if view.head().map_err(|error| error.to_string())?.is_none() {
        return Ok(Evidence::from_genesis(genesis, hash));
    }
    let head = head_of(&view, genesis.chain.epoch_length).map_err(|error| error.to_string())?;
    let height = head.at.height;
    if height > Height(0) {
        require_certified(store, genesis, &head)?;
    }
    let root = head.header.state_root;
    let release = proven::<ApprovedRelease>(store, &APPROVED.key(hash), height, &root)?;
    let minimum = proven::<MinimumSequence>(store, MINIMUM_SEQUENCE.key(), height, &root)?.unwrap_or_default();
    Ok(Evidence::judge(genesis, height, Some(root), release, minimum))
}

/// The head's certificate must be by more than two thirds of the set that its header names.
fn require_certified(store: &Store, genesis: &Genesis, head: &Head) -> Result<(), String> {
    let view = store.view();
    let height = head.at.height;
    let certificate = view.certificate(height).map_err(|error| error.to_string())?;
    let certificate = certificate.ok_or_else(|| format!("the certificate of height {height} is missing"))?;
    if (certificate.height, certificate.block) != (height, head.hash) {
        return Err(format!("the certificate stored with height {height} is for another block"));
    }
    let epoch = head.at.epoch;
    let validators = staking::queries::validator_set(&State::over(&view), epoch);
    if validators.hash() != head.header.validators_hash {
        return Err(format!("the validator set of epoch {epoch} is not the one that the header names"));
    }
    certificate
        .verify(&genesis.chain.chain_id, &validators)
        .map_err(|error| format!("the certificate of height {height} does not verify: {error}"))
}

/// A value, or its absence, with its proof against the root.
fn proven<T: DecodeAll>(store: &Store, key: &[u8], height: Height, root: &StateRoot) -> Result<Option<T>, String> {
    let name = String::from_utf8_lossy(key).into_owned();
    let proof = store.view().proof(key, height).map_err(|error| error.to_string())?;
    proof.verify(*root).map_err(|error| format!("the proof of {name:?} does not verify: {error}"))?;
    if proof.key != key {
        return Err(format!("the proof of {name:?} is for another key"));
    }
    let decode =
        |bytes: Vec<u8>| T::decode_all(&mut &bytes[..]).map_err(|error| format!("{name:?} does not decode: {error}"));
    proof.value.map(decode).transpose()
}
