//! A playbook was tried within the time that it says, and fast enough (ROLLOUTS 7.2, `Drill`; REQ-095, REQ-096).
//!
//! A drill is two statements of the role that keeps the playbook, about the plan: that it began, and that it ended. The chain measures
//! how long it ran between their blocks. While the next one is under way the last one is not told from it, and the check is missing until
//! that has ended.

use super::asked::JudgedIn;
use super::outcome::{AskOutcome, age, roughly};
use super::said::{Heard, WantedWord, WordWorth, hear};
use crate::deadline::ChangeDeadline;
use crate::plan::Playbook;
use crate::statement::{StatementSubject, TalliedWord};
use crate::verdict::FindingState;
use primitives::{Name, Span};

/// Which end of a drill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DrillEnd {
    Began,
    Ended,
}

impl DrillEnd {
    /// The key of the statement about the drill of a domain; none for one whose name is too long for it.
    pub(crate) fn key(self, domain: &Name) -> Option<Name> {
        let end = match self {
            Self::Began => "began",
            Self::Ended => "ended",
        };
        Name::new(&format!("drill.{domain}.{end}"))
    }

    /// The domain and the end that a key is of.
    pub(crate) fn parse(key: &Name) -> Option<(Name, Self)> {
        let (domain, end) = key.as_str().strip_prefix("drill.")?.rsplit_once('.')?;
        let end = [("began", Self::Began), ("ended", Self::Ended)].into_iter().find(|(word, _)| *word == end)?.1;
        Some((Name::new(domain)?, end))
    }
}

/// How the drill of a domain stands, whether or not a check asks for it; what there is of it, in words; and when the last good one will
/// be too old.
pub(crate) fn drill_state(judged: &JudgedIn<'_>, domain: &Name) -> (FindingState, String, Option<ChangeDeadline>) {
    let outcome = judge(judged, domain);
    (outcome.state, outcome.have, outcome.until)
}

/// Judges a check that asks for a drill.
pub(super) fn judge(judged: &JudgedIn<'_>, domain: &Name) -> AskOutcome {
    let Some(playbook) = judged.plan.playbook(judged.state, domain) else {
        return AskOutcome::missing("", judged.words(|| format!("a playbook {domain}")));
    };
    // One that nobody has to try is no playbook to ask about; such a plan is not taken.
    let Some(rules) = playbook.drill else { return AskOutcome::missing("", "a playbook that is tried") };
    let need =
        judged.words(|| format!("a drill of {domain} less than {} ago, in at most {}", rules.every, rules.window));
    let (began, ended) = match (said(judged, &playbook, DrillEnd::Began), said(judged, &playbook, DrillEnd::Ended)) {
        (_, Heard::No(word)) => {
            let have = judged.words(|| format!("failed {}", age(word.at, judged.at)));
            return AskOutcome::new(FindingState::Failed, have, need);
        }
        (Heard::Yes(began), Heard::Yes(ended)) if began.at.height <= ended.at.height => (began, ended),
        (Heard::Yes(began), _) => {
            let have = judged.words(|| format!("one that began {}", age(began.at, judged.at)));
            return AskOutcome::missing(have, need);
        }
        _ => return AskOutcome::missing("none", need),
    };
    let have = judged.words(|| format!("one {}, in {}", age(ended.at, judged.at), roughly(took(&began, &ended))));
    let is_slow = rules.window.since(began.at, ended.at);
    if is_slow.is_enough() && is_slow.have != is_slow.need {
        return AskOutcome::missing(have, need);
    }
    if rules.every.since(ended.at, judged.at).is_enough() {
        return AskOutcome::new(FindingState::Expired, have, need);
    }
    AskOutcome::met(have, need).until(Some(ChangeDeadline::after(ended.at, rules.every)))
}

fn took(began: &TalliedWord, ended: &TalliedWord) -> Span {
    Span::Millis(ended.at.running.saturating_sub(began.at.running))
}

fn said(judged: &JudgedIn<'_>, playbook: &Playbook, end: DrillEnd) -> Heard {
    let Some(key) = end.key(&playbook.domain) else { return Heard::Nothing };
    let about = StatementSubject::Plan;
    let wanted = WantedWord { key: &key, role: &playbook.owner, subject: &about, fresh: None, from: None };
    hear(judged, &wanted, |_| WordWorth::Enough)
}
