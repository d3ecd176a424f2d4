//! One HTTP request over one socket: for what a JSON-RPC client would not send, and for what is no JSON-RPC.

use anyhow::Context as _;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// What a server answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpReply {
    /// The status code.
    pub status: u16,
    /// The status line and the headers.
    pub head: String,
    /// The body.
    pub body: String,
}

impl HttpReply {
    /// A header, by its name in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let fields = self.head.lines().filter_map(|line| line.split_once(": "));
        fields.into_iter().find(|(field, _)| field.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }
}

/// `GET` of an `http://` URL.
///
/// # Errors
/// When nobody answers.
pub fn get(url: &str) -> anyhow::Result<HttpReply> {
    send(url, "GET", &[], b"")
}

/// `GET` with headers of one's own.
///
/// # Errors
/// When nobody answers.
pub fn get_with(url: &str, headers: &[(&str, &str)]) -> anyhow::Result<HttpReply> {
    send(url, "GET", headers, b"")
}

/// `POST` of a JSON body to an `http://` URL; the body is sent as it is, JSON or not.
///
/// # Errors
/// When nobody answers.
pub fn post(url: &str, body: &[u8]) -> anyhow::Result<HttpReply> {
    send(url, "POST", &[], body)
}

/// As [`post`], with headers of one's own.
///
/// # Errors
/// When nobody answers.
pub fn post_with(url: &str, headers: &[(&str, &str)], body: &[u8]) -> anyhow::Result<HttpReply> {
    send(url, "POST", headers, body)
}

fn send(url: &str, method: &str, headers: &[(&str, &str)], body: &[u8]) -> anyhow::Result<HttpReply> {
    let rest = url.strip_prefix("http://").context("only http:// is spoken here")?;
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let mut stream = TcpStream::connect(host).with_context(|| format!("nobody listens on {host}"))?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    stream.set_write_timeout(Some(Duration::from_secs(10)))?;
    let length = body.len();
    let more: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let head = format!(
        "{method} /{path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n{more}Connection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes())?;
    // A server that refuses a body by its length answers and closes before it has read it.
    let _ = stream.write_all(body);
    let mut text = Vec::new();
    let read = stream.read_to_end(&mut text);
    let text = String::from_utf8_lossy(&text);
    let (head, body) = text.split_once("\r\n\r\n").with_context(|| format!("no answer from {host}: {read:?}"))?;
    let status =
        head.split_whitespace().nth(1).and_then(|code| code.parse().ok()).context("an answer without status")?;
    Ok(HttpReply { status, head: head.to_owned(), body: body.to_owned() })
}
