//! What a program says to whoever mistyped: held against a golden file, and asked whether it says what to do next.

use anyhow::{Context as _, ensure};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// How a clause begins that says what to do, unless with what is typed: with a verb.
const STEPS: &str = "add ask bond check choose chmod collect compare confirm copy correct create did fetch find follow free get \
     give install leave let list lower make mount move name offer pass press propose raise remove repeat restore \
     run see send set shorten show sign start stop take tip trust try type unset use vote wait withdraw write";

/// What every misuse of arguments ends with, whatever was wrong.
const OF_CLAP: &str = "For more information, try '--help'.";

/// What stands in a golden file for what is another one with each run.
#[derive(Debug, Clone, Default)]
pub struct Placeholders(Vec<(String, String)>);

impl Placeholders {
    /// The same, and `name` for a text; what was named first is replaced first.
    pub fn with(mut self, text: impl ToString, name: &str) -> Self {
        self.0.push((text.to_string(), name.to_owned()));
        self
    }

    /// What is said, with names for what is another one with each run: the named texts, hashes, signatures, and the numbers of
    /// blocks, epochs and fees, and of how long ago. Lines of a log, which begin with a time, are left out.
    pub fn put(&self, said: &str) -> String {
        let lines = said.lines().filter(|line| !is_logged(line));
        let said: String = lines.map(|line| format!("{}\n", line.trim_end())).collect();
        masked(&self.0.iter().fold(said, |said, (text, name)| said.replace(text.as_str(), name)))
    }
}

fn is_logged(line: &str) -> bool {
    let first = line.split_whitespace().next().unwrap_or_default();
    first.len() > 19 && first.ends_with('Z') && first.starts_with(|c: char| c.is_ascii_digit()) && first.contains('T')
}

/// Names for what is a hash, a signature, or counts something that goes on.
fn masked(said: &str) -> String {
    let mut masked = String::new();
    let mut rest = said;
    while let Some(start) = rest.find(|c: char| c.is_ascii_alphanumeric()) {
        let (between, word) = rest.split_at(start);
        masked.push_str(between);
        let is_in = |c: char| c.is_ascii_alphanumeric();
        let mut end = word.find(|c: char| !is_in(c)).unwrap_or(word.len());
        // Thousands stand apart.
        while word[..end].chars().all(|c| c.is_ascii_digit() || c == ',')
            && word[end..].starts_with(',')
            && word[end + 1..].starts_with(|c: char| c.is_ascii_digit())
        {
            let after = &word[end + 1..];
            end += 1 + after.find(|c: char| !is_in(c)).unwrap_or(after.len());
        }
        let (word, after) = word.split_at(end);
        masked.push_str(name_of(word, &masked, after).unwrap_or(word));
        rest = after;
    }
    masked.push_str(rest);
    masked
}

/// What a word is called, by what stands before and after it; none where it stays.
fn name_of(word: &str, before: &str, after: &str) -> Option<&'static str> {
    let is_hex = word.chars().all(|c| c.is_ascii_hexdigit());
    match word.len() {
        64 if is_hex => return Some("HASH"),
        128 if is_hex => return Some("SIGNATURE"),
        _ => {}
    }
    if !word.chars().all(|c| c.is_ascii_digit() || c == ',') {
        return None;
    }
    let counted = ["height ", "epoch ", "block ", "fee of ", "fee is ", "is transaction "];
    let counts = counted.iter().any(|word| before.ends_with(word));
    (counts || [" ms", " s old"].iter().any(|unit| after.starts_with(unit))).then_some("N")
}

/// Whether a text says what to do: whether a clause of it begins with what is to be done.
pub fn has_next_step(said: &str) -> bool {
    let said = said.replace(OF_CLAP, "");
    let clauses = said.split([';', ',', ':', '.', '\n', '(']).flat_map(|clause| clause.split(" or "));
    let mut firsts = clauses.map(|clause| clause.split_whitespace().next().unwrap_or_default().to_lowercase());
    firsts.any(|first| ["`", "--"].iter().any(|typed| first.starts_with(typed)) || is_step(&first))
}

fn is_step(word: &str) -> bool {
    STEPS.split(' ').any(|step| step == word)
}

/// Whether a text was written for the one who made the program, and not for the one who runs it.
pub fn is_for_programmers(said: &str) -> bool {
    ["panicked", "Os {", "Custom {", "RUST_BACKTRACE", "Some(", "Err("].iter().any(|word| said.contains(word))
}

/// A folder of golden files, and what was held against them so far.
#[derive(Debug)]
pub struct Goldens {
    folder: PathBuf,
    names: BTreeSet<String>,
    differences: Vec<String>,
}

impl Goldens {
    /// The folder of a name below `tests/golden`.
    pub fn of(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden").join(name);
        Self { folder, names: BTreeSet::new(), differences: Vec::new() }
    }

    /// Holds a text against its file, or writes the file where `BLESS` is set.
    ///
    /// # Errors
    /// When the file cannot be written, or the name was there before.
    pub fn hold(&mut self, name: &str, found: &str) -> anyhow::Result<()> {
        let file = self.folder.join(format!("{name}.txt"));
        ensure!(self.names.insert(format!("{name}.txt")), "{name} is there twice");
        if std::env::var_os("BLESS").is_some() {
            std::fs::create_dir_all(&self.folder)?;
            return std::fs::write(&file, found).with_context(|| format!("cannot write {}", file.display()));
        }
        let kept = std::fs::read_to_string(&file).unwrap_or_default();
        if kept != found {
            self.differences.push(format!("{}\n--- kept:\n{kept}--- found:\n{found}", file.display()));
        }
        Ok(())
    }

    /// Ends the comparison.
    ///
    /// # Errors
    /// Every file that differs, and every one that nothing was held against.
    pub fn finish(self) -> anyhow::Result<()> {
        let entries = std::fs::read_dir(&self.folder);
        let entries =
            entries.with_context(|| format!("{} cannot be read; make bless writes it", self.folder.display()))?;
        let mut differences = self.differences;
        for entry in entries {
            let name = entry?.file_name().to_string_lossy().into_owned();
            if !self.names.contains(&name) {
                differences.push(format!("{} is of nothing any more; remove it", self.folder.join(name).display()));
            }
        }
        ensure!(differences.is_empty(), "{}\nmake bless writes what is found", differences.join("\n"));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_another_with_each_run_has_a_name() {
        let hash = "ab".repeat(32);
        let said = format!(
            "2026-11-28T18:36:38.123456Z  INFO the_block: it starts\nbuild {hash} at /tmp/x/node0, port 10050, epoch 7; a \
             fee of 2,510, 30000 ms old, 99 and 1.5\n"
        );
        let placeholders = Placeholders::default().with("/tmp/x", "DIR").with(10050, "PORT");
        let put = "build HASH at DIR/node0, port PORT, epoch N; a fee of N, N ms old, 99 and 1.5\n";
        assert_eq!(placeholders.put(&said), put);
    }

    #[test]
    fn a_next_step_is_a_clause_that_says_what_to_do() {
        for said in [
            "no node answers; start one or pass --rpc",
            "there is no proposal 9\nnext: `contract gov proposals` lists them",
            "nothing is sent, --force votes again",
            "  tip: a similar subcommand exists: 'vote'",
        ] {
            assert!(has_next_step(said), "{said}");
        }
        for said in ["there is no proposal 9", "it failed: no such file", &format!("error: no.\n\n{OF_CLAP}")] {
            assert!(!has_next_step(said), "{said}");
        }
        assert!(is_for_programmers("thread 'main' panicked at") && !is_for_programmers("the disk is full"));
    }
}
