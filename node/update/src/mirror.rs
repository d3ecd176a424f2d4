//! A mirror: a web server that has `{base}/{hash}.bin`, and best `{base}/{hash}.bin.obao4` beside it.

use super::fault::Fault;
use super::source::{ArtifactSource, Body, Part};
use async_trait::async_trait;
use futures::StreamExt as _;
pub use host::config::MirrorError;
use host::config::mirror_url;
use host::variables::variable;
use primitives::BuildHash;
use reqwest::header::{CONTENT_ENCODING, CONTENT_RANGE, HeaderMap, RANGE};
use reqwest::{Client, Response, StatusCode, Url, redirect};
use std::ops::Range;
use std::time::Duration;

/// Names the mirrors' addresses, comma separated.
pub const SOURCE_URL_VARIABLE: &str = "TB_RELEASE_SOURCE_URL";

/// How long a connection, and then the first byte of an answer, may take.
const CONNECT: Duration = Duration::from_secs(10);
/// How often a request may be sent elsewhere.
const REDIRECTS: usize = 5;

/// A web server that is asked for artifacts.
#[derive(Debug, Clone)]
pub struct Mirror {
    base: Url,
    name: String,
    client: Client,
}

impl Mirror {
    /// The mirror at a base address, under which artifacts are `{hash}.bin`.
    ///
    /// # Errors
    /// When the text is not an `http` or `https` address.
    pub fn open(text: &str) -> Result<Self, MirrorError> {
        let base = mirror_url(text)?;
        let client = http_client().map_err(|error| MirrorError { text: text.into(), reason: chain(&error) })?;
        let mut shown = base.clone();
        // A password must not end up in a log.
        let _ = shown.set_password(None);
        Ok(Self { name: shown.as_str().trim_end_matches('/').to_owned(), base, client })
    }

    /// The mirrors in a comma-separated list.
    ///
    /// # Errors
    /// The first entry that is none.
    pub fn list(text: &str) -> Result<Vec<Self>, MirrorError> {
        text.split([',', '\n']).map(str::trim).filter(|entry| !entry.is_empty()).map(Self::open).collect()
    }

    /// The mirrors that `TB_RELEASE_SOURCE_URL` names.
    ///
    /// # Errors
    /// The first entry that is none.
    pub fn from_env() -> Result<Vec<Self>, MirrorError> {
        variable(SOURCE_URL_VARIABLE).map_or(Ok(Vec::new()), |text| Self::list(&text.to_string_lossy()))
    }

    fn url(&self, hash: BuildHash, part: Part) -> Result<Url, Fault> {
        let suffix = if part == Part::Tree { ".obao4" } else { "" };
        self.base.join(&format!("{hash}.bin{suffix}")).map_err(|error| Fault::Silent(error.to_string()))
    }
}

#[async_trait]
impl ArtifactSource for Mirror {
    fn name(&self) -> &str {
        &self.name
    }

    fn lanes(&self) -> usize {
        2
    }

    async fn size(&self, hash: BuildHash) -> Result<Option<u64>, Fault> {
        let response = sent(self.client.head(self.url(hash, Part::Data)?)).await?;
        require_plain(response.headers())?;
        let length = response.headers().get(reqwest::header::CONTENT_LENGTH);
        Ok(length.and_then(|value| value.to_str().ok()).and_then(|text| text.parse().ok()))
    }

    async fn read(&self, hash: BuildHash, part: Part, range: Range<u64>) -> Result<Body, Fault> {
        let request = self.client.get(self.url(hash, part)?);
        let last = range.end.saturating_sub(1);
        let request = request.header(RANGE, format!("bytes={}-{last}", range.start));
        let response = sent(request).await?;
        require_plain(response.headers())?;
        let to_the_end = response.status() != StatusCode::PARTIAL_CONTENT;
        let (starts_at, total) =
            if to_the_end { (0, response.content_length()) } else { content_range(response.headers())? };
        if starts_at > range.start {
            return Err(Fault::Broken(format!("it sent the bytes from {starts_at} on instead of {}", range.start)));
        }
        let bytes = response.bytes_stream().map(|chunk| chunk.map_err(|error| explain(&error))).boxed();
        Ok(Body { starts_at, to_the_end, total, bytes })
    }
}

/// What asks over HTTP, whoever is asked.
///
/// # Errors
/// When the certificates of this machine cannot be read.
pub fn http_client() -> Result<Client, reqwest::Error> {
    // The first user of TLS in a process decides its provider; a second call changes nothing.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
        .connect_timeout(CONNECT)
        .redirect(redirect::Policy::limited(REDIRECTS))
        .referer(false)
        .user_agent(concat!("the-block/", env!("CARGO_PKG_VERSION")))
        .build()
}

/// The answer to a request, once it is one that has the part.
async fn sent(request: reqwest::RequestBuilder) -> Result<Response, Fault> {
    let answered = tokio::time::timeout(CONNECT, request.send()).await;
    let response = answered.map_err(|_| Fault::Silent(format!("no answer in {} s", CONNECT.as_secs())))?;
    let response = response.map_err(|error| explain(&error))?;
    match response.status() {
        StatusCode::OK | StatusCode::PARTIAL_CONTENT => Ok(response),
        status @ (StatusCode::NOT_FOUND | StatusCode::GONE) => Err(Fault::NotHeld(format!("HTTP status {status}"))),
        status if status.is_redirection() => Err(Fault::Redirects(format!("HTTP status {status}"))),
        status => Err(Fault::Status(status.as_u16())),
    }
}

/// Refuses what is not the file itself.
fn require_plain(headers: &HeaderMap) -> Result<(), Fault> {
    let encoding = headers.get(CONTENT_ENCODING).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    match encoding {
        Some(encoding) if encoding != "identity" => Err(Fault::Encoded(encoding)),
        _ => Ok(()),
    }
}

/// The offset and the total of `bytes 0-99/1000` (RFC 9110 section 14.4).
fn content_range(headers: &HeaderMap) -> Result<(u64, Option<u64>), Fault> {
    let text = headers.get(CONTENT_RANGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let read = || {
        let (range, total) = text.strip_prefix("bytes ")?.split_once('/')?;
        Some((range.split_once('-')?.0.parse().ok()?, total.parse().ok()))
    };
    read().ok_or_else(|| Fault::Broken(format!("its Content-Range {text:?} cannot be read")))
}

/// A client's error as a fault.
fn explain(error: &reqwest::Error) -> Fault {
    let said = chain(error);
    let about_tls = ["certificate", "tls", "handshake", "CertificateRequired", "UnknownIssuer"];
    if error.is_redirect() {
        Fault::Redirects(said)
    } else if about_tls.iter().any(|word| said.contains(word)) {
        Fault::Tls(said)
    } else if error.is_connect() || error.is_timeout() {
        Fault::Silent(said)
    } else {
        Fault::Broken(said)
    }
}

/// An error with everything below it, which is where clients put the reason.
fn chain(error: &reqwest::Error) -> String {
    let mut said = Vec::new();
    let mut next: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = next {
        said.push(error.to_string());
        next = error.source();
    }
    // The first says only that the request failed, and repeats the address.
    said.split_off(1.min(said.len().saturating_sub(1))).join(": ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_strictly_and_shown_without_a_password() {
        let mirrors = Mirror::list("https://a.example/bin, http://user:secret@b.example:8080/,\n").unwrap();
        let names: Vec<&str> = mirrors.iter().map(ArtifactSource::name).collect();
        assert_eq!(names, ["https://a.example/bin", "http://user@b.example:8080"]);
        let hash = BuildHash([0xab; 32]);
        let url = mirrors[0].url(hash, Part::Tree).unwrap();
        assert_eq!(url.as_str(), format!("https://a.example/bin/{}.bin.obao4", "ab".repeat(32)));
        for bad in ["ftp://a/", "a.example", "http://", "http://a/?x=1", "file:///etc/passwd"] {
            let error = Mirror::open(bad).unwrap_err().to_string();
            assert!(error.contains("https://releases.example.org/bin"), "{error}");
        }
    }

    #[test]
    fn a_content_range_is_read_strictly() {
        let read = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_RANGE, text.parse().unwrap());
            content_range(&headers)
        };
        assert_eq!(read("bytes 5-9/100"), Ok((5, Some(100))));
        assert_eq!(read("bytes 0-9/*"), Ok((0, None)));
        for bad in ["", "bytes", "bytes 5/100", "bytes x-9/100", "items 0-9/10"] {
            assert!(matches!(read(bad), Err(Fault::Broken(_))), "{bad}");
        }
    }
}
