//! Do tools that nobody here wrote read the profiles and bundles in `config/` as we do? Python's `tomllib`, and `b3sum`.

use anyhow::{Context as _, ensure};
use host::config::{Config, KeptHistory};
use serde_json::{Map, Value};
use std::path::{Path, PathBuf};
use std::process::Command;
use tests::explorer::repository;

/// Prints a TOML file as JSON.
const AS_JSON: &str = "import json, sys, tomllib\nprint(json.dumps(tomllib.load(open(sys.argv[1], 'rb'))))";

fn by_python(file: &Path) -> anyhow::Result<Value> {
    let python = tests::binaries::python();
    let missing = || format!("no Python at {}; run scripts/setup.sh test, or set TB_TEST_PYTHON", python.display());
    let output = Command::new(&python).args(["-c", AS_JSON]).arg(file).output().with_context(missing)?;
    ensure!(output.status.success(), "{}: {}", file.display(), String::from_utf8_lossy(&output.stderr));
    Ok(serde_json::from_slice(&output.stdout)?)
}

fn b3sum(file: &Path) -> anyhow::Result<String> {
    let missing = "b3sum is not installed; run scripts/setup.sh test";
    let output = Command::new("b3sum").arg("--no-names").arg(file).output().context(missing)?;
    ensure!(output.status.success(), "{}: {}", file.display(), String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

fn bundles() -> [PathBuf; 2] {
    ["mainnet", "testnet"].map(|name| repository().join(format!("config/defaults/{name}.toml")))
}

fn chain() -> anyhow::Result<profiles::Loaded> {
    loaded(&profile("chain"))
}

fn profile(name: &str) -> PathBuf {
    repository().join(format!("config/profiles/{name}.toml"))
}

fn loaded(profile: &Path) -> anyhow::Result<profiles::Loaded> {
    Ok(profiles::load(profile, &repository())?)
}

#[test]
fn the_hashes_of_the_chains_plan_are_those_of_b3sum() -> anyhow::Result<()> {
    let plan = chain()?.plan;
    assert_eq!(plan.bundle.to_string(), b3sum(&bundles()[0])?);
    assert_eq!(plan.profile.to_string(), b3sum(&repository().join("config/profiles/chain.toml"))?);
    Ok(())
}

#[test]
fn the_plan_of_an_application_is_its_one_file_with_the_values_and_checks_that_python_reads() -> anyhow::Result<()> {
    for name in ["pos", "trunk"] {
        let plan = loaded(&profile(name))?.plan;
        let hash = b3sum(&profile(name))?;
        assert_eq!((plan.bundle.to_string(), plan.profile.to_string()), (hash.clone(), hash), "{name}");
        let read = by_python(&profile(name))?;
        for (stage, read) in plan.stages.iter().zip(read["stages"].as_array().context("a list of stages")?) {
            let values = stage.values.iter().map(|(flag, on)| (flag.to_string(), Value::from(on.as_str() == "on")));
            assert_eq!(Value::Object(values.collect::<Map<_, _>>()), read["feature_gates"], "{name}: {}", stage.name);
        }
        assert_eq!(read["checks"].as_object().map(Map::len), Some(plan.checks.len()), "{name}");
    }
    Ok(())
}

#[test]
fn the_values_of_the_chains_stages_are_those_that_python_reads() -> anyhow::Result<()> {
    let plan = chain()?.plan;
    let read = by_python(&bundles()[0])?;
    let stages = read["stages"].as_array().context("a list of stages")?;
    assert_eq!(stages.len(), plan.stages.len());
    for (stage, read) in plan.stages.iter().zip(stages) {
        let values =
            stage.values.iter().map(|(flag, variant)| (flag.to_string(), Value::from(variant.as_str() == "on")));
        assert_eq!(Value::Object(values.collect::<Map<_, _>>()), read["feature_gates"], "{}", stage.name);
        assert_eq!(read["name"], stage.name.as_str());
    }
    Ok(())
}

#[test]
fn a_profile_and_what_is_written_of_its_plan_are_toml_to_python_with_the_same_checks() -> anyhow::Result<()> {
    let written = tempfile::tempdir()?;
    let file = written.path().join("written.toml");
    std::fs::write(&file, profiles::text::toml(&chain()?.plan))?;
    let profile = by_python(&repository().join("config/profiles/chain.toml"))?;
    let again = by_python(&file)?;
    let keys = |read: &Value| read["checks"].as_object().map(|checks| checks.keys().cloned().collect::<Vec<_>>());
    assert_eq!(keys(&profile), keys(&again));
    assert_eq!(profile["policy"]["retain"], again["policy"]["retain"]);
    assert_eq!(profile["roles"], again["roles"]);
    Ok(())
}

#[test]
fn the_templates_that_the_bundles_name_are_configurations_that_a_node_takes() -> anyhow::Result<()> {
    for bundle in bundles() {
        let read = by_python(&bundle)?;
        let template = |key: &str| -> anyhow::Result<Config> {
            let name = read[key].as_str().with_context(|| format!("{} has no {key}", bundle.display()))?;
            let file = bundle.parent().context("a bundle lies in a folder")?.join(name);
            let text = std::fs::read_to_string(&file).with_context(|| file.display().to_string())?;
            Ok(Config::parse(&text, name)?)
        };
        let (node, wallet) = (template("node_template")?, template("wallet_template")?);
        assert!(!node.validator.key.as_os_str().is_empty() && node.storage.history == KeptHistory::Full);
        assert!(wallet.validator.key.as_os_str().is_empty() && wallet.storage.history == KeptHistory::Last(100_000));
    }
    Ok(())
}
