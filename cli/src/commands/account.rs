//! `contract account`.

use super::keys;
use super::sending::{ToCall, send};
use crate::answer::CommandAnswer;
use crate::args::Send;
use crate::args::account::{AccountArgs, BondArgs, Delegate, Describe, Transfer, Unbond, Whose};
use crate::args::keys::{KEY_VARIABLE, PassphraseArgs};
use crate::failure::{Failure, usage};
use crate::render;
use crate::session::Session;
use crate::submit;
use host::variables::variable;
use primitives::AccountId;
use rpc::api::AccountApiClient;
use runtime::Call;
use std::path::PathBuf;

/// Does what was asked of an account.
///
/// # Errors
/// See [`submit::send`].
pub async fn run(command: AccountArgs, session: &Session) -> Result<CommandAnswer, Failure> {
    match command {
        AccountArgs::Show { whose, passphrase } => show(session, named(whose, &passphrase)?).await,
        AccountArgs::Transfer(arguments) => send(session, &arguments).await,
        AccountArgs::Describe(arguments) => send(session, &arguments).await,
        AccountArgs::Bond(arguments) => send(session, &arguments).await,
        AccountArgs::Delegate(arguments) => send(session, &arguments).await,
        AccountArgs::Unbond(arguments) => unbond(session, &arguments).await,
        AccountArgs::Unjail(arguments) => send(session, &arguments).await,
    }
}

impl ToCall for Transfer {
    fn to_call(&self) -> Result<Call, Failure> {
        Ok(Call::Accounts(accounts::Call::Transfer { to: self.to, amount: self.amount }))
    }
}

impl ToCall for Describe {
    fn to_call(&self) -> Result<Call, Failure> {
        let (name, link) = (self.name.clone().unwrap_or_default(), self.link.clone().unwrap_or_default());
        Ok(Call::Accounts(accounts::Call::Describe(accounts::Description { name, link })))
    }
}

impl ToCall for BondArgs {
    fn to_call(&self) -> Result<Call, Failure> {
        Ok(Call::Staking(staking::Call::Bond { amount: self.amount }))
    }
}

impl ToCall for Delegate {
    fn to_call(&self) -> Result<Call, Failure> {
        Ok(Call::Staking(staking::Call::Delegate { validator: self.validator, amount: self.amount }))
    }
}

/// Takes tokens out of a bond; whose it is when none is named, only the key says.
async fn unbond(session: &Session, arguments: &Send<Unbond>) -> Result<CommandAnswer, Failure> {
    let Send { call: Unbond { validator, amount }, writing } = arguments;
    let key = keys::read(&writing.key, &writing.passphrase)?;
    let call = staking::Call::Unbond { validator: validator.unwrap_or(key.account()), amount: *amount };
    submit::send(session, &key, writing, Call::Staking(call)).await
}

async fn show(session: &Session, account: AccountId) -> Result<CommandAnswer, Failure> {
    let view = session.node.account(account).await.map_err(|error| session.explain(error))?;
    CommandAnswer::new(&view, render::account(&session.screen, &view))
}

/// The account that is meant.
///
/// # Errors
/// A key that cannot be read, and when nobody is named.
pub(super) fn named(whose: Whose, passphrase: &PassphraseArgs) -> Result<AccountId, Failure> {
    // What is named goes before what is set, so that the variable keeps nobody from asking for others.
    let set = || variable(KEY_VARIABLE).map(PathBuf::from);
    match (whose.account, whose.key.or_else(set)) {
        (Some(account), _) => Ok(account),
        (None, Some(key)) => Ok(keys::read(&key, passphrase)?.account()),
        (None, None) => Err(usage(format!("name an ACCOUNT, or its --key, or set {KEY_VARIABLE} to your key file"))),
    }
}
