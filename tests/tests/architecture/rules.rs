//! What may not stand in the sources: IO in a pure crate, a second place for what has one, a command in a sentence.

use crate::crates::{is_pure, tree};
use crate::{TESTS, code, has_word, root, shipped, sources, workspace};
use std::collections::BTreeSet;

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

/// The forbidden words in a source with their lines, outside of comments and of the tests at the end.
fn findings(text: &str) -> impl Iterator<Item = (usize, &'static str)> {
    let code = text.lines().take_while(|line| line.trim() != "mod tests {");
    code.zip(1..).flat_map(|(line, number)| {
        let code = line.split("//").next().unwrap_or_default();
        IO_WORDS.iter().filter(move |word| has_word(code, word)).map(move |word| (number, *word))
    })
}

#[test]
fn state_is_changed_only_where_facts_are_recorded_or_replayed() {
    let allowed = ["runtime/src/dispatch.rs", "runtime/src/execute.rs"];
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
        .filter(|(file, _)| !file.starts_with("runtime/src/testing/"))
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
fn variables_of_operators_are_read_by_one_rule() {
    let mut wrong = Vec::new();
    for (file, text) in shipped(|name| name != TESTS) {
        let read = code(&text).filter(|(_, line)| reads_a_variable(line));
        let read = read.filter(|_| file != "node/host/src/variables.rs" && !file.ends_with("build.rs"));
        wrong.extend(read.map(|(number, line)| format!("{file}:{number}: {}", line.trim())));
    }
    assert!(wrong.is_empty(), "ask `host::variables`, to which an empty one is not set:\n  {}", wrong.join("\n  "));
}

/// Whether a line of code asks the environment for a variable.
fn reads_a_variable(line: &str) -> bool {
    // A variable behind an argument is read where its name is asked for by the rule.
    let line = line.replace("env = unless_empty(", "");
    let words = ["env::var(", "env::var_os(", "use std::env::var", " env = ", ", env,", ", env)", "(env)", "(env,"];
    words.iter().any(|word| line.contains(word))
}

#[test]
fn what_breaks_a_rule_is_found() {
    let text = "use std::collections::HashMap; // f32\n/// Instant\nlet x: f64 = 1.0;\nlet f64x = my_f32;\nmod tests {\nInstant";
    assert_eq!(findings(text).collect::<Vec<_>>(), [(1, "HashMap"), (3, "f64")]);
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
    assert!(
        reads_a_variable("std::env::var_os(NAME).is_some()")
            && reads_a_variable("#[arg(long, env = \"TB_RPC\")]")
            && reads_a_variable("        env = RPC_VARIABLE,")
            && !reads_a_variable("        env = unless_empty(RPC_VARIABLE),")
            && !reads_a_variable("for (name, _) in std::env::vars_os() {")
    );
    let commands = ["#[error(\"list them with `contract gov releases`\")]", "format!(\"pass --track expedited\")"];
    assert!(commands.iter().all(|line| names_a_command(line)));
    assert!(!names_a_command("let left = right--; // \"no -- dash\"") && !names_a_command("\"so -- not an option\""));
}
