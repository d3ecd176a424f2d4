//! What a node has on record about a plan.

use super::pages::{every, every_found, every_from};
use super::statement::{KnownChanges, file_of, in_toto};
use super::tree::{ExportTree, safe};
use crate::failure::{Failure, failed};
use crate::session::Session;
use cases::{CaseBody, CaseKind};
use primitives::{CaseId, ChangeId, Digest, Moment, Name, ProposalId, Timestamp};
use roles::Actor;
use rollouts::change::{ChangeDraft, ChangeState, Effected, OwedDuty};
use rollouts::plan::ChangeKind;
use rollouts::statement::Stated;
use rpc::api::{CaseApiClient as _, GovApiClient as _, RolloutApiClient as _};
use rpc::views::{CaseSummary, ChangeDetail, MOST_PER_PAGE, ProposalSubject, ProposalView};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// What became of a proposal by the block that it is asked in, and is no record.
const OF_NOW: &str = "availability";

/// A change, as it was asked for and as it stands.
#[derive(Serialize)]
struct ChangeRecord<'c> {
    id: ChangeId,
    plan: &'c Name,
    version: u32,
    kind: ChangeKind,
    digest: Digest,
    by: &'c Option<Actor>,
    created: Moment,
    asked: &'c ChangeDraft,
    state: ChangeState,
    since: Moment,
    executed: Option<Moment>,
    window: Option<(Timestamp, Timestamp)>,
    /// What it moved; nothing before it is carried out.
    effects: &'c [Effected],
    duties: Vec<&'c OwedDuty>,
    steps: Vec<&'c Name>,
    polls: Vec<ProposalId>,
}

impl<'c> ChangeRecord<'c> {
    fn of(change: &'c ChangeDetail) -> Self {
        let summary = &change.summary;
        Self {
            id: summary.id,
            plan: &summary.plan,
            version: summary.version,
            kind: summary.kind,
            digest: change.digest,
            by: &summary.by,
            created: summary.created,
            asked: &change.asked,
            state: summary.state,
            since: summary.since,
            executed: summary.executed,
            window: summary.window.map(|window| (window.from, window.until)),
            effects: if change.is_foreseen { &[] } else { &change.effects },
            duties: change.duties.iter().map(|duty| &duty.duty).collect(),
            steps: change.steps.iter().filter(|step| step.is_taken).map(|step| &step.key).collect(),
            polls: change.polls.iter().map(|poll| poll.proposal.id).collect(),
        }
    }
}

/// A case, with what was said about it as long as the chain remembers that.
#[derive(Serialize)]
struct CaseRecord<'c> {
    #[serde(flatten)]
    summary: &'c CaseSummary,
    body: &'c Option<CaseBody>,
}

/// How playbooks were tried.
#[derive(Default)]
pub struct Drills(BTreeMap<Name, PlaybookRecord>);

#[derive(Default, Serialize)]
struct PlaybookRecord {
    /// The latest words of each speaker about a drill.
    words: Vec<Stated>,
    /// The drills that an explorer has, the latest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    drills: Vec<Value>,
}

impl Drills {
    /// The drills of a playbook, from an explorer.
    pub fn tried(&mut self, domain: Name, drills: Vec<Value>) {
        self.0.entry(domain).or_default().drills = drills;
    }

    /// A word, if it is about a drill.
    fn said(&mut self, stated: &Stated) {
        let key = stated.statement.key.as_str().strip_prefix("drill.");
        let domain = key.and_then(|key| key.strip_suffix(".began").or_else(|| key.strip_suffix(".ended")));
        if let Some(domain) = domain.and_then(Name::new) {
            self.0.entry(domain).or_default().words.push(stated.clone());
        }
    }

    /// A file for each playbook that somebody tried.
    pub fn put(self, plan: &Name, tree: &mut ExportTree) -> Result<(), Failure> {
        for (domain, mut record) in self.0 {
            if record.words.is_empty() && record.drills.is_empty() {
                continue;
            }
            record.words.sort_by_key(|word| (word.at.height, word.statement.key.clone(), word.actor.account));
            let mut value = serde_json::to_value(&record).map_err(failed)?;
            value["plan"] = plan.as_str().into();
            value["domain"] = domain.as_str().into();
            tree.json(format!("drills/{}.json", safe(domain.as_str())), &value)?;
        }
        Ok(())
    }
}

/// Takes what a node has on record; how playbooks were tried is not put there yet.
pub async fn take(session: &Session, plan: &Name, tree: &mut ExportTree) -> Result<Drills, Failure> {
    let known = changes(session, plan, tree).await?;
    proposals(session, plan, &known, tree).await?;
    let drills = statements(session, plan, &known, tree).await?;
    incidents(session, plan, tree).await?;
    Ok(drills)
}

async fn changes(session: &Session, plan: &Name, tree: &mut ExportTree) -> Result<KnownChanges, Failure> {
    let node = &session.node;
    // They are numbered without a gap, so that the latest is as many as there are.
    let newest = node.rollout_changes(None, None, None, None, None, Some(1), None).await;
    let latest = newest.map_err(|error| session.explain(error))?.answer.found.total;
    let listed = every_found(session, "changes", latest, async |page, before| {
        let (of, size, before) = (Some(plan.clone()), Some(MOST_PER_PAGE), Some(ChangeId(before)));
        node.rollout_changes(of, None, None, None, Some(page), size, before).await.map(|answer| answer.answer)
    });
    let mut known = KnownChanges::new();
    for summary in listed.await? {
        let change = node.rollout_change(summary.id).await.map_err(|error| session.explain(error))?;
        tree.json(format!("changes/{:012}.json", summary.id.0), &ChangeRecord::of(&change))?;
        known.insert(summary.id, change.digest);
    }
    Ok(known)
}

/// Whether a proposal is about a plan, or a change under it.
fn concerns(subject: &ProposalSubject, plan: &Name, known: &KnownChanges) -> bool {
    match subject {
        ProposalSubject::Members { key, .. } => key.plan == *plan,
        ProposalSubject::PlanVersion { installation } => installation.plan.name == *plan,
        ProposalSubject::ChangeDecision { change, .. } | ProposalSubject::ChangeAbort { change, .. } => {
            known.contains_key(change)
        }
        ProposalSubject::Release(_)
        | ProposalSubject::RosterChange(_)
        | ProposalSubject::Revocation { .. }
        | ProposalSubject::MinimumSequence { .. }
        | ProposalSubject::EndOfSupport { .. }
        | ProposalSubject::Amendment { .. }
        | ProposalSubject::Cancellation { .. } => false,
    }
}

async fn proposals(session: &Session, plan: &Name, known: &KnownChanges, tree: &mut ExportTree) -> Result<(), Failure> {
    let node = &session.node;
    let listed: Vec<ProposalView> =
        every(session, "proposals", async |page| node.proposals(None, Some(page), Some(MOST_PER_PAGE)).await).await?;
    for proposal in listed.iter().filter(|proposal| concerns(&proposal.subject, plan, known)) {
        let id = proposal.id;
        let mut record = serde_json::to_value(proposal).map_err(failed)?;
        if let Some(fields) = record.as_object_mut() {
            fields.remove(OF_NOW);
        }
        tree.json(format!("proposals/{:012}.json", id.0), &record)?;
        let what = format!("ballots on proposal {id}");
        let ask = async |page| node.ballots(id, Some(page), Some(MOST_PER_PAGE)).await;
        let mut ballots = every(session, &what, ask).await?;
        ballots.sort_by_key(|ballot| ballot.number);
        tree.json(format!("votes/{:012}.json", id.0), &ballots)?;
    }
    Ok(())
}

async fn statements(
    session: &Session,
    plan: &Name,
    known: &KnownChanges,
    tree: &mut ExportTree,
) -> Result<Drills, Failure> {
    let node = &session.node;
    let listed = every_from(session, "statements", async |from| {
        let answer = node.rollout_statements(plan.clone(), None, None, from, Some(MOST_PER_PAGE)).await;
        answer.map(|answer| (answer.answer.entries, answer.answer.next))
    })
    .await?;
    let mut drills = Drills::default();
    for stated in &listed {
        tree.json(file_of(stated), &in_toto(plan, stated, known))?;
        drills.said(stated);
    }
    Ok(drills)
}

async fn incidents(session: &Session, plan: &Name, tree: &mut ExportTree) -> Result<(), Failure> {
    let node = &session.node;
    let kind = Some(CaseKind::Incident);
    // As changes are, cases are numbered without a gap.
    let newest = node.case_list(None, None, None, None, None, Some(1), None).await;
    let latest = newest.map_err(|error| session.explain(error))?.answer.found.total;
    let listed = every_found(session, "incidents", latest, async |page, before| {
        let (of, size, before) = (Some(plan.clone()), Some(MOST_PER_PAGE), Some(CaseId(before)));
        node.case_list(of, kind, None, None, Some(page), size, before).await.map(|answer| answer.answer)
    });
    for summary in listed.await? {
        let case = node.case_get(summary.id).await.map_err(|error| session.explain(error))?;
        let record = CaseRecord { summary: &case.summary, body: &case.body };
        tree.json(format!("incidents/{:012}.json", summary.id.0), &record)?;
    }
    Ok(())
}
