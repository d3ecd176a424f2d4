//! Where releases are kept.

use crate::{
    Advertised, ApprovedRelease, HeldPower, Installs, Levels, Manifest, MinimumSequence, Rebuild, Receipt,
    ReleaseParams, Roster, RosterRecord, StageNodes, StageReport,
};
use primitives::{AccountId, BuildHash, ChainId, Epoch, ProposalId};
use state::{Item, Log, Map, Set};

/// The rules; from genesis.
pub(crate) const PARAMS: Item<ReleaseParams> = Item::new("releases/params");

/// The network's name, which is part of what keys sign about the roster; from genesis.
pub(crate) const CHAIN_ID: Item<ChainId> = Item::new("releases/chain_id");

/// The levels of the network: the one in force, and those that are decided. It is of the chain as a whole, and stands here because it comes
/// with releases.
pub(crate) const LEVELS: Item<Levels> = Item::new("chain/levels");

/// The current roster, as it was decided.
pub(crate) const ROSTER: Item<Roster> = Item::new("releases/roster");

/// Every roster there ever was, by version, with who left it.
pub(crate) const ROSTERS: Map<u64, RosterRecord> = Map::new("releases/rosters");

/// The threshold of the latest activated release; the roster's before the first.
pub(crate) const APPLIED_THRESHOLD: Item<u32> = Item::new("releases/applied_threshold");

/// Every build that was ever approved.
pub(crate) const APPROVED: Map<BuildHash, ApprovedRelease> = Map::new("releases/approved");

/// The builds of each release, by sequence number.
pub(crate) const BUILDS: Map<u64, Vec<BuildHash>> = Map::new("releases/builds");

/// Every build in the order of the releases; of one release the first build comes last, because lists are read from their end.
pub(crate) const LISTED: Log<(), BuildHash> = Log::new("releases/listed", "releases/listed_counts");

/// The same of each proposer.
pub(crate) const LISTED_BY: Log<AccountId, BuildHash> = Log::new("releases/listed_by", "releases/listed_by_counts");

/// The builds whose standing is active, so that the next release finds what it supersedes.
pub(crate) const ACTIVE: Item<Vec<BuildHash>> = Item::new("releases/active");

/// The number of the latest release.
pub(crate) const LATEST_SEQUENCE: Item<u64> = Item::new("releases/latest_sequence");

/// The least sequence number that may run, by epoch; absent until governance raises it.
pub(crate) const MINIMUM_SEQUENCE: Item<MinimumSequence> = Item::new("releases/minimum_sequence");

/// The installs of each build, by node.
pub(crate) const RECEIPTS: Map<(BuildHash, AccountId), Receipt> = Map::new("releases/receipts");

/// How far each build has come on each node that said so: the latest stage.
pub(crate) const STAGES: Map<(BuildHash, AccountId), StageReport> = Map::new("releases/stages");

/// The nodes that spoke of each build, in the order of their first words.
pub(crate) const NODES: Log<BuildHash, AccountId> = Log::new("releases/nodes", "releases/node_counts");

/// How many nodes stand at each stage of each build.
pub(crate) const STAGE_NODES: Map<BuildHash, StageNodes> = Map::new("releases/stage_nodes");

/// The installs of each build on all nodes.
pub(crate) const INSTALLS: Map<BuildHash, Installs> = Map::new("releases/installs");

/// Who built each build from source.
pub(crate) const REBUILDS: Map<(BuildHash, AccountId), Rebuild> = Map::new("releases/rebuilds");

/// The same, in the order in which they said so.
pub(crate) const REBUILDERS: Log<BuildHash, AccountId> = Log::new("releases/rebuilders", "releases/rebuilder_counts");

/// What was sealed and is revealed, by its proposal.
pub(crate) const REVEALED: Map<ProposalId, Manifest> = Map::new("releases/revealed");

/// The epoch in which governance last set the end of support of a build; absent where it never did.
pub(crate) const SUPPORT_SET: Map<BuildHash, Epoch> = Map::new("releases/support_set");

/// The build that each node last said it booted or runs well; none once it said that this build failed.
pub(crate) const RUNNING: Map<AccountId, BuildHash> = Map::new("releases/running");

/// The power that said it holds a build while it was voted on, by proposal; absent where nobody did.
pub(crate) const HELD: Map<(ProposalId, BuildHash), HeldPower> = Map::new("releases/held");

/// Who is counted in it.
pub(crate) const HOLDERS: Set<(ProposalId, BuildHash, AccountId)> = Set::new("releases/holders");

/// What each node last said that it runs and knows, and in which epoch.
pub(crate) const FLEET: Map<AccountId, Advertised> = Map::new("releases/fleet");
