//! OFREP 0.3.0: one flag, and all of them at once (ROLLOUTS 12.3).

use crate::asked::AskedContext;
use crate::channels;
use crate::etag;
use crate::plane::{Admitted, Asker, EvaluationPlane, body_of};
use crate::plans::ServedPlan;
use crate::query::AskedQuery;
use crate::refusal::Refusal;
use crate::scope::asked_at;
use crate::written::quoted;
use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use primitives::Path;
use std::borrow::Cow;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

/// How long a node that lags is waited for.
const WAIT: Duration = Duration::from_secs(2);
/// After how long a page that nobody looks at closes its stream, in seconds.
const INACTIVITY_S: u32 = 120;

/// `POST /ofrep/v1/evaluate/flags/{key}`; the key is none where it is no text.
pub(crate) async fn single(
    plane: &Arc<EvaluationPlane>,
    asker: &mut Asker,
    key: Option<Cow<'_, str>>,
    parts: &Parts,
    body: Body,
) -> Response {
    let Some(key) = key else {
        let refusal = Refusal::Unreadable("the key of the flag is no text; percent-encode it in UTF-8".into());
        return plane.refuse(asker, &refusal, Some(""));
    };
    match one_flag(plane, asker, &key, parts, body).await {
        Ok(response) => response,
        Err(refusal) => plane.refuse(asker, &refusal, Some(&key)),
    }
}

async fn one_flag(
    plane: &Arc<EvaluationPlane>,
    asker: &mut Asker,
    key: &str,
    parts: &Parts,
    body: Body,
) -> Result<Response, Refusal> {
    let query = AskedQuery::read(&parts.uri)?;
    let admitted = plane.admit(asker, &parts.headers, &query).await?.within_rate()?;
    let body = body_of(&parts.headers, body).await?;
    let context = AskedContext::read(&body)?;
    let Admitted { plan, scope, reader, .. } = admitted;
    let scope = at(&plan, &scope, &context)?;
    let Some(flag) = plan.find(reader, key) else {
        if plan.hides(reader, key) {
            plane.deny(asker, StatusCode::NOT_FOUND.as_u16(), "audience", Some(key));
        }
        return Err(Refusal::FlagUnknown { key: key.to_owned(), plan: plan.name().clone() });
    };
    let mut answer = String::with_capacity(512);
    let is_served = plan.evaluate(&[flag], &scope, &context, &mut answer);
    let mut response = json(answer);
    if !is_served {
        *response.status_mut() = Refusal::KeyMissing.status();
    }
    Ok(response)
}

/// `POST /ofrep/v1/evaluate/flags`
pub(crate) async fn bulk(plane: &Arc<EvaluationPlane>, asker: &mut Asker, parts: &Parts, body: Body) -> Response {
    match all_flags(plane, asker, parts, body).await {
        Ok(response) => response,
        Err(refusal) => plane.refuse(asker, &refusal, None),
    }
}

async fn all_flags(
    plane: &Arc<EvaluationPlane>,
    asker: &mut Asker,
    parts: &Parts,
    body: Body,
) -> Result<Response, Refusal> {
    let query = AskedQuery::read(&parts.uri)?;
    let admitted = plane.admit(asker, &parts.headers, &query).await?;
    // Whoever was told of nothing new has its rate and no more, and is refused before its body is read.
    let is_told = query.config_tag.is_some() && (admitted.wait_s.is_none() || plane.may_be_told(asker));
    let admitted = if is_told { admitted } else { admitted.within_rate()? };
    let body = body_of(&parts.headers, body).await?;
    let context = AskedContext::read(&body)?;
    let scope = at(&admitted.plan, &admitted.scope, &context)?;
    let admitted = match &query.config_tag {
        Some(tag) => refetched(plane, asker, admitted, &scope, tag).await?,
        None => admitted,
    };
    let token = asker.token.as_deref().map(|known| &known.hash);
    let answer = written(plane, &admitted, &scope, &context, token);
    Ok(tagged(&parts.headers, answer))
}

/// Lets in whoever was told of a change: outside of its rate for the configuration that is here now, once at each address; and after a
/// while for one that is not here yet, because this node lags behind the one that told of it.
async fn refetched(
    plane: &Arc<EvaluationPlane>,
    asker: &Asker,
    admitted: Admitted,
    scope: &Path,
    tag: &str,
) -> Result<Admitted, Refusal> {
    let here = admitted.plan.tag(scope, admitted.reader);
    let is_first = || plane.refetched.first((asker.address, here.clone()));
    if *here == *tag && admitted.wait_s.is_some() && is_first() {
        return Ok(Admitted { wait_s: None, ..admitted });
    }
    let admitted = admitted.within_rate()?;
    if *here == *tag || !is_tag(tag) {
        return Ok(admitted);
    }
    Ok(caught_up(plane, admitted, scope, tag).await)
}

/// Waits until a configuration is here, as long as there is room to wait; then with what is here.
async fn caught_up(plane: &Arc<EvaluationPlane>, admitted: Admitted, scope: &Path, tag: &str) -> Admitted {
    let Ok(_place) = plane.waiting.try_acquire() else { return admitted };
    // From before it is looked at, so that nothing is missed.
    let mut moved = plane.plans.moved();
    moved.mark_unchanged();
    let Admitted { plan, scope: of_token, reader, wait_s } = admitted;
    let name = plan.name().clone();
    let mut newest = plane.plans.get(&name).unwrap_or(plan);
    let arrival = async {
        while *newest.tag(scope, reader) != *tag && moved.changed().await.is_ok() {
            match plane.plans.get(&name) {
                Some(plan) => newest = plan,
                None => break,
            }
        }
    };
    // Whether it came or not, what is here is answered.
    let _ = timeout(WAIT, arrival).await;
    Admitted { plan: newest, scope: of_token, reader, wait_s }
}

/// Whether a text could be the tag of a configuration.
fn is_tag(text: &str) -> bool {
    text.strip_prefix("cfg-").is_some_and(|digits| digits.len() == 32 && digits.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// Where flags are asked; of a node's plan, at the root.
fn at(plan: &ServedPlan, scope: &Path, context: &AskedContext<'_>) -> Result<Path, Refusal> {
    if plan.is_of_node { Ok(scope.clone()) } else { asked_at(&plan.levels, scope, context) }
}

/// All flags, and where it is said that some have changed. Nothing here moves with height or time.
fn written(
    plane: &EvaluationPlane,
    admitted: &Admitted,
    scope: &Path,
    context: &AskedContext<'_>,
    token: Option<&[u8; 32]>,
) -> String {
    let Admitted { plan, reader, .. } = admitted;
    let flags = plan.seen_by(*reader);
    let mut out = String::with_capacity(256 * flags.len() + 512);
    out.push_str("{\"flags\":[");
    plan.evaluate(flags, scope, context, &mut out);
    let channel = channels::of(plan.name(), scope, *reader, token);
    plane.channels.name(&channel, scope, *reader, token.is_some());
    let origin = match plane.settings.origin.as_str() {
        "" => String::new(),
        origin => format!("\"origin\":{},", quoted(origin)),
    };
    // Writing to a string cannot fail.
    let _ = write!(
        out,
        "],\"metadata\":{{\"plan\":{},\"scope\":{},\"bundle\":\"{}\"}},\"eventStreams\":[{{\"type\":\"sse\",\"endpoint\":{{{origin}\
         \"requestUri\":\"/ofrep/v1/stream?channel={channel}\"}},\"inactivityDelaySec\":{INACTIVITY_S}}}]}}",
        quoted(plan.name().as_str()),
        quoted(scope.as_str()),
        plan.bundle,
    );
    out
}

/// An answer with its tag, or that the asker has it already.
fn tagged(headers: &HeaderMap, answer: String) -> Response {
    let tag = etag::of(answer.as_bytes());
    let mut asked = headers.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let mut response = if asked.any(|asked| etag::matches(asked, &tag)) {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        response
    } else {
        json(answer)
    };
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(ETAG, tag);
    }
    response
}

fn json(answer: String) -> Response {
    let mut response = Response::new(Body::from(answer));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
