//! The pages of cases: those of a kind, and one of them.

mod case;
mod list;
mod said;

pub use self::case::case;
pub use self::list::cases;
