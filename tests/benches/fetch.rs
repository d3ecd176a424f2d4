//! Fetching a release with verification, beside `curl` of the same file and `b3sum` after it, from the same mirror on loopback.
//!
//!     cargo bench --profile dev --workspace --bench fetch

use anyhow::{Context as _, ensure};
use serde_json::Value;
use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tests::mirror::{MirrorBehaviour, MirrorServer};
use tests::quick::unless_quick;
use tests::{Contract, memory};

const MIB: u64 = 1 << 20;
/// MiB of the artifact whose transfer is timed, and with `QUICK`.
const TIMED: (u64, u64) = (1024, 256);
/// MiB of the artifact whose transfer must not need memory, and with `QUICK`.
const LARGE: (u64, u64) = (2048, 512);
/// Transfers of each kind, one after the other in turn, and with `QUICK`.
const ROUNDS: (usize, usize) = (5, 3);

fn main() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let (timed, large) = (unless_quick(TIMED.0, TIMED.1), unless_quick(LARGE.0, LARGE.1));
    let rounds = unless_quick(ROUNDS.0, ROUNDS.1);
    let (mirror, hash) = served(dir.path(), timed * MIB)?;
    let out = dir.path().join("out.bin");
    let (mut curl, mut both, mut fetch) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..rounds {
        let began = Instant::now();
        run(Command::new("curl").args(["-s", "-f", "-o"]).arg(&out).arg(format!("{}/{hash}.bin", mirror.url)))?;
        curl.push(began.elapsed());
        run(Command::new("b3sum").arg(&out).stdout(Stdio::null()))?;
        both.push(began.elapsed());
        std::fs::remove_file(&out)?;
        let began = Instant::now();
        run(&mut fetching(dir.path(), &mirror, &hash, &out)?)?;
        fetch.push(began.elapsed());
        std::fs::remove_file(&out)?;
    }
    let (curl, both, fetch) = (median(curl), median(both), median(fetch));
    println!("{timed} MiB from one mirror on loopback, median of {rounds}");
    println!("  curl                        {curl:.3?}");
    println!("  curl, then b3sum            {both:.3?}");
    println!("  contract gov fetch-release  {fetch:.3?}");
    println!("  throughput beside curl              {:.2}", curl.as_secs_f64() / fetch.as_secs_f64());
    println!("  throughput beside curl, then b3sum  {:.2}", both.as_secs_f64() / fetch.as_secs_f64());
    drop(mirror);
    std::fs::remove_dir_all(dir.path().join("mirror"))?;

    let (mirror, hash) = served(dir.path(), large * MIB)?;
    let (status, most) = memory::most_of(fetching(dir.path(), &mirror, &hash, &out)?)?;
    ensure!(status.success(), "the large artifact was not fetched");
    println!("{large} MiB: at most {:.1} MiB were resident", most as f64 / MIB as f64);
    Ok(())
}

/// A mirror with an artifact of a size.
fn served(dir: &Path, size: u64) -> anyhow::Result<(MirrorServer, String)> {
    let path = dir.join("artifact");
    let mut file = File::create(&path)?;
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut chunk = vec![0; MIB as usize];
    for _ in 0..size / MIB {
        for eight in chunk.chunks_exact_mut(8) {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            eight.copy_from_slice(&state.to_le_bytes());
        }
        file.write_all(&chunk)?;
    }
    drop(file);
    let served = dir.join("mirror");
    let arguments = ["release", "publish", &path.display().to_string(), "--dest", &served.display().to_string()];
    let published: Value = Contract::at("http://127.0.0.1:9")?.json(&arguments)?;
    std::fs::remove_file(&path)?;
    let hash = published["build_hash"].as_str().context("no hash")?.to_owned();
    Ok((MirrorServer::of(&served, MirrorBehaviour::Good)?, hash))
}

fn fetching(home: &Path, mirror: &MirrorServer, hash: &str, out: &Path) -> anyhow::Result<Command> {
    let (home, out) = (home.display().to_string(), out.display().to_string());
    let contract = Contract::at("http://127.0.0.1:9")?;
    Ok(contract.command(&[
        "gov",
        "fetch-release",
        "--hash",
        hash,
        "--source",
        &mirror.url,
        "--dest",
        &out,
        "--home",
        &home,
    ]))
}

fn run(command: &mut Command) -> anyhow::Result<()> {
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status().context("cannot run a command")?;
    ensure!(status.success(), "{command:?} failed");
    Ok(())
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}
