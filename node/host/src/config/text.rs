//! The commented file that `init` and `testnet` write.

use super::Config;
use super::parse::table_of;
use toml::Value;

/// A `[section]` of the file: what it is for, and what its keys mean.
struct Section {
    name: &'static str,
    about: &'static str,
    keys: &'static [(&'static str, &'static str)],
}

/// The sections in the order of the file.
const SECTIONS: &[Section] = &[
    Section {
        name: "rpc",
        about: "JSON-RPC over HTTP and WebSocket: what wallets, explorers and `contract` talk to.",
        keys: &[
            (
                "listen",
                "Address and port, or a list. What acts on the node is not answered here, but over run/node.sock in the home.",
            ),
            (
                "max_connections",
                "Open connections; when all are taken, an idle one gives way, or a further one is refused.",
            ),
            (
                "max_connections_per_address",
                "As many of them at most for one client address (of IPv6: one /64), this machine's own too.",
            ),
            ("max_body_bytes", "Bytes in a request or in an answer, at least 65536."),
            ("max_batch", "Calls in one batch."),
            ("requests_per_second", "Calls a second from one client address, on average; 0 sets no limit."),
            (
                "trusted_proxies",
                "Proxies that say in X-Forwarded-For who calls, such as \"127.0.0.1\" or \"10.0.0.0/8\".",
            ),
            ("max_heavy_requests", "Calls at once that take much work, such as proofs and dry runs; others try again."),
            ("max_subscriptions", "Subscriptions on one connection."),
            (
                "catch_up_bytes_per_second",
                "Bytes a second of old blocks for subscribers that are behind, all together.",
            ),
            ("catch_up_bytes_per_address", "As many of them at most for those of one client address."),
            (
                "cors_origins",
                "Web pages that may call from a browser, such as \"https://explorer.example\"; \"*\" allows all.",
            ),
        ],
    },
    Section {
        name: "metrics",
        about: "Prometheus metrics.",
        keys: &[("listen", "Address and port of GET /metrics, or a list.")],
    },
    Section {
        name: "consensus",
        about: "The network that decides blocks. Block time, timeouts and epochs are in genesis.",
        keys: &[
            ("listen", "Where other nodes connect, as a multiaddr, or a list such as one of /ip4 and one of /ip6."),
            ("peers", "Who may connect, such as \"/ip4/192.0.2.7/tcp/26602/p2p/ID\"; without an address, \"/p2p/ID\"."),
            ("open", "Whether all others may too, to catch up; such a node decides nothing, and has no validator key."),
        ],
    },
    Section {
        name: "overlay",
        about: "The network of all nodes: transactions and release artifacts.",
        keys: &[
            ("listen", "Where other nodes connect, as a multiaddr, or a list such as one of /ip4 and one of /ip6."),
            ("peers", "Nodes to connect to, besides those remembered in overlay/peers.json."),
            ("max_peers", "Connected peers."),
        ],
    },
    Section {
        name: "artifacts",
        about: "Release artifacts that this node holds, in artifacts, and gives to other nodes.",
        keys: &[
            ("serve", "Whether other nodes can fetch them here; only what the chain lets run is given."),
            ("disk_budget_bytes", "Bytes on disk; the oldest go first, and what is pinned stays."),
            ("keep_activated", "Activated artifacts to keep, the latest; pinned ones are kept besides."),
            (
                "max_bytes_per_second",
                "Bytes in a second for all nodes together, at least 1048576; one gets half of it.",
            ),
        ],
    },
    Section {
        name: "mempool",
        about: "Transactions that wait for a block; a twentieth more waits apart until its turn can come.",
        keys: &[
            ("max_bytes", "Bytes of all that blocks could take; an eighth of the memory there is at most."),
            ("max_count", "Number of all that blocks could take."),
            ("max_per_account", "Number of one account's, for its wallet and its node each."),
        ],
    },
    Section {
        name: "storage",
        about: "The governance store.",
        keys: &[
            ("gov_db", "Its folder, relative to the home; the environment's TB_GOV_DB_PATH goes before it."),
            ("history", "\"full\", or how many of the last heights keep their blocks and proofs."),
            (
                "memory_bytes",
                "Memory for its caches and buffers; 0 is a quarter of what machine and group of processes give, at most 640 MiB.",
            ),
            (
                "plans",
                "Plans of applications whose holds and open incidents keep blocks here; those of the network's own plan always do.",
            ),
        ],
    },
    Section {
        name: "boot",
        about: "How this build is shown to be approved before this node has caught up with the chain.",
        keys: &[
            (
                "ticket_sources",
                "Nodes to ask for its ticket, such as \"http://192.0.2.7:26600\"; what they say is verified.",
            ),
            (
                "least_ticket_minutes",
                "How old a ticket may be at least; as old as a notice period where that is longer.",
            ),
        ],
    },
    Section {
        name: "update",
        about: "How releases are fetched, and when they may be installed.",
        keys: &[
            ("sources", "Mirrors that have {hash}.bin; the environment's TB_RELEASE_SOURCE_URL goes before them."),
            ("peers", "Whether other nodes are asked too."),
            ("min_bytes_per_second", "The least that a source must send; a slower one is given up for another."),
            ("pace_window_s", "Over how many seconds that is measured."),
            ("max_artifact_bytes", "The most bytes to fetch where chain state names no size."),
            ("max_head_age_minutes", "How old the newest proven block may be when something is installed."),
        ],
    },
    Section {
        name: "supervise",
        about: "What `the-block supervise` does.",
        keys: &[
            ("switch", "Whether it changes to an approved release by itself; otherwise it fetches it and says so."),
            ("health_window_s", "Seconds in which a new build has to answer, advance and find its peers."),
            ("max_attempts", "How often a build fails by its own doing before it is given up for the one before."),
            (
                "wave_s",
                "Seconds between groups of validators that change, each below a third of the power; the same for all.",
            ),
            ("pause_at_failed_percent", "The failed share of stake at which this node waits before it changes."),
            ("most_hold_s", "Seconds it waits at most, then it tries by itself; a critical release never waits."),
            (
                "node_user",
                "The user that the node runs as, by name or number; \"\" when it is the one that supervises.",
            ),
        ],
    },
    Section {
        name: "rollout",
        about: "What this node says of itself on a network whose plan governs its gates, and what it declines.",
        keys: &[
            (
                "release_channel",
                "Where its operator believes that releases come from; said on chain, and moves nothing.",
            ),
            (
                "bundle",
                "The bundle of stages that it was set up by, whose BLAKE3 is said on chain; \"\" when it has none.",
            ),
            (
                "hold",
                "Gates whose part here is declined, of \"witness_network\", \"reconstruction\" and \"pruning\"; said on chain.",
            ),
        ],
    },
    Section {
        name: "web",
        about: "Values of flags for applications, over OFREP, with streams that say when some have changed.",
        keys: &[
            ("listen", "Address and port, or a list."),
            (
                "cors_origins",
                "Web pages that may ask from a browser, such as \"https://shop.example\"; \"*\" allows all.",
            ),
            (
                "requests_per_second",
                "Requests a second of a server's token, of a client's at one address, else of an address; 0 sets no limit.",
            ),
            ("max_streams", "Open streams; half of them are for channels that a token was told of in the last day."),
            (
                "origin",
                "Where clients reach this node, such as \"https://flags.example\", named in answers; \"\" when they know.",
            ),
            (
                "trusted_proxies",
                "Proxies that say in X-Forwarded-For who asks, such as \"127.0.0.1\"; for rates alone, never for a right.",
            ),
            (
                "report_budget_ms",
                "How long a report may take to make, here and over RPC; one that takes longer is refused, never cut short.",
            ),
            ("plans", "Plans of applications whose flags are evaluated here for whoever has a token."),
            ("public_plans", "Plans whose flags are evaluated for anybody; the first is asked where none is named."),
        ],
    },
    Section {
        name: "witness",
        about: "Who vouches for the log of blocks, on a network that has witnesses.",
        keys: &[
            (
                "key",
                "Key file by which this node does, relative to the home, used for nothing else; \"\" when it is no witness.",
            ),
            (
                "witnesses",
                "Witnesses elsewhere that are asked to, such as \"https://witness.example/log\"; only those on chain count.",
            ),
        ],
    },
    Section {
        name: "log",
        about: "What the node writes to standard error.",
        keys: &[
            ("level", "off, error, warn, info, debug or trace; by module with \"info,libp2p=warn\"."),
            ("format", "\"text\" for people, \"json\" for collectors: one object a line."),
        ],
    },
    Section {
        name: "validator",
        about: "Who this node is in consensus.",
        keys: &[
            ("key", "Key file, relative to the home; \"\" when this node follows the chain without voting."),
            (
                "max_fee_multiple",
                "How many times the least fee it bids at most, in a full pool, for what it says by itself.",
            ),
        ],
    },
];

impl Config {
    /// This configuration as a commented TOML file with every key in it.
    pub fn to_text(&self) -> String {
        let table = table_of(self);
        let mut text = String::from("# Settings of this node. Paths are relative to the node's home.\n");
        for Section { name, about, keys } in SECTIONS {
            text += &format!("\n# {about}\n[{name}]\n");
            for (key, about) in *keys {
                if let Some(value) = table.get(*name).and_then(|section| section.get(key)) {
                    text += &format!("# {about}\n{key} = {}\n", one_line(value));
                }
            }
        }
        text
    }
}

/// A value in TOML; lists with an element a line, which is easier to edit.
fn one_line(value: &Value) -> String {
    match value {
        Value::Array(elements) if elements.len() > 1 => {
            let lines: String = elements.iter().map(|element| format!("  {element},\n")).collect();
            format!("[\n{lines}]")
        }
        value => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::parse::{defaults, keys};
    use crate::config::{KeptHistory, LogFormat};

    #[test]
    fn the_written_default_is_the_default() {
        let text = Config::default().to_text();
        assert_eq!(Config::parse(&text, "config.toml").unwrap(), Config::default());
        assert_eq!(Config::parse("", "config.toml").unwrap(), Config::default());
    }

    #[test]
    fn every_key_is_written_with_its_comment() {
        let known = keys(&defaults());
        let commented: Vec<String> = SECTIONS
            .iter()
            .flat_map(|section| section.keys.iter().map(|(key, _)| format!("{}.{key}", section.name)))
            .collect();
        let sorted = |mut keys: Vec<String>| {
            keys.sort();
            keys
        };
        assert_eq!(sorted(commented), sorted(known));
        let text = Config::default().to_text();
        for (line, before) in text.lines().skip(1).zip(text.lines()) {
            assert!(
                !line.contains(" = ") || line.starts_with('#') || before.starts_with("# "),
                "{line} has no comment"
            );
        }
        assert!(text.lines().all(|line| line.len() <= 120), "a line is too long to read");
    }

    #[test]
    fn every_value_is_read_back_as_it_was_written() {
        let mut config = Config::default();
        config.rpc.cors_origins = vec!["https://a.example".into(), "http://b.example:80".into()];
        let id = "/p2p/12D3KooW9pP4Seg3kZYhySpuVjn1RPdQBsUFZKiFxGMGQN5MeL6A";
        let peer = |port: u16| -> multiaddr::Multiaddr { format!("/ip4/127.0.0.1/tcp/{port}{id}").parse().unwrap() };
        config.consensus.peers = (1..5).map(peer).chain([id.parse().unwrap()]).collect();
        let listen = r#"
            [consensus]
            listen = ["/ip4/0.0.0.0/tcp/5", "/ip6/::/tcp/5"]
            [rpc]
            listen = ["0.0.0.0:6", "[::]:6"]
        "#;
        let several = Config::parse(listen, "config.toml").unwrap();
        (config.consensus.listen, config.rpc.listen) = (several.consensus.listen, several.rpc.listen);
        config.consensus.open = true;
        config.overlay.peers = vec![super::super::loopback_multiaddr(9)];
        config.rpc.trusted_proxies = ["127.0.0.1", "fd00::/8"].map(|range| range.parse().unwrap()).into();
        config.artifacts.serve = false;
        config.storage.history = KeptHistory::Last(1000);
        config.storage.plans = vec![primitives::Name::new("pos").unwrap()];
        config.boot.ticket_sources = vec!["http://192.0.2.7:26600".into()];
        config.rollout.release_channel = primitives::Name::new("canary").unwrap();
        config.rollout.bundle = "".into();
        config.rollout.hold = ["pruning", "witness_network"].map(|gate| gate.parse().unwrap()).into();
        config.witness.key = "config/witness.key".into();
        config.witness.witnesses = vec!["https://witness.example".into(), "http://192.0.2.7/log".into()];
        config.log.format = LogFormat::Json;
        config.validator.key = "".into();
        config.storage.gov_db = r#"C:\odd "name""#.into();
        assert_eq!(Config::parse(&config.to_text(), "config.toml").unwrap(), config);
    }
}
