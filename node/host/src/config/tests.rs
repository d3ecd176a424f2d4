use super::*;

fn mistakes(text: &str) -> Vec<ConfigMistake> {
    match Config::parse(text, "config.toml") {
        Err(ConfigError::Mistakes { mistakes, .. }) => mistakes,
        other => panic!("expected mistakes, got {other:?}"),
    }
}

#[test]
fn keys_that_are_left_out_have_their_defaults() {
    let config = Config::parse("[rpc]\nlisten = \"0.0.0.0:80\"\n[storage]\nhistory = 500\n", "config.toml").unwrap();
    assert_eq!(config.rpc.listen, "0.0.0.0:80".parse().unwrap());
    assert_eq!(config.storage.history, KeptHistory::Last(500));
    assert_eq!(config.rpc.max_batch, Config::default().rpc.max_batch);
}

#[test]
fn o48_a_node_is_reached_where_it_listens_and_over_loopback_where_it_listens_everywhere() {
    let url = |listen: &str| {
        let text = format!("[rpc]\nlisten = \"{listen}\"\n");
        Config::parse(&text, "config.toml").unwrap().rpc.url()
    };
    assert_eq!(url("127.0.0.1:26610"), "http://127.0.0.1:26610");
    assert_eq!(url("192.0.2.7:26600"), "http://192.0.2.7:26600");
    assert_eq!(url("0.0.0.0:26600"), "http://127.0.0.1:26600");
    assert_eq!(url("[::]:26600"), "http://[::1]:26600");
}

#[test]
fn o45_only_a_home_that_lacks_its_configuration_is_a_case_for_init() {
    let folder = tempfile::tempdir().unwrap();
    let (network, file) = (folder.path().join("net"), folder.path().join("file"));
    std::fs::create_dir_all(network.join("node0/config")).unwrap();
    std::fs::write(network.join("node0/config/config.toml"), "").unwrap();
    std::fs::write(&file, "").unwrap();
    let said = |home: &std::path::Path| Config::load(&Home::at(home)).unwrap_err().to_string();
    assert!(said(&folder.path().join("none")).ends_with("`the-block init` writes one"));
    let parent = said(&network);
    assert!(parent.contains("holds the homes of a network; name one of them, such as "), "{parent}");
    assert!(parent.ends_with("net/node0") && !parent.contains("init"), "{parent}");
    let of_file = said(&file);
    assert!(of_file.contains("name a node's folder") && !of_file.contains("init"), "{of_file}");
}

#[test]
fn every_mistake_is_listed_with_its_line_in_one_error() {
    let text = "\
top = 1
[rpc]
listen = \"nowhere\"
max_conections = 5
max_batch = 0
max_connections = -1
cors_origins = [\"*\", \"evil\"]
[storage]
history = \"some\"
[log]
level = \"verbose\"
format = \"xml\"
[consensus]
listen = \"/ip4/127.0.0.1/udp/5\"
peers = [\"127.0.0.1:26602\"]
[mempol]
max_bytes = 5
[validators]
[metrics.listen]
port = 1
";
    let error = Config::parse(text, "config.toml").unwrap_err().to_string();
    let expected = [
        "line 1: top is not a known key",
        "line 3: rpc.listen = \"nowhere\" is not possible",
        "line 4: rpc.max_conections is not a known key; did you mean rpc.max_connections?",
        "line 5: rpc.max_batch = 0 is not possible: at least 1",
        "line 6: rpc.max_connections = -1 is not possible",
        "line 7: rpc.cors_origins = [\"*\", \"evil\"] is not possible",
        "line 9: storage.history = \"some\" is not possible",
        "line 11: log.level = \"verbose\" is not possible",
        "line 12: log.format = \"xml\" is not possible",
        "line 14: consensus.listen = \"/ip4/127.0.0.1/udp/5\" is not possible",
        "line 15: consensus.peers = [\"127.0.0.1:26602\"] is not possible",
        "line 17: mempol.max_bytes is not a known key; did you mean mempool.max_bytes?",
        "line 18: validators is not a known key; did you mean validator.key?",
        "line 20: metrics.listen.port is not a known key; did you mean metrics.listen?",
    ];
    let lines: Vec<&str> = error.lines().collect();
    assert_eq!(lines[0], "config.toml has 14 mistakes; correct the file and start again:");
    assert_eq!(lines.len(), expected.len() + 1, "{error}");
    for (line, start) in lines[1..].iter().zip(expected) {
        assert!(line.trim_start().starts_with(start), "{line:?} should start with {start:?}");
    }
}

#[test]
fn h16_a_peer_of_consensus_has_an_id_and_whoever_takes_strangers_has_no_key() {
    let id = "12D3KooW9pP4Seg3kZYhySpuVjn1RPdQBsUFZKiFxGMGQN5MeL6A";
    let good = format!("[consensus]\npeers = [\"/dns4/a.example/tcp/26602/p2p/{id}\", \"/p2p/{id}\"]\n");
    assert_eq!(Config::parse(&good, "config.toml").unwrap().consensus.peers.len(), 2);
    for bad in ["/ip4/192.0.2.7/tcp/26602", "/ip4/192.0.2.7/udp/5/p2p/ID", "/ip4/192.0.2.7/p2p/ID"] {
        let found = mistakes(&format!("[consensus]\npeers = [\"{}\"]\n", bad.replace("ID", id)));
        assert!(found[0].to_string().contains("each is an address with a peer id"), "{bad}: {found:?}");
    }
    let found = mistakes("[consensus]\nopen = true\n");
    assert!(found[0].to_string().contains("a validator takes configured peers only"), "{found:?}");
    assert!(
        Config::parse("[consensus]\nopen = true\n[validator]\nkey = \"\"\n", "config.toml").unwrap().consensus.open
    );
}

#[test]
fn o15_a_trusted_proxy_is_an_address_or_a_network() {
    let config = Config::parse("[rpc]\ntrusted_proxies = [\"127.0.0.1\", \"10.0.0.0/8\"]\n", "config.toml").unwrap();
    assert_eq!(config.rpc.trusted_proxies.len(), 2);
    for bad in ["localhost", "10.0.0.0/64", "*"] {
        let found = mistakes(&format!("[rpc]\ntrusted_proxies = [\"{bad}\"]\n"));
        assert!(found[0].to_string().contains("write it like 127.0.0.1, 10.0.0.0/8"), "{bad}: {found:?}");
    }
}

#[test]
fn artifacts_have_room_and_a_rate_that_brings_a_read_in_a_second() {
    let found = mistakes("[artifacts]\nserve = 1\ndisk_budget_bytes = 0\nkeep_activated = 0\nmax_bytes_per_second = 9");
    let keys: Vec<String> = found.iter().map(ToString::to_string).collect();
    assert_eq!(keys.len(), 4, "{keys:?}");
    assert!(keys[1].contains("artifacts.disk_budget_bytes = 0 is not possible: at least 1"), "{keys:?}");
    assert!(keys[3].contains("at least 1048576 bytes"), "{keys:?}");
    let config = Config::parse("[artifacts]\nmax_bytes_per_second = 1048576\n", "config.toml").unwrap();
    assert_eq!(config.artifacts, ArtifactsSection { max_bytes_per_second: 1 << 20, ..ArtifactsSection::default() });
}

#[test]
fn a_node_declines_parts_of_its_own_alone_and_is_told_which_those_are() {
    let text = "[rollout]\nrelease_channel = \"canary\"\nbundle = \"\"\nhold = [\"pruning\", \"reconstruction\"]\n";
    let config = Config::parse(text, "config.toml").unwrap();
    assert!(config.rollout.holds(flags::Gate::Pruning) && !config.rollout.holds(flags::Gate::WitnessNetwork));
    assert_eq!(Home::at("/h").bundle(&config), None);
    assert_eq!(Home::at("/h").bundle(&Config::default()), Some("/h/config/defaults/mainnet.toml".into()));
    let holdable = "a node may decline its part in witness_network, reconstruction and pruning";
    let gates = ["malachite_consensus", "consensus_enforcement", "timetoke_rewards", "recursive_proofs"];
    let of_all = gates.map(|gate| (format!("[{gate:?}]"), format!("{gate} is decided by all nodes alike")));
    let unknown = ("[\"prunning\"]".to_owned(), "\"prunning\" is not a gate of a network".to_owned());
    for (held, reason) in of_all.into_iter().chain([unknown]) {
        let found = mistakes(&format!("[rollout]\nhold = {held}\n"));
        let said = found[0].to_string();
        assert!(said.contains(&reason) && said.ends_with(holdable), "{said}");
    }
    let twice = mistakes("[rollout]\nhold = [\"pruning\", \"pruning\"]\n");
    assert!(twice[0].to_string().ends_with("is not possible: each gate once"), "{twice:?}");
    let nameless = mistakes("[rollout]\nrelease_channel = \"main net\"\n");
    assert!(nameless[0].to_string().contains("is no name; write 1 to 64 letters"), "{nameless:?}");
}

#[test]
fn a_key_in_the_wrong_case_is_unknown_but_found() {
    let nearest = Some("rpc.listen".into());
    let expected = ConfigMistake::UnknownKey { line: 2, key: "rpc.Listen".into(), nearest };
    assert_eq!(mistakes("[rpc]\nListen = \"127.0.0.1:1\""), [expected]);
}

#[test]
fn a_key_too_long_to_be_misspelled_is_told_without_a_nearest_one() {
    let key = format!("rpc.{}", "k".repeat(125));
    let found = mistakes(&format!("{key} = 1"));
    assert_eq!(found, [ConfigMistake::UnknownKey { line: 1, key: key.clone(), nearest: None }]);
    assert_eq!(found[0].to_string(), format!("line 1: {key} is not a known key, nor like one; leave it out"));
    let shorter = mistakes(&format!("{} = 1", &key[..128]));
    assert!(matches!(&shorter[..], [ConfigMistake::UnknownKey { nearest: Some(_), .. }]), "{shorter:?}");
}

#[test]
fn a_section_written_as_a_value_says_so() {
    assert!(mistakes("rpc = 5")[0].to_string().contains("write [rpc]"));
    assert!(Config::parse("[rpc]\n", "config.toml").is_ok(), "an empty section is fine");
}

#[test]
fn two_listeners_on_one_port_are_a_conflict() {
    let found = mistakes("[metrics]\nlisten = \"0.0.0.0:26602\"");
    assert!(matches!(
        found[..],
        [ConfigMistake::SameAddress { first: "metrics.listen", second: "consensus.listen", .. }]
    ));
    assert!(Config::parse("[rpc]\nlisten=\"127.0.0.1:0\"\n[metrics]\nlisten=\"127.0.0.1:0\"", "config.toml").is_ok());
}

#[test]
fn o16_an_address_or_a_list_is_listened_on_and_a_family_that_is_not_is_named() {
    let listening = |section: &str, listen: &str| {
        let config = Config::parse(&format!("[{section}]\nlisten = {listen}\n"), "config.toml").unwrap();
        let key = format!("{section}.listen");
        let found: Vec<Listener> =
            config.listeners().into_iter().filter(|(of, _)| *of == key).map(|(_, listener)| listener).collect();
        (found.len(), Listener::unserved(&found))
    };
    for (section, any_v4, any_v6) in [
        ("rpc", "\"0.0.0.0:7\"", "\"[::]:7\""),
        ("metrics", "\"0.0.0.0:7\"", "\"[::]:7\""),
        ("consensus", "\"/ip4/0.0.0.0/tcp/7\"", "\"/ip6/::/tcp/7\""),
        ("overlay", "\"/ip4/0.0.0.0/tcp/7\"", "\"/ip6/::/tcp/7\""),
    ] {
        assert_eq!(listening(section, any_v4), (1, Some("IPv6")), "{section}");
        // A swarm takes one family at each address; what is served by sockets of this machine takes both.
        let swarm = ["consensus", "overlay"].contains(&section);
        assert_eq!(listening(section, any_v6), (1, swarm.then_some("IPv4")), "{section}");
        assert_eq!(listening(section, &format!("[{any_v4}, {any_v6}]")), (2, None), "{section}");
        assert_eq!(listening(section, &format!("[{any_v6}]")).0, 1, "{section}");
        let none = mistakes(&format!("[{section}]\nlisten = []\n"));
        assert!(none[0].to_string().contains("the list has no address"), "{none:?}");
        let twice = mistakes(&format!("[{section}]\nlisten = [{any_v4}, {any_v4}]\n"));
        assert!(matches!(twice[..], [ConfigMistake::SameAddress { .. }]), "{twice:?}");
    }
    let loopback = "[rpc]\nlisten = \"127.0.0.1:7\"\n";
    assert_eq!(Listener::unserved(&Listener::of_sockets(&Config::parse(loopback, "").unwrap().rpc.listen)), None);
}

#[test]
fn what_is_not_toml_names_the_line() {
    let error = Config::parse("[rpc]\nlisten = \n", "config.toml").unwrap_err();
    assert!(matches!(&error, ConfigError::Syntax { reason, .. } if reason.contains("line 2")), "{error}");
    let twice = Config::parse("[rpc]\nmax_batch = 1\nmax_batch = 2\n", "config.toml").unwrap_err();
    assert!(matches!(twice, ConfigError::Syntax { .. }), "{twice}");
    let deep = Config::parse(&format!("[rpc]\n{}listen = 1\n", "rpc.".repeat(20)), "config.toml").unwrap_err();
    assert!(
        matches!(&deep, ConfigError::Syntax { reason, .. } if reason.starts_with("line 2: more than 16")),
        "{deep}"
    );
}

#[test]
fn a_missing_file_says_how_to_get_one() {
    let error = Config::load(&Home::at("/nonexistent")).unwrap_err();
    assert!(error.to_string().contains("the-block init"), "{error}");
}

#[test]
fn o30_a_configuration_is_read_as_any_editor_saves_it_or_the_encoding_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::at(folder.path());
    let text = "[storage]\nhistory = 500\n";
    std::fs::create_dir_all(home.config().parent().unwrap()).unwrap();
    for saved in [format!("\u{feff}{text}"), text.replace('\n', "\r\n")] {
        std::fs::write(home.config(), saved).unwrap();
        assert_eq!(Config::load(&home).unwrap().storage.history, KeptHistory::Last(500));
    }
    for order in [u16::to_le_bytes, u16::to_be_bytes] {
        std::fs::write(home.config(), text.encode_utf16().flat_map(order).collect::<Vec<u8>>()).unwrap();
        let said = Config::load(&home).unwrap_err().to_string();
        assert!(said.contains("UTF-16") && said.ends_with("save it as UTF-8"), "{said}");
    }
}
