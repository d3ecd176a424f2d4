//! Why something can be done, or cannot: every finding.

use super::due;
use crate::render::screen::{Screen, TableCell};
use crate::render::words::or_dash;
use rollouts::verdict::Finding;
use rpc::views::{ExplainedFinding, ExplainedList, ListPurpose, RolloutExplanation};

/// Draws an explanation: the answer first.
pub fn explanation(screen: &Screen, view: &RolloutExplanation) -> String {
    let mut fields = vec![
        ("Answer", view.list.answer.to_string()),
        ("Asked", purpose(view)),
        ("Plan", format!("{}, version {}", view.plan, view.version)),
        ("As of", format!("block {}, {}", view.height, screen.time(view.at.time))),
    ];
    let unmet = view.list.findings.iter().filter(|finding| !finding.finding.state.is_settled()).count();
    fields.push(("Open", format!("{unmet} of {} checks", view.list.findings.len())));
    format!("{}\n{}", screen.fields(&fields), findings(screen, &view.list))
}

fn purpose(view: &RolloutExplanation) -> String {
    let change = view.change.map(|change| format!("change {change}")).unwrap_or_default();
    match view.purpose {
        ListPurpose::Enter => format!("can {} be entered?", or_dash(view.stage.as_ref())),
        ListPurpose::Execute => format!("can {change} be carried out?"),
        ListPurpose::Close => format!("can {change} be closed?"),
        ListPurpose::OpenPhase => format!("can phase {} be opened?", or_dash(view.phase.as_ref())),
        ListPurpose::FreezePhase => format!("can phase {} be frozen?", or_dash(view.phase.as_ref())),
        ListPurpose::LockPhase => format!("can phase {} be locked?", or_dash(view.phase.as_ref())),
    }
}

/// Draws the findings of a list, those that are open first.
pub(super) fn findings(screen: &Screen, list: &ExplainedList) -> String {
    let is_open = |explained: &&ExplainedFinding| !explained.finding.state.is_settled();
    let (open, settled): (Vec<_>, Vec<_>) = list.findings.iter().partition(is_open);
    let rows: Vec<Vec<TableCell>> = open.into_iter().chain(settled).map(|finding| row(screen, finding)).collect();
    let header = ["CHECK", "STATE", "CODE", "OWNER", "HAVE", "NEED", "MISSING", "UNTIL"];
    screen.table(&header, &rows, "Nothing is asked.")
}

fn row(screen: &Screen, explained: &ExplainedFinding) -> Vec<TableCell> {
    let Finding { key, state, code, have, need, missing, .. } = &explained.finding;
    let code = if state.is_settled() { "-".into() } else { code.to_string() };
    let dash = |text: &str| if text.is_empty() { "-".to_owned() } else { text.to_owned() };
    vec![
        TableCell::text(key),
        TableCell::text(state),
        TableCell::text(code),
        TableCell::text(by(&explained.finding)),
        TableCell::text(dash(have)),
        TableCell::text(dash(need)),
        TableCell::text(dash(&missing.join(", "))),
        TableCell::text(or_dash(explained.due.as_ref().map(|until| due(screen, until)))),
    ]
}

/// Who says so: what is attested is as true as whoever attests it.
fn by(finding: &Finding) -> String {
    match &finding.owner {
        _ if finding.measured => "measured by the chain".into(),
        Some(owner) => format!("attested by {owner}"),
        None => "-".into(),
    }
}
