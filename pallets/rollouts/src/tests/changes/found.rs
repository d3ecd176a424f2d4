//! The clock finds everybody to whom something comes, and looks at nobody else: held against looking at all plans, in whatever histories
//! applications have. Every block of every [story](super) is held to it too.

use super::chain::*;
use super::polled::no_poll_is_passed_over;
use super::shop::{first, shop_plan};
use crate::change::{ChangeDraft, ChangeProgress, ChangeRequest, Effect, EffectTo};
use crate::due::{BLOCKS_TO_JUDGE, of_plan, plans_due};
use crate::install::Installation;
use crate::plan::{ChangeKind, Missed, Plan, Procedure};
use crate::statement::StatementOutcome;
use crate::storage::{HEARD, HEARD_AT, LIVE, PLANS};
use crate::tests::sample::{DEVELOPMENT, duty, list, name, names, reference};
use crate::{Call, Event, effects, plans};
use flags::Targeting;
use governance::Choice;
use primitives::{AccountId, Amount, ChangeId, List, Moment, Name, Path, ScopePattern, Span, Text};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use roles::{Grant, RoleKey};
use state::{Apply as _, Memory, State};
use std::collections::BTreeSet;

/// What the clock finds is what looking at every plan finds, in the same order: under no other comes anything, and under those where
/// nothing does, somebody spoke a moment ago.
pub(super) fn nobody_is_passed_over(state: &State, at: Moment) {
    let found = plans_due(state, at);
    let all: Vec<Name> = PLANS.iter(state).map(|(plan, _)| plan).collect();
    for plan in &all {
        let events: Vec<Event> = of_plan(state, at, plan).collect();
        if !found.contains(plan) {
            assert_eq!(events, [], "{plan} is passed over");
        } else if events.is_empty() {
            let heard = HEARD.get(state, plan);
            assert!(heard >= Some(at.height.minus(BLOCKS_TO_JUDGE)), "{plan} is looked at for nothing");
        }
    }
    let heard = all.iter().filter(|plan| HEARD.contains(state, plan)).count();
    assert_eq!(HEARD_AT.iter(state).count(), heard, "a plan is found by its latest word alone");
    no_poll_is_passed_over(state, at);
}

/// The plans of applications beside the network.
const GUESTS: [&str; 3] = ["depot", "shop", "till"];

/// Something that happens under one of them, or to the clock.
#[derive(Debug, Clone, Copy)]
pub(super) enum Act {
    Sets,
    Promotes,
    Disables,
    Pauses,
    Votes(Choice),
    Announces,
    Executes,
    Says,
    Closes,
    Withdraws,
    Amends,
    Asks,
    Seats(&'static str),
    Retires,
    Waits(u64),
    Epochs,
}

const ACTS: [Act; 26] = [
    Act::Sets,
    Act::Promotes,
    Act::Promotes,
    Act::Disables,
    Act::Pauses,
    Act::Votes(Choice::Yes),
    Act::Votes(Choice::Yes),
    Act::Votes(Choice::No),
    Act::Announces,
    Act::Announces,
    Act::Executes,
    Act::Executes,
    Act::Says,
    Act::Closes,
    Act::Withdraws,
    Act::Amends,
    Act::Asks,
    Act::Seats("**"),
    Act::Seats("**"),
    Act::Seats("development/**"),
    Act::Retires,
    Act::Waits(0),
    Act::Waits(HOUR),
    Act::Waits(3 * DAY),
    Act::Waits(14 * DAY),
    Act::Epochs,
];

/// What happens to which of the guests, and to which of the changes that live there.
type Happening = (usize, Act, usize);

fn histories() -> impl Strategy<Value = Vec<Happening>> {
    let act = prop::sample::select(ACTS.to_vec());
    prop::collection::vec((0..GUESTS.len(), act, 0usize..4), 10..60)
}

/// A plan in which some changes wait for the council and others do not, a stage freezes from its announced window on, and what is owed ends
/// in time or in epochs. A pause ends by itself, or where the council does not ratify it.
pub(super) fn guest(of: &str, is_ratified: bool) -> Plan {
    let mut plan = Plan { name: name(of), artifacts: None, ..shop_plan() };
    plan.policy.deposit = Amount(1);
    let stage = &mut plan.stages[DEVELOPMENT];
    (stage.readiness, stage.freezes, stage.thaws) = (list([]), true, Some(name("audit")));
    stage.window = name("maintenance");
    let grants = &mut plan.roles[0].1.grants;
    let announces = Grant { action: name("announce"), scope: ScopePattern::everywhere() };
    *grants = list(grants.iter().cloned().chain([announces]));
    let procedures: Vec<Procedure> = plan.procedures.iter().map(|of| differing(of.clone(), is_ratified)).collect();
    plan.procedures = list(procedures);
    plan
}

fn differing(mut procedure: Procedure, is_ratified: bool) -> Procedure {
    match procedure.of {
        ChangeKind::Promote => {
            (procedure.approve, procedure.at_once, procedure.window) = (names(&["council"]), false, true);
            procedure.execute_within = Span::days(60);
        }
        ChangeKind::Set => {
            (procedure.approve, procedure.at_once) = (names(&["council"]), false);
            procedure.execute_within = Span::Epochs(2);
            procedure.close = list([duty("audit", Some(Span::Epochs(1)), Missed::Hold)]);
        }
        ChangeKind::Freeze if is_ratified => {
            procedure.close = list([duty("council", Some(Span::hours(24)), Missed::Hold)]);
        }
        _ => {}
    }
    procedure
}

/// A network with all of them beside it. Cat installed them, and is their council.
fn begin(memory: &Memory) -> Chain<'_> {
    let mut chain = Chain::begin(memory);
    for (place, of) in GUESTS.into_iter().enumerate() {
        let installation = first(guest(of, place == 0));
        install(&mut chain, installation, Some(CAT));
    }
    chain
}

pub(super) fn install(chain: &mut Chain<'_>, installation: Installation, by: Option<AccountId>) {
    let (installation, deposit, effects) = (Box::new(installation), Amount::ZERO, List::new());
    Event::Installed { installation, by, deposit, effects }.apply(&mut chain.state, chain.at);
}

/// The next version of a plan that is not retired, of which no pause is ratified any more.
fn next(chain: &Chain<'_>, plan: &Name) -> Option<Installation> {
    let head = plans::head(&chain.state, plan).filter(|head| !head.retired)?;
    let plan = Plan { version: head.version + 1, ..guest(plan.as_str(), false) };
    let document = Some(reference("docs/why.md", None));
    Some(Installation { document, members: List::new(), segments: List::new(), ..first(plan) })
}

/// Cat votes in the council from now on, or has it in some place alone.
fn seat(chain: &mut Chain<'_>, plan: &Name, scope: &str) {
    let key = RoleKey { plan: plan.clone(), role: name("council") };
    if roles::queries::role(&chain.state, &key).is_some() {
        chain.seat(&key, CAT, scope);
    }
}

/// One of the changes that live under a plan.
fn picked(chain: &Chain<'_>, plan: &Name, pick: usize) -> Option<ChangeId> {
    let live: Vec<ChangeId> = LIVE.iter_under(&chain.state, plan).map(|(_, change)| change).collect();
    live.get(pick % live.len().max(1)).copied()
}

impl Act {
    /// What the clock brought by it. Whatever somebody asks for may be refused.
    fn happen(self, chain: &mut Chain<'_>, plan: &Name, pick: usize) -> Vec<Event> {
        match self {
            Act::Waits(millis) => return chain.later(millis),
            Act::Epochs => return chain.epochs(1),
            Act::Amends => {
                if let Some(next) = next(chain, plan) {
                    install(chain, next, None);
                }
            }
            Act::Seats(scope) => seat(chain, plan, scope),
            Act::Votes(choice) => {
                let progress = picked(chain, plan, pick).map(|change| chain.progress(change));
                let owed = |progress: &ChangeProgress| progress.owed().find_map(|duty| duty.poll);
                if let Some(poll) = progress.and_then(|progress| owed(&progress).or(progress.poll)) {
                    let _ = chain.vote(CAT, poll, choice);
                }
            }
            _ => {
                if let Some((who, call)) = self.call(chain, plan, pick) {
                    let _ = chain.call(who, &call);
                }
            }
        }
        Vec::new()
    }

    /// What who asks for.
    fn call(self, chain: &Chain<'_>, plan: &Name, pick: usize) -> Option<(AccountId, Call)> {
        let (named, acting) = (plan.clone(), name("commander"));
        if let Act::Asks = self {
            return Some((CAT, Call::Install { installation: Box::new(next(chain, plan)?) }));
        }
        if let Act::Retires = self {
            return Some((CAT, Call::Retire { plan: named, acting: name("council") }));
        }
        if let Some(request) = self.request(chain, plan) {
            let (version, ticket) = (plans::head(&chain.state, plan)?.version, Some(name("CHG-7")));
            let change = Box::new(ChangeDraft { version, ticket, ..draft(request) });
            return Some((ANN, Call::Submit { plan: named, acting, change }));
        }
        let change = picked(chain, plan, pick)?;
        Some(match self {
            Act::Announces => {
                let (from, text) = (chain.at.time.plus(14 * DAY), Text::new("hold on").unwrap());
                let until = from.plus(8 * HOUR);
                (ANN, Call::Announce { plan: named, acting, change, from, until, text })
            }
            Act::Executes => (ANN, Call::Execute { plan: named, acting, change, sealer_proof: None }),
            Act::Closes => (ANN, Call::Close { plan: named, acting, change }),
            Act::Withdraws => (ANN, Call::Withdraw { plan: named, acting, change }),
            Act::Says => {
                let statement = Box::new(statement("audit", change, StatementOutcome::Passed));
                (BEN, Call::State { plan: named, acting: name("sre"), statement })
            }
            _ => return None,
        })
    }

    /// Which change is asked for, if one is.
    pub(super) fn request(self, chain: &Chain<'_>, plan: &Name) -> Option<ChangeRequest> {
        let (flag, path) = (name("pruning"), Path::ROOT);
        match self {
            Act::Sets => {
                let side = effects::side(&chain.state, plan, &flag, &path);
                let place = u8::from(side.targeting == Some(Targeting::constant(0)));
                let to = EffectTo::Setting(Targeting::constant(place));
                Some(ChangeRequest::Set { effects: list([Effect::Flag { flag, path, to, was: side.digest() }]) })
            }
            Act::Promotes => Some(ChangeRequest::Promote { to: name("development"), artifact: None }),
            Act::Disables => {
                Some(ChangeRequest::Disable { flags: list([flag]), scope: path, cause: name("CONTAINMENT") })
            }
            Act::Pauses => Some(pauses().request),
            _ => None,
        }
    }
}

/// A moment so many milliseconds on, in which a day has an epoch.
fn ahead(at: Moment, millis: u64) -> Moment {
    let (height, epoch) = (at.height.next(), at.epoch.plus(millis / DAY));
    Moment { height, epoch, time: at.time.plus(millis), running: at.running + millis, ..at }
}

/// The kinds of what the clock brought in a history, of which every moment is held to the law, and what is to come.
fn follow(history: &[Happening]) -> BTreeSet<&'static str> {
    let memory = Memory::default();
    let (mut chain, mut brought) = (begin(&memory), BTreeSet::new());
    for (guest, act, pick) in history {
        let events = act.happen(&mut chain, &name(GUESTS[*guest]), *pick);
        brought.extend(kinds(&events));
        for millis in [0, HOUR, 3 * DAY, 15 * DAY] {
            nobody_is_passed_over(&chain.state, ahead(chain.at, millis));
        }
    }
    brought
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn whatever_applications_do_the_clock_finds_what_looking_at_all_of_them_finds(history in histories()) {
        follow(&history);
    }
}

/// The law means something only where the clock brings something.
#[test]
fn the_clock_brings_what_the_histories_of_applications_are_about() {
    let mut runner = TestRunner::deterministic();
    let histories = (0..40).map(|_| histories().new_tree(&mut runner).unwrap().current());
    let brought: BTreeSet<&str> = histories.flat_map(|history| follow(&history)).collect();
    for wanted in ["approved", "ended", "missed", "thawed"] {
        assert!(brought.contains(wanted), "{wanted} is not among {brought:?}");
    }
}
