//! Whose tokens end, by whom, and that they stay so.

use super::*;

const CAT: AccountId = AccountId([3; 32]);

/// A shop whose owners, Ann everywhere and Ben in one tenant, may issue tokens.
fn shop_with_tokens(memory: &Memory) -> State<'_> {
    let mut state = shop(memory);
    let key = RoleKey { plan: name("shop"), role: name(OWNER) };
    let grants = list(["flag **", "token **"].map(|grant| grant.parse::<Grant>().unwrap()));
    roles::apply::write_role(&mut state, &key, &Role { grants, least_members: 0 }, MOST_MEMBERS);
    state
}

pub(super) fn revoke(account: AccountId, issued_before: u64) -> Call {
    Call::RevokeTokens { plan: name("shop"), acting: name(OWNER), account, issued_before: Timestamp(issued_before) }
}

#[test]
fn the_owner_of_a_plan_ends_the_tokens_of_anybody_and_others_only_their_own() {
    let memory = Memory::default();
    let mut state = shop_with_tokens(&memory);
    let plan = name("shop");
    let before = |state: &State, account| queries::token_revoked_before(state, &plan, &account);
    assert_eq!(before(&state, BEN), None);
    let event = make(&mut state, 5, &revoke(BEN, 4_000)).unwrap();
    let by = Actor { account: ANN, role: name(OWNER) };
    assert_eq!(event, Event::TokensRevoked { plan: plan.clone(), account: BEN, issued_before: Timestamp(4_000), by });
    assert_eq!((before(&state, BEN), before(&state, ANN)), (Some(Timestamp(4_000)), None));
    assert_eq!(queries::token_revoked_before(&state, &name("pos"), &BEN), None, "a plan ends no token of another");

    // Ben may issue in one tenant, so he ends his own, and nobody else's.
    let asked = |account| revoke(account, 5_000).decide(&state, at(6), BEN).map_err(|error| error.code());
    assert!(asked(BEN).is_ok());
    assert_eq!(asked(ANN), Err("E_ROLE"));
    // Whoever has no such role ends nothing, not even what it says is its own.
    let stranger = revoke(CAT, 5_000).decide(&state, at(6), CAT);
    assert_eq!(stranger.map_err(|error| error.code()), Err("E_ROLE"));
}

#[test]
fn without_the_grant_nobody_ends_a_token() {
    let memory = Memory::default();
    let state = shop(&memory);
    let refused = revoke(ANN, 4_000).decide(&state, at(5), ANN);
    assert_eq!(refused.map_err(|error| error.code()), Err("E_ROLE"));
}

#[test]
fn what_is_revoked_stays_so_and_nothing_is_revoked_before_it_is_issued() {
    let memory = Memory::default();
    let mut state = shop_with_tokens(&memory);
    let ahead = Error::RevokesAhead { issued_before: Timestamp(5_001), at: Timestamp(5_000) };
    assert_eq!(make(&mut state, 5, &revoke(BEN, 5_001)), Err(ahead.clone()));
    assert_eq!((ahead.code(), ahead.number()), ("E_TOKEN_TIME", 226));
    make(&mut state, 5, &revoke(BEN, 5_000)).unwrap();
    let already = Error::AlreadyRevoked { plan: name("shop"), account: BEN, before: Timestamp(5_000) };
    assert_eq!((already.code(), already.number()), ("E_TOKEN_TIME", 227));
    for earlier in [0, 4_000, 5_000] {
        assert_eq!(make(&mut state, 6, &revoke(BEN, earlier)), Err(already.clone()), "{earlier}");
    }
    make(&mut state, 6, &revoke(BEN, 5_500)).unwrap();
    assert_eq!(queries::token_revoked_before(&state, &name("shop"), &BEN), Some(Timestamp(5_500)));
}
