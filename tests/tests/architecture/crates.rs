//! Which crate may know which, and what it is linked from.

use crate::{TESTS, root, workspace};
use cargo_metadata::{Dependency, DependencyKind, Metadata, Package};
use std::collections::BTreeSet;
use std::process::Command;

/// What there may be in a crate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Values alone: no clock, machine or chance.
    Pure,
    /// Input, output and time too.
    Io,
    /// The same, at an end of the house: nobody knows it but `tests`.
    End,
}

use Kind::{End, Io, Pure};

/// What every crate from `runtime` on may know: the chain and its pallets.
const CHAIN: &str = concat!(
    "primitives tlog state accounts staking roles governance releases flags artifacts cases ",
    "rollouts rewards witnesses runtime"
);

/// Every crate with what there may be in it and the crates that it may know, which stand above it.
static CRATES: [(&str, Kind, &[&str]); 38] = [
    // Runs at build time alone, for whoever derives what `primitives` names.
    ("level_derive", Pure, &[]),
    ("primitives", Pure, &["level_derive"]),
    ("tlog", Pure, &["primitives"]),
    ("state", Pure, &["primitives"]),
    ("accounts", Pure, &["primitives state"]),
    ("staking", Pure, &["primitives state accounts"]),
    ("roles", Pure, &["primitives state"]),
    ("governance", Pure, &["primitives state accounts staking roles"]),
    ("releases", Pure, &["primitives state accounts staking governance"]),
    ("flags", Pure, &["primitives state roles"]),
    ("artifacts", Pure, &["primitives state roles"]),
    ("cases", Pure, &["primitives state accounts roles governance flags artifacts"]),
    ("rollouts", Pure, &["primitives state accounts staking roles governance releases flags artifacts cases"]),
    ("rewards", Pure, &["primitives state accounts staking"]),
    ("witnesses", Pure, &["primitives tlog state accounts staking flags"]),
    (
        "runtime",
        Pure,
        &[
            "primitives tlog state accounts staking roles governance releases flags artifacts cases",
            "rollouts rewards witnesses",
        ],
    ),
    ("ledger", Pure, &[CHAIN]),
    ("light", Pure, &[CHAIN, "ledger"]),
    ("rollout", Pure, &["primitives state staking releases runtime light"]),
    ("profiles", Io, &["primitives roles releases flags rollouts"]),
    ("files", Io, &[]),
    ("man", Io, &[]),
    ("rpc", Io, &[CHAIN, "ledger light files"]),
    ("host", Io, &["primitives flags profiles files rpc"]),
    ("store", Io, &[CHAIN, "ledger light files rpc host"]),
    ("builds", Io, &[CHAIN, "files rpc host"]),
    ("overlay", Io, &["primitives files rpc builds"]),
    ("update", Io, &[CHAIN, "light files rpc host builds overlay"]),
    ("web", Io, &[CHAIN, "rpc host"]),
    ("consensus", Io, &["primitives accounts staking runtime files"]),
    (
        "the_block",
        Io,
        &[CHAIN, "ledger light rollout profiles files man rpc host store builds overlay update web consensus"],
    ),
    ("cli", End, &[CHAIN, "ledger light profiles files man rpc host store builds update"]),
    ("explorer", End, &[CHAIN, "ledger light files rpc host store"]),
    (SIM, End, &[CHAIN, "ledger light rollout profiles rpc host store update consensus the_block"]),
    ("release_notes", End, &[CHAIN, "light files rpc host store"]),
    ("migrate_overlay_store", End, &["files host overlay"]),
    // None of the house knows it, but libp2p, in whose crate's place it stands.
    ("libp2p-dns", End, &[]),
    (DECODERS, End, &[CHAIN, "light profiles rpc host store builds overlay update web consensus"]),
];

/// For tests and the fuzzer alone, as [`TESTS`] is for tests.
const DECODERS: &str = "decoders";

/// Networks made from seeds are what it is about.
pub(crate) const SIM: &str = "sim";

/// What the tests of a crate may know beside that, against the order of the house: the laws of the runtime are held over a
/// ledger, so that the chain they run on is the one that nodes run. It is for tests beside `src`, to which both are the same
/// crates that everybody links; nothing that ships is linked from it.
const FOR_TESTS: [(&str, &str); 1] = [("runtime", "ledger")];

/// Crates that bring a network, a disk, a clock or chance, by the start of their name.
const IO_CRATES: [&str; 14] = [
    "tokio",
    "async-std",
    "socket2",
    "hyper",
    "reqwest",
    "axum",
    "jsonrpsee",
    "libp2p",
    "rocksdb",
    "librocksdb",
    "sqlx",
    "chrono",
    "arc-malachitebft",
    "getrandom",
];
/// As [`IO_CRATES`], by their whole name; `rand_core`, which only has traits, is not among them.
const IO_CRATES_EXACTLY: [&str; 5] = ["mio", "smol", "rand", "rand_chacha", "time"];

/// What there may be in a crate of the house; none for any other.
fn kind(name: &str) -> Option<Kind> {
    CRATES.iter().find(|(other, ..)| *other == name).map(|(_, kind, _)| *kind)
}

/// The crates that one of the house may know.
fn known(name: &str) -> Option<Vec<&'static str>> {
    let (.., known) = CRATES.iter().find(|(other, ..)| *other == name)?;
    Some(known.iter().flat_map(|names| names.split(' ')).collect())
}

/// Why `from` may not depend on `to`, both in the workspace; none when it may.
fn refusal(from: &str, to: &str) -> Option<String> {
    if from == TESTS {
        return None;
    }
    match known(from) {
        Some(known) if known.contains(&to) => None,
        Some(known) => Some(format!("{from} -> {to}: {from} may know these alone: {}", known.join(" "))),
        None => Some(format!(
            "{from} -> {to}: {from} has no place in the house; give it one in this test, or make it a module"
        )),
    }
}

/// Whether only the tests of `from` depend on it, and may.
fn is_for_tests(from: &str, to: &Dependency) -> bool {
    to.kind == DependencyKind::Development && FOR_TESTS.contains(&(from, to.name.as_str()))
}

pub(crate) fn is_pure(name: &str) -> bool {
    kind(name) == Some(Pure)
}

fn brings_io(name: &str) -> bool {
    IO_CRATES.iter().any(|start| name.starts_with(start)) || IO_CRATES_EXACTLY.contains(&name)
}

/// Every `package -> dependency` of the packages, except what only their tests use.
fn dependencies(packages: &[Package]) -> impl Iterator<Item = (&str, &str)> {
    packages.iter().flat_map(|package| {
        let shipped = package.dependencies.iter().filter(|d| d.kind != DependencyKind::Development);
        shipped.map(|dependency| (package.name.as_str(), dependency.name.as_str()))
    })
}

#[test]
fn crates_know_only_those_that_the_house_lets_them() {
    let metadata = workspace();
    let ours: BTreeSet<&str> = metadata.packages.iter().map(|package| package.name.as_str()).collect();
    assert!(CRATES.iter().all(|(name, ..)| ours.contains(name)), "the table names a crate that the workspace has not");
    let edges = metadata.packages.iter().flat_map(|package| {
        // What only tests use counts too: a test that reaches further shows that the rule under test is there.
        let others = package.dependencies.iter().filter(|dependency| dependency.name != package.name.as_str());
        let others = others.filter(|dependency| !is_for_tests(package.name.as_str(), dependency));
        others.map(|dependency| (package.name.as_str(), dependency.name.as_str()))
    });
    let wrong: Vec<String> =
        edges.filter(|(_, to)| ours.contains(to)).filter_map(|(from, to)| refusal(from, to)).collect();
    assert!(wrong.is_empty(), "edges that the layout forbids:\n  {}", wrong.join("\n  "));
}

#[test]
fn the_house_has_no_circle_no_way_through_an_end_and_no_io_below_what_is_pure() {
    for (at, (name, kind, _)) in CRATES.iter().enumerate() {
        for other in known(name).unwrap() {
            let above = CRATES[..at].iter().find(|(above, ..)| *above == other);
            let (_, of_other, _) = above.unwrap_or_else(|| panic!("{name} -> {other}: {other} does not stand above"));
            assert!(*of_other != End, "{name} -> {other}: nobody but `{TESTS}` may know {other}");
            assert!(*kind != Pure || *of_other == Pure, "{name} -> {other}: {name} is pure and {other} is not");
        }
    }
}

#[test]
fn what_reads_or_asks_is_linked_without_the_consensus_engine() {
    for name in ["cli", "explorer", "release_notes"] {
        let linked = tree(name, &["--prefix", "none", "--format", "{p}"]);
        let engine = linked.lines().find(|line| line.starts_with("arc-malachitebft"));
        assert_eq!(
            engine,
            None,
            "{name} links the engine, by this way:\n{}",
            tree(name, &["--invert", "arc-malachitebft-app"])
        );
    }
}

#[test]
fn pure_crates_name_no_crate_that_brings_io() {
    let metadata = workspace();
    let wrong: Vec<String> = dependencies(&metadata.packages)
        .filter(|(from, to)| is_pure(from) && brings_io(to))
        .map(|(from, to)| format!("{from} -> {to}: in a pure crate there is no network, disk, clock or chance"))
        .collect();
    assert!(wrong.is_empty(), "edges that the layout forbids:\n  {}", wrong.join("\n  "));
}

#[test]
fn nothing_that_the_runtime_is_linked_from_brings_io() {
    let wrong: Vec<String> = tree("runtime", &["--prefix", "none", "--format", "{p}"])
        .lines()
        .filter_map(|line| line.split(' ').next())
        .filter(|name| brings_io(name))
        .map(|name| format!("runtime links {name}, by this way:\n{}", tree("runtime", &["--invert", name])))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// `cargo tree` of one crate alone, with the features that it asks for itself, and without what only builds or tests it.
pub(crate) fn tree(package: &str, arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO"))
        .current_dir(root())
        .args(["tree", "--locked", "--package", package, "--edges", "normal,no-proc-macro"])
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.status.success(), "cargo tree failed: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The modules for tests are compiled for tests alone; what ships names them nowhere.
#[test]
fn nothing_that_ships_asks_for_the_feature_testing() {
    let metadata = workspace();
    let mut wrong = Vec::new();
    for package in metadata.packages.iter().filter(|package| ![TESTS, DECODERS, SIM].contains(&package.name.as_str())) {
        let shipped = package.dependencies.iter().filter(|dependency| dependency.kind != DependencyKind::Development);
        let asking = shipped.filter(|dependency| dependency.features.iter().any(|feature| feature == "testing"));
        wrong.extend(asking.map(|dependency| format!("{} -> {}", package.name, dependency.name)));
        let default = package.features.get("default").into_iter().flatten();
        wrong.extend(default.filter(|feature| feature.contains("testing")).map(|_| format!("{} itself", package.name)));
    }
    assert!(wrong.is_empty(), "name `testing` among the dev-dependencies:\n  {}", wrong.join("\n  "));
}

#[test]
fn the_source_hash_covers_every_crate_of_a_release_and_the_manifests_of_all_others() {
    let metadata = workspace();
    let script = std::fs::read_to_string(root().join("node/build.rs")).unwrap();
    let named = |list: &str| {
        let start = format!("const {list}: ");
        script.lines().find(|line| line.starts_with(&start)).expect("build.rs names its folders")
    };
    let (whole, manifests) = (named("CRATES"), named("BESIDE"));
    let linked = linked(&metadata, "the_block");
    let released: Vec<&str> = linked.iter().copied().chain(self::linked(&metadata, "cli")).collect();
    for package in &metadata.packages {
        let name = package.name.as_str();
        let folder = package.manifest_path.strip_prefix(root()).unwrap().iter().next().unwrap();
        let quoted = format!("\"{folder}\"");
        let covered = whole.contains(&quoted);
        assert!(covered || !released.contains(&name), "build.rs leaves out {folder}, and a release links {name}");
        assert!(covered || manifests.contains(&quoted), "build.rs leaves out {folder}, and cargo reads {name} there");
    }
    let rooms = CRATES.iter().filter(|(_, kind, _)| *kind != End);
    assert_eq!(linked.len(), rooms.count(), "the node is linked from the whole house but its ends: {linked:?}");
}

/// The crates of the house that one is linked from, itself among them.
fn linked<'a>(metadata: &'a Metadata, from: &'a str) -> Vec<&'a str> {
    let mut linked = vec![from];
    let mut next = 0;
    while let Some(name) = linked.get(next).copied() {
        next += 1;
        let package = metadata.packages.iter().find(|package| package.name.as_str() == name).unwrap();
        for (_, to) in dependencies(std::slice::from_ref(package)) {
            if kind(to).is_some() && !linked.contains(&to) {
                linked.push(to);
            }
        }
    }
    linked
}

#[test]
fn edges_that_the_table_has_not_are_refused() {
    for (from, to) in [
        ("state", "primitives"),
        ("cli", "files"),
        ("tests", "cli"),
        ("releases", "governance"),
        ("flags", "roles"),
        ("artifacts", "roles"),
        ("rollouts", "flags"),
        ("rollouts", "artifacts"),
        ("profiles", "rollouts"),
        ("host", "profiles"),
    ] {
        assert_eq!(refusal(from, to), None);
    }
    for (from, to) in [
        ("primitives", "state"),
        ("governance", "releases"),
        ("rpc", "the_block"),
        ("explorer", "consensus"),
        ("cli", "the_block"),
        ("new", "rpc"),
        ("light", "files"),
        ("files", "rpc"),
        ("roles", "flags"),
        ("flags", "rollouts"),
        ("artifacts", "rollouts"),
        ("rollouts", "profiles"),
        ("runtime", "profiles"),
    ] {
        assert!(refusal(from, to).is_some_and(|why| why.starts_with(&format!("{from} -> {to}: "))));
    }
    assert!(["tokio-util", "libp2p-tcp", "rand", "getrandom"].iter().all(|name| brings_io(name)));
    assert!(!["rand_core", "tokenizer", "serde", "timer"].iter().any(|name| brings_io(name)));
    assert!(["roles", "flags", "artifacts", "rollouts", "runtime"].iter().all(|name| is_pure(name)));
    assert!(!["profiles", "rpc", "serde"].iter().any(|name| is_pure(name)));
}
