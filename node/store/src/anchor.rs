//! What a home lets whoever runs on it trust: the head of its store, certified by the validators whom its own genesis leads to.

use crate::db::{Access, Settings, Store};
use crate::head_of;
use host::config::{Config, Home};
use light::{Anchor, SignedHeader};
use primitives::Height;
use rpc::Head;
use runtime::Genesis;
use state::State;

/// The anchor of a store: its certified head, or genesis where no block is decided yet.
///
/// # Errors
/// What in the store does not hold, in words.
pub fn anchor(store: &Store, genesis: &Genesis) -> Result<Anchor, String> {
    let view = store.view();
    let head = view.head().map_err(|error| error.to_string())?;
    if head.is_none_or(|head| head.height == Height(0)) {
        return Ok(Anchor::genesis(genesis));
    }
    let head = head_of(&view, genesis.chain.epoch_length).map_err(|error| error.to_string())?;
    Ok(Anchor::at(genesis, &certified(store, genesis, &head)?))
}

/// The anchor of a home: that of its store, else genesis, where there is none or it does not hold.
pub fn anchor_of(home: &Home, config: &Config, genesis: &Genesis) -> Anchor {
    let store = Store::open(home.gov_db(config), Access::ReadOnly, Settings::of(config));
    let anchor = store.map_err(|error| error.to_string()).and_then(|store| anchor(&store, genesis));
    anchor.unwrap_or_else(|_| Anchor::genesis(genesis))
}

/// The head with its certificate, which must be by more than two thirds of the set that its header names.
fn certified(store: &Store, genesis: &Genesis, head: &Head) -> Result<SignedHeader, String> {
    let view = store.view();
    let height = head.at.height;
    let certificate = view.certificate(height).map_err(|error| error.to_string())?;
    let certificate = certificate.ok_or_else(|| format!("the certificate of height {height} is missing"))?;
    let validators = staking::queries::validator_set(&State::over(&view), head.at.epoch);
    let signed = SignedHeader { header: head.header.clone(), certificate, validators };
    signed.verify(&genesis.chain.chain_id).map_err(|error| error.to_string())?;
    Ok(signed)
}
