//! Where artifacts are kept. An artifact's place is its plan and its digest.

use crate::standing::StageHead;
use crate::{CasePin, InstalledArtifactRules, RegisteredArtifact};
use primitives::{Digest, Height, Name, Path};
use state::{Log, Map, Set};

/// The rules of each plan that has some.
pub(crate) const RULES: Map<Name, InstalledArtifactRules> = Map::new("artifacts/rules");

/// Every artifact that was ever registered.
pub(crate) const ARTIFACTS: Map<(Name, Digest), RegisteredArtifact> = Map::new("artifacts/artifacts");

/// What each name stands for, for good.
pub(crate) const NAMES: Map<(Name, Name), Digest> = Map::new("artifacts/names");

/// The artifacts of each plan, in the order in which they were registered, with those that were let go.
pub(crate) const LISTED: Log<Name, Digest> = Log::new("artifacts/listed", "artifacts/listed_counts");

/// How many artifacts of a plan were not let go.
pub(crate) const COUNTS: Map<Name, u32> = Map::new("artifacts/count");

/// What stands in the stages of plans.
pub(crate) const HEADS: Map<(Name, Name), StageHead> = Map::new("artifacts/stages");

/// What stood in the stages of plans and was not let go, each once, the latest first: by how many numbers there are after its
/// own.
pub(crate) const LATEST: Map<(Name, Name, u64), Digest> = Map::new("artifacts/latest");

/// The cases that keep artifacts, by the scopes that they are about.
pub(crate) const PINS: Set<(Name, Path, CasePin)> = Set::new("artifacts/pins");

/// What the clock lets go next, the first registered first: written anew with whatever it hangs on, so that no block looks for
/// it.
pub(crate) const RELEASABLE: Set<(Name, Height, Digest)> = Set::new("artifacts/releasable");

/// Where what has a number stands in [`LATEST`].
pub(crate) fn latest_key(plan: &Name, stage: &Name, number: u64) -> (Name, Name, u64) {
    (plan.clone(), stage.clone(), u64::MAX.saturating_sub(number))
}
