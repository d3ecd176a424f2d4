//! A chain in memory with the plan of a shop, two tenants of it, and a plane over it: what the tests ask.

use crate::{AccessLog, ChainSource, Endpoints, EvaluationPlane, FlagWrites, Locales, LogUnread, WebMetrics};
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request};
use axum::response::Response;
use flags::{
    Arm, Audience, Disabled, Expiry, Flag, FlagKind, Operand, Risk, Rule, RuleNode, Serve, Setting, Targeting, Value,
    Variant,
};
use host::config::WebSection;
use host::token::{FlagToken, TokenAudience, TokenKind};
use primitives::{
    AccountId, Amount, ChangeId, Digest, Epoch, Height, List, Moment, Name, Path, SecretKey, Text, Timestamp,
};
use roles::{Grant, Role, RoleKey, Seat};
use rollouts::install::{Installation, RoleSeats};
use rollouts::plan::{Plan, Stage};
use runtime::testing::examples;
use serde_json::Value as Json;
use state::{Apply as _, Memory, State};
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use tlog::Tile;
use tokio::sync::watch;
use tower::ServiceExt as _;

/// The first block time: 20 February 2026.
pub(crate) const BEGINS_MS: u64 = 1_771_622_898_000;
/// The plan.
pub(crate) const PLAN: &str = "pos";
/// The network.
pub(crate) const NETWORK: Digest = Digest([9; 32]);
/// The tenants.
pub(crate) const TENANTS: [&str; 2] = ["red-stores", "blue-market"];
/// The role of tenants.
const TENANT_OWNER: &str = "TENANT_OWNER";
/// The role of the plan's owner.
const OWNER: &str = "OWNER";

pub(crate) fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

pub(crate) fn path(text: &str) -> Path {
    text.parse().unwrap()
}

pub(crate) fn text<const N: u32>(text: &str) -> Text<N> {
    Text::new(text).unwrap()
}

fn list<T, const N: u32>(items: impl IntoIterator<Item = T>) -> List<T, N> {
    let items: Vec<T> = items.into_iter().collect();
    List::try_from(items).ok().unwrap()
}

/// A flag that is `off` where nothing is set, and `on` otherwise.
pub(crate) fn switch(key: &str) -> Flag {
    flag(key, [("off", Value::Bool(false)), ("on", Value::Bool(true))])
}

/// A flag that serves the first of these where nothing is set, and where it is disabled.
fn flag<const N: usize>(key: &str, variants: [(&str, Value); N]) -> Flag {
    Flag {
        key: name(key),
        kind: FlagKind::Permission,
        variants: list(variants.map(|(variant, value)| Variant { name: name(variant), value })),
        fallback: 0,
        off: 0,
        owner: name(OWNER),
        expires: Expiry::Never,
        risk: Risk::Low,
        audience: Audience::Both,
        emergency: true,
        requires: List::new(),
        bypass: List::new(),
        salt: name("salt"),
        text: Text::default(),
    }
}

/// The flags of the plan, in the order of their keys.
fn flags() -> Vec<Flag> {
    let words = ["WARN", "READ_ONLY", "BLOCK"];
    let [warn, read_only, block] = words.map(|word| (word, Value::Text(text(word))));
    vec![
        switch("advanced_discounts"),
        Flag { audience: Audience::Client, ..switch("banner") },
        flag("limit", [("few", Value::Int(10)), ("many", Value::Int(1_000))]),
        flag("menu", [("short", Value::Object(text(r#"{"items":[1,2]}"#)))]),
        flag("ratio", [("one", Value::Number("1".parse().unwrap())), ("half", Value::Number("0.5".parse().unwrap()))]),
        Flag { risk: Risk::High, ..flag("risk_mode", [warn, read_only, block]) },
        switch("rollout"),
        Flag { audience: Audience::Server, ..switch("server_secret") },
    ]
}

/// The chain.
pub(crate) struct Chain {
    memory: Mutex<Memory>,
    height: AtomicU64,
    clock: AtomicU64,
    complaint: Mutex<Option<String>>,
    /// How many blocks the log has; of no end where it cannot be read.
    log: AtomicU64,
    writes: FlagWrites,
    /// How often state was read.
    reads: AtomicU64,
    /// Whether whoever reads it waits.
    stalled: AtomicBool,
}

impl ChainSource for Chain {
    fn network(&self) -> Digest {
        NETWORK
    }

    fn read(&self, ask: &mut dyn FnMut(&State<'_>, Height, Timestamp)) {
        self.reads.fetch_add(1, Ordering::SeqCst);
        while self.stalled.load(Ordering::SeqCst) {
            std::thread::yield_now();
        }
        let memory = self.memory.lock().unwrap();
        let (height, time) = self.newest();
        ask(&State::over(&*memory), height, time);
    }

    fn newest(&self) -> (Height, Timestamp) {
        let at = self.at();
        (at.height, at.time)
    }

    fn clock(&self) -> Timestamp {
        Timestamp(self.clock.load(Ordering::SeqCst))
    }

    fn writes(&self) -> &FlagWrites {
        &self.writes
    }

    fn log_checkpoint(&self) -> Option<String> {
        let size = self.log.load(Ordering::SeqCst);
        (size > 0).then(|| format!("log\n{size}\nroot\n"))
    }

    fn log_tile(&self, tile: &Tile) -> Result<Option<Vec<u8>>, LogUnread> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        while self.stalled.load(Ordering::SeqCst) {
            std::thread::yield_now();
        }
        match self.log.load(Ordering::SeqCst) {
            u64::MAX => Err(LogUnread("the disk is gone".into())),
            size => Ok(tile.is_within(size).then(|| tile.to_string().into_bytes())),
        }
    }

    fn complaint(&self) -> Option<String> {
        self.complaint.lock().unwrap().clone()
    }
}

impl Chain {
    /// A block a second.
    fn at(&self) -> Moment {
        let height = self.height.load(Ordering::SeqCst);
        let running = height * 1_000;
        Moment {
            height: Height(height),
            epoch: Epoch(height / 10),
            time: Timestamp(BEGINS_MS + running),
            running,
            level: 1,
        }
    }

    /// A block that writes something.
    pub fn block(&self, change: impl FnOnce(&mut State<'_>, Moment)) {
        self.height.fetch_add(1, Ordering::SeqCst);
        let at = self.at();
        let mut memory = self.memory.lock().unwrap();
        let mut state = State::over(&*memory);
        change(&mut state, at);
        let writes = state.into_writes();
        let keys: Vec<Vec<u8>> = writes.keys().cloned().collect();
        memory.commit(writes);
        drop(memory);
        self.writes.note(keys.iter().map(Vec::as_slice));
    }

    /// A block that makes a flag serve something at a path.
    pub fn set(&self, key: &str, at_path: &str, targeting: Targeting) {
        self.block(|state, since| {
            let setting = Setting { targeting, since, by: ChangeId(since.height.0) };
            flags::apply::set(state, &name(PLAN), &name(key), &path(at_path), &setting);
        });
    }

    /// A block that disables a flag at a path.
    pub fn disable(&self, key: &str, at_path: &str) {
        self.block(|state, since| {
            let disabled = Disabled { since, by: ChangeId(since.height.0) };
            flags::apply::disable(state, &name(PLAN), &name(key), &path(at_path), &disabled);
        });
    }

    /// Has the log go so far; with no end it cannot be read.
    pub fn set_log(&self, size: u64) {
        self.log.store(size, Ordering::SeqCst);
    }

    /// How often state was read so far.
    pub fn reads(&self) -> u64 {
        self.reads.load(Ordering::SeqCst)
    }

    /// Has whoever reads state wait, or go on.
    pub fn stall(&self, is_stalled: bool) {
        self.stalled.store(is_stalled, Ordering::SeqCst);
    }

    /// A block that installs another plan, which is like the first.
    pub fn install(&self, plan: &str) {
        self.block(|written, at| installed(written, at, plan));
    }

    /// Sets this machine's clock.
    pub fn set_clock(&self, seconds: u64) {
        self.clock.store(seconds * 1_000, Ordering::SeqCst);
    }

    /// Has the node say why it should not be asked.
    pub fn complain(&self, complaint: Option<&str>) {
        *self.complaint.lock().unwrap() = complaint.map(str::to_owned);
    }
}

/// The key of a tenant's owner, or with the number of no tenant that of the plan's.
pub(crate) fn key(tenant: usize) -> SecretKey {
    SecretKey::from_seed(&[u8::try_from(tenant).unwrap() + 11; 32])
}

/// Who owns the plan.
pub(crate) const PLAN_OWNER: usize = 2;

fn seats(accounts: impl IntoIterator<Item = (AccountId, String)>) -> List<Seat, 16> {
    list(accounts.into_iter().map(|(account, scope)| Seat { account, scopes: list([scope.parse().unwrap()]) }))
}

fn plan(called: &str) -> Plan {
    let sample = examples::plan();
    let stage = |text: &str| Stage { name: name(text), ..sample.stages[0].clone() };
    let role = |grant: &str| Role { grants: list([grant.parse::<Grant>().unwrap()]), least_members: 0 };
    Plan {
        name: name(called),
        levels: list([name("tenant"), name("branch")]),
        stages: list([stage("DEV"), stage("PROD")]),
        roles: list([(name(OWNER), role("token **")), (name(TENANT_OWNER), role("token **"))]),
        flags: list(flags()),
        ..sample
    }
}

/// The chain, and the plane over it.
pub(crate) struct World {
    pub chain: Arc<Chain>,
    pub plane: Arc<EvaluationPlane>,
    pub stop: watch::Sender<bool>,
}

/// What was answered.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    pub fn json(&self) -> Json {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

impl World {
    /// One with the plan, and nothing set.
    pub fn new() -> Self {
        Self::with(WebSection { plans: vec![name(PLAN)], ..WebSection::default() })
    }

    /// One with these settings.
    pub fn with(settings: WebSection) -> Self {
        Self::logging(settings, AccessLog::none())
    }

    /// The same, which writes into a log who was denied what.
    pub fn logging(settings: WebSection, log: AccessLog) -> Self {
        let chain = Arc::new(Chain {
            memory: Mutex::default(),
            height: AtomicU64::new(0),
            clock: AtomicU64::new(BEGINS_MS),
            complaint: Mutex::default(),
            log: AtomicU64::new(0),
            writes: FlagWrites::default(),
            reads: AtomicU64::new(0),
            stalled: AtomicBool::new(false),
        });
        chain.install(PLAN);
        let (stop, stopped) = watch::channel(false);
        let (locales, metrics) = (Locales::built_in().unwrap(), WebMetrics::default());
        let plane = EvaluationPlane::new(chain.clone(), settings, locales, log, metrics, stopped);
        Self { chain, plane: Arc::new(plane), stop }
    }

    /// The answer to a request, sent from the address that it bears.
    pub async fn respond(&self, request: Request<Body>) -> Response {
        let peer = *request.extensions().get::<IpAddr>().unwrap();
        Endpoints::of(self.plane.clone()).asked_from(peer).oneshot(request).await.unwrap()
    }

    /// The same, with all of its body.
    pub async fn send(&self, request: Request<Body>) -> Answer {
        let (parts, body) = self.respond(request).await.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: String::from_utf8(body.to_vec()).unwrap(),
        }
    }

    /// What is answered to a request with headers and a body.
    pub async fn ask(&self, method: Method, uri: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        self.send(request(method, uri, headers, body, 1)).await
    }

    /// What one flag serves whoever has a token.
    pub async fn one(&self, token: &str, key: &str, context: &str) -> Answer {
        let uri = format!("/ofrep/v1/evaluate/flags/{key}");
        let bearer = format!("Bearer {token}");
        self.ask(Method::POST, &uri, &[("authorization", bearer.as_str())], &format!("{{\"context\":{context}}}")).await
    }

    /// What all flags serve whoever has a token.
    pub async fn all(&self, token: &str, context: &str, headers: &[(&str, &str)]) -> Answer {
        let bearer = format!("Bearer {token}");
        let headers: Vec<(&str, &str)> =
            [("authorization", bearer.as_str())].into_iter().chain(headers.iter().copied()).collect();
        self.ask(Method::POST, "/ofrep/v1/evaluate/flags", &headers, &format!("{{\"context\":{context}}}")).await
    }
}

/// A request from an address of that number.
pub(crate) fn request(method: Method, uri: &str, headers: &[(&str, &str)], body: &str, from: u8) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(uri);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.extension(IpAddr::from([203, 0, 113, from])).body(Body::from(body.to_owned())).unwrap()
}

fn installed(written: &mut State<'_>, at: Moment, called: &str) {
    let tenants = TENANTS.iter().enumerate();
    let tenants = tenants.map(|(number, tenant)| (key(number).account(), format!("*/{tenant}/**")));
    let owner = [(key(PLAN_OWNER).account(), "**".to_owned())];
    let members = [
        RoleSeats { role: name(TENANT_OWNER), seats: seats(tenants) },
        RoleSeats { role: name(OWNER), seats: seats(owner) },
    ];
    let (plan, segments, moves) = (plan(called), List::new(), List::new());
    let installation = Installation { plan, document: None, stage: None, members: list(members), segments, moves };
    let (installation, deposit, effects) = (Box::new(installation), Amount(0), List::new());
    rollouts::Event::Installed { installation, by: None, deposit, effects }.apply(written, at);
}

/// Takes the role of tenants from one of them.
pub(crate) fn dismiss(chain: &Chain, tenant: usize) {
    chain.block(|written, at| {
        let role = RoleKey { plan: name(PLAN), role: name(TENANT_OWNER) };
        let version = roles::queries::head(written, &role).version + 1;
        roles::Event::MemberWent { key: role, version, account: key(tenant).account(), by: None }.apply(written, at);
    });
}

/// Ends what a tenant issued before now.
pub(crate) fn revoke(chain: &Chain, tenant: usize) {
    chain.block(|written, at| {
        let account = key(tenant).account();
        let by = roles::Actor { account, role: name(TENANT_OWNER) };
        let (plan, issued_before) = (name(PLAN), at.time);
        flags::Event::TokensRevoked { plan, account, issued_before, by }.apply(written, at);
    });
}

/// What a tenant's token says, good for an hour.
pub(crate) fn claims(tenant: usize, aud: TokenAudience) -> FlagToken {
    let seconds = BEGINS_MS / 1_000;
    let (acting, scope) = match TENANTS.get(tenant) {
        Some(tenant) => (TENANT_OWNER, format!("PROD/{tenant}")),
        None => (OWNER, String::new()),
    };
    FlagToken {
        iss: key(tenant).account(),
        sub: name(PLAN),
        acting: name(acting),
        scope: path(&scope),
        aud,
        net: NETWORK,
        typ: TokenKind::Flags,
        iat: seconds,
        exp: seconds + 3_600,
        nbf: None,
        jti: None,
    }
}

/// A tenant's token for servers, as it is sent.
pub(crate) fn server_token(tenant: usize) -> String {
    claims(tenant, TokenAudience::Server).signed(&key(tenant))
}

/// A tenant's token for clients, as it is sent.
pub(crate) fn client_token(tenant: usize) -> String {
    claims(tenant, TokenAudience::Client).signed(&key(tenant))
}

/// `on` for whoever is in a share, drawn by the targeting key.
pub(crate) fn share(per_100k: u32) -> Targeting {
    let node = RuleNode::Share { of: name("targetingKey"), per_100k };
    let when = Rule::from(list([node]));
    Targeting { cases: list([Arm { when, serve: Serve::Variant(1) }]), otherwise: Serve::Variant(0) }
}

/// A variant for whoever an attribute says is this.
pub(crate) fn for_whom(attribute: &str, is: &str, variant: u8) -> Targeting {
    let node = RuleNode::Is(name(attribute), Operand::Text(text(is)));
    let when = Rule::from(list([node]));
    Targeting { cases: list([Arm { when, serve: Serve::Variant(variant) }]), otherwise: Serve::Variant(0) }
}
