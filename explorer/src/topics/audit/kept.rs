//! What says for how long records are kept: plans, and holds, which keep them whatever their time is (REQ-155, REQ-156).

use super::{HOLDS, RETENTIONS};
use crate::fold::BlockDraft;
use crate::store::column::json;
use cases::CaseKind;
use primitives::{CaseId, Height, Name, Path};
use runtime::Event;

/// Writes what an event says of that.
pub(super) fn write(block: &mut BlockDraft, event: &Event) {
    match event {
        Event::Rollouts(rollouts::Event::Installed { installation, .. }) => {
            let plan = &installation.plan;
            let row = vec![plan.name.as_str().into(), plan.is_of_node().into(), json(&plan.policy.retain).into()];
            block.put(&RETENTIONS, row);
        }
        Event::Cases(cases::Event::Held { plan, case, path, hold, .. }) => {
            put(block, *case, (plan, path), hold.from, false);
        }
        Event::Cases(
            cases::Event::Released { plan, case, path, .. }
            | cases::Event::Abandoned { plan, case, path, kind: CaseKind::Hold, .. },
        ) => put(block, *case, (plan, path), Height(0), true),
        _ => {}
    }
}

fn put(block: &mut BlockDraft, case: CaseId, (plan, path): (&Name, &Path), from: Height, released: bool) {
    let row = vec![case.0.into(), plan.as_str().into(), path.as_str().into(), from.0.into(), released.into()];
    block.put(&HOLDS, row);
}
