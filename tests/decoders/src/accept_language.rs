//! `Accept-Language`, as browsers send it with a preview.

use crate::{Outcome, Seed};
use std::sync::LazyLock;
use web::Locales;
use web::reading::language;

static LOCALES: LazyLock<Locales> = LazyLock::new(|| Locales::built_in().expect("a test reads them all"));

/// Everybody is answered in a language that there is; it is taken where that is one which was asked for, and English else.
pub fn check(bytes: &[u8]) -> Outcome {
    let Ok(accept) = std::str::from_utf8(bytes) else { return Outcome::Refused };
    let answered = language(&LOCALES, accept);
    assert!(["en-US", "my-MM"].contains(&answered.as_str()), "{answered}");
    let main = answered.split('-').next().unwrap_or_default();
    let is_named = accept.to_ascii_lowercase().contains(main);
    assert!(is_named || answered == "en-US", "nobody asked for {answered}");
    if is_named { Outcome::Taken } else { Outcome::Refused }
}

/// One language, several with weights, and one that is not there before one that is.
pub fn seeds() -> Vec<Seed> {
    let headers = [("one", "my-MM"), ("weighed", "en-US,en;q=0.9,my;q=0.8"), ("other", "fr, my;q=0.5, *;q=0.1")];
    headers.map(|(name, header)| Seed { name: name.into(), bytes: header.as_bytes().into() }).into()
}
