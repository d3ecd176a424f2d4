//! What holds whatever is asked for.

use super::*;
use proptest::prelude::*;

fn account() -> impl Strategy<Value = AccountId> {
    prop::sample::select(vec![ANN, BEN, CAT, DAN])
}

fn any_role() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![OWNER, TENANT, LEAD, AUDITOR, "KING"])
}

fn any_scopes() -> impl Strategy<Value = Vec<&'static str>> {
    prop::collection::vec(prop::sample::select(vec!["**", "", "*/t1/**", "PROD/**", "PROD/north", "*/north/**"]), 0..3)
}

#[derive(Debug, Clone)]
enum Step {
    Call(Call),
    Motion(Motion),
}

fn step() -> impl Strategy<Value = Step> {
    let appointed = (any_role(), any_role(), account(), any_scopes());
    let seats = prop::collection::vec((account(), any_scopes()), 0..4);
    prop_oneof![
        6 => appointed.prop_map(|(role, acting, account, scopes)| Step::Call(appoint(role, acting, account, &scopes))),
        6 => (any_role(), any_role(), account()).prop_map(|(role, acting, who)| Step::Call(dismiss(role, acting, who))),
        2 => any_role().prop_map(|role| Step::Call(Call::Resign { key: key(role) })),
        1 => (any_role(), seats).prop_map(|(role, seats)| {
            Step::Motion(set_members(role, seats.iter().map(|(who, scopes)| seat(*who, scopes)).collect()))
        }),
    ]
}

/// What a member may do, as pairs of an action and a place, out of a few of each.
fn powers(state: &State, role: &str, who: AccountId) -> Vec<(String, &'static str)> {
    let actions = ["promote.submit", "set.submit", "hold", "audit", "appoint.OWNER", "appoint.TENANT"];
    let places = ["", "PROD", "PROD/t1", "PROD/t1/b2", "PROD/north", "DEV/north/s1", "DEV/t2"];
    let all = actions.iter().flat_map(|action| places.iter().map(move |place| (action.to_string(), *place)));
    let may = |(action, place): &(String, &str)| {
        queries::require(state, &name("pos"), &name(role), who, action, &path(place)).is_ok()
    };
    all.filter(may).collect()
}

/// What each role says of itself is what its members are, and what is found of an account are the roles that have it.
fn counted(state: &State) {
    for who in [ANN, BEN, CAT, DAN] {
        let has = |key: &RoleKey| queries::is_member(state, key, &who);
        let mut of_roles: Vec<RoleKey> = ROLES.iter().map(|(role, ..)| key(role)).filter(has).collect();
        of_roles.sort();
        assert_eq!(queries::held(state, &who).collect::<Vec<_>>(), of_roles, "{who}");
    }
    for (role, least, _) in ROLES {
        let all = queries::members(state, &key(role));
        let head = queries::head(state, &key(role));
        assert_eq!(usize::from(head.count), all.len(), "{role}");
        assert!(head.count >= u16::from(least), "{role} has fewer members than it keeps");
        assert!(all.iter().all(|(_, member)| (1..=head.version).contains(&member.joined)), "{role}");
    }
}

proptest! {
    #[test]
    fn no_role_falls_below_its_least_members_and_nobody_dismisses_whoever_may_do_more(
        steps in prop::collection::vec((account(), step()), 1..40)
    ) {
        let memory = Memory::default();
        let mut state = shop(&memory);
        // Somebody who may appoint in one region, so that scopes come to something.
        apply::seat(&mut state, &key(LEAD), &seat(BEN, &["**"]));
        apply::seat(&mut state, &key(LEAD), &seat(CAT, &["PROD/**"]));
        for (who, step) in steps {
            let before: Vec<u64> = ROLES.iter().map(|(role, ..)| head(&state, role).0).collect();
            let event = match &step {
                Step::Call(call) => {
                    if let (Ok(_), Call::Dismiss { key, acting, account }) = (call.decide(&state, at(), who), call) {
                        let own = powers(&state, acting.as_str(), who);
                        let lost = powers(&state, key.role.as_str(), *account);
                        prop_assert!(lost.iter().all(|power| own.contains(power)), "{lost:?} is more than {own:?}");
                    }
                    make(&mut state, who, call)
                }
                Step::Motion(motion) => enact(&mut state, motion),
            };
            let after: Vec<u64> = ROLES.iter().map(|(role, ..)| head(&state, role).0).collect();
            let moved: u64 = after.iter().zip(&before).map(|(after, before)| after - before).sum();
            prop_assert_eq!(moved, u64::from(event.is_ok()), "one version for each change, and none for a refusal");
            counted(&state);
        }
    }

    #[test]
    fn the_voters_of_an_open_poll_only_ever_become_fewer(steps in prop::collection::vec((account(), step()), 1..30)) {
        let memory = Memory::default();
        let mut state = shop(&memory);
        apply::seat(&mut state, &key(LEAD), &seat(BEN, &["**"]));
        let mut polls: Vec<(&str, u64, Vec<AccountId>)> = Vec::new();
        for (who, step) in steps {
            polls.extend(ROLES.iter().map(|(role, ..)| {
                let version = head(&state, role).0;
                (*role, version, queries::voters(&state, &key(role), version))
            }));
            let _: Result<Event, Error> = match &step {
                Step::Call(call) => make(&mut state, who, call),
                Step::Motion(motion) => enact(&mut state, motion),
            };
            for (role, version, before) in &mut polls {
                let now = queries::voters(&state, &key(role), *version);
                prop_assert!(now.iter().all(|voter| before.contains(voter)), "{role} at {version}: {before:?}, then {now:?}");
                *before = now;
            }
        }
    }

    #[test]
    fn nobody_appointed_may_act_where_no_appointer_may_appoint(
        who in account(), acting in any_role(), role in any_role(), given in any_scopes(),
        place in prop::sample::select(vec!["", "PROD", "PROD/north", "DEV/t1"])
    ) {
        let memory = Memory::default();
        let mut state = shop(&memory);
        apply::seat(&mut state, &key(LEAD), &seat(BEN, &["PROD/**"]));
        let newcomer = AccountId([7; 32]);
        let call = appoint(role, acting, newcomer, &given);
        if make(&mut state, who, &call).is_ok() {
            let reaches = scopes(&given).iter().any(|scope| scope.covers(&path(place)));
            let appointing = format!("appoint.{role}");
            let own = queries::require(&state, &name("pos"), &name(acting), who, &appointing, &path(place));
            prop_assert!(!reaches || own.is_ok());
            let at_the_root = queries::require(&state, &name("pos"), &name(acting), who, &appointing, &Path::ROOT);
            let votes = queries::has_vote(&state, &key(role), &newcomer, u64::MAX);
            prop_assert!(!votes || at_the_root.is_ok(), "a vote about the whole plan, given in a part of it");
        }
    }
}
