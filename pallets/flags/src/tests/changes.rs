//! What a change may do to settings and segments, and what is counted of it.

use super::*;
use crate::admit::FlagRoom;

fn shop_with_flags(memory: &Memory) -> State<'_> {
    let mut state = shop(memory);
    make(&mut state, 1, &define(risk_mode())).unwrap();
    make(&mut state, 1, &define(switch("sale"))).unwrap();
    apply::make_segment(&mut state, &name("shop"), &name("beta"));
    state
}

/// The code with which the first of these is refused.
fn admitted(state: &State, settings: &[(&str, &str, Targeting)]) -> Result<(), &'static str> {
    let mut room = FlagRoom::of(state, &name("shop"));
    let mut each = settings.iter();
    each.try_for_each(|(key, place, targeting)| room.setting(&name(key), &path(place), 3, targeting))
        .map_err(|error| error.code())
}

#[test]
fn a_setting_is_of_a_flag_a_scope_and_segments_that_there_are() {
    let memory = Memory::default();
    let state = shop_with_flags(&memory);
    let of = |segment: &str| cases([arm([RuleNode::Segment(name(segment))], Serve::Variant(1))], Serve::Variant(0));
    let table = [
        ("sale", "PROD/t1/b2", Targeting::constant(1), Ok(())),
        ("sale", "", of("beta"), Ok(())),
        ("sale", "", of("unheard"), Err("E_SEGMENT")),
        ("unheard", "", Targeting::constant(1), Err("E_FLAG_UNKNOWN")),
        ("sale", "", Targeting::constant(2), Err("E_VARIANT")),
        ("sale", "PROD/t1/b2/c3", Targeting::constant(1), Err("E_PATH")),
    ];
    for (key, place, targeting, expected) in table {
        assert_eq!(admitted(&state, &[(key, place, targeting)]), expected, "{key} {place}");
    }
}

#[test]
fn a_change_says_once_what_a_flag_serves_at_a_path_and_who_comes_into_a_segment() {
    let memory = Memory::default();
    let mut state = shop_with_flags(&memory);
    let (plan, sale, beta) = (name("shop"), name("sale"), name("beta"));
    let once = |key, place| (key, place, Targeting::constant(1));
    assert_eq!(admitted(&state, &[once("sale", "A"), once("sale", ""), once("risk_mode", "A")]), Ok(()));
    assert_eq!(admitted(&state, &[once("sale", "A"), once("risk_mode", "A"), once("sale", "A")]), Err("E_TWICE"));

    let mut room = FlagRoom::of(&state, &plan);
    room.unset(&sale, &path("A")).unwrap();
    let twice = Error::SetTwice { key: sale.clone(), path: path("A") };
    assert_eq!(room.setting(&sale, &path("A"), 3, &Targeting::constant(0)), Err(twice.clone()));
    assert_eq!(room.unset(&sale, &path("A")), Err(twice.clone()));
    assert_eq!((twice.code(), twice.number()), ("E_TWICE", 223));
    assert_eq!(room.unset(&name("unheard"), &path("A")).unwrap_err().code(), "E_FLAG_UNKNOWN");

    // Each alone fits beside the other's before; both would not.
    let half = |from: usize| (from..from + 150).map(|number| text(&format!("u{number}"))).collect::<Vec<Text<64>>>();
    let mut room = FlagRoom::of(&state, &plan);
    room.segment(&beta, &half(0), &[]).unwrap();
    let twice = room.segment(&beta, &half(150), &[]).unwrap_err();
    assert_eq!(
        (&twice, twice.code(), twice.number()),
        (&Error::SegmentTwice { segment: beta.clone() }, "E_TWICE", 224)
    );
    apply::make_segment(&mut state, &plan, &name("gamma"));
    let mut room = FlagRoom::of(&state, &plan);
    room.segment(&beta, &half(0), &[]).unwrap();
    room.segment(&name("gamma"), &half(0), &[]).unwrap();
}

#[test]
fn a_change_fits_as_a_whole_or_not_at_all() {
    let memory = Memory::default();
    let mut state = shop_with_flags(&memory);
    let asks = |names: std::ops::Range<usize>| {
        let questions = names.map(|number| arm([is(&format!("a{number}"), "x")], Serve::Variant(0)));
        cases(questions.take(16), Serve::Inherit)
    };
    let full: Vec<(&str, &str, Targeting)> = ["A", "B", "C", "D"]
        .into_iter()
        .enumerate()
        .map(|(at, place)| ("sale", place, asks(at * 16..at * 16 + 16)))
        .collect();
    assert_eq!(admitted(&state, &full), Ok(()), "64 names");
    let again: Vec<_> = full.iter().cloned().chain([("risk_mode", "A", asks(0..16))]).collect();
    assert_eq!(admitted(&state, &again), Ok(()), "the same names");
    let more: Vec<_> = full.iter().cloned().chain([("risk_mode", "A", asks(64..65))]).collect();
    assert_eq!(admitted(&state, &more), Err("E_RULE_TOO_LARGE"));

    for (key, place, targeting) in &full {
        set(&mut state, 2, "shop", key, place, targeting.clone());
    }
    let counts = |state: &State| queries::counts(state, &name("shop"));
    assert_eq!((counts(&state).settings, counts(&state).attributes), (4, 64));
    assert_eq!(admitted(&state, &[("risk_mode", "A", asks(0..16))]), Ok(()));
    assert_eq!(admitted(&state, &[("risk_mode", "A", asks(64..65))]), Err("E_RULE_TOO_LARGE"));
    apply::unset(&mut state, &name("shop"), &name("sale"), &path("D"));
    assert_eq!((counts(&state).settings, counts(&state).attributes), (3, 48));
    assert_eq!(admitted(&state, &[("risk_mode", "A", asks(64..65))]), Ok(()));
    apply::unset(&mut state, &name("shop"), &name("sale"), &path("D"));
    assert_eq!((counts(&state).settings, counts(&state).attributes), (3, 48), "what is not set is not unset twice");
}

#[test]
fn a_plan_has_no_more_bytes_than_there_is_room_for() {
    let memory = Memory::default();
    let mut state = shop_with_flags(&memory);
    let words = || list((0..14).map(|n| Operand::Text(text(&format!("{n:064}")))));
    let long = cases([arm([RuleNode::In(name("it"), words())], Serve::Variant(0))], Serve::Variant(0));
    let size = u32::try_from(parity_scale_codec::Encode::encoded_size(&setting(2, long.clone()))).unwrap();
    let before = queries::counts(&state, &name("shop")).bytes;
    let fit = (MOST_FLAGS_BYTES - before) / size;
    for number in 0..fit {
        set(&mut state, 2, "shop", "sale", &format!("p{number}"), long.clone());
    }
    assert_eq!(queries::counts(&state, &name("shop")).bytes, before + fit * size);
    assert_eq!(admitted(&state, &[("sale", "one_more", long.clone())]), Err("E_FULL"));
    assert_eq!(admitted(&state, &[("sale", "p0", long.clone())]), Ok(()), "in the place of one that is there");
}

#[test]
fn a_segment_has_256_members_at_most_each_once_and_in_order() {
    let memory = Memory::default();
    let mut state = shop_with_flags(&memory);
    let (plan, beta) = (name("shop"), name("beta"));
    let many = |count: usize| -> Vec<Text<64>> { (0..count).map(|number| text(&format!("u{number:03}"))).collect() };
    FlagRoom::of(&state, &plan).segment(&beta, &many(256), &[]).unwrap();
    let full = FlagRoom::of(&state, &plan).segment(&beta, &many(257), &[]).unwrap_err();
    assert_eq!(full, Error::Full { of: beta.clone(), register: FlagRegister::Members, most: 256 });
    FlagRoom::of(&state, &plan).segment(&beta, &many(256), &[text("u300")]).unwrap();
    let unknown = FlagRoom::of(&state, &plan).segment(&name("unheard"), &[], &[]).unwrap_err();
    assert_eq!(unknown.code(), "E_SEGMENT");

    apply::change_segment(&mut state, &plan, &beta, &[text("b"), text("a"), text("b")], &[]);
    apply::change_segment(&mut state, &plan, &beta, &[text("c"), text("a")], &[text("a"), text("b"), text("zzz")]);
    let members = queries::segment(&state, &plan, &beta).unwrap();
    assert_eq!(members.iter().map(Text::as_str).collect::<Vec<_>>(), ["a", "c"], "what is added and taken is there");
    apply::make_segment(&mut state, &plan, &beta);
    assert_eq!(queries::segment(&state, &plan, &beta).unwrap(), members, "one that is there stays as it is");
    assert_eq!(queries::counts(&state, &plan).segments, 1);

    let names = |count: usize| (0..count).map(|number| name(&format!("s{number}"))).collect::<Vec<_>>();
    FlagRoom::of(&state, &plan).segments(&names(63)).unwrap();
    assert_eq!(FlagRoom::of(&state, &plan).segments(&names(64)).unwrap_err().code(), "E_FULL");
    FlagRoom::of(&state, &plan).segments(&[vec![beta], names(63)].concat()).unwrap();
}

#[test]
fn a_plan_brings_segments_with_members_each_once_and_accounts_where_it_governs_the_network() {
    let memory = Memory::default();
    let mut state = State::over(&memory);
    let (plan, cohort) = (name("chain"), name("cohort"));
    let account = [text::<64>(&ANN.to_string())];
    let mut room = FlagRoom::of(&state, &plan);
    room.filled_segment(true, &cohort, &account).unwrap();
    assert_eq!(room.filled_segment(true, &cohort, &account).unwrap_err().code(), "E_TWICE");
    let stranger = [text::<64>("ann")];
    assert_eq!(FlagRoom::of(&state, &plan).filled_segment(true, &cohort, &stranger).unwrap_err().code(), "E_SEGMENT");
    FlagRoom::of(&state, &plan).filled_segment(false, &cohort, &stranger).unwrap();
    // One that is there takes no more room, whoever is named.
    for number in 0..MOST_SEGMENTS {
        apply::make_segment(&mut state, &plan, &name(&format!("s{number}")));
    }
    FlagRoom::of(&state, &plan).filled_segment(false, &name("s0"), &stranger).unwrap();
    assert_eq!(FlagRoom::of(&state, &plan).filled_segment(false, &cohort, &stranger).unwrap_err().code(), "E_FULL");
}

#[test]
fn a_change_names_each_member_of_a_segment_once() {
    let memory = Memory::default();
    let mut state = shop_with_flags(&memory);
    let (plan, beta) = (name("shop"), name("beta"));
    let texts = |all: &[&str]| all.iter().map(|one| text(one)).collect::<Vec<Text<64>>>();
    let judge = |state: &State, add: &[&str], remove: &[&str]| {
        FlagRoom::of(state, &plan).segment(&beta, &texts(add), &texts(remove))
    };
    let twice = |member: &str| Error::MemberTwice { segment: beta.clone(), member: text(member) };
    let table: [(&[&str], &[&str], &str); 3] =
        [(&["a", "b", "a"], &[], "a"), (&[], &["b", "c", "b"], "b"), (&["a", "b"], &["c", "b"], "b")];
    for (add, remove, member) in table {
        assert_eq!(judge(&state, add, remove), Err(twice(member)), "{add:?} {remove:?}");
    }
    assert_eq!((twice("a").code(), twice("a").number()), ("E_TWICE", 225));
    assert_eq!(judge(&state, &["a", "A"], &["b"]), Ok(()));
    // Who is there already may come, and who is not there may go.
    apply::change_segment(&mut state, &plan, &beta, &texts(&["a", "b"]), &[]);
    assert_eq!(judge(&state, &["a"], &["zzz"]), Ok(()));

    // What is applied unasked comes to the same as if each had been named once: in state, in what is counted, and so in every proof.
    let found = |state: &State| (queries::segment(state, &plan, &beta), queries::counts(state, &plan));
    let once = found(&state);
    apply::change_segment(&mut state, &plan, &beta, &texts(&["b", "a", "b"]), &texts(&["b", "b"]));
    assert_eq!(found(&state), once);

    let (few, many) = (vec![beta.clone(), name("new"), name("new")], vec![name("new"); 100]);
    FlagRoom::of(&state, &plan).segments(&few).unwrap();
    FlagRoom::of(&state, &plan).segments(&many).unwrap();
}
