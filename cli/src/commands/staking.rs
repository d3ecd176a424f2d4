//! `contract staking`.

use super::file;
use super::sending::{ToCall, send};
use crate::answer::CommandAnswer;
use crate::args::staking::{CommissionArgs, EvidenceArgs, StakingArgs, UnjailArgs};
use crate::failure::Failure;
use crate::session::Session;
use runtime::Call;

/// Does what was asked about validators.
///
/// # Errors
/// See [`crate::submit::send`].
pub async fn run(command: StakingArgs, session: &Session) -> Result<CommandAnswer, Failure> {
    match command {
        StakingArgs::Unjail(arguments) => send(session, &arguments).await,
        StakingArgs::Evidence(arguments) => send(session, &arguments).await,
        StakingArgs::SetCommission(arguments) => send(session, &arguments).await,
    }
}

impl ToCall for UnjailArgs {
    fn to_call(&self) -> Result<Call, Failure> {
        Ok(Call::Staking(staking::Call::Unjail))
    }
}

impl ToCall for CommissionArgs {
    fn to_call(&self) -> Result<Call, Failure> {
        Ok(Call::Staking(staking::Call::SetCommission { millionths: self.millionths }))
    }
}

impl ToCall for EvidenceArgs {
    fn to_call(&self) -> Result<Call, Failure> {
        Ok(Call::Staking(staking::Call::Evidence(Box::new(file::offence(&self.file)?))))
    }
}
