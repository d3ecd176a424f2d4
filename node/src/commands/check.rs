//! The `the-block check`: whether `start` would run here, and why.

use super::{Failure, examine, prepare, print, print_json, read_home, unusable};
use crate::boot::{BootReport, Decision, Witness};
use crate::node::{Identity, require_ready};
use crate::supervise::parent::PASSED_ON;
use anyhow::anyhow;
use host::config::{Config, Home};
use runtime::Genesis;
use std::fs::OpenOptions;
use std::io::{self, IsTerminal as _};
use std::path::Path;
use store::db::Access;

/// The file by which a process that writes to a store keeps others from it.
const LOCK: &str = "LOCK";

/// Says what `start` would come to: as text on a terminal, else as JSON, which scripts read; the exit code is that of start. It leaves the
/// store as it is, so it can be asked while the node runs; what it writes is that the clock was read, where a ticket is judged by it.
pub(super) fn check(home: &Path, ticket: Option<&Path>, json: bool) -> Result<(), Failure> {
    let (home, config, genesis) = read_home(home)?;
    let report = examined(&home, &config, &genesis, ticket, asks_of_the_build_alone())?;
    if json || !io::stdout().is_terminal() {
        print_json(&report)?;
    } else {
        print(&text(&report))?;
    }
    match report.decision {
        Decision::Run => Ok(()),
        refused => Err(Failure::Refused(refused)),
    }
}

/// Looks at all that `start` looks at, in the same order; at the build, and whether it can read this home, where nothing else is asked for.
fn examined(
    home: &Home,
    config: &Config,
    genesis: &Genesis,
    ticket: Option<&Path>,
    of_the_build: bool,
) -> Result<BootReport, Failure> {
    if of_the_build {
        Identity::look(home, config).map_err(unusable)?;
    } else {
        prepare(home, config)?;
        require_writable(&home.gov_db(config))?;
    }
    let report = examine(home, config, genesis, Access::ReadOnly, ticket)?.report;
    if report.decision == Decision::Run && !of_the_build {
        require_ready(home, config)?;
    }
    Ok(report)
}

/// Whether who asks has no environment: a supervisor, which asks a build nothing but whether it may run, without keys and what opens
/// them.
fn asks_of_the_build_alone() -> bool {
    std::env::vars_os().all(|(name, _)| PASSED_ON.iter().any(|passed_on| name == *passed_on))
}

/// Requires that a store can be written, or be made, without writing to it.
fn require_writable(store: &Path) -> anyhow::Result<()> {
    let lock = store.join(LOCK);
    let tried = if lock.exists() {
        OpenOptions::new().write(true).open(&lock).map(drop)
    } else {
        let there = store.ancestors().find(|folder| folder.exists());
        // A file without a name, which is gone when it is closed.
        there.map_or(Ok(()), |folder| tempfile::tempfile_in(folder).map(drop))
    };
    tried.map_err(|error| {
        anyhow!(
            "the store at {} cannot be written: {error}; give it to the user that runs the node, on a disk that can be written",
            store.display()
        )
    })
}

/// A report for people.
fn text(report: &BootReport) -> String {
    let mut lines = Vec::new();
    let decision = match report.decision {
        Decision::Run => "yes".to_owned(),
        _ => format!("no, exit code {}", report.exit_code),
    };
    lines.push(("may run", decision));
    lines.push(("why", report.reason.clone()));
    lines.push(("build", report.build_bin_hash.to_string()));
    lines.push(("source", report.build_source_hash.to_string()));
    if let (Some(height), Some(epoch)) = (report.height, report.epoch) {
        lines.push(("by the state of", format!("height {height}, in epoch {epoch}")));
    }
    let read_from = report.witness.as_ref().map(|witness| match witness {
        Witness::Genesis => "genesis, for nothing is decided here yet".to_owned(),
        Witness::Store => "the store of this home".to_owned(),
        Witness::Ticket { from } => format!("the ticket {from}"),
    });
    lines.extend(read_from.map(|witness| ("read from", witness)));
    lines.iter().map(|(name, value)| format!("{name:<15}  {value}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::super::start::boot_and_run;
    use super::*;
    use crate::network::NetworkPlan;
    use host::keys::{self, Passphrase};
    use std::fs;
    use std::net::TcpListener;
    use tempfile::TempDir;

    /// A home whose genesis approves this executable, and whose ports are whatever is free.
    struct Prepared {
        home: Home,
        config: Config,
        genesis: Genesis,
        _dir: TempDir,
    }

    fn prepared() -> Prepared {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::at(dir.path().join("home"));
        NetworkPlan::default().write_single(&home, None).unwrap();
        let Ok((home, mut config, genesis)) = read_home(home.path()) else { panic!("it was just written") };
        config.rpc.listen = "127.0.0.1:0".parse().unwrap();
        config.metrics.listen = "127.0.0.1:0".parse().unwrap();
        config.consensus.listen = "/ip4/127.0.0.1/tcp/0".parse().unwrap();
        config.overlay.listen = "/ip4/127.0.0.1/tcp/0".parse().unwrap();
        config.web.listen = "127.0.0.1:0".parse().unwrap();
        Prepared { home, config, genesis, _dir: dir }
    }

    fn code(ended: Result<(), Failure>) -> u8 {
        match ended {
            Ok(()) => 0,
            Err(Failure::Failed(_)) => 1,
            Err(Failure::Usage(_)) => 2,
            Err(Failure::Refused(decision)) => decision.exit_code(),
            Err(Failure::GivenUp(code)) => code,
            Err(Failure::ReconstructionOff(_)) => panic!("nothing is imported"),
        }
    }

    impl Prepared {
        fn checked(&self) -> Result<BootReport, Failure> {
            examined(&self.home, &self.config, &self.genesis, None, false)
        }

        /// What `check` and `start` both come to, where that is no running node.
        fn both(self) -> u8 {
            let checked = code(self.checked().map(drop));
            let Self { home, config, genesis, _dir } = self;
            assert_eq!(checked, code(boot_and_run(home, config, genesis, None)), "start comes to something else");
            checked
        }
    }

    #[test]
    fn o47_check_ends_as_start_does_where_a_key_is_missing_or_locked() {
        assert_eq!(prepared().checked().map_or(99, |report| report.exit_code), 0);

        let missing = prepared();
        fs::remove_file(missing.home.default_validator_key()).unwrap();
        assert_eq!(missing.both(), 1);

        let locked = prepared();
        let path = locked.home.default_validator_key();
        let key = keys::read(&path).unwrap();
        let phrase = Passphrase::new("a phrase that nobody passes on".to_owned()).unwrap();
        fs::remove_file(&path).unwrap();
        keys::write_encrypted(&path, &key, &phrase).unwrap();
        // A supervisor asks of the build alone, and has no passphrase to give.
        let of_the_build = examined(&locked.home, &locked.config, &locked.genesis, None, true);
        assert_eq!(of_the_build.map_or(99, |report| report.exit_code), 0);
        assert_eq!(locked.both(), 2);
    }

    #[test]
    fn o47_check_ends_as_start_does_where_peers_cannot_be_read_or_the_store_not_be_written() {
        let peers = prepared();
        fs::create_dir_all(peers.home.overlay_peers().parent().unwrap()).unwrap();
        fs::write(peers.home.overlay_peers(), "no peers").unwrap();
        assert_eq!(peers.both(), 1);

        let mut nowhere = prepared();
        // Nobody can make a folder there, not even root.
        nowhere.config.storage.gov_db = "config/genesis.json/store".into();
        assert_eq!(nowhere.both(), 1);
    }

    #[test]
    fn o47_check_ends_as_start_does_where_a_port_is_taken() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut world = prepared();
        world.config.metrics.listen = taken.local_addr().unwrap().into();
        assert_eq!(world.both(), 1);
    }

    #[test]
    fn o47_people_read_a_few_lines_without_anything_that_is_not_known() {
        let report = prepared().checked().map_err(|_| "it was just written").unwrap();
        let told = text(&report);
        assert!(told.starts_with("may run          yes\n"), "{told}");
        assert!(told.contains(&report.reason) && told.contains("genesis, for nothing"), "{told}");
        assert!(!told.contains("null") && told.lines().count() < 8, "{told}");
    }
}
