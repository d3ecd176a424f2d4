//! How far an update is: a bar on a terminal, a line of JSON for each event for scripts, and only what matters elsewhere.

use crate::escape;
use host::console;
use indicatif::{ProgressBar, ProgressStyle};
use std::sync::Arc;
use update::{FetchProgress, Tell};

/// Tells a user how far an update is.
#[derive(Clone)]
pub struct Teller {
    how: How,
}

#[derive(Clone)]
enum How {
    /// Each event on standard output.
    Json,
    /// A bar on standard error, where it may be drawn.
    Bar(ProgressBar),
    /// Sentences on standard error.
    Plain,
}

impl Teller {
    /// Tells scripts or people, whoever they are.
    pub fn new(json: bool) -> Self {
        let how = match (json, console::is_coloured(&std::io::stderr())) {
            (true, _) => How::Json,
            (false, true) => How::Bar(bar()),
            (false, false) => How::Plain,
        };
        Self { how }
    }

    /// What an update is given to tell.
    pub fn tell(&self) -> Tell {
        let how = self.how.clone();
        Arc::new(move |progress| how.tell(&progress))
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        if let How::Bar(bar) = &self.how {
            bar.finish_and_clear();
        }
    }
}

impl How {
    fn tell(&self, progress: &FetchProgress) {
        match self {
            How::Json => {
                let line = serde_json::to_string(progress).unwrap_or_default();
                // A line that cannot be printed says nothing about the update, which goes on.
                let _ = console::print(&format!("{line}\n"));
            }
            How::Bar(bar) => draw(bar, progress),
            How::Plain => {
                if let Some(sentence) = sentence(progress) {
                    console::say(&escape::lines(&sentence));
                }
            }
        }
    }
}

/// How many bytes of a file have come whose length nobody knows: on a terminal; scripts and logs are not told.
pub fn bytes(json: bool) -> ProgressBar {
    if json || !console::is_coloured(&std::io::stderr()) {
        return ProgressBar::hidden();
    }
    let template = "{spinner} {binary_bytes} so far, {binary_bytes_per_sec}, for {elapsed}";
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_spinner());
    ProgressBar::new_spinner().with_style(style)
}

fn draw(bar: &ProgressBar, progress: &FetchProgress) {
    match progress {
        FetchProgress::Started { size, resumed, .. } => {
            bar.set_length(*size);
            bar.set_position(*resumed);
            bar.reset_eta();
        }
        FetchProgress::Advanced { bytes, .. } => bar.set_position(*bytes),
        other => {
            if let Some(sentence) = sentence(other) {
                bar.println(escape::lines(&sentence));
            }
        }
    }
}

/// What a person is told; not every step is worth a line.
fn sentence(progress: &FetchProgress) -> Option<String> {
    match progress {
        FetchProgress::Started { size, sources, resumed, .. } => {
            let from = sources.join(", ");
            let rest = if *resumed > 0 { format!(", {resumed} of them from an earlier try") } else { String::new() };
            Some(format!("Fetching {size} bytes{rest} from {from}"))
        }
        FetchProgress::SourceFailed { source, code, reason } => Some(format!("Gave up {source}: {reason} ({code})")),
        FetchProgress::WithoutTree => {
            Some("No source has the hash tree; the file is verified as a whole when it is there.".into())
        }
        FetchProgress::Advanced { .. } | FetchProgress::Fetched { .. } | FetchProgress::Installed { .. } => None,
    }
}

fn bar() -> ProgressBar {
    let template = "{bar:30} {percent:>3} % {binary_bytes} of {binary_total_bytes} {binary_bytes_per_sec}, {eta} left";
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(0).with_style(style)
}
