//! `the-block signing resume`: an operator's word that no later state of a home exists.

use super::{Failure, print, print_json, require_stopped};
use anyhow::{Context as _, anyhow};
use host::config::Home;
use serde_json::json;
use std::path::Path;
use store::HomeOrigin;

/// Has the validator key of a home sign there from the next start on.
pub(super) fn resume(home: &Path, json: bool) -> Result<(), Failure> {
    let home = Home::at(home);
    if !home.consensus().is_dir() {
        let nothing =
            anyhow!("no node has run in {}, so that there is nothing to resume; start it", home.path().display());
        return Err(Failure::Usage(nothing));
    }
    require_stopped(&home, "nothing was resumed: a node runs on this home; stop it first")?;
    HomeOrigin::resume(&home).with_context(|| format!("{} cannot be written to", home.consensus().display()))?;
    if json {
        return print_json(&json!({ "home": home.path(), "signs_from_the_next_start": true }));
    }
    print("the validator key of this home signs here from the next start on\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::net::UnixListener;

    #[test]
    fn o26_the_word_is_taken_for_a_home_that_ran_and_stands_still() {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::at(dir.path());
        assert!(matches!(resume(dir.path(), true), Err(Failure::Usage(_))), "nothing ran there");
        std::fs::create_dir_all(home.consensus()).unwrap();
        std::fs::create_dir_all(home.socket().parent().unwrap()).unwrap();
        let node = UnixListener::bind(home.socket()).unwrap();
        let Err(Failure::Failed(runs)) = resume(dir.path(), true) else { panic!("a node runs there") };
        assert!(runs.to_string().contains("stop it first"), "{runs}");
        drop(node);
        assert!(resume(dir.path(), true).is_ok());
        assert!(home.consensus().join("resume").is_file());
    }
}
