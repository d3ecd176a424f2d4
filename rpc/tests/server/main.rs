//! A real server over a node in memory, asked by the real client and by raw sockets.

mod answers;
mod bounds;
mod cases;
mod chain_types;
mod heavy;
mod ids;
mod log;
mod operator;
mod plan;
mod probes;
mod proxies;
mod refusals;
mod rollouts;
mod schema;
mod stages;
mod status;
mod subscriptions;
mod trust;
mod wallet;
mod world;
