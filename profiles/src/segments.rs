//! The segments of a profile: which there are, who is in them, and where its plan names them. A plan does not list them, so
//! [`Plan::mistakes`](rollouts::plan::Plan::mistakes) cannot ask this.

use crate::mistake::{MistakeKind, ProfileMistake};
use crate::profile::Profile;
use crate::strict::{WrittenValue, joined, nearest};
use flags::MOST_SEGMENTS;
use primitives::{AccountId, Name, Text};
use rollouts::check::Ask;
use rollouts::plan::{Governs, Plan, Stage, VALIDATORS};
use std::collections::{BTreeMap, BTreeSet};

/// A segment that a plan names.
pub(crate) struct NamedSegment<'p> {
    /// Where, as a profile has it.
    pub(crate) field: String,
    pub(crate) segment: &'p Name,
    /// Whether it may be the one that every network has: the chain asks of its members, and no flag is served to them alone.
    may_be_built_in: bool,
}

impl NamedSegment<'_> {
    /// Whether it is the one that every network has, where that one may stand.
    pub(crate) fn is_built_in(&self) -> bool {
        self.may_be_built_in && self.segment.as_str() == VALIDATORS
    }
}

/// Every place where a plan names a segment: in the checks, then stage by stage.
pub(crate) fn named_by(plan: &Plan) -> Vec<NamedSegment<'_>> {
    let of_checks = plan.checks.iter().filter_map(|check| {
        let (question, segment) = match &check.ask {
            Ask::Chorus { segment, .. } => ("chorus", segment),
            Ask::Installed { segment, .. } => ("installed", segment),
            _ => return None,
        };
        let field = format!("{}.{question}.segment", joined("checks", check.key.as_str()));
        Some(NamedSegment { field, segment, may_be_built_in: true })
    });
    of_checks.chain(plan.stages.iter().flat_map(served_alone)).collect()
}

/// Those that alone get something at a stage.
fn served_alone(stage: &Stage) -> Vec<NamedSegment<'_>> {
    let place = joined("stage", stage.name.as_str());
    let limits = stage.limits.iter().map(|limit| {
        let field = joined(&format!("{place}.limits"), limit.flag.as_str());
        NamedSegment { field, segment: &limit.segment, may_be_built_in: false }
    });
    let mut all: Vec<_> = limits.collect();
    for (at, step) in stage.steps.iter().enumerate() {
        for (of_step, (_, _, only)) in step.sets.iter().enumerate() {
            let field = format!("{place}.steps[{at}].sets[{of_step}].segment");
            all.extend(only.as_ref().map(|segment| NamedSegment { field, segment, may_be_built_in: false }));
        }
    }
    all
}

/// What is wrong with the segments that a profile lists, in the order of the file.
pub(crate) fn listed_wrongly(file: &str, tree: &WrittenValue, profile: &Profile) -> Vec<ProfileMistake> {
    let mut notes = Notes { file, tree, found: Vec::new() };
    let count = profile.segments.len();
    if count > MOST_SEGMENTS as usize {
        notes.note("segments".into(), &format!("has {count} entries, and at most {MOST_SEGMENTS} fit; leave some out"));
    }
    let mut taken = BTreeMap::from([(VALIDATORS.to_owned(), VALIDATORS)]);
    // Of those that are too many nothing else is said.
    for (name, members) in profile.segments.iter().take(MOST_SEGMENTS as usize) {
        let field = joined("segments", name.as_str());
        match taken.get(&name.as_str().to_lowercase()) {
            Some(other) if *other == name.as_str() => {
                notes.note(field.clone(), "is a segment that every network has; leave it out");
            }
            Some(other) => {
                let reason = format!("differs from {other} by the size of its letters alone; give it another name");
                notes.note(field.clone(), &reason);
            }
            None => {
                taken.insert(name.as_str().to_lowercase(), name.as_str());
            }
        }
        members_listed_wrongly(&mut notes, &field, members, profile.governs == Governs::Node);
    }
    notes.found
}

/// Each member once; of a node's segment it is an account.
fn members_listed_wrongly(notes: &mut Notes<'_>, field: &str, members: &[Text<64>], of_node: bool) {
    let mut listed = BTreeSet::new();
    for (at, member) in members.iter().enumerate() {
        let place = format!("{field}[{at}]");
        if !listed.insert(member) {
            notes.note(place, "is a member that stands before it already; list each member once");
        } else if of_node && !is_account(member.as_str()) {
            notes.note(place, "is no account; of a node's segment write each member as 64 hex digits in lower case");
        }
    }
}

/// The segments that a plan names and a profile does not list.
pub(crate) fn missing(file: &str, tree: &WrittenValue, listed: &[Name], plan: &Plan) -> Vec<ProfileMistake> {
    let mut notes = Notes { file, tree, found: Vec::new() };
    for named in named_by(plan).into_iter().filter(|named| !named.is_built_in()) {
        if listed.contains(named.segment) {
            continue;
        }
        let built_in = named.may_be_built_in.then_some(VALIDATORS);
        let near = nearest(named.segment.as_str(), listed.iter().map(Name::as_str).chain(built_in));
        let instead = near.map_or("list it in [segments]".to_owned(), |near| {
            format!("list it in [segments], or did you mean {near}?")
        });
        let reason = match named.segment.as_str() {
            VALIDATORS => {
                "= \"validators\" is not possible: nothing is served to them alone; name a segment of [segments]"
                    .to_owned()
            }
            segment => format!("= {segment:?} is no segment of the profile; {instead}"),
        };
        notes.note(named.field, &reason);
    }
    notes.found
}

/// As text an account is 64 hex digits in lower case, and so it is looked for.
fn is_account(text: &str) -> bool {
    text.parse::<AccountId>().is_ok_and(|account| account.to_string() == text)
}

struct Notes<'f> {
    file: &'f str,
    tree: &'f WrittenValue,
    found: Vec<ProfileMistake>,
}

impl Notes<'_> {
    /// Notes what is wrong with a field, in a sentence that begins with it.
    fn note(&mut self, field: String, reason: &str) {
        let line = Some(self.tree.on_the_way_to(&field).line);
        let sentence = format!("{field} {reason}");
        self.found.push(ProfileMistake { file: self.file.into(), line, kind: MistakeKind::Value, field, sentence });
    }
}
