//! What failed between terminal and center, as a customer reads it.

use super::certificate;
use crate::center::NoAnswer;
use rustls::{AlertDescription, Error as Tls};
use std::io::{self, ErrorKind};
use std::time::Duration;
use ureq::{Error, Timeout};

/// Who is asked, and which way.
#[derive(Debug, Clone)]
pub(super) struct Peer {
    /// Host, and port if one was named.
    pub(super) place: String,
    /// The host alone.
    pub(super) host: String,
    /// Whether it is asked under TLS.
    pub(super) is_tls: bool,
    /// The proxy it is asked through: its host, and host and port.
    pub(super) proxy: Option<(String, String)>,
    /// How long each wait may last.
    pub(super) within: Duration,
}

impl Peer {
    /// Why there was no answer, or not all of it.
    pub(super) fn no_answer(&self, error: &Error) -> NoAnswer {
        self.proxy_failed(error).map_or_else(|| self.failed(error), NoAnswer::Proxy)
    }

    /// What the proxy did, if that is what failed.
    fn proxy_failed(&self, error: &Error) -> Option<String> {
        let (host, proxy) = self.proxy.as_ref()?;
        let (place, seconds) = (&self.place, self.within.as_secs_f32());
        match error {
            Error::HostNotFound => Some(format!("no machine has the name {host}, the proxy's")),
            Error::Timeout(Timeout::Connect) => {
                Some(format!("the proxy {proxy} opened no way to {place} within {seconds} s"))
            }
            Error::ConnectProxyFailed(why) => {
                Some(format!("the proxy {proxy} does not let through to {place}: {why}"))
            }
            Error::Io(why) if why.kind() == ErrorKind::ConnectionRefused => {
                Some(format!("nothing listens at {proxy}, where the proxy should be"))
            }
            _ => None,
        }
    }

    fn failed(&self, error: &Error) -> NoAnswer {
        let (place, seconds) = (&self.place, self.within.as_secs_f32());
        let lost = match error {
            Error::HostNotFound => {
                format!("no machine has the name {}, as far as can be found out here", self.host)
            }
            Error::Timeout(Timeout::Resolve) => {
                format!("nobody said within {seconds} s where {place} is")
            }
            Error::Timeout(Timeout::Connect) => {
                format!("no connection to {place} came about within {seconds} s")
            }
            Error::Timeout(Timeout::RecvBody) => {
                format!("the answer from {place} was not whole within {seconds} s")
            }
            Error::Timeout(_) => format!("nothing came from {place} for {seconds} s"),
            Error::LargeResponseHeader(_, limit) => {
                format!("the head of the answer from {place} is longer than {limit} bytes")
            }
            Error::Protocol(_) if !self.is_tls => {
                format!("what {place} answers is not HTTP: is it an https:// address?")
            }
            Error::Protocol(why) => format!("what {place} answers is not HTTP: {why}"),
            Error::Rustls(why) => return self.tls(why),
            Error::Io(why) => return self.network(why),
            other => format!("{place}: {other}"),
        };
        NoAnswer::Lost(lost + &self.through())
    }

    fn network(&self, error: &io::Error) -> NoAnswer {
        if let Some(why) = error.get_ref().and_then(|inner| inner.downcast_ref::<Tls>()) {
            return self.tls(why);
        }
        let place = &self.place;
        let lost = match error.kind() {
            ErrorKind::ConnectionRefused => format!("nothing listens at {place}"),
            ErrorKind::UnexpectedEof
            | ErrorKind::ConnectionReset
            | ErrorKind::ConnectionAborted
            | ErrorKind::BrokenPipe => format!("{place} broke the connection off"),
            _ => format!("{place}: {error}"),
        };
        NoAnswer::Lost(lost + &self.through())
    }

    fn tls(&self, error: &Tls) -> NoAnswer {
        let place = &self.place;
        let lost = match error {
            Tls::InvalidCertificate(why) => {
                let why = certificate::words(why);
                let told = format!("{place} does not show that it is {place}: {why}");
                return NoAnswer::NotProven(told + &self.through());
            }
            Tls::NoCertificatesPresented => {
                let told =
                    format!("{place} does not show that it is {place}: it has no certificate");
                return NoAnswer::NotProven(told + &self.through());
            }
            Tls::InvalidMessage(_) => {
                format!("{place} does not speak TLS: is it an http:// address?")
            }
            Tls::PeerIncompatible(_)
            | Tls::AlertReceived(
                AlertDescription::HandshakeFailure | AlertDescription::ProtocolVersion,
            ) => format!("{place} and this terminal know no version of TLS in common"),
            Tls::AlertReceived(_) => format!("{place} ended TLS with an alert"),
            _ => format!("{place} does not keep to the rules of TLS"),
        };
        NoAnswer::Lost(lost + &self.through())
    }

    fn through(&self) -> String {
        let proxy = self.proxy.as_ref();
        proxy.map_or_else(String::new, |(_, proxy)| format!(" (asked through the proxy {proxy})"))
    }
}
