//! Chain values as words.

use super::screen::{Screen, grouped, short};
use governance::Shortfall;
use releases::queries::Verdict;
use releases::{Components, Manifest};
use rpc::views::Deadline;
use runtime::Event;
use serde::Serialize;

/// The word that a chain type writes in JSON.
pub fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        Ok(other) => other.to_string(),
        Err(_) => "?".into(),
    }
}

/// The text, or a dash.
pub fn or_dash(value: Option<impl ToString>) -> String {
    value.map_or_else(|| "-".into(), |value| value.to_string())
}

/// An epoch's start, with the time it is estimated for.
pub fn start(deadline: &Deadline, screen: &Screen) -> String {
    let about = if deadline.blocks_left > 0 { "about " } else { "" };
    format!("start of epoch {}, {about}{}", deadline.epoch, screen.time(deadline.estimated_time))
}

/// What a count lacks.
pub fn shortfall(missing: Shortfall) -> &'static str {
    match missing {
        Shortfall::Quorum => "the quorum is not there",
        Shortfall::Support => "the support is not there",
        Shortfall::Majority => "there is not more yes than no",
    }
}

/// Whether a build may run.
pub fn verdict(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Approved => "yes".into(),
        Verdict::NotApproved => "no: it was never approved".into(),
        Verdict::Revoked { reason } => format!("no: it was revoked: {reason}"),
        Verdict::BelowMinimumSequence { sequence, minimum } => {
            format!("no: it is release {sequence}, and governance demands at least {minimum}")
        }
        Verdict::EndOfSupport { epoch } => format!("no: its support ended at epoch {epoch}"),
    }
}

/// The lines that describe a release; what is unknown has none.
pub fn manifest(manifest: &Manifest) -> Vec<(&'static str, String)> {
    let version = manifest.version.as_ref().map(|version| format!("{version}, ")).unwrap_or_default();
    let (class, severity) = (word(&manifest.class), word(&manifest.severity));
    let mut lines = vec![("Version", format!("{version}{class}, severity {severity}"))];
    let optional = [
        ("Platform", manifest.platform.as_ref().map(ToString::to_string)),
        ("SHA-256", manifest.sha256.map(|hash| hash.to_string())),
        ("Size", manifest.size.map(|size| format!("{size} bytes"))),
        ("Source commit", manifest.source_commit.as_ref().map(ToString::to_string)),
        ("Source hash", manifest.source_hash.map(|hash| hash.to_string())),
        ("Vendor tree", manifest.vendor_tree_hash.map(|hash| hash.to_string())),
        ("Dependencies", manifest.dependency_snapshot_hash.map(|hash| hash.to_string())),
        ("Materials", manifest.sbom_hash.map(|hash| hash.to_string())),
        ("Provenance", manifest.provenance_hash.map(|hash| hash.to_string())),
        ("Built on", built_on(&manifest.components)),
        ("Supervisor", manifest.updater_hash.map(|hash| hash.to_string())),
        ("Support ends", manifest.end_of_support_epoch.map(|epoch| format!("start of epoch {epoch}"))),
    ];
    lines.extend(optional.into_iter().filter_map(|(label, value)| Some((label, value?))));
    lines.extend(manifest.other_targets.iter().map(|other| {
        let target = &other.target;
        ("Also built", format!("{} {}", target.build_hash, or_dash(target.platform.as_ref())))
    }));
    lines.extend(manifest.notes.as_ref().map(|notes| ("Notes", notes.to_string())));
    lines
}

/// The backends that a release names.
fn built_on(components: &Components) -> Option<String> {
    let Components { runtime, transport, storage } = components;
    let named = [("runtime", runtime), ("transport", transport), ("storage", storage)];
    let named = named.into_iter().filter_map(|(what, name)| name.as_ref().map(|name| format!("{what} {name}")));
    Some(named.collect::<Vec<_>>().join(", ")).filter(|text| !text.is_empty())
}

/// What happened, as a sentence.
pub fn outcome(event: &Event) -> String {
    match event {
        Event::Accounts(event) => account_outcome(event),
        Event::Staking(event) => stake_outcome(event),
        Event::Governance(event) => governance_outcome(event),
        Event::Releases(event) => release_outcome(event),
    }
}

fn account_outcome(event: &accounts::Event) -> String {
    let accounts::Event::Transferred { to, amount, .. } = event;
    format!("{} tokens moved to {to}.", grouped(*amount))
}

fn stake_outcome(event: &staking::Event) -> String {
    use staking::Event::*;
    match event {
        Bonded { validator, amount, .. } => {
            format!("{} tokens are bonded to {validator}, in force from the next epoch.", grouped(*amount))
        }
        Unbonding { amount, free_epoch, .. } => {
            format!("{} tokens left the bond and are free at the start of epoch {free_epoch}.", grouped(*amount))
        }
        Unbonded { amount, .. } => format!("{} tokens are free.", grouped(*amount)),
        Elected { epoch, validators } => {
            format!("{} validators are elected for epoch {epoch}.", validators.validators.len())
        }
    }
}

fn governance_outcome(event: &governance::Event<runtime::Motion>) -> String {
    use governance::Event::*;
    match event {
        Proposed(proposal) => format!(
            "Proposal {} is open: voting ends at the start of epoch {}, activation is at the start of epoch {}.",
            proposal.id, proposal.vote_deadline_epoch, proposal.activation_epoch
        ),
        Voted { ballot, tally, .. } => format!(
            "Voted {} on proposal {} with {} stake; now {} yes, {} no, {} abstain.",
            ballot.choice,
            ballot.proposal_id,
            grouped(ballot.weight),
            grouped(tally.yes),
            grouped(tally.no),
            grouped(tally.abstain)
        ),
        Withdrawn { proposal_id } => format!("Proposal {proposal_id} is withdrawn; its deposit is free again."),
        Passed { proposal_id, .. } => format!("Proposal {proposal_id} passed."),
        Rejected { proposal_id, shortfall: missing, .. } => {
            format!("Proposal {proposal_id} was rejected: {}.", shortfall(*missing))
        }
        Activated { proposal_id } => format!("Proposal {proposal_id} was carried out."),
        Cancelled { proposal_id } => format!("Proposal {proposal_id} is cancelled and will not be carried out."),
    }
}

fn release_outcome(event: &releases::Event) -> String {
    match event {
        releases::Event::Approved(builds) => {
            let hashes: Vec<String> = builds.iter().map(|build| build.build_hash.to_string()).collect();
            format!("Approved to run: {}.", hashes.join(", "))
        }
        releases::Event::Installed { build_hash, node, .. } => {
            format!("Node {} runs {}.", short(&node.to_string()), short(&build_hash.to_string()))
        }
        releases::Event::Reported { build_hash, node, stage, .. } => {
            let (node, build) = (short(&node.to_string()), short(&build_hash.to_string()));
            let because = stage.reason().map(|reason| format!(": {reason}")).unwrap_or_default();
            format!("On node {node}, {build} is {}{because}.", stage.name())
        }
        releases::Event::Rebuilt { build_hash, builder, .. } => {
            let (builder, build) = (short(&builder.to_string()), short(&build_hash.to_string()));
            format!("{builder} attests that it built {build} from source.")
        }
        releases::Event::Revealed { build_hash, .. } => {
            format!("It is public what the proposal for {} is about.", short(&build_hash.to_string()))
        }
        releases::Event::RosterSet(record) => {
            let releases::Roster { version, signers, threshold } = &record.roster;
            format!("Roster {version} signs releases from now on: {threshold} of {} keys.", signers.len())
        }
        releases::Event::Revoked { build_hashes, effective_epoch, .. } => {
            let hashes: Vec<String> = build_hashes.iter().map(ToString::to_string).collect();
            format!("Revoked: {}. No node runs it from epoch {effective_epoch} on.", hashes.join(", "))
        }
        releases::Event::MinimumSequenceRaised { minimum, .. } => {
            format!("No release below {} runs from epoch {} on.", minimum.sequence, minimum.effective_epoch)
        }
        releases::Event::SupportEnds { epoch, .. } => format!("Its support ends at epoch {epoch}."),
    }
}
