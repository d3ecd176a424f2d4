//! What each fact writes into the log.

use super::kept;
use super::turns::is_turn;
use super::{DOWNGRADES, FACTS, PLACE_BITS, SUBJECTS, TURNS, fact_id};
use crate::fold::{BlockDraft, FoldError};
use crate::store::column::json;
use crate::store::table::{Row, SqlValue};
use primitives::{AlertSeverity, ChainPosition, FactMarks, RecordClass, Subject, TransactionHash};
use runtime::{Cause, Fact};
use state::Told as _;

/// Counts the facts of a block, each of which gets a number.
///
/// # Errors
/// There are too many.
pub fn count(block: &mut BlockDraft, facts: &[Fact]) -> Result<(), FoldError> {
    if facts.len() >= 1 << PLACE_BITS {
        let height = block.at().height;
        return Err(FoldError::Damaged(format!("block {height} has more facts than can be numbered")));
    }
    block.count("facts", facts.len() as i64);
    Ok(())
}

/// Writes the fact at a place of the block, and what it is about.
pub fn write(block: &mut BlockDraft, index: u64, fact: &Fact) {
    let at = block.at();
    if fact.is_downgrade() {
        block.count(DOWNGRADES, 1);
    }
    if let Ok(event) = &fact.outcome {
        kept::write(block, event);
    }
    block.put(&FACTS, row(at, index, fact));
    let (id, is_turn) = (fact_id(at.height.0, index), is_turn(fact));
    for subject in fact.about() {
        // Of accounts the whole log is read, never its turns alone.
        if is_turn && !matches!(subject, Subject::Account(_)) {
            block.put(&TURNS, vec![subject.to_string().into(), id.into()]);
        }
        block.put(&SUBJECTS, vec![subject.to_string().into(), id.into()]);
    }
}

/// The beginning of a transaction's hash, by which it is found: its first eight bytes.
pub(super) fn transaction_prefix(hash: &TransactionHash) -> i64 {
    i64::from_be_bytes(std::array::from_fn(|place| hash.0[place]))
}

fn row(at: ChainPosition, index: u64, fact: &Fact) -> Row {
    let (account, transaction) = match &fact.cause {
        Cause::Transaction { hash, account, .. } => (Some(account.to_string()), Some(hash)),
        Cause::Proposal(_) | Cause::Clock | Cause::Genesis => (None, None),
    };
    vec![
        fact_id(at.height.0, index).into(),
        at.epoch.0.into(),
        at.time.0.into(),
        fact.kind().into(),
        fact.outcome.is_err().into(),
        account.into(),
        SqlValue::Int(transaction.map(transaction_prefix)),
        fact.sentence().into(),
        json(fact).into(),
    ]
    .into_iter()
    .chain(marked(fact))
    .collect()
}

/// What a fact says of itself besides what happened.
fn marked(fact: &Fact) -> [SqlValue; 10] {
    let FactMarks { plan, scope, role, action, code, change_id, case_id } = fact.marks();
    [
        rank(fact.severity()).into(),
        fact.is_downgrade().into(),
        class_number(fact.record_class()).into(),
        plan.map(|plan| plan.as_str().to_owned()).into(),
        scope.into(),
        role.map(|role| role.as_str().to_owned()).into(),
        action.into(),
        code.map(str::to_owned).into(),
        change_id.map(|change| change.0).into(),
        case_id.map(|case| case.0).into(),
    ]
}

/// How bad something is, as a column has it: in the order of how bad.
pub(super) fn rank(severity: AlertSeverity) -> u64 {
    match severity {
        AlertSeverity::Info => 0,
        AlertSeverity::Warn => 1,
        AlertSeverity::Critical => 2,
    }
}

/// What a fact is a record of, as a column has it.
pub(super) fn class_number(class: RecordClass) -> u64 {
    match class {
        RecordClass::Audit => 0,
        RecordClass::Security => 1,
        RecordClass::Compliance => 2,
        RecordClass::Metrics => 3,
    }
}
