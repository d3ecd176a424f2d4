//! Manual pages, written from the same words as `--help`: one page for each command.
//!
//! ```
//! let command = clap::Command::new("greet").about("Says hello");
//! assert!(man::page(command)?.contains("Says hello"));
//! # Ok::<(), std::io::Error>(())
//! ```

use clap::Command;
use clap_mangen::Man;
use std::io;
use std::path::{Path, PathBuf};

/// The page of a command itself, in roff.
///
/// # Errors
/// When it cannot be rendered.
pub fn page(command: Command) -> io::Result<String> {
    let mut text = Vec::new();
    Man::new(ready(command)).render(&mut text)?;
    String::from_utf8(text).map_err(io::Error::other)
}

/// Writes the page of a command and of every command below it to a folder, as `the-block-net.1`; makes the folder when
/// there is none. Answers the files, in order.
///
/// # Errors
/// When the folder cannot be written.
pub fn write(command: Command, folder: &Path) -> io::Result<Vec<PathBuf>> {
    std::fs::create_dir_all(folder)?;
    let mut pages = Vec::new();
    write_below(&ready(command), folder, &mut pages)?;
    pages.sort();
    Ok(pages)
}

/// With the names and options that a command inherits from the ones above it.
fn ready(command: Command) -> Command {
    let mut command = command.disable_help_subcommand(true);
    command.build();
    command
}

fn write_below(command: &Command, folder: &Path, pages: &mut Vec<PathBuf>) -> io::Result<()> {
    pages.push(Man::new(command.clone()).generate_to(folder)?);
    command.get_subcommands().try_for_each(|below| write_below(below, folder, pages))
}
