//! What a plan asks of artifacts, and how many it keeps.

use crate::{ArtifactEntry, Error};
use parity_scale_codec::{Decode, Encode};
use primitives::{List, Name, Path, Pattern};
use serde::{Deserialize, Serialize};

/// Under which key an artifact says the stage for which it is.
pub const TARGET: &str = "target";

/// Under which key an artifact says the commit that it was built from.
pub const BUILT_FROM: &str = "commit";

/// The rules for the artifacts of an application (ROLLOUTS 7.8).
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, primitives::Leveled)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ArtifactRules {
    /// The form of their names (REQ-117).
    pub format: Pattern,
    /// What is said of each, and in which form (REQ-118). What is said under [`TARGET`] is a stage of the plan besides.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<(Name, Pattern)>", length(max = 16)))]
    pub meta: List<(Name, Pattern), 16>,
    /// How many are kept of those that stood in a stage (REQ-119), at least one; all of them in a stage that is not listed. What
    /// stood in a listed stage is let go by what those say alone.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<(Name, u16)>", length(max = 8)))]
    pub keep: List<(Name, u16), 8>,
}

/// The rules of the version of a plan that is in force, with what they hang on beside.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct InstalledArtifactRules {
    /// The rules.
    pub rules: ArtifactRules,
    /// The plan's stages, in their order.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<Name>", length(max = 8)))]
    pub stages: List<Name, 8>,
    /// The plan's phases; where it has some, each artifact is of one.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<Name>", length(max = 16)))]
    pub phases: List<Name, 16>,
}

impl InstalledArtifactRules {
    /// The place of a stage in the order of the plan, from 0.
    pub fn place(&self, stage: &Name) -> Option<usize> {
        self.stages.iter().position(|other| other == stage)
    }

    /// Where an artifact is: the stage for which it is, or everywhere when it says none that the plan has.
    pub fn scope(&self, artifact: &ArtifactEntry) -> Path {
        let target = artifact.target().filter(|target| self.place(target).is_some());
        target.and_then(|target| Path::new([target])).unwrap_or(Path::ROOT)
    }

    /// Whether an artifact of a plan is all that the rules ask: its name, its phase, and what is said of it.
    ///
    /// # Errors
    /// [`Error::BadName`], [`Error::Phase`], and those about what is said.
    pub(crate) fn check(&self, plan: &Name, artifact: &ArtifactEntry) -> Result<(), Error> {
        let name = &artifact.name;
        if !self.rules.format.matches(name.as_str()) {
            return Err(Error::BadName { name: name.clone(), format: self.rules.format.clone() });
        }
        self.check_phase(plan, artifact)?;
        self.check_meta(artifact)
    }

    fn check_phase(&self, plan: &Name, artifact: &ArtifactEntry) -> Result<(), Error> {
        let is_right = match &artifact.phase {
            Some(phase) => self.phases.contains(phase),
            None => self.phases.is_empty(),
        };
        if is_right {
            return Ok(());
        }
        Err(Error::Phase { plan: plan.clone(), name: artifact.name.clone(), phase: artifact.phase.clone() })
    }

    /// Whether everything that is asked for is said, in its form, and nothing else.
    pub(crate) fn check_meta(&self, artifact: &ArtifactEntry) -> Result<(), Error> {
        let name = &artifact.name;
        for (key, form) in &self.rules.meta {
            let Some(said) = artifact.said(key.as_str()) else {
                return Err(Error::MetaMissing { name: name.clone(), key: key.clone(), form: form.clone() });
            };
            if !form.matches(said) {
                let (name, key, form) = (name.clone(), key.clone(), form.clone());
                return Err(Error::BadMeta { name, key, form });
            }
        }
        let is_asked = |key: &Name| self.rules.meta.iter().any(|(asked, _)| asked == key);
        let times = |key: &Name| artifact.meta.iter().filter(|(other, _)| other == key).count();
        if let Some((key, _)) = artifact.meta.iter().find(|(key, _)| !is_asked(key) || times(key) > 1) {
            return Err(Error::MetaNotAsked { name: name.clone(), key: key.clone() });
        }
        self.check_target(artifact)
    }

    fn check_target(&self, artifact: &ArtifactEntry) -> Result<(), Error> {
        match artifact.said(TARGET) {
            Some(said) if Name::new(said).is_none_or(|stage| self.place(&stage).is_none()) => {
                Err(Error::NoSuchTarget { name: artifact.name.clone() })
            }
            _ => Ok(()),
        }
    }

    /// How many a stage keeps, if it is listed.
    pub(crate) fn kept_of(&self, stage: &Name) -> Option<u16> {
        self.rules.keep.iter().find(|(listed, _)| listed == stage).map(|(_, keep)| *keep)
    }
}
