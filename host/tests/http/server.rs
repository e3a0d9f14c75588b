//! Servers of a few lines, which say what a test has them say.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

/// How long a server waits for a terminal before the test has failed.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// Listens on this machine until the test's process ends; each connection is served by
/// `serve` on a thread of its own.
pub(crate) fn listen(serve: impl Fn(TcpStream) + Send + Sync + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let serve = Arc::new(serve);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let serve = Arc::clone(&serve);
            stream.set_read_timeout(Some(PATIENCE)).unwrap();
            stream.set_write_timeout(Some(PATIENCE)).unwrap();
            thread::spawn(move || serve(stream));
        }
    });
    address
}

/// Answers every request on a connection with these bytes, and keeps the connection open.
pub(crate) fn answering(answer: &'static [u8]) -> SocketAddr {
    listen(move |mut stream| {
        while read_request(&mut stream).is_some() {
            stream.write_all(answer).unwrap();
        }
    })
}

/// Answers one request with these bytes, and closes the connection.
pub(crate) fn closing(answer: &'static [u8]) -> SocketAddr {
    listen(move |mut stream| {
        read_request(&mut stream);
        stream.write_all(answer).unwrap();
    })
}

/// An address of this machine where nothing listens.
pub(crate) fn nobody() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

/// A request: its head, one line each, and its body.
pub(crate) struct Asked {
    pub(crate) head: Vec<String>,
    pub(crate) body: Vec<u8>,
}

impl Asked {
    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut fields = self.head.iter().skip(1).filter_map(|line| line.split_once(": "));
        fields.find(|(field, _)| field.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }
}

/// Reads one request; none where the terminal has closed the connection.
pub(crate) fn read_request(stream: &mut impl Read) -> Option<Asked> {
    // One byte at a time: what follows the request is not to be taken with it.
    let mut stream = BufReader::with_capacity(1, stream);
    let mut head = Vec::new();
    loop {
        let mut line = String::new();
        match stream.read_line(&mut line) {
            Ok(0) | Err(_) => return None,
            Ok(_) if line == "\r\n" => break,
            Ok(_) => head.push(line.trim_end().to_owned()),
        }
    }
    let mut asked = Asked { head, body: Vec::new() };
    let length = asked.header("content-length").map_or(0, |length| length.parse().unwrap());
    stream.take(length).read_to_end(&mut asked.body).ok()?;
    Some(asked)
}
