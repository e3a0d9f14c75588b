//! Addresses as they are typed.

use std::fmt;
use std::io;
use std::str::FromStr;

use crate::plug::VpcdListener;

/// Where vpcd listens if nobody told it otherwise.
pub(super) const VPCD: &str = "localhost:35963";

/// A host and a port; an IPv6 address in brackets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct HostPort(String);

/// A port of this machine, or of one of its addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Listen(HostPort);

impl FromStr for HostPort {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        let parts = text.rsplit_once(':').filter(|(host, _)| !host.is_empty());
        let port = parts.and_then(|(_, port)| port.parse::<u16>().ok()).filter(|port| *port != 0);
        port.map(|_| Self(text.to_owned())).ok_or("write HOST:PORT, such as localhost:35963")
    }
}

impl fmt::Display for HostPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Listen {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        let whole = match text.parse::<u16>() {
            Ok(port) => format!("127.0.0.1:{port}"),
            Err(_) => text.to_owned(),
        };
        whole.parse().map(Self).map_err(|_| "write PORT or HOST:PORT, such as 35970")
    }
}

impl fmt::Display for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Listen {
    /// Listens there.
    pub(super) fn bind(&self) -> io::Result<VpcdListener> {
        VpcdListener::bind(&self.0.0).map_err(|error| {
            let why = format!("cannot listen at {}: {error}; choose another port", self.0);
            io::Error::new(error.kind(), why)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_host_and_a_port() {
        for good in ["localhost:35963", "127.0.0.1:1", "[::1]:65535"] {
            assert_eq!(good.parse(), Ok(HostPort(good.to_owned())));
        }
        for bad in ["", "localhost", ":35963", "localhost:", "localhost:0", "localhost:65536"] {
            assert!(bad.parse::<HostPort>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_port_alone_is_one_of_this_machine_for_no_other() {
        assert_eq!("35970".parse(), Ok(Listen(HostPort("127.0.0.1:35970".into()))));
        assert_eq!("0.0.0.0:1".parse(), Ok(Listen(HostPort("0.0.0.0:1".into()))));
        for bad in ["0", "", "x", "65536"] {
            assert!(bad.parse::<Listen>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_port_that_is_taken_is_told() {
        let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let text = taken.local_addr().unwrap().to_string();
        let error = text.parse::<Listen>().unwrap().bind().unwrap_err().to_string();
        assert!(error.contains(&text) && error.contains("another port"), "{error}");
    }
}
