//! Views as text that fits a terminal: one file per view.

mod account;
mod audit;
mod board;
pub mod case;
pub mod flags;
pub mod log;
mod names;
mod node;
mod params;
mod proposal;
mod proposals;
mod rebuilds;
mod release;
mod releases;
pub mod rewards;
pub mod roles;
pub mod rollout;
mod screen;
mod signers;
mod status;
mod uptake;
mod words;

pub use account::account;
pub use audit::audit;
pub use board::board;
pub use names::short_named;
pub use node::{artifacts, health};
pub use params::params;
pub use proposal::proposal;
pub use proposals::proposals;
pub use release::release;
pub use releases::releases;
pub use screen::{Screen, TableCell, date_of, grouped, percent, short};
pub use signers::{rosters, signers};
pub use status::status;
pub use words::{outcome, start, word};
