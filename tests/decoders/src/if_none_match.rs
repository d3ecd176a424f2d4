//! `If-None-Match`, by which clients say what they have already.

use crate::{Outcome, Seed};
use web::reading::is_known;

/// The tag of what is there.
const TAG: &str = "\"b3-5f0c91aa\"";
/// The same without its quotes.
const OPAQUE: &str = "b3-5f0c91aa";

/// Nobody is told that it has something whose tag it does not name, and whoever names it in any form is.
pub fn check(bytes: &[u8]) -> Outcome {
    let Ok(header) = std::str::from_utf8(bytes) else { return Outcome::Refused };
    if !is_known(header, TAG) {
        return Outcome::Refused;
    }
    assert!(header.trim() == "*" || header.contains(OPAQUE), "{header}");
    assert!(is_known(&format!("\"other\", W/{TAG}, {header}"), TAG), "{header}");
    Outcome::Taken
}

/// A tag in each of its forms, and anything.
pub fn seeds() -> Vec<Seed> {
    let (weak, listed) = (format!("W/{TAG}"), format!("\"b3-00\", W/{TAG}"));
    let headers = [
        ("strong", TAG.to_owned()),
        ("weak", weak),
        ("bare", OPAQUE.to_owned()),
        ("listed", listed),
        ("any", "*".to_owned()),
    ];
    headers.map(|(name, header)| Seed { name: name.into(), bytes: header.into_bytes() }).into()
}
