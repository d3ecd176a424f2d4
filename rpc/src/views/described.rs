//! What accounts say of themselves, beside the answers that name them.

use accounts::{Description, DisplayName, LinkFlaw, NameFlaw, WebLink};
use primitives::AccountId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use state::State;
use std::collections::BTreeSet;

/// What accounts that an answer names say of themselves, each once and in the order of their keys; those that say nothing are not
/// among them. Nobody vouches for it, and several may have one name: a name is shown beside the key, never instead of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Descriptions(Vec<DescribedAccount>);

/// What an account says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DescribedAccount {
    /// The account.
    pub account: AccountId,
    /// What it calls itself; empty when it has no name.
    pub name: DisplayName,
    /// Where more about it stands, by its own word; empty when it names no place.
    pub link: WebLink,
}

impl Descriptions {
    /// What accounts say of themselves, of each account the first.
    pub fn new(described: impl IntoIterator<Item = DescribedAccount>) -> Self {
        let says_something = |said: &DescribedAccount| !said.name.as_str().is_empty() || !said.link.as_str().is_empty();
        let mut described: Vec<DescribedAccount> = described.into_iter().filter(says_something).collect();
        described.sort_by_key(|said| said.account);
        described.dedup_by_key(|said| said.account);
        Self(described)
    }

    /// What these accounts say of themselves in a state. Each is looked up once.
    pub fn of(state: &State, whom: impl IntoIterator<Item = AccountId>) -> Self {
        let whom: BTreeSet<AccountId> = whom.into_iter().collect();
        Self::new(whom.into_iter().map(|who| DescribedAccount::new(who, accounts::queries::description(state, &who))))
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &DescribedAccount> {
        self.0.iter()
    }

    /// The name of an account, if it has one that may be [shown](shown_name).
    pub fn name(&self, who: &AccountId) -> Option<&str> {
        shown_name(&self.find(who)?.name)
    }

    /// The link of an account, if it has one that may be [shown](shown_link).
    pub fn link(&self, who: &AccountId) -> Option<&str> {
        shown_link(&self.find(who)?.link)
    }

    fn find(&self, who: &AccountId) -> Option<&DescribedAccount> {
        self.0.iter().find(|said| said.account == *who)
    }
}

impl DescribedAccount {
    /// An account with what it says.
    pub fn new(account: AccountId, Description { name, link }: Description) -> Self {
        Self { account, name, link }
    }
}

/// A name, unless there is none or it could be taken for something else. The chain has no such name; a node could still tell of one.
pub fn shown_name(name: &DisplayName) -> Option<&str> {
    Some(name.as_str()).filter(|name| NameFlaw::of(name).is_none())
}

/// A link, unless there is none or it could lead elsewhere than it looks.
pub fn shown_link(link: &WebLink) -> Option<&str> {
    Some(link.as_str()).filter(|link| LinkFlaw::of(link).is_none())
}

#[cfg(test)]
mod tests {
    use super::*;
    use primitives::Text;

    fn said(byte: u8, name: &str, link: &str) -> DescribedAccount {
        let description = Description { name: Text::new(name).unwrap(), link: Text::new(link).unwrap() };
        DescribedAccount::new(AccountId([byte; 32]), description)
    }

    #[test]
    fn a_description_is_found_by_its_account_and_whoever_says_nothing_has_none() {
        let all = [said(2, "Bea", ""), said(1, "Acme", "https://acme.example"), said(3, "", ""), said(2, "Other", "")];
        let described = Descriptions::new(all);
        let keys: Vec<u8> = described.iter().map(|said| said.account.0[0]).collect();
        assert_eq!(keys, [1, 2]);
        let [first, second, third] = [1, 2, 3].map(|byte| AccountId([byte; 32]));
        assert_eq!((described.name(&first), described.link(&first)), (Some("Acme"), Some("https://acme.example")));
        assert_eq!((described.name(&second), described.link(&second)), (Some("Bea"), None));
        assert_eq!(described.name(&third), None);
    }

    #[test]
    fn what_no_account_could_say_on_chain_is_not_shown_whoever_tells_of_it() {
        let key = AccountId([0xb3; 32]).to_string();
        let told = format!(
            r#"[{{"account":"{key}","name":"{key}","link":"https://a@b.example"}},
                {{"account":"{}","name":"\u0410cme\u202e","link":"javascript:alert(1)"}}]"#,
            AccountId([1; 32])
        );
        let described: Descriptions = serde_json::from_str(&told).unwrap();
        for who in [AccountId([0xb3; 32]), AccountId([1; 32])] {
            assert_eq!((described.name(&who), described.link(&who)), (None, None));
        }
    }
}
