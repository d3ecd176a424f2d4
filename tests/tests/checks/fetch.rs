//! Fetching from mirrors that behave well and badly: what arrives is the release, or nothing does, and whoever misbehaved is
//! known by name.

use bao_tree::{BlockSize, io::outboard::PreOrderMemOutboard};
use primitives::{BuildHash, Digest};
use rand::RngCore as _;
use sha2::{Digest as _, Sha256};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tests::mirror::{MirrorBehaviour, MirrorServer as Server};
use update::{
    ArtifactSource, DownloadedRelease, Fetch, FetchProgress, Mirror, Pace, Sources, Tell, UpdateError, fetch_release,
    silent,
};

/// Bytes of the artifact: many groups, and a short one at the end.
const SIZE: usize = 3 * 1024 * 1024 + 777;
/// Bytes of a piece of it, as sources are asked for: three of them, and what is over.
const PIECE: u64 = 1024 * 1024;
/// How slow a mirror may be where none is on purpose: no load of the machine makes one slower.
const PACE: Pace = Pace { least: 1000, window: Duration::from_secs(60) };
/// Where one is, and good ones stand beside it that are not to be taken for slow.
const BRISK: Pace = Pace { window: Duration::from_secs(5), ..PACE };
/// Where each is.
const HASTY: Pace = Pace { window: Duration::from_secs(1), ..PACE };

/// A folder with an artifact and its tree, as a mirror has them, and a place to fetch to.
struct Place {
    folder: tempfile::TempDir,
    data: Vec<u8>,
    hash: BuildHash,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut data = vec![0; SIZE];
        rand::thread_rng().fill_bytes(&mut data);
        let outboard = PreOrderMemOutboard::create(&data, BlockSize::from_chunk_log(4));
        let hash = BuildHash(*outboard.root.as_bytes());
        std::fs::create_dir(folder.path().join("mirror")).unwrap();
        let place = Self { folder, data, hash };
        std::fs::write(place.served(".bin"), &place.data).unwrap();
        std::fs::write(place.served(".bin.obao4"), &outboard.data).unwrap();
        place
    }

    fn served(&self, suffix: &str) -> PathBuf {
        self.folder.path().join("mirror").join(format!("{}{suffix}", self.hash))
    }

    fn server(&self, conduct: MirrorBehaviour) -> Server {
        Server::of(&self.folder.path().join("mirror"), conduct).unwrap()
    }

    fn plain_server(&self, conduct: MirrorBehaviour) -> Server {
        Server::serve([(format!("{}.bin", self.hash), self.served(".bin"))], conduct).unwrap()
    }

    fn fetch(&self) -> Fetch {
        Fetch {
            hash: self.hash,
            size: Some(SIZE as u64),
            sha256: Some(Digest(Sha256::digest(&self.data).into())),
            most_bytes: 1 << 30,
            destination: self.folder.path().join("out/release.bin"),
            pace: PACE,
        }
    }

    /// What lies in the folder that is fetched to.
    fn left(&self) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(self.folder.path().join("out")) else { return Vec::new() };
        entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect()
    }

    fn require_fetched(&self, fetched: Result<DownloadedRelease, UpdateError>) {
        let fetched = fetched.unwrap();
        assert_eq!(std::fs::read(&fetched.path).unwrap(), self.data);
        assert_eq!((fetched.release.build_hash, fetched.release.size), (self.hash, SIZE as u64));
        assert_eq!(fetched.release.sha256, self.fetch().sha256.unwrap());
        assert_eq!(self.left(), ["release.bin"], "nothing else is left");
    }

    /// Fetches from one mirror that behaves badly, which must fail with a code and leave nothing.
    async fn require_refused(&self, conduct: MirrorBehaviour, code: &str) {
        self.require_refused_at(PACE, conduct, code).await;
    }

    async fn require_refused_at(&self, pace: Pace, conduct: MirrorBehaviour, code: &str) {
        let fetch = Fetch { pace, ..self.fetch() };
        for server in [self.server(conduct), self.plain_server(conduct)] {
            let error = fetch_release(&fetch, sources(&[&server]), silent()).await.unwrap_err();
            assert_eq!(error.code(), code, "{conduct:?}: {error}");
            assert!(error.to_string().contains(&server.url), "{error} should name the source");
            assert_eq!(self.left(), Vec::<String>::new(), "{conduct:?}");
        }
    }
}

fn sources(servers: &[&Server]) -> Sources {
    servers.iter().map(|server| Arc::new(Mirror::open(&server.url).unwrap()) as Arc<dyn ArtifactSource>).collect()
}

/// Everything that is told, to be looked at afterwards.
fn listen() -> (Tell, Arc<Mutex<Vec<FetchProgress>>>) {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let told = heard.clone();
    (Arc::new(move |progress| told.lock().unwrap().push(progress)), heard)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_release_comes_from_every_kind_of_honest_mirror() {
    let place = Place::new();
    for conduct in [MirrorBehaviour::Good, MirrorBehaviour::NoRanges] {
        for server in [place.server(conduct), place.plain_server(conduct)] {
            let (tell, heard) = listen();
            place.require_fetched(fetch_release(&place.fetch(), sources(&[&server]), tell).await);
            let heard = heard.lock().unwrap();
            let blamed = heard.iter().find(|event| matches!(event, FetchProgress::SourceFailed { .. }));
            assert_eq!(blamed, None, "{conduct:?}: nobody did anything wrong");
            std::fs::remove_file(place.fetch().destination).unwrap();
        }
    }
    let unknown_size = Fetch { size: None, sha256: None, ..place.fetch() };
    place.require_fetched(
        fetch_release(&unknown_size, sources(&[&place.server(MirrorBehaviour::Good)]), silent()).await,
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn several_mirrors_share_the_work() {
    let place = Place::new();
    let servers = [place.server(MirrorBehaviour::Good), place.server(MirrorBehaviour::Good)];
    place.require_fetched(fetch_release(&place.fetch(), sources(&[&servers[0], &servers[1]]), silent()).await);
    let sent: Vec<u64> = servers.iter().map(Server::sent).collect();
    assert!(sent.iter().sum::<u64>() < SIZE as u64 + SIZE as u64 / 8, "nothing is fetched twice: {sent:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn t01_other_bytes_are_refused_and_blamed() {
    let place = Place::new();
    for offset in [0, 20_000, SIZE as u64 - 1] {
        for server in
            [place.server(MirrorBehaviour::OtherByte(offset)), place.plain_server(MirrorBehaviour::OtherByte(offset))]
        {
            let error = fetch_release(&place.fetch(), sources(&[&server]), silent()).await.unwrap_err();
            assert_eq!(error.code(), "E_ARBITRARY", "{error}");
            assert_eq!(place.left(), Vec::<String>::new());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn t01_a_tree_that_leads_elsewhere_is_blamed() {
    let place = Place::new();
    let server = place.server(MirrorBehaviour::OtherTree);
    let error = fetch_release(&place.fetch(), sources(&[&server]), silent()).await.unwrap_err();
    assert_eq!(error.code(), "E_ARBITRARY", "{error}");
    assert_eq!(place.left(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn t04_a_record_that_mixes_two_releases_is_refused() {
    let place = Place::new();
    let fetch = Fetch { sha256: Some(Digest([7; 32])), ..place.fetch() };
    for server in [place.server(MirrorBehaviour::Good), place.plain_server(MirrorBehaviour::Good)] {
        let error = fetch_release(&fetch, sources(&[&server]), silent()).await.unwrap_err();
        assert_eq!(error.code(), "E_MIXMATCH", "{error}");
        assert_eq!(place.left(), Vec::<String>::new());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn t06_a_stream_without_an_end_is_cut_off() {
    let place = Place::new();
    let server = place.plain_server(MirrorBehaviour::Endless);
    let error = fetch_release(&place.fetch(), sources(&[&server]), silent()).await.unwrap_err();
    assert_eq!(error.code(), "E_ENDLESS", "{error}");
    assert_eq!(place.left(), Vec::<String>::new());
    let unknown = Fetch { size: None, most_bytes: 4 << 20, ..place.fetch() };
    let error = fetch_release(&unknown, sources(&[&server]), silent()).await.unwrap_err();
    assert_eq!(error.code(), "E_ENDLESS", "{error}");
    assert_eq!(place.left(), Vec::<String>::new());
    let small = Fetch { size: None, most_bytes: 1 << 20, ..place.fetch() };
    let error = fetch_release(&small, sources(&[&place.server(MirrorBehaviour::Good)]), silent()).await.unwrap_err();
    assert_eq!(error.code(), "E_ENDLESS", "{error}");
    assert!(error.to_string().contains("1048576 are fetched at most"), "{error}");
    let large = Fetch { size: Some(SIZE as u64), ..small };
    let error = fetch_release(&large, sources(&[&place.server(MirrorBehaviour::Good)]), silent()).await.unwrap_err();
    assert!(matches!(error, UpdateError::TooLarge { most: 1_048_576, .. }), "{error}");
    assert_eq!(place.left(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn t07_a_slow_mirror_is_left_for_a_good_one() {
    let place = Place::new();
    let (slow, good) = (place.server(MirrorBehaviour::Drip(1000)), place.server(MirrorBehaviour::Good));
    let (tell, heard) = listen();
    let fetch = Fetch { pace: BRISK, ..place.fetch() };
    place.require_fetched(fetch_release(&fetch, sources(&[&slow, &good]), tell).await);
    let heard = heard.lock().unwrap();
    let blamed = |progress: &FetchProgress| matches!(progress, FetchProgress::SourceFailed { source, code: "E_SLOW", .. } if *source == slow.url);
    assert!(heard.iter().any(blamed), "{heard:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn t07_a_slow_and_a_silent_mirror_alone_end_in_time() {
    let place = Place::new();
    place.require_refused_at(HASTY, MirrorBehaviour::Drip(1000), "E_SLOW").await;
    place.require_refused_at(HASTY, MirrorBehaviour::Silent, "E_SLOW").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn t10_one_good_mirror_of_many_is_enough() {
    let place = Place::new();
    let bad = [
        place.server(MirrorBehaviour::Status(404)),
        place.server(MirrorBehaviour::Status(500)),
        place.server(MirrorBehaviour::OtherTree),
        place.server(MirrorBehaviour::RedirectLoop),
        place.server(MirrorBehaviour::WrongLength),
        place.server(MirrorBehaviour::Compressed),
        place.server(MirrorBehaviour::OtherByte(9)),
    ];
    let good = place.server(MirrorBehaviour::Good);
    let servers: Vec<&Server> = bad.iter().chain([&good]).collect();
    let (tell, heard) = listen();
    place.require_fetched(fetch_release(&place.fetch(), sources(&servers), tell).await);
    let heard = heard.lock().unwrap();
    let blamed = |url: &str| {
        heard.iter().any(|event| matches!(event, FetchProgress::SourceFailed { source, .. } if source == url))
    };
    assert!(!blamed(&good.url), "{heard:?}");
    assert!(bad[1..6].iter().all(|server| blamed(&server.url)), "{heard:?}");
}

/// What the mirrors did that were blamed, each by its address.
fn blamed(heard: &Mutex<Vec<FetchProgress>>) -> Vec<(String, &'static str)> {
    let heard = heard.lock().unwrap();
    let of = |event: &FetchProgress| match event {
        FetchProgress::SourceFailed { source, code, .. } => Some((source.clone(), *code)),
        _ => None,
    };
    heard.iter().filter_map(of).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn h08_t10_one_good_mirror_is_enough_where_no_size_is_on_chain() {
    let place = Place::new();
    let size = SIZE as u64;
    let unknown = Fetch { size: None, sha256: None, most_bytes: 1 << 62, ..place.fetch() };
    // More than is fetched, more than any disk has, a byte up and down, nothing at all.
    for says in [1 << 63, 1 << 61, size + 1, size - 1, 0] {
        for liars_first in [true, false] {
            for with_tree in [true, false] {
                let serve = |conduct| if with_tree { place.server(conduct) } else { place.plain_server(conduct) };
                let (liar, good) = (serve(MirrorBehaviour::Announces(says)), serve(MirrorBehaviour::Good));
                let servers = if liars_first { [&liar, &good] } else { [&good, &liar] };
                let (tell, heard) = listen();
                place.require_fetched(fetch_release(&unknown, sources(&servers), tell).await);
                let names: Vec<String> = blamed(&heard).into_iter().map(|(name, _)| name).collect();
                assert_eq!(
                    names,
                    std::slice::from_ref(&liar.url),
                    "{says} said, tree: {with_tree}, first: {liars_first}"
                );
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn h08_t10_liars_of_every_kind_before_the_good_mirror_do_not_keep_it_from_serving() {
    let place = Place::new();
    let size = SIZE as u64;
    let (too_large, no_room) = (MirrorBehaviour::Announces(1 << 63), MirrorBehaviour::Announces(1 << 61));
    // The bytes of the last two are right: without a tree, they are not before the good one.
    let kinds = [
        too_large,
        no_room,
        MirrorBehaviour::Status(404),
        MirrorBehaviour::Status(500),
        MirrorBehaviour::RedirectLoop,
        MirrorBehaviour::WrongLength,
        MirrorBehaviour::Compressed,
        MirrorBehaviour::OtherByte(9),
        MirrorBehaviour::OtherByte(size - 1),
        MirrorBehaviour::Endless,
        MirrorBehaviour::Silent,
        MirrorBehaviour::BreaksAfter(10),
        MirrorBehaviour::Announces(size - 1),
        MirrorBehaviour::Announces(size + 1),
        MirrorBehaviour::OtherTree,
    ];
    let unknown = Fetch { size: None, sha256: None, most_bytes: 1 << 62, pace: BRISK, ..place.fetch() };
    for with_tree in [true, false] {
        let serve = |conduct| if with_tree { place.server(conduct) } else { place.plain_server(conduct) };
        let bad: Vec<Server> = kinds[..if with_tree { 15 } else { 13 }].iter().copied().map(serve).collect();
        let good = serve(MirrorBehaviour::Good);
        let servers: Vec<&Server> = bad.iter().chain([&good]).collect();
        let (tell, heard) = listen();
        place.require_fetched(fetch_release(&unknown, sources(&servers), tell).await);
        let blamed = blamed(&heard);
        assert!(blamed.iter().all(|(name, _)| *name != good.url), "tree: {with_tree}: {blamed:?}");
        // Who says what cannot be is known for it, wherever the bytes came from.
        for (server, code) in bad.iter().zip(["E_ENDLESS", "E_DISK_FULL"]) {
            assert!(blamed.contains(&(server.url.clone(), code)), "tree: {with_tree}: {blamed:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn t10_what_each_mirror_did_is_told_by_its_own_code() {
    let place = Place::new();
    place.require_refused(MirrorBehaviour::Status(404), "E_NOT_HELD").await;
    place.require_refused(MirrorBehaviour::Status(500), "E_STATUS").await;
    place.require_refused(MirrorBehaviour::RedirectLoop, "E_REDIRECT").await;
    place.require_refused(MirrorBehaviour::WrongLength, "E_SIZE").await;
    place.require_refused(MirrorBehaviour::BreaksAfter(0), "E_BROKEN").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn t16_nobody_there_and_nobody_named_are_told_apart() {
    let place = Place::new();
    // A server that has just ended may still take a connection, to break it.
    let gone = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    let source: Sources = vec![Arc::new(Mirror::open(&gone).unwrap())];
    let error = fetch_release(&place.fetch(), source, silent()).await.unwrap_err();
    assert_eq!(error.code(), "E_SILENT", "{error}");
    let error = fetch_release(&place.fetch(), Sources::new(), silent()).await.unwrap_err();
    assert_eq!(error.code(), "E_NO_SOURCE", "{error}");
    assert_eq!(place.left(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn t28_a_compressed_transfer_is_refused() {
    Place::new().require_refused(MirrorBehaviour::Compressed, "E_ARCHIVE").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_transfer_is_gone_on_with_where_it_broke() {
    let place = Place::new();
    let server = place.server(MirrorBehaviour::BreaksAfter(900_000));
    place.require_fetched(fetch_release(&place.fetch(), sources(&[&server]), silent()).await);
    assert!(server.sent() < 2 * SIZE as u64, "{} bytes for {SIZE}", server.sent());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_failed_fetch_verified_is_kept_for_the_next_and_judged_anew() {
    let place = Place::new();
    let failing = Arc::new(place.server(MirrorBehaviour::Good));
    let told = failing.clone();
    // It refuses whatever is asked for once two pieces are there: two are asked for at a time, so the last one never was until then.
    let tell: Tell = Arc::new(move |progress| {
        if matches!(progress, FetchProgress::Advanced { bytes, .. } if bytes >= 2 * PIECE) {
            told.behave(MirrorBehaviour::Status(503));
        }
    });
    let error = fetch_release(&place.fetch(), sources(&[&failing]), tell).await.unwrap_err();
    let UpdateError::SourcesFailed { kept, .. } = error else { panic!("{error}") };
    assert!(kept >= 2 * PIECE, "{kept} bytes are kept");
    let part = place.folder.path().join("out/release.bin.part");
    let mut lies = std::fs::read(&part).unwrap();
    // Somebody spoils the first 16 KiB that are there meanwhile.
    let first = lies.iter().position(|byte| *byte != 0).unwrap();
    lies[first] ^= 1;
    std::fs::write(&part, &lies).unwrap();
    let (tell, heard) = listen();
    let good = place.server(MirrorBehaviour::Good);
    place.require_fetched(fetch_release(&place.fetch(), sources(&[&good]), tell).await);
    let resumed = heard.lock().unwrap().iter().find_map(|event| match event {
        FetchProgress::Started { resumed, .. } => Some(*resumed),
        _ => None,
    });
    assert_eq!(resumed, Some(kept - 16 * 1024));
    // The tree has 64 bytes for each 16 KiB, and a piece is fetched from the first bytes on that it lacks.
    let tree = SIZE as u64 / 256;
    assert!(good.sent() <= SIZE as u64 - kept + PIECE + tree, "{} bytes are fetched, {kept} were kept", good.sent());
}

#[tokio::test(flavor = "multi_thread")]
async fn t28_links_and_folders_in_the_way_are_refused_untouched() {
    let place = Place::new();
    let out = place.folder.path().join("out");
    std::fs::create_dir(&out).unwrap();
    let precious = place.folder.path().join("precious");
    std::fs::write(&precious, b"precious").unwrap();
    std::os::unix::fs::symlink(&precious, out.join("release.bin.part")).unwrap();
    let server = place.server(MirrorBehaviour::Good);
    for server in [&server, &place.plain_server(MirrorBehaviour::Good)] {
        let error = fetch_release(&place.fetch(), sources(&[server]), silent()).await.unwrap_err();
        assert_eq!(error.code(), "E_DISK", "{error}");
    }
    assert_eq!(std::fs::read(&precious).unwrap(), b"precious");
    std::fs::remove_file(out.join("release.bin.part")).unwrap();
    std::fs::create_dir_all(out.join("release.bin/in the way")).unwrap();
    let error = fetch_release(&place.fetch(), sources(&[&server]), silent()).await.unwrap_err();
    assert_eq!(error.code(), "E_DISK", "{error}");
    assert_eq!(place.left(), ["release.bin"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_is_too_small_is_said_before_anything_is_written() {
    let place = Place::new();
    let beyond = Fetch { size: Some(1 << 60), most_bytes: u64::MAX, ..place.fetch() };
    let error =
        fetch_release(&beyond, sources(&[&place.plain_server(MirrorBehaviour::NoRanges)]), silent()).await.unwrap_err();
    // The mirror says another size, which is found first; without a word from it, the disk is.
    assert!(["E_SIZE", "E_DISK_FULL"].contains(&error.code()), "{error}");
    assert_eq!(place.left(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_nobody_may_write_to_is_said() {
    let place = Place::new();
    let fetch = Fetch { destination: "/proc/the-block/release.bin".into(), ..place.fetch() };
    let error = fetch_release(&fetch, sources(&[&place.server(MirrorBehaviour::Good)]), silent()).await.unwrap_err();
    assert_eq!(error.code(), "E_DISK", "{error}");
    assert!(error.to_string().contains("/proc/the-block"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tls_connection_that_cannot_be_trusted_is_refused() {
    let place = Place::new();
    let tls = openssl_server(place.folder.path());
    let source: Sources = vec![Arc::new(Mirror::open(&format!("https://localhost:{}", tls.port)).unwrap())];
    let error = fetch_release(&place.fetch(), source, silent()).await.unwrap_err();
    assert_eq!(error.code(), "E_TLS", "{error}");
    assert_eq!(place.left(), Vec::<String>::new());
}

/// A TLS server of others, with a certificate that nobody signed.
struct OpensslServer {
    port: u16,
    process: std::process::Child,
}

impl Drop for OpensslServer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn openssl_server(folder: &Path) -> OpensslServer {
    let (key, certificate) = (folder.join("tls.key"), folder.join("tls.pem"));
    let made = std::process::Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ed25519", "-nodes", "-days", "2", "-subj", "/CN=localhost"])
        .args(["-addext", "subjectAltName=DNS:localhost", "-keyout"])
        .arg(&key)
        .arg("-out")
        .arg(&certificate)
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let port = tests::network::free_base_port(1).unwrap();
    let mut process = std::process::Command::new("openssl")
        .args(["s_server", "-WWW", "-accept", &port.to_string(), "-key"])
        .arg(&key)
        .arg("-cert")
        .arg(&certificate)
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    // It says ACCEPT once it listens.
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(process.stdout.take().unwrap()));
    assert!(lines.any(|line| line.is_ok_and(|line| line.contains("ACCEPT"))));
    OpensslServer { port, process }
}
