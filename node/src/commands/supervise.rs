//! `the-block supervise`.

use super::{Failure, log_to_stderr, read_home, unusable};
use crate::supervise::{Conclusion, Supervisor};
use host::{console, threads};
use std::path::Path;

/// Looks after the node of a home until it is told to stop, or nothing may run there.
pub(super) fn supervise(home: &Path, log: Option<&str>) -> Result<(), Failure> {
    let (home, config, genesis) = read_home(home)?;
    log_to_stderr(&config, log)?;
    let supervisor = Supervisor::new(home, config, genesis, log.map(str::to_owned)).map_err(unusable)?;
    let runtime = threads::given(tokio::runtime::Runtime::new()).map_err(anyhow::Error::from)?;
    let concluded = runtime.block_on(supervisor.run());
    // What waits for a disk is not waited for.
    runtime.shutdown_background();
    match concluded? {
        Conclusion::Stopped => Ok(()),
        Conclusion::Refused(code, why) => {
            console::say(&format!("the-block: stopped: {why}"));
            Err(Failure::GivenUp(code))
        }
    }
}
