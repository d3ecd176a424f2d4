//! What every request must keep to, whether it comes alone or in a batch: a method that is answered here, parameters that
//! exist, and no more requests a second than one address may send. And what is reported of it.

use super::batch::{Part, parts};
use super::heavy::{HeavyPlaces, HeavyWork, over_budget};
use super::peer::{Payer, Peer, Share};
use super::places::{Place, Serving};
use super::{Observer, ServerConfig};
use crate::error::{
    INTERNAL_ERROR, INVALID_PARAMS, INVALID_REQUEST, METHOD_NOT_FOUND, RATE_LIMITED, RpcRefusal, SOCKET_ONLY,
    WEBSOCKET_ONLY,
};
use crate::methods::{METHODS, Method, MethodAccess};
use crate::socket::OPERATOR_SOCKET;
use crate::source::NodeSource;
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use http::Extensions;
use jsonrpsee::core::middleware::{Batch, BatchEntry, Notification, Request, RpcServiceT};
use jsonrpsee::core::server::BatchResponseBuilder;
use jsonrpsee::server::MethodResponse;
use jsonrpsee::types::{ErrorObjectOwned, Id};
use serde::de::IgnoredAny;
use serde_json::value::RawValue;
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::time::timeout;

/// How many addresses the rate limiter may remember before it forgets those that have been quiet.
const REMEMBERED_ADDRESSES: usize = 10_000;

/// What is the same for all connections of one way.
pub(super) struct RequestRules {
    methods: HashMap<&'static str, &'static Method>,
    /// Whether what is the operator's to ask is answered here.
    is_operators: bool,
    limiter: Option<DefaultKeyedRateLimiter<Share>>,
    heavy: HeavyPlaces,
    report_budget: Duration,
    observer: Arc<dyn Observer>,
    pub max_response_bytes: usize,
}

impl RequestRules {
    /// For the port, where nobody acts on the node.
    pub fn of_port(config: &ServerConfig, observer: Arc<dyn Observer>) -> Self {
        Self::new(config, observer, false)
    }

    /// For the operator's socket.
    pub fn of_socket(config: &ServerConfig, observer: Arc<dyn Observer>) -> Self {
        Self::new(config, observer, true)
    }

    fn new(config: &ServerConfig, observer: Arc<dyn Observer>, is_operators: bool) -> Self {
        let quota = |rate: NonZeroU32| {
            Quota::per_second(rate).allow_burst(rate.saturating_mul(NonZeroU32::MIN.saturating_add(1)))
        };
        Self {
            methods: METHODS.iter().map(|method| (method.name, method)).collect(),
            is_operators,
            limiter: NonZeroU32::new(config.requests_per_second).map(|rate| RateLimiter::keyed(quota(rate))),
            heavy: HeavyPlaces::new(config.max_heavy_requests),
            report_budget: Duration::from_millis(config.report_budget_ms),
            observer,
            max_response_bytes: config.max_response_bytes as usize,
        }
    }

    /// Keeps the limiter's memory bounded; called for each new connection.
    pub fn forget_the_quiet(&self) {
        if let Some(limiter) = self.limiter.as_ref().filter(|limiter| limiter.len() > REMEMBERED_ADDRESSES) {
            limiter.retain_recent();
            limiter.shrink_to_fit();
        }
    }

    fn admit(&self, payer: Payer, name: &str, params: Option<&RawValue>) -> Result<&'static Method, Refused> {
        let refuse = |method, error| Refused { method, error, too_fast: None };
        self.pace(payer).map_err(|found| Refused { too_fast: Some(found), ..refuse("unknown", found.into()) })?;
        let Some(method) = self.methods.get(name) else { return Err(refuse("unknown", no_such_method(name))) };
        if method.access == MethodAccess::Socket && !self.is_operators {
            return Err(refuse(method.name, socket_only(method)));
        }
        check_names(method, params).map_err(|reason| refuse(method.name, RpcRefusal::Parameter(reason).into()))?;
        Ok(method)
    }

    /// Takes a request out of the budget of whoever pays for it.
    pub fn pace(&self, payer: Payer) -> Result<(), TooFast> {
        let share = payer.share();
        let Some(limiter) = self.limiter.as_ref().filter(|_| share != Share::Operator) else { return Ok(()) };
        limiter.check_key(&share).map_err(|until| {
            let wait_ms = until.wait_time_from(DefaultClock::default().now()).as_millis() as u64;
            TooFast { payer, wait_ms }
        })
    }
}

/// More requests than a budget has. With an answer that says nothing else, it makes the status of that answer.
#[derive(Debug, Clone, Copy)]
pub(super) struct TooFast {
    payer: Payer,
    wait_ms: u64,
}

impl TooFast {
    /// The seconds until it may go on, whole ones as `Retry-After` has them.
    pub fn seconds(self) -> u64 {
        self.wait_ms.div_ceil(1_000).max(1)
    }
}

impl fmt::Display for TooFast {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "too many requests from {}; try again in {} ms", self.payer, self.wait_ms)
    }
}

impl From<TooFast> for ErrorObjectOwned {
    fn from(found: TooFast) -> Self {
        let data = serde_json::json!({ "retry_after_ms": found.wait_ms });
        ErrorObjectOwned::owned(RATE_LIMITED, found.to_string(), Some(data))
    }
}

pub(super) struct Refused {
    method: &'static str,
    error: ErrorObjectOwned,
    too_fast: Option<TooFast>,
}

impl Refused {
    fn answer(self, id: Id<'_>) -> MethodResponse {
        let mut response = MethodResponse::error(id, self.error);
        if let Some(found) = self.too_fast {
            response.extensions_mut().insert(found);
        }
        response
    }
}

fn no_such_method(name: &str) -> ErrorObjectOwned {
    let shown: String = name.chars().take(64).collect();
    let message = format!("there is no method {shown:?}; rpc.discover lists all methods");
    ErrorObjectOwned::owned(METHOD_NOT_FOUND, message, None::<()>)
}

fn no_id() -> ErrorObjectOwned {
    let message = format!(
        "a request needs an id by which it is answered: a whole number from 0 to {}, a string, or null; send another number as a string",
        u64::MAX
    );
    ErrorObjectOwned::owned(INVALID_REQUEST, message, None::<()>)
}

fn socket_only(method: &Method) -> ErrorObjectOwned {
    let message = format!(
        "{} is the operator's to ask, and no port answers it, whoever asks: it is answered over the socket {OPERATOR_SOCKET} \
         in the node's home, to the user that runs the node",
        method.name
    );
    ErrorObjectOwned::owned(SOCKET_ONLY, message, None::<()>)
}

/// jsonrpsee ignores parameters that it does not know; a misspelt optional one must not pass unnoticed.
fn check_names(method: &Method, params: Option<&RawValue>) -> Result<(), String> {
    let text = params.map_or("[]", RawValue::get);
    if !text.starts_with('{') {
        let given: Vec<IgnoredAny> = serde_json::from_str(text).map_err(|error| error.to_string())?;
        return check_count(method, given.len());
    }
    let given: BTreeMap<String, IgnoredAny> = serde_json::from_str(text).map_err(|error| error.to_string())?;
    if let Some(unknown) = given.keys().find(|name| method.params.iter().all(|param| param.name != name.as_str())) {
        return Err(format!("{} has no parameter {unknown:?}; {}", method.name, method.takes()));
    }
    match method.params.iter().find(|param| param.required && !given.contains_key(param.name)) {
        Some(missing) => Err(format!("{} needs {}; {}", method.name, missing.name, method.takes())),
        None => Ok(()),
    }
}

fn check_count(method: &Method, given: usize) -> Result<(), String> {
    if given > method.params.len() {
        return Err(format!("{} was given {given} parameters; {}", method.name, method.takes()));
    }
    match method.params.iter().skip(given).find(|param| param.required) {
        Some(missing) => Err(format!("{} needs {}; {}", method.name, missing.name, method.takes())),
        None => Ok(()),
    }
}

/// The response, with a message for people where jsonrpsee has none: it gives the reason of a parameter that does not decode
/// as bare data, and fails without a word when a subscription is begun or ended over HTTP.
fn explained(method: &Method, response: MethodResponse) -> MethodResponse {
    match response.as_error_code() {
        None => response,
        Some(INVALID_PARAMS) => replaced(response, |data| data.map(|reason| RpcRefusal::Parameter(reason).into())),
        Some(INTERNAL_ERROR) if method.websocket => {
            let message = format!("{} needs a WebSocket connection; this one is HTTP", method.name);
            replaced(response, |_| Some(ErrorObjectOwned::owned(WEBSOCKET_ONLY, message, None::<()>)))
        }
        Some(_) => response,
    }
}

/// The response with another error, made from the data of its own when that is text.
fn replaced(response: MethodResponse, by: impl FnOnce(Option<String>) -> Option<ErrorObjectOwned>) -> MethodResponse {
    #[derive(serde::Deserialize)]
    struct Answer<'a> {
        #[serde(borrow)]
        id: Id<'a>,
        error: Cause,
    }
    #[derive(serde::Deserialize)]
    struct Cause {
        data: Option<serde_json::Value>,
    }
    let Ok(Answer { id, error }) = serde_json::from_str::<Answer>(response.as_json().get()) else { return response };
    let text = error.data.and_then(|data| data.as_str().map(str::to_owned));
    match by(text) {
        Some(error) => MethodResponse::error(id.into_owned(), error),
        None => response,
    }
}

/// The response of a method; that of a heavy one when it has a place, and as long as the future is not dropped; that of a report when it
/// is made in time.
async fn answered<'a, S>(inner: &S, rules: &RequestRules, method: &Method, mut request: Request<'a>) -> MethodResponse
where
    S: RpcServiceT<MethodResponse = MethodResponse> + Sync,
{
    if !method.heavy {
        return inner.call(request).await;
    }
    let awaited = match rules.heavy.take(method) {
        Ok(awaited) => awaited,
        Err(busy) => return MethodResponse::error(request.id, busy),
    };
    request.extensions_mut().insert(awaited.work());
    let id = request.id.clone();
    let made = inner.call(request);
    let mut response = if method.report {
        match timeout(rules.report_budget, made).await {
            Ok(response) => response,
            // Whoever works for it is told with the end of `awaited`.
            Err(_) => return MethodResponse::error(id, over_budget(method, rules.report_budget)),
        }
    } else {
        made.await
    };
    // What is left is to send it, at the reader's pace; the place is free for the next.
    response.extensions_mut().remove::<HeavyWork>();
    response
}

/// One connection's requests.
#[derive(Clone)]
pub(super) struct Admission<S> {
    pub inner: S,
    pub peer: Peer,
    pub rules: Arc<RequestRules>,
    pub node: Arc<dyn NodeSource>,
}

/// A request that is being served, and the method that it asks for, where it may.
pub(super) struct Begun<'a> {
    pub request: Request<'a>,
    pub admitted: Result<&'static Method, Refused>,
    pub since: Instant,
    /// That a WebSocket is served; of a request over HTTP its connection knows.
    _serving: Option<Serving>,
}

impl<S> Admission<S> {
    /// Out of whose budget a request comes, as was found where its headers were.
    fn payer(&self, extensions: &Extensions) -> Payer {
        extensions.get::<Payer>().copied().unwrap_or(Payer::of(self.peer))
    }

    /// Begins to serve a request, and takes it out of the budget of whoever pays for it.
    pub fn begin<'a>(&self, request: Request<'a>) -> Begun<'a> {
        let (since, serving) = (Instant::now(), request.extensions().get::<Arc<Place>>().map(Place::begin));
        let payer = self.payer(request.extensions());
        let admitted = self.rules.admit(payer, request.method_name(), request.params.as_deref());
        Begun { request, admitted, since, _serving: serving }
    }

    /// Reports what a request came to.
    pub fn observe(&self, method: &'static str, since: Instant, response: &MethodResponse) {
        self.rules.observer.observe(method, since.elapsed(), response.is_success());
    }
}

impl<S> Admission<S>
where
    S: RpcServiceT<MethodResponse = MethodResponse> + Sync,
{
    /// The answer to a request.
    pub async fn answer(&self, Begun { request, admitted, since, _serving }: Begun<'_>) -> MethodResponse {
        let (name, response) = match admitted {
            Ok(method) => (method.name, explained(method, answered(&self.inner, &self.rules, method, request).await)),
            Err(refused) => (refused.method, refused.answer(request.id)),
        };
        self.observe(name, since, &response);
        response
    }
}

impl<S> RpcServiceT for Admission<S>
where
    S: RpcServiceT<
            MethodResponse = MethodResponse,
            NotificationResponse = MethodResponse,
            BatchResponse = MethodResponse,
        > + Clone
        + Send
        + Sync
        + 'static,
{
    type MethodResponse = MethodResponse;
    type NotificationResponse = MethodResponse;
    type BatchResponse = MethodResponse;

    fn call<'a>(&self, request: Request<'a>) -> impl Future<Output = MethodResponse> + Send + 'a {
        let (service, begun) = (self.clone(), self.begin(request));
        async move { service.answer(begun).await }
    }

    fn batch<'a>(&self, batch: Batch<'a>) -> impl Future<Output = MethodResponse> + Send + 'a {
        let service = self.clone();
        async move {
            let mut answers = BatchResponseBuilder::new_with_limit(service.rules.max_response_bytes);
            let mut served = false;
            for part in parts(batch) {
                let responses = match part {
                    Part::Submissions(requests) => service.answer_submissions(requests).await,
                    Part::Entry(Ok(BatchEntry::Call(request))) => vec![service.answer(service.begin(request)).await],
                    Part::Entry(Ok(BatchEntry::Notification(notification))) => {
                        vec![service.notification(notification).await]
                    }
                    Part::Entry(Err(error)) => {
                        let (error, id) = error.into_parts();
                        vec![MethodResponse::error(id, error)]
                    }
                };
                for response in responses {
                    served |= response.extensions().get::<TooFast>().is_none();
                    if let Err(too_large) = answers.append(response) {
                        return too_large;
                    }
                }
            }
            let mut response = MethodResponse::from_batch(answers.finish());
            if served {
                response.extensions_mut().remove::<TooFast>();
            }
            response
        }
    }

    /// jsonrpsee takes an id that it does not know, such as a negative one, for none. Nothing here has an effect that would be worth
    /// having without an answer, so whoever sent one is told which ids are taken, instead of waiting for ever.
    fn notification<'a>(&self, notification: Notification<'a>) -> impl Future<Output = MethodResponse> + Send + 'a {
        let counted = self.rules.pace(self.payer(notification.extensions()));
        let refused = match counted {
            Ok(()) => Refused { method: "unknown", error: no_id(), too_fast: None },
            Err(found) => Refused { method: "unknown", error: found.into(), too_fast: Some(found) },
        };
        self.rules.observer.observe(refused.method, Duration::ZERO, false);
        let response = refused.answer(Id::Null);
        async move { response }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::IpAddr;

    fn rules(requests_per_second: u32) -> RequestRules {
        let config = ServerConfig { requests_per_second, ..ServerConfig::default() };
        RequestRules::of_port(&config, Arc::new(|_, _: std::time::Duration, _| ()))
    }

    #[test]
    fn addresses_that_have_been_quiet_are_forgotten_so_that_strangers_do_not_fill_the_memory() {
        // So many requests a second are allowed that each address is quiet again at once.
        let rules = rules(u32::MAX / 2);
        for stranger in 0..=REMEMBERED_ADDRESSES as u32 {
            rules.pace(Payer::of(Peer::At(IpAddr::from(stranger.to_be_bytes())))).unwrap();
        }
        let remembered = || rules.limiter.as_ref().unwrap().len();
        assert!(remembered() > REMEMBERED_ADDRESSES);
        rules.forget_the_quiet();
        assert!(remembered() < REMEMBERED_ADDRESSES / 100, "{} are remembered", remembered());
    }

    #[test]
    fn each_address_has_its_own_rate_and_a_household_of_ipv6_one() {
        let rules = rules(1);
        let pace = |address: &str| rules.pace(Payer::of(Peer::At(address.parse().unwrap()))).is_ok();
        assert_eq!([pace("10.0.0.1"), pace("10.0.0.1"), pace("10.0.0.1"), pace("10.0.0.2")], [true, true, false, true]);
        assert_eq!([pace("2001:db8::1"), pace("2001:db8::2"), pace("2001:db8::3")], [true, true, false]);
        assert!(pace("2001:db8:0:1::1"));
        assert!(!pace("::ffff:10.0.0.1"), "the same address in IPv6's clothes");
    }
}
