//! One proposal on one screen: what it asks, how far it is, who voted and why, who has not.

use super::names;
use super::rebuilds::rebuilds;
use super::screen::{Screen, TableCell, bar, grouped, percent};
use super::words::{manifest, start, word};
use governance::Electorate;
use primitives::Amount;
use releases::Availability;
use rollouts::install::Installation;
use rpc::views::{DecisionStatus, ProposalDetail, ProposalSubject};
use staking::Validator;

/// Draws a proposal.
pub fn proposal(screen: &Screen, detail: &ProposalDetail) -> String {
    let mut text = screen.fields(&head(screen, detail));
    text.push('\n');
    text += &screen.fields(&count(screen, detail));
    text.push('\n');
    text += &ballots(screen, detail);
    if !detail.not_voted.is_empty() {
        let who = if detail.proposal.electorate.role().is_none() { "Validators" } else { "Members" };
        text += &format!("\n{who} that have not voted\n{}", missing(screen, detail));
    }
    let without = without(detail);
    if !without.is_empty() {
        text += &format!("\nValidators that do not hold the release\n{}", not_holding(screen, detail, without));
    }
    text + &rebuilds(screen, &detail.described, detail.rebuild_count, &detail.rebuilds)
}

fn head(screen: &Screen, detail: &ProposalDetail) -> Vec<(&'static str, String)> {
    let proposal = &detail.proposal;
    let mut pairs =
        vec![("Proposal", format!("{}, {}, {} track", proposal.id, proposal.status, word(&proposal.track)))];
    pairs.extend(subject(&proposal.subject));
    let by = if proposal.place.is_of_chain() { "Opened for" } else { "Proposer" };
    pairs.push((by, names::named(&detail.described, &proposal.proposer)));
    pairs.push(("Proposed", format!("in epoch {}, {}", proposal.created_epoch, screen.time(proposal.created.time))));
    pairs.extend(detail.vote_deadline.as_ref().map(|end| ("Voting ends", start(end, screen))));
    pairs.extend(proposal.open_until().map(|until| ("Open", until)));
    pairs.extend(detail.activation.as_ref().map(|activation| ("Activation", start(activation, screen))));
    if !proposal.place.is_of_chain() {
        pairs.push(("Deposit", grouped(proposal.rules.deposit)));
    }
    pairs
}

/// What is asked.
pub(super) fn subject(subject: &ProposalSubject) -> Vec<(&'static str, String)> {
    match subject {
        ProposalSubject::Release(release) => {
            let mut pairs =
                vec![("Release", release.build_hash.to_string()), ("Platform", release.platform.to_string())];
            match (release.sealed, release.revealed) {
                (Some(seal), false) => pairs.push(("Sealed", format!("{seal}; it dies unless it is revealed in time"))),
                _ => pairs.extend(manifest(&release.manifest)),
            }
            let (have, all, need) = (release.signatures.len(), release.signer_set.len(), release.signature_threshold);
            pairs.push(("Signed by", format!("{have} of {all} release signers; {need} needed")));
            pairs
        }
        ProposalSubject::RosterChange(change) => {
            let roster = &change.roster;
            let mut pairs = vec![("Roster", format!("{}; {} keys must sign", roster.version, roster.threshold))];
            pairs.extend(roster.signers.iter().map(|key| ("Signer", key.to_string())));
            pairs.push(("Approved by", format!("{} keys of the current or the new roster", change.approvals.len())));
            pairs
        }
        ProposalSubject::Revocation { build_hashes, reason } => {
            let mut pairs: Vec<_> = build_hashes.iter().map(|hash| ("Revoke", hash.to_string())).collect();
            pairs.push(("Reason", reason.to_string()));
            pairs
        }
        ProposalSubject::MinimumSequence { minimum, reason } => {
            vec![("Minimum", format!("no release below {minimum} may run")), ("Reason", reason.to_string())]
        }
        ProposalSubject::EndOfSupport { build_hash, epoch } => {
            vec![("Release", build_hash.to_string()), ("Support ends", format!("start of epoch {epoch}"))]
        }
        ProposalSubject::Amendment { build_hash, manifest: said } => {
            let mut pairs = vec![("Amends", format!("what is said about the release of {build_hash}"))];
            pairs.extend(manifest(said));
            pairs
        }
        ProposalSubject::Cancellation { proposal_id, reason } => {
            vec![("Stops", format!("proposal {proposal_id}")), ("Reason", reason.to_string())]
        }
        ProposalSubject::Members { key, members, reason } => {
            let mut pairs = vec![("Role", key.to_string())];
            pairs.extend(members.iter().map(|seat| ("Member", member(seat))));
            pairs.push(("Reason", reason.to_string()));
            pairs
        }
        ProposalSubject::PlanVersion { installation } => plan_version(installation),
        ProposalSubject::ChangeDecision { change, check, digest } => {
            vec![("Change", change.to_string()), ("Check", check.to_string()), ("Content", digest.to_string())]
        }
        ProposalSubject::ChangeAbort { change, reason } => {
            vec![("Ends", format!("change {change}")), ("Reason", reason.to_string())]
        }
    }
}

/// A version of a plan, and what comes with it.
fn plan_version(installation: &Installation) -> Vec<(&'static str, String)> {
    let plan = &installation.plan;
    let mut pairs = vec![
        ("Plan", format!("{}, version {}", plan.name, plan.version)),
        ("Bundle", plan.bundle.to_string()),
        ("Profile", plan.profile.to_string()),
    ];
    pairs.extend(installation.document.iter().map(|document| ("Document", document.to_string())));
    pairs.extend(installation.stage.iter().map(|stage| ("Stands", stage.to_string())));
    let moves = installation.moves.iter().map(|listed| ("Moves", format!("{} to {}", listed.flag, listed.to)));
    pairs.extend(moves);
    for seats in &installation.members {
        pairs.extend(seats.seats.iter().map(|seat| ("Member", format!("{}: {}", seats.role, member(seat)))));
    }
    pairs
}

/// Who would have a role, and where.
fn member(seat: &roles::Seat) -> String {
    let scopes: Vec<String> = seat.scopes.iter().map(|scope| format!("{:?}", scope.as_str())).collect();
    let scopes = if scopes.is_empty() { "to vote alone".into() } else { format!("in {}", scopes.join(", ")) };
    format!("{} {scopes}", seat.account)
}

/// The thresholds as bars; the mark is what is needed.
pub(super) fn count(screen: &Screen, detail: &ProposalDetail) -> Vec<(&'static str, String)> {
    let (progress, tally) = (&detail.progress, &detail.proposal.tally);
    let total = progress.electorate;
    let line = |part: Amount, need: Amount, note: String| measured(screen, part, need, total, &note);
    let mut pairs = vec![
        ("Turnout", line(progress.turnout, progress.quorum_needed, needs(progress.quorum_needed, progress.quorum_met))),
        ("Yes", line(tally.yes, progress.support_needed, needs(progress.support_needed, progress.support_met))),
        ("No", line(tally.no, Amount::ZERO, String::new())),
        ("Abstain", line(tally.abstain, Amount::ZERO, String::new())),
        ("Electorate", electorate(&detail.proposal.electorate, total)),
    ];
    pairs.extend(detail.proposal.availability.as_ref().map(|availability| ("Held by", held(screen, availability))));
    pairs.extend(nothing_to_spare(detail).map(|warning| ("Signatures", warning.into())));
    let meaning = detail.proposal.status.of_the_count(detail.progress.shortfall);
    pairs.extend(meaning.map(|meaning| ("So far", meaning)));
    pairs
}

/// Who is all who can vote.
fn electorate(electorate: &Electorate, total: Amount) -> String {
    let total = grouped(total);
    match electorate {
        Electorate::Stake { epoch, .. } => format!("{total} stake in force in epoch {epoch}"),
        Electorate::Members { key, .. } => format!("{total} who were {key} when it was opened and still are"),
    }
}

/// A part of a whole as a bar, with a mark at what is needed.
fn measured(screen: &Screen, part: Amount, need: Amount, whole: Amount, note: &str) -> String {
    let (bar, share, amount) = (bar(part, need, whole), percent(part, whole), grouped(part));
    if screen.is_narrow() {
        format!("{bar}\n{share}: {amount}{note}")
    } else {
        format!("{bar} {share:>7}  {amount}{note}")
    }
}

fn needs(need: Amount, met: bool) -> String {
    let state = if met { "met" } else { "short" };
    if need == Amount::ZERO { String::new() } else { format!(" of {} needed, {state}", grouped(need)) }
}

/// The power that holds the release: of several builds, the one that the least power holds.
fn held(screen: &Screen, availability: &Availability) -> String {
    let power = availability.scarcest().map_or(Amount::ZERO, |build| build.power);
    let note = format!(" power{}", needs(availability.needed, availability.met));
    measured(screen, power, availability.needed, availability.total, &note)
}

/// A warning while one signer that leaves would be one too many.
fn nothing_to_spare(detail: &ProposalDetail) -> Option<&'static str> {
    let warns = detail.proposal.status == DecisionStatus::Open && detail.progress.has_no_spare_signature();
    warns.then_some("no more than it needs: it cannot pass if one of the signers leaves before voting ends")
}

fn ballots(screen: &Screen, detail: &ProposalDetail) -> String {
    let total = detail.progress.electorate;
    let rows: Vec<Vec<TableCell>> = detail
        .ballots
        .iter()
        .map(|ballot| {
            vec![
                names::cell(&detail.described, &ballot.voter),
                TableCell::text(ballot.choice),
                TableCell::number(grouped(ballot.weight)),
                TableCell::number(percent(ballot.weight, total)),
                TableCell::text(ballot.reason.as_ref().map(ToString::to_string).unwrap_or_default()),
            ]
        })
        .collect();
    let (_, weight) = voters(detail);
    let table = screen.table(&["VOTER", "CHOICE", weight, "SHARE", "REASON"], &rows, "Nobody has voted yet.");
    match detail.ballot_count.saturating_sub(rows.len() as u64) {
        0 => table,
        more => table + &screen.line(&format!("and {more} who voted before")),
    }
}

/// What those are called who vote, and what they vote with.
fn voters(detail: &ProposalDetail) -> (&'static str, &'static str) {
    if detail.proposal.electorate.role().is_none() { ("VALIDATOR", "STAKE") } else { ("MEMBER", "VOTES") }
}

/// Who does not hold the release, as long as that can matter.
pub(super) fn without(detail: &ProposalDetail) -> &[Validator] {
    let is_live = matches!(detail.proposal.status, DecisionStatus::Open | DecisionStatus::Passed);
    detail.not_holding.as_deref().filter(|_| is_live).unwrap_or_default()
}

fn not_holding(screen: &Screen, detail: &ProposalDetail, without: &[Validator]) -> String {
    let total = detail.proposal.availability.as_ref().map(|availability| availability.total).unwrap_or_default();
    let rows: Vec<Vec<TableCell>> = without
        .iter()
        .map(|validator| {
            vec![
                names::cell(&detail.described, &validator.account),
                TableCell::number(grouped(validator.power)),
                TableCell::number(percent(validator.power, total)),
            ]
        })
        .collect();
    screen.table(&["VALIDATOR", "POWER", "SHARE"], &rows, "")
}

fn missing(screen: &Screen, detail: &ProposalDetail) -> String {
    let total = detail.progress.electorate;
    let rows: Vec<Vec<TableCell>> = detail
        .not_voted
        .iter()
        .map(|missing| {
            vec![
                names::cell(&detail.described, &missing.account),
                TableCell::number(grouped(missing.weight)),
                TableCell::number(percent(missing.weight, total)),
            ]
        })
        .collect();
    let (who, weight) = voters(detail);
    screen.table(&[who, weight, "SHARE"], &rows, "")
}
