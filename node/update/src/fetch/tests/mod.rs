//! Stories and laws of fetches, from sources in memory.

mod shelf;

use super::turns::Turns;
use super::*;
use crate::progress::silent;
use bao_tree::io::outboard::PreOrderMemOutboard;
use builds::BLOCK;
use proptest::prelude::*;
use shelf::{Manner, Shelf};
use std::sync::Mutex;
use std::time::Instant;

const KIB: u64 = 1024;

/// A release that chain state names by its hash alone, and a place to fetch it to.
struct Scene {
    folder: tempfile::TempDir,
    data: Vec<u8>,
    tree: Vec<u8>,
    hash: BuildHash,
}

impl Scene {
    fn of(size: u64) -> Self {
        let data: Vec<u8> = (0..size).map(|at| (at * 7 + at / 251) as u8).collect();
        let outboard = PreOrderMemOutboard::create(&data, BLOCK);
        let hash = BuildHash(*outboard.root.as_bytes());
        Self { folder: tempfile::tempdir().unwrap(), data, tree: outboard.data, hash }
    }

    fn size(&self) -> u64 {
        self.data.len() as u64
    }

    fn fetch(&self) -> Fetch {
        Fetch {
            hash: self.hash,
            size: None,
            sha256: None,
            most_bytes: 1 << 62,
            destination: self.folder.path().join("out/release.bin"),
            pace: Pace { least: 100, window: Duration::from_millis(200) },
        }
    }

    /// A source that has the release, and says so.
    fn good(&self, with_tree: bool) -> Shelf {
        let tree = with_tree.then(|| self.tree.clone());
        Shelf { name: "good".into(), says: Some(self.size()), tree, data: self.data.clone(), manner: Manner::Plain }
    }

    /// What lies in the folder that is fetched to.
    fn left(&self) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(self.folder.path().join("out")) else { return Vec::new() };
        entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect()
    }

    /// Fetches, and gives who was blamed for what, by name.
    async fn run(
        &self,
        fetch: &Fetch,
        shelves: &[Shelf],
    ) -> (Result<DownloadedRelease, UpdateError>, Vec<(String, &'static str)>) {
        let blamed = Arc::new(Mutex::new(Vec::new()));
        let told = blamed.clone();
        let tell: Tell = Arc::new(move |progress| {
            if let FetchProgress::SourceFailed { source, code, .. } = progress {
                told.lock().unwrap().push((source, code));
            }
        });
        let fetched = fetch_release(fetch, sources(shelves), tell).await;
        let mut blamed = blamed.lock().unwrap().clone();
        blamed.sort();
        (fetched, blamed)
    }

    fn require_fetched(&self, fetched: Result<DownloadedRelease, UpdateError>, told: &str) {
        let fetched = fetched.unwrap_or_else(|error| panic!("{told}: {error}"));
        assert_eq!((fetched.release.build_hash, fetched.release.size), (self.hash, self.size()), "{told}");
        assert!(std::fs::read(&fetched.path).unwrap() == self.data, "{told}");
        assert_eq!(self.left(), ["release.bin"], "{told}: nothing else is left");
    }
}

fn sources(shelves: &[Shelf]) -> Sources {
    shelves.iter().cloned().map(|shelf| Arc::new(shelf) as Arc<dyn ArtifactSource>).collect()
}

#[tokio::test]
async fn h08_t10_a_liar_about_the_size_costs_nobody_but_itself() {
    // A file of one group, which has no inner node; one that ends with a group; one that ends within.
    for size in [777, 64 * KIB, 48 * KIB + 777] {
        let scene = Scene::of(size);
        let lies = [(1 << 63, "E_ENDLESS"), (1 << 61, "E_DISK_FULL"), (size + 1, "E_SIZE"), (size - 1, "E_SIZE")];
        for (says, code) in lies {
            for (with_tree, first) in [(true, true), (true, false), (false, true), (false, false)] {
                let told = format!("{size} bytes, {says} said, tree: {with_tree}, before the good one: {first}");
                let mut liar = Shelf { name: "liar".into(), says: Some(says), ..scene.good(with_tree) };
                // Who is off by a byte is so in what it sends too.
                liar.data.resize(says.min(size + 1) as usize, 0);
                let good = scene.good(with_tree);
                let shelves = if first { [liar, good] } else { [good, liar] };
                let (fetched, blamed) = scene.run(&scene.fetch(), &shelves).await;
                scene.require_fetched(fetched, &told);
                // Where there is no tree, who says less may be read first, and is blamed for its bytes then.
                let read_first = says < size && !with_tree && blamed == [("liar".to_owned(), "E_ARBITRARY")];
                assert!(read_first || blamed == [("liar".to_owned(), code)], "{told}: {blamed:?}");
            }
        }
    }
}

#[tokio::test]
async fn h08_t10_liars_about_the_size_alone_end_with_their_code_and_leave_nothing() {
    let scene = Scene::of(48 * KIB + 777);
    let short = scene.size() - 1;
    let lies = [(1 << 63, "E_ENDLESS"), (1 << 61, "E_DISK_FULL"), (short, "E_ARBITRARY"), (0, "E_ARBITRARY")];
    for ((says, code), with_tree) in lies.into_iter().flat_map(|lie| [(lie, true), (lie, false)]) {
        let mut liar = Shelf { says: Some(says), ..scene.good(with_tree) };
        liar.data.truncate(says as usize);
        let (fetched, _) = scene.run(&scene.fetch(), &[liar]).await;
        let error = fetched.unwrap_err();
        assert_eq!(error.code(), code, "{says}: {error}");
        assert_eq!(scene.left(), Vec::<String>::new(), "{says}");
    }
}

#[tokio::test]
async fn h08_who_says_too_much_and_sends_the_release_is_blamed_and_its_bytes_are_taken() {
    let scene = Scene::of(48 * KIB + 777);
    let liar = Shelf { says: Some(scene.size() + 1), ..scene.good(false) };
    let (fetched, blamed) = scene.run(&scene.fetch(), &[liar]).await;
    scene.require_fetched(fetched, "the bytes are right");
    assert_eq!(blamed, [("good".to_owned(), "E_SIZE")]);
}

#[tokio::test]
async fn h08_what_one_left_is_not_held_against_the_next() {
    let scene = Scene::of(48 * KIB + 777);
    // It leaves more than the release has, and nothing of it is right. Nobody says a size.
    let good = Shelf { says: None, ..scene.good(false) };
    let liar = Shelf { name: "liar".into(), data: vec![7; 1 << 20], manner: Manner::Breaking, ..good.clone() };
    let (fetched, blamed) = scene.run(&scene.fetch(), &[liar, good]).await;
    scene.require_fetched(fetched, "after junk");
    assert_eq!(blamed, [("liar".to_owned(), "E_BROKEN")]);
}

#[tokio::test]
async fn h08_a_source_without_ranges_has_its_length_judged_with_the_whole() {
    let scene = Scene::of(48 * KIB + 777);
    let liar = Shelf { name: "liar".into(), says: Some(scene.size() - 1), ..scene.good(true) };
    let good = Shelf { manner: Manner::NoRanges, ..scene.good(true) };
    let (fetched, blamed) = scene.run(&scene.fetch(), &[liar, good]).await;
    scene.require_fetched(fetched, "without ranges");
    // It said a byte less than it then sent.
    assert_eq!(blamed, [("liar".to_owned(), "E_ENDLESS")]);
}

#[tokio::test]
async fn h08_t07_liars_at_the_least_pace_do_not_use_up_the_deadline() {
    let scene = Scene::of(60 * KIB);
    let pace = Pace { least: 100_000, window: Duration::from_secs(1) };
    let fetch = Fetch { most_bytes: 2 << 20, pace, ..scene.fetch() };
    let slow = |number: u32| Shelf {
        name: format!("slow {number}"),
        says: None,
        tree: None,
        data: Vec::new(),
        manner: Manner::Steady(12_000),
    };
    // Each of them alone takes most of the deadline to send what may be fetched at most, and is never too slow. Nobody says
    // how long the release is.
    let good = Shelf { says: None, ..scene.good(false) };
    let shelves = [slow(1), slow(2), slow(3), good];
    let began = Instant::now();
    let (fetched, blamed) = scene.run(&fetch, &shelves).await;
    scene.require_fetched(fetched, "after the slow ones");
    assert!(began.elapsed() < fetch.patience(shelves.len()), "{:?}", began.elapsed());
    assert!(blamed.iter().all(|(name, _)| name != "good"), "{blamed:?}");
}

#[tokio::test]
async fn h08_t07_a_fetch_ends_with_its_deadline_whoever_still_sends() {
    let scene = Scene::of(60 * KIB);
    let fetch = Fetch { most_bytes: 1 << 30, ..scene.fetch() };
    std::fs::create_dir(scene.folder.path().join("out")).unwrap();
    let endless = Shelf { name: "endless".into(), says: None, manner: Manner::Steady(5000), ..scene.good(false) };
    let (ledger, tell) = (SourceLedger::new(silent()), silent());
    let deadline = Deadline::after(Duration::from_millis(500));
    let claims = Claims::hear(&fetch, &sources(&[endless]), &ledger).await.unwrap();
    let error = whole::fetch(&fetch, &claims, &ledger, &tell, deadline).await.unwrap_err();
    assert_eq!(error.code(), "E_SLOW", "{error}");
    assert!(matches!(ledger.faults()[..], [(_, Fault::Late { .. })]), "{error}");
    assert_eq!(scene.left(), Vec::<String>::new());
}

/// How a liar lies: about the size, with its tree, in its bytes, and in how it sends. Which of the ways, a number says.
type Lies = (u8, u8, u8, u8);

/// A source that lies so; among the ways is the truth, for those who lie elsewhere.
fn liar(scene: &Scene, number: usize, (size, tree, bytes, manner): Lies) -> Shelf {
    let right = scene.size();
    let says = match size {
        0 => Some(right),
        1 => None,
        2 => Some(right + 1),
        3 => Some(right - 1),
        4 => Some(0),
        5 => Some(right + crate::tree::GROUP),
        6 => Some(right / 2),
        7 => Some(MOST),
        8 => Some(MOST + 1),
        _ => Some(1 << 63),
    };
    let tree = match tree {
        0 => Some(scene.tree.clone()),
        1 => None,
        2 => Some(vec![9; 64]),
        _ => Some(scene.tree[..scene.tree.len() / 128 * 64].to_vec()),
    };
    let mut data = scene.data.clone();
    match bytes {
        0 => {}
        1 => data[0] ^= 1,
        2 => *data.last_mut().unwrap() ^= 1,
        3 => data.truncate(data.len() / 2),
        4 => data.push(0),
        5 => data.resize(MOST as usize, 7),
        _ => data.clear(),
    }
    let manner = match manner {
        0 => Manner::Plain,
        1 => Manner::NoRanges,
        2 => Manner::Silent,
        3 => Manner::Breaking,
        4 => Manner::Endless,
        _ => Manner::Steady(1),
    };
    Shelf { name: format!("liar {number}"), says, tree, data, manner }
}

/// The most bytes that are fetched in the law.
const MOST: u64 = 1 << 20;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn h08_with_one_honest_source_among_any_liars_the_release_arrives(
        size in 1u64..80_000,
        (has_tree, knows_ranges, says_size) in any::<(bool, bool, bool)>(),
        lies in prop::collection::vec((0u8..10, 0u8..4, 0u8..7, 0u8..6), 1..6),
        place in any::<prop::sample::Index>(),
    ) {
        let scene = Scene::of(size);
        let mut honest = scene.good(has_tree);
        if !knows_ranges {
            honest.manner = Manner::NoRanges;
        }
        if !says_size {
            honest.says = None;
        }
        let mut shelves: Vec<Shelf> =
            lies.into_iter().enumerate().map(|(number, lies)| liar(&scene, number, lies)).collect();
        shelves.insert(place.index(shelves.len() + 1), honest);
        let pace = Pace { least: 1, window: Duration::from_millis(50) };
        let fetch = Fetch { most_bytes: MOST, pace, ..scene.fetch() };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (fetched, blamed) = runtime.block_on(scene.run(&fetch, &shelves));
        scene.require_fetched(fetched, "the law");
        prop_assert!(blamed.iter().all(|(name, _)| name != "good"), "{:?}", blamed);
    }
    #[test]
    fn h08_t07_after_a_turn_of_each_who_needs_the_least_time_goes_on(
        sources in prop::collection::vec((1u64..=MOST, LEAST..1_000_000), 1..20),
    ) {
        let mut turns = turns_of(sources.iter().map(|(said, _)| *said));
        let slower = |a: &(u64, u64), b: &(u64, u64)| {
            let cross = |a: &(u64, u64), b: &(u64, u64)| u128::from(a.0) * u128::from(b.1);
            cross(a, b).cmp(&cross(b, a))
        };
        let (best, mut tries) = (sources.iter().copied().min_by(slower).unwrap(), 0);
        while let Some((turn, asked)) = turns.take_next() {
            tries += 1;
            let (said, bytes) = sources[turn.source.name().parse::<usize>().unwrap()];
            if bytes >= asked.least && slower(&(said, bytes), &best).is_eq() {
                break;
            }
            if bytes < asked.least {
                let slow = Fault::TooSlow { bytes, seconds: 1, least: asked.least };
                prop_assert_eq!(turns.set_back(turn, slow), Ok(()), "nobody was too slow for a source");
            }
        }
        prop_assert!(tries <= sources.len() + 1, "{} turns", tries);
    }

    #[test]
    fn h08_t07_who_is_always_a_little_too_slow_has_few_turns(
        sizes in prop::collection::vec(1u64..=MOST, 1..20),
    ) {
        let (mut turns, mut tries) = (turns_of(sizes.iter().copied()), 0);
        while let Some((turn, asked)) = turns.take_next() {
            tries += 1;
            let slow = Fault::TooSlow { bytes: asked.least - 1, seconds: 1, least: asked.least };
            let given_up = turns.set_back(turn, slow).is_err();
            prop_assert_eq!(given_up, asked.least == LEAST, "for its pace, and for nothing else");
        }
        prop_assert!(tries <= sizes.len() * 8, "{} turns of {}", tries, sizes.len());
    }
}

/// The least pace in the laws of turns.
const LEAST: u64 = 100;

/// A turn for each of some sources, which say these sizes and are called by their number.
fn turns_of(sizes: impl Iterator<Item = u64>) -> Turns {
    let scene = Scene::of(1);
    let turns = sizes.enumerate().map(|(number, said)| {
        let source = Shelf { name: number.to_string(), says: Some(said), ..scene.good(false) };
        (Arc::new(source) as Arc<dyn ArtifactSource>, Some(said))
    });
    let pace = Pace { least: LEAST, window: Duration::from_secs(1) };
    Turns::new(turns, &Fetch { most_bytes: MOST, pace, ..scene.fetch() })
}
