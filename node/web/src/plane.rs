//! The evaluation plane: everything that answers are made of, and who is let in.

use crate::access_log::{AccessLog, DeniedAccess};
use crate::channels::Channels;
use crate::locales::Locales;
use crate::metrics::WebMetrics;
use crate::origins::Origins;
use crate::places::StreamPlaces;
use crate::plans::{ServedPlan, ServedPlans};
use crate::query::AskedQuery;
use crate::rates::{OnceEach, RateOf, Rates};
use crate::refusal::Refusal;
use crate::source::ChainSource;
use crate::tokens::{KnownToken, KnownTokens};
use crate::visitor;
use axum::body::{Body, Bytes};
use axum::http::header::{AUTHORIZATION, AsHeaderName, CONTENT_LENGTH};
use axum::http::{HeaderMap, HeaderName};
use axum::response::Response;
use flags::FlagReader;
use host::config::WebSection;
use host::token::TokenAudience;
use primitives::{Name, Path};
use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;
use tokio::sync::{Semaphore, watch};
use tokio::time::{Instant, timeout};

/// Bytes of a body, at most.
pub(crate) const MOST_BODY_BYTES: usize = 64 * 1024;
/// How long a body may take to come.
const PATIENCE: Duration = Duration::from_secs(10);
/// How many requests a second of an address may say that they were told of a change once its rate is used up, at least: a page that was
/// told of one is not kept from it by a low rate, and nobody has bodies read without end.
const LEAST_TOLD: u32 = 10;
/// How many requests wait at once for a configuration that this node has not yet.
const MOST_WAITING: usize = 64;
/// How many previews are made at once; whoever else asks for one waits, as long as a report may take.
const MOST_PREVIEWS: usize = 2;
/// How many requests read the log of blocks at once; whoever else asks waits.
const MOST_LOG_READERS: usize = 8;
/// Where a token is that is sent as no bearer.
static API_KEY: HeaderName = HeaderName::from_static("x-api-key");

/// Everything that answers are made of.
#[derive(Debug)]
pub struct EvaluationPlane {
    pub(crate) source: Arc<dyn ChainSource>,
    pub(crate) settings: WebSection,
    pub(crate) origins: Origins,
    pub(crate) plans: ServedPlans,
    pub(crate) channels: Channels,
    pub(crate) places: Arc<StreamPlaces>,
    pub(crate) waiting: Semaphore,
    pub(crate) previews: Arc<Semaphore>,
    pub(crate) log_readers: Arc<Semaphore>,
    pub(crate) locales: Locales,
    pub(crate) metrics: WebMetrics,
    /// Whether the server is to stop.
    pub(crate) stopped: watch::Receiver<bool>,
    /// Who asked for which configuration outside of its rate.
    pub(crate) refetched: OnceEach<(IpAddr, Arc<str>)>,
    tokens: KnownTokens,
    rates: Rates,
    /// Of those who were told of a change, once their rate is used up.
    told: Rates,
    log: AccessLog,
}

impl std::fmt::Debug for dyn ChainSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ChainSource")
    }
}

/// Who asks, as far as it is known: what the log says when it is refused.
#[derive(Debug, Clone)]
pub(crate) struct Asker {
    /// From where, for rates and places.
    pub address: IpAddr,
    /// With which token, once it is verified.
    pub token: Option<Arc<KnownToken>>,
    /// About which plan, where no token says that.
    pub plan: Option<Name>,
}

/// Somebody who may ask.
#[derive(Debug)]
pub(crate) struct Admitted {
    /// The plan.
    pub plan: Arc<ServedPlan>,
    /// Where, at this path and below.
    pub scope: Path,
    /// What it sees.
    pub reader: FlagReader,
    /// How many seconds to wait, where the rate is used up.
    pub wait_s: Option<u64>,
}

impl Admitted {
    /// Refuses what is not taken outside of a rate.
    pub fn within_rate(self) -> Result<Self, Refusal> {
        match self.wait_s {
            Some(after_s) => Err(Refusal::TooMany { after_s }),
            None => Ok(self),
        }
    }
}

impl EvaluationPlane {
    /// A plane over a node, with the plans that its settings name compiled from the newest block. Reads state.
    pub fn new(
        source: Arc<dyn ChainSource>,
        settings: WebSection,
        locales: Locales,
        log: AccessLog,
        metrics: WebMetrics,
        stopped: watch::Receiver<bool>,
    ) -> Self {
        let plans = ServedPlans::of(settings.evaluated());
        plans.refresh(&*source, &metrics);
        Self {
            origins: Origins::of(&settings.cors_origins),
            plans,
            channels: Channels::default(),
            places: StreamPlaces::new(settings.max_streams, metrics.clone()),
            waiting: Semaphore::new(MOST_WAITING),
            previews: Arc::new(Semaphore::new(MOST_PREVIEWS)),
            log_readers: Arc::new(Semaphore::new(MOST_LOG_READERS)),
            locales,
            stopped,
            refetched: OnceEach::default(),
            tokens: KnownTokens::default(),
            rates: Rates::new(settings.requests_per_second),
            told: Rates::new(settings.requests_per_second.max(LEAST_TOLD)),
            log,
            metrics,
            source,
            settings,
        }
    }

    /// Compiles what the newest blocks have written, and tells those who listen. Reads state.
    pub fn refresh(&self) {
        self.plans.refresh(&*self.source, &self.metrics);
    }

    /// Who sends a request with these headers on a connection from there.
    pub(crate) fn asker(&self, peer: IpAddr, headers: &HeaderMap) -> Asker {
        let address = visitor::share(&self.settings.trusted_proxies, peer, headers);
        Asker { address, token: None, plan: None }
    }

    /// Lets in whoever may ask: with a token, about its plan; without one, about a plan that is public.
    ///
    /// # Errors
    /// Why not; without a verified token also that the rate of the address is used up, because verifying costs more than answering.
    pub(crate) async fn admit(
        self: &Arc<Self>,
        asker: &mut Asker,
        headers: &HeaderMap,
        query: &AskedQuery,
    ) -> Result<Admitted, Refusal> {
        match credential(headers)? {
            Some(text) => self.admit_with(asker, text, query).await,
            None => self.admit_anybody(asker, query),
        }
    }

    fn admit_anybody(&self, asker: &mut Asker, query: &AskedQuery) -> Result<Admitted, Refusal> {
        let public = &self.settings.public_plans;
        let named = query.plan.as_ref().or(public.first());
        asker.plan = named.cloned();
        let wait_s = self.rates.take(RateOf::Address(asker.address), Instant::now()).err();
        let Some(name) = named.filter(|name| public.contains(name)) else {
            return Err(wait_s.map_or(Refusal::TokenMissing, |after_s| Refusal::TooMany { after_s }));
        };
        let plan = self.plans.get(name).ok_or(Refusal::PlanUnknown)?;
        Ok(Admitted { plan, scope: Path::ROOT, reader: FlagReader::Server, wait_s })
    }

    async fn admit_with(
        self: &Arc<Self>,
        asker: &mut Asker,
        text: &str,
        query: &AskedQuery,
    ) -> Result<Admitted, Refusal> {
        let hash = *blake3::hash(text.as_bytes()).as_bytes();
        let known = self.judged(asker.address, hash, text).await?;
        asker.token = Some(known.clone());
        let whose = match known.token.aud {
            TokenAudience::Server => RateOf::Token(hash),
            TokenAudience::Client => RateOf::TokenAt(hash, asker.address),
        };
        let wait_s = self.rates.take(whose, Instant::now()).err();
        if query.plan.as_ref().is_some_and(|plan| *plan != known.token.sub) {
            return Err(Refusal::Outside { field: "plan".into() });
        }
        let plan = self.plans.get(&known.token.sub).ok_or(Refusal::PlanUnknown)?;
        Ok(Admitted { plan, scope: known.token.scope.clone(), reader: known.reader(), wait_s })
    }

    /// A token that counts, as judged after the newest block that could have ended it. The address pays for a signature, and for what did
    /// not count the last time, before anything is read for either, and for being refused; that a block has a token judged again which
    /// counted, nobody pays for, or whoever was told of a change would be kept from it.
    async fn judged(self: &Arc<Self>, address: IpAddr, hash: [u8; 32], text: &str) -> Result<Arc<KnownToken>, Refusal> {
        let before = self.tokens.known(&hash);
        let pays = before.as_ref().is_none_or(|known| known.check(&*self.source).is_err());
        if pays {
            self.take_of_address(address)?;
        }
        let known = match before {
            // It counts, and no block was written since that could have ended it.
            Some(known) if !pays && known.is_judged(&*self.source) => return Ok(known),
            Some(known) if known.is_judged(&*self.source) => known,
            Some(known) => self.judged_again(&known, text).await?,
            None => self.verified(hash, text).await?,
        };
        let counts = known.check(&*self.source);
        if counts.is_err() && !pays {
            self.take_of_address(address)?;
        }
        counts.map(|()| known)
    }

    /// A token that was judged before, judged once more, by one request of all that wait for it.
    async fn judged_again(self: &Arc<Self>, known: &KnownToken, text: &str) -> Result<Arc<KnownToken>, Refusal> {
        let _turn = known.turn().await;
        match self.tokens.known(&known.hash).filter(|newest| newest.is_judged(&*self.source)) {
            Some(newest) => Ok(newest),
            None => self.verified(known.hash, text).await,
        }
    }

    async fn verified(self: &Arc<Self>, hash: [u8; 32], text: &str) -> Result<Arc<KnownToken>, Refusal> {
        let (plane, text) = (self.clone(), text.to_owned());
        let verify = move || plane.tokens.verify(&*plane.source, hash, &text);
        tokio::task::spawn_blocking(verify).await.unwrap_or(Err(Refusal::Broken))
    }

    /// Takes what anybody may ask for without a token out of the rate of an address.
    ///
    /// # Errors
    /// [`Refusal::TooMany`] when that is used up.
    pub(crate) fn take_of_address(&self, address: IpAddr) -> Result<(), Refusal> {
        let taken = self.rates.take(RateOf::Address(address), Instant::now());
        taken.map_err(|after_s| Refusal::TooMany { after_s })
    }

    /// Whether somebody may say that it was told of a change, whose rate is used up.
    pub(crate) fn may_be_told(&self, asker: &Asker) -> bool {
        self.told.take(RateOf::Address(asker.address), Instant::now()).is_ok()
    }

    /// The answer to whoever is refused: counted and logged where it is denied something.
    pub(crate) fn refuse(&self, asker: &Asker, refusal: &Refusal, key: Option<&str>) -> Response {
        if let Some(reason) = refusal.denied_for() {
            self.deny(asker, refusal.status().as_u16(), reason, key);
        }
        if *refusal == Refusal::Broken {
            tracing::error!("a request for flags could not be answered, because what reads state broke off");
        }
        refusal.response(key)
    }

    /// Counts and logs that somebody is denied something.
    pub(crate) fn deny(&self, asker: &Asker, status: u16, reason: &'static str, key: Option<&str>) {
        self.metrics.denied(reason);
        let token = asker.token.as_deref().map(|known| &known.token);
        self.log.denied(DeniedAccess {
            at: self.source.clock(),
            address: asker.address,
            status,
            reason: reason.into(),
            plan: token.map(|token| &token.sub).or(asker.plan.as_ref()).cloned(),
            issuer: token.map(|token| token.iss),
            scope: token.map(|token| token.scope.clone()),
            // Whoever is denied does not fill the log with what it made up.
            flag: key.and_then(Name::new).map(|key| key.to_string()),
        });
    }
}

/// The body of a request.
///
/// # Errors
/// When it is too large, or does not come.
pub(crate) async fn body_of(headers: &HeaderMap, body: Body) -> Result<Bytes, Refusal> {
    let said = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if said.is_some_and(|length| length > MOST_BODY_BYTES as u64) {
        return Err(Refusal::TooLarge);
    }
    let mut coming = pin!(axum::body::to_bytes(body, MOST_BODY_BYTES));
    // As a rule it came with the head, and needs no clock.
    let here = futures::poll!(coming.as_mut());
    let read = match here {
        Poll::Ready(read) => Ok(read),
        Poll::Pending => timeout(PATIENCE, coming).await,
    };
    match read {
        Ok(Ok(bytes)) => Ok(bytes),
        // Whoever broke off does not read this.
        Ok(Err(_)) => Err(Refusal::TooLarge),
        Err(_) => {
            Err(Refusal::Unreadable(format!("the body did not come within {} s; send it at once", PATIENCE.as_secs())))
        }
    }
}

/// The token of a request, as a bearer or as `X-API-Key`; none where it has neither.
///
/// # Errors
/// [`Refusal::TokenUnclear`] for several, and for what is no bearer.
fn credential(headers: &HeaderMap) -> Result<Option<&str>, Refusal> {
    let bearer = one(headers, AUTHORIZATION)?.map(|said| {
        let (scheme, token) = said.split_once(' ').ok_or(Refusal::TokenUnclear)?;
        if scheme.eq_ignore_ascii_case("bearer") { Ok(token.trim_ascii()) } else { Err(Refusal::TokenUnclear) }
    });
    let bearer = bearer.transpose()?;
    match (bearer, one(headers, &API_KEY)?) {
        (Some(bearer), Some(key)) if bearer != key => Err(Refusal::TokenUnclear),
        (Some(""), _) | (_, Some("")) => Err(Refusal::TokenUnclear),
        (bearer, key) => Ok(bearer.or(key)),
    }
}

/// The one value of a header.
fn one(headers: &HeaderMap, name: impl AsHeaderName) -> Result<Option<&str>, Refusal> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => {
            // Many bytes at a time, where `to_str` looks at each.
            let text = std::str::from_utf8(value.as_bytes()).map_err(|_| Refusal::TokenUnclear)?;
            Ok(Some(text.trim_ascii()))
        }
        (None, _) => Ok(None),
        (Some(_), Some(_)) => Err(Refusal::TokenUnclear),
    }
}
