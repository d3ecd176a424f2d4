//! How much of the fleet runs what it should: what checks judge, without a share that is asked for.

use crate::check::FleetProfile;
use crate::effects::profile;
use crate::judge::asked::JudgedIn;
use crate::judge::fleet::{FleetAsked, nodes};
use crate::plan::{AskedCheck, ListOf};
use crate::plans::KeptRef;
use primitives::{Fraction, Moment, Name};
use releases::FleetShare;
use state::State;

/// The fleet of a plan, held against what it should run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FleetSeen {
    /// The flags that serve something else than the stage that stands says.
    pub drifting_flags: Vec<Name>,
    /// Who sees the gates as the chain has them, each for its own account.
    pub current: FleetShare,
    /// Who is ready for the next stage; none after the last.
    pub next: Option<FleetShare>,
    /// Who has the bundle of the plan.
    pub bundle: FleetShare,
}

/// The fleet of a version of a plan at a moment.
pub fn fleet(state: &State, at: Moment, plan: &KeptRef) -> FleetSeen {
    let judged = JudgedIn::new(state, at, plan, None, None);
    let standing = plan.last_standing(state).map(|(stage, _)| stage);
    let share = |profile, stage: Option<&Name>| {
        let asked = AskedCheck { key: plan.name.clone(), stage: stage.cloned(), from: ListOf::Readiness };
        nodes(&judged, &asked, &FleetAsked { profile, share: Fraction::NOTHING, fresh: false, bundle: false })
    };
    FleetSeen {
        drifting_flags: profile::drifting(state, plan),
        current: share(FleetProfile::Current, standing.as_ref()),
        next: plan.successor(standing.as_ref()).map(|stage| share(FleetProfile::Target, Some(stage))),
        bundle: releases::queries::fleet_share(state, at.epoch, |_, _, said| said.bundle == plan.kept.bundle),
    }
}
