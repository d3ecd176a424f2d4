//! Who built a release from source, as a part of the pages of proposals and releases.

use crate::pages::Frame;
use crate::pages::parts::{empty, table};
use crate::pages::text::{count, hash, named, stranger, time_of};
use maud::{Markup, html};
use rpc::views::{Descriptions, RebuildView};

/// Who says that they built the same bytes from source.
pub(crate) fn rebuilds(frame: &Frame<'_>, described: &Descriptions, all: u64, rebuilds: &[RebuildView]) -> Markup {
    if rebuilds.is_empty() {
        let explanation = "Whoever builds this release from source and gets the same bytes can put that on record.";
        let command = "contract release attest --rebuilt FILE --hash HASH --key FILE";
        return empty("Nobody has attested a rebuild.", explanation, &[command]);
    }
    let rows = html! {
        @for RebuildView { builder, rebuild } in rebuilds {
            tr {
                td data-label="Builder" { (named(described, builder)) }
                td data-label="Said" { (time_of(frame, &rebuild.at)) }
                td data-label="Commit" {
                    @if let Some(commit) = &rebuild.source_commit { (stranger(commit.as_str())) } @else { "not named" }
                }
                td data-label="Source hash" {
                    @if let Some(source) = &rebuild.source_hash { (hash(source)) } @else { "not named" }
                }
            }
        }
    };
    html! {
        p { (count(all, "account")) " built the same bytes from source, by their own word." }
        (table("Independent rebuilds", &["Builder", "Said", "Commit", "Source hash"], rows))
    }
}
