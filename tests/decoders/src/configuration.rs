//! `config.toml`, as people and programs write it.

use crate::{Outcome, Seed};
use host::config::{Config, ConfigError, ConfigMistake};

/// More bytes than this are not looked at: each key is read by itself, and libFuzzer would call a long file slow.
const MOST: usize = 16 << 10;
/// The name of the file in errors.
const FILE: &str = "config.toml";

/// What is read is read again from what it is written as, and what is not says where and why.
pub fn check(bytes: &[u8]) -> Outcome {
    let text = std::str::from_utf8(bytes).ok().filter(|text| text.len() <= MOST);
    let Some(text) = text else { return Outcome::Refused };
    match Config::parse(text, FILE) {
        Ok(config) => {
            let written = config.to_text();
            let read = Config::parse(&written, FILE).unwrap_or_else(|error| panic!("{error}\n{written}"));
            assert_eq!(read, config, "{written}");
            Outcome::Taken
        }
        Err(ConfigError::Syntax { reason, .. }) => {
            assert!(!reason.is_empty());
            Outcome::Refused
        }
        Err(ConfigError::Mistakes { mistakes, .. }) => {
            assert!(!mistakes.is_empty());
            let lines = 1..=text.matches('\n').count() + 1;
            for mistake in &mistakes {
                let (ConfigMistake::UnknownKey { line, .. } | ConfigMistake::InvalidValue { line, .. }) = mistake
                else {
                    continue;
                };
                assert!(lines.contains(line), "{mistake}");
            }
            Outcome::Refused
        }
        Err(other) => panic!("not what can be wrong with a text: {other}"),
    }
}

/// The file that `init` writes, and one of which much was changed.
pub fn seeds() -> Vec<Seed> {
    let default = Config::default().to_text();
    let changed = r#"
rpc.max_batch = 5
[overlay]
listen = "/ip4/0.0.0.0/tcp/26603"
peers = ["/dns4/node-1.example/tcp/26603", '/ip6/::1/tcp/9']
[storage]
history = 1000
gov_db = "C:\\odd \"name\""
[boot]
ticket_sources = ["http://192.0.2.7:26600"]
[update]
sources = ["https://releases.example.org/bin"]
[log]
level = "info,libp2p=debug"
format = "json"
[validator]
key = ""
"#;
    let section = |text: &str| Seed { name: text.trim_matches(['[', ']']).into(), bytes: text.as_bytes().into() };
    let files = [("default", default.as_str()), ("changed", changed)];
    let files = files.map(|(name, text)| Seed { name: name.into(), bytes: text.as_bytes().into() });
    files.into_iter().chain(default.lines().filter(|line| line.starts_with('[')).map(section)).collect()
}
