//! A web server that serves artifacts, well or badly: what a mirror of strangers may do.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// How a mirror behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MirrorBehaviour {
    /// As it should.
    Good,
    /// It knows no ranges, and sends everything.
    NoRanges,
    /// One byte of the artifact, at this offset, is another.
    OtherByte(u64),
    /// The hash tree is that of something else.
    OtherTree,
    /// It goes on after the end, for ever.
    Endless,
    /// It takes the request and says nothing.
    Silent,
    /// It sends a byte at a time, this many milliseconds apart.
    Drip(u64),
    /// It sends the request to itself.
    RedirectLoop,
    /// It announces a byte more than there is.
    WrongLength,
    /// It says that the artifact has so many bytes, and sends those that there are.
    Announces(u64),
    /// It breaks the connection after this many bytes of an answer, each time.
    BreaksAfter(u64),
    /// It says that it compressed the file.
    Compressed,
    /// It answers with this status.
    Status(u16),
}

/// A running mirror; it stops when dropped.
pub struct MirrorServer {
    /// Its address, as `TB_RELEASE_SOURCE_URL` takes it.
    pub url: String,
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    files: BTreeMap<String, PathBuf>,
    conduct: Mutex<MirrorBehaviour>,
    stopped: AtomicBool,
    sent: AtomicU64,
}

impl MirrorServer {
    /// Serves files by name.
    ///
    /// # Errors
    /// When no port is free.
    pub fn serve(files: impl IntoIterator<Item = (String, PathBuf)>, conduct: MirrorBehaviour) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            files: files.into_iter().collect(),
            conduct: Mutex::new(conduct),
            stopped: AtomicBool::new(false),
            sent: AtomicU64::new(0),
        });
        let serving = shared.clone();
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if serving.stopped.load(Ordering::SeqCst) {
                    break;
                }
                let serving = serving.clone();
                // A client that goes away ends its thread; that is no failure of the mirror.
                thread::spawn(move || serving.answer(stream));
            }
        });
        Ok(Self { url: format!("http://{address}"), address, shared })
    }

    /// Serves the artifact of a hash, and its tree when there is one, from a folder.
    ///
    /// # Errors
    /// When no port is free.
    pub fn of(folder: &Path, conduct: MirrorBehaviour) -> io::Result<Self> {
        let mut files = Vec::new();
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            files.push((entry.file_name().to_string_lossy().into_owned(), entry.path()));
        }
        Self::serve(files, conduct)
    }

    /// Behaves otherwise from the next request on.
    pub fn behave(&self, conduct: MirrorBehaviour) {
        *self.shared.conduct.lock().expect("nobody panics with it") = conduct;
    }

    /// Bytes of artifacts that were sent.
    pub fn sent(&self) -> u64 {
        self.shared.sent.load(Ordering::SeqCst)
    }
}

impl Drop for MirrorServer {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
    }
}

/// What a request asks for.
struct Request {
    head_only: bool,
    name: String,
    range: Option<(u64, u64)>,
}

impl Shared {
    fn answer(&self, stream: TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        let mut reader = BufReader::new(stream.try_clone()?);
        while let Some(request) = read_request(&mut reader)? {
            let conduct = *self.conduct.lock().expect("nobody panics with it");
            if !self.respond(&stream, &request, conduct)? {
                return stream.shutdown(Shutdown::Both);
            }
        }
        Ok(())
    }

    /// Answers; false when the connection is to be closed.
    fn respond(&self, mut stream: &TcpStream, request: &Request, conduct: MirrorBehaviour) -> io::Result<bool> {
        let is_tree = request.name.ends_with(".obao4");
        let plain = |status: &str| format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n");
        let file = match (conduct, self.files.get(&request.name)) {
            (MirrorBehaviour::Status(status), _) => {
                stream.write_all(plain(&format!("{status} Status")).as_bytes())?;
                return Ok(true);
            }
            (MirrorBehaviour::RedirectLoop, _) => {
                let again = format!("HTTP/1.1 302 Found\r\nLocation: /{}\r\nContent-Length: 0\r\n\r\n", request.name);
                stream.write_all(again.as_bytes())?;
                return Ok(true);
            }
            (MirrorBehaviour::Silent, _) => {
                wait_for_the_other_side(stream);
                return Ok(false);
            }
            (_, None) => {
                stream.write_all(plain("404 Not Found").as_bytes())?;
                return Ok(true);
            }
            (_, Some(file)) => File::open(file)?,
        };
        let size = file.metadata()?.len();
        let (start, end) = match request.range {
            Some((start, last)) if conduct != MirrorBehaviour::NoRanges => {
                (start.min(size), last.saturating_add(1).min(size))
            }
            _ => (0, size),
        };
        let partial = request.range.is_some() && conduct != MirrorBehaviour::NoRanges;
        let said = match conduct {
            MirrorBehaviour::Announces(said) if !is_tree => said,
            _ => size,
        };
        // Without a body nothing gives the lie to a length.
        let end_said = if request.head_only { said } else { end };
        self.send_head(stream, conduct, partial, (start, end_said, said))?;
        if request.head_only {
            return Ok(true);
        }
        self.send_body(stream, file, conduct, is_tree, (start, end))
    }

    fn send_head(
        &self,
        mut stream: &TcpStream,
        conduct: MirrorBehaviour,
        partial: bool,
        (start, end, size): (u64, u64, u64),
    ) -> io::Result<()> {
        let status = if partial { "206 Partial Content" } else { "200 OK" };
        let mut head = format!("HTTP/1.1 {status}\r\nContent-Type: application/octet-stream\r\n");
        let (length, total) =
            if conduct == MirrorBehaviour::WrongLength { (end - start + 1, size + 1) } else { (end - start, size) };
        if partial {
            head += &format!("Content-Range: bytes {start}-{}/{total}\r\n", end.saturating_sub(1));
        }
        head += &if conduct == MirrorBehaviour::Endless {
            "Connection: close\r\n".into()
        } else {
            format!("Content-Length: {length}\r\n")
        };
        if conduct == MirrorBehaviour::Compressed {
            head += "Content-Encoding: gzip\r\n";
        }
        stream.write_all((head + "\r\n").as_bytes())
    }

    fn send_body(
        &self,
        mut stream: &TcpStream,
        mut file: File,
        conduct: MirrorBehaviour,
        is_tree: bool,
        (start, end): (u64, u64),
    ) -> io::Result<bool> {
        file.seek(SeekFrom::Start(start))?;
        let (mut at, mut buffer) = (start, vec![0; 256 << 10]);
        while at < end {
            let most = buffer.len().min((end - at) as usize);
            let bytes = &mut buffer[..most];
            file.read_exact(bytes)?;
            match conduct {
                MirrorBehaviour::OtherByte(place) if !is_tree && (at..at + most as u64).contains(&place) => {
                    bytes[(place - at) as usize] ^= 1;
                }
                MirrorBehaviour::OtherTree if is_tree => bytes[0] ^= 1,
                MirrorBehaviour::Drip(pause) if !is_tree => return drip(stream, bytes, pause),
                MirrorBehaviour::BreaksAfter(most) if !is_tree && at - start + bytes.len() as u64 > most => {
                    self.send(stream, &bytes[..most.saturating_sub(at - start) as usize])?;
                    return Ok(false);
                }
                _ => {}
            }
            self.send(stream, bytes)?;
            at += bytes.len() as u64;
        }
        if conduct == MirrorBehaviour::Endless {
            // Until the client has had enough.
            while stream.write_all(&buffer).is_ok() {}
            return Ok(false);
        }
        Ok(true)
    }

    /// Sends bytes of an artifact, counted before: whoever has them finds them counted.
    fn send(&self, mut stream: &TcpStream, bytes: &[u8]) -> io::Result<()> {
        self.sent.fetch_add(bytes.len() as u64, Ordering::SeqCst);
        stream.write_all(bytes)
    }
}

fn drip(mut stream: &TcpStream, bytes: &[u8], pause: u64) -> io::Result<bool> {
    for byte in bytes {
        stream.write_all(&[*byte])?;
        thread::sleep(Duration::from_millis(pause));
    }
    Ok(true)
}

/// Returns when the client closes the connection.
fn wait_for_the_other_side(mut stream: &TcpStream) {
    let mut rest = [0; 64];
    while matches!(stream.read(&mut rest), Ok(read) if read > 0) {}
}

fn read_request(reader: &mut BufReader<TcpStream>) -> io::Result<Option<Request>> {
    let mut first = String::new();
    if reader.read_line(&mut first)? == 0 {
        return Ok(None);
    }
    let mut words = first.split_whitespace();
    let head_only = words.next() == Some("HEAD");
    let name = words.next().unwrap_or_default().trim_start_matches('/').to_owned();
    let mut range = None;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 || line.trim().is_empty() {
            return Ok(Some(Request { head_only, name, range }));
        }
        if let Some(value) = line.to_ascii_lowercase().trim().strip_prefix("range: bytes=") {
            range = value.split_once('-').and_then(|(from, to)| Some((from.parse().ok()?, to.parse().ok()?)));
        }
    }
}
