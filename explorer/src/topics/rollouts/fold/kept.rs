//! What the columns of rollouts hold beside what the chain itself has.

use flags::{DefinedFlag, Disabled, Flag, ScopedFlag, Setting};
use primitives::{AccountId, ChangeId, Height, Moment, Path, Timestamp};
use rollouts::change::FlagSide;
use rollouts::install::Installation;
use rollouts::standing::{ChangePause, StageFreeze};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A version of a plan, with the block that put it into force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct InstalledVersion {
    /// The plan, with what was installed besides.
    pub installation: Installation,
    /// The block.
    pub at: Moment,
    /// Who installed it; nobody when genesis or a vote did.
    pub by: Option<AccountId>,
}

/// What a change stops others by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ChangeStop {
    /// By a stage that is entered, for which others stand still.
    Freeze(StageFreeze),
    /// By a pause.
    Pause(ChangePause),
}

impl ChangeStop {
    /// Whether it holds at a moment.
    pub fn holds(&self, at: Moment) -> bool {
        match self {
            Self::Freeze(freeze) => freeze.holds(at),
            Self::Pause(pause) => pause.holds(at),
        }
    }
}

/// A flag as it is defined now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FlagKept {
    /// The flag.
    pub flag: Flag,
    /// The block that defined it.
    pub since: Height,
    /// The day by which it was to be gone, once the chain noticed that it has come.
    pub expired: Option<Timestamp>,
}

impl FlagKept {
    /// The flag with everything that decides what it serves at a path, of all that is set of it; without members of segments.
    pub fn scoped(&self, settings: Option<&BTreeMap<Path, SettingKept>>, path: &Path) -> ScopedFlag {
        let mut scoped = ScopedFlag {
            flag: DefinedFlag { flag: self.flag.clone(), since: self.since },
            disabled: BTreeMap::new(),
            settings: BTreeMap::new(),
            segments: BTreeMap::new(),
        };
        for above in path.ancestors() {
            let Some(kept) = settings.and_then(|settings| settings.get(&above)) else { continue };
            if kept.side.disabled {
                let (since, by) = kept.disabled;
                scoped.disabled.insert(above.clone(), Disabled { since, by });
            }
            if let Some(targeting) = kept.side.targeting.clone() {
                let (since, by) = kept.set;
                scoped.settings.insert(above, Setting { targeting, since, by });
            }
        }
        scoped
    }
}

/// How a flag stands at exactly a path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SettingKept {
    /// How.
    pub side: FlagSide,
    /// The block that set what is set there, and the change; where nothing is, those that took it away.
    pub set: (Moment, ChangeId),
    /// The same of whether it is disabled there.
    pub disabled: (Moment, ChangeId),
}
