//! The artifacts of a running node: judged by its chain, kept within their bounds after each epoch, given to its peers.

use crate::chain::Chain;
use builds::{ArtifactBounds, ArtifactError, ArtifactStore, standing};
use host::config::{self, Home, LEAST_SERVED};
use overlay::OverlayMetrics;
use overlay::artifacts::{MOST_READ, ServedArtifacts};
use primitives::BuildHash;
use rpc::views::{Artifact, Pinned, Unpinned};
use state::State;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What an operator may set as the least rate is a whole read of a peer.
const _: () = assert!(LEAST_SERVED >= MOST_READ as u64);

/// The artifacts that a running node holds. Clones are the same ones.
#[derive(Clone)]
pub struct Holdings {
    store: ArtifactStore,
    chain: Arc<Chain>,
    serves: bool,
    max_bytes_per_second: u64,
}

impl Holdings {
    /// Opens a node's artifacts.
    ///
    /// # Errors
    /// When their folder cannot be created or read.
    pub fn open(home: &Home, config: &config::ArtifactsSection, chain: Arc<Chain>) -> Result<Self, ArtifactError> {
        let judge = chain.clone();
        let store = ArtifactStore::open(&home.artifacts())?
            .bounded(ArtifactBounds::of(config))
            .judged_by(Arc::new(move |hash| standing::stage(&State::over(&judge.store().view()), hash)));
        Ok(Self { store, chain, serves: config.serve, max_bytes_per_second: config.max_bytes_per_second })
    }

    /// The store underneath.
    pub fn store(&self) -> &ArtifactStore {
        &self.store
    }

    /// Whether peers may have any of them.
    pub fn serves(&self) -> bool {
        self.serves
    }

    /// What peers may have of them; none when the operator serves nothing.
    pub fn mirror(&self) -> Option<ServedArtifacts> {
        let chain = self.chain.clone();
        self.serves.then(|| ServedArtifacts {
            store: self.store.clone(),
            may_serve: Arc::new(move |hash| may_serve(&chain, hash)),
            max_bytes_per_second: self.max_bytes_per_second,
        })
    }

    /// Removes what is no longer to be kept, now and after each epoch, until the chain ends.
    pub async fn keep(self, metrics: OverlayMetrics) {
        let mut heads = self.chain.heads();
        let mut kept_in = None;
        loop {
            let epoch = heads.borrow_and_update().at.epoch;
            if kept_in.replace(epoch) != Some(epoch) {
                let store = self.store.clone();
                let retain = move || store.retain().and_then(|_| store.list());
                match tokio::task::spawn_blocking(retain).await {
                    Ok(Ok(held)) => metrics.artifacts_held(held.len()),
                    Ok(Err(error)) => tracing::warn!(%error, "release artifacts are not kept within their bounds"),
                    Err(panic) => tracing::error!(%panic, "release artifacts are not kept within their bounds"),
                }
            }
            if heads.changed().await.is_err() {
                return;
            }
        }
    }

    /// What is held or pinned, by hash, and how the chain has it.
    ///
    /// # Errors
    /// When the folder or its pins cannot be read.
    pub fn list(&self) -> Result<Vec<Artifact>, ArtifactError> {
        let mut listed = BTreeMap::new();
        for (hash, reason) in self.store.pins()? {
            listed.insert(hash, Artifact { pinned: Some(reason), ..self.absent(hash) });
        }
        for held in self.store.list()? {
            let artifact = listed.entry(held.hash).or_insert_with(|| self.absent(held.hash));
            (artifact.size, artifact.held_since) = (Some(held.size), Some(held.since));
            artifact.served = self.serves && may_serve(&self.chain, &held.hash);
        }
        Ok(listed.into_values().collect())
    }

    /// Keeps an artifact until it is unpinned.
    ///
    /// # Errors
    /// As [`ArtifactStore::pin`].
    pub fn pin(&self, hash: &BuildHash, reason: &str) -> Result<Pinned, ArtifactError> {
        self.store.pin(hash, reason)?;
        Ok(Pinned { hash: *hash, reason: reason.to_owned(), held: self.store.has(hash) })
    }

    /// Keeps an artifact no longer than any other.
    ///
    /// # Errors
    /// As [`ArtifactStore::unpin`].
    pub fn unpin(&self, hash: &BuildHash) -> Result<Unpinned, ArtifactError> {
        Ok(Unpinned { hash: *hash, was_pinned: self.store.unpin(hash)? })
    }

    fn absent(&self, hash: BuildHash) -> Artifact {
        let view = self.chain.store().view();
        let release = releases::queries::release(&State::over(&view), &hash);
        let activated_epoch = release.map(|release| release.activated_epoch);
        Artifact { hash, size: None, held_since: None, pinned: None, activated_epoch, served: false }
    }
}

fn may_serve(chain: &Chain, hash: &BuildHash) -> bool {
    standing::may_serve(&State::over(&chain.store().view()), hash, chain.head().at.epoch)
}
