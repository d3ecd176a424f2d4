//! `contract account`.

use super::keys;
use crate::answer::Answer;
use crate::args::Writing;
use crate::args::account::{Account, Whose};
use crate::args::keys::Passphrase;
use crate::failure::{Failure, usage};
use crate::render;
use crate::session::Session;
use crate::submit;
use primitives::{AccountId, SecretKey};
use rpc::api::AccountClient;
use runtime::Call;

/// Does what was asked of an account.
///
/// # Errors
/// See [`submit::send`].
pub async fn run(command: Account, session: &Session) -> Result<Answer, Failure> {
    match command {
        Account::Show { whose, passphrase } => show(session, named(whose, &passphrase)?).await,
        Account::Transfer { to, amount, writing } => {
            write(session, &writing, |_| Call::Accounts(accounts::Call::Transfer { to, amount })).await
        }
        Account::Bond { amount, writing } => {
            write(session, &writing, |_| Call::Staking(staking::Call::Bond { amount })).await
        }
        Account::Delegate { validator, amount, writing } => {
            write(session, &writing, |_| Call::Staking(staking::Call::Delegate { validator, amount })).await
        }
        Account::Unbond { validator, amount, writing } => {
            let unbond =
                |key: &SecretKey| staking::Call::Unbond { validator: validator.unwrap_or(key.account()), amount };
            write(session, &writing, |key| Call::Staking(unbond(key))).await
        }
    }
}

async fn write(session: &Session, writing: &Writing, call: impl FnOnce(&SecretKey) -> Call) -> Result<Answer, Failure> {
    let key = keys::read(&writing.key, &writing.passphrase)?;
    let call = call(&key);
    submit::send(session, &key, writing, call).await
}

async fn show(session: &Session, account: AccountId) -> Result<Answer, Failure> {
    let view = session.node.account(account).await.map_err(|error| session.explain(error))?;
    Answer::new(&view, render::account(&session.screen, &view))
}

fn named(whose: Whose, passphrase: &Passphrase) -> Result<AccountId, Failure> {
    match (whose.account, whose.key) {
        (Some(account), _) => Ok(account),
        (None, Some(key)) => Ok(keys::read(&key, passphrase)?.account()),
        (None, None) => Err(usage("name an ACCOUNT, or its --key")),
    }
}
