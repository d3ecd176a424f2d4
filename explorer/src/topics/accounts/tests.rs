//! What descriptions write, and how they are shown, without a database.

use super::DESCRIPTIONS;
use super::fold::write;
use super::page::account as page_of;
use crate::fold::BlockWriter;
use crate::fold::testing::{account, moment};
use crate::pages::text::named;
use crate::store::column::json;
use crate::store::memory::MemoryRows;
use crate::store::table::Row;
use accounts::{Description, Event};
use primitives::{Amount, Text};
use rpc::views::{DescribedAccount, Descriptions};

fn says(name: &str, link: &str) -> Description {
    Description { name: Text::new(name).unwrap(), link: Text::new(link).unwrap() }
}

#[tokio::test]
async fn an_account_is_what_it_said_last() {
    let mut rows = MemoryRows::default();
    let described = |byte, name| Event::Described { account: account(byte), description: says(name, "") };
    let paid = Event::Transferred { from: account(1), to: account(2), amount: Amount(7) };
    for event in [described(1, "Acme"), described(2, "Acme"), paid, described(1, "Ada"), described(2, "")] {
        let mut block = BlockWriter::new(&mut rows, moment(5));
        write(&mut block, &event);
        block.finish().await.unwrap();
    }
    let row = |byte, name| -> Row { vec![account(byte).to_string().into(), json(&says(name, "")).into()] };
    assert_eq!(rows.table(&DESCRIPTIONS), [row(1, "Ada"), row(2, "")]);
}

#[test]
fn a_name_stands_before_its_key_and_a_link_tells_nothing_to_where_it_leads() {
    let link = "https://acme.example/?a=1&b=%3Cb%3E";
    let described = Descriptions::new([DescribedAccount::new(account(0xa1), says("Acme Validators", link))]);
    let key = account(0xa1).to_string();
    let drawn = named(&described, &account(0xa1)).into_string();
    let (before, after) = drawn.split_once("Acme Validators").unwrap();
    assert!(before.starts_with("<bdi") && after.contains(&format!("title=\"{key}\"")), "{drawn}");
    assert!(named(&described, &account(2)).into_string().starts_with("<span class=\"hash\">"), "a key alone");
    let drawn = page_of(&account(0xa1), &described).into_string();
    let leads = "rel=\"nofollow noopener noreferrer\" href=\"https://acme.example/?a=1&amp;b=%3Cb%3E\"";
    assert!(drawn.contains(&key) && drawn.contains("Acme Validators") && drawn.contains(leads), "{drawn}");
    assert!(!page_of(&account(2), &described).into_string().contains("own word"));
}

#[test]
fn what_no_account_may_say_is_not_drawn_whatever_the_index_holds() {
    let key = account(0xb3).to_string();
    for (name, link) in [
        ("<script>alert(1)</script>", "javascript:alert(1)"),
        ("\u{202e}emcA", "https://acme@evil.example"),
        ("\u{410}cme", "https://acme.example/\"onclick=\"x"),
        (key.as_str(), "https://xn--cme-5cd.example"),
    ] {
        let described = Descriptions::new([DescribedAccount::new(account(1), says(name, link))]);
        let drawn = [named(&described, &account(1)), page_of(&account(1), &described)].map(|part| part.into_string());
        for drawn in drawn {
            assert!(!drawn.contains(name) && !drawn.contains("rel=") && !drawn.contains("<bdi"), "{drawn}");
        }
    }
}
