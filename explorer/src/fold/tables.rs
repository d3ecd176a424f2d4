//! The tables of `store/schema.sql`, as they are written.

use crate::store::table::Table;

macro_rules! tables {
    ($($(#[$doc:meta])* $constant:ident = $name:literal, $key:literal of [$($column:literal),+];)+) => {
        $($(#[$doc])* pub const $constant: Table =
            Table { name: $name, columns: &[$($column),+], key: $key };)+
    };
}

tables! {
    /// Where the index stands, and what it was begun with.
    META = "meta", 1 of ["name", "value"];
    /// Blocks.
    BLOCKS = "blocks", 0 of
        ["height", "hash", "epoch", "time", "proposer", "facts", "refused", "round", "precommits", "header"];
    /// The audit log.
    FACTS = "facts", 0 of
        ["id", "epoch", "time", "kind", "refused", "account", "tx", "sentence", "fact"];
    /// What facts are about.
    SUBJECTS = "subjects", 2 of ["subject", "fact_id", "is_turn"];
    /// Approved builds, without their installs, which are counted apart.
    RELEASES = "release_history", 1 of
        ["ordinal", "build_hash", "proposal_id", "proposer", "sequence", "activated_epoch", "activated_time", "status",
         "version", "platform", "signature_threshold", "quorum_met", "changes_epoch", "entry"];
    /// The order of builds in lists.
    LISTS = "release_lists", 2 of ["list", "place", "activated_epoch", "ordinal"];
    /// Receipts.
    INSTALLS = "installs", 2 of
        ["build_hash", "node", "first_height", "first_epoch", "first_time", "last_height", "last_epoch", "last_time",
         "count"];
    /// Stages.
    STAGES = "stages", 2 of ["build_hash", "node", "height", "report"];
    /// Rebuilds.
    REBUILDS = "rebuilds", 2 of ["build_hash", "builder", "height", "rebuild"];
    /// What nodes run.
    RUNNING = "running", 1 of ["node", "build_hash"];
    /// When nodes last said something.
    HEARD = "heard", 1 of ["node", "at"];
    /// Proposals.
    PROPOSALS = "proposals", 1 of
        ["id", "place", "status", "kind", "build_hash", "proposer", "tally", "proposal"];
    /// Ballots.
    BALLOTS = "ballots", 2 of ["proposal_id", "voter", "ballot"];
    /// Delegated stake that votes for itself.
    OVERRIDDEN = "overridden", 2 of ["proposal_id", "validator", "amount"];
    /// What was sealed and is known.
    REVEALED = "revealed", 1 of ["seal", "manifest"];
    /// Rosters.
    ROSTERS = "rosters", 1 of ["version", "record"];
    /// Validator sets.
    ELECTIONS = "elections", 1 of ["epoch", "validators"];
    /// Power.
    POWERS = "powers", 2 of ["validator", "epoch", "power"];
}
