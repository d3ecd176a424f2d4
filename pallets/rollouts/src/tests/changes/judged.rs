//! When what is owed is judged: in the block after somebody said something, and not in every one.

use super::chain::*;
use crate::standing::LiveCounts;
use crate::statement::StatementOutcome::Failed;
use crate::storage::{COUNTS, TO_JUDGE};
use crate::tests::sample::name;
use crate::{Error, Event};
use primitives::ChangeId;
use state::Memory;

fn is_to_be_judged(chain: &Chain<'_>, change: ChangeId) -> bool {
    TO_JUDGE.contains(&chain.state, &(name("chain"), change))
}

/// A change that is carried out and owes its audit.
fn audited(chain: &mut Chain<'_>, gate: &str) -> ChangeId {
    let effect = chain.setting(gate, 1);
    let change = chain.approved(sets([effect]));
    chain.execute(change).unwrap();
    change
}

#[test]
fn what_was_said_and_meets_nothing_is_judged_once_and_then_forgotten() {
    let memory = Memory::default();
    let mut chain = Chain::begin(&memory);
    let (first, second) = (audited(&mut chain, "pruning"), audited(&mut chain, "reconstruction"));
    chain.call(BEN, &states("audit", first, Failed)).unwrap();
    assert!(is_to_be_judged(&chain, first));
    assert_eq!(chain.block(), [], "it is not met");
    chain.call(BEN, &states("audit", second, Failed)).unwrap();
    assert_eq!([first, second].map(|change| is_to_be_judged(&chain, change)), [false, true]);
    chain.say("audit", first);
    let events = chain.block();
    assert!(matches!(events.as_slice(), [Event::Met { change, late: false, .. }] if *change == first), "{events:?}");
}

/// What nobody looked at in the meantime, because other things filled the blocks, counts at its deadline as it stands.
#[test]
fn what_was_met_and_never_judged_is_met_at_its_deadline() {
    let memory = Memory::default();
    let mut chain = Chain::begin(&memory);
    let change = audited(&mut chain, "pruning");
    chain.say("audit", change);
    TO_JUDGE.remove(&mut chain.state, &(name("chain"), change));
    assert_eq!(chain.later(24 * HOUR - 1), []);
    let events = chain.later(1);
    assert!(matches!(events.as_slice(), [Event::Met { late: false, .. }]), "{events:?}");
}

#[test]
fn a_plan_has_so_many_live_changes_and_emergencies_besides() {
    let memory = Memory::default();
    let mut chain = Chain::begin(&memory);
    let effect = chain.setting("pruning", 1);
    COUNTS.set(&mut chain.state, &name("chain"), &LiveCounts { open: 1, active: 255 });
    let full = Error::TooManyOpen { plan: name("chain"), most: 256 };
    assert_eq!(chain.submit(sets([effect])).unwrap_err(), full);
    assert_eq!(code(chain.submit(pauses())), "granted");
    assert_eq!(code(chain.submit(disables(&["pruning"]))), "granted");
}
