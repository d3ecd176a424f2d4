//! Readers that are gone, go midway, stand still, and come back.

use super::queue::Queue;
use super::{lost_lines, may_colour, say, sentence};
use std::ffi::OsStr;
use std::io::{self, ErrorKind, Read as _, Write};
use std::os::unix::net::UnixStream;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(30);

/// A stream of which each write does as it is told by the next word.
struct Told {
    words: Receiver<Word>,
    written: Arc<Mutex<Vec<u8>>>,
}

enum Word {
    Take,
    TakeHalf,
    Fail(ErrorKind),
}

impl Write for Told {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let word = self.words.recv().map_err(|_| io::Error::from(ErrorKind::BrokenPipe))?;
        let taken = match word {
            Word::Take => bytes,
            Word::TakeHalf => &bytes[..bytes.len() / 2],
            Word::Fail(kind) => return Err(kind.into()),
        };
        self.written.lock().unwrap().extend_from_slice(taken);
        Ok(taken.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn o02_a_reader_that_stands_still_holds_nobody_up_and_what_it_lacks_is_counted() {
    let (writes, mut reads) = UnixStream::pair().unwrap();
    let line = [b'x'; 1023].iter().chain(b"\n").copied().collect::<Vec<u8>>();
    let queue = Queue::to(writes, 64 * 1024).unwrap();
    let began = Instant::now();
    for _ in 0..10_000 {
        queue.put(&line);
    }
    assert!(began.elapsed() < PATIENCE, "somebody waited for the reader");
    let lost = queue.lost();
    assert!(lost > 1_000, "a bounded queue has room for all of it: {lost} lost");
    let began = Instant::now();
    queue.finish(Duration::from_millis(50));
    assert!(began.elapsed() < PATIENCE, "the end waits for the reader");

    // It goes on: whole lines, all that were not lost.
    let expected = (10_000 - usize::try_from(lost).unwrap()) * line.len();
    let mut read = vec![0; expected];
    reads.read_exact(&mut read).unwrap();
    assert!(read.chunks(line.len()).all(|chunk| chunk == line), "a line is broken");
    queue.finish(PATIENCE);
    assert_eq!(queue.lost(), lost);
}

#[test]
fn o02_a_reader_that_goes_midway_ends_nothing() {
    let (writes, mut reads) = UnixStream::pair().unwrap();
    let queue = Queue::to(writes, 64 * 1024).unwrap();
    queue.put(b"one\n");
    let mut read = [0; 4];
    reads.read_exact(&mut read).unwrap();
    assert_eq!(&read, b"one\n");
    queue.finish(PATIENCE);
    drop(reads);
    for lost in 1..=3 {
        queue.put(b"nobody reads this\n");
        queue.finish(PATIENCE);
        assert_eq!(queue.lost(), lost);
    }
}

#[test]
fn o02_a_device_that_has_room_again_gets_whole_lines() {
    let (told, words) = channel();
    let written = Arc::<Mutex<Vec<u8>>>::default();
    let queue = Queue::to(Told { words, written: written.clone() }, 1024).unwrap();
    for word in [Word::TakeHalf, Word::Fail(ErrorKind::StorageFull)] {
        told.send(word).unwrap();
    }
    queue.put(b"half\n");
    queue.finish(PATIENCE);
    assert_eq!(queue.lost(), 1);
    for word in [Word::Fail(ErrorKind::WouldBlock), Word::Fail(ErrorKind::Interrupted), Word::Take, Word::Take] {
        told.send(word).unwrap();
    }
    queue.put(b"whole\n");
    queue.finish(PATIENCE);
    assert_eq!(queue.lost(), 1, "what only has to be asked again is not lost");
    assert_eq!(*written.lock().unwrap(), b"ha\nwhole\n");
}

#[test]
fn o02_sentences_that_are_taken_are_not_counted() {
    say("a sentence of a test");
    super::finish();
    assert_eq!(lost_lines(), 0);
}

#[test]
fn o33_colours_are_for_terminals_that_have_them_unless_nobody_wants_them() {
    let (set, empty, dumb, other) = (OsStr::new("1"), OsStr::new(""), OsStr::new("dumb"), OsStr::new("xterm"));
    assert!(may_colour(true, None, None) && may_colour(true, Some(empty), Some(other)));
    assert!(!may_colour(false, None, Some(other)), "a file");
    assert!(!may_colour(true, Some(set), Some(other)), "NO_COLOR");
    assert!(!may_colour(true, None, Some(dumb)), "TERM");
}

#[derive(Debug, thiserror::Error)]
enum Failed {
    #[error("the file cannot be read: {source}; mount it")]
    Told { source: io::Error },
    #[error("it cannot start")]
    Untold(#[source] Box<Failed>),
}

#[test]
fn a_cause_that_an_error_has_told_is_not_told_again_and_every_other_is() {
    let told = Failed::Told { source: io::Error::other("no such file") };
    assert_eq!(sentence(&told), "the file cannot be read: no such file; mount it");
    let above = Failed::Untold(Box::new(told));
    assert_eq!(sentence(&above), "it cannot start: the file cannot be read: no such file; mount it");
}
