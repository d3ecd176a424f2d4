//! Does the plan as a whole say what it has to, and nothing that contradicts itself?

use super::{Found, place};
use crate::plan::{ChangeKind, Governs, Plan, Playbook, WindowRule};
use flags::Flag;
use primitives::Name;
use roles::MOST_VOTERS;

/// What a plan may spare from its freezes, beside what none stops: `expedited`, the releases that repair something urgently.
pub const NEVER_FROZEN: [&str; 1] = ["expedited"];
/// The names that an application's plan does not take: a node's are called so.
const RESERVED: [&str; 2] = ["chain", "node"];
/// Minutes of a day.
const DAY: u16 = 1_440;

pub(super) fn find(plan: &Plan, found: &mut Found) {
    head(plan, found);
    document(plan, found);
    amendment(plan, found);
    policy(plan, found);
    kinds(plan, found);
    windows(plan, found);
    least_members(plan, found);
    emergencies(plan, found);
    for playbook in &plan.playbooks {
        disabled(plan, playbook, found);
        gone_back_to(plan, playbook, found);
    }
    for (stage, count) in plan.artifacts.iter().flat_map(|rules| rules.keep.iter()) {
        found.require(*count > 0, format!("artifacts.keep.{}", place::key(stage)), || {
            "none would be kept, and there would be nothing to go back to; say 1 or more".into()
        });
    }
}

fn head(plan: &Plan, found: &mut Found) {
    found.require(plan.version > 0, "version", || "versions of a plan are counted from 1".into());
    let reserved = !plan.is_of_node() && RESERVED.contains(&plan.name.as_str());
    found.require(!reserved, "name", || {
        format!("{:?} is kept for the plan of a node; give the application's another name", plan.name)
    });
}

fn document(plan: &Plan, found: &mut Found) {
    let document = &plan.document;
    let fields = [
        ("title", document.title.as_str()),
        ("version", document.version.as_str()),
        ("status", document.status.as_str()),
        ("date", document.date.as_str()),
        ("owner", document.owner.as_str()),
    ];
    for (field, text) in fields {
        found.require(!text.trim().is_empty(), format!("document.{field}"), || {
            format!("it is empty; say the document's {field}")
        });
    }
}

/// An application's plan is amended by its owner's vote, and a node's by the stake.
fn amendment(plan: &Plan, found: &mut Found) {
    let right = match plan.governs {
        Governs::Node => plan.policy.amend.is_none(),
        Governs::Application { .. } => plan.policy.amend.is_some(),
    };
    found.require(right, "policy.amend", || match plan.governs {
        Governs::Node => "the stake amends the plan of a node; leave it out".into(),
        Governs::Application { .. } => "nothing says how the owner amends the plan; say share and within".into(),
    });
}

fn policy(plan: &Plan, found: &mut Found) {
    found.require(plan.policy.open_emergencies > 0, "policy.open_emergencies", || {
        "nobody could act in an emergency; say how many may wait to be decided, 1 or more".into()
    });
    for (at, name) in plan.policy.never_frozen.iter().enumerate() {
        let known = NEVER_FROZEN.contains(&name.as_str());
        found.require(known, format!("policy.never_frozen[{at}]"), || {
            format!("{name:?} cannot be spared from a freeze; what can is {}", NEVER_FROZEN.join(", "))
        });
    }
}

/// What the kinds of change ask beside their lists.
fn kinds(plan: &Plan, found: &mut Found) {
    for (at, procedure) in plan.procedures.iter().enumerate() {
        let place = format!("procedures[{at}]");
        let demotes = procedure.of == ChangeKind::Demote && plan.policy.one_way;
        found.require(!demotes, format!("{place}.of"), || {
            "the plan is one way, and nothing is ever demoted; leave the procedure out, or say one_way = false".into()
        });
        let disables = procedure.of == ChangeKind::Disable;
        found.require(!disables || !procedure.causes.is_empty(), format!("{place}.causes"), || {
            "a disable names its cause, and none is listed; say which there are".into()
        });
        let goes_back = procedure.of == ChangeKind::Rollback;
        found.require(!goes_back || !procedure.sources.is_empty(), format!("{place}.sources"), || {
            "a rollback names where its trigger was seen, and no source is listed; say which there are".into()
        });
    }
}

fn windows(plan: &Plan, found: &mut Found) {
    for window in &plan.windows {
        let WindowRule::Weekly { days, from_minute, minutes } = window.rule else { continue };
        let place = place::window(&window.name);
        found.require((1..128).contains(&days), format!("{place}.days"), || {
            "it begins on no day of the week; name one at least, from mon to sun".into()
        });
        found.require(from_minute < DAY, format!("{place}.from"), || {
            "it begins after the end of the day; say a time from 00:00 to 23:59".into()
        });
        found.require((1..=DAY).contains(&minutes), format!("{place}.for"), || {
            format!("it is {minutes} minutes long; say 1 min to 24 h, and more days if it shall be longer")
        });
    }
}

/// A role is filled by a motion at the latest, which names so many at most.
fn least_members(plan: &Plan, found: &mut Found) {
    for (name, role) in &plan.roles {
        let (least, most) = (role.least_members, MOST_VOTERS);
        found.require(u16::from(least) <= most, format!("{}.least", place::role(name)), || {
            format!(
                "it has {least} members at least, and a role is given to {most} at once at most; say {most} or less"
            )
        });
    }
}

/// Where a flag goes off, whatever requires it goes off with it, and what requires that: so an emergency touches those too.
fn emergencies(plan: &Plan, found: &mut Found) {
    for flag in plan.flags.iter().filter(|flag| flag.emergency) {
        let spared = dependents(plan, &flag.key).into_iter().find(|dependent| !dependent.emergency);
        let Some(spared) = spared else { continue };
        found.require(false, format!("{}.emergency", place::flag(&flag.key)), || {
            let (key, spared) = (&flag.key, &spared.key);
            format!("no emergency may touch {spared:?}, which requires {key:?}; say emergency = false of this one too")
        });
    }
}

/// The flags that require a flag, if by way of others.
fn dependents<'p>(plan: &'p Plan, key: &'p Name) -> Vec<&'p Flag> {
    let (mut found, mut ahead): (Vec<&Flag>, _) = (Vec::new(), vec![key]);
    while let Some(required) = ahead.pop() {
        for flag in plan.flags.iter().filter(|flag| flag.requires.contains(required)) {
            if !found.iter().any(|other| other.key == flag.key) {
                found.push(flag);
                ahead.push(&flag.key);
            }
        }
    }
    found
}

/// A rollback switches off what may be switched off in an emergency; that what requires it may be too is for [`emergencies`].
fn disabled(plan: &Plan, playbook: &Playbook, found: &mut Found) {
    for (at, key) in playbook.disables.iter().enumerate() {
        // A flag that is not there is another mistake.
        let may = plan.flag(key).is_none_or(|flag| flag.emergency);
        found.require(may, format!("{}.disables[{at}]", place::playbook(&playbook.domain)), || {
            format!(
                "{key:?} may not be switched off in an emergency; leave it out, or say emergency = true of the flag"
            )
        });
    }
}

/// A rollback goes back: to the values of a stage before the one that it leaves.
fn gone_back_to(plan: &Plan, playbook: &Playbook, found: &mut Found) {
    let Some((profile, to)) = playbook.profile.as_ref().and_then(|profile| Some((profile, plan.place(profile)?)))
    else {
        return;
    };
    for (at, stage) in plan.stages.iter().enumerate().filter(|(_, stage)| stage.playbook == playbook.domain) {
        found.require(to < at, format!("{}.profile", place::playbook(&playbook.domain)), || {
            format!(
                "{profile:?} does not stand before {:?}, which would be rolled back to it; name an earlier stage",
                stage.name
            )
        });
    }
}
