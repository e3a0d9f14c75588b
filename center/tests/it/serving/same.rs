//! What comes over a network is what comes in process.

use saifu_center::serve::Limits;
use saifu_center_api as api;
use saifu_center_api::{HexBytes, Problem, ProblemCode, SignedBytes};
use saifu_wire::signed::{Outcome, Receipt, Signed};
use serde_json::Value;
use ureq::Agent;
use ureq::http::Response;

use super::certificates::Authority;
use super::{Serving, agent};
use crate::card::Card;
use crate::desk::{Desk, code};
use crate::large::{MIB, large_work};

/// A caller of a served desk.
struct Caller<'a> {
    desk: &'a Desk,
    serving: Serving,
    agent: Agent,
}

impl Caller<'_> {
    fn get(&self, path: &str) -> Response<Vec<u8>> {
        let answer = self.agent.get(format!("{}{path}", self.serving.url)).call().unwrap();
        let (head, mut body) = answer.into_parts();
        let body = body.with_config().limit(64 * MIB).read_to_vec().unwrap();
        assert_eq!(head.headers["content-length"], body.len().to_string(), "{path}");
        Response::from_parts(head, body)
    }

    fn post(&self, path: &str, kind: &str, body: &[u8]) -> (u16, Vec<u8>) {
        let request = self.agent.post(format!("{}{path}", self.serving.url));
        let request = request.header("content-type", kind).header("idempotency-key", "key");
        let mut answer = request.send(body).unwrap();
        (answer.status().as_u16(), answer.body_mut().read_to_vec().unwrap())
    }

    fn post_json<T: serde::de::DeserializeOwned>(
        &self,
        path: &str,
        body: &impl serde::Serialize,
    ) -> T {
        let (status, body) =
            self.post(path, "application/json", &serde_json::to_vec(body).unwrap());
        assert_eq!(status, 200, "{}", String::from_utf8_lossy(&body));
        serde_json::from_slice(&body).unwrap()
    }

    fn refused(&self, path: &str, kind: &str, body: &[u8]) -> ProblemCode {
        let (status, body) = self.post(path, kind, body);
        let problem: Problem = serde_json::from_slice(&body).unwrap();
        assert_eq!(problem.status, status);
        code::<()>(Err(problem))
    }
}

/// Calls once over plain HTTP and once over TLS.
fn both(test: impl Fn(&Caller<'_>)) {
    let desk = Desk::open();
    test(&Caller { desk: &desk, serving: Serving::plain(&desk), agent: agent(None) });
    let (desk, authority) = (Desk::open(), Authority::new());
    let serving = Serving::with(&desk, Some(authority.server()), Limits::default());
    assert!(serving.url.starts_with("https://127.0.0.1:"));
    test(&Caller { desk: &desk, serving, agent: agent(Some(&authority.der)) });
}

#[test]
fn the_catalogue_is_the_same() {
    both(|caller| {
        let work = caller.desk.sell("jpy:300");
        for path in ["/v1/center", "/v1/works", &format!("/v1/works/{work}")] {
            let answer = caller.get(path);
            assert_eq!(answer.headers()["content-type"], "application/json");
            let value: Value = serde_json::from_slice(answer.body()).unwrap();
            assert_eq!(value, caller.desk.get::<Value>(path).unwrap(), "{path}");
        }
        let path = format!("/v1/works/{work}/preview");
        assert_eq!(*caller.get(&path).body(), caller.desk.bytes(&path));
    });
}

#[test]
fn an_order_its_delivery_and_its_receipt_are_the_same() {
    both(|caller| {
        let mut card: Card = caller.desk.customer();
        let work = large_work(caller.desk, 5 * MIB + 1);
        let request = api::OrderRequest {
            account: card.account.to_string(),
            work: work.clone(),
            version: None,
        };
        let order: api::Order = caller.post_json("/v1/orders", &request);
        assert_eq!(order, caller.desk.order(&card, &work, "key").unwrap());
        let delivery = caller.get(&format!("/v1/orders/{}/delivery", order.id));
        assert_eq!(delivery.headers()["content-length"], order.delivery_length.to_string());
        assert_eq!(delivery.headers()["content-type"], api::DELIVERY_MEDIA_TYPE);
        assert!(*delivery.body() == caller.desk.delivery(&order), "not one byte differs");
        let (token, licence) = (card.debit(&order.licence.0), order.licence.0);
        let payment = api::Payment {
            token: HexBytes(token.clone()),
            licence: Some(HexBytes(licence.clone())),
        };
        let receipt: SignedBytes = caller.post_json("/v1/settlements", &payment);
        let parsed = Signed::<Receipt>::parse(&receipt.signed.0).unwrap();
        assert_eq!(parsed.message().outcome, Outcome::Settled);
        assert_eq!(caller.desk.settle(&token, &licence).unwrap(), receipt.signed.0);
        assert_eq!(caller.desk.value(), [0, 9_700, 300, 0]);
    });
}

#[test]
fn refusals_are_problems_of_the_table() {
    both(|caller| {
        let answer = caller.get("/v1/nothing");
        assert_eq!(answer.headers()["content-type"], "application/problem+json");
        let problem: Problem = serde_json::from_slice(answer.body()).unwrap();
        assert_eq!((answer.status().as_u16(), problem.code()), (404, Some(ProblemCode::NotFound)));
        let refused = |path, kind, body| caller.refused(path, kind, body);
        let json = "application/json";
        assert_eq!(refused("/v1/works", json, b"{}"), ProblemCode::MethodNotAllowed);
        assert_eq!(refused("/v1/orders", json, b"{"), ProblemCode::Malformed);
        assert_eq!(refused("/v1/orders", "text/plain", b"{}"), ProblemCode::MediaType);
        assert_eq!(refused("/v1/orders", json, &[b' '; 70_000]), ProblemCode::TooLarge);
        assert_eq!(caller.get("/v1/center").status(), 200);
    });
}
