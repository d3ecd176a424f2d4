//! What `current` is: the link to a slot, nothing in a new home, or what a copy of the home made of the link.
//!
//! Tools that copy homes follow links (`cp -L`, `rsync -L`, `tar -h`), or keep one that leads into the home they came from. What such a
//! thing meant can mostly be told; to put it right is for the operator, because nothing here shows that the slots are what they were.
//!
//! # Invariants
//! - A home is new only if it has no `current`, no executable in a slot, and nothing about slots in its journal.

use super::error::UpdateError;
use super::journal::Journal;
use super::layout::{Releases, Slot, target};
use crate::release_file::measure_file;
use std::fs;
use std::path::Path;

impl Releases {
    /// The slot that the link leads to, whichever way it is written; none where it leads to no slot of this home.
    pub fn live(&self) -> Option<Slot> {
        let found = fs::read_link(self.current()).ok()?;
        let place = self.path().join(&found);
        Slot::ALL.into_iter().find(|slot| found == target(*slot) || is_same_place(&place, &self.slot(*slot)))
    }

    /// The slot that the link leads to; none in a new home.
    ///
    /// # Errors
    /// [`UpdateError::Altered`] when there is something else in its place, or nothing, although releases were installed here.
    pub fn linked(&self) -> Result<Option<Slot>, UpdateError> {
        if let Some(slot) = self.live() {
            return Ok(Some(slot));
        }
        let used = Slot::ALL.into_iter().any(|slot| self.holds_one(slot)) || Journal::open(self)?.is_about_slots();
        if self.has_current() || used { Err(self.altered()) } else { Ok(None) }
    }

    /// Whether there is anything in the place of the link.
    pub(super) fn has_current(&self) -> bool {
        is_there(&self.current())
    }

    /// Whether there is anything in a slot's place for an executable.
    pub(super) fn holds_one(&self, slot: Slot) -> bool {
        is_there(&self.executable(slot))
    }

    /// What was found in the place of the link, and the command that mends it.
    fn altered(&self) -> UpdateError {
        let path = self.current();
        let (found, is_link) = match (fs::read_link(&path), fs::symlink_metadata(&path)) {
            (Ok(leads), _) => (format!("leads to {}, which is no slot of this home", leads.display()), true),
            (Err(_), Ok(kept)) if kept.is_dir() => ("is a folder".to_owned(), false),
            (Err(_), Ok(_)) => ("is a file".to_owned(), false),
            (Err(_), Err(_)) => ("is gone, and releases were installed here".to_owned(), true),
        };
        let meant = self.meant();
        let slot = target(meant.unwrap_or(Slot::A));
        let (slot, current, aside) = (slot.display(), typed(&path), typed(&path.with_extension("copied")));
        let command = if is_link {
            format!("`ln -sfn {slot} {current}`")
        } else {
            format!("`mv {current} {aside} && ln -s {slot} {current}`")
        };
        let mend = match meant {
            Some(_) => format!("put the link back with {command}"),
            None => format!("put the link back to the slot that ran, such as with {command}"),
        };
        UpdateError::Altered { path, found, mend }
    }

    /// The slot that was meant: the one with the bytes that are found through `current`, else the one that its target is called after,
    /// else the only one that holds an executable.
    fn meant(&self) -> Option<Slot> {
        let held = |slot: Slot| measure_file(&self.executable(slot)).ok();
        let bytes = measure_file(&self.running()).ok();
        let leads = fs::read_link(self.current()).unwrap_or_default();
        let has_its_bytes = |slot: &Slot| bytes.is_some() && held(*slot) == bytes;
        let has_its_name = |slot: &Slot| held(*slot).is_some() && leads.ends_with(target(*slot));
        let is_alone = |slot: &Slot| held(*slot).is_some() && held(slot.other()).is_none();
        let find = |is_it: &dyn Fn(&Slot) -> bool| Slot::ALL.into_iter().find(is_it);
        find(&has_its_bytes).or_else(|| find(&has_its_name)).or_else(|| find(&is_alone))
    }
}

/// A path as it is typed into a shell.
fn typed(path: &Path) -> String {
    let text = path.display().to_string();
    let is_plain = text.chars().all(|c| c.is_ascii_alphanumeric() || "/._-+".contains(c));
    if is_plain { text } else { format!("'{}'", text.replace('\'', "'\\''")) }
}

/// Whether there is anything; what cannot be looked at may be there.
fn is_there(path: &Path) -> bool {
    !matches!(files::if_there(fs::symlink_metadata(path)), Ok(None))
}

fn is_same_place(one: &Path, other: &Path) -> bool {
    matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::RealDisk;
    use crate::install::Installer;
    use host::config::Home;
    use primitives::BuildHash;
    use std::fs::{File, Permissions};
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    use std::process::Command;

    fn hash(content: &str) -> BuildHash {
        BuildHash(*blake3::hash(content.as_bytes()).as_bytes())
    }

    fn put(releases: &Releases, slot: Slot, content: &str) {
        fs::create_dir_all(releases.slot(slot)).unwrap();
        fs::write(releases.executable(slot), content).unwrap();
        fs::set_permissions(releases.executable(slot), Permissions::from_mode(0o555)).unwrap();
    }

    /// A home that runs slot B, after an installation.
    fn installed(folder: &Path) -> Releases {
        let releases = Releases::of(&Home::at(folder));
        let mut journal = Journal::default();
        for (slot, content) in [(Slot::A, "the old build"), (Slot::B, "the new build")] {
            put(&releases, slot, content);
            journal.record(slot, hash(content));
        }
        symlink("slots/b", releases.current()).unwrap();
        journal.save(&releases, &RealDisk).unwrap();
        releases
    }

    fn adopt(releases: &Releases, content: &str) -> Result<BuildHash, UpdateError> {
        let own = releases.path().with_extension("own");
        fs::write(&own, content).unwrap();
        Installer::open(releases.clone(), &RealDisk)?.adopt(&File::open(own).unwrap())
    }

    fn require_kept(releases: &Releases) {
        for (slot, content) in [(Slot::A, "the old build"), (Slot::B, "the new build")] {
            assert_eq!(fs::read_to_string(releases.executable(slot)).unwrap(), content);
        }
    }

    /// Nothing runs and nothing is written over, and the command in the sentence puts the link to slot B back.
    fn require_mended_by_its_sentence(releases: &Releases) {
        assert_eq!(releases.live(), None);
        let said = releases.linked().unwrap_err();
        assert_eq!(said.code(), "E_CURRENT");
        assert!(matches!(adopt(releases, "the supervisor"), Err(UpdateError::Altered { .. })));
        require_kept(releases);
        let said = said.to_string();
        let command = said.split('`').nth(1).unwrap();
        assert!(Command::new("sh").arg("-c").arg(command).status().unwrap().success(), "{said}");
        assert_eq!(releases.linked().unwrap(), Some(Slot::B), "{said}");
        require_kept(releases);
    }

    #[test]
    fn o07_a_link_into_the_own_slots_is_understood_however_it_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let releases = installed(folder.path());
        let absolute = releases.slot(Slot::B);
        let ways = [absolute.to_str().unwrap(), "./slots/b", "slots/b/", "slots/a/../b"];
        for leads in ways {
            fs::remove_file(releases.current()).unwrap();
            symlink(leads, releases.current()).unwrap();
            assert_eq!(releases.linked().unwrap(), Some(Slot::B), "{leads}");
        }
    }

    #[test]
    fn o07_what_a_copy_made_of_the_link_is_named_with_the_command_that_mends_it() {
        let folder = tempfile::tempdir().unwrap();
        installed(&folder.path().join("home"));
        for (number, how) in ["cp -rL home copy", "cp -a home copy"].into_iter().enumerate() {
            assert!(Command::new("sh").arg("-c").arg(how).current_dir(&folder).status().unwrap().success());
            let place = folder.path().join(number.to_string());
            fs::rename(folder.path().join("copy"), &place).unwrap();
            let releases = Releases::of(&Home::at(&place));
            if number == 0 {
                require_mended_by_its_sentence(&releases);
            }
            // Of the home that it was copied from, of one that is gone, and of one that only has the same build.
            let other = Releases::of(&Home::at(folder.path().join("home"))).slot(Slot::B);
            let third = folder.path().join(format!("other{number}"));
            fs::create_dir(&third).unwrap();
            fs::write(third.join("the-block"), "the new build").unwrap();
            for leads in [other.as_path(), Path::new("/nowhere/releases/slots/b"), third.as_path()] {
                fs::remove_file(releases.current()).unwrap();
                symlink(leads, releases.current()).unwrap();
                require_mended_by_its_sentence(&releases);
            }
            fs::remove_file(releases.current()).unwrap();
            let said = releases.linked().unwrap_err().to_string();
            assert!(said.contains("is gone"), "{said}");
            assert!(adopt(&releases, "the supervisor").is_err());
            require_kept(&releases);
        }
    }

    #[test]
    fn o07_only_a_new_home_adopts_what_runs_and_an_adoption_that_was_cut_short_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let releases = Releases::of(&Home::at(folder.path()));
        assert_eq!(releases.linked().unwrap(), None);
        assert_eq!(adopt(&releases, "first").unwrap(), hash("first"));
        assert_eq!(releases.linked().unwrap(), Some(Slot::A));
        assert_eq!(adopt(&releases, "another").unwrap(), hash("first"), "there is a release already");
        fs::remove_file(releases.current()).unwrap();
        let said = adopt(&releases, "another").unwrap_err().to_string();
        assert!(said.contains("slots/a"), "{said}");
        assert_eq!(fs::read_to_string(releases.executable(Slot::A)).unwrap(), "first");
        assert_eq!(adopt(&releases, "first").unwrap(), hash("first"));
        assert_eq!(releases.linked().unwrap(), Some(Slot::A));
        // Nothing but the journal knows of it.
        fs::remove_file(releases.current()).unwrap();
        fs::remove_dir_all(releases.slot(Slot::A)).unwrap();
        assert!(matches!(adopt(&releases, "first"), Err(UpdateError::Altered { .. })));
    }
}
