//! What happened to artifacts: by their own events, and by the changes of plans, which tell it to this.

use super::{ARTIFACTS, RULES, STAGES, artifact_list};
use crate::fold::{BlockDraft, BlockWriter, FoldError};
use crate::store::column::{json, parsed};
use crate::store::rows::{RowFilter, RowOrder, Selection};
use crate::store::table::{Row, natural};
use artifacts::{ArtifactStanding, Event, InstalledArtifactRules, RegisteredArtifact};
use primitives::{Digest, Moment, Name};

/// What one event writes, of a block at a moment.
///
/// # Errors
/// The database refuses, or has no such artifact.
pub async fn write(block: &mut BlockWriter<'_>, at: Moment, event: &Event) -> Result<(), FoldError> {
    match event {
        Event::Registered { plan, artifact, by, .. } => {
            let row = RegisteredArtifact::candidate(artifact.clone(), by.clone(), at);
            block.enter(&artifact_list(plan.as_str(), None), row.registered.height.0);
            block.enter(&artifact_list(plan.as_str(), Some(row.standing)), row.registered.height.0);
            put(block, plan, &row);
            Ok(())
        }
        Event::Marked { plan, digest, standing, .. } => marked(block, plan, digest, *standing).await,
        Event::ArtifactReleased { plan, digest, .. } => marked(block, plan, digest, ArtifactStanding::Released).await,
    }
}

/// What a version of a plan asks of artifacts, in place of what the one before did.
pub(crate) fn install(block: &mut BlockWriter<'_>, plan: &Name, rules: Option<&InstalledArtifactRules>) {
    block.put(&RULES, vec![plan.as_str().into(), rules.map(json).into()]);
}

/// An artifact stands in a stage from now on. What is no registered artifact, such as a build of the network, is not told of here.
///
/// # Errors
/// The database refuses.
pub(crate) async fn stand(
    block: &mut BlockWriter<'_>,
    at: Moment,
    plan: &Name,
    stage: &Name,
    digest: &Digest,
) -> Result<(), FoldError> {
    let Some(mut row) = found(block, plan, digest).await? else { return Ok(()) };
    let number = stood(block, plan, stage).await?.unwrap_or_default().saturating_add(1);
    put_stage(block, plan, stage, Some(digest), number);
    row.stand_in(stage, at.height, number);
    put(block, plan, &row);
    Ok(())
}

/// Nothing stands in a stage any more.
///
/// # Errors
/// The database refuses.
pub(crate) async fn leave(block: &mut BlockWriter<'_>, plan: &Name, stage: &Name) -> Result<(), FoldError> {
    if let Some(stood) = stood(block, plan, stage).await? {
        put_stage(block, plan, stage, None, stood);
    }
    Ok(())
}

/// A promotion of an artifact to a stage was closed: it is good there, unless it is bad.
///
/// # Errors
/// The database refuses.
pub(crate) async fn good(
    block: &mut BlockWriter<'_>,
    plan: &Name,
    stage: &Name,
    digest: &Digest,
) -> Result<(), FoldError> {
    let Some(mut row) = found(block, plan, digest).await? else { return Ok(()) };
    let before = row.standing;
    if row.become_good_in(stage) {
        move_list(block, plan, before, &row);
        put(block, plan, &row);
    }
    Ok(())
}

/// Makes something of an artifact, whatever it was; one that was let go stays so.
///
/// # Errors
/// The database refuses.
pub(crate) async fn mark(
    block: &mut BlockWriter<'_>,
    plan: &Name,
    digest: &Digest,
    standing: ArtifactStanding,
) -> Result<(), FoldError> {
    let Some(mut row) = found(block, plan, digest).await? else { return Ok(()) };
    let before = row.standing;
    if before != ArtifactStanding::Released {
        row.standing = standing;
        move_list(block, plan, before, &row);
        put(block, plan, &row);
    }
    Ok(())
}

/// The same, of an artifact that there has to be.
async fn marked(
    block: &mut BlockWriter<'_>,
    plan: &Name,
    digest: &Digest,
    standing: ArtifactStanding,
) -> Result<(), FoldError> {
    if found(block, plan, digest).await?.is_none() {
        return Err(FoldError::Damaged(format!("artifact {digest} of plan {plan} is not in it")));
    }
    mark(block, plan, digest, standing).await
}

fn move_list(block: &mut BlockDraft, plan: &Name, before: ArtifactStanding, row: &RegisteredArtifact) {
    block.leave(&artifact_list(plan.as_str(), Some(before)), row.registered.height.0);
    block.enter(&artifact_list(plan.as_str(), Some(row.standing)), row.registered.height.0);
}

async fn found(
    block: &mut BlockWriter<'_>,
    plan: &Name,
    digest: &Digest,
) -> Result<Option<RegisteredArtifact>, FoldError> {
    let key = vec![plan.as_str().into(), digest.to_string().into()];
    let filter = RowFilter::Among(&["plan", "digest"], vec![key]);
    let selection = Selection { table: &ARTIFACTS, columns: &["artifact"], filter, order: RowOrder::Any };
    let row = block.select(selection).await?.pop();
    let text = row.as_ref().and_then(|row| row[0].text());
    Ok(text.map(|text| parsed("an artifact", text)).transpose()?)
}

fn put(block: &mut BlockWriter<'_>, plan: &Name, row: &RegisteredArtifact) {
    let values: Row = vec![
        plan.as_str().into(),
        row.artifact.digest.to_string().into(),
        row.registered.height.0.into(),
        row.artifact.name.as_str().into(),
        row.standing.to_string().into(),
        (row.standing != ArtifactStanding::Released).then(|| plan.as_str().to_owned()).into(),
        json(row).into(),
    ];
    block.put(&ARTIFACTS, values);
}

/// How many came to stand in a stage; none of one in which nothing ever did.
async fn stood(block: &mut BlockWriter<'_>, plan: &Name, stage: &Name) -> Result<Option<u64>, FoldError> {
    let filter = RowFilter::Among(&["plan", "stage"], vec![vec![plan.as_str().into(), stage.as_str().into()]]);
    let selection = Selection { table: &STAGES, columns: &["stood"], filter, order: RowOrder::Any };
    let row = block.select(selection).await?.pop();
    Ok(row.map(|row| row[0].number().map_or(0, natural)))
}

fn put_stage(block: &mut BlockWriter<'_>, plan: &Name, stage: &Name, stands: Option<&Digest>, stood: u64) {
    let stands = stands.map(ToString::to_string).into();
    block.put(&STAGES, vec![plan.as_str().into(), stage.as_str().into(), stands, stood.into()]);
}
