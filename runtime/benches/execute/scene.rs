//! A network in the middle of a promotion: its list is GO and its poll open, and everything is paused, which waits to be ratified.

use crate::governed::plan::{HOUR, Shape, list, name, plan};
use crate::governed::said::{advertisements, draft, pause, promote, states, submit};
use crate::governed::{COMMANDER, COUNCIL, Governed, SRE, VALIDATORS, governed, person, role_key};
use crate::votes::voter;
use accounts::Endowment;
use primitives::{AccountId, Amount, BuildHash, ChangeId, Fraction, Moment, Name, ProposalId, ScopePattern, SecretKey};
use roles::{MOST_VOTERS, Seat};
use rollouts::check::{AboutKind, Ask, Check, FleetProfile, Least, RowKeys};
use rollouts::plan::{MOST_ROWS, Plan, VALIDATORS as EVERY_VALIDATOR};
use rollouts::queries::progress;
use rollouts::statement::{StatementOutcome, StatementSubject};
use runtime::testing::{self, validator};
use runtime::{Call, Genesis};
use staking::GenesisBond;
use state::State;

/// How many checks the list of the promotion has, without its vote.
pub const LIST: usize = 40;
/// How many of them are words that nothing else asks for; the plan has more, for longer lists.
const WORDS_OF_LIST: usize = 31;
/// How many words the plan asks for beside those of its shape.
pub const WORDS: u32 = 128;
/// The checks that ask for rows, with what stands before the numbers of these.
pub const TABLES: [(&str, &str); 2] = [("table.a", "a."), ("table.b", "b.")];
/// The stage that is entered.
pub const STAGE: &str = "mainnet";
/// What validators acknowledge, each for itself.
pub const ACKNOWLEDGED: &str = "acknowledged";
/// How many accounts have stake of their own, beside the first validators.
pub const VOTERS: u16 = 1_000;
/// Milliseconds from one block to the next.
const SECOND: u64 = 1_000;
/// Blocks in an epoch; none ends here.
const EPOCH_LENGTH: u64 = 1_000;

pub struct Scene {
    pub network: Governed,
    /// How many validators there are.
    pub validators: u16,
    /// The moment of the next block.
    pub at: Moment,
    /// Everybody in the council; the first submitted what it votes on.
    pub council: Vec<SecretKey>,
    pub promotion: ChangeId,
    /// The poll on the promotion.
    pub approval: ProposalId,
    /// The poll on the pause.
    pub ratification: ProposalId,
    /// The poll of the stake on a release.
    pub on_stake: ProposalId,
}

impl Scene {
    /// With so many validators, of which the first four have most of the stake.
    pub fn with(validators: u16) -> Self {
        let mut network = Governed::new(genesis(validators));
        let council = seat_council(&mut network);
        let release = testing::release_vote(&network.genesis, BuildHash([1; 32]), 2);
        let begin = [commanded(&network, promote(&name(STAGE))), (validator(0), testing::propose(release))];
        granted(&mut network, SECOND, &begin);
        let (promotion, on_stake) = (network.change(0).unwrap(), governance::queries::latest(&network.state()));
        // As long as the soak takes.
        (0..3).for_each(|_| granted(&mut network, HOUR, &[]));
        granted(&mut network, SECOND, &what_is_said(promotion));
        let paused = commanded(&network, pause());
        granted(&mut network, SECOND, &[paused]);
        granted(&mut network, SECOND, &[]);
        let (approval, ratification) = {
            let state = network.state();
            let stands = |id| progress(&state, id).unwrap();
            let pause = stands(network.change(0).unwrap());
            (stands(promotion).poll.unwrap(), pause.duties.iter().find_map(|duty| duty.poll).unwrap())
        };
        let at = network.next_moment(SECOND);
        Self { network, validators, at, council, promotion, approval, ratification, on_stake }
    }

    /// The validators beside the first four, who have said nothing yet.
    pub fn newcomers(&self) -> Vec<SecretKey> {
        newcomers(self.validators).map(voter).collect()
    }
}

/// The accounts of some keys.
pub fn accounts(keys: &[SecretKey]) -> Vec<AccountId> {
    keys.iter().map(SecretKey::account).collect()
}

/// The keys of the words that the plan asks for.
pub fn words() -> impl Iterator<Item = Name> {
    (1..=WORDS).map(|number| name(&format!("word.{number}")))
}

fn newcomers(validators: u16) -> std::ops::Range<u16> {
    0..validators - u16::from(VALIDATORS)
}

fn commanded(network: &Governed, request: rollouts::change::ChangeRequest) -> (SecretKey, Call) {
    (person(COMMANDER), submit(draft(&network.state(), request, false)))
}

/// A block in which nothing is refused.
fn granted(network: &mut Governed, gap_ms: u64, asked: &[(SecretKey, Call)]) {
    let made = network.block(gap_ms, asked);
    let refused = made.facts.iter().find_map(|fact| fact.outcome.as_ref().err());
    assert!(refused.is_none(), "{refused:?}");
}

/// As many voters join the council as it has room for.
fn seat_council(network: &mut Governed) -> Vec<SecretKey> {
    let joining: Vec<SecretKey> = (0..MOST_VOTERS - COUNCIL.len() as u16).map(voter).collect();
    let mut state = State::over(&network.memory);
    for key in &joining {
        let seat = Seat { account: key.account(), scopes: list([ScopePattern::everywhere()]) };
        roles::apply::seat(&mut state, &role_key("council"), &seat);
    }
    let writes = state.into_writes();
    network.memory.commit(writes);
    COUNCIL.map(person).into_iter().chain(joining).collect()
}

/// All that the list asks somebody to say, and what longer lists ask.
fn what_is_said(promotion: ChangeId) -> Vec<(SecretKey, Call)> {
    let passed =
        |acting: &str, key: &str| states(acting, key, StatementSubject::Change(promotion), StatementOutcome::Passed);
    let row_of = |(_, prefix): (&str, &'static str)| (1..=MOST_ROWS).map(move |row| name(&format!("{prefix}{row}")));
    let keys = ["ci", "preflight"].map(name).into_iter().chain(words()).chain(TABLES.into_iter().flat_map(row_of));
    let of_sre = keys.map(|key| (person(SRE), passed("sre", key.as_str())));
    let of_validators = (0..VALIDATORS).map(|index| (validator(index), passed(EVERY_VALIDATOR, ACKNOWLEDGED)));
    of_sre.chain(of_validators).chain(advertisements()).collect()
}

fn genesis(validators: u16) -> Genesis {
    let mut genesis = governed(long_plan(), "testnet", &COUNCIL, EPOCH_LENGTH);
    genesis.staking.params.max_validators = u32::from(validators);
    for index in 0..VOTERS {
        let account = voter(index).account();
        let is_one = newcomers(validators).contains(&index);
        let to = if is_one { account } else { validator(index as u8 % VALIDATORS).account() };
        genesis.accounts.balances.push(Endowment { account, balance: Amount(100_000) });
        genesis.staking.bonds.push(GenesisBond { account, validator: to, amount: Amount(1_000) });
    }
    genesis
}

/// The small plan with a longer list, in which the chain measures some things and people say the rest.
fn long_plan() -> Plan {
    let mut plan = plan(Shape::default());
    let word = plan.checks.iter().find(|check| check.key == name("ci")).unwrap().clone();
    let asks = |key: &str, ask: Ask| Check { key: name(key), ask, ..word.clone() };
    let share = Fraction::TWO_THIRDS;
    let measured = [
        asks("ready", Ask::Fleet { profile: FleetProfile::Target, share, fresh: false, bundle: true }),
        asks(
            ACKNOWLEDGED,
            Ask::Chorus { segment: name(EVERY_VALIDATOR), least: Least::Share(share), after_announced: false },
        ),
        asks("recoverable", Ask::Recoverable),
    ];
    let tables = TABLES.map(|(key, prefix)| asks(key, rows(prefix)));
    let said = words().map(|key| Check { key, ..word.clone() });
    let in_list = measured.iter().map(|check| check.key.clone()).chain(words().take(WORDS_OF_LIST));
    let entered = plan.stages.iter_mut().find(|stage| stage.name == name(STAGE)).unwrap();
    entered.readiness = list(entered.readiness.iter().cloned().chain(in_list));
    plan.checks = list(plan.checks.iter().cloned().chain(measured.iter().cloned()).chain(said).chain(tables));
    plan
}

fn rows(prefix: &str) -> Ask {
    let keys = RowKeys::Range { prefix: name(prefix), from: 1, to: MOST_ROWS as u32, suffix: None };
    Ask::Rows { about: AboutKind::Change, keys, refs: None }
}
