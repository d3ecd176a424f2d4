//! The home that a release is fetched into by hand, and as whom that is done.
//!
//! Who installs there goes the way of its supervisor (H20): what is the node's is read and written with the rights of the user that runs
//! it, so that no link or pipe of the node's leads anywhere else; a build is executed within the node's folders; and where another
//! user runs the node, that one alone reads what strangers send.

use crate::failure::{Failure, failed, usage};
use host::config::{Config, Home};
use host::owners;
use host::user::NodeUser;
use primitives::BuildHash;
use runtime::Genesis;
use update::{Confinement, UpdateError};

/// A home, and what whoever types may do there.
pub(super) struct Place {
    pub home: Home,
    pub config: Config,
    /// None where the home has none, so that nothing is proven by it, nor installed there.
    pub genesis: Option<Genesis>,
    /// As whom, and within which folders, the node's part is done; whoever installs nothing does all as whoever types.
    pub confinement: Confinement,
}

impl Place {
    /// That of somebody who installs there, or who only fetches.
    ///
    /// # Errors
    /// When two users share the home, and whoever types may not do as the node's user what is the node's.
    pub fn of(home: Home, config: Config, genesis: Option<Genesis>, installs: bool) -> Result<Self, Failure> {
        let confinement = if installs { of_the_node(&home, &config)? } else { Confinement::none() };
        Ok(Self { home, config, genesis, confinement })
    }

    /// Does something with what is the node's, with no more rights than the node has.
    ///
    /// # Errors
    /// When this process may not become that user.
    pub fn as_the_node<T: Send>(&self, work: impl FnOnce() -> T + Send) -> Result<T, UpdateError> {
        self.confinement.as_its_user(work).map_err(UpdateError::disk("act as the node's user in", self.home.path()))
    }

    /// Refuses to read what strangers send where another user is there for that.
    ///
    /// # Errors
    /// Who is to fetch it, and how.
    pub fn require_fetches(&self, hash: BuildHash) -> Result<(), Failure> {
        let Some(user) = self.confinement.user() else { return Ok(()) };
        let (home, staged) = (self.home.path().display(), self.home.staged(hash));
        Err(failed(format!(
            "{home} does not have release {hash}, and has two users, of whom the one that installs reads nothing of strangers; have \
             it fetched by the other one, with `sudo -u '#{}' contract gov fetch-release --hash {hash} --home {home} --dest {}`, \
             then run this again",
            user.uid(),
            staged.display()
        )))
    }
}

/// The confinement of a home's node, for who may install there.
fn of_the_node(home: &Home, config: &Config) -> Result<Confinement, Failure> {
    let named = &config.supervise.node_user;
    let only_root = || {
        failed(format!(
            "{} has two users, and this one may not do as the node's what is the node's; install there as root",
            home.path().display()
        ))
    };
    if !named.is_empty() && !owners::decides_what_runs(home) {
        return Err(only_root());
    }
    let user = NodeUser::named(named).map_err(usage)?;
    let confinement = Confinement::of_node(home, config, user);
    confinement.as_its_user(|| ()).map_err(|_| only_root())?;
    Ok(confinement)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn h20_whoever_installs_where_another_user_runs_the_node_fetches_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::at(folder.path());
        std::fs::create_dir_all(home.releases()).unwrap();
        let (hash, mut config) = (BuildHash([7; 32]), Config::default());
        let place = |config: &Config, installs| Place::of(home.clone(), config.clone(), None, installs);
        for installs in [false, true] {
            place(&config, installs).and_then(|one_user| one_user.require_fetches(hash)).unwrap();
        }
        config.supervise.node_user = "65533".into();
        place(&config, false).and_then(|only_looks| only_looks.require_fetches(hash)).unwrap();
        // Root may become that user, and nobody else may.
        let said = match place(&config, true) {
            Ok(by_root) => by_root.require_fetches(hash).unwrap_err().to_string(),
            Err(refused) => refused.to_string(),
        };
        let (fetched_by, installed_by) = (said.contains("sudo -u '#65533'"), said.contains("install there as root"));
        assert!(said.contains("has two users") && fetched_by != installed_by, "{said}");
    }
}
