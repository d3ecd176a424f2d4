//! How artifacts are spoken of.

use crate::{ArtifactEntry, ArtifactStanding, Call, Error, Event};
use primitives::Subject;
use state::Told;

impl Told for Call {
    fn sentence(&self) -> String {
        match self {
            Call::Register { plan, acting, artifact } => {
                format!("registers {} in plan {plan}, as {acting}", described(artifact))
            }
            Call::Mark { plan, acting, digest, standing } => {
                format!("says of artifact {digest} of plan {plan}, as {acting}, that it is {}", spoken(*standing))
            }
        }
    }

    fn kind(&self) -> &'static str {
        self.into()
    }

    fn about(&self) -> Vec<Subject> {
        Vec::new()
    }
}

impl Told for Event {
    fn sentence(&self) -> String {
        match self {
            Event::Registered { plan, artifact, by, .. } => {
                format!("{by} registered {} in plan {plan}", described(artifact))
            }
            Event::Marked { plan, name, before, standing, by, .. } => format!(
                "{by} said of artifact {name:?} of plan {plan}, which was {}, that it is {}",
                spoken(*before),
                spoken(*standing)
            ),
            Event::ArtifactReleased { plan, name, before, .. } => format!(
                "artifact {name:?} of plan {plan}, which was {}, was let go: enough stood after it, and nothing needs it",
                spoken(*before)
            ),
        }
    }

    fn kind(&self) -> &'static str {
        self.into()
    }

    fn about(&self) -> Vec<Subject> {
        match self {
            Event::Registered { by, .. } | Event::Marked { by, .. } => vec![Subject::Account(by.account)],
            Event::ArtifactReleased { .. } => Vec::new(),
        }
    }
}

impl Told for Error {
    fn sentence(&self) -> String {
        self.to_string()
    }

    fn kind(&self) -> &'static str {
        "artifacts.refused"
    }

    fn about(&self) -> Vec<Subject> {
        Vec::new()
    }
}

/// An artifact, as part of a sentence: its name, its bytes, its phase and all that is said of it.
fn described(artifact: &ArtifactEntry) -> String {
    let phase = artifact.phase.as_ref().map(|phase| format!(" of phase {phase:?}")).unwrap_or_default();
    let said: Vec<String> = artifact.meta.iter().map(|(key, text)| format!("{key} {:?}", text.as_str())).collect();
    let said = if said.is_empty() { String::new() } else { format!(", with {}", said.join(", ")) };
    format!("artifact {:?}{phase}, whose bytes are {}{said}", artifact.name, artifact.digest)
}

/// What an artifact is, at the end of a clause.
fn spoken(standing: ArtifactStanding) -> &'static str {
    match standing {
        ArtifactStanding::Candidate => "a candidate",
        ArtifactStanding::Good => "good",
        ArtifactStanding::Bad => "bad",
        ArtifactStanding::Released => "let go",
    }
}
