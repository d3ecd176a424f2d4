//! Room, and how it is shared by path (ROLLOUTS 17).

use super::*;
use crate::admit::{FlagRoom, require_room_to_disable};
use crate::counts::TenantFlags;
use crate::storage::{OF_TENANTS, PLACES, TENANTS};
use crate::tenants::{most_of_all, most_of_one};
use proptest::prelude::*;
use std::collections::BTreeSet;

/// A shop with one flag.
fn open(memory: &Memory) -> State<'_> {
    let mut state = shop(memory);
    make(&mut state, 1, &define(switch("sale"))).unwrap();
    state
}

fn fill(state: &mut State, place: &str, count: u32, targeting: &Targeting) {
    for number in 0..count {
        set(state, 2, "shop", "sale", &format!("{place}/b{number}"), targeting.clone());
    }
}

/// Whose room is full when that is set at a path, of what, and how much there is; none where it may be set.
fn full(state: &State, place: &str, targeting: &Targeting) -> Option<(Option<Name>, FlagRegister, u32)> {
    let admitted = FlagRoom::of(state, &name("shop")).setting(&name("sale"), &path(place), 3, targeting);
    match admitted {
        Ok(()) => None,
        Err(error) => {
            assert_eq!((error.code(), error.number()), ("E_FULL", 228));
            let Error::ShareFull { tenant, register, most, .. } = error else { panic!("{error:?}") };
            Some((tenant, register, most))
        }
    }
}

#[test]
fn p03_a_tenant_has_an_eighth_of_the_settings_all_tenants_three_quarters_and_the_rest_is_for_stages() {
    let memory = Memory::default();
    let mut state = open(&memory);
    let on = Targeting::constant(1);
    let (eighth, quarters) = (most_of_one(MOST_SETTINGS), most_of_all(MOST_SETTINGS));
    assert_eq!((eighth, quarters), (1_024, 6_144));
    fill(&mut state, "PROD/t1", eighth, &on);
    for place in ["PROD/t1", "DEV/t1", "PROD/t1/other"] {
        assert_eq!(full(&state, place, &on), Some((Some(name("t1")), FlagRegister::Settings, eighth)), "{place}");
    }
    for place in ["PROD/t1/b7", "PROD/t2", "PROD", ""] {
        assert_eq!(full(&state, place, &on), None, "{place}");
    }
    for tenant in 2..=6 {
        fill(&mut state, &format!("PROD/t{tenant}"), eighth, &on);
    }
    assert_eq!(full(&state, "PROD/t7", &on), Some((None, FlagRegister::Settings, quarters)));
    assert_eq!((full(&state, "PROD", &on), full(&state, "", &on)), (None, None));
    apply::unset(&mut state, &name("shop"), &name("sale"), &path("PROD/t1/b0"));
    assert_eq!(full(&state, "PROD/t7", &on), None, "what one takes away is free for all");
}

#[test]
fn a_tenant_has_an_eighth_of_the_bytes_and_asks_an_eighth_of_the_attributes() {
    let memory = Memory::default();
    let mut state = open(&memory);
    let words = || list((0..13).map(|n| Operand::Text(text(&format!("{n:064}")))));
    let long = cases([arm([RuleNode::In(name("it"), words())], Serve::Variant(0))], Serve::Variant(0));
    let size = u32::try_from(parity_scale_codec::Encode::encoded_size(&setting(2, long.clone()))).unwrap();
    let most = most_of_one(MOST_FLAGS_BYTES);
    fill(&mut state, "PROD/t1", most / size, &long);
    assert_eq!(full(&state, "PROD/t1", &long), Some((Some(name("t1")), FlagRegister::Bytes, most)));
    assert_eq!((full(&state, "PROD/t2", &long), full(&state, "PROD", &long)), (None, None));

    let asks = |names: std::ops::Range<u32>| {
        cases(names.map(|number| arm([is(&format!("a{number}"), "x")], Serve::Variant(0))), Serve::Inherit)
    };
    set(&mut state, 3, "shop", "sale", "PROD/t2", asks(0..8));
    assert_eq!(full(&state, "PROD/t2/b1", &asks(0..8)), None, "the same ones");
    assert_eq!(full(&state, "PROD/t2/b1", &asks(8..9)), Some((Some(name("t2")), FlagRegister::Attributes, 8)));
    assert_eq!(full(&state, "PROD", &asks(8..16)), None);
    // What others ask as well counts once for all of them.
    for tenant in 3..20 {
        set(&mut state, 3, "shop", "sale", &format!("PROD/t{tenant}"), asks(0..8));
    }
    assert_eq!(full(&state, "PROD/t30", &asks(8..16)), None);
}

#[test]
fn what_one_change_sets_for_a_tenant_fits_together() {
    let memory = Memory::default();
    let mut state = open(&memory);
    fill(&mut state, "PROD/t1", most_of_one(MOST_SETTINGS) - 1, &Targeting::constant(1));
    let plan = name("shop");
    let mut room = FlagRoom::of(&state, &plan);
    room.setting(&name("sale"), &path("PROD/t1/x"), 3, &Targeting::constant(0)).unwrap();
    let second = room.setting(&name("sale"), &path("PROD/t1/y"), 3, &Targeting::constant(0));
    assert_eq!(second.unwrap_err().code(), "E_FULL");
}

#[test]
fn a_tenant_disables_as_many_as_it_may_set_and_leaves_others_theirs() {
    let memory = Memory::default();
    let mut state = open(&memory);
    let (plan, sale, most) = (name("shop"), name("sale"), most_of_one(MOST_SETTINGS));
    for number in 0..most {
        apply::disable(&mut state, &plan, &sale, &path(&format!("PROD/t1/b{number}")), &disabled(2));
    }
    let room = |state: &State, place: &str| require_room_to_disable(state, &plan, &path(place), 1);
    let expected =
        Error::ShareFull { plan: plan.clone(), tenant: Some(name("t1")), register: FlagRegister::Disabled, most };
    assert_eq!(room(&state, "DEV/t1"), Err(expected));
    assert_eq!(["PROD/t2", "PROD", ""].map(|place| room(&state, place)), [Ok(()), Ok(()), Ok(())]);
    // Who owns the plan disables more there, and the tenant has as much room for what it sets as before.
    apply::disable(&mut state, &plan, &sale, &path("PROD/t1/more"), &disabled(2));
    assert_eq!(full(&state, "PROD/t1/x", &Targeting::constant(1)), None);
    apply::enable(&mut state, &plan, &sale, &path("PROD/t1/more"));
    apply::disable(&mut state, &plan, &sale, &path("PROD/t1/b0"), &disabled(3));
    apply::enable(&mut state, &plan, &sale, &path("PROD/t1/b0"));
    apply::enable(&mut state, &plan, &sale, &path("PROD/t1/b0"));
    assert_eq!(room(&state, "DEV/t1"), Ok(()), "it was enabled again once");
}

/// What happens to the flag at a path.
#[derive(Debug, Clone)]
enum Turn {
    Set(Vec<u8>),
    Unset,
    Disable,
    Enable,
}

fn turn() -> impl Strategy<Value = Turn> {
    prop_oneof![
        4 => prop::collection::vec(0u8..5, 0..4).prop_map(Turn::Set),
        2 => Just(Turn::Unset),
        2 => Just(Turn::Disable),
        2 => Just(Turn::Enable),
    ]
}

const PLACES_ASKED: [&str; 6] = ["", "PROD", "PROD/t1", "PROD/t1/b1", "DEV/t1", "DEV/t2"];

/// What there is at the paths of a tenant, or of any.
fn recounted(state: &State, is_of: impl Fn(&Name) -> bool) -> TenantFlags {
    let (plan, sale) = (name("shop"), name("sale"));
    let is_theirs = |place: &Path| place.tenant().is_some_and(|tenant| is_of(&tenant));
    let settings: Vec<Setting> = queries::settings(state, &plan, &sale)
        .filter(|(place, _)| is_theirs(place))
        .map(|(_, setting)| setting)
        .collect();
    let asked: BTreeSet<&str> = settings.iter().flat_map(|setting| setting.targeting.attributes()).collect();
    TenantFlags {
        settings: settings.len() as u32,
        disabled: queries::disablings(state, &plan, &sale).filter(|(place, _)| is_theirs(place)).count() as u32,
        attributes: asked.len() as u32,
        bytes: settings.iter().map(crate::counts::size).sum(),
    }
}

proptest! {
    #[test]
    fn what_is_counted_of_tenants_is_what_they_have(
        turns in prop::collection::vec((prop::sample::select(PLACES_ASKED.to_vec()), turn()), 1..24)
    ) {
        let memory = Memory::default();
        let mut state = open(&memory);
        let (plan, sale) = (name("shop"), name("sale"));
        for ((place, turn), height) in turns.into_iter().zip(2..) {
            let place = path(place);
            match turn {
                Turn::Set(asked) => {
                    let arms = asked.iter().map(|number| arm([is(&format!("a{number}"), "x")], Serve::Variant(1)));
                    let targeting = cases(arms, Serve::Variant(0));
                    apply::set(&mut state, &plan, &sale, &place, &setting(height, targeting));
                }
                Turn::Unset => apply::unset(&mut state, &plan, &sale, &place),
                Turn::Disable => apply::disable(&mut state, &plan, &sale, &place, &disabled(height)),
                Turn::Enable => apply::enable(&mut state, &plan, &sale, &place),
            }
            for tenant in ["t1", "t2"].map(name) {
                let counted = TENANTS.get(&state, &(plan.clone(), tenant.clone())).unwrap_or_default();
                prop_assert_eq!(counted, recounted(&state, |other| *other == tenant));
            }
            prop_assert_eq!(OF_TENANTS.get(&state, &plan).unwrap_or_default(), recounted(&state, |_| true));
            let set = queries::settings(&state, &plan, &sale).count();
            let all = set + queries::disablings(&state, &plan, &sale).count();
            prop_assert_eq!(PLACES.get(&state, &(plan.clone(), sale.clone())).unwrap_or_default() as usize, all);
        }
    }
}
