//! The house is a line, not a web: which crate may know which, and what may not appear left of `rpc`.
//!
//! A crate exists where the compiler has to forbid something. These tests are that prohibition: they read the workspace
//! as cargo resolves it, and name the edge or the line that breaks a rule.

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
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
    let commands = ["#[error(\"list them with `contract gov releases`\")]", "format!(\"pass --track expedited\")"];
    assert!(commands.iter().all(|line| names_a_command(line)));
    assert!(!names_a_command("let left = right--; // \"no -- dash\"") && !names_a_command("\"so -- not an option\""));
}
