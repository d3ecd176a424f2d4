//! What updates on this machine came to, for dashboards: counted from the audit log, so that what the command line and the
//! supervisor did shows in the node's metrics too.

use super::audit::{Action, Entry};
use super::layout::Releases;
use host::clock::{self, HomeClock};
use host::config::Home;
use host::owners;
use primitives::Reading;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric as _};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use rpc::Head;
use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// The metrics of updates, and the alarms of a chain that is held back and of a clock that was set back.
pub struct UpdateMetrics {
    releases: Releases,
    clock: HomeClock,
    /// Whether this process could change what runs here.
    one_user: bool,
    heads: watch::Receiver<Arc<Head>>,
    most_age: Duration,
    seen: Mutex<Seen>,
}

/// What was read so far.
#[derive(Default)]
struct Seen {
    /// Bytes of the audit log that are counted.
    offset: u64,
    refused: BTreeMap<String, u64>,
    rolled_back: u64,
    /// The newest height, and when it was first seen, by a clock that nobody can set.
    newest: Option<(u64, Instant)>,
}

impl UpdateMetrics {
    /// Over the releases of a home and the heads of its chain; older than `most_age`, the chain counts as held back (T3).
    pub fn new(home: &Home, heads: watch::Receiver<Arc<Head>>, most_age: Duration) -> Self {
        let one_user = owners::decides_what_runs(home);
        let (releases, clock) = (Releases::of(home), HomeClock::of(home));
        Self { releases, clock, one_user, heads, most_age, seen: Mutex::default() }
    }

    /// Whether the newest block is older than what installing allows, by its time and the latest that was seen here, or by how long
    /// none came after it.
    fn is_frozen(&self, seen: &mut Seen, reading: Reading) -> bool {
        let head = self.heads.borrow().clone();
        let height = head.at.height.0;
        let since = match seen.newest {
            Some((newest, since)) if newest == height => since,
            _ => {
                let now = Instant::now();
                seen.newest = Some((height, now));
                now
            }
        };
        Duration::from_millis(reading.age_ms(head.at.time)).max(since.elapsed()) > self.most_age
    }
}

impl Seen {
    /// Counts the lines that were appended since the last time; one that is not whole yet waits for the next.
    fn catch_up(&mut self, releases: &Releases) {
        let mut text = String::new();
        let read = File::open(releases.audit()).and_then(|mut file| {
            file.seek(SeekFrom::Start(self.offset))?;
            file.read_to_string(&mut text)
        });
        // Without a log there is nothing to count.
        if read.is_err() {
            return;
        }
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        self.offset = self.offset.saturating_add(whole as u64);
        let entries = text[..whole].lines().filter_map(|line| serde_json::from_str::<Entry>(line).ok());
        for entry in entries {
            match entry.action {
                Action::Refused { code, .. } => *self.refused.entry(code).or_default() += 1,
                Action::RolledBack { .. } | Action::SafeMode { .. } => self.rolled_back += 1,
                Action::Installed { .. }
                | Action::Healthy { .. }
                | Action::HeldBack { .. }
                | Action::ClockAccepted { .. } => {}
            }
        }
    }
}

impl Collector for UpdateMetrics {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), fmt::Error> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.catch_up(&self.releases);
        // Where nothing is known of before, the clock alone has to do.
        let reading = self.clock.look().unwrap_or_else(|_| Reading::alone(clock::now()));
        let frozen = ConstGauge::new(i64::from(self.is_frozen(&mut seen, reading)));
        let about = "1 when the newest block is older than update.max_head_age_minutes, else 0";
        frozen.encode(encoder.encode_descriptor("release_view_frozen", about, None, MetricType::Gauge)?)?;
        let about = "How far this machine's clock is behind the latest time that was seen in this home";
        let behind = ConstGauge::new(i64::try_from(reading.behind_ms() / 1000).unwrap_or(i64::MAX));
        behind.encode(encoder.encode_descriptor("release_clock_behind_seconds", about, None, MetricType::Gauge)?)?;
        let about = "1 when the node runs as a user that could change which build runs here, else 0";
        let one_user = ConstGauge::new(i64::from(self.one_user));
        one_user.encode(encoder.encode_descriptor("release_one_user", about, None, MetricType::Gauge)?)?;
        let about = "Releases that were given up for the one before, or for nothing";
        let rolled_back = ConstCounter::new(seen.rolled_back);
        rolled_back.encode(encoder.encode_descriptor("release_rollbacks", about, None, MetricType::Counter)?)?;
        let about = "Fetches, installations and starts that were refused, by error code";
        let mut family = encoder.encode_descriptor("release_updates_refused", about, None, MetricType::Counter)?;
        for (code, count) in &seen.refused {
            ConstCounter::new(*count).encode(family.encode_family(&[("code", code.as_str())])?)?;
        }
        Ok(())
    }
}

impl fmt::Debug for UpdateMetrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UpdateMetrics").field("releases", &self.releases).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit;
    use primitives::{BuildHash, ChainPosition, Epoch, Height, StateRoot, Timestamp};
    use prometheus_client::registry::Registry;

    fn scraped(registry: &Registry) -> String {
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, registry).unwrap();
        text
    }

    fn head(time: Timestamp) -> Arc<Head> {
        let genesis = runtime::testing::genesis();
        let header = genesis.header(StateRoot([0; 32]));
        Arc::new(Head { hash: header.hash(), header, at: ChainPosition { height: Height(7), time, epoch: Epoch(0) } })
    }

    #[test]
    fn t03_refusals_rollbacks_and_a_chain_held_back_show() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::at(folder.path());
        let releases = Releases::of(&home);
        std::fs::create_dir_all(releases.path()).unwrap();
        let (heads, seen) = watch::channel(head(clock::now()));
        let mut registry = Registry::default();
        registry.register_collector(Box::new(UpdateMetrics::new(&home, seen, Duration::from_secs(60))));
        assert!(scraped(&registry).contains("release_view_frozen 0\n"), "{}", scraped(&registry));

        let hash = BuildHash([1; 32]);
        let refused = |code: &str| Action::Refused { hash, code: code.into(), reason: "test".into() };
        for code in ["E_ARBITRARY", "E_SLOW", "E_ARBITRARY"] {
            audit::record(&releases, refused(code)).unwrap();
        }
        scraped(&registry);
        audit::record(&releases, refused("E_SLOW")).unwrap();
        audit::record(&releases, Action::SafeMode { rolled_back: hash, reason: "test".into() }).unwrap();
        heads.send_replace(head(Timestamp(clock::now().0 - 61_000)));
        let text = scraped(&registry);
        assert!(text.contains("release_updates_refused_total{code=\"E_ARBITRARY\"} 2\n"), "{text}");
        assert!(text.contains("release_updates_refused_total{code=\"E_SLOW\"} 2\n"), "{text}");
        assert!(text.contains("release_rollbacks_total 1\n"), "{text}");
        assert!(text.contains("release_view_frozen 1\n"), "{text}");
        assert!(text.contains("release_clock_behind_seconds 0\n"), "{text}");
    }

    #[test]
    fn h12_t03_t26_a_new_process_raises_the_alarm_though_the_clock_was_set_back() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::at(folder.path());
        let now = clock::now();
        HomeClock::of(&home).read_at(now.plus(100_000), None).unwrap();
        let (_heads, seen) = watch::channel(head(now));
        let mut registry = Registry::default();
        registry.register_collector(Box::new(UpdateMetrics::new(&home, seen, Duration::from_secs(60))));
        let text = scraped(&registry);
        assert!(text.contains("release_view_frozen 1\n"), "{text}");
        let behind = text.lines().find_map(|line| line.strip_prefix("release_clock_behind_seconds "));
        assert!(behind.and_then(|value| value.parse::<u64>().ok()).is_some_and(|behind| behind > 60), "{text}");
        HomeClock::of(&home).accept(clock::now()).unwrap();
        let text = scraped(&registry);
        assert!(text.contains("release_view_frozen 0\n"), "{text}");
        assert!(text.contains("release_clock_behind_seconds 0\n"), "{text}");
    }
}
