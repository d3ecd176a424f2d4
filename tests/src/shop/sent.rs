//! What is sent in the name of somebody, and what came of it.

use super::{ShopMember, ShopWalk};
use crate::wallet::{included, submit};
use anyhow::{Context as _, anyhow, bail, ensure};
use primitives::ChangeId;
use rollouts::change::{ChangeDraft, Execution};
use rpc::views::TransactionStatus;
use runtime::{Call, Error, Event};
use serde_json::Value;

/// How many calls wait for a block at once.
const AT_ONCE: usize = 12;

impl ShopWalk<'_> {
    /// Somebody asks for something that has to be granted; gives what happened.
    ///
    /// # Errors
    /// When it is refused, or in no block in time.
    pub async fn granted(&mut self, who: &ShopMember, call: Call) -> anyhow::Result<Event> {
        let status = who.wallet.send(&mut self.network.nodes[0], &call).await?;
        granted(status)
    }

    /// Calls that have to be granted, several in a block.
    pub(super) async fn all_granted(&mut self, asked: &[(ShopMember, Call)]) -> anyhow::Result<()> {
        for some in asked.chunks(AT_ONCE) {
            let mut sent = Vec::new();
            for (who, call) in some {
                let node = &self.network.nodes[0];
                let transaction = who.wallet.signed(node, call, |_| ()).await?;
                let hash = submit(node, &transaction).await;
                sent.push(hash.map_err(|refused| anyhow!("a transaction is not taken: {}", refused.message))?);
            }
            for hash in sent {
                granted(included(&mut self.network.nodes[0], &hash).await?)?;
            }
        }
        Ok(())
    }

    /// Somebody asks for something that has to be refused with a code.
    pub(super) async fn refused(&mut self, who: &ShopMember, call: Call, code: &str) -> anyhow::Result<()> {
        let status = who.wallet.send(&mut self.network.nodes[0], &call).await?;
        match outcome(status)? {
            Ok(event) => bail!("{code} was expected, and it is granted: {event:?}"),
            Err(refusal) => {
                ensure!(refusal.code() == Some(code), "{code} was expected, and it is refused otherwise: {refusal}");
                self.tell(&format!("{} is refused, {code}: {refusal}", who.role));
                Ok(())
            }
        }
    }

    /// Somebody asks for a change; gives its number.
    pub(super) async fn submitted(&mut self, who: &ShopMember, draft: ChangeDraft) -> anyhow::Result<ChangeId> {
        Ok(self.carried_out(who, draft).await?.0)
    }

    /// The same; also what came of it, where it is carried out at once.
    pub(super) async fn carried_out(
        &mut self,
        who: &ShopMember,
        draft: ChangeDraft,
    ) -> anyhow::Result<(ChangeId, Option<Box<Execution>>)> {
        match self.granted(who, who.submits(draft)).await? {
            Event::Rollouts(rollouts::Event::Submitted { change, execution, .. }) => Ok((change.id, execution)),
            other => bail!("no change came of it: {other:?}"),
        }
    }

    /// The owner carries a change out that waited.
    pub(super) fn executes(&self, change: ChangeId) -> (ShopMember, Call) {
        let owner = self.people.owner.clone();
        let call = owner.calls(|plan, acting| rollouts::Call::Execute { plan, acting, change, sealer_proof: None });
        (owner, call)
    }

    /// The owner closes a change.
    pub(super) async fn close(&mut self, change: ChangeId) -> anyhow::Result<()> {
        let owner = self.people.owner.clone();
        let call = owner.calls(|plan, acting| rollouts::Call::Close { plan, acting, change });
        self.granted(&owner, call).await.map(drop)
    }
}

/// What came of a transaction, by its status.
fn outcome(status: Value) -> anyhow::Result<Result<Event, Error>> {
    match serde_json::from_value(status).context("a status that cannot be read")? {
        TransactionStatus::Included { fact: Some(fact), .. } => Ok(fact.outcome),
        other => bail!("it is in no block: {other:?}"),
    }
}

fn granted(status: Value) -> anyhow::Result<Event> {
    outcome(status)?.map_err(|refusal| anyhow!("it is refused, {}: {refusal}", refusal.code().unwrap_or_default()))
}
