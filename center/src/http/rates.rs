//! How often a caller may ask: a token bucket for each class of routes and address, and one for
//! each account.
//!
//! All buckets lie in tables of a fixed size; whose bucket it is, a hash with a random key says.
//! So memory never grows, nothing is ever thrown out, and two callers who happen to share a
//! bucket wait a little longer. Whoever is over the rate is told when to ask again; nothing is
//! remembered of it.

use std::hash::{BuildHasher, Hash, RandomState};
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::Extension;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use saifu_center_api::ProblemCode;
use saifu_wire::AccountId;

use super::answer::{Answer, Failure};
use crate::config::RatesConfig;
use crate::refusal::Refusal;

/// The buckets of a table: 128 KiB of memory.
const BUCKETS: usize = 16_384;

/// A class of routes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    Browse,
    Register,
    Order,
    Settle,
    Voucher,
    Admin,
}

impl Class {
    /// Every class.
    pub(crate) const ALL: [Self; 6] =
        [Self::Browse, Self::Register, Self::Order, Self::Settle, Self::Voucher, Self::Admin];

    /// The class of a request: to prove a token costs as much at `/metrics` as elsewhere.
    pub(crate) fn of(route: &str, headers: &HeaderMap) -> Option<Self> {
        match route {
            "/metrics" if headers.contains_key(header::AUTHORIZATION) => Some(Self::Admin),
            _ => Self::of_route(route),
        }
    }

    /// The class of a route as the router has it; `/livez` and its like have none.
    fn of_route(route: &str) -> Option<Self> {
        let rest = route.strip_prefix("/v1/");
        let noun = rest.map_or("", |rest| rest.split('/').next().unwrap_or_default());
        match noun {
            _ if ["/livez", "/readyz", "/metrics"].contains(&route) => None,
            "admin" => Some(Self::Admin),
            _ if route.contains("voucher") => Some(Self::Voucher),
            "accounts" if route == "/v1/accounts" => Some(Self::Register),
            "accounts" | "orders" | "times" => Some(Self::Order),
            "loads" | "settlements" | "events" | "closings" => Some(Self::Settle),
            _ => Some(Self::Browse),
        }
    }

    /// Its name, as the configuration has it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Browse => "browse",
            Self::Register => "register",
            Self::Order => "order",
            Self::Settle => "settle",
            Self::Voucher => "voucher",
            Self::Admin => "admin",
        }
    }
}

/// The buckets of all callers; its clone has the same ones.
#[derive(Clone)]
pub(crate) struct Rates(Arc<Tables>);

struct Tables {
    addresses: [Table; Class::ALL.len()],
    accounts: Table,
    begun: Instant,
}

impl Rates {
    /// Every bucket full.
    pub(crate) fn new(config: &RatesConfig) -> Self {
        let addresses = Class::ALL.map(|class| {
            let (per_minute, burst) = match class {
                Class::Browse => (config.browse_per_minute, config.browse_burst),
                Class::Register => (config.register_per_minute, config.register_burst),
                Class::Order => (config.order_per_minute, config.order_burst),
                Class::Settle => (config.settle_per_minute, config.settle_burst),
                Class::Voucher => (config.voucher_per_minute, config.voucher_burst),
                Class::Admin => (config.admin_per_minute, config.admin_burst),
            };
            Table::new(per_minute, burst)
        });
        let accounts = Table::new(config.account_per_minute, config.account_burst);
        Self(Arc::new(Tables { addresses, accounts, begun: Instant::now() }))
    }

    /// Takes from the bucket of an address.
    ///
    /// # Errors
    /// How long to wait before asking again.
    pub(crate) fn address(&self, class: Class, address: IpAddr) -> Result<(), Duration> {
        self.0.addresses[class as usize].take(&network(address), self.0.now())
    }

    /// Takes from the bucket of an account.
    ///
    /// # Errors
    /// `too-many-requests`: it is empty.
    pub(super) fn account(&self, account: AccountId) -> Answer<()> {
        self.0.accounts.take(&account.0, self.0.now()).map_err(refused_for)
    }
}

impl Tables {
    fn now(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_nanos()).unwrap_or(u64::MAX / 2)
    }
}

/// Refuses for now what names an account too often; whoever is in process may.
pub(super) fn not_too_often(rates: Option<Extension<Rates>>, account: AccountId) -> Answer<()> {
    rates.map_or(Ok(()), |Extension(rates)| rates.account(account))
}

/// The answer for whoever asks too often.
pub(crate) fn too_many(wait: Duration) -> Response {
    let mut response = refused_for(wait).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn refused_for(wait: Duration) -> Failure {
    // The answer counts in whole seconds.
    let seconds = wait.as_secs().saturating_add(1);
    let detail = format!("so many requests are not taken at once: ask again in {seconds} seconds");
    Failure::later(Refusal::new(ProblemCode::TooManyRequests, detail), seconds)
}

/// What of an address names a caller: whoever has one address of IPv6 has its whole /64.
fn network(address: IpAddr) -> [u8; 8] {
    let octets = match address.to_canonical() {
        IpAddr::V4(four) => {
            let [a, b, c, d] = four.octets();
            return [0, 0, 0, 4, a, b, c, d];
        }
        IpAddr::V6(six) => six.octets(),
    };
    [0, 1, 2, 3, 4, 5, 6, 7].map(|at: usize| octets[at])
}

/// Buckets of one size, each as the moment (ns) at which it will be full again.
struct Table {
    full_at: Box<[AtomicU64]>,
    keyed: RandomState,
    /// Nanoseconds for one request, and for a whole bucket.
    each: u64,
    whole: u64,
}

impl Table {
    fn new(per_minute: u32, burst: u32) -> Self {
        let each = 60_000_000_000 / u64::from(per_minute.max(1));
        let whole = each.saturating_mul(u64::from(burst.max(1)));
        let full_at = (0..BUCKETS).map(|_| AtomicU64::new(0)).collect();
        Self { full_at, keyed: RandomState::new(), each, whole }
    }

    fn take(&self, whose: &impl Hash, now: u64) -> Result<(), Duration> {
        let at = self.keyed.hash_one(whose) % BUCKETS as u64;
        let taken = |full_at: u64| {
            let then = full_at.max(now).saturating_add(self.each);
            (then - now <= self.whole).then_some(then)
        };
        let bucket = &self.full_at[at as usize];
        let updated = bucket.fetch_update(Ordering::Relaxed, Ordering::Relaxed, taken);
        updated.map(drop).map_err(|full_at| {
            let missing = full_at.saturating_add(self.each).saturating_sub(now);
            Duration::from_nanos(missing.saturating_sub(self.whole))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000_000;

    #[test]
    fn a_bucket_gives_its_burst_and_then_what_flows_in() {
        let table = Table::new(60, 3);
        let take = |now| table.take(&"a", now);
        assert!((0..3).all(|_| take(0).is_ok()));
        assert_eq!(take(0), Err(Duration::from_secs(1)));
        assert_eq!(take(SECOND / 2), Err(Duration::from_millis(500)));
        assert!(take(SECOND).is_ok());
        assert!(take(SECOND).is_err());
        assert!((0..3).all(|_| take(100 * SECOND).is_ok()), "never more than full");
        assert!(take(100 * SECOND).is_err());
    }

    #[test]
    fn whoever_asks_too_often_and_waits_as_told_is_never_refused_for_good() {
        let table = Table::new(6_000, 2);
        let (mut now, mut taken) = (0, 0);
        while taken < 100 {
            match table.take(&1, now) {
                Ok(()) => taken += 1,
                Err(wait) => now += wait.as_nanos() as u64,
            }
        }
        assert_eq!(now, 98 * SECOND / 100);
    }

    #[test]
    fn one_caller_does_not_empty_anothers_bucket_but_a_network_of_ipv6_is_one() {
        let config = RatesConfig { admin_burst: 1, ..RatesConfig::default() };
        let rates = Rates::new(&config);
        let take = |address: &str| rates.address(Class::Admin, address.parse().unwrap()).is_ok();
        assert!(take("192.0.2.1") && !take("192.0.2.1") && !take("::ffff:192.0.2.1"));
        assert!(take("2001:db8::1") && !take("2001:db8::ffff:2"));
        let others = (2..50).filter(|n| take(&format!("192.0.2.{n}"))).count();
        assert!(others > 40, "{others}: two share a bucket now and then");
        assert!(rates.address(Class::Browse, "192.0.2.1".parse().unwrap()).is_ok());
    }

    #[test]
    fn every_route_has_the_class_of_what_it_costs() {
        for (route, class) in [
            ("/v1/works/{work}", Some(Class::Browse)),
            ("/v1/accounts", Some(Class::Register)),
            ("/v1/accounts/{account}/loads", Some(Class::Order)),
            ("/v1/accounts/{account}/vouchers", Some(Class::Voucher)),
            ("/v1/settlements", Some(Class::Settle)),
            ("/v1/admin/vouchers", Some(Class::Admin)),
            ("/nowhere", Some(Class::Browse)),
            ("/livez", None),
        ] {
            assert_eq!(Class::of(route, &HeaderMap::new()), class, "{route}");
        }
    }

    #[test]
    fn whoever_shows_a_token_is_counted_wherever_it_is_proved() {
        let token = HeaderValue::from_static("Bearer saifu_0");
        let shown = HeaderMap::from_iter([(header::AUTHORIZATION, token)]);
        assert_eq!(Class::of("/metrics", &shown), Some(Class::Admin));
        assert_eq!(Class::of("/v1/admin/status", &shown), Some(Class::Admin));
        assert_eq!(Class::of("/metrics", &HeaderMap::new()), None);
        assert_eq!(Class::of("/livez", &shown), None);
    }
}
