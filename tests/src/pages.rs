//! Pages that hold a stream and ask again when they are told to, as OpenFeature's provider for the web does, without a browser: a thousand
//! of them in one process.

use crate::node::PATIENCE;
use anyhow::{Context as _, ensure};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde_json::Value;
use std::net::Ipv4Addr;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

/// What a node says on a stream for which it has no room.
const NO_ROOM: &str = "retry: 60000";

/// Lets this process open as many sockets as the system allows.
///
/// # Errors
/// When the system does not.
pub fn open_many() -> anyhow::Result<()> {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }).context("cannot open many sockets")
}

/// A page: the answer that it has, and the stream that it holds.
pub struct LightPage {
    asked: Asked,
    flags: Value,
    stream: BufReader<TcpStream>,
}

/// How a page asks.
struct Asked {
    /// The address of the node.
    at: String,
    token: String,
    /// Where the page is, as the proxy before the node says.
    visitor: Ipv4Addr,
}

impl LightPage {
    /// Opens a page: it asks for all flags, and opens the stream that the answer names. Where it is refused, it comes again.
    ///
    /// # Errors
    /// When nobody answers, or with something else.
    pub async fn open(at: String, token: String, visitor: Ipv4Addr) -> anyhow::Result<Self> {
        let asked = Asked { at, token, visitor };
        let flags = loop {
            match asked.all("").await? {
                Ok(flags) => break flags,
                Err(after) => sleep(after).await,
            }
        };
        let place = flags["eventStreams"][0]["endpoint"]["requestUri"].as_str().context("no stream is named")?;
        let stream = loop {
            match asked.stream(place).await? {
                Some(stream) => break stream,
                // The test has less patience than a page, which would come again in a minute.
                None => sleep(Duration::from_secs(1)).await,
            }
        };
        Ok(Self { asked, flags, stream })
    }

    /// The value of a flag, as the page has it.
    pub fn value(&self, key: &str) -> Value {
        value(&self.flags, key)
    }

    /// Waits for announcements and asks again at each, until a flag has a value; gives how often it was refused that configuration.
    ///
    /// # Errors
    /// When the stream ends, or something else than an answer or a refusal comes.
    pub async fn until(mut self, key: &'static str, expected: Value) -> anyhow::Result<u32> {
        let (mut last, mut refused) = (String::new(), 0);
        loop {
            let line = line(&mut self.stream).await?;
            let Some(announced) = line.strip_prefix("data: ") else { continue };
            let announced: Value = serde_json::from_str(announced)?;
            let etag = announced["etag"].as_str().context("the announcement has no tag")?;
            let told = format!("?flagConfigEtag={etag}&flagConfigLastModified={}", announced["lastModified"]);
            if etag != last {
                (last, refused) = (etag.to_owned(), 0);
            }
            match self.asked.all(&told).await? {
                Ok(flags) if value(&flags, key) == expected => return Ok(refused),
                // It was told of what changed before it came, which it has.
                Ok(_) => {}
                Err(_) => refused += 1,
            }
        }
    }
}

impl Asked {
    fn headers(&self) -> String {
        format!("host: {}\r\nauthorization: Bearer {}\r\nx-forwarded-for: {}", self.at, self.token, self.visitor)
    }

    /// All flags; or after how long to come again.
    async fn all(&self, query: &str) -> anyhow::Result<Result<Value, Duration>> {
        let request = format!(
            "POST /ofrep/v1/evaluate/flags{query} HTTP/1.1\r\n{}\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{{}}",
            self.headers()
        );
        let mut socket = TcpStream::connect(&self.at).await.context("nobody listens")?;
        socket.write_all(request.as_bytes()).await?;
        let mut answer = String::new();
        timeout(PATIENCE, socket.read_to_string(&mut answer)).await.context("no answer came")??;
        let (head, body) = answer.split_once("\r\n\r\n").context("an answer without a head")?;
        if head.starts_with("HTTP/1.1 429") {
            let after = head.lines().find_map(|line| line.strip_prefix("retry-after: ")).context("no Retry-After")?;
            return Ok(Err(Duration::from_secs(after.parse()?)));
        }
        ensure!(head.starts_with("HTTP/1.1 200"), "{answer}");
        Ok(Ok(serde_json::from_str(body)?))
    }

    /// The stream at a place; none when there is no room.
    async fn stream(&self, place: &str) -> anyhow::Result<Option<BufReader<TcpStream>>> {
        let request = format!("GET {place} HTTP/1.1\r\n{}\r\naccept: text/event-stream\r\n\r\n", self.headers());
        let mut stream = BufReader::new(TcpStream::connect(&self.at).await.context("nobody listens")?);
        stream.get_mut().write_all(request.as_bytes()).await?;
        let first = async {
            loop {
                let line = line(&mut stream).await?;
                if line.starts_with("retry: ") {
                    return anyhow::Ok(line);
                }
            }
        };
        let first = timeout(PATIENCE, first).await.context("no stream came")??;
        Ok((first != NO_ROOM).then_some(stream))
    }
}

/// The next line of a stream. What HTTP writes around its parts are lines too, and mean nothing here.
async fn line(stream: &mut BufReader<TcpStream>) -> anyhow::Result<String> {
    let mut line = String::new();
    ensure!(stream.read_line(&mut line).await? > 0, "the stream ended");
    Ok(line.trim_end().to_owned())
}

fn value(flags: &Value, key: &str) -> Value {
    let flags = flags["flags"].as_array();
    let found = flags.and_then(|flags| flags.iter().find(|flag| flag["key"] == key));
    found.map_or(Value::Null, |flag| flag["value"].clone())
}
