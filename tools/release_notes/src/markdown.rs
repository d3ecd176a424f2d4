//! The notes for people, as Markdown to paste into release notes.

use crate::{Component, Keys, Notes, Release, Retirement, Switch};
use primitives::{ProposalId, code_span as code};
use releases::{Motion, RosterCause, Standing};
use std::fmt::Write;

impl Notes {
    /// The notes in Markdown. Everything that comes from the chain stands in code spans.
    pub fn markdown(&self) -> String {
        let mut out = format!("# What governance approved on {}\n\n", code(&self.chain_id));
        let (epoch, proposal) = (self.since.epoch.map(|e| e.0), self.since.proposal.map(|id| id.0));
        let since = match (epoch, proposal) {
            (None, None) => "Since genesis".to_owned(),
            (Some(epoch), None) => format!("Since epoch {epoch}"),
            (None, Some(id)) => format!("Since proposal {id}"),
            (Some(epoch), Some(id)) => format!("Since epoch {epoch} and proposal {id}"),
        };
        // Writing to a string cannot fail.
        let _ = writeln!(out, "{since}, up to block {} of epoch {}.", self.height, self.epoch);
        section(&mut out, "Backend switches", &self.switches, "", switch);
        section(&mut out, "Releases", &self.releases, "\n", release);
        section(&mut out, "Release signers", &self.rosters, "", keys);
        section(&mut out, "Taken out of use", &self.retirements, "", retirement);
        out
    }
}

fn section<T>(out: &mut String, title: &str, items: &[T], between: &str, show: impl Fn(&T) -> String) {
    let items: Vec<String> = items.iter().map(show).collect();
    let body = if items.is_empty() { "None.\n".to_owned() } else { items.join(between) };
    let _ = write!(out, "\n## {title}\n\n{body}");
}

fn switch(switch: &Switch) -> String {
    let component = match switch.component {
        Component::Runtime => "runtime",
        Component::Transport => "transport",
        Component::Storage => "storage",
    };
    let from = switch.from.as_ref().map_or("unnamed".to_owned(), code);
    let by = decided(switch.proposal_id);
    format!(
        "- {component}: {from} to {} with release {}, epoch {}, {by}\n",
        code(&switch.to),
        switch.sequence,
        switch.epoch
    )
}

fn release(release: &Release) -> String {
    let manifest = &release.manifest;
    let version = manifest.version.as_ref().map_or("without a version".to_owned(), code);
    let mut out = format!("### Release {}: {version}\n\n", release.sequence);
    let (class, severity) = (word(&manifest.class), word(&manifest.severity));
    let _ =
        writeln!(out, "- {class}, severity {severity}, from epoch {}, {}", release.epoch, decided(release.proposal_id));
    let standing = match &release.standing {
        Standing::Active => "active".to_owned(),
        Standing::Superseded { by, .. } => format!("superseded by {}", code(by)),
        Standing::Revoked { reason, effective_epoch } => {
            format!("revoked from epoch {effective_epoch}: {}", code(reason))
        }
    };
    let _ = writeln!(out, "- {standing}");
    if release.amended.is_some() {
        let _ = writeln!(out, "- described anew by {}", decided(release.amended));
    }
    for build in &release.builds {
        let _ = writeln!(out, "- build {} for {}", code(&build.build_hash), code(&build.platform));
    }
    let digests = [
        ("source", &manifest.source_hash),
        ("vendor tree", &manifest.vendor_tree_hash),
        ("dependency snapshot", &manifest.dependency_snapshot_hash),
        ("bill of materials", &manifest.sbom_hash),
        ("provenance", &manifest.provenance_hash),
    ];
    if let Some(commit) = &manifest.source_commit {
        let _ = writeln!(out, "- commit {}", code(commit));
    }
    for (name, digest) in digests.iter().filter_map(|(name, digest)| digest.as_ref().map(|digest| (name, digest))) {
        let _ = writeln!(out, "- {name} {}", code(digest));
    }
    out
}

fn keys(keys: &Keys) -> String {
    let by = match &keys.cause {
        Some(RosterCause::Genesis) => "genesis".to_owned(),
        Some(RosterCause::Proposal(id)) => decided(Some(*id)),
        None => "by a key's own word".to_owned(),
    };
    let (version, epoch, threshold, size) = (keys.version, keys.epoch, keys.threshold, keys.size);
    let mut out = format!("- roster {version}, epoch {epoch}, {by}: {threshold} of {size} keys sign\n");
    for (what, keys) in [("joined", &keys.joined), ("left", &keys.left)] {
        keys.iter().for_each(|key| out.push_str(&format!("  - {what} {}\n", code(key))));
    }
    out
}

fn retirement(decision: &Retirement) -> String {
    let by = format!("epoch {}, {}", decision.epoch, decided(Some(decision.proposal_id)));
    match &decision.motion {
        Motion::Revoke { build_hashes, reason } => {
            let builds = build_hashes.iter().map(code).collect::<Vec<_>>().join(", ");
            format!("- revoked {builds}, {by}: {}\n", code(reason))
        }
        Motion::RaiseMinimumSequence { minimum, reason } => {
            format!("- releases below {minimum} no longer run, {by}: {}\n", code(reason))
        }
        Motion::EndSupport { build_hash, epoch } => {
            format!("- support of {} ends with epoch {epoch}, {by}\n", code(build_hash))
        }
        // These have sections of their own, or are told of with the release.
        Motion::Approve(_) | Motion::SetRoster(_) | Motion::Amend { .. } => String::new(),
    }
}

fn decided(proposal: Option<ProposalId>) -> String {
    proposal.map_or("genesis".to_owned(), |id| format!("proposal {}", id.0))
}

/// A word of a chain type, as its JSON says it.
fn word(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}
