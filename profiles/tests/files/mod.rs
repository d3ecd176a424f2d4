//! The profiles of this repository with their files, of which a test changes what it is about.

use profiles::{Loaded, MistakeKind, ProfileFiles, ProfileMistake};
use std::path::Path;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// A profile, its bundle, and documents from the repository.
pub struct Given {
    /// What mistakes call the profile.
    pub file: &'static str,
    pub profile: String,
    /// Empty of a profile that holds its bundle.
    pub bundle: String,
    /// Text of documents, in the place of those in the repository; empty for one that is not there.
    pub documents: Vec<(&'static str, String)>,
}

impl Given {
    /// The chain's, as they are.
    pub fn chain() -> Self {
        Self { bundle: of_repository("config/defaults/mainnet.toml"), ..Self::of("chain.toml") }
    }

    /// That of the shop, an application, which holds its bundle.
    pub fn pos() -> Self {
        Self::of("pos.toml")
    }

    /// That of trunk-based delivery, which holds its bundle too.
    pub fn trunk() -> Self {
        Self::of("trunk.toml")
    }

    fn of(file: &'static str) -> Self {
        let profile = of_repository(&format!("config/profiles/{file}"));
        Self { file, profile, bundle: String::new(), documents: Vec::new() }
    }

    /// With something of the profile replaced, which has to stand there.
    pub fn with(mut self, from: &str, to: &str) -> Self {
        assert!(self.profile.contains(from), "the profile has no {from:?}");
        self.profile = self.profile.replace(from, to);
        self
    }

    pub fn with_bundle(mut self, from: &str, to: &str) -> Self {
        assert!(self.bundle.contains(from), "the bundle has no {from:?}");
        self.bundle = self.bundle.replace(from, to);
        self
    }

    pub fn loaded(&self) -> Loaded {
        profiles::read(self.file, self.profile.as_bytes(), self).unwrap_or_else(|mistakes| panic!("{mistakes}"))
    }

    pub fn mistakes(&self) -> Vec<ProfileMistake> {
        profiles::read(self.file, self.profile.as_bytes(), self).map(|_| ()).unwrap_err().0
    }

    /// The fields of all mistakes, which are of one sort.
    pub fn fields(&self, kind: MistakeKind) -> Vec<String> {
        let mistakes = self.mistakes();
        assert!(mistakes.iter().all(|mistake| mistake.kind == kind), "{mistakes:#?}");
        mistakes.into_iter().map(|mistake| mistake.field).collect()
    }
}

fn of_repository(path: &str) -> String {
    std::fs::read_to_string(Path::new(ROOT).join(path)).unwrap()
}

impl ProfileFiles for Given {
    fn bundle(&self, path: &str) -> Result<Vec<u8>, String> {
        assert_eq!((self.file, path), ("chain.toml", "../defaults/mainnet.toml"));
        Ok(self.bundle.clone().into_bytes())
    }

    fn document(&self, path: &str) -> Result<Vec<u8>, String> {
        if let Some((_, text)) = self.documents.iter().find(|(name, _)| *name == path) {
            return if text.is_empty() { Err("no such file".into()) } else { Ok(text.clone().into_bytes()) };
        }
        std::fs::read(Path::new(ROOT).join(path)).map_err(|error| error.to_string())
    }
}
