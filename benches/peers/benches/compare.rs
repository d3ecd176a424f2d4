//! What one answer costs here and elsewhere, in the same run: a flag that is on for everybody, one with a rule, all flags of a client,
//! and what is done when flags change. `make bench-peers`.
//!
//! Each engine is asked as its own documentation asks it, with a context that is made before, and answers with as much as it says of a
//! flag: here the variant, the reason and the version; elsewhere whether it is on. The floor is an array of constants.

use flags::{FlagReader, Snapshot, Value};
use launchdarkly_server_sdk_evaluation as launchdarkly;
use open_feature::provider::{FeatureProvider, ProviderMetadata, ResolutionDetails};
use open_feature::{
    EvaluationContext, EvaluationError, EvaluationErrorCode, EvaluationResult, OpenFeature, StructValue, async_trait,
};
use peers::counting::{CountingAllocator, taken_by};
use peers::shop::{Shop, known};
use primitives::Path;
use state::State;
use std::collections::HashMap;
use std::hint::black_box;
use std::time::Instant;
use unleash_types::client_features::{ClientFeature, ClientFeatures, Constraint, Operator, Strategy};
use unleash_yggdrasil::{Context, EngineState};

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

/// How many flags each engine has beside those that are asked for one by one.
const FLAGS: usize = 1_000;
/// How many flags are compiled at once, ten times what a plan may have.
const MANY: usize = 10_000;
/// How many answers are asked for at a time.
const EACH: u32 = 20_000;
/// How often a mean is taken.
const MEANS: usize = 25;
/// How wide the names of rows are.
const NAMES: usize = 60;

fn main() {
    println!("{:<NAMES$} {:>13} {:>13} {:>12} {:>8}", "what", "median", "best", "allocations", "target");
    floor();
    this_one();
    unleash();
    launchdarkly();
    open_feature();
}

fn floor() {
    let constants: Vec<bool> = (0..FLAGS).map(|number| number % 2 == 0).collect();
    row("floor: a constant, by the place of its flag", "", EACH, || constants.get(black_box(7)).copied());
}

fn this_one() {
    let shop = Shop::of(FLAGS);
    let state = State::over(&shop.memory);
    let snapshot = Snapshot::compile(&state, &shop.plan);
    let (context, root) = (snapshot.context(&known()), snapshot.scope(&Path::ROOT));
    let tenant = snapshot.scope(&peers::shop::TENANT.parse().unwrap());
    let ask = |key| {
        let flag = snapshot.find(key).unwrap();
        let scope = if key == "nested" { &tenant } else { &root };
        let (snapshot, context) = (&snapshot, &context);
        move || snapshot.resolve(black_box(flag), scope, context).map(flags::ServedFlag::resolution)
    };
    row("here: on for everybody", "3 ns", EACH, ask("static"));
    row("here: one rule", "10 ns", EACH, ask("ruled"));
    row("here: two levels of override", "15 ns", EACH, ask("nested"));
    row("here: on for everybody, by its name", "25 ns", EACH, || {
        let flag = snapshot.find(black_box("static"))?;
        snapshot.resolve(flag, &root, &context).map(flags::ServedFlag::resolution)
    });
    row("here: one rule, by its name", "", EACH, || {
        let flag = snapshot.find(black_box("ruled"))?;
        snapshot.resolve(flag, &root, &context).map(flags::ServedFlag::resolution)
    });
    row("here: all flags of a client", "1 ms", 20, || {
        let context = snapshot.context(&known());
        let all = snapshot.seen_by(FlagReader::Client).iter();
        let values = all.filter_map(|flag| snapshot.resolve(*flag, &root, &context)?.value());
        values.filter(|value| matches!(value, Value::Bool(true))).count()
    });
    row("here: all flags read and compiled", "", 5, || Snapshot::compile(&state, &shop.plan));
    let many = Shop::of(MANY);
    let state = State::over(&many.memory);
    row("here: ten times as many read and compiled", "10 ms", 1, || Snapshot::compile(&state, &many.plan));
}

fn unleash() {
    let strategy = |constraints| Strategy {
        name: "default".into(),
        sort_order: None,
        segments: None,
        constraints,
        parameters: None,
        variants: None,
    };
    let pro = || Constraint {
        context_name: "tier".into(),
        operator: Operator::In,
        case_insensitive: false,
        inverted: false,
        values: Some(vec!["pro".into()]),
        value: None,
    };
    let feature = |name: String, constraints| ClientFeature {
        name,
        enabled: true,
        strategies: Some(vec![strategy(constraints)]),
        ..ClientFeature::default()
    };
    let others = (0..FLAGS).map(|number| feature(other(number), (number % 10 == 0).then(|| vec![pro()])));
    let measured = [feature("static".into(), None), feature("ruled".into(), Some(vec![pro()]))];
    let features: Vec<ClientFeature> = measured.into_iter().chain(others).collect();
    let all = ClientFeatures { version: 2, features, segments: None, query: None, meta: None };
    let engine = EngineState::default();
    engine.apply_client_features(all.clone());
    let context = Context {
        user_id: Some("user-000255".into()),
        session_id: None,
        environment: None,
        app_name: None,
        current_time: None,
        remote_address: None,
        properties: Some(HashMap::from([("tier".into(), "pro".into()), ("country".into(), "DE".into())])),
    };
    assert!(engine.is_enabled("static", &context, &None) && engine.is_enabled("ruled", &context, &None));
    row("unleash-yggdrasil: on for everybody, by its name", "", EACH, || {
        engine.is_enabled(black_box("static"), &context, &None)
    });
    row("unleash-yggdrasil: one rule, by its name", "", EACH, || {
        engine.is_enabled(black_box("ruled"), &context, &None)
    });
    row("unleash-yggdrasil: all flags of a client", "", 20, || engine.resolve_all(&context, &None));
    row("unleash-yggdrasil: all flags compiled", "", 5, || engine.apply_client_features(all.clone()));
}

/// Flags in memory, given as its own store gives them: copied.
struct FlagsOfLaunchdarkly(HashMap<String, launchdarkly::Flag>);

impl launchdarkly::Store for FlagsOfLaunchdarkly {
    fn flag(&self, key: &str) -> Option<launchdarkly::Flag> {
        self.0.get(key).cloned()
    }

    fn segment(&self, _: &str) -> Option<launchdarkly::Segment> {
        None
    }
}

fn launchdarkly() {
    use launchdarkly::{AttributeValue, ContextBuilder, FlagBuilder, Store, evaluate};
    let constant = |key: &str| FlagBuilder::new(key).boolean_flag().on(true).build();
    let ruled = |key: &str| {
        let off = FlagBuilder::new(key).boolean_flag().on(true).fallthrough_variation(false);
        off.if_match("tier", [AttributeValue::from("pro")]).then_return(true).build()
    };
    let others = (0..FLAGS).map(other).enumerate();
    let others = others.map(|(number, key)| if number % 10 == 0 { ruled(&key) } else { constant(&key) });
    let flags: Vec<launchdarkly::Flag> = [constant("static"), ruled("ruled")].into_iter().chain(others).collect();
    let store = FlagsOfLaunchdarkly(flags.iter().map(|flag| (flag.key.clone(), flag.clone())).collect());
    let mut builder = ContextBuilder::new("user-000255");
    builder.set_string("tier", "pro").set_string("country", "DE");
    let context = builder.build().unwrap();
    for (what, key) in [("on for everybody", "static"), ("one rule", "ruled")] {
        let flag = store.flag(key).unwrap();
        let is_on =
            |flag: &launchdarkly::Flag| evaluate(&store, flag, &context, None).value.and_then(|value| value.as_bool());
        assert_eq!(is_on(&flag), Some(true), "{key}");
        row(&format!("launchdarkly: {what}"), "", EACH, || is_on(black_box(&flag)));
        row(&format!("launchdarkly: {what}, by its name"), "", EACH, || {
            let flag = store.flag(black_box(key))?;
            evaluate(&store, &flag, &context, None).value.and_then(|value| value.as_bool())
        });
    }
    row("launchdarkly: all flags of a client", "", 20, || {
        let values = flags.iter().filter_map(|flag| evaluate(&store, flag, &context, None).value);
        values.filter(|value| value.as_bool() == Some(true)).count()
    });
}

/// A provider that knows one answer: what is measured is the client before it.
struct Yes(ProviderMetadata);

fn of_another_type<T>() -> EvaluationResult<T> {
    Err(EvaluationError { code: EvaluationErrorCode::TypeMismatch, message: None })
}

#[async_trait]
impl FeatureProvider for Yes {
    fn metadata(&self) -> &ProviderMetadata {
        &self.0
    }

    async fn resolve_bool_value(&self, _: &str, _: &EvaluationContext) -> EvaluationResult<ResolutionDetails<bool>> {
        Ok(ResolutionDetails::new(true))
    }

    async fn resolve_int_value(&self, _: &str, _: &EvaluationContext) -> EvaluationResult<ResolutionDetails<i64>> {
        of_another_type()
    }

    async fn resolve_float_value(&self, _: &str, _: &EvaluationContext) -> EvaluationResult<ResolutionDetails<f64>> {
        of_another_type()
    }

    async fn resolve_string_value(
        &self,
        _: &str,
        _: &EvaluationContext,
    ) -> EvaluationResult<ResolutionDetails<String>> {
        of_another_type()
    }

    async fn resolve_struct_value(
        &self,
        _: &str,
        _: &EvaluationContext,
    ) -> EvaluationResult<ResolutionDetails<StructValue>> {
        of_another_type()
    }
}

fn open_feature() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let client = runtime.block_on(async {
        let mut api = OpenFeature::singleton_mut().await;
        api.set_provider(Yes(ProviderMetadata::new("yes"))).await;
        api.create_client()
    });
    let context = EvaluationContext::default().with_targeting_key("user-000255").with_custom_field("tier", "pro");
    let asked = runtime.block_on(client.get_bool_value("static", Some(&context), None));
    assert_eq!(asked.ok(), Some(true));
    // Many at a time, so that entering the runtime is not what is measured.
    let mut nanoseconds = Vec::new();
    for _ in 0..MEANS {
        let start = Instant::now();
        runtime.block_on(async {
            for _ in 0..EACH {
                black_box(client.get_bool_value(black_box("static"), Some(&context), None).await.ok());
            }
        });
        nanoseconds.push(start.elapsed().as_secs_f64() * 1e9 / f64::from(EACH));
    }
    let once = || runtime.block_on(client.get_bool_value("static", Some(&context), None)).ok();
    print("open-feature: a constant, by its client", "", nanoseconds, taken_by(once).0);
}

fn other(number: usize) -> String {
    format!("other_flag_{number:05}")
}

/// One thing, by the mean of many, with how often one of them takes memory.
fn row<T>(what: &str, target: &str, each: u32, work: impl Fn() -> T) {
    let (allocations, made) = taken_by(&work);
    drop(made);
    let one_mean = |_| {
        let start = Instant::now();
        for _ in 0..each {
            black_box(work());
        }
        start.elapsed().as_secs_f64() * 1e9 / f64::from(each)
    };
    print(what, target, (0..MEANS).map(one_mean).collect(), allocations);
}

fn print(what: &str, target: &str, mut nanoseconds: Vec<f64>, allocations: u64) {
    nanoseconds.sort_by(f64::total_cmp);
    let (median, best) = (nanoseconds[MEANS / 2], nanoseconds[0]);
    println!("{what:<NAMES$} {median:>10.2} ns {best:>10.2} ns {allocations:>12} {target:>8}");
}
