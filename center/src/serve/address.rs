//! The address: whose it may be, and how it becomes a listener.

use std::io::{self, ErrorKind};
use std::net::{IpAddr, SocketAddr, TcpListener, ToSocketAddrs};

use crate::refusal::{Refusal, Result};

/// Listens on `address`, host and port, and says under which URL.
///
/// # Errors
/// `malformed`: it names no address, or without TLS one that others reach. `unavailable`: it
/// cannot be had.
pub(super) fn bind(address: &str, tls: bool) -> Result<(TcpListener, String)> {
    let found = addresses(address)?;
    if !tls && !found.iter().all(|address| address.ip().is_loopback()) {
        return Err(Refusal::malformed(format!(
            "on {address} others could read and change plain HTTP: give --tls-certificate and \
             --tls-key, or listen on 127.0.0.1 with a proxy for TLS in front, on this machine"
        )));
    }
    let listener = listen(&found).map_err(|error| taken(address, &error))?;
    let bound = listener.local_addr().map_err(|error| taken(address, &error))?;
    let (host, port) = (host(address), bound.port());
    let url = match tls {
        // The certificate is for the name.
        true => format!("https://{host}:{port}"),
        false if host.eq_ignore_ascii_case("localhost") => format!("http://localhost:{port}"),
        false => format!("http://{bound}"),
    };
    Ok((listener, url))
}

/// The addresses that `address` names, each once; all of them are such as a URL can name.
fn addresses(address: &str) -> Result<Vec<SocketAddr>> {
    let host = host(address);
    if host.contains(':') && !host.starts_with('[') {
        let error = io::Error::new(ErrorKind::InvalidInput, "IPv6 stands in brackets");
        return Err(no_address(address)(error));
    }
    let mut found = Vec::new();
    for one in address.to_socket_addrs().map_err(no_address(address))? {
        if matches!(one.ip(), IpAddr::V6(ip) if ip.to_ipv4_mapped().is_some()) {
            return Err(no_address(address)(io::Error::new(
                ErrorKind::InvalidInput,
                "IPv4 is written without ::ffff:",
            )));
        }
        if !found.contains(&one) {
            found.push(one);
        }
    }
    Ok(found)
}

fn host(address: &str) -> &str {
    address.rsplit_once(':').map_or(address, |(host, _)| host)
}

/// Listens on the first of the addresses that this machine has. A port that is taken on another
/// one is taken: whoever asks for the name may come out there.
fn listen(addresses: &[SocketAddr]) -> io::Result<TcpListener> {
    if addresses.iter().all(|address| address.port() == 0) {
        return TcpListener::bind(addresses);
    }
    let mut last = io::Error::new(ErrorKind::AddrNotAvailable, "the name has no address");
    let mut listeners = Vec::new();
    for address in addresses {
        match TcpListener::bind(address) {
            Ok(listener) => listeners.push(listener),
            Err(error) if error.kind() == ErrorKind::AddrInUse => return Err(error),
            Err(error) => last = error,
        }
    }
    listeners.into_iter().next().ok_or(last)
}

fn no_address(address: &str) -> impl Fn(io::Error) -> Refusal {
    move |error| {
        Refusal::malformed(format!(
            "\"{address:.200}\" is no address ({error}): write HOST:PORT, such as 127.0.0.1:8440 or \
             [::1]:8440"
        ))
    }
}

fn taken(address: &str, error: &io::Error) -> Refusal {
    let next = match error.kind() {
        ErrorKind::AddrInUse => "end the program that serves there, or listen on another port",
        ErrorKind::PermissionDenied => "choose a port from 1024 on, or give the permission",
        ErrorKind::AddrNotAvailable => "listen on an address that this machine has",
        _ => "listen elsewhere, or try again",
    };
    Refusal::unavailable(format!("{address} cannot be had ({error}): {next}"))
}

#[cfg(test)]
mod tests {
    use saifu_center_api::ProblemCode;

    use super::*;

    #[test]
    fn plain_http_stays_on_this_machine() {
        for home in ["127.0.0.1:0", "127.9.9.9:0", "localhost:0"] {
            let (listener, url) = bind(home, false).unwrap();
            let port = listener.local_addr().unwrap().port();
            assert_eq!(url, format!("http://{}:{port}", home.strip_suffix(":0").unwrap()));
        }
        for abroad in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"] {
            let refusal = bind(abroad, false).unwrap_err();
            assert_eq!(refusal.code(), ProblemCode::Malformed);
            assert!(refusal.to_string().contains("--tls-certificate"), "{refusal}");
        }
        assert!(bind("0.0.0.0:0", true).unwrap().1.starts_with("https://0.0.0.0:"));
    }

    #[test]
    fn the_url_is_one_that_a_terminal_takes_however_the_address_was_written() {
        for (written, begin) in [
            ("127.1:0", "http://127.0.0.1:"),
            ("LocalHost:0", "http://localhost:"),
            ("[0:0:0:0:0:0:0:1]:0", "http://[::1]:"),
        ] {
            match bind(written, false) {
                Ok((_, url)) => assert!(url.starts_with(begin), "{written}: {url}"),
                // A machine may have no IPv6.
                Err(refusal) => assert!(written.starts_with('['), "{refusal}"),
            }
        }
    }

    #[test]
    fn what_is_no_address_or_not_to_be_had_is_refused_with_what_to_do() {
        for none in [
            "",
            "127.0.0.1",
            "127.0.0.1:",
            "127.0.0.1:http",
            "127.0.0.1:65536",
            ":x",
            "::1:0",
            "[::ffff:127.0.0.1]:0",
            "[::ffff:192.0.2.1]:0",
        ] {
            let refusal = bind(none, false).unwrap_err();
            assert!(refusal.to_string().contains("HOST:PORT"), "{none}: {refusal}");
        }
        let (listener, _) = bind("127.0.0.1:0", false).unwrap();
        let refusal = bind(&listener.local_addr().unwrap().to_string(), false).unwrap_err();
        assert_eq!(refusal.code(), ProblemCode::Unavailable);
        assert!(refusal.to_string().contains("another port"), "{refusal}");
        let port = listener.local_addr().unwrap().port();
        // The name may have another address first, where the port is free.
        let refusal = bind(&format!("localhost:{port}"), false).unwrap_err();
        assert!(refusal.to_string().contains("another port"), "{refusal}");
        let elsewhere = [SocketAddr::from(([127, 9, 9, 9], port)), listener.local_addr().unwrap()];
        assert_eq!(listen(&elsewhere).unwrap_err().kind(), ErrorKind::AddrInUse);
        let refusal = bind("192.0.2.1:0", true).unwrap_err();
        assert!(refusal.to_string().contains("that this machine has"), "{refusal}");
    }
}
