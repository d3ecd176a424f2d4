//! What a release is made of: its targets, where they come from, its notes.

use super::parts::{facts, table};
use super::text::{full_hash, grouped, hash, notes, release_name, stranger};
use maud::{Markup, html};
use primitives::Digest;
use releases::{Components, Manifest, Target};

/// The builds of a release.
pub(crate) fn targets(targets: &[Target]) -> Markup {
    let rows = html! {
        @for target in targets {
            tr {
                td data-label="Platform" { (stranger(target.platform.as_str())) }
                td data-label="BLAKE3" { (release_name(&target.build_hash, None)) }
                td data-label="SHA-256" {
                    @if let Some(sha256) = &target.sha256 { (hash(sha256)) } @else { "not named" }
                }
                td.num data-label="Size" { (size(target.size)) }
            }
        }
    };
    table("The builds of the release", &["Platform", "BLAKE3", "SHA-256", "#Size"], rows)
}

/// A size in bytes, and in MiB where that says more.
fn size(bytes: Option<u64>) -> String {
    match bytes {
        None => "not named".into(),
        Some(bytes) if bytes < 1 << 20 => format!("{} bytes", grouped(bytes)),
        Some(bytes) => {
            let tenths = u128::from(bytes) * 10 / (1 << 20);
            format!("{} bytes ({}.{} MiB)", grouped(bytes), tenths / 10, tenths % 10)
        }
    }
}

/// Where the builds come from, and what they are built on.
pub(crate) fn provenance(manifest: &Manifest) -> Markup {
    let digest = |value: &Option<Digest>| match value {
        Some(value) => full_hash(value),
        None => unnamed(),
    };
    facts(vec![
        ("Source commit", manifest.source_commit.as_ref().map_or_else(unnamed, full_hash_of_text)),
        ("Source hash", digest(&manifest.source_hash)),
        ("Vendor tree hash", digest(&manifest.vendor_tree_hash)),
        ("Dependency snapshot", digest(&manifest.dependency_snapshot_hash)),
        ("Bill of materials (SBOM)", digest(&manifest.sbom_hash)),
        ("Provenance statement", digest(&manifest.provenance_hash)),
        ("Supervisor", manifest.updater_hash.as_ref().map_or_else(unnamed, full_hash)),
        ("Built on", built_on(&manifest.components)),
    ])
}

fn unnamed() -> Markup {
    html! { span.quiet { "not named" } }
}

fn full_hash_of_text(commit: &primitives::Text<64>) -> Markup {
    html! { span.hash { (stranger(commit.as_str())) (super::text::copy(commit.as_str())) } }
}

/// The backends that a release names.
fn built_on(components: &Components) -> Markup {
    let Components { runtime, transport, storage } = components;
    let named = [("runtime", runtime), ("transport", transport), ("storage", storage)];
    if named.iter().all(|(_, name)| name.is_none()) {
        return unnamed();
    }
    html! {
        ul.plain {
            @for (what, name) in named {
                @if let Some(name) = name { li { (what) " " (stranger(name.as_str())) } }
            }
        }
    }
}

/// The notes for operators.
pub(crate) fn release_notes(manifest: &Manifest) -> Option<Markup> {
    manifest.notes.as_ref().map(|text| notes("release-notes-text", "Notes for operators", text.as_str()))
}
