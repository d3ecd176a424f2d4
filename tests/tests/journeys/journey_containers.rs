//! The image, built and run where an engine is: as another user than root, with nothing to write to but its home, without a shell.
//! The first stage, which fetches and compiles, is left out: the second one gets the programs of this workspace.

use anyhow::{Context as _, ensure};
use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use tests::binaries;
use tests::explorer::repository;
use tests::node::PATIENCE;

const PROGRAMS: [&str; 3] = ["the-block", "contract", "the-block-explorer"];
/// What stands for the image that the second stage begins with, and the image that comes of it.
const BASE: &str = "localhost/base";
const OURS: &str = "localhost/the-block";
/// Whoever an image of ours runs as.
const USER: &str = "65532:65532";

/// Podman with a store of its own, which needs no service.
struct Engine {
    folder: tempfile::TempDir,
    runtime: &'static str,
}

impl Engine {
    /// One that can run a program of the system's own here; else why there is none.
    fn find() -> anyhow::Result<Result<Self, String>> {
        if Command::new("podman").arg("--version").output().is_err() {
            return Ok(Err("podman is not installed".into()));
        }
        let mut engine = Self { folder: tempfile::Builder::new().prefix("pm-").tempdir_in("/tmp")?, runtime: "" };
        // What glibc and the C++ library are in the real base: what the programs are linked with here.
        let base = engine.folder.path().join("base");
        let linked = PROGRAMS.iter().map(|name| binaries::built(name)).collect::<anyhow::Result<Vec<_>>>()?;
        for program in linked.iter().map(|path| path.as_path()).chain([Path::new("/bin/true")]) {
            let listed = Command::new("ldd").arg(program).output().context("cannot run ldd")?;
            for library in String::from_utf8(listed.stdout)?.split_whitespace().filter(|word| word.starts_with('/')) {
                copy(Path::new(library), &base)?;
            }
        }
        copy(Path::new("/bin/true"), &base)?;
        fs::write(base.join("Containerfile"), "FROM scratch\nCOPY . /\n")?;
        let made = engine.podman(&["build", "--quiet", "--tag", BASE, &base.display().to_string()])?;
        if !made.status.success() {
            return Ok(Err(words(&made)));
        }
        let mut why = String::new();
        for runtime in ["crun", "runc"] {
            engine.runtime = runtime;
            let run = engine.podman(&["run", "--rm", "--network=none", BASE, "/bin/true"])?;
            if run.status.success() {
                return Ok(Ok(engine));
            }
            why = words(&run);
        }
        Ok(Err(why))
    }

    fn podman(&self, arguments: &[&str]) -> anyhow::Result<Output> {
        let mut command = Command::new("podman");
        let place = |name: &str| self.folder.path().join(name).display().to_string();
        command.args(["--root", &place("store"), "--runroot", &place("run"), "--storage-driver=vfs"]);
        if !self.runtime.is_empty() {
            command.args(["--runtime", self.runtime]);
        }
        // Not more than the caller has: raising a limit takes a right that it may lack.
        let limits = r#"default_ulimits = ["nofile=4096:4096", "nproc=1024:1024"]"#;
        fs::write(place("limits.conf"), format!("[containers]\n{limits}\n"))?;
        command.env("CONTAINERS_CONF", place("limits.conf"));
        command.args(arguments).output().context("cannot run podman")
    }

    /// What a command of the engine says, which must succeed.
    fn told(&self, arguments: &[&str]) -> anyhow::Result<String> {
        let output = self.podman(arguments)?;
        ensure!(output.status.success(), "podman {arguments:?}: {}", words(&output));
        Ok(String::from_utf8(output.stdout)?.trim().to_owned())
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        // What it mounted cannot be removed as files.
        let _ = self.podman(&["rm", "--all", "--force", "--time", "0"]);
        let _ = self.podman(&["rmi", "--all", "--force"]);
    }
}

fn words(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).trim().to_owned()
}

/// Copies a file to where it lies, below another root.
fn copy(file: &Path, root: &Path) -> anyhow::Result<()> {
    let to = root.join(file.strip_prefix("/")?);
    fs::create_dir_all(to.parent().context("no folder")?)?;
    // By another process, as everything that is executed later.
    let status = Command::new("cp").arg("-L").args([file, &to]).status().context("cannot run cp")?;
    ensure!(status.success(), "cannot copy {}", file.display());
    Ok(())
}

#[tokio::test]
async fn the_image_runs_a_node_as_nobody_in_particular_where_an_engine_is() -> anyhow::Result<()> {
    let engine = match Engine::find()? {
        Ok(engine) => engine,
        Err(why) => {
            eprintln!("no container can be run here, so that the image is only read: {why}");
            return Ok(());
        }
    };
    let text = |path: &Path| path.display().to_string();
    let context = engine.folder.path().join("context");
    PROGRAMS.iter().try_for_each(|name| binaries::copied(name, &context.join("out")).map(drop))?;
    let (context, file) = (text(&context), text(&repository().join("deploy/Containerfile")));
    // A context of the first stage's name goes before it.
    let (build, base) = (format!("--build-context=build={context}"), format!("--build-arg=RUN_IMAGE={BASE}"));
    let none = "--build-arg=RUST_IMAGE=localhost/none";
    engine.told(&["build", "-q", "--layers=false", "--tag", OURS, "--file", &file, &build, &base, none, &context])?;
    assert_eq!(engine.told(&["image", "inspect", "--format", "{{.Config.User}}", OURS])?, USER);

    let homes = engine.folder.path().join("homes");
    fs::create_dir(&homes)?;
    let mut confined = vec!["--network=none", "--read-only", "--cap-drop=all", "--security-opt=no-new-privileges"];
    if rustix::process::geteuid().is_root() {
        let status = Command::new("chown").arg(USER).arg(&homes).status()?;
        ensure!(status.success(), "the homes cannot be given to the image's user");
    } else {
        confined.push("--userns=keep-id:uid=65532,gid=65532");
    }
    let volume = format!("{}:/homes", text(&homes));
    let run = |more: &[&str]| engine.podman(&[&["run"][..], &confined, &["--volume", &volume], more].concat());
    let version = run(&["--rm", OURS, "version"])?;
    ensure!(version.status.success(), "{}", words(&version));
    ensure!(!run(&["--rm", "--entrypoint=/bin/sh", OURS, "-c", "true"])?.status.success(), "the image has a shell");

    let written = ["--rm", OURS, "testnet", "--nodes", "1", "--home", "/homes/network", "--host-pattern", "node{}"];
    let written = run(&written)?;
    ensure!(written.status.success(), "{}", words(&written));
    let node = run(&["--detach", "--name=node0", OURS, "supervise", "--home", "/homes/network/node0"])?;
    ensure!(node.status.success(), "{}", words(&node));
    // As compose.yaml asks, and as a balancer does.
    for path in ["health", "ready"] {
        let url = format!("http://127.0.0.1:26600/{path}");
        let begun = std::time::Instant::now();
        loop {
            let probe = engine.podman(&["exec", "node0", "/usr/local/bin/contract", "probe", &url])?;
            if probe.status.success() {
                break;
            }
            ensure!(begun.elapsed() < PATIENCE, "{}\n{}", words(&probe), words(&engine.podman(&["logs", "node0"])?));
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        }
    }
    engine.told(&["stop", "--time", "60", "node0"])?;
    assert_eq!(engine.told(&["inspect", "--format", "{{.State.ExitCode}}", "node0"])?, "0", "it was killed");
    Ok(())
}
