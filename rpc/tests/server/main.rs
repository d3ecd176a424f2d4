//! A real server over a node in memory, asked by the real client and by raw sockets.

mod answers;
mod bounds;
mod chain_types;
mod heavy;
mod ids;
mod operator;
mod probes;
mod proxies;
mod refusals;
mod schema;
mod stages;
mod status;
mod subscriptions;
mod trust;
mod wallet;
mod world;
