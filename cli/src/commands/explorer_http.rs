//! What an explorer answers, over plain HTTP: written as it comes, whole or not at all.

use crate::failure::{Failure, failed, usage};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

/// How long an explorer may say nothing.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long a line of a head, or of the frame of a body, may be in bytes.
const MOST_LINE: u64 = 16 << 10;

/// How a body is framed.
enum Framing {
    /// In chunks, whose end is said.
    Chunks,
    /// So many bytes.
    Bytes(u64),
}

/// The bytes that an explorer answers at a path, written as they come; how many there were, and not more than `most`.
///
/// # Errors
/// An address that cannot be asked, an explorer that does not answer or refuses, and an answer that breaks off or is too long.
pub fn fetched(url: &str, path: &str, most: u64, to: &mut dyn Write) -> Result<u64, Failure> {
    let is_odd = |text: &str| text.contains(|c: char| c.is_whitespace() || c.is_control());
    let host = url.strip_prefix("http://").map(|host| host.trim_end_matches('/'));
    let host = host.filter(|host| !host.is_empty() && !host.contains('/') && !is_odd(host) && !is_odd(path));
    let host = host.ok_or_else(|| {
        usage(format!("{url:?} cannot be asked so; write --explorer http://HOST:PORT, and times without blanks"))
    })?;
    asked(host, path, most, to).map_err(|error| {
        failed(format!("{url} gave no whole answer: {error}; see whether an explorer of this version runs there"))
    })
}

fn asked(host: &str, path: &str, most: u64, to: &mut dyn Write) -> io::Result<u64> {
    let mut stream = connected(host)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let question =
        format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nAccept: application/json\r\nConnection: close\r\n\r\n");
    stream.write_all(question.as_bytes())?;
    let mut answer = BufReader::new(stream);
    let status = line(&mut answer)?;
    let mut framing = None;
    loop {
        let header = line(&mut answer)?.to_ascii_lowercase();
        if header.is_empty() {
            break;
        }
        if header.starts_with("transfer-encoding:") && header.ends_with("chunked") {
            framing = Some(Framing::Chunks);
        } else if let Some(length) = header.strip_prefix("content-length:") {
            framing = length.trim().parse().ok().map(Framing::Bytes);
        }
    }
    if status.split_whitespace().nth(1) != Some("200") {
        let mut said = String::new();
        answer.take(MOST_LINE).read_to_string(&mut said)?;
        let problem: serde_json::Value = serde_json::from_str(&said).unwrap_or_default();
        let detail = problem["detail"].as_str().unwrap_or(&status).to_owned();
        return Err(io::Error::other(detail));
    }
    match framing {
        Some(Framing::Chunks) => chunks(&mut answer, most, to),
        Some(Framing::Bytes(length)) => copied(&mut answer, length, most, to),
        None => Err(io::Error::other("it does not say how long it is")),
    }
}

/// A body that comes in chunks. One that ends before its last chunk broke off.
fn chunks(answer: &mut impl BufRead, most: u64, to: &mut dyn Write) -> io::Result<u64> {
    let mut whole = 0;
    loop {
        let head = line(answer)?;
        let length = head.split(';').next().and_then(|length| u64::from_str_radix(length.trim(), 16).ok());
        let length = length.ok_or_else(broke_off)?;
        if length == 0 {
            return Ok(whole);
        }
        whole += copied(answer, length, most - whole, to)?;
        if !line(answer)?.is_empty() {
            return Err(broke_off());
        }
    }
}

/// So many bytes of a body.
fn copied(answer: &mut impl BufRead, length: u64, most: u64, to: &mut dyn Write) -> io::Result<u64> {
    if length > most {
        return Err(io::Error::other("it is longer than such an answer is"));
    }
    match io::copy(&mut answer.by_ref().take(length), to)? {
        copied if copied == length => Ok(length),
        _ => Err(broke_off()),
    }
}

fn broke_off() -> io::Error {
    io::Error::other("it broke off")
}

/// A line without its end.
fn line(answer: &mut impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    answer.by_ref().take(MOST_LINE).read_line(&mut line)?;
    match line.strip_suffix("\r\n") {
        Some(text) => Ok(text.to_owned()),
        None => Err(broke_off()),
    }
}

/// A connection to the first address of a host that takes one; without a port, to that of HTTP.
fn connected(host: &str) -> io::Result<TcpStream> {
    let named = if host.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok()) {
        host.to_owned()
    } else {
        format!("{host}:80")
    };
    let mut failure = io::Error::from(io::ErrorKind::NotFound);
    for address in named.to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, PATIENCE) {
            Ok(stream) => return Ok(stream),
            Err(error) => failure = error,
        }
    }
    Err(failure)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str, most: u64) -> Result<String, String> {
        let mut found = Vec::new();
        let read = chunks(&mut body.as_bytes(), most, &mut found);
        read.map(|_| String::from_utf8(found).unwrap()).map_err(|error| error.to_string())
    }

    #[test]
    fn an_answer_is_whole_or_it_is_none() {
        assert_eq!(read("3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n", u64::MAX), Ok("abcde".into()));
        assert_eq!(read("0\r\n\r\n", u64::MAX), Ok(String::new()));
        for cut in ["", "3\r\nab", "3\r\nabc", "3\r\nabc\r\n", "3\r\nabcd\r\n0\r\n", "x\r\n", "3\r\nabc\r\n0"] {
            assert_eq!(read(cut, u64::MAX), Err("it broke off".into()), "{cut:?}");
        }
        let long = "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
        assert_eq!(read(long, 5), Ok("abcde".into()));
        assert_eq!(read(long, 4), Err("it is longer than such an answer is".into()));
    }

    #[test]
    fn a_body_of_so_many_bytes_has_as_many() {
        let read = |length| copied(&mut &b"abcde"[..], length, 9, &mut io::sink()).map_err(|error| error.to_string());
        assert_eq!((read(5), read(3)), (Ok(5), Ok(3)));
        assert_eq!(read(6), Err("it broke off".into()));
        assert_eq!(read(10), Err("it is longer than such an answer is".into()));
    }
}
