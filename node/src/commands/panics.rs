//! What a process ends with that met stored state by which nothing may go on.

use crate::boot::Decision;
use host::console;
use store::db::UNREADABLE;

/// Ends the process when stored state turns out not to be what this software wrote, or the system does not let it be read: whatever
/// thread finds it, nothing may go on deciding without it. What was not read is no damage, and may be there at the next start.
pub(super) fn end_the_process() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        usual(panic);
        let message = panic.payload_as_str().unwrap_or_default();
        let code = if message.starts_with(state::CORRUPT) {
            Decision::StoreDamaged.exit_code()
        } else if message.starts_with(UNREADABLE) {
            1
        } else {
            return;
        };
        console::say(&format!("the-block: stopped: {message}"));
        console::finish();
        std::process::exit(code.into());
    }));
}
