//! Where a node answers applications that ask for the values of flags, and whom (ROLLOUTS 12.1).

use super::{Listen, loopback};
use primitives::Name;
use rpc::AddressRange;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::net::SocketAddr;

/// The evaluation plane: flags over OFREP, streams that say when some have changed, and previews.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WebSection {
    /// Where it is served.
    pub listen: Listen<SocketAddr>,
    /// Web origins whose pages may ask; `*` allows all.
    pub cors_origins: Vec<String>,
    /// Requests a second, on average: of a server's token, of a client's token at one address, else of an address; 0 sets no limit.
    pub requests_per_second: u32,
    /// Open streams, of which half are for channels that were named in an answer to a verified token in the last day.
    pub max_streams: u32,
    /// The origin at which clients reach this node; named in answers where it is set.
    pub origin: String,
    /// Proxies whose word in `X-Forwarded-For` says out of whose rate a request comes; each is an address or a network.
    pub trusted_proxies: Vec<AddressRange>,
    /// How long a report may take to make, in milliseconds, here and over RPC: one that takes longer is refused, and no part of it is
    /// answered.
    pub report_budget_ms: u64,
    /// The plans whose flags this node evaluates for whoever has a token.
    pub plans: Vec<Name>,
    /// The plans whose flags it evaluates for anybody; the first is the one that is asked without a token.
    pub public_plans: Vec<Name>,
}

impl WebSection {
    /// The most plans that a node evaluates.
    pub const MOST_PLANS: usize = 64;

    /// All plans whose flags are evaluated, each once, those for anybody first.
    pub fn evaluated(&self) -> Vec<Name> {
        let mut seen = BTreeSet::new();
        self.public_plans.iter().chain(&self.plans).filter(|plan| seen.insert(*plan)).cloned().collect()
    }

    /// Whether an origin is empty, or a scheme and a host.
    pub(super) fn has_origin(&self, is_origin: impl Fn(&str) -> bool) -> bool {
        self.origin.is_empty() || (self.origin != "*" && is_origin(&self.origin))
    }
}

impl Default for WebSection {
    fn default() -> Self {
        Self {
            listen: loopback(26604),
            cors_origins: Vec::new(),
            requests_per_second: 2_000,
            max_streams: 1_024,
            origin: String::new(),
            trusted_proxies: Vec::new(),
            report_budget_ms: 1_800,
            plans: Vec::new(),
            public_plans: vec![Name::new("chain").expect("letters alone are a name")],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn each_plan_is_evaluated_once_and_those_for_anybody_come_first() {
        let name = |text: &str| Name::new(text).unwrap();
        let section = WebSection {
            plans: vec![name("pos"), name("chain"), name("trunk")],
            public_plans: vec![name("trunk"), name("chain")],
            ..WebSection::default()
        };
        assert_eq!(section.evaluated(), [name("trunk"), name("chain"), name("pos")]);
    }

    #[test]
    fn an_origin_plan_or_proxy_that_cannot_be_is_refused_with_its_line() {
        for bad in [
            "origin = \"flags.example\"",
            "origin = \"*\"",
            "origin = \"https://flags.example/ofrep\"",
            "cors_origins = [\"shop.example\"]",
            "plans = [\"a b\"]",
            "trusted_proxies = [\"localhost\"]",
            "max_streams = 0",
            "report_budget_ms = 0",
        ] {
            let said = Config::parse(&format!("[web]\n{bad}\n"), "config.toml").unwrap_err().to_string();
            assert!(said.contains("line 2: web."), "{bad}: {said}");
        }
        let good =
            "[web]\norigin = \"https://flags.example\"\ncors_origins = [\"https://shop.example\"]\nplans = [\"pos\"]\n";
        assert_eq!(Config::parse(good, "config.toml").unwrap().web.plans, [Name::new("pos").unwrap()]);
    }
}
