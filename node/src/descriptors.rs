//! How many descriptors the node may have open, and whether that is enough for what its configuration lets strangers hold.
//!
//! A node without a descriptor takes no connection, opens no file, and is told by nobody why. So it takes all that the system gives it
//! when it starts, and does not start with less than its bounds come to.

use host::config::Config;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use store::db::MOST_OPEN_FILES;

/// For everything else: other validators, artifacts that are fetched and given, metrics, logs, and the runtimes' own.
const ALL_ELSE: u64 = 256;

/// Why the node does not start.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "by its configuration this node may need {needed} descriptors, and the system gives it {given}; raise the limit (`ulimit -Hn`, \
     LimitNOFILE of its unit), or lower rpc.max_connections, overlay.max_peers or web.max_streams"
)]
pub struct TooFew {
    needed: u64,
    given: u64,
}

/// Takes as many descriptors as the system gives, and requires that they are enough for a configuration.
///
/// # Errors
/// When they are not.
pub fn take(config: &Config) -> Result<(), TooFew> {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    // Where there is no end to it, the system still refuses to give as many.
    let all = maximum.or_else(|| current.map(|current| current.max(needed(config))));
    let raised = setrlimit(Resource::Nofile, Rlimit { current: all, maximum });
    require(config, if raised.is_ok() { all } else { current })
}

/// Requires that so many descriptors are enough; nothing says that there is no limit.
fn require(config: &Config, given: Option<u64>) -> Result<(), TooFew> {
    let needed = needed(config);
    match given.filter(|given| *given < needed) {
        Some(given) => Err(TooFew { needed, given }),
        None => Ok(()),
    }
}

/// As many as all bounds of a configuration come to.
fn needed(config: &Config) -> u64 {
    let strangers = rpc::most_descriptors(config.rpc.max_connections).saturating_add(config.overlay.max_peers.into());
    let strangers = strangers.saturating_add(web::most_connections(config.web.max_streams).into());
    strangers.saturating_add(u64::from(MOST_OPEN_FILES)).saturating_add(ALL_ELSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn h14_a_node_starts_with_as_many_descriptors_as_strangers_and_its_store_can_hold() {
        let mut config = Config::default();
        let before = needed(&config);
        // A connection and the second hold on it.
        assert!(before > u64::from(config.rpc.max_connections) * 2 + u64::from(MOST_OPEN_FILES));
        assert_eq!(require(&config, Some(before)), Ok(()));
        assert_eq!(require(&config, None), Ok(()), "without a limit there is always one more");
        config.rpc.max_connections += 1;
        let refused = require(&config, Some(before + 1)).unwrap_err();
        assert_eq!(refused, TooFew { needed: before + 2, given: before + 1 });
        assert!(refused.to_string().contains("rpc.max_connections"), "{refused}");
        config.rpc.max_connections = u32::MAX;
        assert!(require(&config, Some(u64::from(u32::MAX))).is_err());
    }

    #[test]
    fn h14_the_node_takes_all_that_the_system_gives() {
        take(&Config::default()).unwrap();
        let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
        assert!(maximum.is_none() || current == maximum, "{current:?} of {maximum:?}");
    }
}
