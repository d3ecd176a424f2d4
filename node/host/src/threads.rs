//! Threads for what waits: asynchronous work.

use std::io;
use tokio::runtime::Runtime;

/// The threads that the system has given, if it has.
///
/// # Errors
/// When it has not; the error is the sentence for people.
pub fn given(runtime: io::Result<Runtime>) -> io::Result<Runtime> {
    runtime.map_err(|error| files::told("cannot start the asynchronous runtime", &error))
}
