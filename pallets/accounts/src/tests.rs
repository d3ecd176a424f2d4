//! Stories of balances, and of what accounts call themselves.

use crate::{Account, Call, Description, DisplayName, Error, Event, Lane, LinkFlaw, NameFlaw, apply, queries::*};
use parity_scale_codec::{DecodeAll, Encode};
use primitives::{AccountId, Amount, Epoch, Height, Moment, Text, Timestamp};
use state::{Apply, Decide, Memory, State, Told};

const AT: Moment = Moment { height: Height(1), epoch: Epoch(0), time: Timestamp(0), running: 0, level: 0 };
const ANN: AccountId = AccountId([1; 32]);
const BOB: AccountId = AccountId([2; 32]);

#[test]
fn a_transfer_moves_free_tokens_and_never_more_than_there_are() {
    let memory = Memory::default();
    let mut state = State::over(&memory);
    Event::Endowed { account: ANN, amount: Amount(10) }.apply(&mut state, AT);
    apply::hold(&mut state, &ANN, Amount(4));

    let refused = Call::Transfer { to: BOB, amount: Amount(7) }.decide(&state, AT, ANN);
    assert_eq!(refused, Err(Error::InsufficientBalance { have: Amount(6), need: Amount(7) }));
    assert_eq!(Call::Transfer { to: BOB, amount: Amount(0) }.decide(&state, AT, ANN), Err(Error::ZeroAmount));

    Call::Transfer { to: BOB, amount: Amount(6) }.decide(&state, AT, ANN).unwrap().apply(&mut state, AT);
    assert_eq!((account(&state, &ANN).free, account(&state, &BOB).free), (Amount(0), Amount(6)));
    assert_eq!(supply(&state), Amount(10));
}

#[test]
fn a_transfer_to_oneself_changes_nothing() {
    let memory = Memory::default();
    let mut state = State::over(&memory);
    Event::Endowed { account: ANN, amount: Amount(10) }.apply(&mut state, AT);
    Call::Transfer { to: ANN, amount: Amount(6) }.decide(&state, AT, ANN).unwrap().apply(&mut state, AT);
    assert_eq!(account(&state, &ANN).free, Amount(10));
}

#[test]
fn h19_the_least_fee_is_burned_and_the_proposer_gets_what_is_offered_above() {
    let memory = Memory::default();
    let mut state = State::over(&memory);
    for who in [ANN, BOB] {
        Event::Endowed { account: who, amount: Amount(100) }.apply(&mut state, AT);
    }
    apply::charge(&mut state, &ANN, Lane::Wallet, Amount(12), Amount(10), &BOB);
    assert_eq!((account(&state, &ANN).free, account(&state, &ANN).nonce), (Amount(88), 1));
    assert_eq!((account(&state, &BOB).free, burned(&state)), (Amount(102), Amount(10)));

    apply::charge(&mut state, &BOB, Lane::Wallet, Amount(12), Amount(10), &BOB);
    assert_eq!((account(&state, &BOB).free, burned(&state)), (Amount(92), Amount(20)), "its own block costs it too");
    assert_eq!(supply(&state), Amount(200));
}

#[test]
fn each_lane_has_a_counter_and_both_pay_from_the_same_tokens() {
    let memory = Memory::default();
    let mut state = State::over(&memory);
    Event::Endowed { account: ANN, amount: Amount(100) }.apply(&mut state, AT);
    for lane in [Lane::Node, Lane::Wallet, Lane::Node, Lane::Node] {
        apply::charge(&mut state, &ANN, lane, Amount(10), Amount(10), &BOB);
    }
    let after = account(&state, &ANN);
    assert_eq!(after, Account { free: Amount(60), held: Amount(0), nonce: 1, node_nonce: 3 });
    assert_eq!([Lane::Wallet, Lane::Node].map(|lane| after.nonce_in(lane)), [1, 3]);
    assert_eq!(after.clone().with_nonce(Lane::Node, 1), Account { node_nonce: 1, ..after });
}

#[test]
fn a_forfeited_deposit_is_burned_and_still_counted() {
    let memory = Memory::default();
    let mut state = State::over(&memory);
    Event::Endowed { account: ANN, amount: Amount(10) }.apply(&mut state, AT);
    apply::hold(&mut state, &ANN, Amount(4));
    apply::burn_held(&mut state, &ANN, Amount(4));
    assert_eq!((account(&state, &ANN).held, supply(&state)), (Amount(0), Amount(10)));
}

fn describe(name: &str, link: &str) -> Call {
    Call::Describe(Description { name: Text::new(name).unwrap(), link: Text::new(link).unwrap() })
}

#[test]
fn an_account_calls_itself_what_it_will_changes_it_and_takes_it_back() {
    let memory = Memory::default();
    let mut state = State::over(&memory);
    assert!(description(&state, &ANN).is_empty());
    let link = "https://acme.example";
    for (name, link) in [("Acme Validators", link), ("Acme", ""), ("", link)] {
        let event = describe(name, link).decide(&state, AT, ANN).unwrap();
        event.apply(&mut state, AT);
        let said = description(&state, &ANN);
        assert_eq!((said.name.as_str(), said.link.as_str()), (name, link), "the whole of it is replaced");
        assert!(event.sentence().contains(&ANN.to_string()) && event.sentence().contains(name), "{}", event.sentence());
        assert!(description(&state, &BOB).is_empty(), "by the account itself alone");
    }
    describe("", "").decide(&state, AT, ANN).unwrap().apply(&mut state, AT);
    assert!(state.into_writes().values().all(Option::is_none), "nothing is left of it");
}

#[test]
fn two_accounts_may_have_one_name_because_no_name_stands_without_its_key() {
    let memory = Memory::default();
    let mut state = State::over(&memory);
    for who in [ANN, BOB] {
        describe("Acme", "").decide(&state, AT, who).unwrap().apply(&mut state, AT);
    }
    assert_eq!(description(&state, &ANN), description(&state, &BOB));
}

/// What is refused of a name; none when it is granted.
fn flaw_of_name(name: &str) -> Option<NameFlaw> {
    let memory = Memory::default();
    match describe(name, "").decide(&State::over(&memory), AT, ANN) {
        Ok(_) => None,
        Err(Error::BadName(flaw)) => Some(flaw),
        Err(error) => panic!("{name:?}: {error}"),
    }
}

#[test]
fn a_name_is_of_plain_words() {
    let longest = "A name of sixty-four characters to the last one is a name as well";
    let names =
        ["A", "Ada", "Bea 1", "facade", "Acme Validators", "acme_node-7", "Node 100000", "Stake2 Earn", "1st Keeper"];
    for name in names.into_iter().chain([&longest[..64]]) {
        assert_eq!(flaw_of_name(name), None, "{name:?}");
    }
    // 65 bytes are no name, in whatever form they come.
    assert!(longest.len() == 65 && DisplayName::new(longest).is_none());
    let other = Text::<128>::new(longest).unwrap();
    assert!(DisplayName::decode_all(&mut &other.encode()[..]).is_err());
}

#[test]
fn no_name_has_a_character_that_looks_like_another_or_like_none() {
    let hostile = [
        "Acme\u{202e}snotadilaV",
        "\u{2066}Acme\u{2069}",
        "Ac\u{200b}me",
        "Ac\u{200d}me",
        "Acme\u{ad}",
        "\u{feff}Acme",
        "Acme\u{e0041}",
        "Acme\u{a0}Validators",
        "Acme\u{2003}Validators",
        // Cyrillic, Greek, full width, mathematical, Roman numeral, Turkish.
        "\u{410}cme",
        "Acm\u{435}",
        "\u{391}cme",
        "\u{ff21}cme",
        "\u{1d400}cme",
        "\u{2160}",
        "Acme Val\u{131}dators",
        // One letter in two forms.
        "Ren\u{e9}e",
        "Rene\u{301}e",
        "\u{1f600}",
        "Acme\u{0}",
        "Acme\nValidators",
        "Acme\tValidators",
        "\u{1b}[2JAcme",
        "Acme\u{7f}",
        "Acme\u{9b}31m",
        // What would look like the key beside it, like markup, or like a site.
        "Acme (b3f1c2d4\u{2026}9c01)",
        "<b>Acme</b>",
        "Acme & Co",
        "Acme\"",
        "acme.example",
        "10.0.0.1:26600",
        "@acme",
        "account/7",
    ];
    for name in hostile {
        assert_eq!(flaw_of_name(name), Some(NameFlaw::Character), "{name:?}");
    }
}

#[test]
fn no_name_differs_from_another_by_what_is_not_seen() {
    for name in [" ", " Acme", "Acme ", "Acme  Validators", "-", "-Acme", "Acme-", "_Acme", "Acme - One", "A__B"] {
        assert_eq!(flaw_of_name(name), Some(NameFlaw::Separator), "{name:?}");
    }
}

#[test]
fn no_name_could_be_taken_for_a_key_a_hash_an_address_or_a_number() {
    let key = AccountId([0xb3; 32]).to_string();
    let (shorter, large) = (&key[..63], key.to_uppercase());
    let ids = [
        key.as_str(),
        shorter,
        large.as_str(),
        "7",
        "12 000",
        "10-0-0-1",
        "2026-11-28",
        "b3f1c2",
        "b3f1c2d4 9c01",
        "b3f1-c2d4",
        "B3 F1 C2 D4",
        "Acme b3f1c2d4",
        "deadbeef",
        "dead beef",
        "0xAcme",
        "Acme 0x7",
        "12D3KooWQYV9dGMFoRzNStwpXztXaBUjtPqi6aU76ZgUriHhKust",
        "QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWKPbdG",
        "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2",
        "cosmos1qypqxpq9qcrsszg2pvxq6rs0zqg3yyc5",
        "EjRWeJCrze8SNFZ4kKvN7xI0VniQq83v_EjRWeJCrze8",
        "f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
        "Proposal 7",
        "proposal-7",
        "RELEASE3",
        "block 12",
        "Epoch_9",
    ];
    for name in ids {
        assert_eq!(flaw_of_name(name), Some(NameFlaw::Identifier), "{name:?}");
    }
}

/// What is refused of a link; none when it is granted.
fn flaw_of_link(link: &str) -> Option<LinkFlaw> {
    let memory = Memory::default();
    match describe("Acme", link).decide(&State::over(&memory), AT, ANN) {
        Ok(_) => None,
        Err(Error::BadLink(flaw)) => Some(flaw),
        Err(error) => panic!("{link:?}: {error}"),
    }
}

#[test]
fn a_link_leads_where_it_looks_as_if_it_does() {
    let good = [
        "https://acme.example",
        "https://acme.example/",
        "https://acme-1.example:8443/about?a=1&b=%20#c",
        "https://social.example/@acme",
        "https://a.b.c.example/~acme",
    ];
    for link in good {
        assert_eq!(flaw_of_link(link), None, "{link:?}");
    }
    let longest = format!("https://acme.example/{}", "a".repeat(128 - 21));
    assert_eq!((longest.len(), flaw_of_link(&longest)), (128, None));
    assert!(Text::<128>::new(format!("{longest}a")).is_none());
    let schemes =
        ["http://acme.example", "HTTPS://acme.example", "javascript:alert(1)", "acme.example", " https://acme.example"];
    let characters = [
        "https://acme.example/ a",
        "https://acme.example/\n",
        "https://acme.example\\@evil.example",
        "https://acme.example/\"onclick=\"x",
        "https://acme.example/<b>",
        "https://acme.example/%",
        "https://acme.example/%2",
        "https://acme.example/%zz",
        "https://\u{430}cme.example",
        "https://acme.example/\u{202e}",
        "https://acme.example\u{2044}evil.example",
        "https://[::1]/",
    ];
    let hosts = [
        "https://",
        "https:///acme.example",
        "https://acme@evil.example",
        "https://acme.example@evil.example",
        "https://acme:secret@evil.example/",
        "https://acme.example:443@evil.example",
        "https://xn--cme-5cd.example",
        "https://www.xn--p1ai",
        "https://10.0.0.1/",
        "https://0x7f.1",
        "https://2130706433/",
        "https://localhost/",
        "https://Acme.example",
        "https://acme.example./",
        "https://acme..example",
        "https://-acme.example",
        "https://acme_1.example",
        "https://acme.example%2eevil.example",
        "https://acme.example:0",
        "https://acme.example:",
        "https://acme.example:99999",
    ];
    let of = |links: &[&str], flaw: LinkFlaw| {
        links.iter().for_each(|link| assert_eq!(flaw_of_link(link), Some(flaw), "{link:?}"));
    };
    of(&schemes, LinkFlaw::Scheme);
    of(&characters, LinkFlaw::Character);
    of(&hosts, LinkFlaw::Host);
}

#[test]
fn what_is_refused_of_a_description_says_why_and_leaves_the_one_before() {
    let memory = Memory::default();
    let mut state = State::over(&memory);
    describe("Acme", "").decide(&state, AT, ANN).unwrap().apply(&mut state, AT);
    let refused = describe("Acme.", "http://acme.example").decide(&state, AT, ANN).unwrap_err();
    assert_eq!(refused, Error::BadName(NameFlaw::Character), "the name is looked at first");
    assert!(refused.to_string().starts_with("the name has a character that could be taken for another; "), "{refused}");
    let refused = describe("Acme", "http://acme.example").decide(&state, AT, ANN).unwrap_err();
    assert!(refused.to_string().starts_with("the link does not begin with https://"), "{refused}");
    assert_eq!(description(&state, &ANN).name.as_str(), "Acme");
}
