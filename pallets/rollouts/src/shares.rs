//! How the places for live changes of a plan are shared by path (ROLLOUTS 17).
//!
//! The second name of a path is a tenant. No tenant has more than an eighth of the places, and all of them together have no more than
//! three quarters, so that there is always room for who owns the plan, and for what is of a stage or of the whole.

use crate::Error;
use crate::change::{MOST_LIVE, MOST_OPEN};
use crate::standing::LiveCounts;
use crate::storage::TENANTS;
use primitives::{Name, Path};
use state::State;
use std::collections::BTreeSet;

/// The tenants of some paths.
pub(crate) fn tenants(paths: &BTreeSet<Path>) -> BTreeSet<Name> {
    paths.iter().filter_map(Path::tenant).collect()
}

/// Refuses one more live change at some paths where a tenant has its share, or all tenants together have theirs. One that is carried out
/// at once does not wait.
pub(crate) fn require(state: &State, plan: &Name, paths: &BTreeSet<Path>, at_once: bool) -> Result<(), Error> {
    let asking = tenants(paths);
    if asking.is_empty() {
        return Ok(());
    }
    let all = TENANTS.iter_under(state, plan).map(|(_, counts)| counts);
    let all = all.fold(LiveCounts::default(), |sum, counts| LiveCounts {
        open: sum.open.saturating_add(counts.open),
        active: sum.active.saturating_add(counts.active),
    });
    require_below(all, at_once, |most| most.saturating_sub(most / 4))?;
    for tenant in asking {
        let counts = TENANTS.get(state, &(plan.clone(), tenant)).unwrap_or_default();
        require_below(counts, at_once, |most| most / 8)?;
    }
    Ok(())
}

fn require_below(counts: LiveCounts, at_once: bool, share: impl Fn(u32) -> u32) -> Result<(), Error> {
    let live = counts.open.saturating_add(counts.active);
    let waiting = if at_once { 0 } else { counts.open };
    let bounds = [(live, share(MOST_LIVE)), (waiting, share(MOST_OPEN))];
    match bounds.into_iter().find(|(have, most)| have >= most) {
        Some((_, most)) => Err(Error::ShareFull { most }),
        None => Ok(()),
    }
}

/// Counts one live change at some paths as it goes on.
pub(crate) fn count(state: &mut State, plan: &Name, paths: &BTreeSet<Path>, moved: impl Fn(&mut LiveCounts)) {
    for tenant in tenants(paths) {
        let place = (plan.clone(), tenant);
        let mut counts = TENANTS.get(state, &place).unwrap_or_default();
        moved(&mut counts);
        if counts == LiveCounts::default() {
            TENANTS.remove(state, &place);
        } else {
            TENANTS.set(state, &place, &counts);
        }
    }
}
