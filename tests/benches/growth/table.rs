//! What was measured: kept from run to run, and told as a table.

use anyhow::Context as _;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

/// How much more than in the smallest state something may cost in the largest.
pub const MOST: f64 = 2.0;
/// How many bytes whoever uses a store may have resident, whatever is in it: what the store takes for caches and buffers, which fill up, and
/// an eighth of a gibibyte for the rest of a process.
const MOST_RESIDENT: f64 = ((640 << 20) + (128 << 20)) as f64;

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Metric {
    /// A ballot.
    Vote,
    /// Executing a block.
    Block,
    /// Putting it on disk.
    Commit,
    /// Executing the first block of an epoch.
    FirstBlock,
    /// Opening a store and looking at a part of it.
    Boot,
    /// Making a ticket.
    Proof,
    /// Its bytes.
    ProofSize,
    /// Answering about a proposal.
    Proposal,
    /// Answering about a release.
    Release,
    /// The explorer's list of releases.
    Releases,
    /// The explorer's audit log.
    Audit,
    /// What whoever did all of that with the store had resident.
    NodeMemory,
    /// What the explorer had resident when the last page had come, what it has mapped of its database aside.
    ExplorerMemory,
}

impl Metric {
    /// In the order of the table.
    pub const ALL: [Self; 13] = [
        Self::Vote,
        Self::Block,
        Self::Commit,
        Self::FirstBlock,
        Self::Boot,
        Self::Proof,
        Self::ProofSize,
        Self::Proposal,
        Self::Release,
        Self::Releases,
        Self::Audit,
        Self::NodeMemory,
        Self::ExplorerMemory,
    ];

    /// By what it is called in files.
    fn key(self) -> String {
        format!("{self:?}")
    }

    /// What it is called in tables.
    pub fn title(self) -> &'static str {
        match self {
            Self::Vote => "a vote: `decide` and `apply`",
            Self::Block => "`execute` a block of 1,000 transfers to any account",
            Self::Commit => "commit it, durable",
            Self::FirstBlock => "`execute` an epoch's first block, which closes the poll",
            Self::Boot => "boot check: opening the store, and the sample",
            Self::Proof => "a ticket from the end of an epoch, eight epochs on",
            Self::ProofSize => "bytes of the ticket, at most",
            Self::Proposal => "`gov.proposal`, as JSON",
            Self::Release => "`gov.release`, as JSON",
            Self::Releases => "explorer, any page of 50 of `/releases`, not kept",
            Self::Audit => "explorer, any 50 of `/audit`, not kept",
            Self::NodeMemory => "most memory resident, store in use",
            Self::ExplorerMemory => "memory resident, explorer, its own",
        }
    }

    /// The bound of what is not held against the smallest state, because it is taken on purpose.
    fn bound(self) -> Option<f64> {
        (self == Self::NodeMemory).then_some(MOST_RESIDENT)
    }

    /// Whether it is to cost about as much at every size.
    pub fn is_to_stay(self) -> bool {
        self.bound().is_none()
    }

    /// What is asked of it, as people read it.
    fn target(self) -> String {
        self.bound().map_or_else(|| format!("{MOST} x"), |bound| self.shown(bound))
    }

    /// Whether it is as asked in the largest state, where it has a value, and is so many times that in the smallest.
    fn is_met(self, value: f64, growth: f64) -> bool {
        self.bound().map_or(growth <= MOST, |bound| value <= bound)
    }

    /// A value as people read it.
    fn shown(self, value: f64) -> String {
        match self {
            Self::ProofSize => format!("{value:.0}"),
            Self::NodeMemory | Self::ExplorerMemory => format!("{:.0} MiB", value / f64::from(1 << 20)),
            _ if value >= 1e4 => format!("{:.1} ms", value / 1e3),
            _ if value >= 1e3 => format!("{:.2} ms", value / 1e3),
            _ => format!("{value:.2} us"),
        }
    }
}

/// How long something took, and how long what it cannot do without takes alone.
#[derive(Debug, Clone, Copy)]
pub struct Beside {
    /// All of it.
    pub took: Duration,
    /// Its floor.
    pub floor: Duration,
}

/// Numbers of one size: microseconds, or bytes.
#[derive(Debug, Clone, Copy)]
pub struct Cost {
    /// How much.
    value: f64,
    /// What nothing could be below, measured in the same round; none where that is what it costs in the smallest state.
    floor: Option<f64>,
}

/// What was measured of something.
#[derive(Debug, Clone, Copy)]
pub struct Measured {
    /// Of what.
    metric: Metric,
    /// How much.
    cost: Cost,
}

impl Measured {
    /// The middle of some times.
    pub fn time(metric: Metric, times: Vec<Duration>) -> Self {
        Self { metric, cost: Cost { value: middle(times), floor: None } }
    }

    /// The middle of some times, and that of their floors.
    pub fn beside(metric: Metric, rounds: &[Beside]) -> Self {
        let middle_of = |of: fn(&Beside) -> Duration| middle(rounds.iter().map(of).collect());
        let cost = Cost { value: middle_of(|round| round.took), floor: Some(middle_of(|round| round.floor)) };
        Self { metric, cost }
    }

    /// So many bytes.
    pub fn bytes(metric: Metric, bytes: u64) -> Self {
        Self { metric, cost: Cost { value: bytes as f64, floor: None } }
    }

    /// As a line of a file.
    pub fn line(&self) -> String {
        let floor = self.cost.floor.map(|floor| floor.to_string()).unwrap_or_default();
        format!("{}\t{}\t{floor}", self.metric.key(), self.cost.value)
    }

    /// Of such a line; none of any other.
    pub fn of_line(line: &str) -> Option<Self> {
        let mut parts = line.split('\t');
        let key = parts.next()?;
        let metric = Metric::ALL.into_iter().find(|metric| metric.key() == key)?;
        let value = parts.next()?.parse().ok()?;
        Some(Self { metric, cost: Cost { value, floor: parts.next().and_then(|floor| floor.parse().ok()) } })
    }
}

impl std::fmt::Display for Measured {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.metric.title(), self.metric.shown(self.cost.value))
    }
}

/// The middle one, in microseconds.
fn middle(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default().as_secs_f64() * 1e6
}

/// All numbers, by size.
#[derive(Debug, Default)]
pub struct GrowthTable(BTreeMap<u64, BTreeMap<Metric, Cost>>);

impl GrowthTable {
    /// What earlier runs left in a file; nothing where there is none.
    pub fn read(file: &Path) -> Self {
        let mut table = Self::default();
        for line in std::fs::read_to_string(file).unwrap_or_default().lines() {
            let parsed =
                line.split_once('\t').and_then(|(size, rest)| Some((size.parse().ok()?, Measured::of_line(rest)?)));
            if let Some((size, Measured { metric, cost })) = parsed {
                table.0.entry(size).or_default().insert(metric, cost);
            }
        }
        table
    }

    /// Has a size be what was measured now.
    pub fn set(&mut self, size: u64, measured: &[Measured]) {
        self.0.insert(size, measured.iter().map(|Measured { metric, cost }| (*metric, *cost)).collect());
    }

    /// Writes all numbers where the next run finds them.
    pub fn write(&self, file: &Path) -> anyhow::Result<()> {
        let rows = self.0.iter().flat_map(|(size, of_size)| of_size.iter().map(move |row| (size, row)));
        let line = |(size, (metric, cost)): (&u64, (&Metric, &Cost))| {
            format!("{size}\t{}\n", Measured { metric: *metric, cost: *cost }.line())
        };
        std::fs::write(file, rows.map(line).collect::<String>())
            .with_context(|| format!("cannot write {}", file.display()))
    }

    /// The sizes, ascending.
    pub fn sizes(&self) -> Vec<u64> {
        self.0.keys().copied().collect()
    }

    /// How much more something costs at each size than at the smallest.
    pub fn growth(&self, metric: Metric) -> Vec<(u64, f64)> {
        let values = self.0.iter().filter_map(|(size, of_size)| Some((*size, of_size.get(&metric)?.value)));
        let values: Vec<(u64, f64)> = values.collect();
        let first = values.first().map_or(1.0, |(_, value)| value.max(f64::MIN_POSITIVE));
        values.into_iter().map(|(size, value)| (size, value / first)).collect()
    }

    /// As Markdown.
    pub fn markdown(&self) -> String {
        let sizes = self.sizes();
        let mut text = String::from("| what |");
        for size in &sizes {
            // Nothing that is written to a text fails.
            let _ = write!(text, " {} |", named(*size));
        }
        let _ = write!(text, " floor | growth | target | |\n|---|{}---|---|---|---|\n", "---|".repeat(sizes.len()));
        for metric in Metric::ALL {
            let _ = write!(text, "| {} |", metric.title());
            for size in &sizes {
                let cost = self.0.get(size).and_then(|of_size| of_size.get(&metric));
                let _ = write!(text, " {} |", cost.map(|cost| metric.shown(cost.value)).unwrap_or_default());
            }
            let last = self.growth(metric).last().copied();
            let largest = last.and_then(|(size, growth)| Some((self.0.get(&size)?.get(&metric)?, growth)));
            let floor = largest.and_then(|(cost, _)| cost.floor).map(|floor| metric.shown(floor)).unwrap_or_default();
            let growth = largest.map(|(_, growth)| format!("{growth:.2} x")).unwrap_or_default();
            let is_met = largest.map(|(cost, growth)| metric.is_met(cost.value, growth));
            let verdict = is_met.map_or("", |is_met| if is_met { "met" } else { "missed" });
            let _ = writeln!(text, " {floor} | {growth} | {} | {verdict} |", metric.target());
        }
        text
    }
}

/// A size in short.
pub fn named(size: u64) -> String {
    match size {
        size if size >= 1_000_000 && size % 1_000_000 == 0 => format!("{} M", size / 1_000_000),
        size if size >= 1_000 && size % 1_000 == 0 => format!("{} k", size / 1_000),
        size => size.to_string(),
    }
}
