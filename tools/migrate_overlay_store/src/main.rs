//! `migrate_overlay_store SRC DST`: the older peer store of the overlay becomes today's.

use clap::Parser;
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
    let arguments = Arguments::parse();
    // A clock before 1970 stamps 1970.
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    match migrate_overlay_store::migrate(&arguments.source, &arguments.destination, arguments.force, now) {
        Ok(done) if arguments.json => println!("{:#}", serde_json::json!(done)),
        Ok(done) => {
            println!("wrote {} with {} peers", done.destination.display(), done.peers);
            if done.peers_left_out + done.addresses_left_out > 0 {
                let (peers, addresses) = (done.peers_left_out, done.addresses_left_out);
                println!("left out, because a store has no room for more: {peers} peers, {addresses} addresses");
            }
        }
        Err(error) if arguments.json => {
            eprintln!("{}", serde_json::json!({ "error": { "code": 1, "message": error.to_string() } }));
            return ExitCode::FAILURE;
        }
        Err(error) => {
            eprintln!("migrate_overlay_store: {error}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
