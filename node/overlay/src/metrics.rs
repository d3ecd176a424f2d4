//! How many peers and messages? The overlay's Prometheus metrics, each labelled `backend="libp2p"`.

use super::artifacts::ArtifactAnswer;
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::Registry,
};

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Labels {
    backend: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OutcomeLabels {
    backend: &'static str,
    outcome: &'static str,
}

const LIBP2P: Labels = Labels { backend: super::status::BACKEND };

/// The overlay's metrics; clones count together. Register them once, then pass them to [`super::start`].
#[derive(Debug, Clone, Default)]
pub struct OverlayMetrics {
    peers: Family<Labels, Gauge>,
    persisted: Family<Labels, Gauge>,
    refused: Family<Labels, Counter>,
    received: Family<Labels, Counter>,
    published: Family<Labels, Counter>,
    rejected: Family<Labels, Counter>,
    useless: Family<Labels, Counter>,
    fetched: Family<Labels, Counter>,
    dropped: Family<Labels, Counter>,
    guests: Family<Labels, Gauge>,
    artifacts_held: Family<Labels, Gauge>,
    artifact_bytes: Family<Labels, Counter>,
    artifact_requests: Family<OutcomeLabels, Counter>,
}

impl OverlayMetrics {
    /// Adds the metrics to `registry`, under the names of INTERFACES section 5 (a counter's `_total` is added by the
    /// encoder).
    pub fn register(&self, registry: &mut Registry) {
        registry.register("overlay_peers", "Peers connected and identified", self.peers.clone());
        registry.register("overlay_peers_persisted", "Peers in the peer store", self.persisted.clone());
        // The names that INTERFACES has for the same two, which are those of counters.
        registry.register("overlay_peer_total", "The same as overlay_peers", self.peers.clone());
        registry.register(
            "overlay_peer_persisted_total",
            "The same as overlay_peers_persisted",
            self.persisted.clone(),
        );
        registry.register("overlay_peer_refused", "Peers disconnected and refused for a while", self.refused.clone());
        registry.register("overlay_messages_received", "Messages received from peers", self.received.clone());
        registry.register(
            "overlay_messages_published",
            "Messages this node has gossiped first",
            self.published.clone(),
        );
        registry.register("overlay_messages_rejected", "Received messages found invalid", self.rejected.clone());
        registry.register(
            "overlay_transactions_fetched",
            "Transactions that this node lacked and had from a peer it asked",
            self.fetched.clone(),
        );
        registry.register(
            "overlay_messages_useless",
            "Received messages that were of no use when they came, and when they were reconsidered",
            self.useless.clone(),
        );
        registry.register(
            "overlay_messages_dropped",
            "Messages given up unread or unsent because a queue was full",
            self.dropped.clone(),
        );
        registry.register("overlay_artifact_guests", "Connections that only fetch artifacts", self.guests.clone());
        registry.register("overlay_artifact_held", "Release artifacts on disk", self.artifacts_held.clone());
        registry.register(
            "overlay_artifact_bytes_served",
            "Bytes of release artifacts and their trees given to peers",
            self.artifact_bytes.clone(),
        );
        registry.register(
            "overlay_artifact_requests",
            "Requests for release artifacts by peers, by what they were answered",
            self.artifact_requests.clone(),
        );
    }

    /// So many artifacts are on disk.
    pub fn artifacts_held(&self, count: usize) {
        self.artifacts_held.get_or_create(&LIBP2P).set(count.try_into().unwrap_or(i64::MAX));
    }

    pub(super) fn artifact_answered(&self, answer: &ArtifactAnswer) {
        let outcome = match answer {
            ArtifactAnswer::Held { .. } => "held",
            ArtifactAnswer::NotHeld => "not_held",
            ArtifactAnswer::Bytes(_) => "bytes",
            ArtifactAnswer::Busy => "busy",
            ArtifactAnswer::OutOfRange => "out_of_range",
        };
        self.count_request(outcome);
        if let ArtifactAnswer::Bytes(bytes) = answer {
            self.artifact_bytes.get_or_create(&LIBP2P).inc_by(bytes.len() as u64);
        }
    }

    pub(super) fn artifact_garbled(&self) {
        self.count_request("garbled");
    }

    fn count_request(&self, outcome: &'static str) {
        self.artifact_requests.get_or_create(&OutcomeLabels { backend: LIBP2P.backend, outcome }).inc();
    }

    pub(super) fn count_peers(&self, live: usize, guests: usize, persisted: usize) {
        self.guests.get_or_create(&LIBP2P).set(guests.try_into().unwrap_or(i64::MAX));
        self.peers.get_or_create(&LIBP2P).set(live.try_into().unwrap_or(i64::MAX));
        self.persisted.get_or_create(&LIBP2P).set(persisted.try_into().unwrap_or(i64::MAX));
    }

    pub(super) fn refused(&self) {
        self.refused.get_or_create(&LIBP2P).inc();
    }

    pub(super) fn received(&self) {
        self.received.get_or_create(&LIBP2P).inc();
    }

    pub(super) fn published(&self) {
        self.published.get_or_create(&LIBP2P).inc();
    }

    pub(super) fn rejected(&self) {
        self.rejected.get_or_create(&LIBP2P).inc();
    }

    pub(super) fn fetched(&self) {
        self.fetched.get_or_create(&LIBP2P).inc();
    }

    pub(super) fn useless(&self) {
        self.useless.get_or_create(&LIBP2P).inc();
    }

    pub(super) fn dropped(&self) {
        self.dropped.get_or_create(&LIBP2P).inc();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn o34_the_names_are_those_that_dashboards_query_and_gauges_have_such_of_gauges() {
        let metrics = OverlayMetrics::default();
        let mut registry = Registry::default();
        metrics.register(&mut registry);
        metrics.count_peers(3, 1, 7);
        metrics.rejected();
        metrics.artifacts_held(2);
        metrics.artifact_answered(&ArtifactAnswer::Bytes(vec![0; 10]));
        metrics.artifact_garbled();
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &registry).unwrap();
        assert!(text.contains("\noverlay_peer_total{backend=\"libp2p\"} 3\n"), "{text}");
        assert!(text.contains("\noverlay_peer_persisted_total{backend=\"libp2p\"} 7\n"), "{text}");
        assert!(text.contains("\noverlay_peers{backend=\"libp2p\"} 3\n"), "{text}");
        assert!(text.contains("\noverlay_peers_persisted{backend=\"libp2p\"} 7\n"), "{text}");
        assert!(text.contains("\noverlay_messages_rejected_total{backend=\"libp2p\"} 1\n"), "{text}");
        assert!(text.contains("\noverlay_artifact_guests{backend=\"libp2p\"} 1\n"), "{text}");
        assert!(text.contains("\noverlay_artifact_held{backend=\"libp2p\"} 2\n"), "{text}");
        assert!(text.contains("\noverlay_artifact_bytes_served_total{backend=\"libp2p\"} 10\n"), "{text}");
        // O34: a gauge that is named like a counter is one that the document has as an exception.
        let gauges = text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.strip_suffix(" gauge"));
        let odd: Vec<&str> = gauges.filter(|name| name.ends_with("_total")).collect();
        assert_eq!(odd, ["overlay_peer_total", "overlay_peer_persisted_total"]);
        let exceptions = include_str!("../../../docs/metrics.md").split_once("with two exceptions:").unwrap().1;
        assert!(odd.iter().all(|name| exceptions.contains(&format!("`{name}`"))), "{exceptions}");
        for outcome in ["bytes", "garbled"] {
            let line = format!("\noverlay_artifact_requests_total{{backend=\"libp2p\",outcome=\"{outcome}\"}} 1\n");
            assert!(text.contains(&line), "{text}");
        }
    }
}
