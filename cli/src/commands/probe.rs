//! `contract probe`: asks as a balancer does, where nothing else is that could, as in a container without a shell.

use crate::answer::CommandAnswer;
use crate::failure::{Failure, failed, usage};
use crate::render::Screen;
use serde_json::json;
use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::{Duration, Instant};

/// Bytes of an answer that are read; its first line is what counts.
const MOST: usize = 16 << 10;
/// Characters of its body that are shown.
const SHOWN: usize = 400;

/// Asks a URL with GET.
///
/// # Errors
/// [`Failure::Failed`] unless the answer is 200 and comes in time.
pub fn run(url: &str, within: Duration, screen: &Screen) -> Result<CommandAnswer, Failure> {
    let (host, path) = parts(url)?;
    let answer = asked(host, path, Instant::now() + within)
        .map_err(|error| failed(format!("{url} does not answer: {error}; see whether it runs and listens there")))?;
    let answer = String::from_utf8_lossy(&answer);
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&*answer, ""));
    let status = head.strip_prefix("HTTP/").and_then(|head| head.split_whitespace().nth(1));
    match status {
        Some("200") => {
            CommandAnswer::new(&json!({ "url": url, "status": 200 }), screen.line(&format!("{url} answers 200.")))
        }
        Some(status) => {
            let shown: String = body.chars().take(SHOWN).collect();
            Err(failed(format!("{url} answers {status}: {shown}")))
        }
        None => Err(failed(format!("what answers at {url} speaks no HTTP; see whether the port is the right one"))),
    }
}

/// The host with its port, and the path.
fn parts(url: &str) -> Result<(&str, &str), Failure> {
    let is_odd = |c: char| c.is_whitespace() || c.is_control();
    let rest = url.strip_prefix("http://").filter(|rest| !rest.contains(is_odd)).unwrap_or_default();
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    match host.rsplit_once(':') {
        Some((name, port)) if !name.is_empty() && port.parse::<u16>().is_ok() => Ok((host, path)),
        _ => {
            let such = "http://127.0.0.1:26600/ready";
            Err(usage(format!("{url:?} cannot be probed; write http://HOST:PORT/PATH, such as {such}")))
        }
    }
}

fn asked(host: &str, path: &str, until: Instant) -> io::Result<Vec<u8>> {
    let mut stream = connected(host, until)?;
    stream.set_write_timeout(Some(left(until)?))?;
    let question = format!("GET /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(question.as_bytes())?;
    let (mut answer, mut part) = (Vec::new(), [0_u8; 4096]);
    while answer.len() < MOST {
        stream.set_read_timeout(Some(left(until)?))?;
        let read = stream.read(&mut part).map_err(late)?;
        if read == 0 {
            break;
        }
        answer.extend_from_slice(part.get(..read).unwrap_or_default());
    }
    Ok(answer)
}

/// A connection to the first address of a host that takes one.
fn connected(host: &str, until: Instant) -> io::Result<TcpStream> {
    let mut failure = io::Error::from(io::ErrorKind::NotFound);
    for address in host.to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, left(until)?) {
            Ok(stream) => return Ok(stream),
            Err(error) => failure = error,
        }
    }
    Err(failure)
}

/// The system calls a read that took too long one that would have to wait.
fn late(error: io::Error) -> io::Error {
    if error.kind() == io::ErrorKind::WouldBlock { io::ErrorKind::TimedOut.into() } else { error }
}

fn left(until: Instant) -> io::Result<Duration> {
    let left = until.saturating_duration_since(Instant::now());
    if left.is_zero() { Err(io::ErrorKind::TimedOut.into()) } else { Ok(left) }
}
