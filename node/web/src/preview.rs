//! `GET /policy/{plan}/{stage}`: what a stage of a plan serves now, from when until when, and what the codes mean that keep others from
//! it (REQ-135, REQ-136). Read-only, and made to be cached.

use crate::etag::{self, TaggedBody};
use crate::plane::{Admitted, Asker, EvaluationPlane};
use crate::plans::ServedPlan;
use crate::query::AskedQuery;
use crate::refusal::Refusal;
use crate::written::{date, json, quoted};
use axum::body::Body;
use axum::http::header::{ACCEPT_LANGUAGE, CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use flags::{EvaluationContext, Expiry, FlagReader, ScopedFlag, resolve};
use primitives::{ChangeId, Name, Path, Timestamp};
use rollouts::plans::{self, KeptRef};
use state::State;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::time::timeout;

/// For how long a preview is good, and for how much longer while another one is fetched.
const CACHED: &str = "private, max-age=300, stale-while-revalidate=120";
/// What else a preview hangs on: the language, and whose token it is. A browser that has two of them shows none the preview of the other.
const VARIES: &str = "Accept-Language, Authorization, X-API-Key";

/// `GET /policy/{plan}/{stage}`
pub(crate) async fn policy(
    plane: &Arc<EvaluationPlane>,
    asker: &mut Asker,
    named: (&str, &str),
    parts: &Parts,
) -> Response {
    match previewed(plane, asker, named, parts).await {
        Ok(response) => response,
        Err(refusal) => plane.refuse(asker, &refusal, None),
    }
}

async fn previewed(
    plane: &Arc<EvaluationPlane>,
    asker: &mut Asker,
    (plan, stage): (&str, &str),
    parts: &Parts,
) -> Result<Response, Refusal> {
    let mut query = AskedQuery::read(&parts.uri)?;
    // The path names the plan, as the query does where flags are asked.
    query.plan = Some(Name::new(plan).ok_or(Refusal::PlanUnknown)?);
    let Admitted { plan, reader, scope, .. } = plane.admit(asker, &parts.headers, &query).await?.within_rate()?;
    let unknown = || Refusal::StageUnknown { plan: plan.name().clone() };
    let stage = Name::new(stage).filter(|stage| plan.stages.contains(stage)).ok_or_else(unknown)?;
    if scope.names().next().is_some_and(|of_token| of_token != stage.as_str()) {
        return Err(Refusal::Outside { field: "the path".into() });
    }
    let accept = parts.headers.get(ACCEPT_LANGUAGE).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    let language = plane.locales.accepted(accept);
    let preview = made(plane, &plan, (stage, reader == FlagReader::Client, language)).await?;
    Ok(answered(plane, parts, &preview, language))
}

/// The preview of a stage, for a reader, in a language: kept as long as nothing changes.
async fn made(
    plane: &Arc<EvaluationPlane>,
    plan: &Arc<ServedPlan>,
    of: (Name, bool, usize),
) -> Result<Arc<TaggedBody>, Refusal> {
    if let Some(preview) = plan.preview(&of) {
        return Ok(preview);
    }
    let budget = Budget::of(plane);
    timeout(budget.whole, read(plane, plan, of, budget)).await.unwrap_or(Err(budget.exceeded()))
}

async fn read(
    plane: &Arc<EvaluationPlane>,
    plan: &Arc<ServedPlan>,
    of: (Name, bool, usize),
    budget: Budget,
) -> Result<Arc<TaggedBody>, Refusal> {
    let place = plane.previews.clone().acquire_owned().await.map_err(|_| Refusal::Broken)?;
    // Whoever had the place before may have made the same.
    if let Some(preview) = plan.preview(&of) {
        return Ok(preview);
    }
    let (plane, name, asked) = (plane.clone(), plan.name().clone(), of.clone());
    let read = tokio::task::spawn_blocking(move || {
        let mut body = Err(Refusal::Broken);
        plane.source.read(&mut |state, _, time| body = written(&plane, (state, time), &name, &asked, budget));
        drop(place);
        body
    });
    let preview = Arc::new(TaggedBody::of(read.await.map_err(|_| Refusal::Broken)??));
    plan.keep_preview(of, &preview);
    Ok(preview)
}

/// How long a preview may take to make, which is a report.
#[derive(Debug, Clone, Copy)]
struct Budget {
    whole: Duration,
    until: Instant,
}

impl Budget {
    fn of(plane: &EvaluationPlane) -> Self {
        let whole = Duration::from_millis(plane.settings.report_budget_ms);
        Self { whole, until: Instant::now() + whole }
    }

    fn exceeded(self) -> Refusal {
        Refusal::OverBudget { budget_ms: u64::try_from(self.whole.as_millis()).unwrap_or(u64::MAX) }
    }

    /// Whether there is time left, so that nothing is read on for what is refused already.
    fn check(self) -> Result<(), Refusal> {
        if Instant::now() < self.until { Ok(()) } else { Err(self.exceeded()) }
    }
}

fn answered(plane: &EvaluationPlane, parts: &Parts, preview: &TaggedBody, language: usize) -> Response {
    let mut asked = parts.headers.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let is_known = asked.any(|asked| etag::matches(asked, &preview.tag));
    let mut response = Response::new(if is_known { Body::empty() } else { Body::from(preview.body.clone()) });
    if is_known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    }
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(CACHED));
    headers.insert(VARY, HeaderValue::from_static(VARIES));
    let written = [(ETAG, preview.tag.as_str()), (CONTENT_LANGUAGE, plane.locales.tag(language))];
    for (name, value) in written {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    }
    if !is_known {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    response
}

/// What is gathered over the flags of a stage.
#[derive(Default)]
struct Gathered {
    values: Vec<String>,
    rules: Vec<String>,
    /// The last change of what is served there, and its block time.
    last: Option<(ChangeId, Timestamp)>,
    /// The next day on which a flag is meant to be gone.
    next: Option<Timestamp>,
}

/// The preview in JSON. Nothing in it moves with height or time but by what it is about.
///
/// # Errors
/// When the chain has no such plan any more, or the time for it is over.
fn written(
    plane: &EvaluationPlane,
    (state, time): (&State, Timestamp),
    name: &Name,
    (stage, is_client, language): &(Name, bool, usize),
    budget: Budget,
) -> Result<String, Refusal> {
    let plan = plans::current(state, name).map_err(|_| Refusal::PlanUnknown)?;
    let reader = if *is_client { FlagReader::Client } else { FlagReader::Server };
    let at_stage = Path::new([stage.clone()]);
    let path = if plan.kept.is_of_node() { Path::ROOT } else { at_stage.ok_or(Refusal::PlanUnknown)? };
    let mut gathered = Gathered::default();
    for defined in flags::queries::flags(state, name).filter(|defined| reader.sees(defined.flag.audience)) {
        budget.check()?;
        if let Some(scoped) = flags::queries::scoped(state, name, &defined.flag.key, &path) {
            gathered.add(&scoped, time);
        }
    }
    let installed = plans::head(state, name).ok_or(Refusal::PlanUnknown)?.installed;
    let (change, from) = gathered.last.unwrap_or((plans::FIRST_CHANGE, installed.time));
    let until = gathered.next.and_then(date).map_or_else(|| "null".into(), |date| quoted(&date));
    let from = date(from).map_or_else(|| "null".into(), |date| quoted(&date));
    let codes = reason_codes(plane, state, &plan, stage, *language);
    Ok(format!(
        "{{\"policyVersion\":\"P{}.{change}\",\"effectiveFrom\":{from},\"effectiveTo\":{until},\"values\":{{{}}},\"rules\":[{}],\
         \"reasonCodes\":[{}]}}",
        plan.version,
        gathered.values.join(","),
        gathered.rules.join(","),
        codes.join(",")
    ))
}

impl Gathered {
    fn add(&mut self, scoped: &ScopedFlag, time: Timestamp) {
        let flag = &scoped.flag.flag;
        let key = quoted(flag.key.as_str());
        let resolution = resolve(scoped, &EvaluationContext::default());
        if let Some(value) = scoped.value(resolution) {
            self.values.push(format!("{key}:{}", json(value)));
        }
        // The attributes that are asked, and not for what: that could name others.
        if let Some(setting) =
            scoped.settings.values().next_back().filter(|setting| !setting.targeting.cases.is_empty())
        {
            let attributes: Vec<String> = setting.targeting.attributes().into_iter().map(quoted).collect();
            let (cases, attributes) = (setting.targeting.cases.len(), attributes.join(","));
            self.rules.push(format!("{{\"flag\":{key},\"cases\":{cases},\"attributes\":[{attributes}]}}"));
        }
        let set = scoped.settings.values().map(|setting| (setting.by, setting.since.time));
        let disabled = scoped.disabled.values().map(|disabled| (disabled.by, disabled.since.time));
        self.last = self.last.into_iter().chain(set).chain(disabled).max();
        if let Expiry::At(day) = flag.expires
            && day > time
        {
            self.next = Some(self.next.map_or(day, |next| next.min(day)));
        }
    }
}

/// The codes of what it takes to enter the stage, with what they mean.
fn reason_codes(plane: &EvaluationPlane, state: &State, plan: &KeptRef, stage: &Name, language: usize) -> Vec<String> {
    let Ok(entered) = plan.stage(state, stage) else { return Vec::new() };
    let checks = entered.readiness.iter().filter_map(|key| plan.check(state, key));
    let mut codes: BTreeMap<Name, (BTreeSet<String>, BTreeSet<String>)> = BTreeMap::new();
    for check in checks {
        let (keys, owners) = codes.entry(check.code).or_default();
        keys.insert(check.key.to_string());
        owners.extend(check.by.map(|owner| owner.to_string()));
    }
    let listed = |names: BTreeSet<String>| names.into_iter().collect::<Vec<String>>().join(", ");
    let written = codes.into_iter().map(|(code, (keys, owners))| {
        let (keys, owners) = (listed(keys), listed(owners));
        let fields = [
            ("plan", plan.name.as_str()),
            ("stage", stage.as_str()),
            ("keys", keys.as_str()),
            ("owners", owners.as_str()),
        ];
        let message = plane.locales.sentence(language, code.as_str(), &fields);
        format!("{{\"code\":{},\"message\":{}}}", quoted(code.as_str()), quoted(&message))
    });
    written.collect()
}
