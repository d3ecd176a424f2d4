//! Where releases are kept.

use crate::{ApprovedRelease, Receipt, Roster};
use primitives::{AccountId, BuildHash};
use state::{Item, Map};

/// The current roster.
pub const ROSTER: Item<Roster> = Item::new("releases/roster");

/// The threshold of the latest activated release; the roster's before the first.
pub const APPLIED_THRESHOLD: Item<u32> = Item::new("releases/applied_threshold");

/// Every build that was ever approved.
pub const APPROVED: Map<BuildHash, ApprovedRelease> = Map::new("releases/approved");

/// The builds of the latest release, so that the next one finds what it supersedes.
pub const ACTIVE: Item<Vec<BuildHash>> = Item::new("releases/active");

/// The number of the latest release.
pub const LATEST_SEQUENCE: Item<u64> = Item::new("releases/latest_sequence");

/// The least sequence number that may run; zero until governance raises it.
pub const MINIMUM_SEQUENCE: Item<u64> = Item::new("releases/minimum_sequence");

/// The installs of each build, by node.
pub const RECEIPTS: Map<(BuildHash, AccountId), Receipt> = Map::new("releases/receipts");
