//! Transactions: made, taken by the node's pool, and handed on.

use super::machine::Machine;
use super::scene::{Said, Scene};
use primitives::{Amount, SecretKey, Signature};
use runtime::{Call, Lane, NextBlock, Payload, Transaction};
use state::State;
use the_block::mempool::{MempoolBounds, Waiting};
use the_block::own::LIFETIME;

/// The bounds of a machine's pool.
pub(super) const BOUNDS: MempoolBounds = MempoolBounds { max_bytes: 4 << 20, max_count: 4_096, max_per_account: 64 };
/// How many waiting transactions a machine shows another one after a block.
const SHOWN: usize = 32;

impl Machine {
    /// Signs a call with the next nonce of a key in a lane, as this machine knows it, takes it into the pool, and tells the others.
    ///
    /// # Errors
    /// Why the pool does not take it, in a sentence.
    pub(super) fn submits(
        &mut self,
        key: &SecretKey,
        lane: Lane,
        call: Call,
        scene: &mut Scene<'_>,
    ) -> Result<(), String> {
        let Some(life) = &self.life else { return Err("the machine is down".to_owned()) };
        let (genesis, who) = (&scene.setting.genesis, key.account());
        let account = accounts::queries::account(&State::over(&self.ledger.storage().state), &who);
        let on_chain = account.nonce_in(lane);
        let limits = &genesis.chain.limits;
        let payload = Payload {
            chain_id: genesis.chain.chain_id.clone(),
            account: who,
            lane,
            nonce: life.pool.next_nonce(&who, lane, on_chain).unwrap_or(on_chain),
            expires_at: self.height().plus(LIFETIME.min(limits.max_transaction_lifetime)),
            fee: Amount::ZERO,
            call,
        };
        let weighed = Transaction { payload, signature: Signature([0; 64]) };
        let fee = genesis.accounts.fees.least(weighed.weight(limits));
        let transaction = Payload { fee, ..weighed.payload }.sign(key);
        let taken = self.admits(transaction.clone(), scene);
        let place = self.place;
        match &taken {
            Ok(()) => {
                scene.tell(|| format!("{place} sends {}", transaction.hash()));
                scene.say(place, Said::Pool(vec![transaction]));
            }
            Err(reason) => scene.tell(|| format!("{place} cannot send: {reason}")),
        }
        taken
    }

    /// Takes a transaction by the rules of the node: its terms first, then its signature.
    pub(super) fn admits(&mut self, transaction: Transaction, scene: &Scene<'_>) -> Result<(), String> {
        let next = self.next_moment();
        let Self { ledger, life: Some(life), .. } = self else { return Err("the machine is down".to_owned()) };
        let state = State::over(&ledger.storage().state);
        let next = NextBlock::over(&state, next);
        let waiting = Waiting::of(transaction, &scene.setting.genesis.chain.limits);
        life.pool.check(&waiting, &state, &next).map_err(|error| error.to_string())?;
        waiting.transaction().check_signature().map_err(|error| error.to_string())?;
        life.pool.admit(waiting, &state, &next).map(|_| ()).map_err(|error| error.to_string())
    }

    /// After a block: drops what is in it, and shows one other machine what waits still.
    pub(super) fn sorts_pool(&mut self, scene: &mut Scene<'_>) {
        let next = self.next_moment();
        let Self { ledger, life: Some(life), .. } = self else { return };
        let state = State::over(&ledger.storage().state);
        life.pool.recheck(&state, &NextBlock::over(&state, next));
        let waiting = life.pool.candidates(SHOWN);
        if !waiting.is_empty() {
            let other = scene.somebody_but(self.place);
            scene.say_to(self.place, Said::Pool(waiting), &[other]);
        }
    }
}
