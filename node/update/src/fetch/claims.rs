//! How long is the artifact? Chain state says it for everybody; where it does not, each source says it for itself alone.
//!
//! # Invariants
//! - What a source says about the size costs nobody but that source.

use super::{Fetch, Sources, part_path, room};
use crate::error::UpdateError;
use crate::fault::Fault;
use crate::ledger::SourceLedger;
use crate::pace::within;
use crate::source::ArtifactSource;
use futures::future::join_all;
use std::sync::Arc;

/// Every source, with the size that is to be believed of it until it is proven; none when it says none.
pub(super) struct Claims(Vec<(Arc<dyn ArtifactSource>, Option<u64>)>);

impl Claims {
    /// Asks every source at once, unless chain state says it. Who says more than can be fetched is given up; who says nothing
    /// may have the file all the same.
    ///
    /// # Errors
    /// When chain state names more than this node fetches, or the disk cannot be measured.
    pub async fn hear(fetch: &Fetch, sources: &Sources, ledger: &SourceLedger) -> Result<Self, UpdateError> {
        let (hash, pace, most) = (fetch.hash, fetch.pace, fetch.most_bytes);
        if let Some(size) = fetch.size {
            if size > most {
                return Err(UpdateError::TooLarge { hash, size, most });
            }
            return Ok(Self(sources.iter().map(|source| (source.clone(), Some(size))).collect()));
        }
        let free = room(&part_path(&fetch.destination))?;
        let asked = sources.iter().cloned().map(|source| async move {
            let said = within(pace, source.size(hash)).await;
            (source, said)
        });
        let mut claims = Vec::new();
        for (source, said) in join_all(asked).await {
            let said = said.unwrap_or_else(|fault| {
                tracing::debug!(source = source.name(), %fault, "a source does not say how long the release is");
                None
            });
            let said = match said.and_then(|said| excess(fetch, said, free)) {
                Some(fault) => {
                    ledger.blame(source.as_ref(), fault);
                    None
                }
                None => said,
            };
            claims.push((source, said));
        }
        Ok(Self(claims))
    }

    /// Blames whoever said another size than the one that is proven now.
    pub fn settle(&self, need: u64, ledger: &SourceLedger) {
        for (source, said) in self.each() {
            if let Some(said) = said.filter(|said| *said != need) {
                ledger.blame(source.as_ref(), Fault::OtherSize { said, need });
            }
        }
    }

    /// Every source with the size that it says.
    pub fn each(&self) -> impl Iterator<Item = (&Arc<dyn ArtifactSource>, Option<u64>)> {
        self.0.iter().map(|(source, said)| (source, *said))
    }

    /// Who says a size, the shortest first, and as they were named where they agree.
    pub fn shortest_first(&self) -> Vec<(u64, Arc<dyn ArtifactSource>)> {
        let said = self.each().filter_map(|(source, said)| Some((said?, source.clone())));
        let mut said: Vec<_> = said.collect();
        said.sort_by_key(|(size, _)| *size);
        said
    }
}

/// What is wrong with a size that only a source says: more than is fetched, or than the disk has room for.
pub(super) fn excess(fetch: &Fetch, said: u64, free: u64) -> Option<Fault> {
    let most = fetch.most_bytes;
    if said > most {
        return Some(Fault::TooLarge { said, most });
    }
    (said > free).then_some(Fault::NoRoom { said, free })
}
