//! Connections: by which way they come, how many, from which pages, and for how long.

use super::admission::{Admission, RequestRules, TooFast};
use super::peer::Peer;
use super::places::{Line, Place, Places};
use super::proxies::Proxies;
use super::timer::{ConnectionTimer, Deadline};
use super::{ServeError, ServerConfig};
use crate::error::SERVER_IS_BUSY;
use crate::probe::{Probe, ProbeAudience, Probed, Probes};
use crate::socket::OPERATOR_SOCKET;
use crate::source::NodeSource;
use http::header::{CONTENT_TYPE, HeaderValue, ORIGIN, RETRY_AFTER};
use http::{Method, StatusCode};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use jsonrpsee::core::BoxError;
use jsonrpsee::core::middleware::RpcServiceBuilder;
use jsonrpsee::server::{BatchRequestConfig, HttpBody, HttpRequest, HttpResponse, Methods, PingConfig, StopHandle};
use jsonrpsee::server::{Server, ServerConfig as Bounds};
use std::convert::Infallible;
use std::future::poll_fn;
use std::io;
use std::os::fd::AsFd;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tower::{Service, ServiceBuilder};
use tower_http::cors::{AllowOrigin, CorsLayer};

/// How long a connection may take until its first request.
const FIRST_REQUEST: Duration = Duration::from_secs(10);
/// How long a connection may be without a request after that, or take to send the head of one.
const IDLE: Duration = Duration::from_secs(60);
/// How long a connection whose place was given away may take to read that its subscriptions have ended; and one that finds no
/// place, to ask and to read that there is none.
const LAST_WORDS: Duration = Duration::from_secs(1);
/// Connections without a place that are waited for in this way at once; further ones are told, and closed at once.
pub(super) const MOST_TURNED_AWAY: u32 = 32;
/// Messages that wait for a slow WebSocket client; above that, its subscriptions wait.
const BUFFERED_MESSAGES: u32 = 16;

/// The origins whose pages may ask. A browser sends its page's origin along; other clients send none.
#[derive(Debug, Clone)]
pub(super) enum Origins {
    All,
    These(Vec<HeaderValue>),
}

impl Origins {
    pub fn parse(texts: &[String]) -> Result<Self, ServeError> {
        if texts.iter().any(|text| text == "*") {
            return Ok(Origins::All);
        }
        let parse = |text: &String| {
            let is_origin = text.split_once("://").is_some_and(|(_, host)| !host.is_empty() && !host.contains('/'));
            HeaderValue::from_str(text).ok().filter(|_| is_origin).ok_or_else(|| ServeError::Origin(text.clone()))
        };
        texts.iter().map(parse).collect::<Result<_, _>>().map(Origins::These)
    }

    /// Browsers open WebSockets to, and send through renamed hosts to, any address without asking; so the origin is checked
    /// here and not left to them.
    fn admit(&self, request: &HttpRequest<Incoming>) -> bool {
        match (self, request.headers().get(ORIGIN)) {
            (_, None) | (Origins::All, _) => true,
            (Origins::These(these), Some(origin)) => these.contains(origin),
        }
    }

    fn layer(&self) -> Option<CorsLayer> {
        let allowed = match self {
            Origins::All => AllowOrigin::any(),
            Origins::These(these) if these.is_empty() => return None,
            Origins::These(these) => AllowOrigin::list(these.clone()),
        };
        Some(CorsLayer::new().allow_origin(allowed).allow_methods([Method::POST]).allow_headers([CONTENT_TYPE]))
    }
}

fn bounds(config: &ServerConfig) -> Bounds {
    Bounds::builder()
        .max_connections(config.max_connections)
        .max_request_body_size(config.max_body_bytes)
        .max_response_body_size(config.max_response_bytes)
        .max_subscriptions_per_connection(config.max_subscriptions_per_connection)
        .set_batch_request_config(BatchRequestConfig::Limit(config.max_batch))
        .set_message_buffer_capacity(BUFFERED_MESSAGES)
        .enable_ws_ping(PingConfig::new())
        .build()
}

/// A way by which connections come.
pub(super) trait Door: Send + Sync + 'static {
    /// A connection.
    type Stream: AsyncRead + AsyncWrite + AsFd + Unpin + Send + 'static;

    /// The next connection, and who is at its other end.
    fn accept(&self) -> impl Future<Output = io::Result<(Self::Stream, Peer)>> + Send;
}

impl Door for TcpListener {
    type Stream = TcpStream;

    async fn accept(&self) -> io::Result<(TcpStream, Peer)> {
        let (stream, address) = TcpListener::accept(self).await?;
        // One that is closed already is found to be when it is read.
        let _ = stream.set_nodelay(true);
        Ok((stream, Peer::At(address.ip())))
    }
}

/// Serves connections until the server is stopped.
pub(super) async fn accept<D: Door>(door: D, port: Port) {
    loop {
        let (stream, peer) = tokio::select! {
            () = port.stop.clone().shutdown() => return,
            accepted = door.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    // Out of file descriptors, most likely; without a pause this would spin until one is free.
                    tracing::warn!(%error, "a JSON-RPC connection was not accepted");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            },
        };
        let line = Line::of(&stream);
        // Without a descriptor for its line a stranger's is closed, as it would be without one for itself. The operator's is served.
        if line.is_none() && peer != Peer::Operator {
            continue;
        }
        match port.places.take(peer, line) {
            Ok(place) => drop(tokio::spawn(port.clone().serve(stream, peer, place))),
            Err(line) => port.turn_away(stream, line),
        }
    }
}

/// What is the same for all connections of one way.
#[derive(Clone)]
pub(super) struct Port {
    bounds: Bounds,
    request_timeout: Duration,
    origins: Origins,
    rules: Arc<RequestRules>,
    methods: Methods,
    probes: Probes,
    node: Arc<dyn NodeSource>,
    proxies: Arc<Proxies>,
    places: Arc<Places>,
    turned_away: Arc<Semaphore>,
    stop: StopHandle,
}

impl Port {
    pub fn new(
        config: &ServerConfig,
        origins: Origins,
        rules: RequestRules,
        methods: impl Into<Methods>,
        node: Arc<dyn NodeSource>,
        stop: StopHandle,
    ) -> Self {
        let proxies = Proxies::new(&config.trusted_proxies);
        Self {
            bounds: bounds(config),
            request_timeout: Duration::from_millis(config.request_timeout_ms),
            origins,
            rules: Arc::new(rules),
            methods: methods.into(),
            probes: Probes::of(node.clone()),
            node,
            places: Places::new(config.max_connections, config.max_connections_per_address, proxies.clone()),
            proxies: Arc::new(proxies),
            turned_away: Arc::new(Semaphore::new(MOST_TURNED_AWAY as usize)),
            stop,
        }
    }

    /// Says that the node is busy, and closes.
    fn turn_away<S>(&self, stream: S, line: Option<Line>)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        match self.turned_away.clone().try_acquire_owned() {
            Ok(turn) => drop(tokio::spawn(async move {
                // Whoever does not read it sees a closed connection, which says the same.
                let _ = say_busy(stream).await;
                drop(turn);
            })),
            Err(_) => line.iter().for_each(|line| line.say(&busy())),
        }
    }

    async fn serve<S>(self, stream: S, peer: Peer, place: Arc<Place>)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        self.rules.forget_the_quiet();
        let Port { bounds, request_timeout, origins, rules, methods, probes, node, proxies, stop, .. } = self;
        let (of_requests, of_probes) = (place.clone(), rules.clone());
        let timer = ConnectionTimer::new(FIRST_REQUEST);
        let of_answers = timer.clone();
        let told = match peer {
            Peer::Operator => ProbeAudience::Operator,
            Peer::At(_) => ProbeAudience::Anybody,
        };
        let admission =
            tower::layer::layer_fn(move |inner| Admission { inner, peer, rules: rules.clone(), node: node.clone() });
        let rpc = Server::builder()
            .set_config(bounds)
            .set_rpc_middleware(RpcServiceBuilder::new().layer(admission))
            .set_http_middleware(ServiceBuilder::new().option_layer(origins.layer()))
            .to_service_builder()
            .build(methods, stop.clone());
        let service = service_fn(move |mut request: HttpRequest<Incoming>| {
            let serving = of_requests.begin();
            let payer = proxies.payer(peer, request.headers());
            request.extensions_mut().insert(payer);
            let (mut rpc, admitted) = (rpc.clone(), origins.admit(&request));
            let upgrades = jsonrpsee::server::ws::is_upgrade_request(&request);
            if upgrades {
                // What is asked over a WebSocket finds it here, and subscriptions: all of them are served for longer than this request.
                request.extensions_mut().insert(of_requests.clone());
                // The connection is HTTP's no more, and has its place until the WebSocket closes.
                let (closed, place) = (rpc.on_session_closed(), of_requests.clone());
                tokio::spawn(async move {
                    tokio::select! {
                        () = closed => drop(place),
                        () = told_to_leave(&place) => place.cut(),
                    }
                });
            }
            let probe = Probe::of(request.method(), request.uri().path()).filter(|_| admitted && !upgrades);
            let probe = probe.map(|probe| of_probes.pace(payer).map(|()| (probe, probes.clone())));
            let too_long = of_answers.after(request_timeout);
            async move {
                let answered = match probe {
                    Some(Err(found)) => too_fast(plain(StatusCode::OK, format!("{found}\n")), found),
                    Some(Ok((probe, probes))) => probed(probes.ask(probe, told).await),
                    None => answer(rpc, request, admitted, too_long).await,
                };
                drop(serving);
                Ok::<_, Infallible>(answered)
            }
        });
        let mut builder = auto::Builder::new(TokioExecutor::new()).http1_only();
        builder.http1().timer(timer.clone()).header_read_timeout(IDLE);
        let connection = builder.serve_connection_with_upgrades(TokioIo::new(stream), service);
        tokio::pin!(connection);
        let ended: Result<(), BoxError> = tokio::select! {
            biased;
            ended = &mut connection => ended,
            () = asked_nothing(&place, &timer) => return,
            // One that is a WebSocket by now is no more here.
            () = place.given_away() => return,
            () = stop.shutdown() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            tracing::debug!(%peer, error, "a JSON-RPC connection failed");
        }
    }
}

/// Returns when a connection has lost its place, and had its time to read so.
async fn told_to_leave(place: &Place) {
    place.given_away().await;
    tokio::time::sleep(LAST_WORDS).await;
}

/// Returns when a connection has had its time for a first request, and used it for none.
async fn asked_nothing(place: &Place, timer: &ConnectionTimer) {
    let mut time = pin!(timer.after(FIRST_REQUEST));
    poll_fn(|cx| if place.has_asked() { Poll::Pending } else { time.as_mut().poll(cx) }).await
}

async fn answer<S>(mut rpc: S, request: HttpRequest<Incoming>, admitted: bool, too_long: Deadline) -> HttpResponse
where
    S: Service<HttpRequest<Incoming>, Response = HttpResponse>,
{
    if !admitted {
        return plain(StatusCode::FORBIDDEN, "pages of this origin may not ask; see rpc.cors_origins\n");
    }
    let answered = tokio::select! {
        biased;
        answered = rpc.call(request) => answered,
        () = too_long => return plain(StatusCode::REQUEST_TIMEOUT, "the request took too long\n"),
    };
    match answered {
        Ok(answer) => match answer.extensions().get::<TooFast>().copied() {
            Some(found) => too_fast(answer, found),
            None => answer,
        },
        Err(_) => plain(StatusCode::INTERNAL_SERVER_ERROR, "the request could not be served\n"),
    }
}

/// An answer that says nothing but that somebody asks too fast, in HTTP's words as well, which proxies and libraries know.
fn too_fast(mut answer: HttpResponse, found: TooFast) -> HttpResponse {
    *answer.status_mut() = StatusCode::TOO_MANY_REQUESTS;
    answer.headers_mut().insert(RETRY_AFTER, found.seconds().into());
    answer
}

fn probed(Probed { status, body }: Probed) -> HttpResponse {
    let mut response = plain(status, body);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

fn plain(status: StatusCode, text: impl Into<String>) -> HttpResponse {
    let mut response = HttpResponse::new(HttpBody::from(text.into()));
    *response.status_mut() = status;
    response
}

/// Says that the node is busy to whoever has asked: a client takes nothing for an answer that comes before its question, and loses one
/// when its question is not read.
async fn say_busy(mut stream: impl AsyncRead + AsyncWrite + Unpin) -> io::Result<()> {
    let mut asked = [0; 4096];
    // Who has not asked by then is told all the same.
    let _ = timeout(LAST_WORDS, stream.read(&mut asked)).await;
    let told = async {
        stream.write_all(busy().as_bytes()).await?;
        stream.shutdown().await?;
        while stream.read(&mut asked).await? > 0 {}
        Ok::<_, io::Error>(())
    };
    timeout(LAST_WORDS, told).await.unwrap_or(Ok(()))
}

fn busy() -> String {
    let body = format!(
        r#"{{"jsonrpc":"2.0","error":{{"code":{SERVER_IS_BUSY},"message":"the node has as many connections as allowed; try again later. Its operator is answered all the same over {OPERATOR_SOCKET} in its home"}},"id":null}}"#
    );
    let head = "HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json\r\nretry-after: 1\r\nconnection: close\r\n\
                content-length";
    format!("{head}: {}\r\n\r\n{body}", body.len())
}
