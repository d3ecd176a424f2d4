//! What an artifact is, and what is known of one.

use crate::{ArtifactStanding, StoodIn, TARGET};
use parity_scale_codec::{Decode, Encode};
use primitives::{Digest, Height, List, Moment, Name, Text};
use roles::Actor;
use serde::{Deserialize, Serialize};

/// How many things are said of an artifact at most.
pub const MOST_META: u32 = 16;

/// In how many stages an artifact is known to have stood; more than a plan has, because a later version may have others.
pub const MOST_STOOD_IN: u32 = 16;

/// An artifact, as it is registered.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, primitives::Leveled)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ArtifactEntry {
    /// What it is called, in the form that the plan says (REQ-117).
    pub name: Name,
    /// What its bytes come to.
    pub digest: Digest,
    /// The phase that it is of; of a plan that has phases.
    pub phase: Option<Name>,
    /// What is said of it, such as its commit and when it was built: each that the plan asks for, once (REQ-118).
    #[cfg_attr(feature = "schema", schemars(with = "Vec<(Name, Text<128>)>", length(max = MOST_META)))]
    pub meta: List<(Name, Text<128>), MOST_META>,
}

impl ArtifactEntry {
    /// What is said of it under a key.
    pub fn said(&self, key: &str) -> Option<&str> {
        self.meta.iter().find(|(said, _)| said.as_str() == key).map(|(_, text)| text.as_str())
    }

    /// The stage for which it is, if it says one.
    pub fn target(&self) -> Option<Name> {
        self.said(TARGET).and_then(Name::new)
    }
}

/// An artifact that was registered, with what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RegisteredArtifact {
    /// The artifact.
    pub artifact: ArtifactEntry,
    /// Who registered it.
    pub by: Actor,
    /// When.
    pub registered: Moment,
    /// What it is now.
    pub standing: ArtifactStanding,
    /// The stages in which it stood, each once, and when it last began to.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<StoodIn>", length(max = MOST_STOOD_IN)))]
    pub stood: List<StoodIn, MOST_STOOD_IN>,
}

impl RegisteredArtifact {
    /// One as it is registered: a candidate that stood nowhere.
    pub fn candidate(artifact: ArtifactEntry, by: Actor, at: Moment) -> Self {
        Self { artifact, by, registered: at, standing: ArtifactStanding::Candidate, stood: List::new() }
    }

    /// It stands in a stage from a height on, as so many-th there.
    pub fn stand_in(&mut self, stage: &Name, height: Height, number: u64) {
        // What was verified in a stage stays so, when it is gone back to.
        let good = self.stood_in(stage).is_some_and(|before| before.good);
        let stands = StoodIn { stage: stage.clone(), height, number, good };
        // In front, so that what does not fit is where it stood longest ago.
        let others = self.stood.iter().filter(|stood| stood.stage != *stage).cloned();
        self.stood = List::truncate_from(std::iter::once(stands).chain(others).collect());
    }

    /// Its promotion to a stage was closed, so it is good there, unless it is bad or let go; whether it is.
    pub fn become_good_in(&mut self, stage: &Name) -> bool {
        let may = matches!(self.standing, ArtifactStanding::Candidate | ArtifactStanding::Good);
        if may {
            self.standing = ArtifactStanding::Good;
            self.stood.iter_mut().filter(|stood| stood.stage == *stage).for_each(|stood| stood.good = true);
        }
        may
    }

    /// When it last began to stand in a stage.
    pub fn stood_in(&self, stage: &Name) -> Option<&StoodIn> {
        self.stood.iter().find(|stood| stood.stage == *stage)
    }

    /// Whether it is good in a stage: its promotion there was closed, and it is neither bad nor let go.
    pub fn is_good_in(&self, stage: &Name) -> bool {
        self.standing == ArtifactStanding::Good && self.stood_in(stage).is_some_and(|stood| stood.good)
    }
}
