//! The log of denied reads that the node of a home keeps (`web/access.log`): read in its order, and held to the hash of the line before
//! that each line has.

use crate::escape;
use crate::failure::{Failure, failed};
use host::access_log::{AccessChain, FILE_NAME, LONGEST_LINE, full_file};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read as _, Write};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// How many files that are full a node keeps at most, by their numbers from 1.
const MOST_FULL: u32 = 99;

/// Writes the log of a folder, the oldest line that is kept first; how many lines there were.
///
/// # Errors
/// There is no log, it cannot be read or written, or a line does not follow from the one before: then it was changed, or lacks something.
pub fn written(folder: &Path, to: &mut dyn Write) -> Result<u64, Failure> {
    let files = opened(folder)?;
    // What is before the oldest line that is kept is not there to hold it against.
    let mut chain = AccessChain::default();
    let mut lines = 0;
    for (path, file) in files {
        let shown = escape::line(&path.display().to_string());
        let refused = |error: io::Error| failed(format!("the access log cannot be taken from {shown}: {error}"));
        let mut reader = BufReader::new(file);
        for number in 1_u64.. {
            let Some(line) = line(&mut reader).map_err(refused)? else { break };
            if !chain.take(&line) {
                return Err(failed(format!(
                    "line {number} of {shown} does not follow from the line before: the log was changed, or lines are missing; keep the \
                     files, and find out who could write to them"
                )));
            }
            to.write_all(&line).and_then(|()| to.write_all(b"\n")).map_err(refused)?;
            lines += 1;
        }
    }
    Ok(lines)
}

/// The files of the log, the oldest first. All are opened before one is read: what the node begins meanwhile comes after them. A file that
/// gets the next number meanwhile is met twice, and taken once; and one that is missing between others is noticed when they are read.
fn opened(folder: &Path) -> Result<Vec<(PathBuf, File)>, Failure> {
    let path = folder.join(FILE_NAME);
    let full = (1..=MOST_FULL).map(|number| full_file(&path, number));
    let mut files = Vec::new();
    for path in std::iter::once(path.clone()).chain(full) {
        match File::open(&path) {
            Ok(file) => files.push((path, file)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => {
                return Err(failed(format!("{} cannot be read: {error}", escape::line(&path.display().to_string()))));
            }
        }
    }
    if files.is_empty() {
        let shown = escape::line(&path.display().to_string());
        return Err(failed(format!(
            "there is no {shown}; name the home of a node that serves flags with --home, as the user that may read it"
        )));
    }
    files.dedup_by_key(|(_, file)| file.metadata().ok().map(|found| (found.dev(), found.ino())));
    files.reverse();
    Ok(files)
}

/// A line without its end; none at the end of the file.
fn line(reader: &mut impl BufRead) -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    let read = reader.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line)?;
    let is_whole = line.pop_if(|last| *last == b'\n').is_some();
    if !is_whole && read as u64 == LONGEST_LINE {
        return Err(io::Error::other("a line is longer than any that a node writes"));
    }
    Ok((read > 0).then_some(line))
}

#[cfg(test)]
mod tests {
    use super::*;
    use primitives::Digest;

    /// A log whose lines are chained, in files of so many lines, the newest one last.
    fn log(folder: &Path, files: &[usize]) {
        let mut last = "0".repeat(64);
        for (place, count) in files.iter().enumerate() {
            let lines: String = (0..*count)
                .map(|number| {
                    let line = format!("{{\"prev\":\"{last}\",\"at\":{number},\"more_denied\":1}}");
                    last = Digest::blake3(line.as_bytes()).to_string();
                    line + "\n"
                })
                .collect();
            let back = files.len() - 1 - place;
            let name = if back == 0 { "access.log".to_owned() } else { format!("access.log.{back}") };
            std::fs::write(folder.join(name), lines).unwrap();
        }
    }

    fn exported(folder: &Path) -> Result<(u64, String), String> {
        let mut out = Vec::new();
        let lines = written(folder, &mut out).map_err(|error| error.to_string())?;
        Ok((lines, String::from_utf8(out).unwrap()))
    }

    #[test]
    fn the_log_of_denied_reads_leaves_in_its_order_over_all_of_its_files() {
        let folder = tempfile::tempdir().unwrap();
        log(folder.path(), &[3, 2, 4]);
        let (lines, text) = exported(folder.path()).unwrap();
        assert_eq!((lines, text.lines().count()), (9, 9));
        assert!(text.starts_with(&format!("{{\"prev\":\"{}\"", "0".repeat(64))), "{text}");
        // A file that gets the next number while they are opened.
        std::fs::hard_link(folder.path().join("access.log.2"), folder.path().join("access.log.3")).unwrap();
        assert_eq!(exported(folder.path()).unwrap().0, 9);
        std::fs::remove_file(folder.path().join("access.log.3")).unwrap();
        // What a node lets go is the oldest file.
        std::fs::remove_file(folder.path().join("access.log.2")).unwrap();
        assert_eq!(exported(folder.path()).unwrap().0, 6);
    }

    #[test]
    fn a05_a_log_that_somebody_changed_does_not_leave_and_the_line_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("access.log");
        let changes: [fn(&str) -> String; 2] = [
            |text| text.replacen("\"more_denied\":1", "\"more_denied\":9", 1),
            |text| text.lines().enumerate().filter(|(at, _)| *at != 1).map(|(_, line)| format!("{line}\n")).collect(),
        ];
        for change in changes {
            log(folder.path(), &[4]);
            let text = std::fs::read_to_string(&path).unwrap();
            std::fs::write(&path, change(&text)).unwrap();
            let refused = exported(folder.path()).unwrap_err();
            assert!(refused.contains("line 2 of ") && refused.contains("does not follow"), "{refused}");
        }
        std::fs::remove_file(&path).unwrap();
        assert!(exported(folder.path()).unwrap_err().contains("--home"));
        log(folder.path(), &[3, 2, 4]);
        std::fs::remove_file(folder.path().join("access.log.1")).unwrap();
        let refused = exported(folder.path()).unwrap_err();
        assert!(refused.contains("line 1 of ") && refused.contains("does not follow"), "{refused}");
    }

    #[test]
    fn what_a_crash_cut_off_is_a_line_of_its_own_that_the_next_follows_from() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("access.log");
        log(folder.path(), &[1]);
        let cut = "{\"prev\":\"12";
        let next = format!("{{\"prev\":\"{}\"}}", Digest::blake3(cut.as_bytes()));
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, format!("{text}{cut}\n{next}\n")).unwrap();
        assert_eq!(exported(folder.path()).unwrap().0, 3);
    }
}
