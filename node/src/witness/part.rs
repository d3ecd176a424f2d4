//! The part of a node in the log of blocks, put together.

use super::{Cosigner, LatestCosigned, LogKey, ServedLog, WitnessDuty, WitnessTrouble, ask_each};
use crate::chain::Chain;
use crate::metrics::NodeMetrics;
use crate::own::Voice;
use anyhow::Context as _;
use flags::Gate;
use host::config::{Config, Home};
use overlay::OverlayHandle;
use primitives::SecretKey;
use std::sync::Arc;
use tokio::task::JoinSet;

/// What a node serves of the log, and by which keys it vouches for it, before any of that runs.
pub struct LogPart {
    chain: Arc<Chain>,
    key: Option<Arc<LogKey>>,
    witness: Option<SecretKey>,
    latest: LatestCosigned,
    asked: Vec<String>,
    declines: bool,
    trouble: WitnessTrouble,
}

impl LogPart {
    /// The part of a node with a node key, and with the key of a witness where it has one.
    pub fn new(
        chain: Arc<Chain>,
        node: &SecretKey,
        witness: Option<SecretKey>,
        (home, config): (&Home, &Config),
    ) -> Self {
        let key = match chain.log_origin() {
            Ok(origin) => Some(Arc::new(LogKey::of(node, &origin))),
            Err(error) => {
                tracing::warn!(%error, "this node signs no checkpoint of the log of blocks");
                None
            }
        };
        Self {
            chain,
            key,
            witness,
            latest: LatestCosigned::at(home.cosigned()),
            asked: config.witness.witnesses.clone(),
            declines: config.rollout.holds(Gate::WitnessNetwork),
            trouble: WitnessTrouble::default(),
        }
    }

    /// What is served.
    pub fn served(&self) -> ServedLog {
        ServedLog::new(self.chain.clone(), self.key.clone())
    }

    /// What keeps the witness from signing, for whoever asks how the node is.
    pub fn trouble(&self) -> WitnessTrouble {
        self.trouble.clone()
    }

    /// Begins to take part: the witness speaks with `voice`, that of the node's validator.
    ///
    /// # Errors
    /// When witnesses are to be asked, and nobody can be over HTTP.
    pub fn start(self, tasks: &mut JoinSet<()>, overlay: OverlayHandle, voice: Option<Voice>) -> anyhow::Result<()> {
        let Self { chain, key, witness, latest, asked, declines, trouble } = self;
        tell_unheard(&trouble, (witness.is_some(), voice.is_some()), chain.metrics());
        let cosigner = witness.zip(voice);
        let cosigner = cosigner.map(|(key, voice)| Cosigner::new(chain.clone(), voice, key, latest, trouble, declines));
        if let Some(key) = &key {
            ask_each(tasks, &chain, key, &asked, declines).context("witnesses cannot be asked over HTTP")?;
        }
        tasks.spawn(WitnessDuty::new(chain, overlay, cosigner, declines).run());
        Ok(())
    }
}

/// Says that a witness vouches for nothing, where the node has its key and no voice: it speaks in the name of a validator.
pub(super) fn tell_unheard(trouble: &WitnessTrouble, (has_key, has_voice): (bool, bool), metrics: &NodeMetrics) {
    if has_key && !has_voice {
        let unheard = "witness.key names a key, and a witness speaks in the name of a validator: this node has no validator.key, so it \
                       vouches for nothing";
        trouble.set(Some(unheard.into()), metrics);
    }
}
