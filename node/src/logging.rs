//! Where log lines go: to standard error, by level and module, without anybody waiting for who reads them.

use anyhow::{Context as _, anyhow};
use consensus::LOG_FILTER;
use host::config::{LogFormat, LogSection};
use host::console;
use std::sync::{Mutex, OnceLock, PoisonError};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::{EnvFilter, reload};

/// What is kept of the gossip layer's lines beside a bare level. It warns of each message that a peer was faster with, which is how
/// gossip goes; what an operator acts on is said and counted by the overlay.
const GOSSIP_FILTER: &str = "libp2p_gossipsub=error";

/// What this process logs; set once by [`start`]. Logging is one for the whole process, and so is this.
static LOGGED: OnceLock<Logged> = OnceLock::new();

struct Logged {
    directives: Mutex<String>,
    reload: Box<dyn Fn(EnvFilter) -> Result<(), reload::Error> + Send + Sync>,
}

/// Starts logging for this process; `level` goes before the configured one. A bare level is for this product's own lines;
/// the consensus engine's many then say only what an operator acts on. Naming modules takes the directives as they are.
///
/// # Errors
/// When the level is not one, or logging was started before.
pub fn start(config: &LogSection, level: Option<&str>) -> anyhow::Result<()> {
    let directives = level.unwrap_or(&config.level);
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter(directives)?)
        .with_ansi(console::is_coloured(&std::io::stderr()))
        .with_writer(console::log_lines);
    let (reload, started) = match config.format {
        LogFormat::Text => {
            let lines = lines.with_filter_reloading();
            (reloader(lines.reload_handle()), lines.try_init())
        }
        LogFormat::Json => {
            let lines = lines.json().with_filter_reloading();
            (reloader(lines.reload_handle()), lines.try_init())
        }
    };
    started.map_err(|error| anyhow!("cannot start logging: {error}"))?;
    let logged = Logged { directives: Mutex::new(directives.to_owned()), reload };
    LOGGED.set(logged).map_err(|_| anyhow!("cannot start logging: it was started before"))
}

/// The directives in force, as they were given.
///
/// # Errors
/// When logging was not started.
pub fn level() -> anyhow::Result<String> {
    Ok(logged()?.directives.lock().unwrap_or_else(PoisonError::into_inner).clone())
}

/// Logs by other directives from now on; the configuration stays as it is.
///
/// # Errors
/// When they are none, or logging was not started.
pub fn set_level(directives: &str) -> anyhow::Result<()> {
    let (logged, filter) = (logged()?, filter(directives)?);
    let mut held = logged.directives.lock().unwrap_or_else(PoisonError::into_inner);
    (logged.reload)(filter).context("the log cannot be changed")?;
    directives.clone_into(&mut held);
    Ok(())
}

fn logged() -> anyhow::Result<&'static Logged> {
    LOGGED.get().context("this process logs nothing")
}

fn filter(directives: &str) -> anyhow::Result<EnvFilter> {
    let refusal = || format!("{directives:?} is not a log level; use one such as info or info,libp2p=warn");
    let is_bare = !directives.contains([',', '=']);
    // A word that is no level would be taken for the name of a module, of which there is none.
    let bare = is_bare.then(|| directives.parse::<LevelFilter>()).transpose().with_context(refusal)?;
    let full = match bare {
        Some(level) if level != LevelFilter::OFF => format!("{directives},{LOG_FILTER},{GOSSIP_FILTER}"),
        _ => directives.to_string(),
    };
    EnvFilter::try_new(full).with_context(refusal)
}

fn reloader<S: 'static>(
    handle: reload::Handle<EnvFilter, S>,
) -> Box<dyn Fn(EnvFilter) -> Result<(), reload::Error> + Send + Sync> {
    Box::new(move |filter| handle.reload(filter))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn o51_a_bare_level_is_for_what_operators_act_on_and_directives_are_taken_as_they_are() {
        let shown = |directives: &str| filter(directives).unwrap().to_string();
        assert!(shown("info").contains(GOSSIP_FILTER) && shown("info").contains("arc_malachitebft_network=off"));
        assert!(shown("debug").contains(GOSSIP_FILTER), "{}", shown("debug"));
        assert_eq!(shown("off"), "off");
        assert_eq!(shown("libp2p_gossipsub=warn"), "libp2p_gossipsub=warn");
        assert!(filter("loud").is_err());
    }
}
