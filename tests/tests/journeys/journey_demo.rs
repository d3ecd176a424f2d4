//! What is left of a demo that is ended from outside?

use anyhow::{Context as _, ensure};
use rustix::process::Signal;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use tests::binaries;
use tests::processes::{children_of, ended, signal};

#[tokio::test]
async fn o52_a_demo_that_is_killed_leaves_no_node_and_no_folder() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let folders = || -> anyhow::Result<usize> {
        let names = std::fs::read_dir(dir.path())?.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
        let names = names.collect::<std::io::Result<Vec<String>>>()?;
        Ok(names.iter().filter(|name| name.starts_with("the-block-demo-")).count())
    };
    let mut demo = Command::new(binaries::built("demo")?)
        .env("TMPDIR", dir.path())
        .env_remove("DEMO_DIR")
        .env_remove("ONCE")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let mut lines = BufReader::new(demo.stdout.take().context("no standard output")?).lines();
    // All four nodes run by then, and the walk has a long way to go.
    let reached = lines.find(|line| line.as_ref().is_ok_and(|line| line.starts_with("2. ")));
    ensure!(reached.is_some(), "the demo ended by itself with {}", demo.wait()?);
    let nodes = children_of(demo.id())?;
    assert!(nodes.len() >= 4, "{nodes:?}");
    assert_eq!(folders()?, 1);

    // What it says from here on is read by nobody, and must not keep it.
    std::thread::spawn(move || lines.for_each(drop));
    signal(demo.id(), Signal::TERM)?;
    let status = tokio::task::spawn_blocking(move || demo.wait()).await??;
    assert!(status.code().is_some_and(|code| code != 0), "the walk was not over: {status}");
    for node in nodes {
        ended(node).await?;
    }
    assert_eq!(folders()?, 0, "its folder is removed");
    Ok(())
}
