//! Is `docs/requirements.md` still so? Every requirement has a row, and what is carried by now is shown by tests that are there.

use crate::shown::{functions, has_test, named, read, rust_files, unshown};

/// The page.
const PAGE: &str = "docs/requirements.md";
/// The number of the last requirement.
const LAST: u32 = 169;
/// The steps that are built.
const BUILT: [&str; 3] = ["1", "2", "3"];
/// How a cell of a later step begins.
const LATER: &str = "Later";

/// What a row says of a requirement.
#[derive(Debug, PartialEq)]
struct Row<'p> {
    id: &'p str,
    /// The step that carries it as a whole.
    step: &'p str,
    /// Which tests show it.
    shown: &'p str,
}

/// The rows of requirements in a page, in their order.
fn rows(page: &str) -> impl Iterator<Item = Row<'_>> {
    page.lines().filter_map(|line| {
        let cells: Vec<&str> = line.strip_prefix("| ")?.strip_suffix(" |")?.split(" | ").collect();
        let [id, _, step, shown] = cells[..] else { return None };
        id.starts_with("REQ-").then_some(Row { id, step, shown })
    })
}

/// The requirement whose number a test bears, such as REQ-007 of `req_007_a_gate_that_is_on_stays_on`.
fn borne(test: &str) -> Option<String> {
    let number = test.strip_prefix("req_")?.split('_').next()?;
    (number.len() == 3 && number.parse::<u32>().is_ok()).then(|| format!("REQ-{number}"))
}

#[test]
fn every_requirement_has_one_row_in_its_place() {
    let page = read(PAGE);
    let ids: Vec<&str> = rows(&page).map(|row| row.id).collect();
    let expected: Vec<String> = (1..=LAST).map(|number| format!("REQ-{number:03}")).collect();
    assert_eq!(ids, expected);
}

#[test]
fn what_is_carried_by_now_is_shown_by_tests_that_run() {
    let page = read(PAGE);
    let mut wrong = Vec::new();
    for Row { id, step, shown } in rows(&page) {
        let tests = named(shown);
        if BUILT.contains(&step) == shown.starts_with(LATER) {
            wrong.push(format!("{id}: step {step} is built, or its cell begins with {LATER:?}, and not both"));
        }
        if BUILT.contains(&step) && tests.is_empty() {
            wrong.push(format!("{id}: no test is named"));
        }
        wrong.extend(unshown(id, &tests));
    }
    assert!(wrong.is_empty(), "{PAGE} promises what nothing shows:\n  {}", wrong.join("\n  "));
}

#[test]
fn every_test_that_bears_the_number_of_a_requirement_is_named_in_its_row() {
    let page = read(PAGE);
    let (mut found, mut missing) = (0, Vec::new());
    for file in rust_files() {
        let text = read(&file);
        for test in functions(&text).filter(|name| borne(name).is_some() && has_test(&text, name)) {
            found += 1;
            let of = borne(test);
            let is_named =
                |row: Row<'_>| Some(row.id) == of.as_deref() && named(row.shown).contains(&(file.as_str(), test));
            if !rows(&page).any(is_named) {
                missing.push(format!("{}: {test} in {file}", of.unwrap_or_default()));
            }
        }
    }
    assert!(missing.is_empty(), "{PAGE} does not name what shows it:\n  {}", missing.join("\n  "));
    assert!(found > 20, "only {found} tests bear the number of a requirement");
}

#[test]
fn rows_and_numbers_are_read() {
    let page = "| id | by | step | shown |\n|---|---|---|---|\n| REQ-001 | x | 1 | `a.rs`: `b` |\n| REQ-2 |";
    assert_eq!(rows(page).collect::<Vec<_>>(), [Row { id: "REQ-001", step: "1", shown: "`a.rs`: `b`" }]);
    assert_eq!(borne("req_007_a_gate").as_deref(), Some("REQ-007"));
    assert_eq!((borne("req_7_a_gate"), borne("a_req_007"), borne("req_abc_x")), (None, None, None));
}
