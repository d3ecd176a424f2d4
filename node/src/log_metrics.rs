//! What this node counts of the log of blocks and of who vouches for it; `docs/metrics.md` lists it.

use primitives::{Epoch, Height};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::{family::Family, gauge::Gauge};
use prometheus_client::registry::Registry;

/// How the log stands; clones count together.
#[derive(Debug, Clone, Default)]
pub struct LogMetrics {
    size: Gauge,
    from: Gauge,
    cosignatures: Family<EpochLabel, Gauge>,
    listening: Gauge,
    refusing: Gauge,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct EpochLabel {
    epoch: u64,
}

impl LogMetrics {
    /// Registers all of them.
    pub fn register(&self, to: &mut Registry) {
        to.register("log_size", "Blocks in the tree of blocks that state has the root of", self.size.clone());
        let about =
            "The first height whose block's hash this node keeps; above 0 it cannot follow a tree that is taken up";
        to.register("log_from", about, self.from.clone());
        let about = "Witnesses whose cosignature of the newest checkpoint is on chain, with its epoch";
        to.register("witness_cosignatures", about, self.cosignatures.clone());
        let about = "1 while this node is on the topic of cosignatures, else 0";
        to.register("witness_listening", about, self.listening.clone());
        let about = "1 while this node's witness does not sign what there is to sign, else 0";
        to.register("witness_refusing", about, self.refusing.clone());
    }

    /// The first height whose block's hash is kept here.
    pub fn begins(&self, from: Height) {
        self.from.set(i64::try_from(from.0).unwrap_or(i64::MAX));
    }

    /// How many blocks the tree has, and how many witnesses have cosigned its newest checkpoint, which is of an epoch.
    pub fn stands(&self, size: u64, cosigned: Option<(Epoch, usize)>) {
        self.size.set(i64::try_from(size).unwrap_or(i64::MAX));
        // Of one epoch alone: each would be a series of its own for ever.
        self.cosignatures.clear();
        if let Some((epoch, count)) = cosigned {
            let gauge = self.cosignatures.get_or_create(&EpochLabel { epoch: epoch.0 });
            gauge.set(i64::try_from(count).unwrap_or(i64::MAX));
        }
    }

    /// Whether this node is on the topic of cosignatures.
    pub fn listens(&self, listens: bool) {
        self.listening.set(i64::from(listens));
    }

    /// Whether this node's witness does not sign what there is to sign.
    pub fn refuses(&self, refuses: bool) {
        self.refusing.set(i64::from(refuses));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use prometheus_client::encoding::text;

    #[test]
    fn cosignatures_are_counted_of_the_newest_checkpoint_alone() {
        let (metrics, mut registry, mut out) = (LogMetrics::default(), Registry::default(), String::new());
        metrics.register(&mut registry);
        for epoch in 1..9 {
            metrics.stands(epoch * 10, Some((Epoch(epoch), 3)));
        }
        metrics.begins(Height(31));
        text::encode(&mut out, &registry).unwrap();
        assert!(out.contains("log_from 31\n"), "{out}");
        assert!(out.contains("log_size 80\n") && out.contains("witness_cosignatures{epoch=\"8\"} 3\n"), "{out}");
        assert_eq!(out.matches("epoch=").count(), 1, "{out}");
    }
}
