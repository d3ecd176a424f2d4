//! The law of tenants (ROLLOUTS 19, law 10): no answer of the evaluation plane to a tenant has a name of another, whatever it asks with
//! its token, and a context that names another is refused.

use crate::testing::{Answer, TENANTS, World, client_token, request, server_token};
use axum::http::Method;
use flags::Targeting;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::sync::LazyLock;
use tokio::runtime::Runtime;

/// What the other tenant calls things.
const OF_OTHER: [&str; 3] = [TENANTS[1], "blue-branch", "blue-group"];

/// A world in which both tenants have set something, also for a branch of theirs, and the first has nothing to do with the second.
static WORLD: LazyLock<(Runtime, World)> = LazyLock::new(|| {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let world = World::new();
    for (number, tenant) in TENANTS.iter().enumerate() {
        world.chain.set("limit", &format!("PROD/{tenant}"), Targeting::constant(u8::try_from(number).unwrap()));
        world.chain.set(
            "risk_mode",
            &format!("PROD/{tenant}/{}-branch", &tenant[..4].trim_end_matches('-')),
            Targeting::constant(2),
        );
    }
    world.chain.set("rollout", "PROD/blue-market", crate::testing::for_whom("group", "blue-group", 1));
    world.chain.disable("ratio", "PROD/blue-market/blue-branch");
    world.plane.refresh();
    (runtime, world)
});

/// Something that a context says, sometimes of the other tenant.
fn said() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!("red-stores")),
        Just(json!("b1")),
        Just(json!("")),
        Just(json!("../other")),
        Just(json!(7)),
        Just(json!(null)),
        Just(json!([1])),
        Just(json!({ "a": 1 })),
        "[a-z0-9]{1,8}".prop_map(Value::from),
    ]
}

fn asked_context() -> impl Strategy<Value = Value> {
    let attribute =
        prop_oneof![Just("targetingKey"), Just("tenant"), Just("branch"), Just("stage"), Just("group"), Just("x")];
    let attributes = proptest::collection::vec((attribute, said()), 0..4);
    attributes
        .prop_map(|attributes| attributes.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<Value>())
}

fn uris() -> impl Strategy<Value = (Method, String)> {
    let key = prop_oneof![
        Just("limit".to_owned()),
        Just("risk_mode".to_owned()),
        Just("rollout".to_owned()),
        Just("server_secret".to_owned()),
        "[a-z_]{1,6}",
    ];
    let digest = "[0-9a-f]{32}";
    prop_oneof![
        key.prop_map(|key| (Method::POST, format!("/ofrep/v1/evaluate/flags/{key}"))),
        Just((Method::POST, "/ofrep/v1/evaluate/flags".into())),
        Just((Method::POST, "/ofrep/v1/evaluate/flags?plan=chain".into())),
        Just((Method::GET, "/policy/pos/PROD".into())),
        Just((Method::GET, "/policy/pos/DEV".into())),
        digest.prop_map(|digest| (Method::GET, format!("/ofrep/v1/stream?channel=other.{digest}"))),
        Just((Method::GET, "/healthz".into())),
        Just((Method::PUT, "/ofrep/v1/evaluate/flags".into())),
        Just((Method::GET, "/elsewhere".into())),
    ]
}

fn answer(method: Method, uri: &str, is_client: bool, context: &Value) -> Answer {
    let (runtime, world) = &*WORLD;
    let token = if is_client { client_token(0) } else { server_token(0) };
    let bearer = format!("Bearer {token}");
    let body = json!({ "context": context }).to_string();
    let request = request(method, uri, &[("authorization", bearer.as_str())], &body, 1);
    runtime.block_on(world.send(request))
}

fn says_nothing_of_others(answer: &Answer) -> Result<(), TestCaseError> {
    let headers = format!("{:?}", answer.headers);
    for name in OF_OTHER {
        prop_assert!(!answer.body.contains(name) && !headers.contains(name), "{name} in {answer:?}");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn no_answer_to_a_tenant_has_a_name_of_another(
        (method, uri) in uris(),
        is_client in any::<bool>(),
        context in asked_context(),
    ) {
        let answer = answer(method, &uri, is_client, &context);
        says_nothing_of_others(&answer)?;
        let failed = answer.status >= 400 && uri != "/healthz";
        if failed {
            let said = answer.json();
            prop_assert!(said["errorCode"].is_string() && said["errorDetails"].is_string(), "{said}");
            prop_assert_eq!(said["key"].is_string(), uri.contains("/flags/"), "{}", said);
        }
    }

    #[test]
    fn a_context_that_names_another_tenant_is_refused_and_not_told_of_it(
        other in prop_oneof![Just("blue-market".to_owned()), "[a-z]{1,12}"],
        is_client in any::<bool>(),
        is_bulk in any::<bool>(),
    ) {
        prop_assume!(other != TENANTS[0]);
        let uri = if is_bulk { "/ofrep/v1/evaluate/flags" } else { "/ofrep/v1/evaluate/flags/limit" };
        let answer = answer(Method::POST, uri, is_client, &json!({ "tenant": other, "targetingKey": "u1" }));
        prop_assert_eq!(answer.status, 403);
        prop_assert!(answer.body.contains("E_TENANT"), "{}", answer.body);
        says_nothing_of_others(&answer)?;
    }
}

#[test]
fn what_another_tenant_does_changes_no_byte_of_an_answer() {
    let (runtime, world) = &*WORLD;
    let before = runtime.block_on(world.all(&client_token(0), "{}", &[]));
    world.chain.set("banner", "PROD/blue-market", Targeting::constant(1));
    world.chain.disable("limit", "PROD/blue-market");
    world.plane.refresh();
    let after = runtime.block_on(world.all(&client_token(0), "{}", &[]));
    assert_eq!((before.status, before.body), (200, after.body));
}
