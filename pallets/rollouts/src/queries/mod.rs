//! What can be asked about changes; about plans, [`plans`](crate::plans) is asked, and of a list of checks, what it
//! [comes to](crate::judge::verdict::verdict()).

mod changes;
mod containment;
mod drills;
mod fleet;
mod label;
mod next;
mod phases;
mod statements;
mod views;

pub use crate::freeze::{frozen, paused, require_thawed};
pub use changes::*;
pub use containment::{require_containment, require_duty};
pub use drills::{DrillSeen, drills};
pub use fleet::{FleetSeen, fleet};
pub use label::{ChangeLabel, LabelledBy, label, label_of};
pub use next::{NextAct, NextActKind, next_acts};
pub use phases::{PhaseSeen, list_to_move_on, phases};
pub use statements::{StatementPlace, statement, statements};
pub use views::*;
