//! The modules of a crate know each other in one direction.

use crate::{code, shipped};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

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
fn circles_are_found() {
    let group = "use crate::{a::{x, y}, b, c::d};\nlet z = crate::e::f(); // crate::g\n//! crate::h";
    assert_eq!(modules_named(group).into_iter().collect::<Vec<_>>(), ["a", "b", "c", "e"]);
    let open = [("k/src/a.rs", "use crate::b::X;"), ("k/src/b/mod.rs", "use crate::Y;"), ("k/src/lib.rs", "mod a;")];
    assert_eq!(circle(&uses_between_modules(&open), "a"), None);
    let closed = [open[0], open[1], ("k/src/b/deep.rs", "use crate::{a, other};")];
    let uses = uses_between_modules(&closed);
    let way = circle(&uses, "a").unwrap();
    assert_eq!(told("k", &way, &uses), "k: a -> b in k/src/a.rs; b -> a in k/src/b/deep.rs");
}
