//! Pages of a list whose entries come and go: together they are the whole list, whatever happened.

use crate::Followed;
use anyhow::{Context as _, ensure};
use explorer::topics::governance::read::proposals;
use primitives::ProposalId;
use rpc::views::{DecisionStatus, proposal_detail};
use std::cmp::Reverse;

/// Every status that there is.
const STATUSES: [DecisionStatus; 9] = [
    DecisionStatus::Open,
    DecisionStatus::Passed,
    DecisionStatus::Activated,
    DecisionStatus::Rejected,
    DecisionStatus::Withdrawn,
    DecisionStatus::Cancelled,
    DecisionStatus::Superseded,
    DecisionStatus::Revoked,
    DecisionStatus::Expired,
];
/// Entries on a page.
const SIZE: u32 = 7;

impl Followed {
    /// The pages of all proposals, and of those of each status, have each that is in state once, and in its order.
    pub async fn pages_are_whole(&self) -> anyhow::Result<()> {
        let (state, now) = (self.life.state(), self.head.at.epoch);
        let mut all: Vec<(DecisionStatus, u64)> = Vec::new();
        for id in 1..=governance::queries::latest(&state).0 {
            let detail = proposal_detail(&state, now, self.pace(), ProposalId(id)).context("no such proposal")?;
            all.push((detail.proposal.status, id));
        }
        all.sort_by_key(|(status, id)| {
            // Those that take votes come first, then those that wait.
            let place = match status {
                DecisionStatus::Open => 0,
                DecisionStatus::Passed => 1,
                _ => 2,
            };
            (place, Reverse(*id))
        });
        for status in [None].into_iter().chain(STATUSES.map(Some)) {
            let asked = all.iter().filter(|(of, _)| status.is_none_or(|status| status == *of));
            let expected: Vec<u64> = asked.map(|(_, id)| *id).collect();
            let (total, mut found) = (expected.len() as u64, Vec::new());
            // And one page behind the last.
            for page in 0..=total.div_ceil(SIZE.into()) {
                let answer = proposals(&self.index, status, page, SIZE).await?;
                ensure!(answer.total == total, "{status:?}: {} in all, and there are {total}", answer.total);
                found.extend(answer.entries.iter().map(|line| line.proposal.id.0));
            }
            ensure!(found == expected, "{status:?}: {found:?} is not {expected:?}");
        }
        Ok(())
    }
}
