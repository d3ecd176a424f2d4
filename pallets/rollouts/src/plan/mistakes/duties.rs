//! Does every duty have a time to be missed in, where something comes of missing it?

use super::{Found, duty_lists};
use crate::plan::{Missed, Plan};

pub(super) fn find(plan: &Plan, found: &mut Found) {
    for list in duty_lists(plan) {
        for (at, duty) in list.duties.iter().enumerate() {
            let place = format!("{}[{at}].within", list.place);
            found.require(duty.missed == Missed::Block || duty.within.is_some(), place, || {
                format!(
                    "{:?} can never be missed, and something should come of that; say within which time",
                    duty.check
                )
            });
        }
    }
}
