//! `the-block clock accept`: an operator's word that this machine's clock is right.

use super::{Failure, print, print_json};
use anyhow::{Context as _, anyhow};
use host::clock::{self, ClockError, HomeClock};
use host::config::Home;
use primitives::Timestamp;
use serde_json::json;
use std::path::Path;
use update::Releases;
use update::audit::{self, Action};

/// Has the clock count from now on, where it is behind the latest time that was seen in the home; on record before it does.
pub(super) fn accept(home: &Path, json: bool) -> Result<(), Failure> {
    let home = Home::at(home);
    if !home.path().is_dir() {
        return Err(Failure::Usage(anyhow!("there is no home {}; name the node's folder", home.path().display())));
    }
    let kept = HomeClock::of(&home);
    let (now, latest) = match kept.look() {
        Ok(reading) if reading.behind_ms() == 0 => {
            return print_accepted(reading.clock, Some(reading.latest), false, json);
        }
        Ok(reading) => (reading.clock, Some(reading.latest)),
        // What cannot be read is replaced.
        Err(ClockError::Damaged { .. }) => (clock::now(), None),
        Err(error) => return Err(Failure::Failed(error.into())),
    };
    audit::record(&Releases::of(&home), Action::ClockAccepted { clock: now, latest })
        .context("nothing was accepted")?;
    kept.accept(now).context("nothing was accepted")?;
    print_accepted(now, latest, true, json)
}

fn print_accepted(now: Timestamp, latest: Option<Timestamp>, accepted: bool, json: bool) -> Result<(), Failure> {
    if json {
        return print_json(&json!({ "clock": now, "latest": latest, "accepted": accepted }));
    }
    print(&match (accepted, latest) {
        (false, _) => "this machine's clock is not behind what was seen here; there is nothing to accept\n".to_owned(),
        (true, Some(latest)) => format!(
            "this machine's clock is accepted, {} s behind the latest time that was seen here; releases are installed and tickets are \
             taken by it again\n",
            latest.minus(now.0).0 / 1000
        ),
        (true, None) => {
            "this machine's clock is accepted; what was seen here before could not be read. Releases are installed and \
                         tickets are taken by it again\n"
                .to_owned()
        }
    })
}
