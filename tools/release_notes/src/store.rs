//! The history in a node's store, also while the node runs.

use crate::{EnactedMotion, History};
use governance::Status;
use governance::queries::{poll, proposals};
use host::config::{Config, Home};
use runtime::Motion;
use state::State;
use std::path::{Path, PathBuf};
use store::db::{Access, DbError, Settings, Store, View};

/// Why a store cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// The home's configuration has mistakes.
    #[error("the configuration of {path} cannot be used: {reason}", path = path.display())]
    Configuration {
        /// The home.
        path: PathBuf,
        /// Every mistake.
        reason: String,
    },
    /// The store cannot be opened or read.
    #[error(transparent)]
    Store(#[from] DbError),
    /// The store was created, and holds no block yet.
    #[error("the store at {path} holds no chain yet; start the node once", path = path.display())]
    Empty {
        /// The store.
        path: PathBuf,
    },
}

impl History {
    /// Reads the history from a node's home, or from its governance store itself. Nothing is written.
    ///
    /// # Errors
    /// [`StateError`].
    pub fn of_store(folder: &Path) -> Result<Self, StateError> {
        let path = locate(folder)?;
        // Some megabytes are enough: every row is read once.
        let settings = Settings { node_cache: 1 << 20, block_cache: 8 << 20, ..Settings::default() };
        let store = Store::open(&path, Access::ReadOnly, settings)?;
        let view = store.view();
        read(&view)?.ok_or(StateError::Empty { path })
    }
}

/// The store in a folder: the folder itself, or where the home's configuration places it.
fn locate(folder: &Path) -> Result<PathBuf, StateError> {
    let home = Home::at(folder);
    if folder.join("CURRENT").exists() || !home.config().exists() {
        let inside = folder.join("governance_db");
        return Ok(if inside.join("CURRENT").exists() { inside } else { folder.to_owned() });
    }
    let config = Config::load(&home)
        .map_err(|error| StateError::Configuration { path: folder.to_owned(), reason: error.to_string() })?;
    Ok(home.gov_db(&config))
}

fn read(view: &View<'_>) -> Result<Option<History>, DbError> {
    let (Some(head), Some(genesis)) = (view.head()?, view.genesis()?) else { return Ok(None) };
    let state = State::over(view);
    let carried_out =
        proposals::<Motion>(&state).filter(|proposal| poll(&state, proposal.id).status == Status::Activated);
    let decisions = carried_out.filter_map(|proposal| {
        let Motion::Releases(motion) = proposal.motion else { return None };
        EnactedMotion::of(proposal.id, proposal.activation_epoch, motion)
    });
    let history = History {
        chain_id: genesis.chain.chain_id.clone(),
        height: head.height,
        epoch: head.height.epoch(genesis.chain.epoch_length),
        releases: releases::queries::releases(&state).collect(),
        rosters: releases::queries::rosters(&state).collect(),
        decisions: decisions.collect(),
    };
    Ok(Some(history.in_order()))
}
