//! A word for every row of a table (ROLLOUTS 7.2, `Rows`).

use super::asked::JudgedIn;
use super::outcome::AskOutcome;
use super::said::{Heard, WantedWord, WordWorth, hear};
use super::word::nothing_to_speak_about;
use crate::check::{AboutKind, Ask, Check, RowKeys};
use crate::plan::{AskedCheck, MOST_ROWS, PhaseState};
use crate::plans::KeptRef;
use crate::statement::{StatementSubject, TalliedWord};
use crate::storage::PHASE_STANDINGS;
use crate::verdict::FindingState;
use primitives::{Moment, Name, Pattern};
use state::State;

/// A row: its key, its own number where it has one, the role whose word it wants, and what that refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AskedRow {
    pub key: Name,
    pub number: String,
    pub role: Name,
    pub refs: Option<Pattern>,
    /// The phase in whose exit list it stands, where the phases say which rows there are.
    pub phase: Option<Name>,
}

/// Judges a check that asks for rows, said since a moment where it is a duty.
pub(super) fn judge(
    judged: &JudgedIn<'_>,
    asked: &AskedCheck,
    check: &Check,
    about: AboutKind,
    from: Option<Moment>,
) -> AskOutcome {
    let Some(subject) = judged.subject(asked, about) else { return nothing_to_speak_about(about) };
    let rows = rows_of(judged.state, judged.plan, check);
    let need =
        judged.words(|| format!("{} rows said to have passed about {subject}, each with its evidence", rows.len()));
    if rows.is_empty() {
        return AskOutcome::missing("no phase is open or frozen", "a phase that is");
    }
    let (mut passed, mut outcome) = (0usize, AskOutcome::met("", need));
    for row in &rows {
        // A row of a phase is about that phase, whichever the change belongs to.
        let of_phase = row.phase.clone().filter(|_| about == AboutKind::Phase).map(StatementSubject::Phase);
        let subject = of_phase.as_ref().unwrap_or(&subject);
        let wanted = WantedWord { key: &row.key, role: &row.role, subject, fresh: check.fresh, from };
        let state = match hear(judged, &wanted, |word| worth(row, word)) {
            Heard::Yes(_) => FindingState::Met,
            Heard::No(_) => FindingState::Failed,
            Heard::Old(_) => FindingState::Expired,
            Heard::Short(..) | Heard::Nothing => FindingState::Missing,
        };
        if state == FindingState::Met {
            passed = passed.saturating_add(1);
        } else {
            outcome.missing.extend(judged.named([&row.key]));
            outcome.state = worse(outcome.state, state);
        }
    }
    outcome.have = judged.words(|| format!("{passed} of {} rows", rows.len()));
    outcome
}

fn worth(row: &AskedRow, word: &TalliedWord) -> WordWorth {
    let refers = |pattern: &Pattern| word.refs.iter().any(|given| pattern.matches_for(given.as_str(), &row.number));
    if word.digest.is_none() {
        WordWorth::Lacks(vec!["evidence".into()])
    } else if row.refs.as_ref().is_none_or(refers) {
        WordWorth::Enough
    } else {
        WordWorth::Lacks(row.refs.iter().map(|pattern| pattern.as_str().to_owned()).collect())
    }
}

/// The state of several: a failure, else what is missing, else what is too old.
fn worse(one: FindingState, other: FindingState) -> FindingState {
    let rank = |state| match state {
        FindingState::Failed => 3,
        FindingState::Missing => 2,
        FindingState::Expired => 1,
        _ => 0,
    };
    if rank(other) > rank(one) { other } else { one }
}

/// The rows that a check asks for now; none of one that asks for none.
pub(crate) fn rows_of(state: &State, plan: &KeptRef, check: &Check) -> Vec<AskedRow> {
    match &check.ask {
        Ask::Rows { keys: RowKeys::Range { .. }, .. } => range(check),
        Ask::Rows { keys: RowKeys::Active, .. } => active(state, plan, check),
        _ => Vec::new(),
    }
}

/// The rows of a range; none of a check that asks for no range.
fn range(check: &Check) -> Vec<AskedRow> {
    let Ask::Rows { keys: RowKeys::Range { prefix, from, to, suffix }, refs, .. } = &check.ask else {
        return Vec::new();
    };
    let Some(role) = &check.by else { return Vec::new() };
    let suffix = suffix.as_ref().map(Name::as_str).unwrap_or_default();
    let rows = (*from..=*to).take(usize::try_from(MOST_ROWS).unwrap_or_default()).filter_map(|number| {
        let key = Name::new(&format!("{prefix}{number}{suffix}"))?;
        Some(AskedRow { key, number: number.to_string(), role: role.clone(), refs: refs.clone(), phase: None })
    });
    rows.collect()
}

/// The rows that the exit lists ask for of the phases that are open or frozen; for one whose list asks for none, the check's own key.
fn active(state: &State, plan: &KeptRef, check: &Check) -> Vec<AskedRow> {
    let standing = PHASE_STANDINGS.iter_under(state, &plan.name);
    let live = standing.filter(|(_, phase)| matches!(phase.state, PhaseState::Open | PhaseState::Frozen));
    let phases: Vec<_> = live.filter_map(|((_, key), _)| plan.phase(state, &key)).collect();
    let mut rows: Vec<AskedRow> = Vec::new();
    for phase in phases {
        let asked = phase.exit.iter().filter_map(|key| plan.check(state, key));
        let mut of_phase: Vec<AskedRow> = asked.flat_map(|check| range(&check)).collect();
        if let (true, Some(role)) = (of_phase.is_empty(), &check.by) {
            let (key, role) = (check.key.clone(), role.clone());
            of_phase.push(AskedRow { key, number: String::new(), role, refs: None, phase: None });
        }
        of_phase.iter_mut().for_each(|row| row.phase = Some(phase.key.clone()));
        of_phase.retain(|row| !rows.contains(row));
        rows.append(&mut of_phase);
    }
    rows
}
