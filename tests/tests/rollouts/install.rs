//! Does a network come under the plan of `config/profiles/chain.toml`: from its genesis on, or by a vote of the stake?

use flags::{Gate, Gates};
use governance::{Choice, TrackName};
use primitives::{AccountId, List, Name, ScopePattern, SecretKey};
use roles::Seat;
use rollouts::RolloutsGenesis;
use rollouts::install::{Installation, ListedMove, RoleSeats, SegmentFill};
use rollouts::plan::Plan;
use rollouts::plans::{self, FIRST_CHANGE};
use runtime::testing::{attended, context, genesis, propose_for, signed, validator, vote};
use runtime::{Call, Event, Executed, Genesis, Motion, execute};
use staking::queries::{candidates, validator_set};
use state::{Memory, State};
use tests::explorer::repository;

fn chain_plan() -> anyhow::Result<profiles::Loaded> {
    Ok(profiles::load(&repository().join("config/profiles/chain.toml"), &repository())?)
}

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

/// As many members as each role has at least, who are the validators.
fn members(plan: &Plan) -> List<RoleSeats, 16> {
    let seats = |least: u8| {
        let seat = |index| Seat {
            account: validator(index).account(),
            scopes: List::truncate_from(vec![ScopePattern::everywhere()]),
        };
        List::truncate_from((0..least).map(seat).collect())
    };
    let roles =
        plan.roles.iter().map(|(role, rules)| RoleSeats { role: role.clone(), seats: seats(rules.least_members) });
    List::truncate_from(roles.collect())
}

fn segments(loaded: &profiles::Loaded) -> List<SegmentFill, 64> {
    let fills = loaded.segments.iter();
    let fills = fills.map(|(segment, members)| SegmentFill { segment: segment.clone(), members: members.clone() });
    List::truncate_from(fills.collect())
}

/// The small network, governed from its first block on.
fn governed(stage: Option<&str>, sealer: Option<AccountId>) -> anyhow::Result<Genesis> {
    let loaded = chain_plan()?;
    let (members, segments) = (members(&loaded.plan), segments(&loaded));
    let rollouts = RolloutsGenesis { plan: loaded.plan, members, segments, stage: stage.map(name), sealer };
    Ok(Genesis { rollouts: Some(Box::new(rollouts)), ..genesis() })
}

/// A chain in memory, whose blocks nobody has to decide.
struct Chain {
    genesis: Genesis,
    memory: Memory,
    height: u64,
}

impl Chain {
    fn new(genesis: Genesis) -> Self {
        Self { memory: genesis.build(), genesis, height: 0 }
    }

    fn state(&self) -> State<'_> {
        State::over(&self.memory)
    }

    fn block(&mut self, asked: &[(SecretKey, Call)]) -> anyhow::Result<Executed> {
        self.height += 1;
        let sign = |(key, call): &(SecretKey, Call)| {
            let nonce = accounts::queries::account(&self.state(), &key.account()).nonce;
            signed(&self.genesis, key, nonce, call.clone())
        };
        let transactions: Vec<_> = asked.iter().map(sign).collect();
        let (context, keys) = (context(&self.genesis, self.height), (0..4).map(validator).collect::<Vec<_>>());
        let context = attended(&self.genesis, &self.state(), context, &keys);
        let executed = execute(&self.memory, &context, &transactions)?;
        self.memory.commit(executed.writes.clone());
        Ok(executed)
    }
}

fn mistakes(genesis: &Genesis) -> Vec<String> {
    genesis.check().err().map(|found| found.0.into_iter().map(|mistake| mistake.field).collect()).unwrap_or_default()
}

#[test]
fn a_network_may_begin_at_every_stage_but_one_that_is_for_nobody() -> anyhow::Result<()> {
    let sealer = Some(validator(1).account());
    for (stage, sealer, wrong) in [
        (None, sealer, None),
        (Some("development"), sealer, None),
        (Some("development"), None, Some("rollouts.sealer")),
        (Some("development"), Some(AccountId([9; 32])), Some("rollouts.sealer")),
        (Some("testnet"), None, None),
        (Some("testnet"), sealer, Some("rollouts.sealer")),
        // Its rewards are for canary validators, and there are none.
        (Some("canary"), None, Some("rollouts.stage")),
        (Some("mainnet"), None, None),
    ] {
        let found = mistakes(&governed(stage, sealer)?);
        assert_eq!(found, wrong.into_iter().collect::<Vec<_>>(), "{stage:?} {sealer:?}");
    }
    Ok(())
}

#[test]
fn one_that_begins_at_development_is_decided_by_its_sealer_alone() -> anyhow::Result<()> {
    let sealer = validator(1).account();
    let mut chain = Chain::new(governed(Some("development"), Some(sealer))?);
    assert_eq!(chain.genesis.validators().validators.len(), 1);
    for _ in 0..25 {
        chain.block(&[])?;
    }
    let (state, epoch) = (chain.state(), primitives::Epoch(2));
    assert!(validator_set(&state, epoch).power_of(&sealer).is_some());
    assert_eq!((validator_set(&state, epoch).validators.len(), candidates(&state, epoch).validators.len()), (1, 4));
    let plan = plans::of_node(&state).unwrap();
    let (stage, standing) = plan.last_standing(&state).unwrap();
    assert_eq!((stage, standing.change, standing.since.height.0), (name("development"), FIRST_CHANGE, 0));
    assert!(!Gates::of(&state).is_on(Gate::MalachiteConsensus) && Gates::of(&state).is_on(Gate::RecursiveProofs));
    Ok(())
}

#[test]
fn the_file_of_a_genesis_with_a_plan_is_read_as_it_was_written_and_one_without_has_no_word_of_it() -> anyhow::Result<()>
{
    let governed = governed(Some("testnet"), None)?;
    let read: Genesis = serde_json::from_str(&serde_json::to_string(&governed)?)?;
    assert_eq!((&read, read.hash()), (&governed, governed.hash()));
    assert!(!serde_json::to_string(&genesis())?.contains("rollouts"));
    Ok(())
}

#[test]
fn the_stake_puts_a_running_network_under_the_plan_with_what_moves_listed() -> anyhow::Result<()> {
    let loaded = chain_plan()?;
    let installation = |moves: &[(&str, &str)]| {
        let listed = moves.iter().map(|(flag, to)| ListedMove { flag: name(flag), to: name(to) });
        Installation {
            plan: loaded.plan.clone(),
            document: None,
            stage: Some(name("testnet")),
            members: members(&loaded.plan),
            segments: segments(&loaded),
            moves: List::truncate_from(listed.collect()),
        }
    };
    let propose = |installation: Installation| {
        let motion = Motion::Rollouts(rollouts::Motion::Install(Box::new(installation)));
        propose_for(TrackName::Expedited, motion, None, None)
    };
    let mut chain = Chain::new(genesis());
    let silent = chain.block(&[(validator(0), propose(installation(&[])))])?;
    let refused = silent.facts[0].outcome.clone().unwrap_err();
    assert!(refused.to_string().contains("recursive_proofs"), "{refused}");
    chain.block(&[(validator(0), propose(installation(&[("recursive_proofs", "on")])))])?;
    let votes: Vec<_> = (0..4).map(|index| (validator(index), vote(1, Choice::Yes, None))).collect();
    chain.block(&votes)?;
    let mut installed = None;
    while installed.is_none() && chain.height < 40 {
        let facts = chain.block(&[])?.facts;
        let is_it = |event: &Event| matches!(event, Event::Rollouts(rollouts::Event::Installed { .. }));
        installed = facts.into_iter().find(|fact| fact.outcome.as_ref().is_ok_and(is_it));
    }
    let Some(Ok(Event::Rollouts(rollouts::Event::Installed { by, effects, .. }))) = installed.map(|fact| fact.outcome)
    else {
        anyhow::bail!("the plan never came into force")
    };
    // What stands at its fallback is not set: the quorum alone is on, and was not there.
    assert_eq!((by, effects.len()), (None, 1));
    let state = chain.state();
    let whole = plans::of_node(&state).unwrap().whole(&state);
    assert_eq!((whole.mistakes(), whole.stages), (Vec::new(), loaded.plan.stages));
    let on = |gate| Gates::of(&state).is_on(gate);
    assert_eq!([Gate::MalachiteConsensus, Gate::RecursiveProofs, Gate::TimetokeRewards].map(on), [true, true, false]);
    Ok(())
}
