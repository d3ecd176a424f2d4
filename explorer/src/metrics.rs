//! What the explorer counts, as Prometheus reads it.

use crate::store::IndexHead;
use host::{clock, console};
use primitives::Height;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::{Family, MetricConstructor};
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// A request's route and how it ended.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    route: String,
    status: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RouteLabels {
    route: String,
}

#[derive(Clone)]
struct Seconds;

impl MetricConstructor<Histogram> for Seconds {
    fn new_metric(&self) -> Histogram {
        Histogram::new([0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0])
    }
}

/// The counters. Clones are the same counters.
#[derive(Clone)]
pub struct ExplorerMetrics {
    registry: Arc<Registry>,
    height: Gauge,
    node_height: Gauge,
    block_time: Arc<AtomicU64>,
    block_age: Gauge<f64, AtomicU64>,
    blocks: Counter,
    facts: Counter,
    /// How often following failed and was tried again.
    pub follow_errors: Counter,
    requests: Family<RequestLabels, Counter>,
    seconds: Family<RouteLabels, Histogram, Seconds>,
    /// Answers that were kept.
    pub cache_hits: Counter,
    /// Answers that had to be made.
    pub cache_misses: Counter,
    log_lines_lost: Counter,
}

impl Default for ExplorerMetrics {
    fn default() -> Self {
        let mut registry = Registry::default();
        let mut metrics = Self {
            registry: Arc::default(),
            height: Gauge::default(),
            node_height: Gauge::default(),
            block_time: Arc::default(),
            block_age: Gauge::default(),
            blocks: Counter::default(),
            facts: Counter::default(),
            follow_errors: Counter::default(),
            requests: Family::default(),
            seconds: Family::new_with_constructor(Seconds),
            cache_hits: Counter::default(),
            cache_misses: Counter::default(),
            log_lines_lost: Counter::default(),
        };
        let m = &metrics;
        registry.register("explorer_indexed_height", "The newest block in the index", m.height.clone());
        registry.register(
            "explorer_node_height",
            "The newest block of the node; -1 when it does not answer",
            m.node_height.clone(),
        );
        registry.register(
            "explorer_block_age_seconds",
            "How old the newest block in the index is",
            m.block_age.clone(),
        );
        registry.register("explorer_indexed_blocks", "Blocks that were verified and indexed", m.blocks.clone());
        registry.register("explorer_indexed_facts", "Facts that were indexed", m.facts.clone());
        registry.register(
            "explorer_follow_errors",
            "How often following failed and was tried again",
            m.follow_errors.clone(),
        );
        registry.register("explorer_requests", "Requests by route and status", m.requests.clone());
        registry.register("explorer_request_seconds", "How long answers took, by route", m.seconds.clone());
        registry.register("explorer_cache_hits", "Answers that were kept", m.cache_hits.clone());
        registry.register("explorer_cache_misses", "Answers that had to be made", m.cache_misses.clone());
        registry.register(
            "explorer_log_lines_lost",
            "Lines of the log of this process that nobody took",
            m.log_lines_lost.clone(),
        );
        metrics.node_height.set(-1);
        metrics.registry = Arc::new(registry);
        metrics
    }
}

impl ExplorerMetrics {
    /// A block came into the index.
    pub fn indexed(&self, head: IndexHead, facts: usize) {
        self.at(head);
        self.blocks.inc();
        self.facts.inc_by(facts as u64);
    }

    /// Where the index stands.
    pub fn at(&self, head: IndexHead) {
        self.height.set(i64::try_from(head.at.height.0).unwrap_or(i64::MAX));
        self.block_time.store(head.at.time.0, Ordering::Relaxed);
    }

    /// Where the node stands; none when it does not answer.
    pub fn node_height(&self, height: Option<Height>) {
        self.node_height.set(height.map_or(-1, |height| i64::try_from(height.0).unwrap_or(i64::MAX)));
    }

    /// A request was answered.
    pub fn answered(&self, route: &str, status: u16, took: Duration) {
        self.requests.get_or_create(&RequestLabels { route: route.to_owned(), status: status.into() }).inc();
        self.seconds.get_or_create(&RouteLabels { route: route.to_owned() }).observe(took.as_secs_f64());
    }

    /// The exposition.
    pub fn text(&self) -> String {
        let age = clock::now().0.saturating_sub(self.block_time.load(Ordering::Relaxed));
        self.block_age.set(Duration::from_millis(age).as_secs_f64());
        // Whoever logs knows no metrics.
        self.log_lines_lost.inner().store(console::lost_lines(), Ordering::Relaxed);
        let mut text = String::new();
        // Writing into a string does not fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}
