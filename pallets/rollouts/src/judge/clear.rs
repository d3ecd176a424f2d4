//! Nothing in a register stands open, or unaccepted, where a change moves something (ROLLOUTS 7.2, `Clear`).

use super::asked::JudgedIn;
use super::outcome::AskOutcome;
use crate::check::Register;
use crate::plan::AskedCheck;
use crate::scope;
use cases::CaseKind;
use primitives::{AlertSeverity, Path};
use std::collections::BTreeSet;

/// Judges a check that asks for a clear register: at each path of the change, and at the root before anything is asked for.
pub(super) fn judge(
    judged: &JudgedIn<'_>,
    asked: &AskedCheck,
    register: Register,
    severity: AlertSeverity,
) -> AskOutcome {
    let kind = match register {
        Register::Incident => CaseKind::Incident,
        Register::Risk => CaseKind::Risk,
    };
    let need = judged.words(|| match register {
        Register::Incident => format!("no open incident of {severity} or worse"),
        Register::Risk => format!("no open risk of {severity} or worse that nobody accepted"),
    });
    let paths = paths(judged, asked);
    let open = cases::queries::not_clear(judged.state, judged.at, &judged.plan.name, &paths, kind, severity);
    let have = judged.words(|| format!("{} in the way", open.len()));
    let named = open.iter().map(|id| format!("{register} {id}"));
    AskOutcome::of(open.is_empty(), have, need).naming(judged.named(named))
}

fn paths(judged: &JudgedIn<'_>, asked: &AskedCheck) -> BTreeSet<Path> {
    let paths = judged.change.map(|change| scope::paths_of(judged.state, change)).unwrap_or_default();
    if !paths.is_empty() {
        return paths;
    }
    // Before anybody asked to enter it, it is the stage that is in the way.
    let of_stage = judged.stage_of(asked).filter(|_| !judged.plan.kept.is_of_node());
    BTreeSet::from([Path::new(of_stage).unwrap_or_default()])
}
