//! `contract audit`: whether the log hangs together, as a node says, and the log as a file, as an explorer has it.

use crate::answer::CommandAnswer;
use crate::args::audit::{AuditArgs, AuditExport};
use crate::failure::{Failure, failed, usage};
use crate::render;
use crate::session::{Session, unanswered};
use host::console;
use rpc::api::AuditApiClient as _;
use serde_json::json;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

/// How long an explorer may say nothing.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long a line of a head, or of the frame of a body, may be in bytes.
const MOST_LINE: u64 = 16 << 10;

/// Reads the audit log.
///
/// # Errors
/// A node or an explorer that does not answer, an export that breaks off, and a file that cannot be written.
pub async fn run(command: AuditArgs, session: &Session) -> Result<CommandAnswer, Failure> {
    match command {
        AuditArgs::Integrity => {
            let (node, screen) = (&session.node, &session.screen);
            let view = node.audit_integrity().await.map_err(|error| unanswered(node.explain(error)))?;
            let answer = CommandAnswer::new(&view, render::audit(screen, &view))?;
            Ok(answer.found(view.chain_valid))
        }
        AuditArgs::Export(arguments) => {
            tokio::task::spawn_blocking(move || export(&arguments)).await.map_err(failed)?
        }
    }
}

/// Takes an export to where it is to lie. A file that is not whole is not left behind.
fn export(arguments: &AuditExport) -> Result<CommandAnswer, Failure> {
    let Some(path) = &arguments.out else {
        let mut whole = Vec::new();
        taken(arguments, &mut whole)?;
        console::print(&String::from_utf8_lossy(&whole)).map_err(failed)?;
        return Ok(CommandAnswer::told());
    };
    let refused = |error: io::Error| {
        failed(format!("the export cannot be written to {}: {error}; name another file", path.display()))
    };
    let mut file = File::create_new(path).map_err(refused)?;
    let written = taken(arguments, &mut file).and_then(|bytes| {
        file.sync_all().map_err(refused)?;
        Ok(bytes)
    });
    let bytes = written.inspect_err(|_| drop(std::fs::remove_file(path)))?;
    let text = format!("The audit log is in {} ({bytes} bytes).\n", crate::escape::line(&path.display().to_string()));
    CommandAnswer::new(&json!({ "file": path, "bytes": bytes }), text)
}

/// The bytes of an export, written as they come; how many there were.
fn taken(arguments: &AuditExport, to: &mut dyn Write) -> Result<u64, Failure> {
    let url = &arguments.explorer;
    let is_odd = |text: &str| text.contains(|c: char| c.is_whitespace() || c.is_control());
    let path = arguments.path();
    let host = url.strip_prefix("http://").map(|host| host.trim_end_matches('/'));
    let host = host.filter(|host| !host.is_empty() && !host.contains('/') && !is_odd(host) && !is_odd(&path));
    let host = host.ok_or_else(|| {
        usage(format!("{url:?} cannot be asked so; write --explorer http://HOST:PORT, and times without blanks"))
    })?;
    asked(host, &path, to).map_err(|error| {
        failed(format!("{url} gave no whole export: {error}; see whether an explorer of this version runs there"))
    })
}

fn asked(host: &str, path: &str, to: &mut dyn Write) -> io::Result<u64> {
    let mut stream = connected(host)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let question =
        format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nAccept: application/json\r\nConnection: close\r\n\r\n");
    stream.write_all(question.as_bytes())?;
    let mut answer = BufReader::new(stream);
    let status = line(&mut answer)?;
    let mut is_chunked = false;
    loop {
        let header = line(&mut answer)?.to_ascii_lowercase();
        if header.is_empty() {
            break;
        }
        is_chunked |= header.starts_with("transfer-encoding:") && header.ends_with("chunked");
    }
    if status.split_whitespace().nth(1) != Some("200") {
        let mut said = String::new();
        answer.take(MOST_LINE).read_to_string(&mut said)?;
        let problem: serde_json::Value = serde_json::from_str(&said).unwrap_or_default();
        let detail = problem["detail"].as_str().unwrap_or(&status).to_owned();
        return Err(io::Error::other(detail));
    }
    if !is_chunked {
        return Err(io::Error::other("it is not sent as an export is"));
    }
    chunks(&mut answer, to)
}

/// A body that comes in chunks. One that ends before its last chunk broke off.
fn chunks(answer: &mut impl BufRead, to: &mut dyn Write) -> io::Result<u64> {
    let mut whole = 0;
    loop {
        let head = line(answer)?;
        let length = head.split(';').next().and_then(|length| u64::from_str_radix(length.trim(), 16).ok());
        let length = length.ok_or_else(|| io::Error::other("it broke off"))?;
        if length == 0 {
            return Ok(whole);
        }
        if io::copy(&mut answer.by_ref().take(length), to)? != length || !line(answer)?.is_empty() {
            return Err(io::Error::other("it broke off"));
        }
        whole += length;
    }
}

/// A line without its end.
fn line(answer: &mut impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    answer.by_ref().take(MOST_LINE).read_line(&mut line)?;
    match line.strip_suffix("\r\n") {
        Some(text) => Ok(text.to_owned()),
        None => Err(io::Error::other("it broke off")),
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

    fn read(body: &str) -> Result<String, String> {
        let mut found = Vec::new();
        let read = chunks(&mut body.as_bytes(), &mut found);
        read.map(|_| String::from_utf8(found).unwrap()).map_err(|error| error.to_string())
    }

    #[test]
    fn an_export_is_whole_or_it_is_none() {
        assert_eq!(read("3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n"), Ok("abcde".into()));
        assert_eq!(read("0\r\n\r\n"), Ok(String::new()));
        for cut in ["", "3\r\nab", "3\r\nabc", "3\r\nabc\r\n", "3\r\nabcd\r\n0\r\n", "x\r\n", "3\r\nabc\r\n0"] {
            assert_eq!(read(cut), Err("it broke off".into()), "{cut:?}");
        }
    }
}
