//! One method per route of the center's interface.

use super::resumed::Source;
use super::words::short;
use super::{Body, CenterError, Delivery, Exchange, NoAnswer, Streamed};
use http::request::Builder;
use http::{Method, Request, Response, StatusCode, header};
use saifu_center_api::{
    Account, Center, DELIVERY_MEDIA_TYPE, Funding, FundingPayment, Load, LoadRequest, MAX_PAGE,
    Order, OrderRequest, Payment, PaymentRequest, Problem, Registration, SignedBytes, TimeRequest,
    VoucherRequest, Work, Works,
};
use saifu_wire::{AccountId, ContentId, Nonce, OrderId};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::io::Read;
use std::rc::Rc;
use std::thread;
use std::time::Duration;

/// The most bytes of an answer that is not a stream.
const MAX_JSON_BYTES: u64 = 4 << 20;

/// The most bytes of a preview M'.
pub const MAX_PREVIEW_BYTES: u64 = 64 << 20;

/// How long one call waits in all where the center asks it to ask again later.
const PATIENCE: Duration = Duration::from_secs(20);

/// The most pages of a catalogue that are read.
pub(super) const MAX_PAGES: usize = 1_000;

/// The most works of a catalogue that are read.
const MAX_WORKS: usize = 10_000;

/// What the type of every refusal by a center begins with.
const PROBLEM: &str = "urn:saifu:problem:";

/// A center, asked over an [`Exchange`].
pub struct Client {
    exchange: Rc<dyn Exchange>,
}

/// Which works of a catalogue are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Those of this shop alone: its slug or its id.
    pub shop: Option<String>,
    /// Those whose title or creator contains this.
    pub text: Option<String>,
}

/// A preview M' as the center gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// Its media type.
    pub media_type: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl Client {
    /// Asks over `exchange`.
    pub fn new(exchange: Box<dyn Exchange>) -> Self {
        Self { exchange: exchange.into() }
    }

    /// Who the center is; unverified.
    pub fn center(&self) -> Result<Center, CenterError> {
        self.get("/v1/center")
    }

    /// A page of the catalogue, or of what `filter` leaves of it.
    pub fn page(&self, filter: &Filter, cursor: Option<&str>) -> Result<Works, CenterError> {
        let mut path = format!("/v1/works?limit={MAX_PAGE}");
        let said = [("shop", filter.shop.as_deref()), ("q", filter.text.as_deref())];
        for (name, value) in said.into_iter().chain([("cursor", cursor)]) {
            if let Some(value) = value {
                path.push_str(&format!("&{name}={}", escape(value)));
            }
        }
        self.get(&path)
    }

    /// The whole catalogue.
    pub fn works(&self) -> Result<Vec<Work>, CenterError> {
        self.works_of(&Filter::default())
    }

    /// What `filter` leaves of the whole catalogue.
    pub fn works_of(&self, filter: &Filter) -> Result<Vec<Work>, CenterError> {
        let mut works = Vec::new();
        let mut cursor = None;
        for _ in 0..MAX_PAGES {
            let page = self.page(filter, cursor.as_deref())?;
            works.extend(page.works);
            if works.len() > MAX_WORKS {
                let reason = format!("the catalogue has more than {MAX_WORKS} works");
                return Err(not_understood("/v1/works", reason));
            }
            match page.next {
                Some(next) => cursor = Some(next),
                None => return Ok(works),
            }
        }
        Err(not_understood("/v1/works", "the catalogue has no end"))
    }

    /// One work of the catalogue.
    pub fn work(&self, work: ContentId) -> Result<Work, CenterError> {
        self.get(&format!("/v1/works/{work}"))
    }

    /// The preview M' of a work, at most [`MAX_PREVIEW_BYTES`].
    pub fn preview(&self, work: ContentId) -> Result<Preview, CenterError> {
        let path = format!("/v1/works/{work}/preview");
        let response = self.stream(&path)?;
        let media_type = media_type(&response).to_owned();
        let bytes = read_all(response.into_body(), MAX_PREVIEW_BYTES, &path)?;
        Ok(Preview { media_type, bytes })
    }

    /// Registers a card's user, or finds the account again.
    pub fn register(&self, registration: &Registration) -> Result<Account, CenterError> {
        self.call(Method::POST, "/v1/accounts", registration, None)
    }

    /// Redeems a voucher's code, into `purse` or the first that takes it.
    pub fn redeem(
        &self,
        account: AccountId,
        code: &str,
        purse: Option<u32>,
    ) -> Result<Funding, CenterError> {
        let path = format!("/v1/accounts/{account}/vouchers");
        self.call(Method::POST, &path, &VoucherRequest { code: code.into(), purse }, None)
    }

    /// Begins a payment of `amount` into `purse`; the same `key` gives the same payment.
    pub fn begin_payment(
        &self,
        key: &str,
        account: AccountId,
        (purse, amount): (u32, u64),
    ) -> Result<FundingPayment, CenterError> {
        let path = format!("/v1/accounts/{account}/payments");
        self.call(Method::POST, &path, &PaymentRequest { purse, amount }, Some(key))
    }

    /// Opens a load of a purse, or finds the open one.
    pub fn load(&self, account: AccountId, purse: u32) -> Result<Load, CenterError> {
        let path = format!("/v1/accounts/{account}/loads");
        self.call(Method::POST, &path, &LoadRequest { purse }, None)
    }

    /// Shows the card's challenge for a load and gets the signed credit.
    pub fn challenge(&self, load: &str, challenge: Vec<u8>) -> Result<Vec<u8>, CenterError> {
        self.put_signed(&format!("/v1/loads/{}/challenge", escape(load)), challenge)
    }

    /// Shows the card's event that closes a load.
    pub fn receipt(&self, load: &str, event: Vec<u8>) -> Result<Vec<u8>, CenterError> {
        self.put_signed(&format!("/v1/loads/{}/receipt", escape(load)), event)
    }

    /// Orders a work; the same `key` and request give the same order.
    pub fn order(&self, key: &str, request: &OrderRequest) -> Result<Order, CenterError> {
        self.call(Method::POST, "/v1/orders", request, Some(key))
    }

    /// Where an order stands.
    pub fn order_state(&self, order: OrderId) -> Result<Order, CenterError> {
        self.get(&format!("/v1/orders/{order}"))
    }

    /// The delivery of an order, as it streams in; one that breaks off goes on where it was.
    pub fn delivery(&self, order: OrderId) -> Result<Delivery, CenterError> {
        let path = format!("/v1/orders/{order}/delivery");
        let response = self.stream(&path)?;
        if media_type(&response) != DELIVERY_MEDIA_TYPE {
            return Err(not_understood(&path, "it is no stream"));
        }
        let source = Source::of(&self.exchange, &path, &response);
        Ok(Delivery::resumed(response.into_body(), source))
    }

    /// The center's time for the session of a card that has drawn `challenge`: the signed order.
    pub fn time(&self, account: AccountId, challenge: &Nonce) -> Result<Vec<u8>, CenterError> {
        let request =
            TimeRequest { account: account.to_string(), challenge: challenge.0.to_vec().into() };
        let order: SignedBytes = self.call(Method::POST, "/v1/times", &request, None)?;
        Ok(order.signed.0)
    }

    /// Submits a payment and gets the signed receipt.
    pub fn settle(&self, payment: &Payment) -> Result<Vec<u8>, CenterError> {
        let receipt: SignedBytes = self.call(Method::POST, "/v1/settlements", payment, None)?;
        Ok(receipt.signed.0)
    }

    fn put_signed(&self, path: &str, signed: Vec<u8>) -> Result<Vec<u8>, CenterError> {
        let body = SignedBytes { signed: signed.into() };
        let answer: SignedBytes = self.call(Method::PUT, path, &body, None)?;
        Ok(answer.signed.0)
    }

    pub(super) fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, CenterError> {
        parse(self.send(Request::get(path), path, Vec::new())?, path)
    }

    /// Asks for an answer that is read as it comes, and says before how long it is.
    fn stream(&self, path: &str) -> Result<Response<Body>, CenterError> {
        let response = self.send(Request::get(path).extension(Streamed), path, Vec::new())?;
        let has = |name| response.headers().contains_key(name);
        if has(header::CONTENT_LENGTH) && !has(header::TRANSFER_ENCODING) {
            return Ok(response);
        }
        Err(not_understood(path, "it does not say how long it is"))
    }

    pub(super) fn call<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: &impl Serialize,
        key: Option<&str>,
    ) -> Result<T, CenterError> {
        let body = serde_json::to_vec(body).map_err(|why| not_understood(path, why))?;
        let mut request = Request::builder().method(method).uri(path);
        if let Some(key) = key {
            request = request.header("Idempotency-Key", key);
        }
        parse(self.send(request, path, body)?, path)
    }

    /// Sends a request; an answer that is a refusal becomes an error.
    pub(super) fn send(
        &self,
        mut request: Builder,
        path: &str,
        body: Vec<u8>,
    ) -> Result<Response<Body>, CenterError> {
        if !body.is_empty() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        let request = request.body(body).map_err(|why| not_understood(path, why))?;
        let response = self.exchange_patiently(request).map_err(CenterError::Unreachable)?;
        if response.status().is_success() { Ok(response) } else { Err(refusal(response, path)) }
    }

    /// Asks again, in the same words, as long as the answer says when to, and that is soon enough.
    fn exchange_patiently(&self, request: Request<Vec<u8>>) -> Result<Response<Body>, NoAnswer> {
        let mut left = PATIENCE;
        loop {
            let response = self.exchange.exchange(request.clone())?;
            let wait = asked_to_wait(&response);
            let Some(after) = wait.and_then(|wait| left.checked_sub(wait)) else {
                return Ok(response);
            };
            thread::sleep(left - after);
            left = after;
        }
    }
}

/// How long an answer asks to wait; a moment at least, so that nobody is asked without end.
fn asked_to_wait(response: &Response<Body>) -> Option<Duration> {
    let waits = [StatusCode::TOO_MANY_REQUESTS, StatusCode::SERVICE_UNAVAILABLE];
    let after = response.headers().get(header::RETRY_AFTER)?.to_str().ok()?;
    let seconds = after.parse().ok().filter(|_| waits.contains(&response.status()))?;
    Some(Duration::from_secs(seconds).max(Duration::from_millis(500)))
}

/// What an answer that is no success means, by its HTTP status: one that says that it passes is
/// no refusal, and only the center itself can refuse.
fn refusal(response: Response<Body>, path: &str) -> CenterError {
    let status = response.status();
    let problem = match parse::<Problem>(response, path) {
        Ok(problem) => Some(tidy(problem)),
        Err(CenterError::NotUnderstood { .. }) => None,
        Err(broken_off) => return broken_off,
    };
    let own = problem.as_ref().filter(|problem| problem.kind.starts_with(PROBLEM));
    let no_refusal = is_fixed(path) && status == StatusCode::NOT_FOUND;
    match own.cloned().map(CenterError::Refused) {
        Some(refused) if refused.is_passing() || !is_passing(status) && !no_refusal => refused,
        _ if is_passing(status) => lost(answered(status, problem)),
        _ => not_understood(path, answered(status, problem)),
    }
}

/// Whether the same request may well succeed later, whoever answered it.
fn is_passing(status: StatusCode) -> bool {
    let codes = [StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_MANY_REQUESTS];
    status.as_u16() >= 500 || codes.contains(&status)
}

/// Whether every center has this path, so that it is not one's that does not.
fn is_fixed(path: &str) -> bool {
    path == "/v1/center" || path.starts_with("/v1/works?")
}

fn tidy(problem: Problem) -> Problem {
    let Problem { kind, title, status, detail, trace } = problem;
    let trace = trace.map(|trace| short(&trace));
    Problem { kind: short(&kind), title: short(&title), status, detail: short(&detail), trace }
}

fn answered(status: StatusCode, problem: Option<Problem>) -> String {
    let said = problem.map(|problem| format!("{} {}", problem.title, problem.detail));
    match said.as_deref().map(str::trim) {
        Some(said) if !said.is_empty() => format!("it answered {status}: {said}"),
        _ => format!("it answered {status}"),
    }
}

fn lost(why: impl ToString) -> CenterError {
    CenterError::Unreachable(NoAnswer::Lost(why.to_string()))
}

pub(super) fn parse<T: DeserializeOwned>(
    response: Response<Body>,
    path: &str,
) -> Result<T, CenterError> {
    let bytes = read_all(response.into_body(), MAX_JSON_BYTES, path)?;
    serde_json::from_slice(&bytes).map_err(|why| not_understood(path, why))
}

fn read_all(body: Body, limit: u64, path: &str) -> Result<Vec<u8>, CenterError> {
    let mut bytes = Vec::new();
    let read = body.take(limit + 1).read_to_end(&mut bytes);
    read.map_err(lost)?;
    match bytes.len() as u64 {
        length if length > limit => Err(not_understood(path, "it is too long")),
        _ => Ok(bytes),
    }
}

fn media_type(response: &Response<Body>) -> &str {
    let value = response.headers().get(header::CONTENT_TYPE);
    value.and_then(|value| value.to_str().ok()).unwrap_or_default()
}

pub(super) fn not_understood(call: &str, reason: impl ToString) -> CenterError {
    CenterError::NotUnderstood { call: call.to_owned(), reason: short(&reason.to_string()) }
}

/// Percent-encodes all but what every part of a URI may hold, so that an id that a center
/// made up names nothing but itself.
pub(super) fn escape(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_~".contains(&byte);
    let each = text.bytes().map(|byte| match plain(byte) {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    });
    each.collect()
}
