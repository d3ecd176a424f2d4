//! The image and the network of containers, read as engines read them: nothing comes in by a name that can move, nothing runs with
//! more than it needs, and each part finds the others. `journey_containers` runs them where an engine is.

use anyhow::{Context as _, ensure};
use cargo_metadata::MetadataCommand;
use host::config::Config;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use tests::binaries;
use tests::explorer::repository;

const NODES: [&str; 4] = ["node0", "node1", "node2", "node3"];

fn read(path: &str) -> anyhow::Result<String> {
    fs::read_to_string(repository().join(path)).with_context(|| path.to_owned())
}

/// A file in YAML, with its anchors and merges where they are used.
fn yaml(path: &str) -> anyhow::Result<Value> {
    let python = binaries::python();
    let output = Command::new(&python)
        .args(["-c", "import json, sys, yaml; json.dump(yaml.safe_load(open(sys.argv[1])), sys.stdout)"])
        .arg(repository().join(path))
        .output()
        .with_context(|| format!("no Python at {}; run scripts/setup.sh test", python.display()))?;
    ensure!(output.status.success(), "{path}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// The texts of a list.
fn texts(list: &Value) -> Vec<&str> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

/// The instructions of a Containerfile, one a line.
fn instructions(text: &str) -> Vec<String> {
    let lines = text.lines().filter(|line| !line.starts_with('#')).collect::<Vec<_>>().join("\n");
    let joined = lines.replace("\\\n", " ");
    joined.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned).collect()
}

#[test]
fn an_image_is_made_of_what_is_named_by_digest_and_has_no_shell_and_no_root() -> anyhow::Result<()> {
    let text = read("deploy/Containerfile")?;
    let all = instructions(&text);
    let stages: Vec<usize> = (0..all.len()).filter(|at| all[*at].starts_with("FROM ")).collect();
    assert_eq!(stages.len(), 2, "{all:?}");
    let (before, build, last) = (&all[..stages[0]], &all[stages[0]..stages[1]], &all[stages[1]..]);

    // Images are arguments without a default, so that none is taken by a tag.
    assert_eq!(before, ["ARG RUST_IMAGE", "ARG RUN_IMAGE"]);
    assert_eq!([&*build[0], &*last[0]], ["FROM ${RUST_IMAGE} AS build", "FROM ${RUN_IMAGE} AS run"]);
    let is_digit = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
    ensure!(!text.split("sha256:").skip(1).any(|after| after.starts_with(is_digit)), "a digest nobody was asked for");
    for instruction in &all {
        let word = instruction.split(' ').next().unwrap_or_default();
        ensure!(word != "ADD", "{instruction} may fetch what no digest names");
        ensure!(word != "ARG" || !instruction.contains('='), "{instruction} has a default");
    }
    let of_a_day = |line: &String| line.contains("snapshot.debian.org") && line.contains("$DEBIAN_SNAPSHOT");
    ensure!(build.iter().any(of_a_day), "Debian's packages are those of today");
    ensure!(build.iter().any(|line| line.contains("scripts/build_release.sh")), "it is not built as a release is");

    // Nothing runs in the last stage while it is built, because nothing is there that could.
    ensure!(!last.iter().any(|line| line.starts_with("RUN ")), "{last:?}");
    let said = |word: &str| -> Vec<&str> {
        last.iter().filter_map(|line| line.strip_prefix(word)?.strip_prefix(' ')).collect()
    };
    let copied = said("COPY");
    ensure!(copied.len() == 1 && copied[0].starts_with("--from=build /out/"), "{copied:?}");
    for program in ["the-block", "contract", "the-block-explorer"] {
        ensure!(copied[0].split(' ').any(|word| word == format!("/out/{program}")), "{program} is left out");
    }
    let users = said("USER");
    let user: u32 =
        users.first().and_then(|user| user.split(':').next()?.parse().ok()).context("no number of a user")?;
    ensure!(user != 0 && users.len() == 1, "{users:?}");
    assert_eq!(said("ENTRYPOINT"), ["[\"/usr/local/bin/the-block\"]"], "through a shell, signals would not arrive");
    let ports: BTreeSet<u16> = said("EXPOSE").concat().split(' ').filter_map(|port| port.parse().ok()).collect();
    let served = Config::default().listeners().into_iter().map(|(_, listener)| listener.address.port());
    assert_eq!(ports, served.chain([26_690]).collect::<BTreeSet<u16>>());
    Ok(())
}

#[test]
fn the_context_of_an_image_is_what_is_built_and_no_key() -> anyhow::Result<()> {
    let ignored = read(".containerignore")?;
    assert_eq!(ignored, read(".dockerignore")?, "one engine would see more than another");
    let rules: Vec<&str> = ignored.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    assert_eq!(rules.first(), Some(&"*"), "what is new in the tree comes in by itself");
    let taken: BTreeSet<&str> = rules.iter().filter_map(|rule| rule.strip_prefix('!')).collect();
    let manifest = repository().join("Cargo.toml");
    let options = ["--locked".to_string()];
    let workspace = MetadataCommand::new().manifest_path(&manifest).no_deps().other_options(options).exec()?;
    for package in &workspace.packages {
        let folder = package.manifest_path.strip_prefix(&workspace.workspace_root)?;
        let top = folder.components().next().context("a manifest above the workspace")?;
        ensure!(taken.contains(top.as_str()), "{top} is left out, without which {} is not built", package.name);
    }
    for needed in ["Cargo.lock", "Cargo.toml", "rust-toolchain.toml", "scripts"] {
        ensure!(taken.contains(needed), "{needed} is left out");
    }
    ensure!(rules.last() == Some(&"**/target") && rules.contains(&"**/*.key"), "keys, or what was built, come in");
    Ok(())
}

#[test]
fn rust_in_the_image_is_the_rust_of_the_tree() -> anyhow::Result<()> {
    let toolchain = read("rust-toolchain.toml")?;
    let channel = toolchain.split('"').nth(1).context("no channel")?.to_owned();
    let images = read("deploy/images.txt")?;
    let image = images.lines().find_map(|line| line.strip_prefix("RUST_IMAGE ")).context("no RUST_IMAGE")?;
    ensure!(image.contains(&format!(":{channel}-")), "{image} is not of Rust {channel}");
    let digests = images.lines().filter(|line| line.contains('@')).count();
    assert_eq!(digests, 0, "digests are asked for, and written into images.env");
    Ok(())
}

/// Runs scripts/image.sh with an engine that writes down what it is told; what it said, and what it was told.
fn image(folder: &Path, arguments: &[&str]) -> anyhow::Result<(Output, String)> {
    let engine = folder.join("engine");
    if !engine.exists() {
        let digest = "5".repeat(64);
        let draft = folder.join("draft");
        // Of each image it knows two names, as an engine does that has it from two registries.
        let text = format!(
            "#!/bin/sh\necho \"$*\" >>'{0}/told'\ncase \"$1 $2\" in 'image inspect')\n  for last; do :; done\n  \
             echo elsewhere.example/other@sha256:{1}\n  echo \"${{last%:*}}@sha256:{digest}\"\nesac\n",
            folder.display(),
            "0".repeat(64)
        );
        fs::write(&draft, text)?;
        binaries::put(&draft, &engine)?;
    }
    let output = Command::new(repository().join("scripts/image.sh"))
        .args(arguments)
        .env("ENGINE", &engine)
        .env("IMAGE_PINS", folder.join("images.env"))
        .output()?;
    let told = fs::read_to_string(folder.join("told")).unwrap_or_default();
    Ok((output, told))
}

#[test]
fn an_image_is_built_only_of_what_was_pinned() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let said = |output: &Output| String::from_utf8_lossy(&output.stderr).into_owned();
    let (unpinned, told) = image(folder.path(), &["build"])?;
    let asks = said(&unpinned).contains("scripts/image.sh pin");
    ensure!(unpinned.status.code() == Some(1) && asks, "{}", said(&unpinned));
    assert_eq!(told, "", "the engine is asked all the same");

    let (pinned, _) = image(folder.path(), &["pin"])?;
    ensure!(pinned.status.success(), "{}", said(&pinned));
    let pins = folder.path().join("images.env");
    let written = fs::read_to_string(&pins)?;
    let digest = format!("@sha256:{}", "5".repeat(64));
    for line in read("deploy/images.txt")?.lines().filter(|line| !line.starts_with('#')) {
        let (variable, image) = line.split_once(' ').context("no name")?;
        let (name, _) = image.rsplit_once(':').context("no tag")?;
        ensure!(written.contains(&format!("{variable}={name}{digest}\n")), "{variable}: {written}");
    }

    let (built, told) = image(folder.path(), &["build", "--tag", "mine", "--no-cache"])?;
    ensure!(built.status.success(), "{}", said(&built));
    let build = told.lines().find(|line| line.starts_with("build ")).context("nothing is built")?;
    let asked = ["--file deploy/Containerfile", "--tag mine", "--no-cache", "RUN_IMAGE=gcr.io/", "DEBIAN_SNAPSHOT=2"];
    for part in asked.into_iter().chain([digest.as_str()]) {
        ensure!(build.contains(part), "{part} is missing: {build}");
    }
    for (what, by) in [(digest.as_str(), ":nonroot"), ("DEBIAN_SNAPSHOT=2", "DEBIAN_SNAPSHOT=today")] {
        fs::write(&pins, written.replace(what, by))?;
        let (moving, _) = image(folder.path(), &["build"])?;
        ensure!(moving.status.code() == Some(1) && said(&moving).contains("is no"), "{by}: {}", said(&moving));
    }
    assert_eq!(image(folder.path(), &["bild"])?.0.status.code(), Some(2));
    Ok(())
}

/// What a program says of itself.
fn help(program: &str, sub: Option<&str>) -> anyhow::Result<String> {
    let output = Command::new(binaries::built(program)?).args(sub).arg("--help").output()?;
    ensure!(output.status.success(), "{program} {sub:?} is no command");
    Ok(String::from_utf8(output.stdout)?)
}

/// That a program takes what it is told: its first word as a command, if it is one, and each option.
fn takes(program: &str, words: &[&str]) -> anyhow::Result<()> {
    let sub = words.first().copied().filter(|word| !word.starts_with('-'));
    let help = help(program, sub)?;
    let options = words.iter().filter_map(|word| Some(word.strip_prefix("--")?.split('=').next().unwrap_or_default()));
    for option in options {
        ensure!(help.contains(&format!("--{option}")), "{program} {sub:?} takes no --{option}");
    }
    Ok(())
}

#[test]
fn no_container_of_ours_has_more_than_it_needs() -> anyhow::Result<()> {
    let compose = yaml("deploy/compose.yaml")?;
    let services = compose["services"].as_object().context("no services")?;
    let mut ours = 0;
    for (name, service) in services {
        let image = service["image"].as_str().context("no image")?;
        // Ours was made here; the others have no default, so that none is taken by a tag.
        if image == "${TB_IMAGE:-localhost/the-block}" {
            ours += 1;
            assert_eq!(service["pull_policy"], "never", "{name}");
            ensure!(service["user"].as_str().is_some_and(|user| user.starts_with("${TB_USER:?")), "{name} has no user");
            ensure!(service["ulimits"]["nofile"].as_u64().is_some_and(|most| most >= 65_536), "{name} has few files");
        } else {
            ensure!(image.contains(":?") && !image.contains(":-"), "{name} takes {image}");
        }
        assert_eq!(service["read_only"], true, "{name} writes beside its volumes");
        assert_eq!(texts(&service["cap_drop"]), ["ALL"], "{name}");
        assert_eq!(texts(&service["security_opt"]), ["no-new-privileges:true"], "{name}");
        for unwanted in ["privileged", "cap_add", "network_mode", "pid", "ipc", "devices"] {
            ensure!(service[unwanted].is_null(), "{name} has {unwanted}");
        }
        for port in texts(&service["ports"]) {
            ensure!(port.starts_with("127.0.0.1:"), "{name} is reached from elsewhere at {port}");
        }
        for volume in service["volumes"].as_array().into_iter().flatten() {
            if let Some(short) = volume.as_str() {
                let source = short.split(':').next().unwrap_or_default();
                let is_there = !source.starts_with('.') || repository().join("deploy").join(source).exists();
                ensure!(is_there, "{name} has {source}, which is not there");
                ensure!(!source.starts_with('.') || short.ends_with(":ro"), "{name} writes to {source}");
            } else {
                // A folder that the engine makes would be root's.
                assert_eq!(volume["bind"]["create_host_path"], false, "{name}");
            }
        }
    }
    assert_eq!(ours, NODES.len() + 2, "the nodes, the explorer, and who writes the homes");
    let ports: Vec<&str> = services.values().flat_map(|service| texts(&service["ports"])).collect();
    let published = ports.iter().filter_map(|port| port.rsplit_once(':').map(|(host, _)| host));
    let published: BTreeSet<&str> = published.collect();
    assert_eq!(published.len(), ports.len(), "two containers have one port: {ports:?}");
    Ok(())
}

#[test]
fn containers_are_told_what_their_programs_take_and_find_each_other() -> anyhow::Result<()> {
    let compose = yaml("deploy/compose.yaml")?;
    let services = &compose["services"];
    let homes = texts(&services["homes"]["command"]);
    takes("the-block", &homes)?;
    let after = |option: &str| homes.iter().skip_while(|word| **word != option).nth(1).copied();
    assert_eq!(after("--nodes"), Some("4"));
    let pattern = after("--host-pattern").context("no hosts")?;
    let hosts: Vec<String> = (0..NODES.len()).map(|node| pattern.replace("{}", &node.to_string())).collect();
    assert_eq!(hosts, NODES, "the nodes look for each other by other names than they have");
    assert_eq!(texts(&services["homes"]["profiles"]), ["homes"], "it would be run at each start");

    let unit = read("deploy/the-block.service")?;
    let stop = unit.lines().find_map(|line| line.strip_prefix("TimeoutStopSec=")).context("no TimeoutStopSec")?;
    for (number, name) in NODES.iter().enumerate() {
        let node = &services[*name];
        let command = texts(&node["command"]);
        takes("the-block", &command)?;
        let target = node["volumes"][0]["target"].as_str().context("no home")?;
        ensure!(command.ends_with(&["--home", target]), "{name} runs {command:?}, and its home is {target}");
        let source = node["volumes"][0]["source"].as_str().unwrap_or_default();
        let written =
            after("--home").and_then(|home| home.strip_prefix("/homes")).context("the homes are elsewhere")?;
        ensure!(source.ends_with(&format!("{written}/node{number}")), "{name} has the home {source}");
        assert_eq!(node["stop_grace_period"], format!("{stop}s"), "{name} has another time to stop than under systemd");
    }
    let explorer = &services["explorer"];
    takes("the-block-explorer", &texts(&explorer["command"]))?;
    ensure!(texts(&explorer["command"]).contains(&"http://node0:26600"), "the explorer follows nobody");

    // Without a shell, `contract` asks; and whether a node lives, not whether it is ready.
    let checks = NODES.map(|name| (name, "http://127.0.0.1:26600/health"));
    for (name, url) in checks.into_iter().chain([("explorer", "http://127.0.0.1:26690/healthz")]) {
        let check = texts(&services[name]["healthcheck"]["test"]);
        assert_eq!(check, ["CMD", "/usr/local/bin/contract", "probe", url], "{name}");
        takes("contract", &check[2..])?;
    }
    ensure!(rpc::Probe::Health.path() == "/health", "a node answers elsewhere");
    Ok(())
}

#[test]
fn prometheus_and_grafana_look_where_the_containers_are() -> anyhow::Result<()> {
    let compose = yaml("deploy/compose.yaml")?;
    let scraped = yaml("deploy/prometheus/containers.yml")?;
    let mut targets = BTreeSet::new();
    for job in scraped["scrape_configs"].as_array().context("nothing is scraped")? {
        for target in texts(&job["static_configs"][0]["targets"]) {
            let (host, port) = target.split_once(':').context("no port")?;
            ensure!(!compose["services"][host].is_null(), "{host} is no container");
            targets.insert((host.to_owned(), port.to_owned()));
        }
    }
    let metrics = Config::default().metrics.listen.first().port().to_string();
    let expected = NODES.map(|name| (name.to_owned(), metrics.clone()));
    let expected = expected.into_iter().chain([("explorer".to_owned(), "26690".to_owned())]);
    assert_eq!(targets, expected.collect::<BTreeSet<_>>());
    let command = texts(&compose["services"]["prometheus"]["command"]);
    ensure!(command.contains(&"--config.file=/etc/prometheus/containers.yml"), "{command:?}");
    // The jobs have the names that the rules ask for.
    let jobs = |text: &Value| -> BTreeSet<String> {
        let jobs = text["scrape_configs"].as_array().into_iter().flatten();
        jobs.filter_map(|job| job["job_name"].as_str().map(str::to_owned)).collect()
    };
    assert_eq!(jobs(&scraped), jobs(&yaml("deploy/prometheus/prometheus.yml")?));

    let source = yaml("deploy/grafana/provisioning/datasources/prometheus.yaml")?;
    let source = &source["datasources"][0];
    assert_eq!([&source["type"], &source["url"]], ["prometheus", "http://prometheus:9090"]);
    assert_eq!(source["jsonData"]["timeInterval"], scraped["global"]["scrape_interval"]);
    let boards = yaml("deploy/grafana/provisioning/dashboards/the-block.yaml")?;
    let folder = boards["providers"][0]["options"]["path"].as_str().context("no folder of dashboards")?;
    let grafana = &compose["services"]["grafana"];
    let file = format!("./grafana/the-block.json:{folder}/the-block.json:ro");
    ensure!(texts(&grafana["volumes"]).contains(&file.as_str()), "the dashboard is not in {folder}");
    let home = &grafana["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"];
    assert_eq!(home.as_str(), Some(format!("{folder}/the-block.json").as_str()));
    Ok(())
}
