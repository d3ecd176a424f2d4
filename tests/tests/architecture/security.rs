//! Is `docs/security.md` still so? Every attack has a row, every test that a row names is one, every advisory is explained.

use crate::shown::{functions, has_test, named, read, rust_files, unshown};
use std::collections::BTreeSet;

/// The attacks, by the letter and the number of the last one: those on updates, what hostile hands can do, on the evaluation of
/// flags, on the audit log, by applications and their tenants, and on the tree of blocks and its witnesses.
const ATTACKS: [(char, usize); 6] = [('T', 30), ('H', 28), ('E', 9), ('A', 7), ('P', 8), ('W', 7)];
/// Where the tests lie that play an attack against whole processes, disks and networks.
const PLAYED: &str = "tests/tests/";
/// How the cell begins that names no test for an attack.
const NO_TEST: &str = "No test";
/// How the id of an advisory begins.
const ADVISORY: &str = "RUSTSEC-";

/// The attacks that have a row in a page, each with the cell that names its tests.
fn rows(page: &str) -> impl Iterator<Item = (&str, &str)> {
    page.lines().filter_map(|line| {
        let cells: Vec<&str> = line.strip_prefix("| ")?.strip_suffix(" |")?.split(" | ").collect();
        let [id, _, _, _, tests] = cells[..] else { return None };
        let number = id.strip_prefix(|first| ATTACKS.iter().any(|(letter, _)| *letter == first))?;
        number.parse::<usize>().is_ok().then_some((id, tests))
    })
}

/// Whether a test bears the name of an attack, such as `h03_` that of H3.
fn bears(test: &str, id: &str) -> bool {
    let (letter, number) = id.split_at(1);
    test.split('_').any(|word| word == format!("{}{number:0>2}", letter.to_lowercase()))
}

/// The ids of advisories in a text.
fn advisories(text: &str) -> BTreeSet<&str> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
    words.filter(|word| word.starts_with(ADVISORY)).collect()
}

#[test]
fn every_attack_has_one_row() {
    let page = read("docs/security.md");
    let mut ids: Vec<String> = rows(&page).map(|(id, _)| id.to_owned()).collect();
    let mut expected: Vec<String> =
        ATTACKS.iter().flat_map(|(letter, last)| (1..=*last).map(move |number| format!("{letter}{number}"))).collect();
    ids.sort();
    expected.sort();
    assert_eq!(ids, expected);
}

#[test]
fn every_test_that_a_row_names_is_one_that_runs() {
    let page = read("docs/security.md");
    let mut wrong = Vec::new();
    for (id, cell) in rows(&page).filter(|(_, cell)| !cell.starts_with(NO_TEST)) {
        let tests = named(cell);
        if !tests.iter().any(|(_, test)| bears(test, id)) {
            wrong.push(format!("{id}: names no test that bears its name, and does not say \"{NO_TEST}\""));
        }
        wrong.extend(unshown(id, &tests));
    }
    assert!(wrong.is_empty(), "docs/security.md promises what nothing shows:\n  {}", wrong.join("\n  "));
}

#[test]
fn every_attack_that_is_played_is_named_in_its_row() {
    let page = read("docs/security.md");
    let rows: Vec<_> = rows(&page).map(|(id, cell)| (id, named(cell))).collect();
    let (mut played, mut missing) = (0, Vec::new());
    for file in rust_files().into_iter().filter(|file| file.starts_with(PLAYED)) {
        let text = read(&file);
        for test in functions(&text).filter(|name| has_test(&text, name)) {
            let of = rows.iter().filter(|(id, _)| bears(test, id));
            played += usize::from(of.clone().next().is_some());
            let lacking = of.filter(|(_, tests)| !tests.contains(&(file.as_str(), test)));
            missing.extend(lacking.map(|(id, _)| format!("{id}: {test} in {file}")));
        }
    }
    assert!(missing.is_empty(), "docs/security.md does not name what shows it:\n  {}", missing.join("\n  "));
    assert!(played > 0, "no test bears the name of an attack");
}

#[test]
fn every_advisory_that_is_passed_over_is_explained() {
    let (page, deny) = (read("docs/security.md"), read("deny.toml"));
    assert_eq!(advisories(&page), advisories(&deny));
    assert!(!advisories(&deny).is_empty());
}

#[test]
fn rows_and_advisories_are_found() {
    let cell = "`x/a.rs`: `t01_a`, `b`; `c.rs`: `d`";
    let page = format!("| id | a | b | c | tests |\n|---|---|---|---|---|\n| T1 | a | b | c | {cell} |\n| T2 |\nT3");
    assert_eq!(rows(&page).collect::<Vec<_>>(), [("T1", cell)]);
    assert!(bears("h03_a_place", "H3") && bears("t17_h03_a_seal", "H3"));
    assert!(!bears("h30_a_place", "H3") && !bears("a_place_h3", "H3"));
    assert_eq!(advisories("id = \"RUSTSEC-2026-0001\", | RUSTSEC-2026-0002 |").len(), 2);
}
