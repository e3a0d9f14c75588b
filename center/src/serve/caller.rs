//! Who calls: the address at the other end, or what a proxy of this center's own says of it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::HeaderMap;
use axum::middleware::Next;
use axum::response::Response;

use crate::http::{Class, Local, Rates, too_many};
use crate::refusal::{Refusal, Result};

/// The field in which a proxy says for whom it asks.
const FORWARDED: &str = "x-forwarded-for";

/// Networks whose callers are proxies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Proxies(Vec<(IpAddr, u8)>);

impl Proxies {
    /// Reads addresses, or networks as `10.0.0.0/8`.
    ///
    /// # Errors
    /// `malformed`: one is neither.
    pub(super) fn read(networks: &[String]) -> Result<Self> {
        let network = |text: &String| {
            let (address, bits) =
                text.split_once('/').map_or((&text[..], None), |(a, b)| (a, Some(b)));
            let address: IpAddr = address.parse().ok()?;
            let most = if address.is_ipv4() { 32 } else { 128 };
            let bits = bits.map_or(Some(most), |bits| bits.parse().ok())?;
            (bits <= most).then_some((address, bits))
        };
        let each = networks.iter().map(|text| {
            network(text).ok_or_else(|| {
                Refusal::malformed(format!(
                    "trusted_proxies has \"{text}\": give addresses or networks, 10.0.0.0/8"
                ))
            })
        });
        each.collect::<Result<_>>().map(Self)
    }

    fn has(&self, address: IpAddr) -> bool {
        self.0.iter().any(|(network, bits)| match (network, address) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(*bits)).unwrap_or(0);
                (u32::from(*network) ^ u32::from(address)) & mask == 0
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(*bits)).unwrap_or(0);
                (u128::from(*network) ^ u128::from(address)) & mask == 0
            }
            _ => false,
        })
    }
}

/// Whoever calls, and whether it is this machine itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Caller {
    address: IpAddr,
    is_local: bool,
}

/// The caller behind `peer`: from the right, the first that is no proxy of ours.
fn caller(peer: IpAddr, headers: &HeaderMap, proxies: &Proxies) -> Caller {
    let peer = peer.to_canonical();
    let said: Vec<_> = headers.get_all(FORWARDED).iter().collect();
    let is_local = peer.is_loopback() && said.is_empty() && !headers.contains_key("forwarded");
    let mut address = peer;
    let hops = said.iter().rev().filter_map(|value| value.to_str().ok());
    for hop in hops.flat_map(|value| value.rsplit(',')) {
        if !proxies.has(address) {
            break;
        }
        // A proxy of ours that says nonsense: its own address is the last that is known.
        let Ok(before) = hop.trim().parse::<IpAddr>() else { break };
        address = before.to_canonical();
    }
    Caller { address, is_local }
}

/// What decides whether a request is passed on.
#[derive(Clone)]
pub(super) struct Gatekeeper {
    pub(super) rates: Rates,
    pub(super) proxies: Proxies,
}

/// Passes on a request of a caller who does not ask too often; this machine itself may.
pub(super) async fn not_too_often(
    State(keeper): State<Gatekeeper>,
    mut request: Request,
    next: Next,
) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let peer = peer.map_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED), |ConnectInfo(peer)| peer.ip());
    let caller = caller(peer, request.headers(), &keeper.proxies);
    let route = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
    let class = Class::of(route, request.headers()).filter(|_| !caller.is_local);
    let taken = class.map_or(Ok(()), |class| keeper.rates.address(class, caller.address));
    if let (Err(wait), Some(class)) = (taken, class) {
        let mut answer = too_many(wait);
        answer.extensions_mut().insert(class);
        return answer;
    }
    if caller.is_local {
        request.extensions_mut().insert(Local);
    } else {
        request.extensions_mut().insert(keeper.rates);
    }
    next.run(request).await
}

/// This machine, as most proxies on it are seen.
pub(crate) fn this_machine() -> Vec<String> {
    [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)]
        .map(|address| address.to_string())
        .to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(peer: &str, fields: &[&str], proxies: &[&str]) -> (String, bool) {
        let proxies: Vec<_> = proxies.iter().map(|text| (*text).to_owned()).collect();
        let mut headers = HeaderMap::new();
        for field in fields {
            headers.append(FORWARDED, field.parse().unwrap());
        }
        let proxies = Proxies::read(&proxies).unwrap();
        let caller = caller(peer.parse().unwrap(), &headers, &proxies);
        (caller.address.to_string(), caller.is_local)
    }

    #[test]
    fn only_a_proxy_of_ours_says_for_whom_it_asks() {
        let stranger = ("198.51.100.1".to_owned(), false);
        assert_eq!(seen("198.51.100.1", &["192.0.2.7"], &["127.0.0.1"]), stranger);
        assert_eq!(seen("127.0.0.1", &["198.51.100.1"], &["127.0.0.1"]), stranger);
        assert_eq!(seen("::ffff:127.0.0.1", &["198.51.100.1"], &["127.0.0.1"]), stranger);
        let forged = ["192.0.2.7", "192.0.2.8, 198.51.100.1, 10.1.2.3"];
        assert_eq!(seen("10.9.9.9", &forged, &["10.0.0.0/8"]), stranger);
        assert_eq!(seen("10.9.9.9", &["nonsense"], &["10.0.0.0/8"]).0, "10.9.9.9");
        assert_eq!(seen("2001:db8::1", &["192.0.2.7"], &["2001:db8::/32"]).0, "192.0.2.7");
    }

    #[test]
    fn this_machine_itself_is_whoever_comes_from_it_and_asks_for_nobody_else() {
        assert!(seen("127.0.0.1", &[], &[]).1 && seen("::1", &[], &[]).1);
        assert!(!seen("127.0.0.1", &["127.0.0.1"], &["127.0.0.1"]).1);
        assert!(!seen("192.0.2.1", &[], &["0.0.0.0/0"]).1);
    }

    #[test]
    fn what_is_no_network_is_refused() {
        for wrong in ["", "localhost", "10.0.0.0/33", "10.0.0.0/x", "::1/129"] {
            assert!(Proxies::read(&[wrong.to_owned()]).is_err(), "{wrong}");
        }
    }
}
