//! Where log lines go: to standard error, by level and module.

use crate::config::{Log, LogFormat};
use crate::consensus::LOG_FILTER;
use anyhow::{Context as _, anyhow};
use std::io::IsTerminal as _;
use tracing_subscriber::EnvFilter;

/// Starts logging for this process; `level` goes before the configured one. A bare level is for this product's own lines;
/// the consensus engine's many then say only what an operator acts on. Naming modules takes the directives as they are.
///
/// # Errors
/// When the level is not one, or logging was started before.
pub fn start(config: &Log, level: Option<&str>) -> anyhow::Result<()> {
    let directives = level.unwrap_or(&config.level);
    let is_bare = !directives.contains([',', '=']);
    let full = if is_bare { format!("{directives},{LOG_FILTER}") } else { directives.to_string() };
    let filter = EnvFilter::try_new(full)
        .with_context(|| format!("{directives:?} is not a log level; use one such as info or info,libp2p=warn"))?;
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    let started = match config.format {
        LogFormat::Text => lines.try_init(),
        LogFormat::Json => lines.json().try_init(),
    };
    started.map_err(|error| anyhow!("cannot start logging: {error}"))
}
