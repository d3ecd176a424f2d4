//! Text that others wrote, made harmless for a terminal.
//!
//! Reasons, notes and error texts come from the chain or from a node. Printed as they are, they could move the cursor, clear
//! the screen, set the window's title, or turn the direction of the line around them, and so forge what this tool says.

use serde_json::Value;

/// One line: control characters and line breaks are shown as escapes.
pub fn line(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut out, c| {
        match c {
            '\n' => out.push_str("\\n"),
            '\t' => out.push(' '),
            c if is_active(c) => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
        out
    })
}

/// Several lines: as [`line()`], and line breaks stay.
pub fn lines(text: &str) -> String {
    text.split('\n').map(|part| line(part.strip_suffix('\r').unwrap_or(part))).collect::<Vec<_>>().join("\n")
}

/// JSON that is as safe to look at: active characters, which can only stand inside of its strings, as `\uXXXX`.
pub fn json(value: &Value) -> String {
    escaped(&format!("{value:#}"))
}

/// As [`json`], in one line.
pub fn json_line(value: &Value) -> String {
    escaped(&value.to_string())
}

fn escaped(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut out, c| {
        if c != '\n' && is_active(c) {
            // Astral characters need a pair of escapes.
            let mut pair = [0u16; 2];
            out.extend(c.encode_utf16(&mut pair).iter().map(|unit| format!("\\u{unit:04x}")));
        } else {
            out.push(c);
        }
        out
    })
}

/// Whether a terminal acts on the character instead of showing it: C0 and C1 controls, DEL, directional controls, separators,
/// and characters without width, which hide in names.
fn is_active(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const HOSTILE: &str = "ok\x1b[2J\x1b]0;title\x07\r\u{9b}31m\u{202e}txt\u{2028}\x7f\0\u{e0041}";

    #[test]
    fn nothing_active_is_left() {
        for text in [line(HOSTILE), lines(HOSTILE), json(&json!({ HOSTILE: HOSTILE }))] {
            assert!(!text.chars().any(|c| c != '\n' && is_active(c)), "{text:?}");
        }
        assert!(line(HOSTILE).starts_with("ok\\u{1b}[2J"));
        assert_eq!(line("one\ntwo\tthree"), "one\\ntwo three");
        assert_eq!(lines("one\r\ntwo\r\x1b"), "one\ntwo\\u{d}\\u{1b}");
    }

    #[test]
    fn escaped_json_is_the_same_json() {
        let value = json!({ "reason": HOSTILE, "list": [1, "é", "日本"] });
        assert_eq!(serde_json::from_str::<Value>(&self::json(&value)).unwrap(), value);
        assert!(self::json(&value).contains("日本"));
        assert_eq!(serde_json::from_str::<Value>(&json_line(&value)).unwrap(), value);
        assert_eq!(json_line(&value).lines().count(), 1);
    }

    #[test]
    fn ordinary_text_of_any_script_stays() {
        for text in ["Fixes the stall of epoch 12.", "Größe 5 µs", "日本語", "שלום", "🙂"] {
            assert_eq!(line(text), text);
        }
    }
}
