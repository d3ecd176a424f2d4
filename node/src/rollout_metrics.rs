//! What is waited for, what is late and what drifts under the plan that governs this network, for dashboards and alarms (ROLLOUTS 12.1).
//!
//! It is read from the newest state when somebody asks for metrics, once for each block. Labels come from the plan of the network alone,
//! which stake installs; of what applications bring nothing is counted here. Where no plan governs the network nothing is said.

use primitives::{Amount, ChangeId, Height, Moment, Name};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric as _};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::gauge::ConstGauge;
use rollouts::change::{ChangeProgress, ChangeState};
use rollouts::plans::{self, KeptRef};
use rollouts::queries;
use rollouts::verdict::FindingState;
use rpc::ReadError;
use rpc::views::RolloutClock;
use runtime::CHAIN;
use state::State;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use store::StoreView;
use store::db::Store;

/// The metrics of what the plan of the network governs.
pub struct RolloutMetrics {
    store: Store,
    /// What was read last, and after which block.
    read: Mutex<Option<(Height, RolloutFigures)>>,
}

/// What there is to say after a block.
#[derive(Debug, Clone, PartialEq, Eq)]
struct RolloutFigures {
    plan: Name,
    /// The stages in their order, each with whether it is the last that stands.
    stages: Vec<(Name, bool)>,
    /// Changes that wait for their approval.
    open: i64,
    /// Changes that wait to be carried out.
    approved: i64,
    /// Changes that were carried out, and owe something or stop something.
    active: i64,
    /// Changes with a duty whose time is over.
    overdue: i64,
    is_frozen: bool,
    /// Until the first of the votes that are owed on emergencies is missed.
    ratify_seconds_left: Option<i64>,
    /// The power of the candidates that do not see the gates as the chain has them.
    drifting: i64,
    /// The power of all.
    power: i64,
    /// The playbooks that are to be tried, each with whether its last trial is no good any more.
    drills: Vec<(Name, bool)>,
}

impl RolloutMetrics {
    /// Over a store that blocks are committed to.
    pub fn new(store: Store) -> Self {
        Self { store, read: Mutex::default() }
    }

    /// What there is to say now; nothing where no plan governs the network.
    fn figures(&self) -> Result<Option<RolloutFigures>, ReadError> {
        let view = self.store.view();
        let Some(chain) = CHAIN.get(&State::over(&view)) else { return Ok(None) };
        let view = StoreView::new(view, chain.epoch_length);
        let state = State::over(&view);
        let Some(plan) = plans::of_node(&state) else { return Ok(None) };
        let clock = RolloutClock::of(&view, &state)?;
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        match &*read {
            Some((height, figures)) if *height == clock.at.height => Ok(Some(figures.clone())),
            _ => {
                let figures = RolloutFigures::of(&state, &clock, &plan);
                *read = Some((clock.at.height, figures.clone()));
                Ok(Some(figures))
            }
        }
    }
}

impl RolloutFigures {
    fn of(state: &State, clock: &RolloutClock, plan: &KeptRef) -> Self {
        let (name, at) = (&plan.name, clock.at);
        let last = plan.last_standing(state).map(|(stage, _)| stage);
        let live: Vec<(ChangeId, ChangeProgress)> =
            queries::live(state, name).filter_map(|id| Some((id, queries::progress(state, id)?))).collect();
        let are = |wanted: ChangeState| count(live.iter().filter(|(_, progress)| progress.state == wanted).count());
        let late: BTreeSet<ChangeId> = queries::overdue(state, name).map(|(_, id)| id).collect();
        let owed = live.iter().filter_map(|(id, progress)| ratify_ms_left(state, clock, *id, progress));
        let fleet = queries::fleet(state, at, plan).current;
        Self {
            plan: name.clone(),
            stages: plan.kept.stages.iter().map(|stage| (stage.clone(), Some(stage) == last.as_ref())).collect(),
            open: are(ChangeState::Open),
            approved: are(ChangeState::Approved),
            active: are(ChangeState::Active),
            overdue: count(late.len()),
            is_frozen: queries::frozen(state, at, name).is_some(),
            ratify_seconds_left: owed.min().map(|left_ms| i64::try_from(left_ms / 1_000).unwrap_or(i64::MAX)),
            drifting: tokens(Amount(fleet.total.0.saturating_sub(fleet.power.0))),
            power: tokens(fleet.total),
            drills: drills(state, at, plan),
        }
    }

    fn encode(&self, encoder: &mut DescriptorEncoder) -> fmt::Result {
        let plan = self.plan.as_str();
        let labels = |stage| [("plan", plan), ("stage", stage)];
        let stages = self.stages.iter().map(|(stage, stands)| (labels(stage.as_str()), i64::from(*stands)));
        let about = "1 for the stage that the network stands at, else 0";
        family(encoder, "rollout_stage", about, stages)?;
        let changes = [("open", self.open), ("approved", self.approved), ("active", self.active)];
        let about = "Changes under the plan of the network that something can still happen to";
        family(encoder, "rollout_changes", about, changes.map(|(state, count)| ([("state", state)], count)))?;
        let about = "Changes that owe something whose time is over";
        gauge(encoder, "rollout_overdue", about, Some(self.overdue))?;
        let about = "1 while the network stands still for a stage that is entered, else 0";
        gauge(encoder, "rollout_frozen", about, Some(i64::from(self.is_frozen)))?;
        let about = "Until the first emergency that is not ratified is held or undone; nothing while none waits";
        gauge(encoder, "rollout_ratify_seconds_left", about, self.ratify_seconds_left)?;
        let about = "Stake of candidates whose nodes do not say that they see the gates as the chain has them";
        gauge(encoder, "fleet_drift_stake", about, Some(self.drifting))?;
        gauge(encoder, "fleet_stake", "Stake of all candidates", Some(self.power))?;
        let drills = self.drills.iter().map(|(playbook, stale)| ([("playbook", playbook.as_str())], i64::from(*stale)));
        let about = "1 for a playbook without a good trial as young as it asks for, else 0";
        family(encoder, "rollout_drill_stale", about, drills)
    }
}

/// Until the first vote that a change owes by a time is missed, in milliseconds; none where it owes none.
fn ratify_ms_left(state: &State, clock: &RolloutClock, id: ChangeId, progress: &ChangeProgress) -> Option<u64> {
    let version = queries::version_of(state, &queries::change(state, id)?).ok()?;
    let is_vote = |check: &Name| version.check(state, check).is_some_and(|check| check.ask.is_vote());
    let owed = progress.owed_in_time().filter(|duty| is_vote(&duty.check)).filter_map(|duty| duty.ends);
    owed.map(|ends| clock.due(ends).left_ms).min()
}

fn drills(state: &State, at: Moment, plan: &KeptRef) -> Vec<(Name, bool)> {
    let seen = queries::drills(state, at, plan);
    seen.into_iter().map(|drill| (drill.domain, drill.state != FindingState::Met)).collect()
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn tokens(amount: Amount) -> i64 {
    i64::try_from(amount.0).unwrap_or(i64::MAX)
}

/// A gauge, with a sample where there is a value.
fn gauge(encoder: &mut DescriptorEncoder, name: &str, about: &str, value: Option<i64>) -> fmt::Result {
    let encoder = encoder.encode_descriptor(name, about, None, MetricType::Gauge)?;
    value.map_or(Ok(()), |value| ConstGauge::new(value).encode(encoder))
}

/// Gauges of one name, told apart by their labels.
fn family<'l, const N: usize>(
    encoder: &mut DescriptorEncoder,
    name: &str,
    about: &str,
    samples: impl IntoIterator<Item = ([(&'l str, &'l str); N], i64)>,
) -> fmt::Result {
    let mut family = encoder.encode_descriptor(name, about, None, MetricType::Gauge)?;
    for (labels, value) in samples {
        ConstGauge::new(value).encode(family.encode_family(&labels)?)?;
    }
    Ok(())
}

impl Collector for RolloutMetrics {
    fn encode(&self, mut encoder: DescriptorEncoder) -> fmt::Result {
        match self.figures() {
            Ok(Some(figures)) => figures.encode(&mut encoder),
            Ok(None) => Ok(()),
            Err(error) => {
                tracing::warn!(%error, "what the plan of the network governs cannot be counted");
                Ok(())
            }
        }
    }
}

impl fmt::Debug for RolloutMetrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RolloutMetrics").field("read", &self.read).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::governed_start::{CouncilKey, GovernedStart};
    use accounts::Endowment;
    use ledger::Ledger;
    use primitives::{AccountId, List, Path, Reason, ReleaseClass, SecretKey, Text};
    use prometheus_client::encoding::text;
    use prometheus_client::registry::Registry;
    use rollouts::change::{ChangeDraft, ChangeRequest};
    use rollouts::plan::Nature;
    use runtime::testing::{self, validator};
    use runtime::{Call, Genesis};
    use store::db::{Access, Settings};
    use tempfile::TempDir;

    const HOUR: u64 = 3_600_000;

    fn name(text: &str) -> Name {
        Name::new(text).unwrap()
    }

    /// A chain of four validators over a store, and what is scraped from it.
    struct Scraped {
        genesis: Genesis,
        council: Vec<CouncilKey>,
        ledger: Ledger<Store>,
        registry: Registry,
        _dir: TempDir,
    }

    impl Scraped {
        fn begin(mut genesis: Genesis, council: Vec<CouncilKey>) -> Self {
            genesis.chain.most_block_ms = HOUR;
            let dir = tempfile::tempdir().unwrap();
            let store = Store::open(dir.path().join("db"), Access::Primary, Settings::default()).unwrap();
            store.commit_genesis(&genesis).unwrap();
            let head = store.view().header(Height(0)).unwrap().unwrap();
            let mut registry = Registry::default();
            registry.register_collector(Box::new(RolloutMetrics::new(store.clone())));
            Self { ledger: Ledger::over(store, &genesis, head), genesis, council, registry, _dir: dir }
        }

        /// Under the plan of `config/profiles/chain.toml`, where testnet stands.
        fn under_a_plan() -> Self {
            let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
            let profile = root.join("config/profiles/chain.toml");
            let start = GovernedStart::read(&profile, &root, Some(name("testnet")), None).unwrap();
            let (mut genesis, council) = (testing::genesis(), start.council());
            let validators: Vec<AccountId> = (0..4).map(|index| validator(index).account()).collect();
            genesis.rollouts = Some(Box::new(start.genesis(&validators, &council).unwrap()));
            let endow = |member: &CouncilKey| Endowment { account: member.key.account(), balance: Amount(10_000_000) };
            genesis.accounts.balances.extend(council.iter().map(endow));
            Self::begin(genesis, council)
        }

        /// A block so long after the one before, with at most one call.
        fn block(&mut self, after_ms: u64, asked: Option<(SecretKey, Call)>) {
            let transactions = asked.map(|(key, call)| testing::signed(&self.genesis, &key, 0, call));
            let time = self.ledger.head().at.time.plus(after_ms);
            let block = self.ledger.propose(0, time, validator(0).account(), transactions).unwrap();
            let keys: Vec<SecretKey> = (0..4).map(validator).collect();
            let certificate = testing::certificate(&block.header, &keys);
            let committed = self.ledger.commit(block, certificate).unwrap();
            let refused = committed.executed.facts.iter().find_map(|fact| fact.outcome.as_ref().err());
            assert!(refused.is_none(), "{refused:?}");
        }

        /// The commander disables a gate, in an emergency.
        fn disable(&self, gate: &str) -> (SecretKey, Call) {
            let commander = self.council.iter().find(|member| member.role == name("release_commander")).unwrap();
            let (flags, scope) = (List::truncate_from(vec![name(gate)]), Path::ROOT);
            let change = ChangeDraft {
                version: 1,
                bundle: self.genesis.rollouts.as_ref().unwrap().plan.bundle,
                request: ChangeRequest::Disable { flags, scope, cause: name("SAFETY") },
                class: ReleaseClass::Minor,
                nature: Nature::Feature,
                phase: None,
                sealer: None,
                ticket: None,
                reason: Reason::new("blocks are missing").unwrap(),
                milestone: None,
                impact: Text::default(),
                features: List::new(),
            };
            let (plan, acting) = (name("chain"), commander.role.clone());
            let call = rollouts::Call::Submit { plan, acting, change: Box::new(change) };
            (commander.key.clone(), Call::Rollouts(call))
        }

        fn text(&self) -> String {
            let mut out = String::new();
            text::encode(&mut out, &self.registry).unwrap();
            out
        }

        /// The value of a sample, by its name and labels; none where there is none.
        fn value(&self, sample: &str) -> Option<i64> {
            let text = self.text();
            let line = text.lines().find_map(|line| line.strip_prefix(sample)?.strip_prefix(' '))?;
            Some(line.parse().unwrap())
        }
    }

    #[test]
    fn nothing_is_said_of_a_network_that_no_plan_governs() {
        let mut scraped = Scraped::begin(testing::genesis(), Vec::new());
        scraped.block(1_000, None);
        assert_eq!(scraped.text(), "# EOF\n");
    }

    #[test]
    fn a_network_at_testnet_shows_its_stage_who_is_silent_and_what_nobody_tried() {
        let scraped = Scraped::under_a_plan();
        for (stage, stands) in [("development", 0), ("testnet", 1), ("canary", 0), ("mainnet", 0)] {
            let sample = format!("rollout_stage{{plan=\"chain\",stage=\"{stage}\"}}");
            assert_eq!(scraped.value(&sample), Some(stands), "{stage}");
        }
        for state in ["open", "approved", "active"] {
            assert_eq!(scraped.value(&format!("rollout_changes{{state=\"{state}\"}}")), Some(0), "{state}");
        }
        let quiet = ["rollout_overdue", "rollout_frozen"].map(|sample| scraped.value(sample));
        assert_eq!(quiet, [Some(0), Some(0)]);
        assert_eq!(scraped.value("rollout_ratify_seconds_left"), None);
        let stake = scraped.value("fleet_stake").unwrap();
        assert!(stake > 0 && scraped.value("fleet_drift_stake") == Some(stake), "nobody has said what it runs");
        for playbook in ["chain", "storage"] {
            let sample = format!("rollout_drill_stale{{playbook=\"{playbook}\"}}");
            assert_eq!(scraped.value(&sample), Some(1), "{playbook}");
        }
        assert_eq!(scraped.value("rollout_drill_stale{playbook=\"chain-testnet\"}"), None, "nobody has to try it");
    }

    #[test]
    fn an_emergency_counts_down_until_it_is_late_and_is_overdue_from_then_on() {
        let mut scraped = Scraped::under_a_plan();
        let asked = scraped.disable("pruning");
        scraped.block(1_000, Some(asked));
        let figures = |scraped: &Scraped| {
            let left = scraped.value("rollout_ratify_seconds_left");
            (scraped.value("rollout_changes{state=\"active\"}"), left, scraped.value("rollout_overdue"))
        };
        assert_eq!(figures(&scraped), (Some(1), Some(86_400), Some(0)));
        scraped.block(1_500, None);
        assert_eq!(figures(&scraped), (Some(1), Some(86_398), Some(0)), "what is left of a second is none");
        for _ in 0..24 {
            scraped.block(HOUR, None);
        }
        assert_eq!(figures(&scraped), (Some(1), None, Some(1)), "once, whatever else it owes");
    }

    #[test]
    fn a_node_that_says_what_the_chain_has_drifts_no_more() {
        let mut scraped = Scraped::under_a_plan();
        let drift = scraped.value("fleet_drift_stake").unwrap();
        let gates = flags::Gates::of(&State::over(&scraped.ledger.storage().view())).on;
        let said = releases::Advertisement {
            channel: name("testnet"),
            gates,
            known: u64::MAX,
            held: 0,
            bundle: primitives::Digest([0; 32]),
            build: primitives::BuildHash([0xaa; 32]),
        };
        scraped.block(1_000, Some((validator(1), testing::advertise(said))));
        assert_eq!(scraped.value("fleet_drift_stake"), Some(drift / 4 * 3));
    }
}
