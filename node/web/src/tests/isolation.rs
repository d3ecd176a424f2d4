//! The law of tenants (ROLLOUTS 19, law 10): no answer of the evaluation plane to a tenant has a name of another, whatever it asks with
//! its token, and a context that names another is refused.

use crate::AccessLog;
use crate::testing::{Answer, PLAN, TENANTS, World, client_token, for_whom, name, request, server_token};
use axum::http::Method;
use flags::Targeting;
use futures::StreamExt as _;
use host::config::WebSection;
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
    world.chain.set("rollout", "PROD/blue-market", for_whom("group", "blue-group", 1));
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

/// What the other tenant does in its scopes.
#[derive(Debug, Clone)]
enum Act {
    Set(&'static str, &'static str),
    SetForSome(&'static str, &'static str),
    Disable(&'static str, &'static str),
}

impl Act {
    fn take(&self, world: &World) {
        match self {
            Self::Set(flag, path) => world.chain.set(flag, path, Targeting::constant(1)),
            Self::SetForSome(flag, path) => world.chain.set(flag, path, for_whom("group", "blue-group", 1)),
            Self::Disable(flag, path) => world.chain.disable(flag, path),
        }
    }
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let flag =
        || prop_oneof![Just("advanced_discounts"), Just("banner"), Just("limit"), Just("risk_mode"), Just("rollout")];
    let path = || prop_oneof![Just("PROD/blue-market"), Just("PROD/blue-market/blue-branch"), Just("DEV/blue-market")];
    let act = prop_oneof![
        (flag(), path()).prop_map(|(flag, path)| Act::Set(flag, path)),
        (flag(), path()).prop_map(|(flag, path)| Act::SetForSome(flag, path)),
        (flag(), path()).prop_map(|(flag, path)| Act::Disable(flag, path)),
    ];
    proptest::collection::vec(act, 1..6)
}

/// More than anybody here asks in a second: what is compared is what is answered, and not how fast it is asked.
fn in_no_hurry() -> WebSection {
    WebSection { plans: vec![name(PLAN)], requests_per_second: 100_000, ..WebSection::default() }
}

/// What the first tenant is answered at every endpoint that is about flags: values, all of them, previews, and each kind of refusal; with
/// the tags that it has from before, where there are some.
async fn everything(world: &World, before: &[Answer]) -> Vec<Answer> {
    let own = r#"{"context":{"targetingKey":"u1","branch":"b1","group":"blue-group"}}"#;
    let foreign = r#"{"context":{"targetingKey":"u1","tenant":"blue-market"}}"#;
    let asked = [
        (Method::POST, "/ofrep/v1/evaluate/flags", own),
        (Method::POST, "/ofrep/v1/evaluate/flags", "{}"),
        (Method::POST, "/ofrep/v1/evaluate/flags", foreign),
        (Method::POST, "/ofrep/v1/evaluate/flags?plan=chain", own),
        (Method::POST, "/ofrep/v1/evaluate/flags/limit", own),
        (Method::POST, "/ofrep/v1/evaluate/flags/rollout", own),
        (Method::POST, "/ofrep/v1/evaluate/flags/banner", own),
        (Method::POST, "/ofrep/v1/evaluate/flags/server_secret", own),
        (Method::POST, "/ofrep/v1/evaluate/flags/none", own),
        (Method::POST, "/ofrep/v1/evaluate/flags/limit", foreign),
        (Method::GET, "/policy/pos/PROD", ""),
        (Method::GET, "/policy/pos/DEV", ""),
        (Method::GET, "/policy/pos/none", ""),
        (Method::GET, "/ofrep/v1/stream?channel=other.00000000000000000000000000000000", ""),
        (Method::DELETE, "/ofrep/v1/evaluate/flags", ""),
        (Method::GET, "/elsewhere", ""),
    ];
    let mut answers: Vec<Answer> = Vec::new();
    for token in [client_token(0), server_token(0)] {
        let bearer = format!("Bearer {token}");
        for (method, uri, body) in &asked {
            let tag = before.get(answers.len()).map_or("", |known| known.header("etag")).to_owned();
            let mut headers = vec![("authorization", bearer.as_str())];
            headers.extend((!tag.is_empty()).then_some(("if-none-match", tag.as_str())));
            answers.push(world.send(request(method.clone(), uri, &headers, body, 1)).await);
        }
    }
    answers
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn what_another_tenant_does_changes_no_byte_of_any_answer_and_no_tag(acts in acts()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let world = World::with(in_no_hurry());
        let before = runtime.block_on(everything(&world, &[]));
        for act in &acts {
            act.take(&world);
        }
        world.plane.refresh();
        let after = runtime.block_on(everything(&world, &[]));
        prop_assert_eq!(&after, &before);
        let asked_again = runtime.block_on(everything(&world, &before));
        for (known, now) in before.iter().zip(&asked_again) {
            says_nothing_of_others(known)?;
            let kept = known.status == 200 && !known.header("etag").is_empty();
            prop_assert_eq!(now.status, if kept { 304 } else { known.status }, "{:?}", known);
        }
    }
}

#[test]
fn what_a_tenant_does_itself_it_is_told_and_the_other_is_not() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let world = World::with(in_no_hurry());
    let asked = |tenant: usize| runtime.block_on(world.all(&client_token(tenant), "{}", &[]));
    let before = [asked(0), asked(1)];
    world.chain.set("limit", "PROD/red-stores", Targeting::constant(1));
    world.plane.refresh();
    let after = [asked(0), asked(1)];
    assert!(before[0] != after[0] && before[0].header("etag") != after[0].header("etag"), "{after:?}");
    assert_eq!(before[1], after[1]);
}

/// Whoever guesses the name of a tenant is not told whether it guessed well.
#[test]
fn whether_a_tenant_is_there_is_told_to_nobody_else() {
    let (runtime, world) = &*WORLD;
    let asked = |tenant: &str, headers: &[(&str, &str)]| {
        let body = json!({ "context": { "tenant": tenant, "targetingKey": "u1" } }).to_string();
        let request = request(Method::POST, "/ofrep/v1/evaluate/flags/limit", headers, &body, 7);
        runtime.block_on(world.send(request))
    };
    let bearer = format!("Bearer {}", server_token(0));
    let [there, not_there] =
        [TENANTS[1], "green-shop"].map(|tenant| asked(tenant, &[("authorization", bearer.as_str())]));
    assert_eq!((there.status, &there), (403, &not_there));
    let [there, not_there] = [TENANTS[1], "green-shop"].map(|tenant| asked(tenant, &[]));
    assert_eq!((there.status, &there), (404, &not_there), "no plan is public here");
}

#[tokio::test(start_paused = true)]
async fn no_stream_has_a_name_of_a_tenant_whoever_opens_it() {
    let world = World::with(in_no_hurry());
    let channel_of = async |tenant: usize| {
        let said = world.all(&client_token(tenant), "{}", &[]).await.json();
        said["eventStreams"][0]["endpoint"]["requestUri"].as_str().unwrap().to_owned()
    };
    let (own, other) = (channel_of(0).await, channel_of(1).await);
    assert_ne!(own, other);
    for uri in [&own, &other] {
        let asked = request(Method::GET, uri, &[], "", 1);
        let response = world.respond(asked).await;
        assert_eq!(response.status(), 200);
        let mut parts = response.into_body().into_data_stream();
        let mut heard = String::new();
        for tenant in TENANTS {
            world.chain.set("limit", &format!("PROD/{tenant}"), Targeting::constant(1));
            world.plane.refresh();
        }
        while !heard.contains("refetchEvaluation") {
            let part = parts.next().await.expect("the stream goes on").unwrap();
            heard.push_str(std::str::from_utf8(&part).unwrap());
        }
        for named in TENANTS.iter().chain(&["limit", "PROD"]) {
            assert!(!heard.contains(named), "{named} in {heard}");
        }
    }
}

#[test]
fn the_access_log_says_who_was_denied_and_has_no_word_of_a_context_and_no_token() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::logging(in_no_hurry(), AccessLog::open(folder.path()).unwrap());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let denied = [
        ("/ofrep/v1/evaluate/flags", client_token(0), 403),
        ("/ofrep/v1/evaluate/flags/limit", server_token(0), 403),
        ("/ofrep/v1/evaluate/flags", "blue-market.blue-branch.blue-group".to_owned(), 401),
        ("/ofrep/v1/evaluate/flags/limit", "of-nobody".to_owned(), 401),
    ];
    for (uri, token, status) in &denied {
        let bearer = format!("Bearer {token}");
        let headers = [("authorization", bearer.as_str())];
        let body = r#"{"context":{"tenant":"blue-market","group":"blue-group","targetingKey":"u1"}}"#;
        let answer = runtime.block_on(world.send(request(Method::POST, uri, &headers, body, 1)));
        assert_eq!(answer.status, *status, "{uri}: {}", answer.body);
    }
    // With the last who has it, the log ends, and everything is written.
    drop(world);
    let file = folder.path().join("access.log");
    let read = || std::fs::read_to_string(&file).unwrap_or_default();
    while read().lines().count() < denied.len() {
        std::thread::yield_now();
    }
    let log = read();
    for secret in OF_OTHER.iter().copied().chain(denied.iter().map(|(_, token, _)| token.as_str())) {
        assert!(!log.contains(secret), "{secret} in {log}");
    }
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let said: Vec<(u64, &str)> =
        lines.iter().map(|line| (line["status"].as_u64().unwrap(), line["reason"].as_str().unwrap())).collect();
    assert_eq!(said, [(403, "tenant"), (403, "tenant"), (401, "token"), (401, "token")]);
    assert_eq!(lines[0]["scope"], "PROD/red-stores");
    assert!(lines[2]["issuer"].is_null() && lines[3]["scope"].is_null(), "{log}");
}
