//! Who an account is, as a part of the page of what it did.

use crate::pages::parts::facts;
use crate::pages::text::{elsewhere, full_hash, stranger};
use maud::{Markup, html};
use primitives::AccountId;
use rpc::views::Descriptions;

/// The key of an account, and what it says of itself.
pub(crate) fn account(who: &AccountId, described: &Descriptions) -> Markup {
    let mut pairs = vec![("Key", full_hash(who))];
    pairs.extend(described.name(who).map(|name| ("Name", stranger(name))));
    pairs.extend(described.link(who).map(|link| ("Link", elsewhere(link))));
    let says_something = pairs.len() > 1;
    html! {
        (facts(pairs))
        @if says_something {
            p.hint { "The name and the link are its own word. Others may have the same name; the key is its alone." }
        }
    }
}
