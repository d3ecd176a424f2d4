//! Tags of answers (RFC 9110 sections 8.8 and 13.1.2).

/// A body with its tag.
#[derive(Debug)]
pub(crate) struct TaggedBody {
    /// The body.
    pub body: String,
    /// Its tag.
    pub tag: String,
}

impl TaggedBody {
    /// A body, tagged.
    pub fn of(body: String) -> Self {
        Self { tag: of(body.as_bytes()), body }
    }
}

/// The tag of a body: its BLAKE3, strong, because nothing in a body moves with height or time.
pub(crate) fn of(body: &[u8]) -> String {
    format!("\"b3-{}\"", blake3::hash(body).to_hex())
}

/// Whether what a client has is this. Compared weakly, since proxies that compress mark tags as weak; several in a list, and `*`, which
/// is anything. A tag without quotes is taken too, since some clients send it so.
pub(crate) fn matches(if_none_match: &str, tag: &str) -> bool {
    let opaque = |text: &str| {
        let text = text.trim();
        let text = text.strip_prefix("W/").unwrap_or(text);
        text.trim_matches('"').to_owned()
    };
    let wanted = opaque(tag);
    if_none_match.trim() == "*" || if_none_match.split(',').any(|one| opaque(one) == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_that_of_its_bytes_and_nothing_else() {
        let tag = of(b"{}");
        assert!(tag.starts_with("\"b3-") && tag.ends_with('"') && tag.len() == 69, "{tag}");
        assert_ne!(tag, of(b"{ }"));
    }

    #[test]
    fn weak_and_listed_tags_and_the_star_match() {
        let tag = "\"b3-1\"";
        for same in ["\"b3-1\"", "W/\"b3-1\"", "b3-1", " \"a\", W/\"b3-1\" ", "*", "\"a\",\"b3-1\""] {
            assert!(matches(same, tag), "{same}");
        }
        for other in ["", "\"b3-2\"", "W/\"b3-11\"", "\"a\", \"b\"", "**"] {
            assert!(!matches(other, tag), "{other}");
        }
    }
}
