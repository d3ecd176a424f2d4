//! What a supervisor does about a build on trial: over a real socket, and with a real journal.

use super::own_node::Stray;
use super::*;
use host::variables::variable;
use primitives::{Height, Timestamp};
use rollout::{Compared, Doing, Exit, Seen};
use rpc::testing::MemoryNode;
use rpc::views::Health;
use rpc::{OperatorServer, serve_operator};
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::process::Stdio;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{UnixListener, UnixStream};
use tokio::process::{Child as Process, Command};
use tokio::time::timeout;
use update::{Journal, RealDisk, Slot};

const ON_TRIAL: BuildHash = BuildHash([2; 32]);
/// A window, in seconds: longer than what counts of a pause of this process, so that a busy machine is held against no build.
const WINDOW_S: u64 = 3;

/// A home whose slot B is on trial, with slot A to go back to; what lies there is no executable.
struct Scene {
    folder: TempDir,
    supervisor: Arc<Supervisor>,
}

impl Scene {
    fn set() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::at(folder.path());
        let releases = Releases::of(&home);
        for slot in Slot::ALL {
            fs::create_dir_all(releases.slot(slot)).unwrap();
            fs::write(releases.executable(slot), "a build").unwrap();
        }
        symlink("slots/b", releases.current()).unwrap();
        let mut journal = Journal::default();
        journal.step = Step::Trying { slot: Slot::B, hash: ON_TRIAL, from: Some(Slot::A), attempts: 0 };
        journal.save(&releases, &RealDisk).unwrap();
        let mut config = Config::default();
        config.validator.key = PathBuf::new();
        config.supervise.health_window_s = WINDOW_S;
        config.supervise.max_attempts = 2;
        let mut supervisor = Supervisor::new(home, config, runtime::testing::genesis(), None).unwrap();
        supervisor.own.patience = Duration::ZERO;
        Self { folder, supervisor: Arc::new(supervisor) }
    }

    /// Installs something into both slots that the chain of this home does not know; gives what is on trial.
    fn install(&self) -> BuildHash {
        let (releases, mut journal) = (self.supervisor.keeper.releases(), self.journal());
        for slot in Slot::ALL {
            let path = releases.executable(slot);
            fs::write(&path, format!("build {}", slot.letter())).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o555)).unwrap();
            journal.record(slot, MeasuredExecutable::open(&path).unwrap().hash());
        }
        let hash = journal.recorded(Slot::B).unwrap();
        journal.step = Step::Trying { slot: Slot::B, hash, from: Some(Slot::A), attempts: 0 };
        journal.save(releases, &RealDisk).unwrap();
        hash
    }

    fn socket(&self) -> PathBuf {
        self.folder.path().join(rpc::OPERATOR_SOCKET)
    }

    async fn served(&self, memory: &Arc<MemoryNode>) -> OperatorServer {
        serve_operator(&self.socket(), memory.clone(), Arc::new(|_, _: Duration, _| ())).await.unwrap()
    }

    /// A node that somebody else started on the home, whose chain goes on or stands still; it ends with what is given.
    async fn stray(&self, chain: &str) -> Process {
        let test = concat!(module_path!(), "::o04_serves_as_a_stray_for_another_test");
        let (_, test) = test.split_once("::").unwrap();
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .args(["--exact", test, "--ignored", "--nocapture"])
            .env(STRAY_AT, self.socket())
            .env(STRAY_CHAIN, chain);
        let mut stray = command.stdout(Stdio::null()).kill_on_drop(true).spawn().unwrap();
        let serves = async {
            while health::once(&self.supervisor.node, Duration::from_secs(1)).await == Seen::Silence {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::select! {
            ended = stray.wait() => panic!("the other node ended: {ended:?}"),
            served = timeout(Duration::from_secs(60), serves) => served.expect("the other node serves"),
        }
        stray
    }

    /// Waits until it is warned of another node.
    async fn warned_of(&self, stray: &Process) {
        let expected = stray.id().map(Stray::Process);
        let warned = async {
            while self.supervisor.own.said() != expected {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(Duration::from_secs(60), warned).await.expect("it is warned of the other one");
    }

    /// A listener at the socket that is no node.
    fn listener(&self) -> UnixListener {
        fs::create_dir(self.folder.path().join("run")).unwrap();
        UnixListener::bind(self.socket()).unwrap()
    }

    /// A node of which each question is answered by its method, with a result or with an error; gives what was asked.
    fn answering(&self, answer: impl Fn(&str) -> Option<Value> + Send + Sync + 'static) -> Arc<Mutex<Vec<String>>> {
        let (listener, answer, asked) = (self.listener(), Arc::new(answer), Arc::new(Mutex::new(Vec::new())));
        let seen = asked.clone();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (answer, seen) = (answer.clone(), seen.clone());
                tokio::spawn(async move {
                    let Some(question) = question(&mut stream).await else { return };
                    let method = question["method"].as_str().unwrap_or_default().to_owned();
                    let mut body = json!({ "jsonrpc": "2.0", "id": question["id"] });
                    match answer(&method) {
                        Some(result) => body["result"] = result,
                        None => body["error"] = json!({ "code": -32000, "message": "it does not say" }),
                    }
                    seen.lock().unwrap().push(method);
                    let body = body.to_string();
                    let head =
                        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length:";
                    let _ = stream.write_all(format!("{head} {}\r\n\r\n{body}", body.len()).as_bytes()).await;
                });
            }
        });
        asked
    }

    /// What answers every request with the same.
    fn saying(&self, answer: &'static str) {
        let listener = self.listener();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let _ = stream.read(&mut [0; 4096]).await;
                    let _ = stream.write_all(format!("HTTP/1.1 {answer}").as_bytes()).await;
                });
            }
        });
    }

    fn journal(&self) -> Journal {
        self.supervisor.keeper.journal().unwrap()
    }

    async fn settles(&self) {
        while self.journal().step != Step::Settled {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    fn written(&self) -> Vec<u8> {
        fs::read(self.supervisor.keeper.releases().journal()).unwrap()
    }

    /// What comes of the running build within so many windows; none when it goes on.
    async fn proves_itself(&self, windows: u64) -> Option<Option<Turn>> {
        let proving = self.supervisor.prove_itself(Before::default(), 0);
        timeout(Duration::from_secs(windows * WINDOW_S), proving).await.ok().map(Result::unwrap)
    }
}

/// What is asked by a POST; none of another request, or one that breaks off.
async fn question(stream: &mut UnixStream) -> Option<Value> {
    let (mut text, mut piece) = (Vec::new(), [0; 4096]);
    while !text.starts_with(b"GET") {
        let read = stream.read(&mut piece).await.ok().filter(|read| *read > 0)?;
        text.extend_from_slice(&piece[..read]);
        let head = text.windows(4).position(|end| end == b"\r\n\r\n");
        if let Some(asked) = head.and_then(|head| serde_json::from_slice(&text[head + 4..]).ok()) {
            return Some(asked);
        }
    }
    None
}

/// The health of a node that is well, and has a block more each time.
fn well() -> impl Fn() -> Value + Send + Sync + 'static {
    let height = AtomicU64::new(1);
    move || {
        let height = Height(height.fetch_add(1, Ordering::Relaxed));
        let health = Health {
            ok: true,
            height,
            block_time: Timestamp(0),
            block_age_ms: 0,
            catching_up: false,
            validating: true,
            peers: 0,
            pool_transactions: 0,
            halt: None,
            warnings: Vec::new(),
        };
        serde_json::to_value(health).unwrap()
    }
}

/// Waits until something was asked.
async fn asked(questions: &Mutex<Vec<String>>, method: &str) {
    while !questions.lock().unwrap().iter().any(|asked| asked == method) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn memory() -> Arc<MemoryNode> {
    Arc::new(MemoryNode::new(runtime::testing::genesis()))
}

/// Has a chain go on until it is told to stop, or the test ends.
fn move_on(memory: &Arc<MemoryNode>) -> tokio::task::JoinHandle<()> {
    let memory = memory.clone();
    tokio::spawn(async move {
        loop {
            memory.make_block();
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    })
}

/// Where a stray serves, and what its chain does: [`MOVES`] or [`STANDS`].
const STRAY_AT: &str = "TB_TEST_STRAY_AT";
const STRAY_CHAIN: &str = "TB_TEST_STRAY_CHAIN";
const MOVES: &str = "moves";
const STANDS: &str = "stands still";

/// A process that cannot be that of a node: the system gives no such number.
const NO_PROCESS: u32 = u32::MAX;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a process of its own for the tests that need a node which was not started here"]
async fn o04_serves_as_a_stray_for_another_test() {
    // All that is ignored may be run too.
    let Some(socket) = variable(STRAY_AT) else { return };
    let memory = memory();
    let observer = Arc::new(|_: &'static str, _: Duration, _: bool| ());
    let _node = serve_operator(Path::new(&socket), memory.clone(), observer).await.unwrap();
    let moves = variable(STRAY_CHAIN).is_some_and(|chain| chain == MOVES);
    // Until who started it ends it.
    loop {
        if moves {
            memory.make_block();
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn h14_a_build_on_trial_that_hangs_is_found_out_once_the_node_that_answered_in_its_place_is_gone() {
    let scene = Scene::set();
    let mut stray = scene.stray(MOVES).await;
    scene.supervisor.own.is(Some(NO_PROCESS));
    let gone = async {
        scene.warned_of(&stray).await;
        stray.kill().await.unwrap();
    };
    let (proven, ()) = tokio::join!(scene.proves_itself(30), gone);
    assert!(matches!(proven, Some(Some(Turn::Unwell(_)))), "the build itself never answers");
}

#[tokio::test(flavor = "multi_thread")]
async fn h14_what_a_node_lacks_that_somebody_else_started_is_held_against_no_build_and_what_it_has_for_none() {
    let scene = Scene::set();
    scene.supervisor.own.is(Some(NO_PROCESS));
    let before = scene.written();
    let stray = scene.stray(STANDS).await;
    tokio::select! {
        _ = scene.supervisor.prove_itself(Before::default(), 0) => panic!("it comes to an end by the other one"),
        () = scene.warned_of(&stray) => {}
    }
    assert!(scene.proves_itself(2).await.is_none(), "it is not this build's chain that stands still");
    let expected = format!("process {} answered in its place", stray.id().unwrap());
    // What it has, and what it lacks as well.
    for lack in [Lack::Health, Lack::Blocks(Height(0))] {
        let instead = scene.supervisor.compare(lack).await.unwrap_err();
        assert_eq!(instead.as_ref(), Some(&expected), "nor is it the build before that answers");
    }
    assert_eq!(scene.written(), before, "nothing was counted, marked or reported");
}

#[tokio::test(flavor = "multi_thread")]
async fn o04_a_node_that_somebody_else_started_on_the_home_is_neither_ready_nor_well_for_the_one_on_trial() {
    let (scene, memory) = (Scene::set(), memory());
    let mut stray = scene.stray(MOVES).await;
    let port = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let listen = port.local_addr().unwrap();
    let supervisor = scene.supervisor.clone();
    supervisor.own.is(Some(NO_PROCESS));
    let (told, mut ready) = tokio::sync::mpsc::unbounded_channel();
    let telling = tokio::spawn({
        let supervisor = supervisor.clone();
        async move { standing::tell_by(&supervisor, listen, move || told.send(()).is_ok()).await }
    });
    scene.warned_of(&stray).await;
    assert!(ready.try_recv().is_err(), "what answers is not the node that was started");
    assert!(scene.proves_itself(2).await.is_none(), "and shows nothing of the build on trial");
    assert!(ready.try_recv().is_err() && matches!(scene.journal().step, Step::Trying { attempts: 0, .. }));
    // The other one is gone, and the node itself answers.
    stray.kill().await.unwrap();
    supervisor.own.is(Some(std::process::id()));
    let _node = scene.served(&memory).await;
    let _going_on = move_on(&memory);
    timeout(Duration::from_secs(60), ready.recv()).await.expect("it is ready").expect("somebody tells it");
    assert!(matches!(scene.proves_itself(10).await, Some(None)), "it is well");
    telling.abort();
}

#[tokio::test]
async fn h14_a_chain_that_stands_still_is_put_to_the_proof_and_costs_no_attempt() {
    let (scene, memory) = (Scene::set(), memory());
    let _node = scene.served(&memory).await;
    let before = scene.written();
    let lack = match scene.proves_itself(10).await {
        Some(Some(Turn::Lacks(lack))) => lack,
        _ => panic!("a chain without blocks is neither well nor the build's fault"),
    };
    // The build before cannot be run here, so nothing is shown.
    let mut signals = Signals::listen().unwrap();
    let mut supervision = Supervision::default();
    assert!(scene.supervisor.put_to_proof(lack, &mut supervision, &mut signals).await.unwrap(), "nobody stops it");
    assert_eq!((supervision.open_comparisons(), supervision.last()), (1, None));
    assert!(scene.supervisor.give_up_if_exhausted(None).await.unwrap().is_none());
    assert_eq!(scene.written(), before, "nothing was counted, marked or reported");
}

#[tokio::test]
async fn h14_what_the_build_before_has_is_held_against_the_one_on_trial_and_nothing_else() {
    let (scene, memory) = (Scene::set(), memory());
    let _node = scene.served(&memory).await;
    let (node, lack) = (&scene.supervisor.node, Lack::Blocks(memory.make_block().at.height));
    let compared = health::compare(node, lack, Duration::from_secs(1)).await;
    assert_eq!(compared, None, "it stands still for both");
    let moving = move_on(&memory);
    let unwell = health::compare(node, lack, Duration::from_secs(10)).await.expect("it moves with the build before");
    moving.abort();
    assert!(unwell.to_string().contains("stands still at height 1"), "{unwell}");
}

#[tokio::test]
async fn h14_a_halt_that_ends_while_the_build_before_runs_costs_no_attempt() {
    let (scene, memory, mut supervision) = (Scene::set(), memory(), Supervision::default());
    let _node = scene.served(&memory).await;
    let before = scene.written();
    let Some(Some(Turn::Lacks(lack))) = scene.proves_itself(10).await else { panic!("the chain stands still") };
    let moving = move_on(&memory);
    let shown = health::compare(&scene.supervisor.node, lack, Duration::from_secs(10)).await;
    let compared = Compared::Against(shown.expect("it moves by the time that the build before runs"));
    let act = supervision.compared(lack, compared.clone());
    assert_eq!(scene.supervisor.apply(act).await.unwrap(), None);
    assert_eq!(scene.written(), before, "nothing was counted, marked or reported");
    assert!(matches!(scene.proves_itself(10).await, Some(None)), "it is run once more, and is well");
    moving.abort();
    assert_eq!(scene.written(), before);
    // One with which it stands still again is not.
    let act = supervision.compared(lack, compared);
    assert_eq!(scene.supervisor.apply(act).await.unwrap(), None);
    assert!(matches!(scene.journal().step, Step::Trying { attempts: 1, .. }), "{:?}", scene.journal());
}

#[tokio::test]
async fn h14_what_could_not_be_asked_leads_nowhere() {
    let scene = Scene::set();
    // A way to the socket that the system does not go.
    symlink("run", scene.folder.path().join("run")).unwrap();
    let before = scene.written();
    assert!(scene.proves_itself(4).await.is_none(), "four windows are over, and it goes on");
    assert!(scene.supervisor.give_up_if_exhausted(None).await.unwrap().is_none());
    assert_eq!(scene.written(), before, "nothing was counted, marked or reported");
}

#[tokio::test]
async fn h14_a_build_that_answers_its_supervisor_with_errors_is_compared_with_the_one_before() {
    let (refusing, garbled, busy) = (Scene::set(), Scene::set(), Scene::set());
    refusing.answering(|_| None);
    garbled.saying("200 OK\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}");
    busy.saying("503 Service Unavailable\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
    for scene in [&refusing, &garbled, &busy] {
        let before = scene.written();
        let Some(Some(Turn::Lacks(lack))) = scene.proves_itself(10).await else { panic!("it is on trial for ever") };
        assert_eq!(lack, Lack::Health);
        // The build before says no more, in the place where it runs: nothing is shown.
        let compared = health::compare(&scene.supervisor.node, lack, Duration::from_secs(1)).await;
        assert_eq!(compared, None);
        assert_eq!(scene.written(), before, "nothing was counted, marked or reported");
    }
    // It does, and that counts.
    let (scene, memory) = (Scene::set(), memory());
    let _node = scene.served(&memory).await;
    let unwell = health::compare(&scene.supervisor.node, Lack::Health, Duration::from_secs(10)).await.unwrap();
    assert!(unwell.to_string().contains("does not say how it is"), "{unwell}");
}

#[tokio::test]
async fn h14_a_build_on_trial_that_the_chain_of_this_home_does_not_know_yet_is_waited_for() {
    let scene = Scene::set();
    let on_trial = scene.install();
    let before = scene.written();
    for _ in 0..3 {
        let error = scene.supervisor.decide(None).await.unwrap_err();
        assert!(may_pass(&error) && error.to_string().contains(&on_trial.to_string()), "{error:#}");
    }
    assert_eq!(scene.written(), before, "nothing was counted, marked or reported");
    // What the build itself says of that is an attempt of its own, and no verdict of the chain.
    for code in [10, 14] {
        let ended = Ended::from(Exit::Code(code));
        assert!(scene.supervisor.judge(ended).await.unwrap().is_none());
    }
    let journal = scene.journal();
    assert!(matches!(journal.step, Step::Trying { hash, attempts: 2, .. } if hash == on_trial), "{journal:?}");
    assert!(journal.bad.is_empty() && journal.reports.is_empty(), "{journal:?}");
}

#[tokio::test]
async fn h14_a_build_that_hangs_is_given_up_after_its_attempts() {
    // One listens and never answers, the other does not even listen.
    let (deaf, absent) = (Scene::set(), Scene::set());
    let _listener = deaf.listener();
    for scene in [&deaf, &absent] {
        let mut last = None;
        for attempt in 1..=2 {
            assert!(scene.supervisor.give_up_if_exhausted(last.as_ref()).await.unwrap().is_none());
            assert!(scene.journal().bad.is_empty() && scene.journal().reports.is_empty());
            let Some(Some(Turn::Unwell(unwell))) = scene.proves_itself(10).await else { panic!("it hangs") };
            scene.supervisor.count(&unwell).await.unwrap();
            assert!(matches!(scene.journal().step, Step::Trying { attempts, .. } if attempts == attempt));
            last = Some(unwell);
        }
        let given_up = scene.supervisor.give_up_if_exhausted(last.as_ref()).await.unwrap();
        assert!(matches!(&given_up, Some(Conclusion::Refused(_, why)) if why.contains("2 attempts")), "{given_up:?}");
        let journal = scene.journal();
        assert!(journal.badness(&ON_TRIAL).unwrap().reason.contains("it hangs"), "{journal:?}");
        assert!(matches!(&journal.reports[..], [report] if report.hash == ON_TRIAL), "{journal:?}");
    }
}

#[tokio::test]
async fn h14_a_build_that_is_well_after_all_has_lost_nothing_by_a_halt() {
    let (scene, memory) = (Scene::set(), memory());
    let _node = scene.served(&memory).await;
    assert!(matches!(scene.proves_itself(10).await, Some(Some(Turn::Lacks(_)))));
    let before = scene.written();
    let moving = move_on(&memory);
    assert!(matches!(scene.proves_itself(10).await, Some(None)), "it is well");
    moving.abort();
    assert_eq!(scene.written(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn h14_a_supervisor_whose_node_fails_one_question_still_looks_for_releases() {
    let (scene, health) = (Scene::set(), well());
    let questions = scene.answering(move |method| (method == "node.health").then(&health));
    let life = scene.supervisor.life(ON_TRIAL, Before::default(), 0);
    let looked = async {
        tokio::select! {
            _ = life => panic!("nothing ends it"),
            // Either may come first: releases are looked for beside the trial.
            () = async { tokio::join!(asked(&questions, "gov.release_proof"), scene.settles()); } => {}
        }
    };
    timeout(Duration::from_secs(60), looked)
        .await
        .expect("it is well, and looks at what the chain says of the build that it started");
}

#[tokio::test(flavor = "multi_thread")]
async fn h14_a_release_is_looked_for_beside_a_trial_that_comes_to_no_end() {
    let scene = Scene::set();
    // There is none before it to compare.
    let mut journal = scene.journal();
    journal.step = Step::Trying { slot: Slot::B, hash: ON_TRIAL, from: None, attempts: 0 };
    journal.save(scene.supervisor.keeper.releases(), &RealDisk).unwrap();
    let questions = scene.answering(|_| None);
    let life = scene.supervisor.life(ON_TRIAL, Before::default(), 0);
    let looked = async {
        tokio::select! {
            _ = life => panic!("nothing ends it"),
            () = asked(&questions, "gov.release_proof") => {}
        }
    };
    timeout(Duration::from_secs(60), looked).await.expect("a fix may be there");
    assert!(matches!(scene.journal().step, Step::Trying { attempts: 0, .. }), "the trial goes on");
}

#[tokio::test]
async fn o20_whatever_a_build_on_trial_ends_with_is_its_own_if_the_build_before_goes_on() {
    let exit_codes = [0, 1, 2, 12, 101].map(|code| Ended::from(Exit::Code(code)));
    let ends = exit_codes.into_iter().chain([Ended::from(Exit::Signal(11))]).map(End::Ended);
    let hangs = Unwell::ended(Ended::Well);
    for end in ends.chain([End::NotStarted("Exec format error".into()), End::Unwell(hangs)]) {
        let scene = Scene::set();
        assert_eq!(scene.supervisor.answer_for(Doing::OfTheBuild, &end).await.unwrap(), None, "{end}: it lives");
        let journal = scene.journal();
        assert!(matches!(journal.step, Step::Trying { attempts: 1, .. }), "{end}: {journal:?}");
    }
}

#[tokio::test]
async fn o20_what_the_build_before_refuses_too_is_the_operators_and_what_ends_both_is_tried_again() {
    let (scene, misconfigured) = (Scene::set(), End::Ended(Ended::Misconfigured));
    let before = scene.written();
    let crashed = Ended::from(Exit::Code(1));
    for (ended, code) in [(Ended::Misconfigured, 2), (Ended::Damaged, 12)] {
        let concluded = scene.supervisor.answer_for(Doing::OfBoth(ended), &End::Ended(ended)).await.unwrap();
        assert!(matches!(concluded, Some(Conclusion::Refused(found, _)) if found == code), "{concluded:?}");
        // What only the one before refuses, because it was set for the one on trial, ends nobody.
        assert_eq!(scene.supervisor.answer_for(Doing::OfBoth(ended), &End::Ended(crashed)).await.unwrap(), None);
    }
    for doing in [Doing::OfBoth(crashed), Doing::Open("no answer".into())] {
        assert_eq!(scene.supervisor.answer_for(doing, &misconfigured).await.unwrap(), None);
    }
    assert_eq!(scene.written(), before, "nothing was counted, marked or reported");
}
