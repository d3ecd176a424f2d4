//! `contract probe`: the exit code is the answer, as containers without a shell need it.

mod contract;

use contract::contract;
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener};
use std::thread;

/// Where one connection is answered with these bytes, and then ended.
fn answering(bytes: &'static str) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut asked = [0; 1024];
        let read = stream.read(&mut asked).unwrap();
        assert!(asked[..read].starts_with(b"GET /ready HTTP/1.1\r\nHost: 127.0.0.1:"), "{:?}", &asked[..read]);
        stream.write_all(bytes.as_bytes()).unwrap();
        let _ = stream.shutdown(Shutdown::Both);
    });
    address
}

fn probed(address: SocketAddr) -> contract::Run {
    contract(&["probe", &format!("http://{address}/ready"), "--within", "20"])
}

#[test]
fn a_probe_says_by_its_exit_code_whether_a_server_is_ready() {
    let yes = probed(answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"));
    assert_eq!((yes.code, yes.stderr.as_str()), (0, ""));
    assert!(yes.stdout.ends_with("/ready answers 200.\n"), "{}", yes.stdout);

    let no = probed(answering("HTTP/1.1 503 Service Unavailable\r\n\r\n{\"warnings\":[\"it catches up\"]}"));
    assert_eq!((no.code, no.stdout.as_str()), (1, ""));
    assert!(no.stderr.contains("answers 503") && no.stderr.contains("it catches up"), "{}", no.stderr);

    let other = probed(answering("SSH-2.0-OpenSSH_9.2\r\n"));
    assert!(other.code == 1 && other.stderr.contains("speaks no HTTP"), "{}", other.stderr);
    let nothing = probed(answering(""));
    assert!(nothing.code == 1 && nothing.stderr.contains("speaks no HTTP"), "{}", nothing.stderr);
}

#[test]
fn who_does_not_answer_in_time_is_not_ready() {
    // The connection is taken by the system, and nobody says anything.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/ready", silent.local_addr().unwrap());
    let run = contract(&["probe", &url, "--within", "1"]);
    assert!(run.code == 1 && run.stderr.contains("does not answer"), "{}", run.stderr);
    drop(silent);
    let run = contract(&["probe", &url]);
    assert!(run.code == 1 && run.stderr.contains("does not answer"), "{}", run.stderr);
}

#[test]
fn what_cannot_be_probed_is_told_how_to_be_typed() {
    let odd = ["https://127.0.0.1:26600/ready", "http://127.0.0.1/ready", "127.0.0.1:26600", "http://h:1/a b"];
    for url in odd {
        let run = contract(&["probe", url]);
        assert_eq!(run.code, 2, "{url}: {}", run.stderr);
        assert!(run.stderr.contains("http://HOST:PORT/PATH"), "{}", run.stderr);
    }
}
