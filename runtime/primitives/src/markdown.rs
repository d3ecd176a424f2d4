//! What strangers wrote, in a document of Markdown.

use std::fmt::Display;

/// Text as a code span (CommonMark 6.1), in which nothing is markup. What is no letter, digit, sign or plain space is shown as an escape,
/// so that it neither ends the line nor hides or turns what stands there.
pub fn code_span(text: &(impl Display + ?Sized)) -> String {
    let mut plain = String::new();
    for c in text.to_string().chars() {
        if c == ' ' || c.is_ascii_graphic() || (!c.is_ascii() && c.is_alphanumeric()) {
            plain.push(c);
        } else {
            plain.extend(c.escape_unicode());
        }
    }
    // Longer than any run of backticks inside; spaces keep a backtick at an end apart, and an empty text visible.
    let longest = plain.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.saturating_add(1));
    let pad =
        if plain.trim().is_empty() || plain.starts_with(['`', ' ']) || plain.ends_with(['`', ' ']) { " " } else { "" };
    format!("{fence}{pad}{plain}{pad}{fence}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_strangers_write_is_markup() {
        assert_eq!(code_span("1.2.0"), "`1.2.0`");
        assert_eq!(code_span("a `b` c"), "``a `b` c``");
        assert_eq!(code_span("`"), "`` ` ``");
        assert_eq!(code_span(""), "`  `");
        assert_eq!(code_span("<b>\n# x\u{202e}"), "`<b>\\u{a}# x\\u{202e}`");
    }
}
