//! The command lines that a document has for people to type, read from it.
//!
//! A block that is indented by four spaces, or fenced, holds command lines, one each, unless it begins as one of the [`FIGURES`] or as
//! settings. What stands behind two spaces is a remark; a line that is indented far further is one too.

use crate::explorer::repository;
use anyhow::Context as _;
use std::path::Path;

/// How blocks begin that nobody types: drawings, files and sources of other programs, and answers.
const FIGURES: [&str; 9] = [
    "signers sign",
    "import {",
    "from openfeature",
    "server {",
    "location / {",
    "node.example.org {",
    "explorer.example.org {",
    "{\"type\"",
    "livenessProbe:",
];

/// How much further than its block a line is indented that goes on with a remark.
const REMARKS: usize = 8;

/// The programs of this product that people type.
pub const PROGRAMS: [&str; 3] = ["contract", "the-block", "the-block-explorer"];

/// A command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypedLine {
    /// The number of the line at which it begins.
    pub at: usize,
    /// What is typed, without its remark.
    pub text: String,
}

/// What of a document is typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Document {
    /// Its path in the repository.
    pub path: String,
    /// The command lines of its blocks.
    pub lines: Vec<TypedLine>,
    /// The commands of this product that its sentences and tables speak of.
    pub mentions: Vec<String>,
    /// Its blocks of settings of a node.
    pub settings: Vec<String>,
}

/// A part of a document.
enum Part<'t> {
    Prose(String),
    Block(Vec<(usize, &'t str)>),
}

impl Document {
    /// Reads a document of the repository.
    ///
    /// # Errors
    /// When there is none.
    pub fn read(path: &str) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(repository().join(path)).with_context(|| path.to_owned())?;
        Ok(Self::of(path, &text))
    }

    /// The README, the documents for operators, and the runbooks that the plan of this network names.
    ///
    /// # Errors
    /// When a folder cannot be read.
    pub fn all() -> anyhow::Result<Vec<Self>> {
        let mut paths = ["README.md", "docs/storage_recovery.md"].map(str::to_owned).to_vec();
        for folder in ["docs/operations", "docs/operations/rollbacks", "docs/deployment"] {
            for entry in std::fs::read_dir(repository().join(folder)).with_context(|| folder.to_owned())? {
                let name = entry?.file_name().to_string_lossy().into_owned();
                if Path::new(&name).extension().is_some_and(|ending| ending == "md") {
                    paths.push(format!("{folder}/{name}"));
                }
            }
        }
        paths.iter().map(|path| Self::read(path)).collect()
    }

    fn of(path: &str, text: &str) -> Self {
        let mut document = Self { path: path.into(), ..Self::default() };
        for part in parts(text) {
            match part {
                Part::Prose(text) => document.mentions.extend(mentions(&text)),
                Part::Block(lines) => document.take(&lines),
            }
        }
        document
    }

    /// Takes what is typed of a block.
    fn take(&mut self, block: &[(usize, &str)]) {
        let Some((_, first)) = block.first() else { return };
        let base = indent(first);
        let first = first.trim_start();
        if FIGURES.iter().any(|figure| first.starts_with(figure)) {
            return;
        }
        if first.starts_with('[') {
            let lines = block.iter().map(|(_, line)| format!("{}\n", line.trim()));
            return self.settings.push(lines.collect());
        }
        for (at, line) in block {
            let text = without_remark(line.trim());
            let open = self.lines.last_mut().filter(|last| last.text.ends_with('\\'));
            if let Some(open) = open {
                open.text.truncate(open.text.trim_end_matches('\\').trim_end().len());
                open.text.push(' ');
                open.text.push_str(text);
            } else if indent(line) < base + REMARKS {
                self.lines.push(TypedLine { at: *at, text: text.to_owned() });
            }
        }
    }
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// Paragraphs and blocks. A block goes on over empty lines, up to what is not indented.
fn parts(text: &str) -> Vec<Part<'_>> {
    let (mut parts, mut after_empty, mut is_fenced) = (Vec::new(), true, false);
    for (at, line) in (1..).zip(text.lines()) {
        if line.trim_start().starts_with("```") {
            is_fenced = !is_fenced;
            parts.push(if is_fenced { Part::Block(Vec::new()) } else { Part::Prose(String::new()) });
            continue;
        }
        if line.trim().is_empty() {
            after_empty = true;
            continue;
        }
        match parts.last_mut() {
            Some(Part::Block(block)) if is_fenced || indent(line) >= 4 => block.push((at, line)),
            _ if after_empty && indent(line) >= 4 => parts.push(Part::Block(vec![(at, line)])),
            Some(Part::Prose(prose)) if !after_empty => {
                prose.push(' ');
                prose.push_str(line.trim());
            }
            _ => parts.push(Part::Prose(line.trim().to_owned())),
        }
        after_empty = false;
    }
    parts
}

/// A line up to two spaces that are not quoted.
fn without_remark(line: &str) -> &str {
    let mut quote = None;
    for (at, c) in line.char_indices() {
        match quote {
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None if c == '\'' || c == '"' => quote = Some(c),
            None if line[at..].starts_with("  ") => return &line[..at],
            None => {}
        }
    }
    line
}

/// What a paragraph has between backticks and begins with a program of this product.
fn mentions(text: &str) -> Vec<String> {
    let quoted = text.split('`').skip(1).step_by(2);
    let typed = quoted.map(|span| span.split_whitespace().collect::<Vec<_>>());
    let ours = typed.filter(|words| words.len() > 1 && PROGRAMS.contains(&words[0]));
    ours.map(|words| words.join(" ")).collect()
}

/// The commands of a line, each as the words that a shell makes of it, without where their output goes.
pub fn commands(line: &str) -> Vec<Vec<String>> {
    let words = words(line);
    let commands = words.split(|word| ["|", "&&"].contains(&word.as_str()));
    let up_to_output = |words: &[String]| words.iter().take_while(|word| *word != ">").cloned().collect::<Vec<_>>();
    let as_whoever = |words: Vec<String>| {
        let skipped = if words.first().is_some_and(|word| word == "sudo") { 3 } else { 0 };
        words.into_iter().skip(skipped).collect::<Vec<_>>()
    };
    commands.map(up_to_output).map(as_whoever).filter(|words| !words.is_empty()).collect()
}

fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    for c in line.chars() {
        match quote {
            Some(open) if c == open => quote = None,
            Some(_) => word.get_or_insert_default().push(c),
            None if c == '\'' || c == '"' => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            None if c.is_whitespace() => words.extend(word.take()),
            None => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

/// A line with words in the place of others, wherever they stand by themselves.
pub fn with(line: &str, bindings: &[(&str, &str)]) -> String {
    bindings.iter().fold(line.to_owned(), |line, (from, to)| replaced(&line, from, to))
}

fn replaced(line: &str, from: &str, to: &str) -> String {
    let is_in_word = |c: char| c.is_ascii_alphanumeric() || ['_', '-', '$'].contains(&c);
    let is_letter = |c: char| c.is_ascii_alphanumeric();
    let (mut replaced, mut rest) = (String::new(), line);
    while let Some(at) = rest.find(from) {
        replaced.push_str(&rest[..at]);
        rest = &rest[at + from.len()..];
        let goes_on = (from.starts_with(is_letter) && replaced.ends_with(is_in_word))
            || (from.ends_with(is_letter) && rest.starts_with(is_in_word));
        replaced.push_str(if goes_on { from } else { to });
    }
    replaced + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_told_from_what_is_said_about_it() {
        let text = "Say `contract gov\nparams`, or `HOME`.\n\n    contract status  how it is\n            and goes on\n    curl -s A \\\n      \
                    -d 'b  c'\n\nA file:\n\n    server {\n\n        listen 1;\n    }\n\nSettings:\n\n    [rpc]\n    listen = 1\n\n\
                    ```\nthe-block dev\n```\nThe end.\n";
        let document = Document::of("x.md", text);
        let lines: Vec<(usize, &str)> = document.lines.iter().map(|line| (line.at, line.text.as_str())).collect();
        assert_eq!(lines, [(4, "contract status"), (6, "curl -s A -d 'b  c'"), (22, "the-block dev")]);
        assert_eq!(document.mentions, ["contract gov params"]);
        assert_eq!(document.settings, ["[rpc]\nlisten = 1\n"]);
    }

    #[test]
    fn a_line_is_read_as_a_shell_reads_it() {
        let read = commands("sudo -u me echo '{\"a\": 1 | 2}' | contract send --call - && contract man > x");
        assert_eq!(read[0], ["echo", "{\"a\": 1 | 2}"]);
        assert_eq!(read[1], ["contract", "send", "--call", "-"]);
        assert_eq!(read[2], ["contract", "man"]);
    }

    #[test]
    fn a_placeholder_is_a_word_by_itself() {
        let line = "the-block --home HOME/x --hash H HASH $HOME [--height H]";
        let read = with(line, &[("H", "1"), ("HOME", "net")]);
        assert_eq!(read, "the-block --home net/x --hash 1 HASH $HOME [--height 1]");
        assert_eq!(with(line, &[("[--height H]", "")]), "the-block --home HOME/x --hash H HASH $HOME ");
        assert_eq!(with("the-block-explorer", &[("the-block", "x")]), "the-block-explorer");
    }
}
