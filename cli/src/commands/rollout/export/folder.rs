//! The folder of an export: all of it, or what was there before.

use super::tree::ExportTree;
use crate::failure::{Failure, failed, usage};
use primitives::{ChainId, Name};
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// The file by which an export is known.
pub const MARK: &str = "EXPORT.json";
/// The file with the hashes of the others.
const SUMS: &str = "SHA256SUMS";
/// What somebody keeps the exports of a plan in, one after another.
const HISTORY: &str = ".git";
/// Everything that lies at the top of an export.
const TOP: [&str; 10] =
    [MARK, SUMS, HISTORY, "changes", "drills", "evidence", "incidents", "proposals", "retrospectives", "votes"];
/// How many bytes the mark of an export has at most.
const MOST_MARK: u64 = 4 << 10;

/// Whose export it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportMark {
    /// The form of the files; grows when that changes.
    form: u32,
    network: ChainId,
    plan: Name,
}

impl ExportMark {
    /// That of a plan of a network.
    pub fn new(network: ChainId, plan: Name) -> Self {
        Self { form: 1, network, plan }
    }
}

/// Where an export is to lie.
#[derive(Debug)]
pub struct ExportFolder {
    place: PathBuf,
    staged: PathBuf,
    before: PathBuf,
}

impl ExportFolder {
    /// A folder that is not there, is empty, or has an export of the same plan.
    ///
    /// # Errors
    /// Any other.
    pub fn at(out: &Path, mark: &ExportMark) -> Result<Self, Failure> {
        let unusable = |why: String| usage(format!("--out: {} {why}; name a new folder", out.display()));
        let place = files::settled(out).map_err(|error| unusable(format!("cannot be used: {error}")))?;
        let name = place.file_name().ok_or_else(|| unusable("is no folder that can be made".into()))?;
        let beside = |ending: &str| {
            let mut hidden = std::ffi::OsString::from(".");
            hidden.push(name);
            hidden.push(format!(".{}.{ending}", std::process::id()));
            place.with_file_name(hidden)
        };
        let folder = Self { staged: beside("part"), before: beside("old"), place: place.clone() };
        match fs::read_dir(&place) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(folder),
            Err(error) => Err(unusable(format!("cannot be read: {error}"))),
            Ok(entries) => {
                let names = entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
                let names: Vec<String> =
                    names.collect::<io::Result<_>>().map_err(|error| unusable(format!("cannot be read: {error}")))?;
                replaceable(&place, &names, mark).map_err(unusable)?;
                Ok(folder)
            }
        }
    }

    /// Puts the files there. What was there is replaced by one rename; until then, and when something fails, it stays.
    ///
    /// # Errors
    /// When something cannot be written.
    pub fn put(&self, tree: ExportTree) -> Result<(), Failure> {
        let put = self.stage(&tree).and_then(|()| self.replace());
        put.map_err(|error| {
            drop(fs::remove_dir_all(&self.staged));
            failed(format!("the export cannot be written to {}: {error}; name another folder", self.place.display()))
        })
    }

    fn stage(&self, tree: &ExportTree) -> io::Result<()> {
        if let Some(above) = self.staged.parent() {
            fs::create_dir_all(above)?;
        }
        fs::create_dir(&self.staged)?;
        for (path, bytes) in tree.files() {
            let file = self.staged.join(path);
            if let Some(folder) = file.parent() {
                fs::create_dir_all(folder)?;
            }
            fs::write(file, bytes)?;
        }
        fs::write(self.staged.join(SUMS), tree.sums())
    }

    fn replace(&self) -> io::Result<()> {
        if fs::symlink_metadata(&self.place).is_err_and(|error| error.kind() == ErrorKind::NotFound) {
            return fs::rename(&self.staged, &self.place);
        }
        fs::rename(&self.place, &self.before)?;
        if let Err(error) = fs::rename(&self.staged, &self.place) {
            fs::rename(&self.before, &self.place)?;
            return Err(error);
        }
        let history = self.before.join(HISTORY);
        if fs::symlink_metadata(&history).is_ok() {
            fs::rename(history, self.place.join(HISTORY))?;
        }
        fs::remove_dir_all(&self.before)
    }
}

/// Whether what lies in a folder may go: nothing, or an export of the same plan and nothing else.
fn replaceable(place: &Path, names: &[String], mark: &ExportMark) -> Result<(), String> {
    if names.is_empty() {
        return Ok(());
    }
    let read = || -> Option<ExportMark> {
        let file = place.join(MARK);
        let about = fs::metadata(&file).ok().filter(|about| about.is_file() && about.len() <= MOST_MARK);
        about.and_then(|_| serde_json::from_slice(&fs::read(file).ok()?).ok())
    };
    let found = read().ok_or("is not empty, and has no export")?;
    if (&found.network, &found.plan) != (&mark.network, &mark.plan) {
        return Err(format!("has the export of plan {} of network {}", found.plan, found.network));
    }
    match names.iter().find(|name| !TOP.contains(&name.as_str())) {
        Some(other) => Err(format!("has {other:?} beside its export, which would be lost")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(plan: &str) -> ExportMark {
        ExportMark::new("test-1".parse().unwrap(), Name::new(plan).unwrap())
    }

    fn tree(mark: &ExportMark, text: &str) -> ExportTree {
        let mut tree = ExportTree::default();
        tree.json(MARK.into(), mark).unwrap();
        tree.put(format!("changes/{text}.json"), text.as_bytes().to_vec()).unwrap();
        tree
    }

    fn names(folder: &Path) -> Vec<String> {
        let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names.collect();
        names.sort();
        names
    }

    #[test]
    fn req_038_an_export_replaces_that_of_the_same_plan_as_a_whole_and_keeps_its_history() {
        let dir = tempfile::tempdir().unwrap();
        let (out, chain) = (dir.path().join("records"), mark("chain"));
        ExportFolder::at(&out, &chain).unwrap().put(tree(&chain, "old")).unwrap();
        fs::create_dir(out.join(HISTORY)).unwrap();
        ExportFolder::at(&out, &chain).unwrap().put(tree(&chain, "new")).unwrap();
        assert_eq!(names(&out.join("changes")), ["new.json"]);
        assert_eq!(names(&out), [HISTORY, MARK, SUMS, "changes"]);
        assert_eq!(names(dir.path()), ["records"], "nothing is left beside it");
        let other = ExportFolder::at(&out, &mark("shop")).unwrap_err();
        assert!(other.exit_code() == 2 && other.to_string().contains("plan chain of network test-1"), "{other}");
    }

    #[test]
    fn what_is_no_export_stays_as_it_is() {
        let dir = tempfile::tempdir().unwrap();
        let chain = mark("chain");
        fs::write(dir.path().join("notes.txt"), "mine").unwrap();
        let refused = ExportFolder::at(dir.path(), &chain).unwrap_err().to_string();
        assert!(refused.contains("is not empty"), "{refused}");
        let out = dir.path().join("records");
        ExportFolder::at(&out, &chain).unwrap().put(tree(&chain, "old")).unwrap();
        fs::write(out.join("notes.txt"), "mine").unwrap();
        let refused = ExportFolder::at(&out, &chain).unwrap_err().to_string();
        assert!(refused.contains("\"notes.txt\" beside its export"), "{refused}");
        assert_eq!(fs::read_to_string(out.join("notes.txt")).unwrap(), "mine");
    }
}
