//! Signals that end no program of the house, though the system would have it: nobody who may end one asks by them.

use rustix::process::Signal;
use std::io;
use tokio::runtime::Builder;
use tokio::signal::unix::{SignalKind, signal};

/// A terminal that was closed and a word to read configuration anew; what people send to other programs to look at them; clocks that
/// nobody set; a file that may not grow, of which whoever writes it is told as well.
const IGNORED: [SignalKind; 6] = [
    SignalKind::hangup(),
    SignalKind::user_defined1(),
    SignalKind::user_defined2(),
    SignalKind::alarm(),
    SignalKind::io(),
    SignalKind::from_raw(Signal::XFSZ.as_raw()),
];

/// Has the signals that mean nothing here do nothing, from now on and for as long as this process lives. Outside of a runtime. Each
/// means to a program that is executed from here what it means to any.
///
/// # Errors
/// When the system does not let it; the error is the sentence for people.
pub fn outlive() -> io::Result<()> {
    let listened = || {
        // Who has listened to a signal once has taken its effect away for good; nobody has to go on listening.
        let runtime = Builder::new_current_thread().enable_io().build()?;
        let _entered = runtime.enter();
        IGNORED.into_iter().try_for_each(|kind| signal(kind).map(drop))
    };
    listened().map_err(|error| files::told("cannot listen to signals", &error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::process::{getpid, kill_process};

    #[test]
    fn o01_a_process_outlives_what_asks_for_nothing() {
        outlive().unwrap();
        // Each of them ends a process that has not said otherwise.
        for signal in [Signal::HUP, Signal::USR1, Signal::USR2, Signal::ALARM, Signal::XFSZ] {
            kill_process(getpid(), signal).unwrap();
        }
        outlive().unwrap();
    }
}
