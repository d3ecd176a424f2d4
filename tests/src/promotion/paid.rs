//! Who is paid for being there, and who is not: in canary the cohort alone, on mainnet everybody, and nobody for another's absence.

use super::PromotionWalk;
use super::canary::{CANARY_VALIDATORS, EVERYBODY};
use crate::NodeProcess;
use anyhow::{Context as _, ensure};
use primitives::{AccountId, Amount};
use rpc::views::{EpochCandidates, EpochPayments, EpochRewards};
use serde_json::json;

/// A token, in its smallest unit. An epoch pays each who is there for all of it many of them, and no fee is as much.
const TOKEN: u64 = 1_000_000;
/// How many epochs balances are looked at for.
const EPOCHS: u64 = 2;

impl PromotionWalk<'_> {
    /// In canary the balances of its cohort grow, and no others.
    ///
    /// # Errors
    /// When others grow, or one of those does not.
    pub async fn pay_the_cohort(&mut self, change: u64) -> anyhow::Result<()> {
        self.step("Presence is paid for in canary: the balances of its cohort grow, and no others");
        let epoch = self.until_paid(change).await?;
        let paid = self.payments(epoch).await?;
        let mut who: Vec<String> = paid.payments.iter().map(|payment| payment.validator.to_string()).collect();
        let mut cohort = CANARY_VALIDATORS.map(|index| self.network.nodes[index].account.clone());
        who.sort();
        cohort.sort();
        ensure!(who == cohort, "epoch {epoch} paid {who:?}, and the cohort is {cohort:?}");
        self.require_growth(&CANARY_VALIDATORS).await
    }

    /// On mainnet the balances of all validators grow, and those who cosigned an epoch's checkpoint are paid for that, too.
    ///
    /// # Errors
    /// When one of them does not, or nobody is paid for cosigning.
    pub async fn pay_everybody(&mut self, change: u64) -> anyhow::Result<()> {
        self.step("On mainnet everybody who is there is paid, and so are those who witness, for that");
        self.until_paid(change).await?;
        self.require_growth(&EVERYBODY).await?;
        let asked = &mut self.network.nodes[0];
        let (epoch, witness) = asked
            .until("an epoch that paid witnesses", async |node| {
                let status = node.call("chain.status", json!({})).await.ok()?;
                let epoch = status["epoch"].as_u64()?.saturating_sub(1);
                let rewards = node.call("rewards.epoch", json!({ "epoch": epoch })).await.ok()?;
                let witness: Amount = serde_json::from_value(rewards["paid"]["witness"].clone()).ok()?;
                (witness > Amount::ZERO).then_some((epoch, witness))
            })
            .await?;
        self.tell(&format!("epoch {epoch} paid {} for what was cosigned", witness.grouped()));
        Ok(())
    }

    /// A validator is gone for an epoch: its balance alone does not grow, and what it would have had nobody else has.
    ///
    /// # Errors
    /// When it is paid, or somebody for its absence.
    pub async fn miss_an_epoch(&mut self, absent: usize) -> anyhow::Result<()> {
        self.step(&format!(
            "node{absent} is gone for an epoch: it alone is not paid, and nobody else is paid more for that"
        ));
        self.network.nodes[absent].kill()?;
        let missed = self.epoch().await? + 1;
        // What the epoch in which it was killed pays it is paid in the first block of the next one.
        self.until_epoch(missed).await?;
        let others: Vec<usize> = EVERYBODY.into_iter().filter(|index| *index != absent).collect();
        self.require_growth(&others).await?;
        let account: AccountId = self.network.nodes[absent].account.parse()?;
        let paid = self.payments(missed).await?;
        for payment in &paid.payments {
            let amount = payment.own.saturating_add(payment.delegated);
            if payment.validator == account {
                ensure!(amount == Amount::ZERO, "{account} was gone in epoch {missed}, and was paid {amount}");
            }
        }
        self.require_own_parts(missed, &paid).await?;
        self.tell(&format!(
            "for epoch {missed} each of the others has at most its own part; the rest stays in the pool"
        ));
        self.back(absent).await
    }

    /// Waits until the first epoch that counts was paid, after a change that turned rewards on for somebody; gives that epoch.
    async fn until_paid(&mut self, change: u64) -> anyhow::Result<u64> {
        let executed = self.change(change).await?["executed"]["epoch"].as_u64().context("no epoch of execution")?;
        let first = executed + 1;
        self.until_epoch(first + 1).await?;
        Ok(first)
    }

    /// For some epochs the balances of these validators grow, and those of no others.
    async fn require_growth(&mut self, expected: &[usize]) -> anyhow::Result<()> {
        let before = self.balances().await?;
        let now = self.epoch().await?;
        self.until_epoch(now + EPOCHS).await?;
        let after = self.balances().await?;
        let growth: Vec<u64> = before.iter().zip(&after).map(|(before, after)| after.saturating_sub(*before)).collect();
        let grown: Vec<usize> = EVERYBODY.into_iter().filter(|index| growth[*index] >= TOKEN).collect();
        ensure!(
            grown == expected,
            "in {EPOCHS} epochs balances grew by {growth:?}, and only those of {expected:?} were to"
        );
        for index in grown {
            self.tell(&format!("node{index} has {} more after {EPOCHS} epochs", Amount(growth[index]).grouped()));
        }
        Ok(())
    }

    /// What each validator has free.
    async fn balances(&self) -> anyhow::Result<Vec<u64>> {
        let mut balances = Vec::new();
        for index in EVERYBODY {
            let account = &self.network.nodes[index].account;
            let view = self.node().call("account.get", json!({ "account": account })).await?;
            let free: Amount = serde_json::from_value(view["free"].clone()).context("an account without a balance")?;
            balances.push(free.0);
        }
        Ok(balances)
    }

    /// What an epoch paid.
    async fn payments(&self, epoch: u64) -> anyhow::Result<EpochPayments> {
        self.rewards(epoch).await?.paid.with_context(|| format!("epoch {epoch} paid nothing"))
    }

    async fn rewards(&self, epoch: u64) -> anyhow::Result<EpochRewards> {
        Ok(serde_json::from_value(self.node().call("rewards.epoch", json!({ "epoch": epoch })).await?)?)
    }

    /// Each has of an epoch at most its part of what is for presence, by its part of the power of all, whoever was there, and for as long
    /// as it was there; beside that its own part of what is for witnesses, and what went to proposers. All of them together have no more
    /// than their parts of presence and what went to proposers and witnesses, so that the part of who was gone is in nobody's.
    async fn require_own_parts(&self, epoch: u64, paid: &EpochPayments) -> anyhow::Result<()> {
        let params = self.rewards(epoch).await?.params;
        let (leader, witness) = (params.leader.of(params.per_epoch), params.witness.of(params.per_epoch));
        let presence = params.per_epoch.saturating_sub(leader).saturating_sub(witness);
        let asked = self.node().call("staking.candidates", json!({ "epoch": epoch })).await?;
        let elected: EpochCandidates = serde_json::from_value(asked)?;
        let total = elected.candidates.total_power();
        // The epoch lasted at least as long as anybody was there.
        let ms = paid.payments.iter().map(|payment| payment.present_ms).max().unwrap_or_default().max(1);
        let (mut all, mut most_of_all) = (Amount::ZERO, paid.leader.saturating_add(paid.witness));
        for payment in &paid.payments {
            let who = &payment.validator;
            let power = elected.candidates.power_of(who).with_context(|| format!("{who} was not elected"))?;
            let present = part(part(presence, power.0, total.0)?, payment.present_ms, ms)?;
            let most = present.saturating_add(part(witness, power.0, total.0)?).saturating_add(paid.leader);
            let amount = payment.own.saturating_add(payment.delegated);
            ensure!(amount <= most, "{who} was paid {amount} for epoch {epoch}, and its part is {most}");
            all = all.saturating_add(amount);
            most_of_all = most_of_all.saturating_add(present);
        }
        ensure!(all <= most_of_all, "epoch {epoch} paid {all}, and all parts come to {most_of_all}: {paid:?}");
        Ok(())
    }

    /// The node that is asked.
    fn node(&self) -> &NodeProcess {
        &self.network.nodes[0]
    }
}

/// The part of an amount that is `have` of `whole`, rounded down.
fn part(amount: Amount, have: u64, whole: u64) -> anyhow::Result<Amount> {
    let part = u128::from(amount.0) * u128::from(have) / u128::from(whole);
    Ok(Amount(u64::try_from(part)?))
}
