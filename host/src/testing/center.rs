//! A center that plays the calls of a sale: it signs and counts.

use super::{Fuse, world};
use crate::center::{Body, Exchange, NoAnswer, words};
use crate::trust::identity;
use http::{Method, Request, Response};
use saifu_center_api as api;
use saifu_wire::certificate::Role;
use saifu_wire::signed::{Licence, Outcome, PaymentOrder, Receipt, Signed, TimeOrder, Token};
use saifu_wire::{Nonce, Wire};
use serde::Serialize;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::Cursor;
use std::rc::Rc;

/// What a center keeps, and how it misbehaves.
#[derive(Default)]
pub(crate) struct Kept {
    /// Orders by their key.
    pub(crate) orders: BTreeMap<String, api::Order>,
    /// Receipts by the identity of their token.
    pub(crate) receipts: BTreeMap<Vec<u8>, Vec<u8>>,
    /// What it does to a licence before it signs it.
    pub(crate) changes_licence: Option<fn(&mut Licence)>,
    /// What it does to a delivery.
    pub(crate) changes_delivery: Option<fn(&mut Vec<u8>)>,
    /// Where it says that orders stand.
    pub(crate) state: Option<api::OrderState>,
    /// How often its works may be opened; 0 for any number.
    pub(crate) uses: u32,
    /// Whether its works are decrypted first.
    pub(crate) decrypts_first: bool,
    /// Whether its works need its time.
    pub(crate) needs_time: bool,
    /// The second after which its works open no more; 0 for never.
    pub(crate) not_after: u64,
    /// Which of its keys signs the time, if not the right one.
    pub(crate) signs_time_as: Option<Role>,
    /// How often it has signed the time.
    pub(crate) times: usize,
    /// How it books tokens.
    pub(crate) outcome: Option<Outcome>,
    /// The events and closings that it was told.
    pub(crate) told: Vec<Vec<u8>>,
    /// What it refuses, by path.
    pub(crate) refuses: Option<(&'static str, api::ProblemCode)>,
}

/// A center, and what breaks on the way to it.
#[derive(Clone, Default)]
pub(crate) struct PlayCenter {
    pub(crate) kept: Rc<RefCell<Kept>>,
    pub(crate) fuse: Fuse,
    pub(crate) loses_answers: bool,
}

impl Kept {
    fn payment(&self) -> PaymentOrder {
        if self.decrypts_first { PaymentOrder::DecryptFirst } else { PaymentOrder::PayFirst }
    }

    fn work(&self) -> api::Work {
        let payment = words::payment(self.payment()).into();
        let (uses, needs_time) = (self.uses, self.needs_time);
        let not_after = (self.not_after != 0).then(|| words::time(self.not_after));
        api::Work { payment, uses, needs_time, not_after, ..world::work() }
    }
}

impl PlayCenter {
    fn play(&self, request: &Request<Vec<u8>>) -> Response<Body> {
        let path = request.uri().path();
        if let Some((refused, code)) = self.kept.borrow().refuses
            && refused == path
        {
            let problem = code.problem("Said the test.");
            return answer(code.status(), "application/problem+json", json(&problem));
        }
        let order = format!("/v1/orders/{}", world::ORDER);
        match (request.method(), path) {
            (&Method::GET, "/v1/center") => ok(&world::center()),
            (&Method::GET, "/v1/works") => {
                ok(&api::Works { works: vec![self.kept.borrow().work()], next: None })
            }
            (&Method::POST, "/v1/orders") => ok(&self.order(request)),
            (&Method::GET, path) if path == format!("{order}/delivery") => {
                let mut delivery = world::delivery();
                if let Some(change) = self.kept.borrow().changes_delivery {
                    change(&mut delivery);
                }
                answer(200, api::DELIVERY_MEDIA_TYPE, delivery)
            }
            (&Method::GET, path) if path == order => ok(&self.kept_order()),
            (&Method::POST, "/v1/times") => ok(&self.time(request.body())),
            (&Method::POST, "/v1/events" | "/v1/closings") => {
                let told: api::SignedBytes = serde_json::from_slice(request.body()).unwrap();
                self.kept.borrow_mut().told.push(told.signed.0.clone());
                ok(&told)
            }
            (&Method::POST, "/v1/settlements") => ok(&self.settle(request.body())),
            _ => {
                let problem = api::ProblemCode::NotFound.problem("There is nothing.");
                answer(404, "application/problem+json", json(&problem))
            }
        }
    }

    fn order(&self, request: &Request<Vec<u8>>) -> api::Order {
        let key = request.headers()["Idempotency-Key"].to_str().unwrap().to_owned();
        let mut kept = self.kept.borrow_mut();
        let change = kept.changes_licence.unwrap_or(|_| {});
        let (uses, needs_time, not_after) = (kept.uses, kept.needs_time, kept.not_after);
        let payment = kept.payment();
        let licence = move || {
            world::licence(|licence| {
                (licence.uses, licence.needs_time) = (uses, needs_time);
                (licence.payment, licence.not_after) = (payment, not_after);
                change(licence);
            })
        };
        let order = || world::order(&licence());
        kept.orders.entry(key).or_insert_with(order).clone()
    }

    fn kept_order(&self) -> api::Order {
        let kept = self.kept.borrow();
        let order = kept.orders.values().next().unwrap().clone();
        api::Order { state: kept.state.unwrap_or(order.state), ..order }
    }

    fn time(&self, body: &[u8]) -> api::SignedBytes {
        let request: api::TimeRequest = serde_json::from_slice(body).unwrap();
        let nonce = Nonce::from_bytes(&request.challenge.0).unwrap();
        self.kept.borrow_mut().times += 1;
        let role = self.kept.borrow().signs_time_as.unwrap_or(Role::Licence);
        let (center, card, time) = (world::CENTER, world::CARD, super::NOW);
        let order = TimeOrder { center, signer: 1, card, nonce, time };
        api::SignedBytes { signed: world::center_signs(role, order).to_bytes().into() }
    }

    fn settle(&self, body: &[u8]) -> api::SignedBytes {
        let payment: api::Payment = serde_json::from_slice(body).unwrap();
        let token: Signed<Token> = Signed::parse(&payment.token.0).unwrap();
        let mut kept = self.kept.borrow_mut();
        let entry = kept.receipts.len() as u64 + 1;
        let outcome = kept.outcome.unwrap_or(Outcome::Settled);
        let receipt = || {
            let receipt = Receipt {
                center: world::CENTER,
                signer: 1,
                account: world::ACCOUNT,
                token: identity(&token),
                counter: token.message().counter,
                outcome,
                entry,
                time: super::NOW,
            };
            world::center_signs(Role::Receipt, receipt).to_bytes()
        };
        let booked = kept.receipts.entry(identity(&token).0.to_vec()).or_insert_with(receipt);
        api::SignedBytes { signed: booked.clone().into() }
    }
}

impl Exchange for PlayCenter {
    fn exchange(&self, request: Request<Vec<u8>>) -> Result<Response<Body>, NoAnswer> {
        let broken = self.fuse.breaks();
        if broken && !self.loses_answers {
            return Err(NoAnswer::Lost("cut".into()));
        }
        let response = self.play(&request);
        if broken { Err(NoAnswer::Lost("cut".into())) } else { Ok(response) }
    }
}

fn ok(value: &impl Serialize) -> Response<Body> {
    answer(200, "application/json", json(value))
}

fn json(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).unwrap()
}

pub(crate) fn answer(status: u16, media_type: &str, body: Vec<u8>) -> Response<Body> {
    let response = Response::builder().status(status).header("Content-Type", media_type);
    let response = response.header("Content-Length", body.len());
    let body: Body = Box::new(Cursor::new(body));
    response.body(body).unwrap()
}
