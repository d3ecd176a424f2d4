//! `the-block fetch`: a release among the artifacts of a home, for the supervisor that asks for it as the node's user.

use super::{Failure, log_to_stderr, print, read_home};
use crate::supervise::NotFetched;
use crate::supervise::parent;
use anyhow::{Context as _, anyhow};
use host::config::{Config, Home};
use host::threads;
use releases::Target;
use runtime::Genesis;
use std::path::Path;
use update::{DownloadedRelease, Fetch, PeerLot, SourceList, UpdateError, fetch_release, silent};

/// Fetches a release and holds it. Why it cannot be fetched goes to standard output, as JSON.
pub(super) fn fetch(home: &Path, target: &Target, log: Option<&str>) -> Result<(), Failure> {
    let (home, config, genesis) = read_home(home)?;
    log_to_stderr(&config, log)?;
    let runtime = threads::given(tokio::runtime::Runtime::new()).map_err(anyhow::Error::from)?;
    let fetched = runtime.block_on(async {
        tokio::select! {
            fetched = bring(&home, &config, &genesis, target) => Some(fetched),
            () = parent::gone() => None,
        }
    });
    // What still runs, such as a name that is looked up, must not hold this up.
    runtime.shutdown_background();
    match fetched {
        Some(Ok(())) => Ok(()),
        Some(Err(error)) => {
            let said = NotFetched { code: error.code().into(), why: error.to_string() };
            let said = serde_json::to_string(&said).context("a reason is always JSON")?;
            print(&format!("{said}\n"))?;
            Err(Failure::Failed(error.into()))
        }
        None => Err(Failure::Failed(anyhow!("nobody waits for the release any more"))),
    }
}

async fn bring(home: &Home, config: &Config, genesis: &Genesis, target: &Target) -> Result<(), UpdateError> {
    let hash = target.build_hash;
    let fetch = Fetch::of(target, home.staging().join(format!("{hash}.bin")), &config.update);
    let found = match DownloadedRelease::held(home, &fetch)? {
        Some(held) => held,
        None => {
            let list = SourceList::of_node(config)?;
            let sources = list.open(home, config, Some(genesis), hash, &mut PeerLot::default()).await?;
            fetch_release(&fetch, sources, silent()).await?
        }
    };
    // What lies among the artifacts is held already.
    if found.path == fetch.destination {
        found.hold(home, config);
    }
    Ok(())
}
