//! What a release is made of: its targets, where they come from, its notes.

use super::parts::{facts, table};
use super::text::{copy, full_hash, grouped, hash, notes, release_name, stranger};
use maud::{Markup, html};
use releases::{Manifest, ManifestValue, Target};

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
    let unnamed = || html! { span.quiet { "not named" } };
    let lines = manifest.provenance().into_iter();
    facts(lines.map(|(label, said)| (label, said.as_ref().map_or_else(unnamed, value))).collect())
}

fn value(value: &ManifestValue) -> Markup {
    match value {
        ManifestValue::Exact(text) => html! { span.hash { code.full { (stranger(text)) } (copy(text)) } },
        ManifestValue::Named(names) => html! {
            ul.plain { @for (what, name) in names { li { (what) " " (stranger(name)) } } }
        },
    }
}

/// What signers signed about all that is said, when they signed it.
pub(crate) fn signed(manifest: &Manifest) -> Markup {
    html! {
        @if let Some(signed) = &manifest.signed_root {
            p {
                (signed.signatures.len()) " release signers signed all that is said here, by its root:"
            }
            p { (full_hash(signed.root)) }
        } @else if !manifest.is_bare() {
            p { "Genesis says all that is said here. Nobody signed it, because genesis itself is what all agree on." }
        } @else {
            p { "Nothing is said beside the hash and the platform, so that the signatures over the build are all there are." }
        }
    }
}

/// The notes for operators.
pub(crate) fn release_notes(manifest: &Manifest) -> Option<Markup> {
    manifest.notes.as_ref().map(|text| notes("release-notes-text", "Notes for operators", text.as_str()))
}
