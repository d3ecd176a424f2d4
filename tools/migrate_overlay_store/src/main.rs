//! `migrate_overlay_store SRC DST`: the older peer store of the overlay becomes today's.

use clap::Parser;
use host::console;
use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

/// Turn the older peer store of the overlay, overlay_peers.json, into today's, overlay/peers.json; stop the node before.
#[derive(Parser)]
#[command(name = "migrate_overlay_store", version)]
struct Arguments {
    /// The older store, such as ~/.the_block/overlay_peers.json; it stays as it is
    source: PathBuf,
    /// Today's, such as ~/.the_block/overlay/peers.json
    destination: PathBuf,
    /// Replace the destination when it is there
    #[arg(long)]
    force: bool,
    /// Print JSON for scripts instead of text for people
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    console::tell_panics();
    let arguments = Arguments::parse();
    let done = migrate(&arguments);
    if let Err(error) = &done {
        console::say(&match arguments.json {
            true => serde_json::json!({ "error": { "code": 1, "message": error.to_string() } }).to_string(),
            false => format!("migrate_overlay_store: {error}"),
        });
    }
    console::finish();
    if done.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn migrate(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    // A clock before 1970 stamps 1970.
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let done = migrate_overlay_store::migrate(&arguments.source, &arguments.destination, arguments.force, now)?;
    if arguments.json {
        return Ok(console::print(&format!("{:#}\n", serde_json::json!(done)))?);
    }
    let mut told = format!("wrote {} with {} peers\n", done.destination.display(), done.peers);
    if done.peers_left_out + done.addresses_left_out > 0 {
        let (peers, addresses) = (done.peers_left_out, done.addresses_left_out);
        told += &format!("left out, because a store has no room for more: {peers} peers, {addresses} addresses\n");
    }
    Ok(console::print(&told)?)
}
