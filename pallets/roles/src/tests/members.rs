//! How members come and go.

use super::*;

#[test]
fn an_owner_appoints_within_its_scopes_and_the_event_says_who_did_as_what() {
    let memory = Memory::default();
    let mut state = shop(&memory);
    let event = make(&mut state, ANN, &appoint(TENANT, OWNER, DAN, &["*/t3/**"])).unwrap();
    let member = Member { scopes: scopes(&["*/t3/**"]), joined: 3 };
    let by = Some(Actor { account: ANN, role: name(OWNER) });
    let came = Event::MemberCame { key: key(TENANT), version: 3, account: DAN, member: member.clone(), by };
    assert_eq!(event, came);
    assert_eq!((members(&state, TENANT), head(&state, TENANT)), (vec![BEN, CAT, DAN], (3, 3)));
    assert_eq!(queries::member(&state, &key(TENANT), &DAN), Some(member));
    let held: Vec<RoleKey> = queries::held(&state, &DAN).collect();
    assert_eq!(held, [key(AUDITOR), key(TENANT)], "an auditor, and an owner of a tenant now");
    let again = make(&mut state, ANN, &appoint(TENANT, OWNER, DAN, &["*/t4/**"])).unwrap_err();
    assert_eq!((again.code(), again), ("E_MEMBER", Error::AlreadyMember { key: key(TENANT), account: DAN }));
}

#[test]
fn nobody_appoints_without_the_grant_or_outside_of_it() {
    let memory = Memory::default();
    let mut state = shop(&memory);
    let refused = make(&mut state, BEN, &appoint(TENANT, TENANT, DAN, &["*/t1/**"])).unwrap_err();
    assert!(matches!(&refused, Error::Role { action, .. } if action.as_str() == "appoint.TENANT"), "{refused}");
    let refused = make(&mut state, ANN, &appoint(AUDITOR, OWNER, ANN, &["**"])).unwrap_err();
    assert_eq!(refused.code(), "E_ROLE", "owners appoint no auditors");
    apply::seat(&mut state, &key(LEAD), &seat(DAN, &["PROD/**"]));
    make(&mut state, DAN, &appoint(TENANT, LEAD, ANN, &["PROD/north/s1"])).unwrap();
    for outside in ["PROD/south/**", "DEV/north/**", "**", "PROD/**", ""] {
        let refused = make(&mut state, DAN, &appoint(TENANT, LEAD, AccountId([9; 32]), &["PROD/north", outside]));
        let scope = outside.parse().unwrap();
        assert_eq!(refused, Err(Error::OutsideScope { acting: name(LEAD), scope }), "{outside:?}");
    }
    let unknown = make(&mut state, ANN, &appoint("KING", OWNER, BEN, &[])).unwrap_err();
    assert_eq!(unknown, Error::UnknownRole(key("KING")));
}

#[test]
fn who_appoints_in_a_narrow_scope_neither_packs_a_vote_with_members_that_have_none_nor_empties_it() {
    let memory = Memory::default();
    let mut state = shop(&memory);
    apply::seat(&mut state, &key(LEAD), &seat(DAN, &["PROD/**"]));
    let everywhere = Err(Error::OutsideScope { acting: name(LEAD), scope: "**".parse().unwrap() });
    assert_eq!(make(&mut state, DAN, &appoint(TENANT, LEAD, ANN, &[])), everywhere);
    apply::seat(&mut state, &key(LEAD), &seat(DAN, &["**"]));
    assert_eq!(make(&mut state, DAN, &appoint(TENANT, LEAD, ANN, &[])), everywhere, "the grant is for one region");
    make(&mut state, ANN, &appoint(TENANT, OWNER, ANN, &[])).unwrap();
    assert_eq!(make(&mut state, DAN, &dismiss(TENANT, LEAD, ANN)), everywhere);
    let stranger = AccountId([9; 32]);
    let none = make(&mut state, DAN, &dismiss(TENANT, LEAD, stranger));
    assert_eq!(none, Err(Error::NotMember { key: key(TENANT), account: stranger }));
    make(&mut state, ANN, &dismiss(TENANT, OWNER, ANN)).unwrap();
    assert_eq!(members(&state, TENANT), [BEN, CAT]);
}

#[test]
fn who_lets_do_more_is_dismissed_by_nobody_who_does_less() {
    let memory = Memory::default();
    let mut state = shop(&memory);
    apply::seat(&mut state, &key(LEAD), &seat(DAN, &["**"]));
    apply::seat(&mut state, &key(TENANT), &seat(ANN, &["*/north/**"]));
    make(&mut state, DAN, &dismiss(TENANT, LEAD, ANN)).unwrap();
    let outside = make(&mut state, DAN, &dismiss(TENANT, LEAD, BEN)).unwrap_err();
    assert_eq!(outside, Error::OutsideScope { acting: name(LEAD), scope: "*/t1/**".parse().unwrap() });
    // The same grant to appoint, and a role that lets do more than the lead's.
    let wider = role(0, &["set.submit **", "hold */*", "audit PROD"]);
    apply::write_role(&mut state, &key(TENANT), &wider, MOST_MEMBERS);
    apply::seat(&mut state, &key(TENANT), &seat(ANN, &["*/north/**"]));
    let refused = make(&mut state, DAN, &dismiss(TENANT, LEAD, ANN)).unwrap_err();
    assert_eq!((refused.code(), refused), ("E_SCOPE", Error::WiderRole { key: key(TENANT), acting: name(LEAD) }));
    let stranger = make(&mut state, BEN, &dismiss(OWNER, TENANT, ANN)).unwrap_err();
    assert_eq!(stranger.code(), "E_ROLE");
}

#[test]
fn the_last_members_that_a_role_needs_stay_whoever_asks() {
    let memory = Memory::default();
    let mut state = shop(&memory);
    let last = Error::LastMember { key: key(OWNER), left: 0, least: 1 };
    assert_eq!(make(&mut state, ANN, &Call::Resign { key: key(OWNER) }), Err(last.clone()));
    assert_eq!(make(&mut state, ANN, &dismiss(OWNER, OWNER, ANN)), Err(last));
    make(&mut state, ANN, &appoint(OWNER, OWNER, BEN, &["**"])).unwrap();
    let went = make(&mut state, ANN, &Call::Resign { key: key(OWNER) }).unwrap();
    assert_eq!(went, Event::MemberWent { key: key(OWNER), version: 3, account: ANN, by: None });
    assert_eq!((members(&state, OWNER), head(&state, OWNER)), (vec![BEN], (3, 1)));
    let gone = make(&mut state, ANN, &Call::Resign { key: key(OWNER) });
    assert_eq!(gone, Err(Error::NotMember { key: key(OWNER), account: ANN }));
    let none = make(&mut state, BEN, &dismiss(TENANT, OWNER, DAN));
    assert_eq!(none, Err(Error::NotMember { key: key(TENANT), account: DAN }));
}

#[test]
fn a_role_has_no_more_members_than_places() {
    let memory = Memory::default();
    let mut state = shop(&memory);
    apply::write_role(&mut state, &key(TENANT), &role(0, &["set.submit **"]), 3);
    make(&mut state, ANN, &appoint(TENANT, OWNER, DAN, &[])).unwrap();
    let full = make(&mut state, ANN, &appoint(TENANT, OWNER, ANN, &[])).unwrap_err();
    assert_eq!((full.code(), full), ("E_FULL", Error::Full { key: key(TENANT), places: 3 }));
    assert_eq!(head(&state, TENANT), (3, 3), "writing the role again kept its members");
}

#[test]
fn who_goes_and_comes_again_was_not_there_meanwhile() {
    let memory = Memory::default();
    let mut state = shop(&memory);
    let joined = |state: &State| queries::member(state, &key(TENANT), &BEN).map(|member| member.joined);
    assert_eq!(joined(&state), Some(1));
    make(&mut state, BEN, &Call::Resign { key: key(TENANT) }).unwrap();
    assert_eq!(joined(&state), None);
    make(&mut state, ANN, &appoint(TENANT, OWNER, BEN, &["*/t1/**"])).unwrap();
    assert_eq!(joined(&state), Some(4));
}

#[test]
fn the_stake_replaces_the_members_of_any_role_in_one_motion() {
    let memory = Memory::default();
    let mut state = shop(&memory);
    let motion = set_members(TENANT, vec![seat(DAN, &["*/t4/**"]), seat(BEN, &["*/t1/**"])]);
    assert_eq!(motion.tracks(&state), [TrackName::Expedited]);
    let event = enact(&mut state, &motion).unwrap();
    let came = Seated { account: DAN, member: Member { scopes: scopes(&["*/t4/**"]), joined: 3 } };
    let (came, went) = (List::truncate_from(vec![came]), List::truncate_from(vec![CAT]));
    let reason = Reason::new("the keys are lost").unwrap();
    assert_eq!(event, Event::MembersSet { key: key(TENANT), version: 3, came, went, reason });
    assert_eq!((members(&state, TENANT), head(&state, TENANT)), (vec![BEN, DAN], (3, 2)));
    let moved = enact(&mut state, &set_members(TENANT, vec![seat(BEN, &["*/t9/**"])])).unwrap();
    assert!(matches!(&moved, Event::MembersSet { came, went, .. } if came.len() == 1 && went.len() == 1), "{moved:?}");
    let ben = queries::member(&state, &key(TENANT), &BEN).unwrap();
    assert_eq!(ben, Member { scopes: scopes(&["*/t9/**"]), joined: 1 }, "who stays is a member since it came");
}

#[test]
fn a_motion_too_leaves_a_role_its_least_members_and_names_nobody_twice() {
    let memory = Memory::default();
    let mut state = shop(&memory);
    let none = enact(&mut state, &set_members(OWNER, Vec::new()));
    assert_eq!(none, Err(Error::LastMember { key: key(OWNER), left: 0, least: 1 }));
    let twice = enact(&mut state, &set_members(OWNER, vec![seat(BEN, &["**"]), seat(BEN, &["**"])]));
    assert_eq!(twice, Err(Error::NamedTwice(BEN)));
    let unknown = enact(&mut state, &set_members("KING", vec![seat(BEN, &[])]));
    assert_eq!(unknown, Err(Error::UnknownRole(key("KING"))));
    enact(&mut state, &set_members(OWNER, vec![seat(BEN, &["**"])])).unwrap();
    assert_eq!(members(&state, OWNER), [BEN], "all of them at once");
}

#[test]
fn a_role_that_a_plan_no_longer_has_takes_its_members_with_it_and_never_counts_again_what_it_counted() {
    let memory = Memory::default();
    let mut state = shop(&memory);
    apply::remove_role(&mut state, &key(TENANT));
    assert_eq!((members(&state, TENANT), head(&state, TENANT)), (Vec::new(), (3, 0)));
    assert_eq!(make(&mut state, BEN, &Call::Resign { key: key(TENANT) }), Err(Error::UnknownRole(key(TENANT))));
    apply::write_role(&mut state, &key(TENANT), &role(0, &[]), MOST_MEMBERS);
    apply::seat(&mut state, &key(TENANT), &seat(BEN, &[]));
    assert!(!queries::has_vote(&state, &key(TENANT), &BEN, 3), "no vote of before is his again");
    assert_eq!(queries::roles(&state, &name("pos")).len(), 4);
}

#[test]
fn sentences_say_who_may_act_where_and_why() {
    let memory = Memory::default();
    let mut state = shop(&memory);
    let call = appoint(TENANT, OWNER, DAN, &["*/t3/**", ""]);
    assert_eq!(call.sentence(), format!("appoints {DAN} TENANT of plan pos in */t3/** and the root, as OWNER"));
    let came = make(&mut state, ANN, &call).unwrap();
    let by = format!("{DAN} is TENANT of plan pos now in */t3/** and the root, appointed by {ANN} as OWNER");
    assert_eq!((came.sentence(), came.kind()), (by, "roles.member_came"));
    let went = make(&mut state, DAN, &Call::Resign { key: key(TENANT) }).unwrap();
    assert_eq!(went.sentence(), format!("{DAN} resigned as TENANT of plan pos"));
    let motion = set_members(TENANT, vec![seat(DAN, &[])]);
    let asked =
        format!("to make TENANT of plan pos of these alone: {DAN} to vote alone; because \"the keys are lost\"");
    assert_eq!(motion.sentence(), asked);
    let set = enact(&mut state, &motion).unwrap();
    let told = format!("TENANT of plan pos gains {DAN} to vote alone and loses {BEN}, {CAT}: the keys are lost");
    assert_eq!((set.sentence(), set.about().len()), (told, 3));
}
