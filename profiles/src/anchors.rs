//! `path#anchor`: the section of a document that a link would lead to, and its hash (REQ-012).
//!
//! Anchors are GitHub's: a heading in lower case, without its punctuation, with a hyphen for every blank; the second heading that
//! comes to the same has `-1` behind it. A section is its heading's line and all that follows, up to the next heading of the same
//! level or a higher one. Headings are lines that begin with `#`, outside of fenced blocks.

use primitives::{Digest, Name, Text};
use std::collections::BTreeMap;

/// The deepest heading of Markdown.
const DEEPEST: usize = 6;
/// How far a heading or a fence may be indented; what is further in is a block of code.
const INDENT: usize = 3;
/// How many backticks or tildes begin a fenced block at least.
const FENCE: usize = 3;

/// The section of a document that an anchor names, with its bytes as they are there.
pub fn section<'d>(document: &'d str, anchor: &str) -> Option<&'d str> {
    let headings = headings(document);
    let at = headings.iter().position(|heading| heading.anchor == anchor)?;
    let (heading, after) = headings.get(at..)?.split_first()?;
    let end = after.iter().find(|next| next.level <= heading.level).map_or(document.len(), |next| next.start);
    document.get(heading.start..end)
}

/// The BLAKE3 of a section.
pub fn hash(section: &str) -> Digest {
    Digest::blake3(section.as_bytes())
}

/// All anchors of a document, in its order.
pub fn anchors(document: &str) -> Vec<String> {
    headings(document).into_iter().map(|heading| heading.anchor).collect()
}

/// The document and the anchor of a reference.
///
/// # Errors
/// When there is no `#`, the path leads out of the folder that documents lie below, or the anchor cannot be one.
pub fn parsed(reference: &str) -> Result<(Text<160>, Name), String> {
    let (path, anchor) =
        reference.split_once('#').ok_or("write the document and its section, such as docs/a.md#a-heading")?;
    let is_below = !path.is_empty() && path.split('/').all(|part| !["", ".", ".."].contains(&part));
    if !is_below || path.contains('\\') {
        return Err("name the document from the root of the documents, with neither `..` nor a slash in front".into());
    }
    Ok((path.parse()?, anchor.parse()?))
}

/// A heading of a document.
struct Heading {
    /// Where its line begins.
    start: usize,
    /// 1 is the highest.
    level: usize,
    anchor: String,
}

fn headings(document: &str) -> Vec<Heading> {
    let (mut headings, mut taken) = (Vec::new(), BTreeMap::new());
    let (mut start, mut fence) = (0_usize, None);
    for line in document.split_inclusive('\n') {
        match (fence, fence_of(line)) {
            (None, Some((opened, _))) => fence = Some(opened),
            (Some(opened), Some((closing, bare))) if bare && closes(opened, closing) => fence = None,
            (None, None) => {
                if let Some((level, text)) = heading(line) {
                    headings.push(Heading { start, level, anchor: free(slug(text), &mut taken) });
                }
            }
            _ => {}
        }
        start = start.saturating_add(line.len());
    }
    headings
}

/// The mark and the length of the fence that a line begins, and whether nothing stands behind it.
fn fence_of(line: &str) -> Option<((char, usize), bool)> {
    let text = outside_of_code(line)?;
    let mark = text.chars().next().filter(|mark| ['`', '~'].contains(mark))?;
    let rest = text.trim_start_matches(mark);
    let length = text.len().saturating_sub(rest.len());
    // Backticks behind backticks are code within a line.
    (length >= FENCE && !(mark == '`' && rest.contains('`'))).then_some(((mark, length), rest.trim().is_empty()))
}

fn closes(opened: (char, usize), closing: (char, usize)) -> bool {
    opened.0 == closing.0 && closing.1 >= opened.1
}

/// A line without its indent; `None` where it is indented as code is.
fn outside_of_code(line: &str) -> Option<&str> {
    let text = line.trim_start_matches(' ');
    (line.len().saturating_sub(text.len()) <= INDENT).then_some(text)
}

/// The level and the text of the heading that a line is.
fn heading(line: &str) -> Option<(usize, &str)> {
    let marked = outside_of_code(line)?.trim_end();
    let text = marked.trim_start_matches('#');
    let level = marked.len().saturating_sub(text.len());
    let is_heading = (1..=DEEPEST).contains(&level) && (text.is_empty() || text.starts_with([' ', '\t']));
    // Marks behind a heading belong to it no more than those in front, when a blank stands between.
    let open = text.trim_end_matches('#');
    let text = if open.is_empty() || open.ends_with([' ', '\t']) { open } else { text };
    is_heading.then_some((level, text.trim()))
}

/// What a heading comes to as an anchor.
fn slug(text: &str) -> String {
    let is_kept = |c: &char| c.is_alphanumeric() || [' ', '-', '_'].contains(c);
    without_targets(text).to_lowercase().chars().filter(is_kept).map(|c| if c == ' ' { '-' } else { c }).collect()
}

/// A text without where its links lead to: `[a](b)` is `a`.
fn without_targets(text: &str) -> String {
    let mut parts = text.split("](");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + part.split_once(')').map_or(part, |(_, rest)| rest))
}

/// A slug, or the first with a number behind it that no heading before has. What is taken has the number that is tried next behind
/// it, so that no number is tried twice for the same slug.
fn free(slug: String, taken: &mut BTreeMap<String, usize>) -> String {
    let Some(mut number) = taken.get(&slug).copied() else {
        taken.insert(slug.clone(), 1);
        return slug;
    };
    let mut anchor = format!("{slug}-{number}");
    while taken.contains_key(&anchor) {
        number = number.saturating_add(1);
        anchor = format!("{slug}-{number}");
    }
    taken.insert(slug, number.saturating_add(1));
    taken.insert(anchor.clone(), 1);
    anchor
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    const DOCUMENT: &str = "\
# Staged Rollout
before
## Testnet Stage
### Testnet Readiness
ready
### Testnet `Recovery`, again!
```
# no heading
```
recover
## Testnet Stage ##
last
";

    #[test]
    fn a_section_ends_at_the_next_heading_that_is_not_below_its_own() {
        assert_eq!(section(DOCUMENT, "testnet-readiness"), Some("### Testnet Readiness\nready\n"));
        let stage = section(DOCUMENT, "testnet-stage").unwrap();
        assert!(stage.starts_with("## Testnet Stage\n") && stage.ends_with("recover\n"), "{stage}");
        assert_eq!(section(DOCUMENT, "testnet-stage-1"), Some("## Testnet Stage ##\nlast\n"));
        assert_eq!(section(DOCUMENT, "staged-rollout"), Some(DOCUMENT));
        assert_eq!(section(DOCUMENT, "no-heading"), None);
    }

    #[test]
    fn anchors_are_those_of_github() {
        let cases = [
            ("Common Preflight Checks", "common-preflight-checks"),
            ("What `E_ANCHOR` means: 5.x & more?", "what-e_anchor-means-5x--more"),
            ("[Restore](x.md#y) it", "restore-it"),
            ("Käse – two  blanks", "käse--two--blanks"),
        ];
        for (heading, anchor) in cases {
            assert_eq!(slug(heading), anchor, "{heading}");
        }
        assert_eq!(anchors("# a\n# a\n# a-1\n"), ["a", "a-1", "a-1-1"]);
    }

    #[test]
    fn a_heading_that_comes_a_hundred_thousand_times_has_its_numbers_in_a_moment() {
        let all = anchors(&"# a\n".repeat(100_000));
        assert_eq!((all.len(), all.last().unwrap().as_str()), (100_000, "a-99999"));
        assert_eq!(anchors("# a-1\n# a\n# a\n# a\n# a-2\n"), ["a-1", "a", "a-2", "a-3", "a-2-1"]);
    }

    #[test]
    fn what_only_looks_like_a_heading_is_none() {
        for text in ["#no blank", "####### seven", "    # code", "~~~\n# a\n~~~", "```\n# a\n~~~\n# b\n```"] {
            assert!(anchors(text).is_empty(), "{text}");
        }
        assert_eq!(anchors("   ## in a little\r\n"), ["in-a-little"]);
        assert_eq!(anchors("`` `` ``\n# a"), ["a"]);
    }

    #[test]
    fn a_reference_stays_below_the_root() {
        let (path, anchor) = parsed("docs/a.md#b-c").unwrap();
        assert_eq!((path.as_str(), anchor.as_str()), ("docs/a.md", "b-c"));
        for bad in
            ["docs/a.md", "#b", "/docs/a.md#b", "docs/../a.md#b", "./a.md#b", "docs//a.md#b", "docs/a.md#", "a.md#b c"]
        {
            assert!(parsed(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn every_anchor_that_a_document_has_names_a_section_that_begins_with_a_heading(
            lines in proptest::collection::vec("[#`~ ab\\-]{0,8}", 0..20)
        ) {
            let document = lines.join("\n");
            let all = anchors(&document);
            for anchor in &all {
                let found = section(&document, anchor).unwrap();
                prop_assert!(found.trim_start_matches(' ').starts_with('#'));
            }
            prop_assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
        }
    }
}
