//! What is left of a demo that is ended from outside?

use anyhow::{Context as _, ensure};
use rustix::process::Signal;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use tests::binaries;
use tests::processes::{children_of, ended, signal};

/// Runs a demo, has it end in the midst of a step, and requires that nothing of it is left: neither its nodes, of which there are so many
/// at least, nor what these or others started, nor its folder.
async fn killed(demo: &str, step: &str, nodes: usize) -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let folders = || -> anyhow::Result<usize> {
        let names = std::fs::read_dir(dir.path())?.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
        let names = names.collect::<std::io::Result<Vec<String>>>()?;
        Ok(names.iter().filter(|name| name.starts_with("the-block-demo-")).count())
    };
    let mut demo = Command::new(binaries::built(demo)?)
        .env("TMPDIR", dir.path())
        .env_remove("DEMO_DIR")
        .env_remove("ONCE")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let mut lines = BufReader::new(demo.stdout.take().context("no standard output")?).lines();
    // All nodes run by then, and the walk has a long way to go.
    let reached = lines.find(|line| line.as_ref().is_ok_and(|line| line.starts_with(step)));
    ensure!(reached.is_some(), "the demo ended by itself with {}", demo.wait()?);
    let mut started = children_of(demo.id())?;
    assert!(started.len() >= nodes, "{started:?}");
    for child in started.clone() {
        // One that has ended meanwhile has none.
        started.extend(children_of(child).unwrap_or_default());
    }
    assert_eq!(folders()?, 1);

    // What it says from here on is read by nobody, and must not keep it.
    std::thread::spawn(move || lines.for_each(drop));
    signal(demo.id(), Signal::TERM)?;
    let status = tokio::task::spawn_blocking(move || demo.wait()).await??;
    assert!(status.code().is_some_and(|code| code != 0), "the walk was not over: {status}");
    for process in started {
        ended(process).await?;
    }
    assert_eq!(folders()?, 0, "its folder is removed");
    Ok(())
}

#[tokio::test]
async fn o52_a_demo_that_is_killed_leaves_no_node_and_no_folder() -> anyhow::Result<()> {
    killed("demo", "2. ", 4).await
}

#[tokio::test]
async fn a_shop_that_is_killed_leaves_no_node_no_page_and_no_folder() -> anyhow::Result<()> {
    killed("demo_pos", "4. ", 2).await
}
