//! A key file that is named once, in `TB_KEY`, and by no command.

mod contract;
mod served;

use contract::{contract, contract_with};
use served::Served;
use std::path::Path;

#[test]
fn a_key_file_that_is_set_is_that_of_every_command_and_what_is_typed_goes_before_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (own, other) = (path("own.key"), path("other.key"));
    let set = |arguments: &[&str]| contract_with(arguments, &[("TB_KEY", &own)]);
    let made = set(&["keys", "generate"]);
    assert_eq!(made.code, 0, "{}", made.stderr);
    assert!(Path::new(&own).exists());
    assert_eq!(set(&["keys", "show"]).stdout, contract(&["keys", "show", &own]).stdout);
    assert_eq!(set(&["keys", "generate", &other]).code, 0, "what is typed goes first");
    assert!(set(&["keys", "show", &other]).stdout.contains("other.key"));
    let unset = contract(&["keys", "show"]);
    assert!(unset.code == 2 && unset.stderr.contains("<FILE>"), "{}", unset.stderr);
}

#[test]
fn the_account_of_a_key_file_that_is_set_is_shown_and_pays() {
    let served = Served::start(|chain, method| {
        if ["tx.status", "tx.subscribe_status"].contains(&method) {
            chain.make_block();
        }
    });
    let folder = tempfile::tempdir().unwrap();
    let own = folder.path().join("own.key");
    host::keys::write(&own, &runtime::testing::validator(0)).unwrap();
    let variables = [("TB_KEY", own.to_str().unwrap()), ("TB_RPC", served.url.as_str())];
    let (me, other) = (runtime::testing::validator(0).account(), runtime::testing::validator(1).account());
    let shown = contract_with(&["account", "show"], &variables);
    assert!(shown.stdout.contains(&me.to_string()), "{}{}", shown.stdout, shown.stderr);
    let others = contract_with(&["account", "show", &other.to_string()], &variables);
    assert!(others.stdout.contains(&other.to_string()), "what is typed goes first: {}", others.stderr);
    let sent = contract_with(&["account", "transfer", "--to", &other.to_string(), "--amount", "5"], &variables);
    assert_eq!(sent.code, 0, "{}", sent.stderr);
    let nobody = contract(&["account", "show", "--rpc", &served.url]);
    assert_eq!(nobody.code, 2);
    assert!(nobody.stderr.contains("name an ACCOUNT, or its --key, or set TB_KEY"), "{}", nobody.stderr);
}
