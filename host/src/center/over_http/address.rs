//! The URL of a center, and where it may lead.

use crate::center::NoAnswer;
use http::Uri;
use http::uri::{Authority, InvalidUri};
use std::net::IpAddr;

/// The most bytes of a URL.
const MAX_URL_BYTES: usize = 2_048;

/// Where a center is: `https://HOST[:PORT][/PATH]`, or `http` to this machine.
#[derive(Debug)]
pub(super) struct Address {
    base: Uri,
    authority: Authority,
}

/// Why a URL does not name a center.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// It is no URL of that kind.
    #[error("this is no center's address: {0}")]
    Malformed(&'static str),
    /// It would send in the clear what others can read on the way.
    #[error("http:// without TLS goes to this very machine only, not to {0}")]
    InTheClear(String),
}

impl Address {
    pub(super) fn parse(url: &str) -> Result<Self, AddressError> {
        let malformed = |why| Err(AddressError::Malformed(why));
        if url.len() > MAX_URL_BYTES {
            return malformed("it is too long");
        }
        // The parser of URIs drops what follows the sign.
        if url.contains('#') {
            return malformed("it has a fragment (#)");
        }
        let Ok(uri) = url.parse::<Uri>() else { return malformed("it is not a URL") };
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return malformed("it has no https:// and host");
        };
        if authority.as_str().contains('@') {
            return malformed("it has a user name or password (@)");
        }
        if uri.query().is_some() {
            return malformed("it has a query (?)");
        }
        if !has_host_and_port(authority) {
            return malformed("its host or port is missing or wrong");
        }
        match scheme {
            "https" => {}
            "http" if is_loopback(authority.host()) => {}
            "http" => return Err(AddressError::InTheClear(authority.host().to_owned())),
            _ => return malformed("it begins with neither https:// nor http://"),
        }
        let authority = authority.clone();
        Ok(Self { base: uri, authority })
    }

    /// The URL itself.
    pub(super) fn base(&self) -> &Uri {
        &self.base
    }

    /// Host, and port if one was named.
    pub(super) fn place(&self) -> &str {
        self.authority.as_str()
    }

    /// The host alone.
    pub(super) fn host(&self) -> &str {
        self.authority.host()
    }

    /// Whether it is asked under TLS.
    pub(super) fn is_tls(&self) -> bool {
        self.base.scheme_str() == Some("https")
    }

    /// Whether it is this machine, whatever the scheme.
    pub(super) fn is_loopback(&self) -> bool {
        is_loopback(self.authority.host())
    }

    /// The path and query of a request, as they are at this center.
    pub(super) fn uri(&self, asked: &Uri) -> Result<Uri, NoAnswer> {
        let path = asked.path_and_query().map_or("/", |path| path.as_str());
        let mut parts = self.base.clone().into_parts();
        let whole = format!("{}{path}", self.base.path().trim_end_matches('/')).parse();
        let not_there =
            |why| NoAnswer::Lost(format!("{path} is no path at {}: {why}", self.place()));
        parts.path_and_query = Some(whole.map_err(|why: InvalidUri| not_there(why.to_string()))?);
        Uri::from_parts(parts).map_err(|why| not_there(why.to_string()))
    }
}

/// Whether there is a host, and a right port if there is one; a user's name is passed over.
pub(super) fn has_host_and_port(authority: &Authority) -> bool {
    let place = authority.as_str().rsplit('@').next().unwrap_or_default();
    let port = place.strip_prefix(authority.host());
    let is_port = |port: &str| port.parse::<u16>().is_ok_and(|port| port != 0);
    let port_is_good = match port {
        Some("") => true,
        Some(port) => port.strip_prefix(':').is_some_and(is_port),
        None => false,
    };
    !authority.host().is_empty() && port_is_good
}

fn is_loopback(host: &str) -> bool {
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    let address = bare.parse::<IpAddr>();
    address.map_or(host.eq_ignore_ascii_case("localhost"), |address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_appended_to_the_url() {
        for (url, asked, expected) in [
            ("https://shop.example", "/v1/works?limit=2", "https://shop.example/v1/works?limit=2"),
            ("https://shop.example/", "/v1/center", "https://shop.example/v1/center"),
            ("https://shop.example:8443/saifu/", "/v1", "https://shop.example:8443/saifu/v1"),
            ("HTTPS://[2001:db8::1]", "/", "https://[2001:db8::1]/"),
            ("http://127.0.0.1:80", "/", "http://127.0.0.1:80/"),
        ] {
            let uri = Address::parse(url).unwrap().uri(&asked.parse().unwrap()).unwrap();
            assert_eq!(uri.to_string(), expected);
        }
    }

    #[test]
    fn without_tls_only_this_machine_is_asked() {
        let here = ["127.0.0.1", "127.9.9.9:8080", "[::1]", "[::1]:8080", "localhost", "LocalHost"];
        for host in here {
            assert!(Address::parse(&format!("http://{host}")).unwrap().is_loopback(), "{host}");
        }
        let elsewhere = [
            "shop.example",
            "localhost.shop.example",
            "128.0.0.1",
            "0.0.0.0",
            "127.1",
            "[::2]",
            "[::ffff:10.0.0.1]",
            "localhost.",
        ];
        for host in elsewhere {
            let refused = Address::parse(&format!("http://{host}")).unwrap_err();
            assert_eq!(refused, AddressError::InTheClear(host.into()));
            assert!(!Address::parse(&format!("https://{host}")).unwrap().is_loopback(), "{host}");
        }
    }

    #[test]
    fn what_names_no_center_is_refused() {
        let long = format!("https://shop.example/{}", "a".repeat(MAX_URL_BYTES));
        for url in [
            "",
            "shop.example",
            "/v1",
            "ftp://shop.example",
            "https://",
            "https://:443",
            "https://shop.example:0",
            "https://shop.example:65536",
            "https://shop.example:",
            "https://shop.example?a",
            "https://shop.example/#a",
            "https://shop example",
            "https://[::1",
            "https://[::1]8443",
            &long,
        ] {
            let refused = Address::parse(url);
            assert!(matches!(refused, Err(AddressError::Malformed(_))), "{url}: {refused:?}");
        }
    }

    #[test]
    fn a_password_in_a_url_is_refused_and_not_repeated() {
        for scheme in ["https", "http"] {
            let refused = Address::parse(&format!("{scheme}://user:secret@shop.example"));
            let text = refused.unwrap_err().to_string();
            assert!(text.contains("password") && !text.contains("secret"), "{text}");
        }
    }
}
