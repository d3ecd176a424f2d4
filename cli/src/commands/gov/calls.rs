//! What is asked of governance besides proposals.

use super::seal;
use crate::args::calls::{Approve, Reveal, VoteArgs, Withdraw};
use crate::commands::sending::ToCall;
use crate::failure::Failure;
use governance::Choice;
use runtime::Call;

impl ToCall for Reveal {
    fn to_call(&self) -> Result<Call, Failure> {
        seal::opened(&self.sealed)
    }
}

impl ToCall for Approve {
    fn to_call(&self) -> Result<Call, Failure> {
        let (proposal_id, reason) = (self.id, self.reason.clone());
        Ok(Call::Governance(governance::Call::Vote { proposal_id, choice: Choice::Yes, reason }))
    }
}

impl ToCall for VoteArgs {
    fn to_call(&self) -> Result<Call, Failure> {
        let (proposal_id, choice, reason) = (self.id, self.choice, self.reason.clone());
        Ok(Call::Governance(governance::Call::Vote { proposal_id, choice, reason }))
    }
}

impl ToCall for Withdraw {
    fn to_call(&self) -> Result<Call, Failure> {
        Ok(Call::Governance(governance::Call::Withdraw { proposal_id: self.id }))
    }
}
