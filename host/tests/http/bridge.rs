//! A real center behind a plain HTTP server.

use crate::server::{Asked, listen, read_request};
use http::{Request, header};
use saifu_center::Center;
use saifu_center::in_process::{Answer, InProcess};
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;

/// Serves a center on this machine until the test's process ends.
pub(crate) fn serve(center: Arc<Center>) -> SocketAddr {
    let center = InProcess::new(center).unwrap();
    listen(move |mut stream| {
        while let Some(asked) = read_request(&mut stream) {
            let answer = center.call(request(asked)).unwrap();
            if write(answer, &mut stream).is_err() {
                return;
            }
        }
    })
}

fn request(asked: Asked) -> Request<Vec<u8>> {
    let mut line = asked.head[0].split(' ');
    let (method, path) = (line.next().unwrap(), line.next().unwrap());
    let fields = asked.head[1..].iter().filter_map(|line| line.split_once(": "));
    let request = Request::builder().method(method).uri(path);
    let request = fields.fold(request, |request, (name, value)| request.header(name, value));
    request.body(asked.body).unwrap()
}

fn write(answer: Answer, stream: &mut TcpStream) -> io::Result<()> {
    let (head, mut body) = answer.into_parts();
    write!(stream, "HTTP/1.1 {}\r\n", head.status)?;
    for (name, value) in &head.headers {
        write!(stream, "{name}: {}\r\n", value.to_str().unwrap())?;
    }
    if head.headers.contains_key(header::CONTENT_LENGTH) {
        write!(stream, "\r\n")?;
        return io::copy(&mut body, stream).map(drop);
    }
    write!(stream, "transfer-encoding: chunked\r\n\r\n")?;
    let mut chunk = [0; 1 << 14];
    loop {
        let count = body.read(&mut chunk)?;
        write!(stream, "{count:x}\r\n")?;
        stream.write_all(&chunk[..count])?;
        write!(stream, "\r\n")?;
        if count == 0 {
            return Ok(());
        }
    }
}
