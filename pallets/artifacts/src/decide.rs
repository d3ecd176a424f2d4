//! When a call about artifacts is granted. Where they stand is for changes to say, and what is good for promotions.

use crate::pins::{self, ArtifactPin};
use crate::queries::{self, known};
use crate::{
    ArtifactEntry, ArtifactStanding, Call, Error, Event, InstalledArtifactRules, MOST_ARTIFACTS, RegisteredArtifact,
};
use primitives::{AccountId, Amount, Digest, Moment, Name, Path};
use roles::Actor;
use state::{Decide, State};

/// What a role has to be granted to register and to mark artifacts: at the stage for which one is, or at the root.
const ACTION: &str = "artifact";

impl Decide for Call {
    type Event = Event;
    type Error = Error;

    fn decide(&self, state: &State, _at: Moment, who: AccountId) -> Result<Event, Error> {
        match self {
            Call::Register { plan, acting, artifact } => register(state, plan, acting, who, artifact),
            Call::Mark { plan, acting, digest, standing } => mark(state, plan, acting, who, digest, *standing),
        }
    }

    /// Whatever is said of one has what there is to let go found anew, and asks what would be gone back to in each stage; so does one more
    /// where tenants have no more kept, but for that question.
    fn reads(&self, state: &State) -> u32 {
        match self {
            Call::Register { plan, .. } if queries::count(state, plan) < pins::MOST_FOR_TENANTS => 0,
            Call::Register { plan, .. } => queries::most_read(state, plan),
            Call::Mark { plan, digest, .. } => {
                let stood = queries::artifact(state, plan, digest).map_or(0, |row| row.stood.len());
                let of_stages = u32::try_from(stood).unwrap_or(u32::MAX);
                let gone_back_to = queries::most_read_back(state, plan).saturating_mul(of_stages);
                queries::most_read(state, plan).saturating_add(gone_back_to)
            }
        }
    }

    fn most_spent(&self, _state: &State) -> Amount {
        match self {
            Call::Register { .. } | Call::Mark { .. } => Amount::ZERO,
        }
    }
}

fn register(
    state: &State,
    plan: &Name,
    acting: &Name,
    who: AccountId,
    artifact: &ArtifactEntry,
) -> Result<Event, Error> {
    let rules = rules_of(state, plan)?;
    let (scope, by) = actor(state, plan, acting, who, &rules, artifact)?;
    rules.check(plan, artifact)?;
    if queries::by_name(state, plan, &artifact.name).is_some() {
        return Err(Error::NameTaken { plan: plan.clone(), name: artifact.name.clone() });
    }
    if let Some(other) = queries::artifact(state, plan, &artifact.digest) {
        return Err(Error::DigestTaken { plan: plan.clone(), name: other.artifact.name });
    }
    if queries::count(state, plan) >= MOST_ARTIFACTS {
        return Err(Error::Full { plan: plan.clone(), most: MOST_ARTIFACTS });
    }
    Ok(Event::Registered { plan: plan.clone(), artifact: artifact.clone(), scope, by })
}

fn mark(
    state: &State,
    plan: &Name,
    acting: &Name,
    who: AccountId,
    digest: &Digest,
    standing: ArtifactStanding,
) -> Result<Event, Error> {
    let rules = rules_of(state, plan)?;
    let row = known(state, plan, digest)?;
    let (scope, by) = actor(state, plan, acting, who, &rules, &row.artifact)?;
    let (name, before) = (row.artifact.name.clone(), row.standing);
    if !standing.may_be_marked(before) {
        return Err(Error::NotMarkable { name, before, standing });
    }
    let needed = match standing {
        ArtifactStanding::Released => pins::first_needed(state, plan, &row),
        _ => last_to_go_back_to(state, plan, &row),
    };
    match needed {
        Some(by) => Err(Error::Needed { name, by }),
        None => Ok(Event::Marked { plan: plan.clone(), name, digest: *digest, before, standing, scope, by }),
    }
}

fn rules_of(state: &State, plan: &Name) -> Result<InstalledArtifactRules, Error> {
    queries::rules(state, plan).ok_or_else(|| Error::NoRules { plan: plan.clone() })
}

/// Who acts, and where: at the stage for which the artifact is.
fn actor(
    state: &State,
    plan: &Name,
    acting: &Name,
    who: AccountId,
    rules: &InstalledArtifactRules,
    artifact: &ArtifactEntry,
) -> Result<(Path, Actor), Error> {
    let scope = rules.scope(artifact);
    let by = roles::queries::require(state, plan, acting, who, ACTION, &scope)?;
    Ok((scope, by))
}

/// A stage that would have nothing to go back to without this artifact: who holds the keys of a machine that builds could
/// otherwise leave an application without its rollback. What stands in the stage itself is not gone back to, so that may be
/// called bad.
fn last_to_go_back_to(state: &State, plan: &Name, row: &RegisteredArtifact) -> Option<ArtifactPin> {
    let digest = row.artifact.digest;
    let mut stages = row.stood.iter().map(|stood| &stood.stage).filter(|stage| row.is_good_in(stage));
    let last = stages.find(|stage| {
        let current = queries::standing_in(state, plan, stage);
        let mut rest = pins::latest(state, plan, stage).filter(|other| *other != digest && Some(*other) != current);
        current != Some(digest) && !rest.any(|other| pins::is_good(state, plan, stage, &other))
    });
    last.map(|stage| ArtifactPin::Good(stage.clone()))
}
