//! A proposal while it is watched: how far it is, how long it has, and who voted last.

use super::names;
use super::proposal::{count, without};
use super::screen::{Screen, TableCell, grouped, percent};
use super::words::word;
use primitives::Amount;
use rpc::views::{Deadline, DecisionStatus, ProposalDetail, ProposalSubject};

/// The ballots that are shown, the latest first.
const BALLOTS: usize = 5;

/// Draws a watched proposal, with a line at its foot.
pub fn board(screen: &Screen, detail: &ProposalDetail, epoch_length: u64, foot: &str) -> String {
    let proposal = &detail.proposal;
    let mut fields =
        vec![("Proposal", format!("{}, {}, {} track", proposal.id, proposal.status, word(&proposal.track)))];
    fields.extend(title(&proposal.subject));
    fields.extend(count(screen, detail));
    let left = |deadline: &Deadline| countdown(screen, deadline, epoch_length);
    if proposal.status == DecisionStatus::Open {
        fields.extend(detail.vote_deadline.as_ref().map(|end| ("Voting ends", left(end))));
        fields.extend(proposal.open_until().map(|until| ("Open", until)));
    }
    if matches!(proposal.status, DecisionStatus::Open | DecisionStatus::Passed) {
        fields.extend(detail.activation.as_ref().map(|activation| ("Activation", left(activation))));
    }
    let mut text = screen.fields(&fields);
    text += &format!("\n{}", ballots(screen, detail));
    text += &missing(screen, detail);
    text += &not_holding(screen, detail);
    text + "\n" + &screen.line(foot)
}

/// What is voted on, in a line; the whole of it is on the proposal's own screen.
fn title(subject: &ProposalSubject) -> Vec<(&'static str, String)> {
    match subject {
        ProposalSubject::Release(release) => {
            let version = release.manifest.version.as_ref().map(|version| format!(", {version}")).unwrap_or_default();
            vec![("Release", format!("{}{version}", release.build_hash))]
        }
        other => super::proposal::subject(other).into_iter().take(1).collect(),
    }
}

/// How far an epoch is, in epochs, blocks and time.
fn countdown(screen: &Screen, deadline: &Deadline, epoch_length: u64) -> String {
    if deadline.blocks_left == 0 {
        return format!("epoch {} has begun", deadline.epoch);
    }
    let now = deadline.height.0.saturating_sub(deadline.blocks_left) / epoch_length.max(1);
    let epochs = deadline.epoch.0.saturating_sub(now);
    let plural = |count: u64, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
    format!(
        "in {} ({}), about {}",
        plural(epochs, "epoch"),
        plural(deadline.blocks_left, "block"),
        screen.time(deadline.estimated_time)
    )
}

fn ballots(screen: &Screen, detail: &ProposalDetail) -> String {
    let mut latest: Vec<_> = detail.ballots.iter().collect();
    latest.sort_by_key(|ballot| std::cmp::Reverse(ballot.received_at));
    let earlier = detail.ballot_count.saturating_sub(BALLOTS as u64);
    let rows: Vec<Vec<TableCell>> = latest
        .into_iter()
        .take(BALLOTS)
        .map(|ballot| {
            vec![
                names::cell(&detail.described, &ballot.voter),
                TableCell::text(ballot.choice),
                TableCell::number(percent(ballot.weight, detail.progress.electorate)),
                TableCell::text(ballot.reason.as_ref().map(ToString::to_string).unwrap_or_default()),
            ]
        })
        .collect();
    let table = screen.table(&["LAST VOTES", "CHOICE", "SHARE", "REASON"], &rows, "Nobody has voted yet.");
    if earlier == 0 { table } else { table + &screen.line(&format!("and {earlier} earlier ones")) }
}

fn missing(screen: &Screen, detail: &ProposalDetail) -> String {
    if detail.not_voted.is_empty() {
        return String::new();
    }
    let weight = detail.not_voted.iter().fold(Amount::ZERO, |sum, missing| sum.saturating_add(missing.weight));
    let (count, share) = (detail.not_voted.len(), percent(weight, detail.progress.electorate));
    if detail.proposal.electorate.role().is_some() {
        let who = if count == 1 { "1 member has" } else { &format!("{count} members have") };
        return format!("\n{}", screen.line(&format!("{who} not voted: {share}.")));
    }
    let who = if count == 1 { "1 validator has" } else { &format!("{count} validators have") };
    format!("\n{}", screen.line(&format!("{who} not voted: {} stake, {share}.", grouped(weight))))
}

fn not_holding(screen: &Screen, detail: &ProposalDetail) -> String {
    let without = without(detail);
    if without.is_empty() {
        return String::new();
    }
    let power: Amount = without.iter().map(|validator| validator.power).sum();
    let who = if without.len() == 1 { "1 validator does" } else { &format!("{} validators do", without.len()) };
    format!("\n{}", screen.line(&format!("{who} not hold the release: {} power.", grouped(power))))
}
