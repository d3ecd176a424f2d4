//! Where flags are kept; laid out so that a value is proven with few keys (ROLLOUTS 6.1). A flag's place is its plan and its key.

use crate::counts::TenantFlags;
use crate::{DefinedFlag, Disabled, FlagCounts, Gates, SegmentMembers, Setting};
use primitives::{AccountId, Name, Path, Timestamp};
use state::{Item, Map, Set};

/// Every flag that is not retired.
pub(crate) const FLAGS: Map<(Name, Name), DefinedFlag> = Map::new("flags/flags");

/// What is set, where.
pub(crate) const SETTINGS: Map<(Name, Name, Path), Setting> = Map::new("flags/settings");

/// What is disabled, where.
pub(crate) const DISABLED: Map<(Name, Name, Path), Disabled> = Map::new("flags/disabled");

/// The segments of plans, by their names.
pub(crate) const SEGMENTS: Map<(Name, Name), SegmentMembers> = Map::new("flags/segments");

/// The flags whose day has not come, by that day.
pub(crate) const EXPIRIES: Set<(Timestamp, Name, Name)> = Set::new("flags/expiries");

/// Keys that were retired, so that none comes back with another meaning.
pub(crate) const RETIRED: Set<(Name, Name)> = Set::new("flags/retired");

/// The flags that came with the version of a plan that is in force.
pub(crate) const OF_PLAN: Set<(Name, Name)> = Set::new("flags/of_plan");

/// Before which time what an account issued for a plan as tokens is revoked; none where nothing is.
pub(crate) const TOKENS: Map<(Name, AccountId), Timestamp> = Map::new("flags/tokens");

/// Of each flag that is required, by which: the plan, what is required, what requires it.
pub(crate) const REQUIRED_BY: Set<(Name, Name, Name)> = Set::new("flags/required_by");

/// How many settings of a plan ask an attribute, by its name.
pub(crate) const ATTRIBUTES: Map<(Name, Name), u32> = Map::new("flags/attributes");

/// How much each plan has.
pub(crate) const COUNTS: Map<Name, FlagCounts> = Map::new("flags/count");

/// At how many paths each flag is set, and at how many it is disabled.
pub(crate) const PLACES: Map<(Name, Name), u32> = Map::new("flags/places");

/// How much each tenant has, by plan and tenant: the second name of a path.
pub(crate) const TENANTS: Map<(Name, Name), TenantFlags> = Map::new("flags/tenants");

/// How much all tenants of a plan together have.
pub(crate) const OF_TENANTS: Map<Name, TenantFlags> = Map::new("flags/of_tenants");

/// How many settings of a tenant ask an attribute, by plan, tenant and name.
pub(crate) const ASKED_BY: Map<(Name, Name, Name), u32> = Map::new("flags/asked_by");

/// How many settings of any tenant ask an attribute, by plan and name.
pub(crate) const ASKED_BY_ANY: Map<(Name, Name), u32> = Map::new("flags/asked_by_any");

/// The plan that governs this network; none where none does.
pub(crate) const NODE_PLAN: Item<Name> = Item::new("flags/node_plan");

/// The gates of this network, as the node's plan sets them: one read a block, and one proof for all of them.
pub(crate) const GATES: Item<Gates> = Item::new("flags/gates");
