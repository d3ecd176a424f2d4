//! Can every check be met, and by whom?

use super::{Found, place};
use crate::check::{AboutKind, Ask, Check, Least, Refs, RowKeys};
use crate::plan::{MOST_ROWS, Plan};
use primitives::Decimal;

pub(super) fn find(plan: &Plan, found: &mut Found) {
    for check in &plan.checks {
        has_an_owner(check, found);
        is_asked_of_every_class(check, found);
        can_be_met(plan, check, found);
    }
    release_checks_have_owners(plan, found);
}

fn has_an_owner(check: &Check, found: &mut Found) {
    found.require(check.by.is_some(), format!("{}.by", place::check(&check.key)), || {
        "nobody owns it; name the role that answers for it".into()
    });
}

/// A blocker is for every class: an urgent one drops other checks alone (REQ-037).
fn is_asked_of_every_class(check: &Check, found: &mut Found) {
    let skips = check.blocker && !check.skip.is_empty();
    found.require(!skips, format!("{}.skip", place::check(&check.key)), || {
        "it is a blocker, and no class goes without one; leave out the classes, or blocker = true".into()
    });
}

fn can_be_met(plan: &Plan, check: &Check, found: &mut Found) {
    let place = place::check(&check.key);
    match &check.ask {
        Ask::Word { about, refs, within, .. } => {
            if *refs == Refs::Waivers {
                waivers(plan, *about, &place, found);
            }
            if let Some((_, most)) = within {
                let positive = Decimal::new(0, 0).is_none_or(|nothing| *most > nothing);
                found.require(positive, format!("{place}.word.within.most"), || {
                    format!("no value is within {most} times another; say a factor above 0, such as 1.5")
                });
            }
        }
        Ask::Chorus { least, .. } => found.require(asks_of_somebody(*least), format!("{place}.chorus.least"), || {
            "nobody has to say anything; ask for one at least, or for a share above 0".into()
        }),
        Ask::Rows { keys: RowKeys::Range { from, to, .. }, .. } => range(*from, *to, &place, found),
        Ask::Forbid { keys } => found.require(!keys.is_empty(), format!("{place}.forbid"), || {
            "it forbids nothing; name the signals that may not stand, or leave the check out".into()
        }),
        Ask::Build { sbom, provenance, commit_of } => {
            let asks = *sbom || *provenance || !commit_of.is_empty();
            found.require(asks, format!("{place}.build"), || {
                "it asks nothing of the build; ask for its sbom, its provenance or its commit".into()
            });
        }
        Ask::Drill { playbook } => {
            // A playbook that is not there is another mistake.
            let tried = plan.playbook(playbook).is_none_or(|playbook| playbook.drill.is_some());
            found.require(tried, format!("{place}.drill"), || {
                format!("nothing says how often {playbook:?} is tried; give that playbook a drill")
            });
        }
        _ => {}
    }
}

/// A waiver is about one change, and somebody may give one (REQ-021).
fn waivers(plan: &Plan, about: AboutKind, place: &str, found: &mut Found) {
    found.require(about == AboutKind::Change, format!("{place}.word.about"), || {
        format!("waivers are about a change, and this is about a {about}; ask for a word about the change")
    });
    let given = plan.roles.iter().any(|(_, role)| role.grants.iter().any(|grant| grant.action.as_str() == "waive"));
    found.require(given, format!("{place}.word.refs"), || {
        "no role may waive anything, so there is never a waiver to refer to; grant waive to one".into()
    });
}

fn asks_of_somebody(least: Least) -> bool {
    match least {
        Least::Count(count) => count > 0,
        Least::Share(share) => !share.is_nothing(),
    }
}

fn range(from: u32, to: u32, place: &str, found: &mut Found) {
    found.require(from <= to, format!("{place}.rows.keys.to"), || {
        format!("the range ends at {to} before it begins at {from}; exchange the two")
    });
    let rows = u64::from(to.saturating_sub(from)).saturating_add(1);
    found.require(rows <= MOST_ROWS, format!("{place}.rows.keys.to"), || {
        format!("the range has {rows} rows and at most {MOST_ROWS} fit; divide it between several checks")
    });
}

/// Where a check wants every release check of a stage, each has a role that says it (REQ-022).
fn release_checks_have_owners(plan: &Plan, found: &mut Found) {
    let wants = |check: &&Check| matches!(&check.ask, Ask::Word { refs: Refs::ReleaseChecks, .. });
    let Some(check) = plan.checks.iter().find(wants) else { return };
    for stage in &plan.stages {
        for (at, reference) in stage.release_checks.iter().enumerate() {
            let place = format!("{}.release_owners[{at}]", place::stage(&stage.name));
            found.require(reference.owner.is_some(), place, || {
                format!("nobody signs {reference} off, and {:?} asks for that; name the role that does", check.key)
            });
        }
    }
}
