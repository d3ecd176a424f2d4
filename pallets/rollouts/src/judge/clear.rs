//! Nothing in a register stands open, or unaccepted (ROLLOUTS 7.2, `Clear`).
//!
//! At this level nobody can open anything in one: there is no call for it, and the chain opens nothing by itself. So there is nothing open,
//! and the check is met. It says so, because a register that is empty and one that is kept by nobody are not the same.

use super::outcome::AskOutcome;
use crate::check::{AlertSeverity, Register};

/// Judges a check that asks for a clear register.
pub(super) fn judge(register: Register, severity: AlertSeverity) -> AskOutcome {
    let need = match register {
        Register::Incident => format!("no open incident of {severity} or worse"),
        Register::Risk => format!("no open risk of {severity} or worse that nobody accepted"),
    };
    AskOutcome::met(format!("none: this level has no {register}s"), need)
}
