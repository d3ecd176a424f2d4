//! The network as it is played, and the rules that it is held to.

use super::options::Options;
use super::people::{self, Person, name};
use crate::keys::{Role, key};
use crate::network::Network;
use accounts::{Endowment, FeeSchedule};
use anyhow::{Context as _, Result, bail};
use primitives::{Amount, BuildHash, Digest, Fraction, List, Name, Span, Text, Timestamp};
use profiles::{Loaded, ProfileFiles};
use releases::{FirstManifest, Manifest};
use rollouts::RolloutsGenesis;
use rollouts::check::Ask;
use rollouts::install::SegmentFill;
use rollouts::plan::Plan;

/// Blocks in an epoch: a quarter of a day.
pub const EPOCH_LENGTH: u64 = 6;

/// Milliseconds from one block to the next, and how much one adds to the time that the chain has run, at most.
pub(super) const HOUR: u64 = 60 * 60 * 1_000;

/// When a network begins: Monday, 1 January 2024, 00:00 in UTC, so that the hours of a day are those of windows.
const MONDAY: u64 = 1_704_067_200_000;

/// What everybody who has a role has, in tokens: deposits of its changes, and a fee of one for each transaction.
const FUNDS: Amount = Amount(1_000_000_000);

/// The stage that stands in the beginning, and that to which the commander wants to come.
pub(super) const FIRST_STAGE: &str = "development";
pub(super) const NEXT_STAGE: &str = "testnet";

/// Which validator decides alone until a quorum does.
const SEALER: u64 = 0;

const BROKEN_RULES: [&str; 2] = ["votes-lowered", "ratification-late"];

/// What is the same in all futures.
#[derive(Clone, Debug)]
pub(super) struct Setting {
    /// What the operator said.
    pub options: Options,
    /// The network as the chain begins with it. Where a rule is broken, it is broken here.
    pub network: Network,
    /// The plan as it is in its file, by which everything is counted over.
    pub plan: Plan,
    /// Everybody who has a role: one of each that acts alone, then the council.
    pub people: Vec<Person>,
    /// What is promoted.
    pub build: BuildHash,
}

/// The profile and what it names, as they were when this was built.
struct BuiltIn;

impl ProfileFiles for BuiltIn {
    fn bundle(&self, path: &str) -> Result<Vec<u8>, String> {
        match path {
            "../defaults/mainnet.toml" => Ok(include_bytes!("../../../config/defaults/mainnet.toml").to_vec()),
            other => Err(format!("no bundle {other} is built in")),
        }
    }

    fn document(&self, path: &str) -> Result<Vec<u8>, String> {
        match path {
            "docs/deployment/staged_rollout.md" => {
                Ok(include_bytes!("../../../docs/deployment/staged_rollout.md").to_vec())
            }
            "docs/rollout_plan.md" => Ok(include_bytes!("../../../docs/rollout_plan.md").to_vec()),
            "docs/storage_recovery.md" => Ok(include_bytes!("../../../docs/storage_recovery.md").to_vec()),
            "docs/operations/rollbacks/chain.md" => {
                Ok(include_bytes!("../../../docs/operations/rollbacks/chain.md").to_vec())
            }
            other => Err(format!("no document {other} is built in")),
        }
    }
}

fn built_in() -> Result<Loaded> {
    let profile = include_bytes!("../../../config/profiles/chain.toml");
    profiles::read("config/profiles/chain.toml", profile, &BuiltIn).context("the built-in profile has mistakes")
}

impl Setting {
    pub fn new(options: &Options, mut network: Network, broken: Option<&str>) -> Result<Self> {
        options.check()?;
        let Loaded { plan, segments, .. } = built_in()?;
        let people = people::all(options);
        let build = network.genesis.releases.approved.first().map(|target| target.build_hash);
        let build = build.context("the network has approved no build; name the first one")?;
        let mut played = plan.clone();
        break_rule(&mut played, broken)?;
        let genesis = &mut network.genesis;
        (genesis.chain.epoch_length, genesis.chain.most_block_ms) = (EPOCH_LENGTH, HOUR);
        genesis.chain.level = runtime::LEVEL;
        genesis.time = Timestamp(MONDAY);
        genesis.accounts.fees = FeeSchedule { base: Amount(1), per_byte: Amount::ZERO, per_read: Amount::ZERO };
        let endow = |person: &Person| Endowment { account: person.account(), balance: FUNDS };
        genesis.accounts.balances.extend(people.iter().map(endow));
        let source_commit = Text::new(COMMIT);
        let manifest = Manifest { source_commit, sbom_hash: Some(Digest([3; 32])), ..Manifest::default() };
        genesis.releases.manifests = vec![FirstManifest { build_hash: build, manifest }];
        let filled = |(segment, members): &(Name, List<Text<64>, 256>)| SegmentFill {
            segment: segment.clone(),
            members: members.clone(),
        };
        genesis.rollouts = Some(Box::new(RolloutsGenesis {
            plan: played,
            members: people::seats(&people),
            segments: List::truncate_from(segments.iter().map(filled).collect()),
            stage: Some(name(FIRST_STAGE)),
            sealer: Some(key(Role::Validator, SEALER).account()),
        }));
        network.genesis.check().context("this network cannot be played under the plan")?;
        Ok(Self { options: options.clone(), network, plan, people, build })
    }
}

/// What the build was made from.
pub(super) const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

/// Lets one member decide for all, or gives the council a day more than it has.
fn break_rule(plan: &mut Plan, broken: Option<&str>) -> Result<()> {
    match broken {
        None => {}
        Some("votes-lowered") => {
            let little = Fraction::new(1, 16).context("a sixteenth is a share")?;
            for check in plan.checks.iter_mut() {
                if let Ask::Vote { ballot } = &mut check.ask {
                    ballot.share = little;
                }
            }
        }
        Some("ratification-late") => {
            let duties = plan.procedures.iter_mut().flat_map(|procedure| procedure.close.iter_mut());
            for duty in duties.filter(|duty| duty.check.as_str() == RATIFY) {
                duty.within = Some(Span::hours(48));
            }
        }
        Some(other) => bail!("there is no rule {other:?} to break here; there is: {}", BROKEN_RULES.join(", ")),
    }
    Ok(())
}

/// The check by which the council agrees to what was done in an emergency.
pub(super) const RATIFY: &str = "ratify";

/// How long the council has for that, in milliseconds that the chain runs.
pub(super) const RATIFY_WITHIN: u64 = 24 * HOUR;
