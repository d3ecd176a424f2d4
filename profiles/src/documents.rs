//! The files that a profile names, and the sections of documents that it rests on.

use crate::anchors;
use crate::strict::nearest;
use primitives::Digest;
use rollouts::plan::Reference;
use std::collections::BTreeMap;

/// Whoever has the files that a profile names.
pub trait ProfileFiles {
    /// The bytes of a bundle, by its path from the folder of the profile.
    ///
    /// # Errors
    /// Why it cannot be read.
    fn bundle(&self, path: &str) -> Result<Vec<u8>, String>;

    /// The bytes of a document, by its path from the root of the documents.
    ///
    /// # Errors
    /// Why it cannot be read.
    fn document(&self, path: &str) -> Result<Vec<u8>, String>;
}

/// Documents that were read, each once.
pub(crate) struct Documents<'f> {
    files: &'f dyn ProfileFiles,
    read: BTreeMap<String, Result<String, String>>,
}

/// A reference, and why its section is not there; then its hash is of no section.
pub(crate) struct Resolved {
    pub(crate) reference: Reference,
    pub(crate) lacking: Option<String>,
}

impl<'f> Documents<'f> {
    pub(crate) fn of(files: &'f dyn ProfileFiles) -> Self {
        Self { files, read: BTreeMap::new() }
    }

    /// Looks up a reference.
    ///
    /// # Errors
    /// When the text is none.
    pub(crate) fn resolve(&mut self, text: &str) -> Result<Resolved, String> {
        let (path, anchor) = anchors::parsed(text)?;
        let (hash, lacking) = match self.hash(path.as_str(), anchor.as_str()) {
            Ok(hash) => (hash, None),
            Err(reason) => (Digest([0; 32]), Some(reason)),
        };
        Ok(Resolved { reference: Reference { path, anchor, hash, owner: None }, lacking })
    }

    fn hash(&mut self, path: &str, anchor: &str) -> Result<Digest, String> {
        let files = self.files;
        let document = self.read.entry(path.to_owned()).or_insert_with(|| {
            let bytes = files.document(path)?;
            String::from_utf8(bytes).map_err(|_| "it is not UTF-8".into())
        });
        let document = document.as_ref().map_err(|reason| format!("{path} cannot be read: {reason}"))?;
        anchors::section(document, anchor).map(anchors::hash).ok_or_else(|| {
            let all = anchors::anchors(document);
            match nearest(anchor, all.iter().map(String::as_str)) {
                Some(near) => format!("{path} has no section #{anchor}; the nearest is #{near}"),
                None => format!("{path} has no section #{anchor}, nor one like it; give it the heading"),
            }
        })
    }
}
