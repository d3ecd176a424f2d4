//! A word of a role: a sign-off, or evidence (ROLLOUTS 7.2, `Word`).

use super::asked::JudgedIn;
use super::outcome::AskOutcome;
use super::said::{Heard, WantedWord, WordWorth, hear, need_of, told};
use crate::check::{AboutKind, Check, Refs};
use crate::plan::{AskedCheck, Reference};
use crate::statement::{StatementSubject, TalliedWord};
use crate::storage::WAIVERS;
use crate::tally::{is_expired, is_present};
use crate::verdict::FindingState;
use primitives::{ChangeId, Decimal, Moment, Name, Text};

/// What a check asks that asks for a word.
pub(super) struct WordAsked<'w> {
    pub about: AboutKind,
    pub predicate: Option<&'w Text<96>>,
    pub refs: &'w Refs,
    pub within: Option<&'w (Name, Decimal)>,
}

/// What a word has to have beside who says it and when.
struct WordDemands<'w> {
    predicate: Option<&'w Text<96>>,
    refs: &'w Refs,
    /// The value that it may have at most.
    most: MostValue,
    /// The waivers that it has to refer to, each with when it was given.
    waivers: Vec<(Name, Moment)>,
}

/// How large a value may be.
enum MostValue {
    Any,
    UpTo(Decimal),
    /// The factor of the value before has more digits than are counted with, so nothing is known to be within it.
    Unknown,
}

/// Judges a check that asks for a word, said since a moment where it is a duty.
pub(super) fn judge(
    judged: &JudgedIn<'_>,
    asked: &AskedCheck,
    check: &Check,
    word: &WordAsked<'_>,
    from: Option<Moment>,
) -> AskOutcome {
    let (Some(subject), Some(role)) = (judged.subject(asked, word.about), &check.by) else {
        return nothing_to_speak_about(word.about);
    };
    let wanted = WantedWord { key: &check.key, role, subject: &subject, fresh: check.fresh, from };
    if *word.refs == Refs::ReleaseChecks {
        return release_checks(judged, asked, &wanted);
    }
    let bound = word.within.and_then(|(of, factor)| Some((value_before(judged, asked, of)?, *factor)));
    let most = match bound {
        None => MostValue::Any,
        Some((before, factor)) => before.checked_mul(&factor).map_or(MostValue::Unknown, MostValue::UpTo),
    };
    let waivers = if *word.refs == Refs::Waivers { waivers_of(judged, asked) } else { Vec::new() };
    let mut need = need_of(judged, &wanted);
    if let MostValue::UpTo(most) = &most {
        need = judged.words(|| format!("{need}, at most {most}"));
    }
    let demands = WordDemands { predicate: word.predicate, refs: word.refs, most, waivers };
    let heard = hear(judged, &wanted, |word| demands.worth(word));
    told(judged, &wanted, heard, need)
}

impl WordDemands<'_> {
    fn worth(&self, word: &TalliedWord) -> WordWorth {
        match (&self.most, word.value) {
            (MostValue::UpTo(most), Some(value)) if value > *most => return WordWorth::Bad,
            (MostValue::UpTo(_), None) => return WordWorth::Lacks(vec!["a value".into()]),
            (MostValue::Unknown, _) => return WordWorth::Lacks(vec!["a bound with fewer digits".into()]),
            _ => {}
        }
        let missing = self.missing(word);
        if missing.is_empty() { WordWorth::Enough } else { WordWorth::Lacks(missing) }
    }

    fn missing(&self, word: &TalliedWord) -> Vec<String> {
        let mut missing = missing_refs(self.refs, &word.refs, &self.waivers, word.at);
        // A later version of the plan may ask for more than the one did under which this was said.
        if let Some(predicate) = self.predicate
            && (word.predicate != *predicate || word.digest.is_none())
        {
            missing.push(format!("evidence of type {predicate}"));
        }
        missing
    }
}

fn missing_refs(asked: &Refs, refs: &[Name], waivers: &[(Name, Moment)], said: Moment) -> Vec<String> {
    match asked {
        Refs::Any | Refs::ReleaseChecks => Vec::new(),
        Refs::Matching(pattern) => {
            let has = refs.iter().any(|given| pattern.matches(given.as_str()));
            if has { Vec::new() } else { vec![pattern.as_str().to_owned()] }
        }
        Refs::All(all) => all.iter().filter(|one| !refs.contains(one)).map(ToString::to_string).collect(),
        // What was waived after it was said was not in its sight.
        Refs::Waivers => {
            let unseen = |(key, given): &&(Name, Moment)| !refs.contains(key) || given.height > said.height;
            waivers.iter().filter(unseen).map(|(key, _)| format!("waiver of {key}")).collect()
        }
    }
}

/// The waivers of the change that count, by the check that each is about: that is how words refer to them.
fn waivers_of(judged: &JudgedIn<'_>, asked: &AskedCheck) -> Vec<(Name, Moment)> {
    let Some(id) = judged.asked_change(asked).id else { return Vec::new() };
    let given = WAIVERS.iter_under(judged.state, &id);
    let counts = |(_, waiver): &((ChangeId, Name), TalliedWord)| {
        !is_expired(waiver, judged.at) && is_present(judged.state, judged.at, &judged.plan.name, &waiver.by)
    };
    given.filter(counts).map(|((_, key), waiver)| (key, waiver.at)).collect()
}

/// The value that was said of a key at the stage before; none where there is no stage before, and where nothing was said.
fn value_before(judged: &JudgedIn<'_>, asked: &AskedCheck, of: &Name) -> Option<Decimal> {
    let stage = judged.stage_of(asked)?;
    let before = StatementSubject::Stage(judged.plan.predecessor(&stage)?.clone());
    let check = judged.plan.check(judged.state, of)?;
    let wanted = WantedWord { key: of, role: check.by.as_ref()?, subject: &before, fresh: None, from: None };
    let valued = |word: &TalliedWord| if word.value.is_some() { WordWorth::Enough } else { WordWorth::Lacks(vec![]) };
    match hear(judged, &wanted, valued) {
        Heard::Yes(word) => word.value,
        _ => None,
    }
}

/// Every section that the stage names, each by the role that it names (REQ-022, REQ-077). A word refers to it by its heading.
fn release_checks(judged: &JudgedIn<'_>, asked: &AskedCheck, wanted: &WantedWord<'_>) -> AskOutcome {
    let stage = judged.stage_of(asked).and_then(|stage| judged.plan.stage(judged.state, &stage).ok());
    let sections = stage.map(|stage| stage.release_checks.into_inner()).unwrap_or_default();
    let need = judged.words(|| format!("{} sections signed off by their owners", sections.len()));
    let mut outcome = AskOutcome::met("", need);
    let mut signed = 0usize;
    for section in &sections {
        match signed_off(judged, wanted, section) {
            Heard::Yes(_) => signed = signed.saturating_add(1),
            Heard::No(_) => {
                outcome.state = FindingState::Failed;
                outcome.missing.extend(judged.named([section]));
            }
            heard => {
                if outcome.state != FindingState::Failed {
                    let is_old = matches!(heard, Heard::Old(_));
                    let is_expired = is_old && outcome.state != FindingState::Missing;
                    outcome.state = if is_expired { FindingState::Expired } else { FindingState::Missing };
                }
                outcome.missing.extend(judged.named([section]));
            }
        }
    }
    outcome.have = judged.words(|| format!("{signed} of {} sections", sections.len()));
    outcome
}

fn signed_off(judged: &JudgedIn<'_>, wanted: &WantedWord<'_>, section: &Reference) -> Heard {
    // A plan in which nobody signs a section off is not taken.
    let Some(owner) = &section.owner else { return Heard::Nothing };
    let of_owner = WantedWord { role: owner, ..*wanted };
    hear(judged, &of_owner, |word| {
        let refers = word.refs.contains(&section.anchor);
        if refers { WordWorth::Enough } else { WordWorth::Lacks(vec![section.to_string()]) }
    })
}

/// Nothing is there yet that a word could be about.
pub(super) fn nothing_to_speak_about(about: AboutKind) -> AskOutcome {
    let need = match about {
        AboutKind::Artifact => "a change that names an artifact or a build".into(),
        AboutKind::Phase => "a change that is of a phase".into(),
        about => format!("a {about} to speak about"),
    };
    AskOutcome::missing("", need)
}
