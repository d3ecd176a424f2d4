//! What is answered about releases.

use crate::answers::{InstallSeries, Milestone};
use rpc::views::{ChangeSummary, Descriptions, PageOf, ProposalDetail, ReleaseDetail, ReleaseView};
use schemars::JsonSchema;
use serde::Serialize;

/// Everything about one release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ReleaseAnswer {
    /// The build, its installs, stages and rebuilds.
    #[serde(flatten)]
    pub release: ReleaseDetail,
    /// What became of it, the earliest first.
    pub milestones: Vec<Milestone>,
    /// The vote that approved it, with notes and all targets; none for a build of genesis.
    pub proposal: Option<ProposalDetail>,
    /// The promotions that it went through: changes by which a stage was asked for with this build, the latest first; at most 64.
    #[schemars(length(max = 64))]
    pub promotions: Vec<ChangeSummary>,
    /// What those who submitted the promotions say of themselves.
    pub promoters: Descriptions,
}

/// What the page of releases shows beside the rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleasesAnswer {
    /// The rows.
    pub page: PageOf<ReleaseView>,
    /// Installs over time of the releases on the page, the latest ones.
    pub timeline: Vec<InstallSeries>,
    /// What the proposers of the rows say of themselves.
    pub described: Descriptions,
}
