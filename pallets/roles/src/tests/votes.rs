//! Who votes about a whole plan.

use super::*;

const EVE: AccountId = AccountId([5; 32]);
const FAY: AccountId = AccountId([6; 32]);

/// Who has a vote in a poll that was opened at a version, by every question that can be asked of it.
fn voters(state: &State, role: &str, version: u64) -> Vec<AccountId> {
    let voters = queries::voters(state, &key(role), version);
    if version >= head(state, role).0 {
        assert_eq!(queries::has_voters(state, &key(role)), !voters.is_empty());
    }
    for account in [ANN, BEN, CAT, DAN, EVE, FAY] {
        assert_eq!(queries::has_vote(state, &key(role), &account, version), voters.contains(&account), "{account}");
    }
    voters
}

#[test]
fn a_member_votes_when_it_may_act_at_the_root_or_has_no_scopes() {
    let table: [(&[&str], bool); 9] = [
        (&[], true),
        (&["**"], true),
        (&[""], true),
        (&["*/t1/**", ""], true),
        (&["*/t1/**"], false),
        (&["*/t1/**", "PROD/**"], false),
        (&["*"], false),
        (&["*/**"], false),
        (&["PROD"], false),
    ];
    for (patterns, votes) in table {
        assert_eq!(Member { scopes: scopes(patterns), joined: 1 }.votes(), votes, "{patterns:?}");
    }
}

#[test]
fn who_appoints_in_a_narrow_scope_packs_no_vote_with_those_that_it_appoints() {
    let memory = Memory::default();
    let mut state = shop(&memory);
    make(&mut state, ANN, &appoint(TENANT, OWNER, EVE, &["**"])).unwrap();
    apply::seat(&mut state, &key(LEAD), &seat(DAN, &["PROD/**"]));
    for number in 10..30 {
        make(&mut state, DAN, &appoint(TENANT, LEAD, AccountId([number; 32]), &["PROD/north/**"])).unwrap();
    }
    let (version, count) = head(&state, TENANT);
    assert_eq!((voters(&state, TENANT, version), count), (vec![EVE], 23), "they have the role, and places in it");
    assert!(!queries::has_vote(&state, &key(TENANT), &AccountId([10; 32]), version));
    assert!(queries::is_member(&state, &key(TENANT), &AccountId([10; 32])));
}

#[test]
fn who_came_after_a_poll_was_opened_or_went_since_has_no_vote_in_it() {
    let memory = Memory::default();
    let mut state = shop(&memory);
    assert!(voters(&state, TENANT, 2).is_empty(), "a tenant each");
    make(&mut state, ANN, &appoint(TENANT, OWNER, EVE, &["**"])).unwrap();
    make(&mut state, ANN, &appoint(TENANT, OWNER, FAY, &[])).unwrap();
    assert_eq!(voters(&state, TENANT, 3), [EVE]);
    assert_eq!(voters(&state, TENANT, 4), [EVE, FAY]);
    make(&mut state, EVE, &Call::Resign { key: key(TENANT) }).unwrap();
    assert_eq!(voters(&state, TENANT, 4), [FAY], "nor is she of those whose share is asked for");
    make(&mut state, ANN, &appoint(TENANT, OWNER, EVE, &["**"])).unwrap();
    assert_eq!(voters(&state, TENANT, 4), [FAY], "who comes again has her vote from then on");
    assert_eq!(voters(&state, TENANT, 6), [EVE, FAY]);
    assert!(voters(&state, "KING", u64::MAX).is_empty());
}

#[test]
fn who_gains_a_vote_has_it_in_no_poll_that_was_opened_before() {
    let memory = Memory::default();
    let mut state = shop(&memory);
    let others = || seat(CAT, &["*/t2/**"]);
    enact(&mut state, &set_members(TENANT, vec![seat(BEN, &["**"]), others()])).unwrap();
    assert!(voters(&state, TENANT, 2).is_empty());
    assert_eq!(voters(&state, TENANT, 3), [BEN]);
    enact(&mut state, &set_members(TENANT, vec![seat(BEN, &[""]), others()])).unwrap();
    assert_eq!(voters(&state, TENANT, 3), [BEN], "other scopes, and the vote that he had");
    apply::seat(&mut state, &key(TENANT), &seat(BEN, &["*/t1/**"]));
    assert!(voters(&state, TENANT, 5).is_empty(), "a vote ends with the scopes that gave it");
    assert_eq!(queries::member(&state, &key(TENANT), &BEN).unwrap().joined, 3);
    apply::seat(&mut state, &key(TENANT), &seat(BEN, &[]));
    assert!(voters(&state, TENANT, 5).is_empty());
    assert_eq!(voters(&state, TENANT, 6), [BEN]);
}
