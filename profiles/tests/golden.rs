//! `docs/rollout_plan.md` is what `config/profiles/chain.toml` comes to; `BLESS=1 cargo test -p profiles --test golden` writes it anew.
#![allow(clippy::restriction, reason = "a test may stop where it fails")]

use std::path::Path;

#[test]
fn the_rollout_plan_in_the_documents_is_that_of_the_chains_profile() {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    let loaded = profiles::load(&root.join("config/profiles/chain.toml"), root).unwrap_or_else(|e| panic!("{e}"));
    let page = profiles::text::markdown(&loaded.plan);
    let file = root.join("docs/rollout_plan.md");
    if std::env::var_os("BLESS").is_some() {
        return std::fs::write(file, page).unwrap();
    }
    let kept = std::fs::read_to_string(file).unwrap_or_default();
    assert_eq!(
        kept, page,
        "docs/rollout_plan.md is not what the profile says; run make bless, and read the difference"
    );
}
