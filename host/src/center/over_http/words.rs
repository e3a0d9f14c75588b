//! What failed between terminal and center, as a customer reads it.

use rustls::CertificateError as Certificate;
use std::io::{self, ErrorKind};
use std::time::Duration;
use ureq::{Error, Timeout};

/// Why `place` gave no answer, or not all of it, where each wait ends `within` that time.
pub(super) fn of(error: &Error, place: &str, within: Duration) -> String {
    let seconds = within.as_secs_f32();
    match error {
        Error::HostNotFound => format!("no machine has the name {place}"),
        Error::Timeout(Timeout::Resolve) => {
            format!("nobody said within {seconds} s where {place} is")
        }
        Error::Timeout(Timeout::Connect) => {
            format!("no connection to {place} came about within {seconds} s")
        }
        Error::Timeout(_) => format!("nothing came from {place} for {seconds} s"),
        Error::LargeResponseHeader(_, limit) => {
            format!("the head of the answer from {place} is longer than {limit} bytes")
        }
        Error::Protocol(why) => format!("what {place} answers is not HTTP: {why}"),
        Error::ConnectProxyFailed(why) => {
            format!("the proxy does not let through to {place}: {why}")
        }
        Error::Rustls(why) => tls(why, place),
        Error::Io(why) => network(why, place),
        other => format!("{place}: {other}"),
    }
}

fn network(error: &io::Error, place: &str) -> String {
    if let Some(why) = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        return tls(why, place);
    }
    match error.kind() {
        ErrorKind::ConnectionRefused => format!("nothing listens at {place}"),
        ErrorKind::UnexpectedEof
        | ErrorKind::ConnectionReset
        | ErrorKind::ConnectionAborted
        | ErrorKind::BrokenPipe => format!("{place} broke the connection off"),
        _ => format!("{place}: {error}"),
    }
}

fn tls(error: &rustls::Error, place: &str) -> String {
    match error {
        rustls::Error::InvalidCertificate(why) => certificate(why, place),
        rustls::Error::InvalidMessage(_) => {
            format!("{place} does not speak TLS: is it an http:// address?")
        }
        other => format!("TLS with {place} failed: {other}"),
    }
}

fn certificate(error: &Certificate, place: &str) -> String {
    let not_shown = |why: &str| format!("{place} does not show that it is {place}: {why}");
    match error {
        // Authorities may have the same name and other keys.
        Certificate::UnknownIssuer | Certificate::BadSignature => not_shown(
            "no authority that is trusted here signed its certificate; use --center-ca FILE if you \
             run your own authority",
        ),
        Certificate::NotValidForName | Certificate::NotValidForNameContext { .. } => {
            not_shown("its certificate is for another name")
        }
        Certificate::Expired | Certificate::ExpiredContext { .. } => {
            not_shown("its certificate has expired, or this machine's clock is wrong")
        }
        Certificate::NotValidYet | Certificate::NotValidYetContext { .. } => {
            not_shown("its certificate is not valid yet, or this machine's clock is wrong")
        }
        other => not_shown(&other.to_string()),
    }
}
