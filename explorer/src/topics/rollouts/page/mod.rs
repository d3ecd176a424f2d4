//! The pages of rollouts: plans and their boards, changes, flags, the fleet, phases, playbooks, release notes and retrospectives.

mod board;
mod change;
mod checks;
mod effects;
mod flags;
mod fleet;
mod list;
mod notes;
mod parts;
mod phases;
mod playbooks;
mod retrospective;

pub use self::board::board;
pub use self::change::change;
pub use self::flags::{flag, flags};
pub use self::fleet::fleet;
pub use self::list::{changes, plans};
pub use self::notes::notes;
pub(crate) use self::parts::changes as changes_in_short;
pub use self::phases::phases;
pub use self::playbooks::playbooks;
pub use self::retrospective::{retrospective, retrospectives};
