//! `contract node`.

use clap::Subcommand;
use primitives::BuildHash;

/// What the operator of a node asks of it and has it do, over the socket in its home, which `--home` names.
#[derive(Debug, Subcommand)]
pub enum NodeCommand {
    /// Show how the node is, as its supervisor sees it
    Health,
    /// Show what the node logs, or change it until the node stops; the configuration stays as it is
    LogLevel {
        /// A level, or directives such as info,libp2p=debug; without it, what is logged is shown
        level: Option<String>,
    },
    /// List the release artifacts that the node holds, and what is pinned besides
    Artifacts,
    /// Keep a release artifact until it is unpinned, whatever else needs the place
    Pin {
        /// The BLAKE3 of the build
        #[arg(value_name = "BLAKE3")]
        hash: BuildHash,
        /// Why, such as an incident
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Keep a release artifact no longer than any other
    Unpin {
        /// The BLAKE3 of the build
        #[arg(value_name = "BLAKE3")]
        hash: BuildHash,
    },
    /// Have the overlay stay connected with a peer, until the node stops
    Dial {
        /// Its address, such as 192.0.2.7:26603, or a multiaddress
        address: String,
    },
    /// Disconnect a peer of the overlay and forget where it was; it is not refused when it comes by itself
    Forget {
        /// Its id, as `the-block net overlay-status` lists it
        #[arg(value_name = "PEER_ID")]
        peer_id: String,
    },
}
