//! What the evaluation plane counts; `docs/metrics.md` lists it.

use flags::EvaluationReason;
use primitives::Name;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

/// The counters; clones count together.
#[derive(Clone, Debug)]
pub struct WebMetrics {
    evaluations: Family<EvaluationLabels, Counter>,
    denied: Family<DeniedLabels, Counter>,
    streams: Gauge,
    snapshot: Histogram,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct EvaluationLabels {
    plan: String,
    reason: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct DeniedLabels {
    reason: &'static str,
}

/// The evaluations of one plan, by their reasons, found without looking for labels.
#[derive(Clone, Debug)]
pub(crate) struct EvaluationCounters([Counter; 6]);

impl EvaluationCounters {
    /// One value was served, or could not be, for that reason.
    pub fn count(&self, reason: EvaluationReason) {
        let [fixed, default, matched, split, disabled, error] = &self.0;
        let counter = match reason {
            EvaluationReason::Static => fixed,
            EvaluationReason::Default => default,
            EvaluationReason::TargetingMatch => matched,
            EvaluationReason::Split => split,
            EvaluationReason::Disabled => disabled,
            EvaluationReason::Error => error,
        };
        counter.inc();
    }
}

impl Default for WebMetrics {
    fn default() -> Self {
        Self {
            evaluations: Family::default(),
            denied: Family::default(),
            streams: Gauge::default(),
            snapshot: Histogram::new([0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1.0]),
        }
    }
}

impl WebMetrics {
    /// Registers all of them.
    pub fn register(&self, to: &mut Registry) {
        let about = "Values of flags that were served, by plan and reason";
        to.register("flags_evaluations", about, self.evaluations.clone());
        let about = "Requests for values of flags that were denied, by why";
        to.register("flags_denied", about, self.denied.clone());
        to.register("flags_streams", "Open streams that announce changed flags", self.streams.clone());
        let about = "Time to compile the flags of a plan after a block that wrote some";
        to.register("flags_snapshot_seconds", about, self.snapshot.clone());
    }

    pub(crate) fn of_plan(&self, plan: &Name) -> EvaluationCounters {
        use EvaluationReason::{Default, Disabled, Error, Split, Static, TargetingMatch};
        EvaluationCounters([Static, Default, TargetingMatch, Split, Disabled, Error].map(|reason| {
            let labels = EvaluationLabels { plan: plan.to_string(), reason: reason.to_string() };
            self.evaluations.get_or_create(&labels).clone()
        }))
    }

    pub(crate) fn denied(&self, reason: &'static str) {
        self.denied.get_or_create(&DeniedLabels { reason }).inc();
    }

    pub(crate) fn streams(&self, open: usize) {
        self.streams.set(i64::try_from(open).unwrap_or(i64::MAX));
    }

    pub(crate) fn compiled(&self, seconds: f64) {
        self.snapshot.observe(seconds);
    }
}
