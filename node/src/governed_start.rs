//! What a network starts with that a plan governs from its first block on (ROLLOUTS 3.3, 4): the plan of a profile, a key for each who
//! has one of its roles, and the bundle of stages, whose hash every node advertises.

use anyhow::Context as _;
use host::config::{Config, Home};
use host::keys;
use primitives::{AccountId, Digest, List, Name, ScopePattern, SecretKey};
use profiles::Loaded;
use roles::Seat;
use rollouts::RolloutsGenesis;
use rollouts::check::Ask;
use rollouts::install::{RoleSeats, SegmentFill};
use std::path::{Path, PathBuf};

/// The plan that governs a new network, and how far that has come.
#[derive(Debug, Clone)]
pub struct GovernedStart {
    loaded: Loaded,
    stage: Option<Name>,
    sealer: Option<u16>,
}

/// A new key of somebody who has a role.
#[derive(Debug, Clone)]
pub struct CouncilKey {
    /// The role.
    pub role: Name,
    /// What its file is called.
    pub file: String,
    /// The key.
    pub key: SecretKey,
}

impl GovernedStart {
    /// Reads a profile, whose documents lie below `root`. `stage` stands from the first block on; where none is named, the first
    /// promotion is to the first stage. `sealer` is the number of the validator that decides blocks alone while the stage has no quorum
    /// decide them; the first one, where none is named.
    ///
    /// # Errors
    /// Everything that is wrong with the profile and what it names, at once.
    pub fn read(profile: &Path, root: &Path, stage: Option<Name>, sealer: Option<u16>) -> anyhow::Result<Self> {
        Ok(Self { loaded: profiles::load(profile, root)?, stage, sealer })
    }

    /// What the plan is called.
    pub fn plan(&self) -> &Name {
        &self.loaded.plan.name
    }

    /// The BLAKE3 of the bundle's bytes, as `b3sum` prints it.
    pub fn bundle(&self) -> Digest {
        self.loaded.plan.bundle
    }

    /// The stage that stands from the first block on.
    pub fn stage(&self) -> Option<&Name> {
        self.stage.as_ref()
    }

    /// New keys: for each role as many as it has members at least, and one for a role that may have none. Those who vote are numbered
    /// members, others are called by their role.
    pub fn council(&self) -> Vec<CouncilKey> {
        let voters = self.voters();
        let roles = self.loaded.plan.roles.iter();
        let of_role = roles.flat_map(|(role, rules)| {
            let count = rules.least_members.max(1);
            let file = move |number: u8| match (voters == Some(role), count) {
                (true, _) => format!("member{number}.key"),
                (false, 1) => format!("{role}.key"),
                (false, _) => format!("{role}{number}.key"),
            };
            (0..count).map(move |number| CouncilKey { role: role.clone(), file: file(number), key: keys::generate() })
        });
        of_role.collect()
    }

    /// The role that the plan has vote, the first that it names.
    fn voters(&self) -> Option<&Name> {
        self.loaded.plan.checks.iter().find_map(|check| match &check.ask {
            Ask::Vote { ballot } => Some(&ballot.role),
            _ => None,
        })
    }

    /// The part of a genesis with these validators, of which the first is number 0.
    ///
    /// # Errors
    /// A sealer that is none of them. All else is for [`runtime::Genesis::check`] to find.
    pub fn genesis(&self, validators: &[AccountId], council: &[CouncilKey]) -> anyhow::Result<RolloutsGenesis> {
        let plan = &self.loaded.plan;
        let members = plan.roles.iter().map(|(role, _)| RoleSeats { role: role.clone(), seats: seats(council, role) });
        let fills = self.loaded.segments.iter();
        let fills = fills.map(|(segment, members)| SegmentFill { segment: segment.clone(), members: members.clone() });
        let mut genesis = RolloutsGenesis {
            plan: plan.clone(),
            members: List::truncate_from(members.collect()),
            segments: List::truncate_from(fills.collect()),
            stage: self.stage.clone(),
            sealer: None,
        };
        // One that is named where a quorum decides is a mistake of the genesis, and said with the others.
        if let Some(number) = self.sealer.or(genesis.is_sealed().then_some(0)) {
            let sealer = validators.get(usize::from(number)).copied();
            genesis.sealer = Some(sealer.with_context(|| {
                format!("--sealer {number} is none of the {} validators, which are counted from 0", validators.len())
            })?);
        }
        Ok(genesis)
    }

    /// Has a node advertise the bundle, and believe in the channel of the stage that stands.
    pub fn configure(&self, config: &mut Config) {
        let stage = self.stage.as_ref().and_then(|stage| self.loaded.plan.stage(stage));
        if let Some(stage) = stage {
            config.rollout.release_channel = stage.channel.clone();
        }
    }

    /// The bundle, byte for byte, and where a home has it by its configuration.
    ///
    /// # Errors
    /// A configuration that names none.
    pub fn bundle_of(&self, home: &Home, config: &Config) -> anyhow::Result<(PathBuf, String)> {
        let place = home.bundle(config).context("the configuration of a new home names no bundle")?;
        let text = String::from_utf8(self.loaded.bundle_bytes.clone()).context("a bundle is text")?;
        Ok((place, text))
    }
}

/// Those who have a role, each wherever the role may act.
fn seats(council: &[CouncilKey], role: &Name) -> List<Seat, 16> {
    let of_role = council.iter().filter(|member| member.role == *role);
    let seats = of_role.map(|member| Seat {
        account: member.key.account(),
        scopes: List::truncate_from(vec![ScopePattern::everywhere()]),
    });
    List::truncate_from(seats.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::{NetworkPlan, PlannedNode};
    use primitives::Amount;
    use runtime::Genesis;
    use std::fs;

    /// The root of the repository.
    fn root() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
    }

    fn name(text: &str) -> Name {
        text.parse().unwrap()
    }

    /// A network under the plan of the repository, at a stage.
    fn under_plan(stage: Option<&str>, sealer: Option<u16>) -> NetworkPlan {
        let profile = root().join("config/profiles/chain.toml");
        let governed = GovernedStart::read(&profile, &root(), stage.map(name), sealer).unwrap();
        NetworkPlan { nodes: 2, governed: Some(governed), ..NetworkPlan::default() }
    }

    fn genesis(node: &PlannedNode) -> Genesis {
        serde_json::from_slice(&fs::read(node.home.genesis()).unwrap()).unwrap()
    }

    #[test]
    fn a_network_under_a_plan_has_keys_for_its_roles_and_the_bundle_where_each_home_looks_for_it() {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("net");
        let nodes = under_plan(Some("development"), None).write(&dir).unwrap();
        let genesis = genesis(&nodes[0]);
        let rollouts = genesis.rollouts.as_ref().unwrap();
        assert_eq!(rollouts.sealer, Some(nodes[0].account), "the first decides alone, where none is named");
        let seats = |role: &str| rollouts.members.iter().find(|seats| seats.role == name(role)).unwrap().seats.clone();
        let key = |file: &str| keys::read(&dir.join("council").join(format!("{file}.key"))).unwrap();
        for (role, files) in [
            ("release_commander", "release_commander"),
            ("sre_lead", "sre_lead"),
            ("security_steward", "security_steward"),
            ("governance_council", "member0 member1 member2"),
        ] {
            let accounts: Vec<AccountId> = files.split(' ').map(|file| key(file).account()).collect();
            let seated: Vec<AccountId> = seats(role).iter().map(|seat| seat.account).collect();
            assert_eq!(seated, accounts, "{role}");
            let balance = |account: &AccountId| {
                genesis.accounts.balances.iter().find(|endowed| endowed.account == *account).unwrap().balance
            };
            assert!(accounts.iter().all(|account| balance(account) > Amount(1_000_000)), "{role} can pay");
        }
        let bundle = fs::read(root().join("config/defaults/mainnet.toml")).unwrap();
        for node in &nodes {
            let config = Config::load(&node.home).unwrap();
            assert_eq!(config.rollout.release_channel, name("development"));
            assert_eq!(fs::read(node.home.bundle(&config).unwrap()).unwrap(), bundle);
        }
        assert_eq!(rollouts.plan.bundle, Digest::blake3(&bundle));
    }

    #[test]
    fn who_decides_alone_is_named_by_its_number_and_nobody_does_where_a_quorum_decides() {
        let folder = tempfile::tempdir().unwrap();
        let write = |dir: &str, stage, sealer| under_plan(stage, sealer).write(&folder.path().join(dir));
        let second = write("second", Some("development"), Some(1)).unwrap();
        assert_eq!(genesis(&second[0]).rollouts.unwrap().sealer, Some(second[1].account));
        let before = write("before", None, None).unwrap();
        assert_eq!(genesis(&before[0]).rollouts.unwrap().sealer, Some(before[0].account), "the fallback is off");
        let quorum = write("quorum", Some("testnet"), None).unwrap();
        assert_eq!(genesis(&quorum[0]).rollouts.unwrap().sealer, None);
        for (stage, sealer, wrong) in [
            ("development", Some(2), "--sealer 2 is none of the 2 validators"),
            ("testnet", Some(0), "rollouts.sealer"),
            ("nowhere", None, "rollouts.stage"),
            ("canary", None, "rollouts.stage"),
        ] {
            let error = write("wrong", Some(stage), sealer).unwrap_err().to_string();
            assert!(error.contains(wrong), "{stage}: {error}");
            assert!(!folder.path().join("wrong").exists(), "nothing is left");
        }
    }

    #[test]
    fn every_mistake_of_a_profile_is_told_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("chain.toml");
        let text = fs::read_to_string(root().join("config/profiles/chain.toml")).unwrap();
        let text = text.replace("monotonic = true", "monotone = true").replace("../defaults", "../nowhere");
        fs::write(&file, text).unwrap();
        let error = GovernedStart::read(&file, &root(), None, None).unwrap_err().to_string();
        for said in ["did you mean policy.monotonic?", "policy.monotonic is left out", "../nowhere/mainnet.toml"] {
            assert!(error.contains(said), "{said}: {error}");
        }
    }
}
