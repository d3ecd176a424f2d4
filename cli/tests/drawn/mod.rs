//! Views against golden files, on terminals of three widths. `BLESS=1` rewrites them.

use cli::render::Screen;
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};
use unicode_width::UnicodeWidthStr;

/// What time it is, in milliseconds since 1970.
pub const NOW: u64 = 1_700_000_000_000;

/// Compares what is drawn with the golden files of a name.
pub fn golden(name: &str, drawn: impl Fn(&Screen) -> String) {
    for width in [40, 80, 140] {
        let screen = Screen { width, now: UNIX_EPOCH + Duration::from_millis(NOW) };
        let text = drawn(&screen);
        assert!(text.lines().all(|line| line.width() <= usize::from(width)), "{name} is too wide:\n{text}");
        assert!(!text.contains('\x1b'), "{name} lets an escape sequence through");
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/golden/{name}.{width}.txt"));
        if std::env::var_os("BLESS").is_some_and(|value| value == "1") {
            std::fs::write(&path, &text).unwrap();
        }
        let expected = std::fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(text, expected, "{} differs; BLESS=1 rewrites it", path.display());
    }
}
