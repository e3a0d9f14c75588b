//! Who may ask what under `/v1/admin/`: one table, which the interface asks at each request.
//!
//! A route that stands in no line is nobody's: it is refused until somebody decides.

use crate::store::Role;
use crate::store::Role::{Auditor, Funding, Owner, Shop};

/// A route and the roles that may ask it.
#[derive(Debug, Clone, Copy)]
pub struct AdminRoute {
    /// The method; what may be read with GET may be asked for with HEAD, too.
    pub method: &'static str,
    /// The route, as the router has it.
    pub path: &'static str,
    /// Who may ask it. A route that the role shop may ask looks at the token's shop itself.
    pub roles: &'static [Role],
}

const fn route(method: &'static str, path: &'static str, roles: &'static [Role]) -> AdminRoute {
    AdminRoute { method, path, roles }
}

/// Every route under `/v1/admin/`.
pub const ADMIN_ROUTES: &[AdminRoute] = &[
    route("GET", "/v1/admin/status", &[Owner, Auditor]),
    route("GET", "/v1/admin/sales", &[Owner, Shop, Auditor]),
    route("GET", "/v1/admin/shops", &[Owner, Auditor]),
    route("POST", "/v1/admin/shops", &[Owner]),
    route("GET", "/v1/admin/shops/{shop}", &[Owner, Shop, Auditor]),
    route("PATCH", "/v1/admin/shops/{shop}", &[Owner]),
    route("GET", "/v1/admin/shops/{shop}/statement", &[Owner, Shop, Auditor]),
    route("GET", "/v1/admin/voucher-batches", &[Owner, Funding, Auditor]),
    route("POST", "/v1/admin/voucher-batches", &[Owner, Funding]),
    route("GET", "/v1/admin/voucher-batches/{batch}", &[Owner, Funding, Auditor]),
    route("POST", "/v1/admin/voucher-batches/{batch}/sell", &[Owner, Funding]),
    route("POST", "/v1/admin/voucher-batches/{batch}/void", &[Owner, Funding]),
    route("GET", "/v1/admin/credits", &[Owner, Funding, Auditor]),
    route("POST", "/v1/admin/credits", &[Owner, Funding]),
    route("GET", "/v1/admin/cards", &[Owner, Auditor]),
    route("GET", "/v1/admin/cards/{card}", &[Owner, Auditor]),
    route("POST", "/v1/admin/cards/{card}/freeze", &[Owner]),
    route("POST", "/v1/admin/cards/{card}/thaw", &[Owner]),
    route("POST", "/v1/admin/cards/{card}/revoke", &[Owner]),
    route("POST", "/v1/admin/cards/{card}/replace", &[Owner]),
    route("GET", "/v1/admin/evidence", &[Owner, Auditor]),
    route("GET", "/v1/admin/audit-log", &[Owner, Auditor]),
];

/// Whether `role` may ask this route.
pub fn may(role: Role, method: &str, path: &str) -> bool {
    let method = if method == "HEAD" { "GET" } else { method };
    let mut routes = ADMIN_ROUTES.iter();
    let found = routes.find(|route| route.method == method && route.path == path);
    found.is_some_and(|route| route.roles.contains(&role))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_owner_may_ask_everything_and_the_metrics_role_nothing_here() {
        for route in ADMIN_ROUTES {
            assert!(may(Role::Owner, route.method, route.path), "{}", route.path);
            assert!(!may(Role::Metrics, route.method, route.path), "{}", route.path);
        }
    }

    #[test]
    fn an_auditor_changes_nothing() {
        for route in ADMIN_ROUTES.iter().filter(|route| route.method != "GET") {
            assert!(!may(Role::Auditor, route.method, route.path), "{}", route.path);
        }
    }

    #[test]
    fn what_tells_of_all_shops_together_is_for_the_owner_and_the_auditor() {
        for path in ["/v1/admin/status", "/v1/admin/evidence", "/v1/admin/audit-log"] {
            let those: Vec<_> = Role::ALL.iter().filter(|role| may(**role, "GET", path)).collect();
            assert_eq!(those, [&Role::Owner, &Role::Auditor], "{path}");
        }
    }

    #[test]
    fn a_route_of_no_line_is_nobodys() {
        for role in Role::ALL {
            assert!(!may(*role, "DELETE", "/v1/admin/status"));
            assert!(!may(*role, "GET", "/v1/admin/"));
        }
        assert!(may(Role::Auditor, "HEAD", "/v1/admin/status"));
    }
}
