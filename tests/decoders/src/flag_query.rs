//! The queries of requests for flags, streams and previews.

use crate::{Outcome, Seed};
use web::reading::query;

/// More bytes than this are not looked at: written again each takes three, and a URL has fewer than 64 KiB.
const MOST: usize = 16 << 10;

/// What is read is read again as the same from what it is written as, and what is not is refused as the protocol has it.
pub fn check(bytes: &[u8]) -> Outcome {
    let text = std::str::from_utf8(bytes).ok().filter(|text| text.len() <= MOST);
    let Some(text) = text else { return Outcome::Refused };
    match query(text) {
        Ok(written) => {
            assert_eq!(query(&written), Ok(written.clone()), "{written}");
            Outcome::Taken
        }
        Err(refused) => {
            assert!(refused.status == 400 && refused.code == "PARSE_ERROR", "{refused:?}");
            assert!(!refused.sentence.is_empty());
            Outcome::Refused
        }
    }
}

/// A plan, a stream, and all that one may say, beside what is passed over.
pub fn seeds() -> Vec<Seed> {
    let told = "flagConfigEtag=%22cfg-1%22&flagConfigLastModified=1771622898";
    let whole = "plan=pos&channel=pos.1f&flagConfigEtag=W/%22cfg-1%22&flagConfigLastModified=2026-02-20T21:28:18%2B01:00&x=1&x=2";
    let queries = [("plan", "plan=pos"), ("stream", "channel=pos.1f"), ("told", told), ("whole", whole)];
    queries.map(|(name, query)| Seed { name: name.into(), bytes: query.as_bytes().into() }).into()
}
