//! The address: whose it may be, and how it becomes a listener.

use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpListener, ToSocketAddrs};

use crate::refusal::{Refusal, Result};

/// Listens on `address`, host and port, and says under which URL.
///
/// # Errors
/// `malformed`: it names no address, or without TLS one that others reach. `unavailable`: it
/// cannot be had.
pub(super) fn bind(address: &str, tls: bool) -> Result<(TcpListener, String)> {
    let found: Vec<SocketAddr> = address.to_socket_addrs().map_err(no_address(address))?.collect();
    if !tls && !found.iter().all(|address| address.ip().to_canonical().is_loopback()) {
        return Err(Refusal::malformed(format!(
            "on {address} others could read and change plain HTTP: give --tls-certificate and \
             --tls-key, or listen on 127.0.0.1 with a proxy for TLS in front, on this machine"
        )));
    }
    let listener = TcpListener::bind(&found[..]).map_err(|error| taken(address, &error))?;
    let port = listener.local_addr().map_err(|error| taken(address, &error))?.port();
    let scheme = if tls { "https" } else { "http" };
    let host = address.rsplit_once(':').map_or(address, |(host, _)| host);
    Ok((listener, format!("{scheme}://{host}:{port}")))
}

fn no_address(address: &str) -> impl Fn(io::Error) -> Refusal {
    move |error| {
        Refusal::malformed(format!(
            "\"{address:.200}\" is no address ({error}): write HOST:PORT, such as 127.0.0.1:8440"
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
        for home in ["127.0.0.1:0", "127.9.9.9:0", "[::ffff:127.0.0.1]:0"] {
            let (listener, url) = bind(home, false).unwrap();
            let port = listener.local_addr().unwrap().port();
            assert_eq!(url, format!("http://{}:{port}", home.strip_suffix(":0").unwrap()));
        }
        for abroad in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0", "[::ffff:192.0.2.1]:0"] {
            let refusal = bind(abroad, false).unwrap_err();
            assert_eq!(refusal.code(), ProblemCode::Malformed);
            assert!(refusal.to_string().contains("--tls-certificate"), "{refusal}");
        }
        assert!(bind("0.0.0.0:0", true).unwrap().1.starts_with("https://0.0.0.0:"));
    }

    #[test]
    fn what_is_no_address_or_not_to_be_had_is_refused_with_what_to_do() {
        for none in ["", "127.0.0.1", "127.0.0.1:", "127.0.0.1:http", "127.0.0.1:65536", ":x"] {
            let refusal = bind(none, false).unwrap_err();
            assert!(refusal.to_string().contains("HOST:PORT"), "{none}: {refusal}");
        }
        let (listener, _) = bind("127.0.0.1:0", false).unwrap();
        let refusal = bind(&listener.local_addr().unwrap().to_string(), false).unwrap_err();
        assert_eq!(refusal.code(), ProblemCode::Unavailable);
        assert!(refusal.to_string().contains("another port"), "{refusal}");
        let refusal = bind("192.0.2.1:0", true).unwrap_err();
        assert!(refusal.to_string().contains("that this machine has"), "{refusal}");
    }
}
