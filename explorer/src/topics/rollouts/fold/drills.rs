//! How playbooks were tried: each time, from the word that it began to the word that it ended.

use super::super::answer::{DrillLine, DrillWord};
use super::super::{DRILLS, playbook_name};
use crate::fold::{BlockWriter, FoldError};
use crate::store::column::{json, parsed};
use crate::store::rows::{RowFilter, RowOrder, Selection};
use crate::store::table::natural;
use primitives::{Name, Span};
use rollouts::statement::Stated;

/// A word about a drill begins one, or ends the one that began last. What ended without having begun is no drill.
///
/// # Errors
/// The database refuses.
pub(super) async fn stated(block: &mut BlockWriter<'_>, plan: &Name, stated: &Stated) -> Result<(), FoldError> {
    let Some((domain, is_end)) = drill_of(&stated.statement.key) else { return Ok(()) };
    let playbook = playbook_name(plan.as_str(), domain);
    let word = DrillWord { by: stated.actor.clone(), at: stated.at, outcome: stated.statement.outcome };
    if !is_end {
        put(block, (plan, playbook.as_str()), stated.at.height.0, &DrillLine { began: word, ended: None, took: None });
        return Ok(());
    }
    let filter = RowFilter::Equal("playbook", playbook.as_str().into());
    let columns = &["height", "drill"];
    let selection = Selection { table: &DRILLS, columns, filter, order: RowOrder::Last("height") };
    let Some(row) = block.select(selection).await?.pop() else { return Ok(()) };
    let drill: DrillLine = parsed("a drill", row[1].text().unwrap_or_default())?;
    let took = Span::Millis(word.at.running.saturating_sub(drill.began.at.running));
    let height = row[0].number().map_or(0, natural);
    put(block, (plan, playbook.as_str()), height, &DrillLine { ended: Some(word), took: Some(took), ..drill });
    Ok(())
}

/// The domain that a key is about, and whether it says that the drill ended; none of any other key.
fn drill_of(key: &Name) -> Option<(&str, bool)> {
    let (domain, end) = key.as_str().strip_prefix("drill.")?.rsplit_once('.')?;
    match end {
        "began" => Some((domain, false)),
        "ended" => Some((domain, true)),
        _ => None,
    }
}

fn put(block: &mut BlockWriter<'_>, (plan, playbook): (&Name, &str), height: u64, drill: &DrillLine) {
    let time = drill.began.at.time.0;
    block.put(&DRILLS, vec![playbook.into(), height.into(), plan.as_str().into(), time.into(), json(drill).into()]);
}
