//! What the explorer is about, topic by topic, and the one place that lists them: which tables there are, where each event is
//! folded, and which URLs are answered.
//!
//! A topic has its tables (`tables.sql`), what events write there (`fold`), what is asked of it (`read`), its pages (`page`) and
//! the handlers of its URLs (`serve`). Topics use the general rooms of the crate, and some use another topic; none uses it back.

pub mod accounts;
pub mod artifacts;
pub mod audit;
pub mod blocks;
pub mod cases;
pub mod governance;
mod prepared;
pub mod rebuilds;
pub mod releases;
pub mod rewards;
pub mod roles;
pub mod rollouts;
pub mod search;
pub mod signers;
#[cfg(test)]
mod tests;
pub mod validators;
pub mod witnesses;

pub use self::prepared::PreparedBlock;

pub(crate) use self::audit::integrity::watch as watch_audit;
pub(crate) use self::blocks::read::first_missing;
pub(crate) use self::validators::read::{candidates_of, validators_of};

use self::releases::installs::Receipts;
use crate::answers::SearchAnswer;
use crate::fold::{BlockDraft, BlockWriter, FoldError};
use crate::serve::Site;
use crate::store::database;
use axum::Router;
use primitives::Moment;
use rpc::shapes::Shape;
use rpc::views::{AuditIntegrity, PageOf, ReleaseView};
use runtime::Event;
use std::sync::Arc;

/// The tables of every topic, after those of none.
const SCHEMA: [&str; 15] = [
    database::TABLES,
    blocks::SCHEMA,
    audit::SCHEMA,
    accounts::SCHEMA,
    releases::SCHEMA,
    rebuilds::SCHEMA,
    governance::SCHEMA,
    signers::SCHEMA,
    validators::SCHEMA,
    roles::SCHEMA,
    cases::SCHEMA,
    artifacts::SCHEMA,
    rollouts::SCHEMA,
    rewards::SCHEMA,
    witnesses::SCHEMA,
];

/// What the tables of the index are, as a whole.
pub fn schema() -> String {
    SCHEMA.join("\n")
}

/// The URLs of every topic.
pub fn routes() -> Router<Arc<Site>> {
    releases::routes()
        .merge(governance::routes())
        .merge(signers::routes())
        .merge(validators::routes())
        .merge(rewards::routes())
        .merge(witnesses::routes())
        .merge(rollouts::routes())
        .merge(roles::routes())
        .merge(cases::routes())
        .merge(artifacts::routes())
        .merge(blocks::routes())
        .merge(audit::routes())
        .merge(search::routes())
}

/// What these URLs answer, for the document of the API.
pub(crate) const ANSWERS: [Shape; 30] = [
    Shape::of::<PageOf<ReleaseView>>(),
    Shape::of::<releases::answer::ReleaseAnswer>(),
    Shape::of::<PageOf<governance::answer::ProposalLine>>(),
    Shape::of::<governance::answer::ProposalAnswer>(),
    Shape::of::<signers::answer::SignersAnswer>(),
    Shape::of::<validators::answer::ValidatorsAnswer>(),
    Shape::of::<rewards::answer::RewardsAnswer>(),
    Shape::of::<witnesses::answer::WitnessesAnswer>(),
    Shape::of::<rollouts::answer::PlansAnswer>(),
    Shape::of::<rollouts::answer::BoardAnswer>(),
    Shape::of::<rollouts::answer::ChangesAnswer>(),
    Shape::of::<rollouts::answer::ChangeAnswer>(),
    Shape::of::<rollouts::answer::FlagsAnswer>(),
    Shape::of::<rollouts::answer::FlagAnswer>(),
    Shape::of::<rollouts::answer::FleetAnswer>(),
    Shape::of::<rollouts::answer::PhasesAnswer>(),
    Shape::of::<rollouts::answer::PlaybooksAnswer>(),
    Shape::of::<rollouts::answer::NotesAnswer>(),
    Shape::of::<rollouts::answer::RetrospectivesAnswer>(),
    Shape::of::<rollouts::answer::RetrospectiveAnswer>(),
    Shape::of::<roles::answer::RolesAnswer>(),
    Shape::of::<cases::answer::CasesAnswer>(),
    Shape::of::<cases::answer::CaseAnswer>(),
    Shape::of::<artifacts::answer::ArtifactsAnswer>(),
    Shape::of::<PageOf<blocks::answer::BlockRow>>(),
    Shape::of::<blocks::answer::BlockAnswer>(),
    Shape::of::<audit::answer::AuditAnswer>(),
    Shape::of::<AuditIntegrity>(),
    Shape::of::<audit::answer::FactProofAnswer>(),
    Shape::of::<SearchAnswer>(),
];

/// What one event writes without asking the index; whether that is all of it.
fn draft(block: &mut BlockDraft, receipts: &mut Receipts, event: &Event) -> bool {
    match event {
        // The chain's own rules are not in the index; the facts themselves are.
        Event::Chain(_) => true,
        Event::Accounts(event) => {
            accounts::fold::write(block, event);
            true
        }
        Event::Releases(event) => releases::fold::draft(block, receipts, event),
        Event::Rewards(event) => {
            rewards::fold::write(block, event);
            true
        }
        Event::Staking(_)
        | Event::Governance(_)
        | Event::Roles(_)
        | Event::Flags(_)
        | Event::Artifacts(_)
        | Event::Cases(_)
        | Event::Rollouts(_)
        | Event::Witnesses(_) => false,
    }
}

/// What one event writes that has to ask the index.
async fn write(block: &mut BlockWriter<'_>, at: Moment, event: &Event) -> Result<(), FoldError> {
    match event {
        Event::Chain(_) | Event::Accounts(_) | Event::Rewards(_) => Ok(()),
        Event::Staking(event) => validators::fold::write(block, event).await,
        Event::Governance(event) => {
            governance::fold::write(block, event).await?;
            match event {
                ::governance::Event::Opened { proposal, .. } => rollouts::fold::opened(block, proposal).await,
                _ => Ok(()),
            }
        }
        Event::Releases(event) => releases::fold::write(block, event).await,
        Event::Roles(event) => roles::fold::write(block, event).await,
        Event::Flags(event) => rollouts::fold::write_flag(block, at, event).await,
        Event::Artifacts(event) => artifacts::fold::write(block, at, event).await,
        Event::Cases(event) => cases::fold::write(block, at, event).await,
        Event::Rollouts(event) => rollouts::fold::write(block, at, event).await,
        Event::Witnesses(event) => witnesses::fold::write(block, event).await,
    }
}
