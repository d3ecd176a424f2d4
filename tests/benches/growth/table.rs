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
    /// What the explorer had resident in the end, what it has mapped of its database aside.
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

/// One number: microseconds, or bytes.
#[derive(Debug, Clone, Copy)]
pub struct Measured {
    /// Of what.
    pub metric: Metric,
    /// How much.
    pub value: f64,
}

impl Measured {
    /// The middle of some times.
    pub fn time(metric: Metric, mut times: Vec<Duration>) -> Self {
        times.sort();
        let middle = times.get(times.len() / 2).copied().unwrap_or_default();
        Self { metric, value: middle.as_secs_f64() * 1e6 }
    }

    /// As a line of a file.
    pub fn line(&self) -> String {
        format!("{}\t{}", self.metric.key(), self.value)
    }

    /// Of such a line; none of any other.
    pub fn of_line(line: &str) -> Option<Self> {
        let (key, value) = line.split_once('\t')?;
        let metric = Metric::ALL.into_iter().find(|metric| metric.key() == key)?;
        Some(Self { metric, value: value.parse().ok()? })
    }
}

/// All numbers, by size.
#[derive(Debug, Default)]
pub struct GrowthTable(BTreeMap<u64, BTreeMap<Metric, f64>>);

impl GrowthTable {
    /// What earlier runs left in a file; nothing where there is none.
    pub fn read(file: &Path) -> Self {
        let mut table = Self::default();
        for line in std::fs::read_to_string(file).unwrap_or_default().lines() {
            let parsed =
                line.split_once('\t').and_then(|(size, rest)| Some((size.parse().ok()?, Measured::of_line(rest)?)));
            if let Some((size, Measured { metric, value })) = parsed {
                table.0.entry(size).or_default().insert(metric, value);
            }
        }
        table
    }

    /// Has a size be what was measured now.
    pub fn set(&mut self, size: u64, measured: &[Measured]) {
        self.0.insert(size, measured.iter().map(|Measured { metric, value }| (*metric, *value)).collect());
    }

    /// Writes all numbers where the next run finds them.
    pub fn write(&self, file: &Path) -> anyhow::Result<()> {
        let rows = self.0.iter().flat_map(|(size, of_size)| of_size.iter().map(move |row| (size, row)));
        let line = |(size, (metric, value)): (&u64, (&Metric, &f64))| {
            format!("{size}\t{}\n", Measured { metric: *metric, value: *value }.line())
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
        let values = self.0.iter().filter_map(|(size, of_size)| Some((*size, *of_size.get(&metric)?)));
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
        let _ = write!(text, " growth | target | |\n|---|{}---|---|---|\n", "---|".repeat(sizes.len()));
        for metric in Metric::ALL {
            let _ = write!(text, "| {} |", metric.title());
            for size in &sizes {
                let value = self.0.get(size).and_then(|of_size| of_size.get(&metric));
                let _ = write!(text, " {} |", value.map(|value| metric.shown(*value)).unwrap_or_default());
            }
            let last = self.growth(metric).last().copied();
            let is_met = last.and_then(|(size, growth)| {
                let value = self.0.get(&size).and_then(|of_size| of_size.get(&metric))?;
                Some(metric.is_met(*value, growth))
            });
            let growth = last.map(|(_, growth)| format!("{growth:.2} x")).unwrap_or_default();
            let verdict = is_met.map_or("", |is_met| if is_met { "met" } else { "missed" });
            let _ = writeln!(text, " {growth} | {} | {verdict} |", metric.target());
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
