//! How flags are encoded: for good (ROLLOUTS 3.3).

use super::*;
use parity_scale_codec::{Decode, DecodeAll, Encode};
use std::fmt::Debug;
use strum::VariantNames;

fn stays<T: Encode + Decode + serde::Serialize + serde::de::DeserializeOwned + PartialEq + Debug>(value: &T) {
    assert_eq!(&T::decode_all(&mut &value.encode()[..]).unwrap(), value);
    let json = serde_json::to_string(value).unwrap();
    assert_eq!(&serde_json::from_str::<T>(&json).unwrap(), value, "{json}");
}

#[test]
fn what_is_written_is_read_again_from_scale_and_from_json() {
    stays(&risk_mode());
    stays(&define(switch("sale")));
    stays(&retire("sale"));
    stays(&tokens::revoke(ANN, 9));
    let edited = FlagEdit { expires: Some(Expiry::At(Timestamp(5))), ..FlagEdit::default() };
    stays(&edit("sale", edited));
    stays(&setting(
        7,
        cases([arm([is("country", "DE"), RuleNode::Not], Serve::Split(list([(0, 5)])))], Serve::Inherit),
    ));
    stays(&rule([RuleNode::Share { of: name("it"), per_100k: 7 }, RuleNode::Less(name("x"), decimal("1.5"))]));
    stays(&Gates::without_plan());
    stays(&Event::Expired { plan: name("shop"), key: name("sale"), owner: name(OWNER), at: Timestamp(9) });
    stays(&Error::from(roles::Error::UnknownRole(RoleKey { plan: name("shop"), role: name("KING") })));
    stays(&Error::InUse { key: name("sale"), by: FlagUse::Setting(path("PROD")) });
}

#[test]
fn json_says_it_in_the_words_of_the_field() {
    let targeting = cases([arm([is("country", "DE")], Serve::Variant(1))], Serve::Split(list([(0, 1), (1, 9)])));
    let json = serde_json::json!({
        "cases": [{ "when": [{ "is": ["country", { "text": "DE" }] }], "serve": { "variant": 1 } }],
        "otherwise": { "split": [[0, 1], [1, 9]] },
    });
    assert_eq!(serde_json::to_value(&targeting).unwrap(), json);
    assert_eq!(serde_json::to_value(Expiry::Never).unwrap(), "never");
    assert_eq!(serde_json::to_value(EvaluationReason::TargetingMatch).unwrap(), "TARGETING_MATCH");
    assert_eq!(EvaluationReason::TargetingMatch.to_string(), "TARGETING_MATCH");
    assert_eq!(serde_json::to_value(Value::Number(decimal("1.50"))).unwrap(), serde_json::json!({ "number": "1.5" }));
    let unheard = serde_json::json!({ "text": "a", "risk": "low" });
    assert!(serde_json::from_value::<FlagEdit>(unheard).is_err(), "a risk is only ever raised");
}

#[test]
fn variants_keep_their_numbers() {
    assert_eq!([FlagKind::Gate, FlagKind::Sunset].encode(), [0, 6]);
    assert_eq!([Gate::Pruning, Gate::WitnessNetwork].encode(), [0, 6]);
    assert_eq!([EvaluationReason::Static, EvaluationReason::Error].encode(), [0, 5]);
    assert_eq!([Audience::Node, Audience::Both].encode(), [0, 3]);
    assert_eq!(RuleNode::Not.encode(), [2]);
    assert_eq!(RuleNode::Share { of: name("a"), per_100k: 1 }.encode(), [11, b'a', 0, 1, 0, 0, 0]);
    assert_eq!(Serve::Inherit.encode(), [2]);
    assert_eq!(Value::Bool(true).encode(), [0, 1]);
    assert_eq!(Gates::without_plan().encode(), [0b001_1101, 0, 0, 0, 0, 0, 0, 0, 0]);
    let events = ["flags.defined", "flags.edited", "flags.retired", "flags.expired", "flags.tokens_revoked"];
    assert_eq!(Event::VARIANTS, events);
}

#[test]
fn a_longer_list_than_there_is_room_for_does_not_decode() {
    let nodes = vec![RuleNode::Not; 33];
    assert!(Rule::decode_all(&mut &nodes.encode()[..]).is_err());
    assert!(serde_json::from_value::<Rule>(serde_json::to_value(&nodes).unwrap()).is_err());
    assert!(Rule::decode_all(&mut &nodes[..32].encode()[..]).is_ok());
}

#[test]
fn the_value_of_a_gate_flag_is_found_under_keys_that_can_be_read() {
    let key = crate::storage::SETTINGS.key(&(name("shop"), name("sale"), path("PROD/t1")));
    assert_eq!(&key[..], b"flags/settings/shop\0sale\0PROD\0t1\0\0");
}
