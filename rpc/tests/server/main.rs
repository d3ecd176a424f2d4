//! A real server over a node in memory, asked by the real client and by raw sockets.

mod answers;
mod bounds;
mod refusals;
mod schema;
mod subscriptions;
mod world;
