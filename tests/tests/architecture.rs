//! The house is a line, not a web: which crate may know which, and what may not appear left of `rpc`.
//!
//! A crate exists where the compiler has to forbid something. These tests are that prohibition: they read the workspace
//! as cargo resolves it, and name the edge or the line that breaks a rule.

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

/// From left to right; a crate may know those left of it.
const LINE: [&str; 11] = [
    "primitives",
    "state",
    "accounts",
    "staking",
    "governance",
    "releases",
    "runtime",
    "ledger",
    "light",
    "rpc",
    "the_block",
];
/// Leaves: they know nobody, and whoever has IO may know them.
const LEAVES: [&str; 1] = ["files"];
/// Where the line ends: these may know every crate of it, and nobody knows them but `tests`.
const ENDS: [&str; 5] = ["cli", "sim", "explorer", "release_notes", "migrate_overlay_store"];
/// Knows everybody.
const TESTS: &str = "tests";
/// The first crate in which input, output and time exist.
const FIRST_WITH_IO: &str = "rpc";

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

/// Words that read a clock, the machine or chance, or whose result depends on the machine.
const IO_WORDS: [&str; 13] = [
    "SystemTime",
    "Instant",
    "HashMap",
    "HashSet",
    "f32",
    "f64",
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "std::thread",
    "thread_rng",
    "OsRng",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().expect("the workspace's folder")
}

fn workspace() -> Metadata {
    let options = ["--locked".to_string()];
    MetadataCommand::new().manifest_path(root().join("Cargo.toml")).no_deps().other_options(options).exec().unwrap()
}

fn place(name: &str) -> Option<usize> {
    LINE.iter().position(|other| *other == name)
}

/// Why `from` may not depend on `to`, both in the workspace; none when it may.
fn refusal(from: &str, to: &str) -> Option<String> {
    if from == TESTS {
        return None;
    }
    if LEAVES.contains(&to) {
        let may = ENDS.contains(&from) || place(from) >= place(FIRST_WITH_IO);
        return (!may)
            .then(|| format!("{from} -> {to}: {to} writes to the disk, and {from} is left of {FIRST_WITH_IO}"));
    }
    let Some(right) = place(to) else {
        return Some(format!("{from} -> {to}: only `tests` may depend on {to}, which is no part of the line"));
    };
    match place(from) {
        Some(left) if left > right => None,
        Some(_) => Some(format!("{from} -> {to}: {to} is not left of {from} in {}", LINE.join(" <- "))),
        None if ENDS.contains(&from) => None,
        None => Some(format!(
            "{from} -> {to}: {from} has no place in the house; give it one in this test, or make it a module"
        )),
    }
}

fn is_pure(name: &str) -> bool {
    place(name) < place(FIRST_WITH_IO) && place(name).is_some()
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
fn crates_know_only_those_left_of_them() {
    let metadata = workspace();
    let ours: BTreeSet<&str> = metadata.packages.iter().map(|package| package.name.as_str()).collect();
    assert!(
        LINE.iter().chain(&LEAVES).all(|name| ours.contains(name)),
        "the line names a crate that the workspace has not"
    );
    let edges = metadata.packages.iter().flat_map(|package| {
        // What only tests use counts too: a test that reaches to the right shows that the rule under test is there.
        package.dependencies.iter().map(|dependency| (package.name.as_str(), dependency.name.as_str()))
    });
    let wrong: Vec<String> =
        edges.filter(|(_, to)| ours.contains(to)).filter_map(|(from, to)| refusal(from, to)).collect();
    assert!(wrong.is_empty(), "edges that the layout forbids:\n  {}", wrong.join("\n  "));
}

#[test]
fn crates_left_of_rpc_name_no_crate_that_brings_io() {
    let metadata = workspace();
    let wrong: Vec<String> = dependencies(&metadata.packages)
        .filter(|(from, to)| is_pure(from) && brings_io(to))
        .map(|(from, to)| format!("{from} -> {to}: left of {FIRST_WITH_IO} there is no network, disk, clock or chance"))
        .collect();
    assert!(wrong.is_empty(), "edges that the layout forbids:\n  {}", wrong.join("\n  "));
}

#[test]
fn nothing_that_the_runtime_is_linked_from_brings_io() {
    let wrong: Vec<String> = tree(&["--prefix", "none", "--format", "{p}"])
        .lines()
        .filter_map(|line| line.split(' ').next())
        .filter(|name| brings_io(name))
        .map(|name| format!("runtime links {name}, by this way:\n{}", tree(&["--invert", name])))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// `cargo tree` of the runtime alone, with the features that it asks for itself, and without what only builds or tests it.
fn tree(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO"))
        .current_dir(root())
        .args(["tree", "--locked", "--package", "runtime", "--edges", "normal,no-proc-macro"])
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.status.success(), "cargo tree failed: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn sources_left_of_rpc_read_no_clock_machine_or_chance() {
    let metadata = workspace();
    let mut wrong = Vec::new();
    for package in metadata.packages.iter().filter(|package| is_pure(&package.name)) {
        let folder = package.manifest_path.parent().expect("a manifest is in a folder").join("src");
        for file in sources(folder.as_std_path()) {
            let text = std::fs::read_to_string(&file).unwrap();
            let shown = file.strip_prefix(root()).unwrap_or(&file).display().to_string();
            wrong.extend(findings(&text).map(|(line, word)| format!("{shown}:{line}: {word}")));
        }
    }
    assert!(wrong.is_empty(), "words that have no place left of {FIRST_WITH_IO}:\n  {}", wrong.join("\n  "));
}

/// The Rust files under a folder that ship, in order; files of tests use what they like.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let shipped = paths.into_iter().filter(|path| path.file_stem().is_some_and(|stem| stem != "tests"));
    shipped
        .flat_map(|path| match path.extension() {
            _ if path.is_dir() => sources(&path),
            Some(extension) if extension == "rs" => vec![path],
            _ => Vec::new(),
        })
        .collect()
}

/// The forbidden words in a source with their lines, outside of comments and of the tests at the end.
fn findings(text: &str) -> impl Iterator<Item = (usize, &'static str)> {
    let code = text.lines().take_while(|line| line.trim() != "mod tests {");
    code.zip(1..).flat_map(|(line, number)| {
        let code = line.split("//").next().unwrap_or_default();
        IO_WORDS.iter().filter(move |word| has_word(code, word)).map(move |word| (number, *word))
    })
}

/// Whether `code` has `word` as a whole, and not as part of another name.
fn has_word(code: &str, word: &str) -> bool {
    let part_of_name = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(word).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        let after = code[at + word.len()..].chars().next();
        !before.is_some_and(part_of_name) && !after.is_some_and(part_of_name)
    })
}

/// The shipped sources of the packages that `wanted` names, each with its path from the workspace's folder.
fn shipped(wanted: impl Fn(&str) -> bool) -> Vec<(String, String)> {
    let metadata = workspace();
    let packages = metadata.packages.iter().filter(|package| wanted(&package.name));
    let folders =
        packages.map(|package| package.manifest_path.parent().expect("a manifest is in a folder").join("src"));
    let files = folders.flat_map(|folder| sources(folder.as_std_path()));
    let shown = |file: &Path| file.strip_prefix(root()).unwrap_or(file).display().to_string();
    files.map(|file| (shown(&file), std::fs::read_to_string(&file).unwrap())).collect()
}

/// The lines of a source, numbered, without comments and the tests at the end.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let code = (1..).zip(text.lines()).take_while(|(_, line)| line.trim() != "mod tests {");
    code.filter(|(_, line)| !line.trim_start().starts_with("//"))
}

#[test]
fn state_is_changed_only_where_facts_are_recorded_or_replayed() {
    let allowed = ["runtime/src/compose.rs", "runtime/src/execute.rs"];
    let mut wrong = Vec::new();
    for (file, text) in shipped(|name| name != TESTS) {
        let calls = code(&text).filter(|(_, line)| line.contains(".apply(&mut state") || line.contains(".apply(state"));
        wrong.extend(calls.filter(|_| !allowed.contains(&&*file)).map(|(number, _)| format!("{file}:{number}")));
    }
    assert!(wrong.is_empty(), "events are applied by `record` and `replay` alone:\n  {}", wrong.join("\n  "));
}

#[test]
fn no_sentence_left_of_rpc_names_a_command() {
    let mut wrong = Vec::new();
    for (file, text) in shipped(is_pure) {
        let named = code(&text).filter(|(_, line)| names_a_command(line));
        wrong.extend(named.map(|(number, line)| format!("{file}:{number}: {}", line.trim())));
    }
    assert!(wrong.is_empty(), "what to do is for cli/src/next_step.rs to say:\n  {}", wrong.join("\n  "));
}

/// Whether the text in a line of code names a program or an option of one.
fn names_a_command(line: &str) -> bool {
    let text: String = line.split('"').skip(1).step_by(2).collect::<Vec<_>>().join(" ");
    let option = |word: &str| word.strip_prefix("--").is_some_and(|name| name.starts_with(char::is_alphabetic));
    text.contains("`contract") || text.contains("`the-block") || text.split([' ', '`', '(']).any(option)
}

#[test]
fn only_one_file_of_the_runtime_lists_the_pallets() {
    let listing: Vec<String> = shipped(|name| name == "runtime")
        .into_iter()
        .filter(|(_, text)| {
            ["accounts::Event", "staking::Event", "releases::Event"].iter().all(|word| text.contains(word))
        })
        .map(|(file, _)| file)
        .collect();
    assert_eq!(listing, ["runtime/src/compose.rs"]);
}

#[test]
fn the_storage_of_a_pallet_is_used_only_inside_of_it() {
    let files = shipped(|name| name != TESTS);
    let folder = |file: &str| Some(file.strip_prefix("pallets/")?.split_once('/')?.0.to_owned());
    let pallets: BTreeSet<String> = files.iter().filter_map(|(file, _)| folder(file)).collect();
    assert!(pallets.contains("accounts"), "no pallets in pallets/");
    let mut wrong = Vec::new();
    for (file, text) in &files {
        let reaching = code(text).filter(|(_, line)| pallets.iter().any(|pallet| reaches_storage(pallet, file, line)));
        wrong.extend(reaching.map(|(number, line)| format!("{file}:{number}: {}", line.trim())));
    }
    assert!(wrong.is_empty(), "others ask a pallet's `queries`:\n  {}", wrong.join("\n  "));
}

/// Whether a line of code opens the storage of a pallet to others, reaches into it, or declares a cell of it elsewhere.
fn reaches_storage(pallet: &str, file: &str, line: &str) -> bool {
    let inside = file.starts_with(&format!("pallets/{pallet}/"));
    let opens = inside
        && ["pub mod storage", "pub use storage", "pub use crate::storage"].iter().any(|word| line.contains(word));
    let declares = line.contains(&format!("::new(\"{pallet}/")) && file != format!("pallets/{pallet}/src/storage.rs");
    opens || declares || has_word(line, &format!("{pallet}::storage"))
}

#[test]
fn no_schema_of_a_served_type_is_written_by_hand() {
    let mut wrong = Vec::new();
    for (file, text) in shipped(|_| true) {
        let written = code(&text).filter(|(_, line)| writes_a_schema(line));
        wrong.extend(written.map(|(number, line)| format!("{file}:{number}: {}", line.trim())));
    }
    assert!(wrong.is_empty(), "derive it, and say in comments what it means:\n  {}", wrong.join("\n  "));
    let linked = tree(&["--prefix", "none", "--format", "{p}"]);
    assert!(!linked.contains("schemars"), "what decides blocks is linked without its schemas:\n{linked}");
}

/// Whether a line of code makes a schema that no type stands behind.
fn writes_a_schema(line: &str) -> bool {
    ["json_schema!", "JsonSchema for ", "schema_with", "\"additionalProperties\": false"]
        .iter()
        .any(|word| line.contains(word))
}

#[test]
fn the_source_hash_covers_every_crate_that_the_node_is_linked_from() {
    let metadata = workspace();
    let script = std::fs::read_to_string(root().join("node/build.rs")).unwrap();
    let folders = script.lines().find(|line| line.starts_with("const CRATES: ")).expect("build.rs names its folders");
    let mut linked = vec!["the_block"];
    let mut next = 0;
    while let Some(name) = linked.get(next).copied() {
        next += 1;
        let package = metadata.packages.iter().find(|package| package.name.as_str() == name).unwrap();
        let ours = |to: &&str| (place(to).is_some() || LEAVES.contains(to)) && !linked.contains(to);
        let found: Vec<&str> = dependencies(std::slice::from_ref(package)).map(|(_, to)| to).filter(ours).collect();
        linked.extend(found);
        let folder = package.manifest_path.strip_prefix(root()).unwrap().iter().next().unwrap();
        assert!(
            folders.contains(&format!("\"{folder}\"")),
            "build.rs leaves out {folder}, from which {name} is linked"
        );
    }
    assert_eq!(
        linked.len(),
        LINE.len() + LEAVES.len(),
        "the node is linked from the whole line and its leaves: {linked:?}"
    );
}

#[test]
fn the_rules_refuse_what_they_should() {
    for (from, to) in [
        ("state", "primitives"),
        ("cli", "the_block"),
        ("cli", "files"),
        ("the_block", "files"),
        ("tests", "cli"),
        ("releases", "governance"),
    ] {
        assert_eq!(refusal(from, to), None);
    }
    for (from, to) in [
        ("primitives", "state"),
        ("governance", "releases"),
        ("rpc", "the_block"),
        ("sim", "cli"),
        ("new", "rpc"),
        ("light", "files"),
        ("files", "rpc"),
    ] {
        assert!(refusal(from, to).is_some_and(|why| why.starts_with(&format!("{from} -> {to}: "))));
    }
    assert!(["tokio-util", "libp2p-tcp", "rand", "getrandom"].iter().all(|name| brings_io(name)));
    assert!(!["rand_core", "tokenizer", "serde", "timer"].iter().any(|name| brings_io(name)));
    let text = "use std::collections::HashMap; // f32\n/// Instant\nlet x: f64 = 1.0;\nlet f64x = my_f32;\nmod tests {\nInstant";
    assert_eq!(findings(text).collect::<Vec<_>>(), [(1, "HashMap"), (3, "f64")]);
    assert!(is_pure("runtime") && !is_pure("rpc") && !is_pure("serde"));
    let outside = "rpc/src/views/release.rs";
    assert!(reaches_storage("releases", outside, "use releases::storage::{ACTIVE, APPROVED};"));
    assert!(reaches_storage(
        "releases",
        outside,
        "const ACTIVE: Item<Vec<BuildHash>> = Item::new(\"releases/active\");"
    ));
    assert!(reaches_storage("releases", "pallets/releases/src/lib.rs", "pub mod storage;"));
    assert!(!reaches_storage("releases", "pallets/releases/src/lib.rs", "mod storage;"));
    assert!(!reaches_storage("releases", outside, "use ledger::storage::{Commit, Storage};"));
    assert!(writes_a_schema("impl JsonSchema for Amount {") && !writes_a_schema("#[derive(Debug, JsonSchema)]"));
    let commands = ["#[error(\"list them with `contract gov releases`\")]", "format!(\"pass --track expedited\")"];
    assert!(commands.iter().all(|line| names_a_command(line)));
    assert!(!names_a_command("let left = right--; // \"no -- dash\"") && !names_a_command("\"so -- not an option\""));
}
