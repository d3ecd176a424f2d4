//! What a role said on a key about something, as far as it answers a check (ROLLOUTS 7.2, 7.3).
//!
//! The newest word that is one way or the other decides: a failure, or a word that is all that was asked for. One that is not, because
//! it is too old or lacks a reference, takes nothing back that was said well before it. So no verdict gets better when somebody who
//! said yes had not spoken.

use super::asked::JudgedIn;
use super::outcome::{AskOutcome, age};
use crate::deadline::ChangeDeadline;
use crate::statement::{StatementOutcome, StatementSubject, TalliedWord};
use crate::storage::TALLIES;
use crate::tally::{is_expired, is_present};
use crate::verdict::FindingState;
use primitives::{Moment, Name, Span};

/// Whose word is asked for, and which of them counts.
#[derive(Clone, Copy)]
pub(super) struct WantedWord<'w> {
    pub key: &'w Name,
    pub role: &'w Name,
    pub subject: &'w StatementSubject,
    /// How old it may be.
    pub fresh: Option<Span>,
    /// What was said before this does not count: of a duty, since when it is owed.
    pub from: Option<Moment>,
}

/// What a word is worth beside its outcome and its age.
pub(super) enum WordWorth {
    /// It is all that was asked for.
    Enough,
    /// It lacks something, by name.
    Lacks(Vec<String>),
    /// It says itself that it is not so, such as by its value.
    Bad,
}

/// What was heard.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Heard {
    Yes(TalliedWord),
    No(TalliedWord),
    /// Not all that was asked for.
    Short(TalliedWord, Vec<String>),
    /// It was all right, and is too old, or has expired.
    Old(TalliedWord),
    Nothing,
}

impl Heard {
    fn rank(&self) -> u8 {
        match self {
            Self::Nothing => 0,
            Self::Old(_) => 1,
            Self::Short(..) => 2,
            Self::Yes(_) | Self::No(_) => 3,
        }
    }

    fn is_decided(&self) -> bool {
        self.rank() == 3
    }
}

/// Reads one row, and says what the role's words come to.
pub(super) fn hear(judged: &JudgedIn<'_>, wanted: &WantedWord<'_>, worth: impl Fn(&TalliedWord) -> WordWorth) -> Heard {
    let about = judged.digest_of(wanted.subject);
    let row = (judged.plan.name.clone(), wanted.key.clone(), (about, wanted.role.clone()));
    let tally = TALLIES.get(judged.state, &row).unwrap_or_default();
    let mut heard = Heard::Nothing;
    for word in tally.words {
        let is_owed_word = wanted.from.is_none_or(|from| word.at.height >= from.height);
        if heard.is_decided() || !is_owed_word || !is_present(judged.state, judged.at, &judged.plan.name, &word.by) {
            continue;
        }
        let next = judge(judged.at, wanted, word, &worth);
        if next.rank() > heard.rank() {
            heard = next;
        }
    }
    heard
}

fn judge(at: Moment, wanted: &WantedWord<'_>, word: TalliedWord, worth: impl Fn(&TalliedWord) -> WordWorth) -> Heard {
    let is_old = wanted.fresh.is_some_and(|fresh| fresh.since(word.at, at).is_enough());
    match word.outcome {
        _ if is_expired(&word, at) => Heard::Old(word),
        StatementOutcome::Failed => Heard::No(word),
        // A waiver is no word; none is kept among them.
        StatementOutcome::Waived => Heard::Nothing,
        StatementOutcome::Passed | StatementOutcome::Warned if is_old => Heard::Old(word),
        StatementOutcome::Passed | StatementOutcome::Warned => match worth(&word) {
            WordWorth::Enough => Heard::Yes(word),
            WordWorth::Lacks(missing) => Heard::Short(word, missing),
            WordWorth::Bad => Heard::No(word),
        },
    }
}

/// How what was heard is told.
pub(super) fn told(judged: &JudgedIn<'_>, wanted: &WantedWord<'_>, heard: Heard, need: String) -> AskOutcome {
    let said = |word: &TalliedWord| {
        judged.words(|| format!("{} by {}, {}", word.outcome, word.by.role, age(word.at, judged.at)))
    };
    match heard {
        Heard::Yes(word) => {
            let until = ends(judged.at, wanted.fresh, &word);
            AskOutcome::met(said(&word), need).until(until)
        }
        Heard::No(word) => {
            let value = word.value.map(|value| judged.words(|| format!(", {value}"))).unwrap_or_default();
            AskOutcome::new(FindingState::Failed, said(&word) + &value, need)
        }
        Heard::Short(word, missing) => AskOutcome::missing(said(&word), need).naming(missing),
        Heard::Old(word) => AskOutcome::new(FindingState::Expired, said(&word), need),
        Heard::Nothing => AskOutcome::missing(judged.words(|| format!("no word of {}", wanted.role)), need),
    }
}

/// What is needed, for people: whose word, and how old at most.
pub(super) fn need_of(judged: &JudgedIn<'_>, wanted: &WantedWord<'_>) -> String {
    judged.words(|| {
        let age = wanted.fresh.map(|fresh| format!(", less than {fresh} old")).unwrap_or_default();
        format!("a word of {} about {}{age}", wanted.role, wanted.subject)
    })
}

/// When a word that counts does so no longer: when it expires, or is too old; the sooner, as far as the chain runs with the clock.
pub(super) fn ends(at: Moment, fresh: Option<Span>, word: &TalliedWord) -> Option<ChangeDeadline> {
    let expires = word.expires.map(ChangeDeadline::Time);
    let ages = fresh.map(|fresh| ChangeDeadline::after(word.at, fresh));
    match (expires, ages) {
        (Some(ChangeDeadline::Time(time)), Some(ChangeDeadline::Running(running))) => {
            let is_sooner = time.0.saturating_sub(at.time.0) < running.saturating_sub(at.running);
            if is_sooner { expires } else { ages }
        }
        (expires, ages) => expires.or(ages),
    }
}
