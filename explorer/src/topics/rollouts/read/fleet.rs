//! What nodes say that they run, held against what the chain has for each of them.

use super::super::answer::{FleetAnswer, FleetLine};
use super::flags::SetFlags;
use super::plan::{PlanNow, plan_now};
use crate::store::column::typed;
use crate::store::{Index, QueryError};
use crate::topics::{accounts, blocks, validators};
use flags::{EvaluationContext, Gate, resolve};
use primitives::{AccountId, Amount, Name, Path};
use releases::Advertisement;
use rollouts::plan::Stage;
use rpc::views::FleetMatch;
use sqlx::Row as _;

/// The fleet of a plan; none of a plan that there never was.
///
/// # Errors
/// The database cannot be read.
pub async fn fleet(index: &Index, name: &Name) -> Result<Option<FleetAnswer>, QueryError> {
    let Some(plan) = plan_now(index, name).await? else { return Ok(None) };
    let (at, candidates) = (blocks::read::moment(index).await?, validators::read::candidates_now(index).await?);
    let gates = NodeGates::of(index).await?;
    let turned_on = plan.next().map(|stage| gates.turned_on(&plan, stage));
    let mut nodes = Vec::new();
    for candidate in &candidates.validators {
        let said = validators::read::advertised(index, &candidate.account).await?;
        let (said_at, advertised) = said.unzip();
        nodes.push(line(&gates, &plan, turned_on, (candidate.account, candidate.power), (said_at, advertised)));
    }
    let share = |fits: &dyn Fn(&FleetLine) -> bool| FleetMatch {
        power: nodes.iter().filter(|node| fits(node)).map(|node| node.power).sum(),
        total: candidates.total_power(),
        nodes: few(nodes.iter().filter(|node| fits(node)).count()),
        of: few(nodes.len()),
    };
    let current = share(&|node| node.is_current);
    let next = turned_on.map(|_| share(&|node| node.is_ready == Some(true)));
    let bundle = share(&|node| node.has_bundle);
    let described = accounts::read::described(index, nodes.iter().map(|node| node.account).collect()).await?;
    Ok(Some(FleetAnswer {
        at,
        plan: name.clone(),
        epoch: at.epoch,
        stage: plan.last().map(|(stage, _)| stage.name.clone()),
        next_stage: plan.next().map(|stage| stage.name.clone()),
        current,
        next,
        bundle,
        nodes,
        described,
    }))
}

fn few(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn line(
    gates: &NodeGates,
    plan: &PlanNow,
    turned_on: Option<u64>,
    (account, power): (AccountId, Amount),
    (said_at, advertised): (Option<primitives::Height>, Option<Advertisement>),
) -> FleetLine {
    let said = advertised.as_ref();
    let is_ready = |on: u64| said.is_some_and(|said| said.known & on == on && said.held & on == 0);
    FleetLine {
        account,
        power,
        said_at,
        is_current: said.is_some_and(|said| gates.are_seen(&account, said)),
        is_ready: turned_on.map(is_ready),
        has_bundle: said.is_some_and(|said| said.bundle == plan.plan.bundle),
        held: said.map(|said| named(said.held)).unwrap_or_default(),
        unknown: said.map(|said| named(!said.known)).unwrap_or_default(),
        advertised,
    }
}

/// The bit of a gate in what nodes advertise.
fn bit(gate: Gate) -> u64 {
    1 << (gate as u32)
}

/// The gates whose bits are set.
fn named(bits: u64) -> Vec<Gate> {
    Gate::ALL.iter().copied().filter(|gate| bits & bit(*gate) != 0).collect()
}

/// The gates of the network, by what its plan sets; without one they stand as without a plan.
struct NodeGates(Option<SetFlags>);

impl NodeGates {
    async fn of(index: &Index) -> Result<Self, QueryError> {
        let row = index.one("SELECT plan FROM plans WHERE of_node=1", Vec::new()).await?;
        Ok(match row {
            Some(row) => Self(Some(SetFlags::of(index, &typed("a plan", row.get(0))?).await?)),
            None => Self(None),
        })
    }

    /// Whether a gate is on for an account.
    fn is_on_for(&self, gate: Gate, who: &AccountId) -> bool {
        let scoped = self.0.as_ref().and_then(|set| set.scoped(&key(gate)?, &Path::ROOT));
        let on = scoped.map(|scoped| {
            let served = resolve(&scoped, &EvaluationContext::of(&who.to_string()));
            scoped.flag.flag.is_on(served.variant)
        });
        on.unwrap_or_else(|| gate.without_plan())
    }

    fn is_on_for_all(&self, gate: Gate) -> bool {
        let scoped = self.0.as_ref().and_then(|set| set.scoped(&key(gate)?, &Path::ROOT));
        scoped.map_or_else(|| gate.without_plan(), |scoped| scoped.is_on_for_all())
    }

    /// Whether a node sees what holds for its account; what its build knows beyond this one is no drift.
    fn are_seen(&self, who: &AccountId, said: &Advertisement) -> bool {
        Gate::ALL.iter().all(|gate| (said.gates & bit(*gate) != 0) == self.is_on_for(*gate, who))
    }

    /// The gates that are on at a stage, its steps included, and not for everybody now.
    fn turned_on(&self, plan: &PlanNow, stage: &Stage) -> u64 {
        let set = stage.steps.iter().flat_map(|step| step.sets.iter()).map(|(flag, variant, _)| (flag, variant));
        let values = stage.values.iter().map(|(flag, variant)| (flag, variant)).chain(set);
        let on = values.filter_map(|(key, variant)| {
            let gate = Gate::named(key).filter(|gate| !self.is_on_for_all(*gate))?;
            let flag = plan.plan.flag(key)?;
            flag.place_of(variant).is_some_and(|place| flag.is_on(place)).then(|| bit(gate))
        });
        on.fold(0, |all, gate| all | gate)
    }
}

fn key(gate: Gate) -> Option<Name> {
    Name::new(gate.into())
}
