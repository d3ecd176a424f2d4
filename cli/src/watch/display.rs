//! Where what is watched is shown: drawn over itself on a terminal, else a line or an object for all that becomes different.

use super::Watched;
use crate::escape;
use crate::failure::Failure;
use crate::render::{Screen, date_of};
use crate::session::Session;
use host::variables::variable;
use std::io::{self, IsTerminal, Write};
use std::time::Duration;
use unicode_width::UnicodeWidthStr;

/// The rows of a terminal that does not say how many it has.
const ROWS: usize = 24;

/// Where what is watched is shown.
pub enum Display<W> {
    /// On a terminal.
    Board(Box<Board<W>>),
    /// As lines for people who read a log.
    Lines,
    /// As JSON, one object a line.
    Json,
}

/// A part of the terminal that is drawn again and again.
pub struct Board<W> {
    node: String,
    epoch_length: u64,
    /// The widths of the lines drawn last.
    drawn: Vec<usize>,
    /// What was shown last, without its foot.
    last: Option<W>,
}

impl<W: Watched> Display<W> {
    /// The one that fits what the user asked for and where standard output leads.
    pub fn new(session: &Session, epoch_length: u64) -> Self {
        let is_dumb = variable("TERM").is_none_or(|kind| kind == "dumb");
        if session.options.json {
            Display::Json
        } else if io::stdout().is_terminal() && !is_dumb {
            let node = session.node.url().to_owned();
            Display::Board(Box::new(Board { node, epoch_length, drawn: Vec::new(), last: None }))
        } else {
            Display::Lines
        }
    }

    /// Shows what is new.
    ///
    /// # Errors
    /// When standard output cannot be written.
    pub fn show(&mut self, before: Option<&W>, now: &W) -> io::Result<()> {
        match self {
            Display::Board(board) => board.show(now),
            Display::Lines => {
                let screen = Screen::of_stdout();
                let at = date_of(screen.now);
                now.sentences(&screen, before).iter().try_for_each(|said| tell(&format!("{at}  {said}")))
            }
            Display::Json if now.is_different(before) => {
                let object = serde_json::to_value(now).map_err(io::Error::other)?;
                print(&format!("{}\n", escape::json_line(&object)))
            }
            Display::Json => Ok(()),
        }
    }

    /// Says that the node does not answer, and when it is asked again. Scripts are told in the log.
    ///
    /// # Errors
    /// When standard output cannot be written.
    pub fn lost(&mut self, failure: &Failure, pause: Duration) -> io::Result<()> {
        let said = format!("{failure}; asking again in {} s", pause.as_secs());
        tracing::warn!("{said}");
        match self {
            Display::Board(board) => board.draw(&said),
            Display::Lines => tell(&format!("{}  {said}", date_of(Screen::of_stdout().now))),
            Display::Json => Ok(()),
        }
    }
}

impl<W: Watched> Board<W> {
    fn show(&mut self, now: &W) -> io::Result<()> {
        self.last = Some(now.clone());
        let foot = if now.is_concluded() {
            now.conclusion()
        } else {
            format!("Following {}; ctrl-c ends this and nothing else.", self.node)
        };
        self.draw(&foot)
    }

    /// Draws what is known, with a line below it.
    fn draw(&mut self, foot: &str) -> io::Result<()> {
        let Some(detail) = &self.last else { return Ok(()) };
        let screen = Screen::of_stdout();
        let rows = terminal_size::terminal_size().map_or(ROWS, |(_, rows)| usize::from(rows.0));
        let text = detail.drawn(&screen, self.epoch_length, foot);
        let lines: Vec<&str> = fitted(text.lines().collect(), rows.saturating_sub(1));
        // A window made narrower since has broken the lines of the last drawing.
        let above = taken(&self.drawn, usize::from(screen.width));
        let up = if above > 0 { format!("\x1b[{above}A") } else { String::new() };
        self.drawn = lines.iter().map(|line| line.width()).collect();
        print(&format!("{up}\r\x1b[J{}\n", lines.join("\n")))
    }
}

/// How many rows lines of these widths take.
fn taken(widths: &[usize], columns: usize) -> usize {
    widths.iter().map(|width| width.div_ceil(columns.max(1)).max(1)).sum()
}

/// The lines that a terminal has room for: what is too much is left out before the last one.
fn fitted(mut lines: Vec<&str>, rows: usize) -> Vec<&str> {
    if lines.len() > rows && rows > 0 {
        let last = lines.pop();
        lines.truncate(rows - 1);
        lines.extend(last);
    }
    lines
}

fn tell(text: &str) -> io::Result<()> {
    print(&format!("{}\n", escape::line(text)))
}

fn print(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drawing_is_as_high_as_its_lines_at_the_present_width() {
        assert_eq!(taken(&[], 80), 0);
        assert_eq!(taken(&[0, 80, 81], 80), 4);
        assert_eq!(taken(&[80, 80], 40), 4);
        assert_eq!(taken(&[5], 0), 5);
    }

    #[test]
    fn a_low_terminal_keeps_the_head_and_the_foot() {
        assert_eq!(fitted(vec!["a", "b", "c", "foot"], 3), ["a", "b", "foot"]);
        assert_eq!(fitted(vec!["a", "foot"], 3), ["a", "foot"]);
        assert_eq!(fitted(vec!["a", "foot"], 1), ["foot"]);
    }
}
