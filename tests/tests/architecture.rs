//! The house has rooms with doors: which crate may know which, and what may not appear in a pure one.
//!
//! A crate exists where the compiler has to forbid something, or where its users ask for it without the rest. These tests are
//! that prohibition: they read the workspace as cargo resolves it, and name the edge or the line that breaks a rule.

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::{Path, PathBuf};
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
const CHAIN: &str = "primitives state accounts staking governance releases runtime";

/// Every crate with what there may be in it and the crates that it may know, which stand above it.
static CRATES: [(&str, Kind, &[&str]); 23] = [
    ("primitives", Pure, &[]),
    ("state", Pure, &["primitives"]),
    ("accounts", Pure, &["primitives state"]),
    ("staking", Pure, &["primitives state accounts"]),
    ("governance", Pure, &["primitives state accounts staking"]),
    ("releases", Pure, &["primitives state accounts staking governance"]),
    ("runtime", Pure, &["primitives state accounts staking governance releases"]),
    ("ledger", Pure, &[CHAIN]),
    ("light", Pure, &[CHAIN, "ledger"]),
    ("files", Io, &[]),
    ("man", Io, &[]),
    ("rpc", Io, &[CHAIN, "ledger light"]),
    ("host", Io, &["primitives files rpc"]),
    ("store", Io, &[CHAIN, "ledger light files rpc host"]),
    ("artifacts", Io, &[CHAIN, "files rpc host"]),
    ("overlay", Io, &["primitives files rpc artifacts"]),
    ("update", Io, &[CHAIN, "light files rpc host artifacts overlay"]),
    ("consensus", Io, &["primitives accounts staking runtime files"]),
    ("the_block", Io, &[CHAIN, "ledger light files man rpc host store artifacts overlay update consensus"]),
    ("cli", End, &[CHAIN, "ledger light files man rpc host store artifacts update"]),
    ("explorer", End, &[CHAIN, "ledger light files rpc host store"]),
    ("release_notes", End, &[CHAIN, "light rpc host store"]),
    ("migrate_overlay_store", End, &["overlay"]),
];
/// Knows everybody.
const TESTS: &str = "tests";

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

/// What every pallet, and the runtime over all of them, calls its calls, motions, events and errors.
const NAMES_OF_PALLETS: [&str; 4] = ["Call", "Motion", "Event", "Error"];
/// Names of types that say nothing of the field.
const NAMES_THAT_SAY_NOTHING: [&str; 6] = ["House", "Conduct", "Desk", "Work", "Given", "Link"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().expect("the workspace's folder")
}

fn workspace() -> Metadata {
    let options = ["--locked".to_string()];
    MetadataCommand::new().manifest_path(root().join("Cargo.toml")).no_deps().other_options(options).exec().unwrap()
}

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

fn is_pure(name: &str) -> bool {
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
fn tree(package: &str, arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO"))
        .current_dir(root())
        .args(["tree", "--locked", "--package", package, "--edges", "normal,no-proc-macro"])
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.status.success(), "cargo tree failed: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn sources_of_pure_crates_read_no_clock_machine_or_chance() {
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
    assert!(wrong.is_empty(), "words that have no place in a pure crate:\n  {}", wrong.join("\n  "));
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
    let linked = tree("runtime", &["--prefix", "none", "--format", "{p}"]);
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
    let linked = linked(&metadata, "the_block");
    for name in &linked {
        let package = metadata.packages.iter().find(|package| package.name.as_str() == *name).unwrap();
        let folder = package.manifest_path.strip_prefix(root()).unwrap().iter().next().unwrap();
        assert!(folders.contains(&format!("\"{folder}\"")), "build.rs leaves out {folder}, and the node links {name}");
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

/// The type that a line of code declares, and whether every crate may use it.
fn declared(line: &str) -> Option<(&str, bool)> {
    let line = line.trim_start();
    let (public, rest) = match line.strip_prefix("pub") {
        Some(rest) if rest.starts_with('(') => (false, rest.split_once(") ")?.1),
        Some(rest) => (true, rest.strip_prefix(' ')?),
        None => (false, line),
    };
    let (kind, rest) = rest.strip_prefix("unsafe ").unwrap_or(rest).split_once(' ')?;
    let name = rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().filter(|name| !name.is_empty())?;
    ["struct", "enum", "trait", "type", "union"].contains(&kind).then_some((name, public))
}

#[test]
fn public_type_names_are_unique() {
    let files = shipped(|_| true);
    let mut places: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (file, text) in &files {
        let names = code(text).filter_map(|(_, line)| declared(line)).filter(|(_, public)| *public);
        for (name, _) in names {
            places.entry(name).or_default().insert(file);
        }
    }
    let of_pallets = |file: &&str| file.starts_with("pallets/") || file.starts_with("runtime/src/");
    let wrong: Vec<String> = places
        .iter()
        .filter(|(_, files)| files.len() > 1)
        .filter(|(name, files)| !(NAMES_OF_PALLETS.contains(*name) && files.iter().all(of_pallets)))
        .map(|(name, files)| format!("{name}: {}", files.iter().copied().collect::<Vec<_>>().join(", ")))
        .collect();
    assert!(wrong.is_empty(), "a name that stands twice says too little:\n  {}", wrong.join("\n  "));
}

#[test]
fn no_type_has_a_name_that_says_nothing() {
    let mut wrong = Vec::new();
    for (file, text) in shipped(|_| true) {
        let names = code(&text).filter_map(|(number, line)| Some((number, declared(line)?.0)));
        let named = names.filter(|(_, name)| NAMES_THAT_SAY_NOTHING.contains(name));
        wrong.extend(named.map(|(number, name)| format!("{file}:{number}: {name}")));
    }
    assert!(wrong.is_empty(), "give them the field's words:\n  {}", wrong.join("\n  "));
}

/// Which modules at the top of a crate name which others, and in which files.
type Uses = BTreeMap<String, BTreeMap<String, BTreeSet<String>>>;

/// The uses between the modules of one crate, of which the files are given by path and text.
fn uses_between_modules(files: &[(&str, &str)]) -> Uses {
    let modules: BTreeSet<&str> = files.iter().filter_map(|(file, _)| module_at_the_top(file)).collect();
    let mut uses = Uses::new();
    for (file, text) in files {
        let Some(from) = module_at_the_top(file) else { continue };
        for to in modules_named(text).into_iter().filter(|to| to != from && modules.contains(to.as_str())) {
            uses.entry(from.to_owned()).or_default().entry(to).or_default().insert((*file).to_owned());
        }
    }
    uses
}

/// The module at the top of its crate that a file belongs to; the file that lists these modules belongs to none.
fn module_at_the_top(file: &str) -> Option<&str> {
    let first = file.split_once("/src/")?.1.split('/').next()?;
    let name = first.strip_suffix(".rs").unwrap_or(first);
    (!["lib", "main", "bin"].contains(&name)).then_some(name)
}

/// The first names after every `crate::` of a source, outside of comments and of the tests at the end.
fn modules_named(text: &str) -> BTreeSet<String> {
    let text = code(text).filter_map(|(_, line)| line.split("//").next()).collect::<Vec<_>>().join("\n");
    let within_a_name = |at: usize| text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
    let starts = text.match_indices("crate::").filter(|(at, _)| !within_a_name(*at));
    starts.flat_map(|(at, start)| first_names(&text[at + start.len()..])).collect()
}

/// The first name of a path, or of every path in a group.
fn first_names(path: &str) -> Vec<String> {
    let name =
        |text: &str| -> String { text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect() };
    let Some(group) = path.strip_prefix('{') else { return vec![name(path)] };
    let mut names = vec![name(group)];
    let mut depth = 0_usize;
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => names.push(name(&group[at + 1..])),
            _ => {}
        }
    }
    names
}

/// The shortest way from a module back to itself; none when there is no way.
fn circle(uses: &Uses, start: &str) -> Option<Vec<String>> {
    let mut ways = VecDeque::from([vec![start.to_owned()]]);
    let mut seen = BTreeSet::new();
    while let Some(way) = ways.pop_front() {
        for next in uses.get(way.last()?).into_iter().flat_map(BTreeMap::keys) {
            let longer = [way.as_slice(), std::slice::from_ref(next)].concat();
            if next == start {
                return Some(longer);
            }
            if seen.insert(next) {
                ways.push_back(longer);
            }
        }
    }
    None
}

/// A circle with the files that close it.
fn told(folder: &str, way: &[String], uses: &Uses) -> String {
    let step = |from: &String, to: &String| {
        let files = uses.get(from).and_then(|others| others.get(to)).into_iter().flatten().cloned();
        format!("{from} -> {to} in {}", files.collect::<Vec<_>>().join(", "))
    };
    let steps = way.iter().zip(way.iter().skip(1)).map(|(from, to)| step(from, to));
    format!("{folder}: {}", steps.collect::<Vec<_>>().join("; "))
}

#[test]
fn no_modules_of_a_crate_form_a_circle() {
    let files = shipped(|_| true);
    let mut crates: BTreeMap<&str, Vec<(&str, &str)>> = BTreeMap::new();
    for (file, text) in &files {
        let (folder, _) = file.split_once("/src/").expect("a source lies below src");
        crates.entry(folder).or_default().push((file.as_str(), text.as_str()));
    }
    let mut wrong = Vec::new();
    for (folder, files) in crates {
        let uses = uses_between_modules(&files);
        let circles = uses.keys().filter_map(|start| circle(&uses, start));
        // Each is told once, from the first of its modules by name.
        let once = circles.filter(|way| way.iter().min() == way.first());
        wrong.extend(once.map(|way| told(folder, &way, &uses)));
    }
    assert!(wrong.is_empty(), "modules that cannot be read one after another:\n  {}", wrong.join("\n  "));
}

#[test]
fn names_and_circles_are_found() {
    assert_eq!(declared("    pub enum Answer<'a> {"), Some(("Answer", true)));
    assert_eq!(declared("pub(super) struct House(u8);"), Some(("House", false)));
    assert_eq!(declared("type Given = u8;"), Some(("Given", false)));
    assert_eq!(declared("pub fn struct_of() {"), None);
    assert_eq!(declared("published struct"), None);
    let group = "use crate::{a::{x, y}, b, c::d};\nlet z = crate::e::f(); // crate::g\n//! crate::h";
    assert_eq!(modules_named(group).into_iter().collect::<Vec<_>>(), ["a", "b", "c", "e"]);
    let open = [("k/src/a.rs", "use crate::b::X;"), ("k/src/b/mod.rs", "use crate::Y;"), ("k/src/lib.rs", "mod a;")];
    assert_eq!(circle(&uses_between_modules(&open), "a"), None);
    let closed = [open[0], open[1], ("k/src/b/deep.rs", "use crate::{a, other};")];
    let uses = uses_between_modules(&closed);
    let way = circle(&uses, "a").unwrap();
    assert_eq!(told("k", &way, &uses), "k: a -> b in k/src/a.rs; b -> a in k/src/b/deep.rs");
}

#[test]
fn the_rules_refuse_what_they_should() {
    for (from, to) in [("state", "primitives"), ("cli", "files"), ("tests", "cli"), ("releases", "governance")] {
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
