//! The pages of rollouts: plans and their boards, changes, flags, and the fleet.

mod board;
mod change;
mod effects;
mod flags;
mod fleet;
mod list;
mod parts;

pub use self::board::board;
pub use self::change::change;
pub use self::flags::{flag, flags};
pub use self::fleet::fleet;
pub use self::list::{changes, plans};
