//! `contract rollout install`: a profile comes into force.

use super::profile;
use crate::answer::CommandAnswer;
use crate::args::Propose;
use crate::args::propose::Timing;
use crate::args::rollout::installed::InstallArgs;
use crate::commands::sending;
use crate::failure::{Failure, failed, usage};
use crate::session::{Session, unanswered};
use primitives::{List, Name};
use profiles::anchors;
use roles::Seat;
use rollouts::install::{Installation, RoleSeats, SegmentFill};
use rollouts::plan::{Governs, Reference};
use rpc::api::RolloutApiClient as _;
use rpc::error::RpcRefusal;
use runtime::{Call, Motion};
use std::path::Path;

/// Puts the plan of a profile into force, or proposes to.
pub async fn install(session: &Session, arguments: &Propose<InstallArgs>) -> Result<CommandAnswer, Failure> {
    let Propose { motion, timing, writing } = arguments;
    let mut installation = installation(motion)?;
    installation.plan.version = next_version(session, &installation.plan.name).await?;
    let installation = Box::new(installation);
    if installation.plan.governs == Governs::Node {
        let motion = Motion::Rollouts(rollouts::Motion::Install(installation));
        return sending::write_proposal(session, writing, motion, *timing).await;
    }
    require_no_vote(timing)?;
    sending::write(session, writing, Call::Rollouts(rollouts::Call::Install { installation })).await
}

/// The version after the one in force.
async fn next_version(session: &Session, plan: &Name) -> Result<u32, Failure> {
    match session.node.rollout_plan(plan.clone()).await {
        Ok(in_force) => Ok(in_force.summary.head.version.saturating_add(1)),
        Err(error) => {
            let error = session.node.explain(error);
            let is_new = matches!(error.refusal(), Some(RpcRefusal::UnknownPlan(_)));
            if is_new { Ok(1) } else { Err(unanswered(error)) }
        }
    }
}

/// The plan of an application comes into force at once.
fn require_no_vote(timing: &Timing) -> Result<(), Failure> {
    if timing.track.is_none() && timing.deadline.is_none() && timing.delay.is_none() {
        return Ok(());
    }
    Err(usage(
        "nobody votes on the first plan of an application, so --track, --deadline and --delay say nothing; leave them out",
    ))
}

/// What is installed, as the first version.
fn installation(arguments: &InstallArgs) -> Result<Installation, Failure> {
    let loaded = profile::loaded(&arguments.file, &arguments.root)?;
    let segments = loaded.segments.into_iter().map(|(segment, members)| SegmentFill { segment, members });
    let (moves, most) = (arguments.moves.clone(), rollouts::install::MOST_MOVES);
    let have = moves.len();
    Ok(Installation {
        plan: loaded.plan,
        document: arguments.document.as_deref().map(|text| section(text, &arguments.root)).transpose()?,
        stage: arguments.stage.clone(),
        members: seated(&arguments.members)?,
        segments: List::try_from(segments.collect::<Vec<_>>())
            .map_err(|_| failed("the profile has more segments than an installation brings"))?,
        moves: List::try_from(moves)
            .map_err(|_| usage(format!("{have} --moves are more than the {most} that an installation lists")))?,
    })
}

/// Those who get roles, by role, in the order in which the roles are named first.
fn seated(members: &[(Name, Seat)]) -> Result<List<RoleSeats, 16>, Failure> {
    let mut roles: Vec<(Name, Vec<Seat>)> = Vec::new();
    for (role, seat) in members {
        match roles.iter_mut().find(|(known, _)| known == role) {
            Some((_, seats)) => seats.push(seat.clone()),
            None => roles.push((role.clone(), vec![seat.clone()])),
        }
    }
    let seats = roles.into_iter().map(|(role, seats)| {
        let seats = List::try_from(seats)
            .map_err(|_| usage(format!("an installation names at most 16 members of {role}; the others come later")))?;
        Ok(RoleSeats { role, seats })
    });
    let seats = seats.collect::<Result<Vec<_>, Failure>>()?;
    List::try_from(seats).map_err(|_| usage("an installation names members of at most 16 roles"))
}

/// The section of a document that a version rests on, with its hash.
fn section(text: &str, root: &Path) -> Result<Reference, Failure> {
    let wrong = |problem: String| usage(format!("--document {text:?}: {problem}"));
    let (path, anchor) = anchors::parsed(text).map_err(wrong)?;
    let file = root.join(path.as_str());
    let shown = file.display();
    let document = std::fs::read_to_string(&file).map_err(|error| wrong(format!("{shown} cannot be read: {error}")))?;
    let section = anchors::section(&document, anchor.as_str());
    let hash = section.map(anchors::hash).ok_or_else(|| wrong(format!("{shown} has no heading for #{anchor}")))?;
    Ok(Reference { path, anchor, hash, owner: None })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::values::seat_of_role;

    #[test]
    fn members_are_joined_by_their_role() {
        let seat = |text: &str| seat_of_role(&text.replace('@', &"a1".repeat(32))).unwrap();
        let typed = [seat("council=@"), seat("sre=@:DEV"), seat("council=@:")];
        let seated = seated(&typed).unwrap();
        let counts: Vec<(&str, usize)> = seated.iter().map(|seats| (seats.role.as_str(), seats.seats.len())).collect();
        assert_eq!(counts, [("council", 2), ("sre", 1)]);
        let many: Vec<_> = (0..17).map(|_| seat("council=@")).collect();
        assert!(super::seated(&many).unwrap_err().to_string().contains("at most 16 members of council"));
    }

    #[test]
    fn a_section_is_hashed_as_profiles_hash_it() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.md"), "# A\n\nwhy\n\n# B\n").unwrap();
        let found = section("a.md#a", folder.path()).unwrap();
        assert_eq!(found.hash, anchors::hash("# A\n\nwhy\n\n"));
        for wrong in ["a.md", "a.md#c", "../a.md#a", "b.md#a"] {
            assert_eq!(section(wrong, folder.path()).unwrap_err().exit_code(), 2, "{wrong}");
        }
    }
}
