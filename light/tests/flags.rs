//! Tickets of flags, as a verifier meets them: what they say is what the chain says, and nobody makes them say anything else.
#![allow(clippy::restriction, reason = "a test may stop where it fails")]

use flags::queries::{disabled_key, flag_key, resolution, segment_key, setting_key};
use flags::{
    Arm, Attribute, Audience, DefinedFlag, Disabled, EvaluationContext, Expiry, Flag, FlagKind, MOST_NODES, Risk, Rule,
    RuleNode, SegmentMembers, Serve, Setting, TARGETING_KEY, Targeting, Value, Variant, WHOLE_SHARE,
};
use light::testing::TestChain;
use light::{Anchor, FlagQuestion, FlagRows, FlagTicket, FlagTicketError};
use parity_scale_codec::Encode;
use primitives::{ChangeId, Epoch, Height, List, Moment, Name, Path, Text, Timestamp};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use runtime::testing::genesis;
use state::tree::{MemoryTree, prove};
use state::{Memory, State, StateProof, Writes};
use std::convert::Infallible;

/// A scope and all that it lies under, the root first.
const SCOPES: [&str; 4] = ["", "PROD", "PROD/t1", "PROD/t1/b2"];
const PLAN: &str = "shop";
const KEY: &str = "checkout";

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

fn path(text: &str) -> Path {
    text.parse().unwrap()
}

fn list<T, const N: u32>(items: impl IntoIterator<Item = T>) -> List<T, N> {
    items.into_iter().collect::<Vec<T>>().try_into().ok().unwrap()
}

fn question(scope: &str) -> FlagQuestion {
    FlagQuestion { plan: name(PLAN), key: name(KEY), scope: path(scope) }
}

/// A block a second.
fn at(height: u64) -> Moment {
    let time = Timestamp(height * 1_000);
    Moment { height: Height(height), epoch: Epoch(height / 10), time, running: height * 1_000, level: 0 }
}

fn flag() -> DefinedFlag {
    let variants = [("off", false), ("on", true)];
    let variants = variants.map(|(variant, value)| Variant { name: name(variant), value: Value::Bool(value) });
    let flag = Flag {
        key: name(KEY),
        kind: FlagKind::Permission,
        variants: list(variants),
        fallback: 0,
        off: 0,
        owner: name("OWNER"),
        expires: Expiry::Never,
        risk: Risk::Low,
        audience: Audience::Both,
        emergency: true,
        requires: List::default(),
        bypass: List::default(),
        salt: name("salt"),
        text: Text::default(),
    };
    DefinedFlag { flag, since: Height(1) }
}

/// What stands of a flag.
#[derive(Debug, Clone, Default)]
struct Standing {
    settings: Vec<(&'static str, Targeting)>,
    disabled: Vec<&'static str>,
}

/// A state of nothing but a flag and a segment.
struct Stood {
    memory: Memory,
    tree: MemoryTree,
}

impl Stood {
    fn of(standing: &Standing) -> Self {
        let (plan, key) = (name(PLAN), name(KEY));
        let mut writes = Writes::new();
        let mut write = |key: &[u8], value: Vec<u8>| writes.insert(key.to_vec(), Some(value));
        write(&flag_key(&plan, &key), flag().encode());
        for ((place, targeting), height) in standing.settings.iter().zip(2..) {
            let setting = Setting { targeting: targeting.clone(), since: at(height), by: ChangeId(height) };
            write(&setting_key(&plan, &key, &path(place)), setting.encode());
        }
        for (place, height) in standing.disabled.iter().zip(20..) {
            let disabled = Disabled { since: at(height), by: ChangeId(height) };
            write(&disabled_key(&plan, &key, &path(place)), disabled.encode());
        }
        let beta: SegmentMembers = list(["u1", "u2"].map(|member| Text::new(member).unwrap()));
        write(&segment_key(&plan, &name("beta")), beta.encode());
        let (mut memory, mut tree) = (Memory::default(), MemoryTree::default());
        tree.commit(&writes).unwrap();
        memory.commit(writes);
        Self { memory, tree }
    }

    fn proof(&self, key: &[u8]) -> StateProof {
        prove(&self.tree, key, 0).unwrap()
    }

    fn ticket(&self, chain: &TestChain, asked: &FlagQuestion) -> FlagTicket {
        let head = chain.beside_head(state::tree::root(&self.tree, 0).unwrap()).trimmed();
        let rows = FlagRows::gather(&State::over(&self.memory), asked, |key| Ok::<_, Infallible>(self.proof(key)));
        FlagTicket { hops: chain.hops_to(&head), head, rows: rows.unwrap() }
    }
}

fn chain() -> &'static TestChain {
    static CHAIN: std::sync::LazyLock<TestChain> = std::sync::LazyLock::new(|| TestChain::new(genesis()));
    &CHAIN
}

fn anchor() -> Anchor {
    Anchor::genesis(&chain().genesis)
}

/// One that serves members of a segment what others do not get, below a constant.
fn standing() -> Standing {
    let for_beta = Targeting {
        cases: list([Arm { when: rule([RuleNode::Segment(name("beta"))]), serve: Serve::Variant(1) }]),
        otherwise: Serve::Inherit,
    };
    Standing { settings: vec![("", Targeting::constant(0)), ("PROD/t1", for_beta)], disabled: Vec::new() }
}

fn rule(nodes: impl IntoIterator<Item = RuleNode>) -> Rule {
    Rule::from(list::<_, MOST_NODES>(nodes))
}

#[test]
fn a_ticket_shows_what_a_flag_serves_whom_from_genesis_alone() {
    let stood = Stood::of(&standing());
    let asked = question("PROD/t1/b2");
    let ticket = FlagTicket::from_bytes(&stood.ticket(chain(), &asked).to_bytes()).unwrap();
    assert_eq!((ticket.rows.settings.len(), ticket.rows.disabled.len(), ticket.rows.segments.len()), (4, 4, 1));
    let proven = ticket.verify(&anchor(), &asked).unwrap();
    let served = |who| proven.resolve(&EvaluationContext::of(who)).variant;
    assert_eq!((served("u1"), served("u9")), (1, 0));
    assert!(ticket.to_bytes().len() < 24 << 10, "{} bytes", ticket.to_bytes().len());
}

#[test]
fn that_there_is_no_such_flag_is_proven_too() {
    let other = FlagQuestion { key: name("nothing"), ..question("PROD") };
    let ticket = Stood::of(&standing()).ticket(chain(), &other);
    let absent = FlagTicketError::NoFlag { plan: name(PLAN), key: name("nothing") };
    assert_eq!(ticket.verify(&anchor(), &other), Err(absent));
}

#[test]
fn what_is_disabled_above_cannot_be_left_out() {
    let stood = Stood::of(&Standing { disabled: vec!["PROD"], ..standing() });
    let asked = question("PROD/t1");
    let good = stood.ticket(chain(), &asked);
    let proven = good.verify(&anchor(), &asked).unwrap();
    assert_eq!(proven.resolve(&EvaluationContext::of("u1")).variant, 0, "although a setting below serves it");
    let refused = |change: &dyn Fn(&mut FlagTicket)| {
        let mut ticket = good.clone();
        change(&mut ticket);
        ticket.verify(&anchor(), &asked).unwrap_err()
    };
    use FlagTicketError::*;
    assert!(matches!(refused(&|t| drop(t.rows.disabled.pop())), Incomplete { have: 2, need: 3, .. }));
    assert!(matches!(refused(&|t| t.rows.disabled[1].value = None), Proof(_)));
    assert!(matches!(refused(&|t| t.rows.disabled.as_mut().swap(0, 1)), OtherKey { .. }));
    assert!(matches!(refused(&|t| t.rows.settings = List::default()), Incomplete { have: 0, .. }));
    assert!(matches!(refused(&|t| t.rows.settings[0].value = None), Proof(_)), "what is set is not left out either");
    assert!(matches!(refused(&|t| t.rows.segments = List::default()), Incomplete { have: 0, need: 1, .. }));
    assert!(matches!(refused(&|t| t.rows.flag.value.as_mut().unwrap()[0] ^= 1), Proof(_)));
    assert!(matches!(refused(&|t| t.rows.levels = stood.proof(b"releases/roster")), OtherKey { .. }));
    let elsewhere = good.verify(&anchor(), &question("PROD/t2")).unwrap_err();
    assert!(matches!(elsewhere, OtherKey { .. }), "the ticket of another path");
}

#[test]
fn a_file_that_is_no_ticket_of_a_flag_or_not_all_of_one_is_told_apart() {
    let bytes = Stood::of(&standing()).ticket(chain(), &question("PROD")).to_bytes();
    assert_eq!(FlagTicket::from_bytes(b"the-block/ticket/v1\n"), Err(FlagTicketError::NotATicket));
    for cut in 18..bytes.len() {
        assert!(matches!(FlagTicket::from_bytes(&bytes[..cut]), Err(FlagTicketError::Undecodable(_))), "cut at {cut}");
    }
    let longer = [bytes, vec![0]].concat();
    assert!(matches!(FlagTicket::from_bytes(&longer), Err(FlagTicketError::Undecodable(_))));
    let huge = vec![0; light::MAX_TICKET_BYTES + 1];
    assert_eq!(FlagTicket::from_bytes(&huge), Err(FlagTicketError::TooLarge(huge.len())));
}

fn node() -> impl Strategy<Value = RuleNode> {
    prop_oneof![
        select(vec!["beta", "unheard"]).prop_map(|segment| RuleNode::Segment(name(segment))),
        (0u32..=WHOLE_SHARE).prop_map(|per_100k| RuleNode::Share { of: name(TARGETING_KEY), per_100k }),
        Just(RuleNode::Starts(name("x"), Text::new("a").unwrap())),
    ]
}

fn serve() -> impl Strategy<Value = Serve> {
    prop_oneof![
        3 => (0u8..2).prop_map(Serve::Variant),
        1 => (1u32..5, 0u32..5).prop_map(|(off, on)| Serve::Split(list([(0, off), (1, on)]))),
        1 => Just(Serve::Inherit),
    ]
}

fn targeting() -> impl Strategy<Value = Targeting> {
    let case = (node(), any::<bool>(), serve()).prop_map(|(node, not, serve)| Arm {
        when: rule([node].into_iter().chain(not.then_some(RuleNode::Not))),
        serve,
    });
    (prop::collection::vec(case, 0..3), serve())
        .prop_map(|(cases, otherwise)| Targeting { cases: list(cases), otherwise })
}

fn any_standing() -> impl Strategy<Value = Standing> {
    let set = (subsequence(SCOPES.to_vec(), 0..=4), prop::collection::vec(targeting(), 4));
    let disabled = prop_oneof![3 => Just(Vec::new()), 1 => subsequence(SCOPES.to_vec(), 1..=2)];
    (set, disabled).prop_map(|((scopes, targetings), disabled)| Standing {
        settings: scopes.into_iter().zip(targetings).collect(),
        disabled,
    })
}

fn context() -> impl Strategy<Value = EvaluationContext> {
    let known = select(vec!["u1", "u2", "u3", "a", "1"]).prop_map(|word| Attribute::Text(word.into()));
    prop::collection::vec((select(vec!["x", TARGETING_KEY]), known), 0..3).prop_map(|all| {
        all.into_iter().fold(EvaluationContext::default(), |context, (name, known)| context.with(name, known))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Law 8 of ROLLOUTS 19: what a ticket serves is what state serves.
    #[test]
    fn a_ticket_serves_whatever_state_serves(
        standing in any_standing(), scope in select(SCOPES.to_vec()), context in context()
    ) {
        let (stood, asked) = (Stood::of(&standing), question(scope));
        let FlagQuestion { plan, key, scope } = &asked;
        let proven = stood.ticket(chain(), &asked).verify(&anchor(), &asked).unwrap();
        let on_chain = resolution(&State::over(&stood.memory), plan, key, scope, &context);
        prop_assert_eq!(Some(proven.resolve(&context)), on_chain);
    }

    #[test]
    fn no_flipped_bit_makes_a_ticket_of_a_flag_say_something_else(at in any::<prop::sample::Index>(), bit in 0..8u8) {
        static BYTES: std::sync::LazyLock<Vec<u8>> =
            std::sync::LazyLock::new(|| Stood::of(&standing()).ticket(chain(), &question("PROD/t1")).to_bytes());
        let mut bytes = BYTES.clone();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        let verified = FlagTicket::from_bytes(&bytes).and_then(|ticket| ticket.verify(&anchor(), &question("PROD/t1")));
        prop_assert!(verified.is_err(), "the bit {bit} of byte {at} says nothing");
    }

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..2_000)) {
        let _ = FlagTicket::from_bytes(&bytes);
        let _ = FlagTicket::from_bytes(&[b"the-block/flag/v1\n".as_slice(), &bytes].concat());
    }
}
