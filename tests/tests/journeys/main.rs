//! What happens to people who use the product? Each module is a journey through processes as they run: a network, its wallets, supervisors,
//! explorers, and what strangers and broken machines do to them.
//!
//! They are one program because linking a node, a wallet and an explorer takes longer than many journeys do. `scripts/run-tests.sh` runs
//! them one after the other; without cargo-nextest in one process, of which a journey changes no folder and no variable.

mod journey_availability;
mod journey_bad_releases;
mod journey_bad_transactions;
mod journey_boot;
mod journey_cli;
mod journey_clients;
mod journey_clock;
mod journey_consensus;
mod journey_containers;
mod journey_damage;
mod journey_dashboard;
mod journey_demo;
mod journey_documents;
mod journey_drill;
mod journey_enforcement;
mod journey_equivocation;
mod journey_explorer;
mod journey_explorer_crash;
mod journey_explorer_databases;
mod journey_explorer_pages;
mod journey_export;
mod journey_forged_store;
mod journey_fork;
mod journey_gate;
mod journey_hold;
mod journey_inclusion;
mod journey_load;
mod journey_long;
mod journey_mempool;
mod journey_mirrors;
mod journey_mistakes;
mod journey_ofrep;
mod journey_pos;
mod journey_provenance;
mod journey_readers;
mod journey_release_checklist;
mod journey_release_notes;
mod journey_retire;
mod journey_rollout;
mod journey_rosters;
mod journey_simulation;
mod journey_soak;
mod journey_start;
mod journey_strangers;
mod journey_supervise;
mod journey_tickets;
mod journey_trial;
mod journey_trusted_signers;
mod journey_twins;
mod journey_two_users;
mod journey_update;
mod journey_walk;
mod journey_watched;
mod journey_witness;
