//! Accounts with their names. A name is its account's own word, so the key stands beside it everywhere.

use super::screen::{TableCell, short};
use primitives::AccountId;
use rpc::views::Descriptions;

/// An account in a line of its own: its name, if it has one, and its whole key.
pub fn named(described: &Descriptions, who: &AccountId) -> String {
    described.name(who).map_or_else(|| who.to_string(), |name| format!("{name} ({who})"))
}

/// An account within a sentence: its name, if it has one, and its key, shortened.
pub fn short_named(described: &Descriptions, who: &AccountId) -> String {
    let key = short(&who.to_string());
    described.name(who).map_or_else(|| key.clone(), |name| format!("{name} ({key})"))
}

/// An account in a table.
pub fn cell(described: &Descriptions, who: &AccountId) -> TableCell {
    match described.name(who) {
        Some(name) => TableCell::Account { name: name.into(), key: who.to_string() },
        None => TableCell::hash(who),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::Screen;
    use accounts::Description;
    use primitives::Text;
    use rpc::views::DescribedAccount;
    use std::time::UNIX_EPOCH;

    #[test]
    fn a_name_stands_before_its_key_and_never_without_it_however_narrow_the_screen_is() {
        let (who, other) = (AccountId([0xa1; 32]), AccountId([0xa2; 32]));
        let name = Text::new("The Acme Company and Its Many Validators").unwrap();
        let described = Descriptions::new([DescribedAccount::new(who, Description { name, ..Default::default() })]);
        assert_eq!(named(&described, &who), format!("The Acme Company and Its Many Validators ({who})"));
        assert_eq!(short_named(&described, &who), "The Acme Company and Its Many Validators (a1a1a1a1…a1a1)");
        assert_eq!(named(&described, &other), other.to_string());
        assert_eq!(short_named(&described, &other), "a2a2a2a2…a2a2");
        for width in [40, 60, 80, 140, 300] {
            let screen = Screen { width, now: UNIX_EPOCH };
            let row = vec![cell(&described, &who), TableCell::number("1,000,000"), TableCell::number("25.0 %")];
            let drawn = screen.table(&["VALIDATOR", "POWER", "SHARE"], &[row], "");
            let words = drawn.split_whitespace().collect::<Vec<_>>().join(" ");
            let short = words.contains("The Acme Company an… (a1a1a1a1…a1a1)");
            assert!(short || words.contains(&format!("Validators ({who})")), "{width}: {drawn}");
        }
    }
}
