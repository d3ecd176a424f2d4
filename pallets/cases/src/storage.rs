//! Where cases are kept. What is known of one for good and what was said about it are rows of their own, because the second goes.

use crate::{CaseBody, CaseHead, CaseKind, CaseRegister, CaseRules, counts::CaseCounts, signal::Signalled};
use primitives::{AccountId, CaseId, ChangeId, Epoch, Height, Name, Path, Timestamp};
use state::{Item, Map, Set};

/// What the version of each plan that is in force says about cases.
pub(crate) const RULES: Map<Name, CaseRules> = Map::new("cases/rules");

/// The stage of the node's plan that stands; none before the first.
pub(crate) const NODE_STAGE: Item<Name> = Item::new("cases/node_stage");

/// The number of the latest case; none before the first, which is 1.
pub(crate) const LATEST: Item<CaseId> = Item::new("cases/latest");

/// What is known of every case, for good.
pub(crate) const CASES: Map<CaseId, CaseHead> = Map::new("cases/cases");

/// What was said about each case that is open, or is not over for long.
pub(crate) const BODIES: Map<CaseId, CaseBody> = Map::new("cases/bodies");

/// The cases of each plan and kind that were ever opened, in their order.
pub(crate) const OF_KIND: Set<(Name, CaseKind, CaseId)> = Set::new("cases/of_kind");

/// Those of them that are open.
pub(crate) const OPEN: Set<(Name, CaseKind, CaseId)> = Set::new("cases/open");

/// The same but for reports, by where they are.
pub(crate) const AT: Set<((Name, CaseKind), Path, CaseId)> = Set::new("cases/at");

/// Those that are CRITICAL, by the paths above their own at which they stop as well.
pub(crate) const WIDER: Set<((Name, CaseKind), Path, CaseId)> = Set::new("cases/wider");

/// From which block on each plan has records kept, by its open incidents and its holds.
pub(crate) const HOLDS: Set<(Name, Height, CaseId)> = Set::new("cases/holds");

/// The holds, by the block time at which they end.
pub(crate) const HOLD_TIMES: Set<(Timestamp, CaseId)> = Set::new("cases/hold_times");

/// The holds of plans that count them in epochs, by the epoch at whose start they end.
pub(crate) const HOLD_EPOCHS: Set<(Epoch, CaseId)> = Set::new("cases/hold_epochs");

/// What goes once the chain has run for so many milliseconds.
pub(crate) const DROP_RUNNING: Set<(u64, CaseId)> = Set::new("cases/drop_running");

/// What goes when an epoch begins.
pub(crate) const DROP_EPOCHS: Set<(Epoch, CaseId)> = Set::new("cases/drop_epochs");

/// How much each plan has of each register.
pub(crate) const COUNTS: Map<(Name, CaseRegister), CaseCounts> = Map::new("cases/counts");

/// How much of that each tenant has.
pub(crate) const OF_TENANTS: Map<(Name, CaseRegister, Name), u16> = Map::new("cases/of_tenants");

/// The latest incident that stands for a duty of a change, by where it is.
pub(crate) const STANDS_FOR: Map<(ChangeId, Name, Path), CaseId> = Map::new("cases/stands_for");

/// The latest incident that the chain opened for a change.
pub(crate) const OF_CHANGES: Map<ChangeId, CaseId> = Map::new("cases/of_changes");

/// What signals opened: by plan and signal, by where, by whom.
pub(crate) const SIGNALLED: Map<((Name, Name), Path, AccountId), Signalled> = Map::new("cases/signalled");

/// Plans that are retired and have cases that are open.
pub(crate) const RETIRED: Set<Name> = Set::new("cases/retired");
