//! Plans and changes: one file per question.

mod artifacts;
mod board;
mod change;
mod changes;
mod explanation;
mod fleet;
mod moved;
mod phases;
mod plan;
mod playbooks;
mod simulation;
mod statements;

pub use self::artifacts::artifacts;
pub use board::board;
pub use change::change;
pub use changes::changes;
pub use explanation::explanation;
pub use fleet::fleet;
pub use phases::phases;
pub use plan::{plan, plans};
pub use playbooks::playbooks;
pub use simulation::simulation;
pub use statements::statements;

use super::screen::Screen;
use primitives::Path;
use roles::Actor;
use rpc::views::DueEstimate;

/// When something is over, with the time it is estimated for while it is ahead.
fn due(screen: &Screen, due: &DueEstimate) -> String {
    if due.is_over { "over".into() } else { format!("about {}", screen.time(due.estimated_time)) }
}

/// A path, or that it is everywhere.
fn place(path: &Path) -> String {
    if path.is_root() { "everywhere".into() } else { path.to_string() }
}

/// Who did something, and as what.
fn actor(actor: &Actor) -> String {
    format!("{} as {}", actor.account, actor.role)
}

/// Names in a line.
fn joined<T: ToString>(items: impl IntoIterator<Item = T>) -> String {
    items.into_iter().map(|item| item.to_string()).collect::<Vec<_>>().join(", ")
}

/// Names in a line, or a dash.
fn joined_or_dash<T: ToString>(items: impl IntoIterator<Item = T>) -> String {
    let text = joined(items);
    if text.is_empty() { "-".into() } else { text }
}
