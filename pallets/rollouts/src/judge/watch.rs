//! A word over a stretch of time that began after the change was carried out (ROLLOUTS 7.2, `Watch`).

use super::asked::JudgedIn;
use super::outcome::AskOutcome;
use super::said::{WantedWord, WordWorth, hear, need_of, told};
use super::word::nothing_to_speak_about;
use crate::check::{AboutKind, Check};
use crate::deadline::ChangeDeadline;
use crate::plan::AskedCheck;
use crate::statement::TalliedWord;
use crate::verdict::FindingState;
use primitives::{Moment, Span};

/// Judges a check that asks to watch, said since a moment where it is a duty.
pub(super) fn judge(
    judged: &JudgedIn<'_>,
    asked: &AskedCheck,
    check: &Check,
    (about, lasted): (AboutKind, Span),
    from: Option<Moment>,
) -> AskOutcome {
    let (Some(subject), Some(role)) = (judged.subject(asked, about), &check.by) else {
        return nothing_to_speak_about(about);
    };
    let wanted = WantedWord { key: &check.key, role, subject: &subject, fresh: check.fresh, from };
    let need = judged.words(|| format!("{}, over {lasted} after it was carried out", need_of(judged, &wanted)));
    let Some(executed) = judged.asked_change(asked).executed() else {
        return AskOutcome::missing("it is not carried out", need);
    };
    let outcome = told(judged, &wanted, hear(judged, &wanted, |word| worth(executed, lasted, word)), need);
    let is_too_soon = outcome.state == FindingState::Missing && !lasted.since(executed, judged.at).is_enough();
    if is_too_soon { outcome.until(Some(ChangeDeadline::after(executed, lasted))) } else { outcome }
}

/// The stretch began at or after the execution and ends at the statement's block, and the chain has run as long since the execution:
/// the first is said, and the second is so.
fn worth(executed: Moment, lasted: Span, word: &TalliedWord) -> WordWorth {
    let Some(began) = word.began else { return WordWorth::Lacks(vec!["when it began".into()]) };
    let long_enough = match lasted {
        Span::Millis(need) => word.at.time.0.saturating_sub(began.0) >= need,
        // Epochs are not reckoned in time; that the chain has been through them since is asked below.
        Span::Epochs(_) => began <= word.at.time,
    };
    if began < executed.time {
        WordWorth::Lacks(vec!["a stretch that began after it was carried out".into()])
    } else if !long_enough || !lasted.since(executed, word.at).is_enough() {
        WordWorth::Lacks(vec![format!("a stretch of {lasted}")])
    } else {
        WordWorth::Enough
    }
}
