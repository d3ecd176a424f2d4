//! What events do to flags; and what the events of changes and the installation of plans do, which `rollouts` applies through this.
//!
//! Whoever calls these has asked [`admit`](crate::admit) before; nothing is judged here. Whatever moves a value of the node's plan
//! rewrites the gates with it.

use crate::counts::{few, size};
use crate::targeting::{Disabled, SegmentMembers, Setting, Targeting};
use crate::{DefinedFlag, Event, Expiry, Flag, FlagCounts, Gates, queries, storage::*, tenants};
use primitives::{List, Moment, Name, Path, Text};
use state::{Apply, State};
use std::collections::BTreeSet;

impl Apply for Event {
    fn apply(&self, state: &mut State, at: Moment) {
        match self {
            Event::Defined { plan, flag, .. } | Event::Edited { plan, flag, .. } => write_flag(state, at, plan, flag),
            Event::Retired { plan, key, .. } => retire(state, plan, key),
            Event::Expired { plan, key, at, .. } => EXPIRIES.remove(state, &(*at, plan.clone(), key.clone())),
            Event::TokensRevoked { plan, account, issued_before, .. } => {
                TOKENS.set(state, &(plan.clone(), *account), issued_before);
            }
        }
    }
}

/// Makes a flag serve something at a path and below.
pub fn set(state: &mut State, plan: &Name, key: &Name, path: &Path, setting: &Setting) {
    let place = (plan.clone(), key.clone(), path.clone());
    replace_setting(state, &place, Some(setting));
}

/// Takes away what is set at a path, so that the path above decides.
pub fn unset(state: &mut State, plan: &Name, key: &Name, path: &Path) {
    let place = (plan.clone(), key.clone(), path.clone());
    replace_setting(state, &place, None);
}

/// Disables a flag at a path and below, over everything that is set there.
pub fn disable(state: &mut State, plan: &Name, key: &Name, path: &Path, disabled: &Disabled) {
    let place = (plan.clone(), key.clone(), path.clone());
    if !DISABLED.contains(state, &place) {
        tenants::count_disabled(state, plan, path, |count| count.saturating_add(1));
        count_places(state, plan, key, |count| count.saturating_add(1));
    }
    DISABLED.set(state, &place, disabled);
    rewrite_gates(state, plan);
}

/// Ends that a flag is disabled at exactly that path.
pub fn enable(state: &mut State, plan: &Name, key: &Name, path: &Path) {
    let place = (plan.clone(), key.clone(), path.clone());
    if DISABLED.contains(state, &place) {
        tenants::count_disabled(state, plan, path, |count| count.saturating_sub(1));
        count_places(state, plan, key, |count| count.saturating_sub(1));
    }
    DISABLED.remove(state, &place);
    rewrite_gates(state, plan);
}

/// Makes a segment without members, as the installation of a plan does; one that is there stays as it is.
pub fn make_segment(state: &mut State, plan: &Name, segment: &Name) {
    if !SEGMENTS.contains(state, &(plan.clone(), segment.clone())) {
        write_segment(state, plan, segment, SegmentMembers::new());
    }
}

/// Adds members to a segment and takes others away. A segment has each member once, in order, however often it is listed, and whoever
/// is in both lists is in it then; a change of which either is so is [refused](crate::admit::FlagRoom::segment). A segment that a
/// network or a plan begins with is [made](make_segment), and its members are added by this too.
pub fn change_segment(state: &mut State, plan: &Name, segment: &Name, add: &[Text<64>], remove: &[Text<64>]) {
    let members = changed_members(&queries::segment(state, plan, segment).unwrap_or_default(), add, remove);
    write_segment(state, plan, segment, List::truncate_from(members.into_iter().collect()));
}

/// The flags that a version of a plan comes with, in place of those that the version before came with. What that one had and this one
/// has not stays, until it is retired.
pub fn define_flags_of_plan(state: &mut State, at: Moment, plan: &Name, flags: &[Flag]) {
    let before: Vec<(Name, Name)> = OF_PLAN.iter_under(state, plan).collect();
    before.iter().for_each(|place| OF_PLAN.remove(state, place));
    for flag in flags {
        OF_PLAN.insert(state, &(plan.clone(), flag.key.clone()));
        write_flag(state, at, plan, flag);
    }
}

/// Makes a plan that of this network, whose flags its gates follow from then on; or none, and the gates stand as without one.
pub fn set_node_plan(state: &mut State, plan: Option<&Name>) {
    match plan {
        Some(plan) => {
            NODE_PLAN.set(state, plan);
            rewrite_gates(state, plan);
        }
        None => {
            NODE_PLAN.remove(state);
            GATES.remove(state);
        }
    }
}

/// The members of a segment after a change.
pub(crate) fn changed_members(before: &SegmentMembers, add: &[Text<64>], remove: &[Text<64>]) -> BTreeSet<Text<64>> {
    let kept = before.iter().filter(|member| !remove.contains(member));
    kept.chain(add).cloned().collect()
}

/// Writes a flag that is new, or edited. When it was defined is written once, and so is each day on which it expires.
fn write_flag(state: &mut State, at: Moment, plan: &Name, flag: &Flag) {
    let place = (plan.clone(), flag.key.clone());
    let before = FLAGS.get(state, &place);
    let since = before.as_ref().map_or(at.height, |before| before.since);
    let after = DefinedFlag { flag: flag.clone(), since };
    if before.is_none() {
        let requires = flag.requires.iter();
        requires.for_each(|required| REQUIRED_BY.insert(state, &requirement(plan, required, &flag.key)));
    }
    if before.as_ref().is_none_or(|before| before.flag.expires != flag.expires) {
        if let Some(before) = &before {
            forget_expiry(state, plan, &before.flag);
        }
        if let Expiry::At(time) = flag.expires {
            EXPIRIES.insert(state, &(time, plan.clone(), flag.key.clone()));
        }
    }
    count(state, plan, |counts| {
        counts.weigh(before.as_ref().map(size), Some(size(&after)));
        counts.flags = counts.flags.saturating_add(u32::from(before.is_none()));
    });
    FLAGS.set(state, &place, &after);
    rewrite_gates(state, plan);
}

fn retire(state: &mut State, plan: &Name, key: &Name) {
    let place = (plan.clone(), key.clone());
    let Some(before) = FLAGS.get(state, &place) else { return };
    forget_expiry(state, plan, &before.flag);
    let requires = before.flag.requires.iter();
    requires.for_each(|required| REQUIRED_BY.remove(state, &requirement(plan, required, key)));
    count(state, plan, |counts| {
        counts.weigh(Some(size(&before)), None);
        counts.flags = counts.flags.saturating_sub(1);
    });
    FLAGS.remove(state, &place);
    RETIRED.insert(state, &place);
    rewrite_gates(state, plan);
}

fn requirement(plan: &Name, required: &Name, by: &Name) -> (Name, Name, Name) {
    (plan.clone(), required.clone(), by.clone())
}

fn forget_expiry(state: &mut State, plan: &Name, flag: &Flag) {
    if let Expiry::At(time) = flag.expires {
        EXPIRIES.remove(state, &(time, plan.clone(), flag.key.clone()));
    }
}

fn replace_setting(state: &mut State, place: &(Name, Name, Path), after: Option<&Setting>) {
    let (plan, key, path) = place;
    let before = SETTINGS.get(state, place);
    let asked_before = before.as_ref().map(|before| names_asked(&before.targeting)).unwrap_or_default();
    let asked_after = after.map(|after| names_asked(&after.targeting)).unwrap_or_default();
    let come: Vec<Name> = asked_after.difference(&asked_before).cloned().collect();
    let gone: Vec<Name> = asked_before.difference(&asked_after).cloned().collect();
    let newly = come.iter().filter(|name| ask_once_more(state, plan, name)).count();
    let no_more = gone.iter().filter(|name| ask_once_less(state, plan, name)).count();
    count(state, plan, |counts| {
        counts.weigh(before.as_ref().map(size), after.map(size));
        counts.settings = counts.settings.saturating_sub(u32::from(before.is_some()));
        counts.settings = counts.settings.saturating_add(u32::from(after.is_some()));
        counts.attributes = counts.attributes.saturating_add(few(newly)).saturating_sub(few(no_more));
    });
    if let Some(tenant) = path.tenant() {
        tenants::replace_setting(state, (plan, &tenant), (before.as_ref(), after), (&gone, &come));
    }
    match (before.is_some(), after.is_some()) {
        (false, true) => count_places(state, plan, key, |count| count.saturating_add(1)),
        (true, false) => count_places(state, plan, key, |count| count.saturating_sub(1)),
        _ => {}
    }
    match after {
        Some(after) => SETTINGS.set(state, place, after),
        None => SETTINGS.remove(state, place),
    }
    rewrite_gates(state, plan);
}

/// Counts a path at which a flag is set or disabled.
fn count_places(state: &mut State, plan: &Name, key: &Name, change: impl FnOnce(u32) -> u32) {
    let place = (plan.clone(), key.clone());
    match change(PLACES.get(state, &place).unwrap_or_default()) {
        0 => PLACES.remove(state, &place),
        left => PLACES.set(state, &place, &left),
    }
}

fn names_asked(targeting: &Targeting) -> BTreeSet<Name> {
    targeting.attributes().into_iter().filter_map(Name::new).collect()
}

/// Whether no setting of the plan asked the attribute before.
fn ask_once_more(state: &mut State, plan: &Name, attribute: &Name) -> bool {
    let place = (plan.clone(), attribute.clone());
    let before = ATTRIBUTES.get(state, &place).unwrap_or_default();
    ATTRIBUTES.set(state, &place, &before.saturating_add(1));
    before == 0
}

/// Whether no setting of the plan asks the attribute any more.
fn ask_once_less(state: &mut State, plan: &Name, attribute: &Name) -> bool {
    let place = (plan.clone(), attribute.clone());
    let left = ATTRIBUTES.get(state, &place).unwrap_or_default().saturating_sub(1);
    if left == 0 {
        ATTRIBUTES.remove(state, &place);
    } else {
        ATTRIBUTES.set(state, &place, &left);
    }
    left == 0
}

fn write_segment(state: &mut State, plan: &Name, segment: &Name, members: SegmentMembers) {
    let place = (plan.clone(), segment.clone());
    let before = SEGMENTS.get(state, &place);
    count(state, plan, |counts| {
        counts.weigh(before.as_ref().map(size), Some(size(&members)));
        counts.segments = counts.segments.saturating_add(u32::from(before.is_none()));
    });
    SEGMENTS.set(state, &place, &members);
}

/// Writes the gates anew when they follow from that plan, and are others than before.
fn rewrite_gates(state: &mut State, plan: &Name) {
    if !queries::is_node_plan(state, plan) {
        return;
    }
    let gates = Gates::set_by(state, plan);
    if GATES.get(state).as_ref() != Some(&gates) {
        GATES.set(state, &gates);
    }
}

fn count(state: &mut State, plan: &Name, change: impl FnOnce(&mut FlagCounts)) {
    let mut counts = COUNTS.get(state, plan).unwrap_or_default();
    change(&mut counts);
    COUNTS.set(state, plan, &counts);
}
