//! A page of Markdown, line by line.

use std::fmt::Display;

/// A page that grows. Nothing that is put on it ends a line or begins one: control characters in a text become blanks.
#[derive(Default)]
pub(super) struct Page(String);

impl Page {
    /// The page.
    pub(super) fn into_text(self) -> String {
        self.0
    }

    pub(super) fn line(&mut self, line: impl Display) {
        self.0.push_str(&in_one_line(line));
        self.0.push('\n');
    }

    /// An empty line.
    pub(super) fn blank(&mut self) {
        self.0.push('\n');
    }

    /// A line with an empty one behind it.
    pub(super) fn paragraph(&mut self, text: impl Display) {
        self.line(text);
        self.blank();
    }

    pub(super) fn heading(&mut self, level: usize, text: impl Display) {
        self.blank();
        self.paragraph(format_args!("{} {text}", "#".repeat(level)));
    }

    pub(super) fn row<T: Display>(&mut self, cells: impl IntoIterator<Item = T>) {
        let cells: Vec<String> = cells.into_iter().map(|cell| cell.to_string().replace('|', "\\|")).collect();
        self.line(format_args!("| {} |", cells.join(" | ")));
    }

    pub(super) fn table<const N: usize>(&mut self, heads: [&str; N], rows: impl IntoIterator<Item = [String; N]>) {
        self.row(heads);
        self.line(format_args!("|{}", "---|".repeat(N)));
        rows.into_iter().for_each(|row| self.row(row));
    }
}

fn in_one_line(text: impl Display) -> String {
    text.to_string().chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_with_lines_of_its_own_stays_in_its_place() {
        let mut page = Page::default();
        page.line("a\n# b\r\u{85}c");
        page.heading(2, "d\ne");
        page.row(["f\n| g", "h"]);
        assert_eq!(page.into_text(), "a # b  c\n\n## d e\n\n| f \\| g | h |\n");
    }
}
