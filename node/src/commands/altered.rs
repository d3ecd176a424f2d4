//! Whether an executable that is not approved is one that was, and that somebody altered: to propose what it is now mends nothing.

use primitives::BuildHash;
use std::path::Path;
use update::{Journal, Releases};

/// Why a build is not known whose file lies where another was installed, and what there is to go back to; none where it does not.
pub(super) fn altered(releases: &Releases, live: &Path, build: BuildHash) -> Option<String> {
    let slot = releases.slot_of(live)?;
    let journal = Journal::open(releases).ok()?;
    let installed = journal.recorded(slot).filter(|installed| *installed != build)?;
    let other = slot.other();
    let before = journal.recorded(other).filter(|_| releases.executable(other).exists());
    let back = before.map_or_else(String::new, |before| {
        format!(", or go back to build {before} in {}", releases.executable(other).display())
    });
    let home = releases.path().parent().unwrap_or(releases.path()).display();
    Some(format!(
        "{} was altered: build {installed} was installed there, and what lies there now is {build}, which is not approved; install \
         it again with `contract gov fetch-release --hash {installed} --install --home {home}`{back}",
        live.display()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use host::config::Home;
    use update::{RealDisk, Slot};

    const INSTALLED: BuildHash = BuildHash([1; 32]);
    const BEFORE: BuildHash = BuildHash([2; 32]);
    const NOW: BuildHash = BuildHash([3; 32]);

    #[test]
    fn o45_an_altered_release_is_told_from_one_that_nobody_proposed() {
        let folder = tempfile::tempdir().unwrap();
        let releases = Releases::of(&Home::at(folder.path()));
        for slot in Slot::ALL {
            std::fs::create_dir_all(releases.slot(slot)).unwrap();
            std::fs::write(releases.executable(slot), "a build").unwrap();
        }
        let (live, elsewhere) = (releases.executable(Slot::A), folder.path().join("the-block"));
        assert_eq!(altered(&releases, &live, NOW), None, "nothing was installed");
        let mut journal = Journal::default();
        journal.record(Slot::A, INSTALLED);
        journal.save(&releases, &RealDisk).unwrap();
        let told = altered(&releases, &live, NOW).unwrap();
        assert!(told.contains("was altered") && told.contains(&INSTALLED.to_string()), "{told}");
        assert!(!told.contains("propose") && !told.contains("go back"), "{told}");
        journal.record(Slot::B, BEFORE);
        journal.save(&releases, &RealDisk).unwrap();
        assert!(altered(&releases, &live, NOW).unwrap().contains(&format!("go back to build {BEFORE}")));
        assert_eq!(altered(&releases, &live, INSTALLED), None, "it is what was installed");
        assert_eq!(altered(&releases, &elsewhere, NOW), None, "it lies where nothing is installed");
    }
}
