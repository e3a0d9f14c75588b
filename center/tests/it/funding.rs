//! Where value comes from: vouchers, payments, operators; each once, within limits, and back to
//! its source only on the card's word.

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::Request;
use saifu_center::config::{ClassLimits, Config, FundingConfig, LimitsConfig, ProviderConfig};
use saifu_center::funding::{Gift, NewBatch};
use saifu_center::ledger::{Instruction, InstructionKind};
use saifu_center::money;
use saifu_center::store::{BatchId, FundingId, FundingSource, PaymentState};
use saifu_center_api as api;
use saifu_center_api::{Problem, ProblemCode};
use saifu_wire::ShopId;
use saifu_wire::signed::Signed;
use saifu_wire::value::Kind;

use crate::card::Card;
use crate::desk::{Desk, NOW, code};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

pub(crate) fn batch(count: u32, amount: u64) -> NewBatch {
    let (kind, unit) = (Kind::BitCash, money::unit("JPY").unwrap());
    NewBatch { count, kind, unit, amount, shop: ShopId::ZERO, expires: 0, sold: true }
}

pub(crate) fn vouchers(desk: &Desk, batch: &NewBatch) -> (BatchId, Vec<String>) {
    let (row, codes) = desk.center().make_vouchers(batch).unwrap();
    (row.id, codes.iter().map(|code| code.expose().to_string()).collect())
}

pub(crate) fn redeem(desk: &Desk, card: &Card, code: &str) -> Result<api::Funding, Problem> {
    let path = format!("/v1/accounts/{}/vouchers", card.account);
    desk.send("POST", &path, &api::VoucherRequest { code: code.into(), purse: None })
}

pub(crate) fn give(
    desk: &Desk,
    card: &Card,
    amount: u64,
    reference: &str,
) -> Result<FundingId, ProblemCode> {
    let (reference, reason) = (reference.into(), "sorry".into());
    let gift = Gift { account: card.account, purse: 1, amount, reference, reason };
    desk.center().give(&gift).map(|row| row.id).map_err(|refusal| refusal.code())
}

/// Loads what is ready, and says what it was.
fn load(desk: &Desk, card: &mut Card) -> api::Load {
    let load = desk.open_load(card).unwrap();
    let event = card.credit(&desk.credit(card, &load).unwrap());
    desk.close_load(&load, &event).unwrap();
    load
}

/// Gives the load that is ready up.
fn void(desk: &Desk, card: &mut Card) {
    let load = desk.open_load(card).unwrap();
    let event = card.void(&desk.credit(card, &load).unwrap());
    desk.close_load(&load, &event).unwrap();
}

#[test]
fn a_voucher_redeems_once_and_its_value_is_loaded() {
    let desk = Desk::open();
    let (mut card, other) = (desk.customer(), desk.customer());
    let (id, codes) = vouchers(&desk, &batch(2, 500));
    let typed = codes[0].to_lowercase().replace('-', " ");
    let first = redeem(&desk, &card, &typed).unwrap();
    assert_eq!((first.purse, first.amount, &first.source[..]), (1, 500, "voucher"));
    assert_eq!(redeem(&desk, &card, &codes[0]).unwrap(), first, "asked again, the same");
    assert_eq!(code(redeem(&desk, &other, &codes[0])), ProblemCode::Conflict);
    assert_eq!(desk.register(&mut card.clone()).loads_due, [1]);
    let loaded = load(&desk, &mut card);
    assert_eq!((loaded.amount, &loaded.source[..]), (500, "voucher"));
    assert_eq!(desk.value(), [0, 20_500, 0, 0]);
    assert_eq!(redeem(&desk, &card, &codes[0]).unwrap().state, "loaded");
    assert_eq!(code(desk.open_load(&card)), ProblemCode::Conflict, "nothing is left");
    let batch = desk.center().voucher_batch(id).unwrap();
    assert_eq!((batch.unused, batch.redeemed, batch.voided), (1, 1, 0));
}

#[test]
fn a_voucher_whose_value_the_card_gave_up_is_redeemed_again_by_anyone() {
    let desk = Desk::open();
    let (mut card, mut other) = (desk.customer(), desk.customer());
    let (_, codes) = vouchers(&desk, &batch(1, 500));
    redeem(&desk, &card, &codes[0]).unwrap();
    void(&desk, &mut card);
    assert_eq!(desk.value(), [0, 20_000, 0, 0]);
    redeem(&desk, &other, &codes[0]).unwrap();
    assert_eq!(code(redeem(&desk, &card, &codes[0])), ProblemCode::Conflict);
    load(&desk, &mut other);
    assert_eq!(desk.value(), [0, 20_500, 0, 0]);
}

#[test]
fn a_voucher_that_is_not_sold_expired_or_taken_back_is_refused_in_so_many_words() {
    let desk = Desk::open();
    let card = desk.customer();
    let (id, codes) = vouchers(&desk, &NewBatch { sold: false, ..batch(2, 500) });
    let refused = |code: &str| redeem(&desk, &card, code).unwrap_err().detail;
    assert!(refused(&codes[0]).contains("not sold yet"));
    desk.center().sell_vouchers(id).unwrap();
    assert!(redeem(&desk, &card, &codes[0]).is_ok());
    assert_eq!(desk.center().void_vouchers(id).unwrap(), 1, "the redeemed one stays");
    assert!(refused(&codes[1]).contains("taken back"));
    let (_, codes) = vouchers(&desk, &NewBatch { expires: NOW + 10, ..batch(1, 500) });
    desk.clock.advance(11);
    assert!(refused(&codes[0]).contains("expired"));
    let (_, codes) = vouchers(&desk, &batch(1, 500));
    let path = format!("/v1/accounts/{}/vouchers", card.account);
    let coupons = api::VoucherRequest { code: codes[0].clone(), purse: Some(2) };
    let refused: Result<api::Funding, Problem> = desk.send("POST", &path, &coupons);
    assert!(refused.unwrap_err().detail.contains("fits no purse"));
}

#[test]
fn vouchers_that_no_purse_of_the_center_takes_are_not_made() {
    let desk = Desk::open();
    let shop = ShopId([7; 16]);
    let (kind, unit) = (Kind::Ticket, money::unit("EUR").unwrap());
    for unfit in [
        NewBatch { shop, ..batch(1, 500) },
        NewBatch { kind, ..batch(1, 500) },
        NewBatch { unit, ..batch(1, 500) },
        batch(1, 1_000_001),
    ] {
        let refused = desk.center().make_vouchers(&unfit).unwrap_err();
        assert!(refused.to_string().contains("no purse"), "{refused}");
    }
    assert!(desk.center().voucher_batches(9).unwrap().is_empty());
    assert!(desk.center().make_vouchers(&batch(1, 1_000_000)).is_ok());
}

#[test]
fn pi1_unknown_and_mistyped_codes_are_told_alike_and_few_are_taken() {
    let desk = Desk::open();
    let (card, other) = (desk.customer(), desk.customer());
    let (_, codes) = vouchers(&desk, &batch(1, 500));
    let unknown = saifu_center::funding::Code::draw().unwrap().expose().to_string();
    let first = redeem(&desk, &card, &unknown).unwrap_err();
    let mistyped = redeem(&desk, &card, "12345").unwrap_err();
    assert_eq!((first.code(), &first), (Some(ProblemCode::NotFound), &mistyped));
    for _ in 0..8 {
        redeem(&desk, &card, &unknown).unwrap_err();
    }
    assert_eq!(code(redeem(&desk, &card, &codes[0])), ProblemCode::Limit, "a right one, too");
    assert!(redeem(&desk, &other, &codes[0]).is_ok(), "others are served");
}

#[test]
fn no_code_is_in_the_store() {
    let desk = Desk::open();
    let (_, codes) = vouchers(&desk, &batch(3, 500));
    let stored = std::fs::read(desk.back_up()).unwrap();
    for code in codes {
        for form in [code.clone(), code.replace('-', "")] {
            assert!(!stored.windows(form.len()).any(|bytes| bytes == form.as_bytes()));
        }
    }
}

#[test]
fn an_operators_credit_is_signed_given_once_and_withdrawn_if_the_card_gives_it_up() {
    let desk = Desk::open();
    let (mut card, other) = (desk.customer(), desk.customer());
    let id = give(&desk, &card, 300, "case 7").unwrap();
    assert_eq!(give(&desk, &card, 300, "case 7"), Ok(id));
    assert_eq!(give(&desk, &card, 301, "case 7"), Err(ProblemCode::Conflict));
    assert_eq!(give(&desk, &other, 300, "case 7"), Err(ProblemCode::Conflict));
    let row = desk.center().funding(id).unwrap();
    let signed = Signed::<Instruction>::parse(&row.what.evidence).unwrap();
    let said = signed.message();
    assert_eq!((said.why, said.amount, said.account), (InstructionKind::Grant, 300, card.account));
    assert_eq!(said.cause, FundingId::of(FundingSource::Operator, "case 7").cause());
    assert_eq!(desk.center().gifts(9).unwrap(), [(row, "sorry".to_owned())]);
    void(&desk, &mut card);
    assert_eq!(code(desk.open_load(&card)), ProblemCode::Conflict);
    assert_eq!(desk.value(), [0, 20_000, 0, 0]);
}

#[test]
fn cr5_what_does_not_fit_the_purse_waits_and_what_fits_is_loaded_before_it() {
    let desk = Desk::open();
    let mut card = desk.customer();
    give(&desk, &card, 995_000, "large").unwrap();
    let refused = desk.open_load(&card).unwrap_err();
    assert_eq!(refused.code(), Some(ProblemCode::Conflict));
    assert!(refused.detail.contains("995000 more do not fit"), "{}", refused.detail);
    assert_eq!(give(&desk, &card, 1_000_001, "never"), Err(ProblemCode::Conflict));
    give(&desk, &card, 90, "small").unwrap();
    assert_eq!(load(&desk, &mut card).amount, 90);
    assert_eq!(code(desk.open_load(&card)), ProblemCode::Conflict);
    assert_eq!(desk.value(), [0, 10_090, 0, 0]);
}

#[test]
fn id10_what_is_over_a_days_limit_waits_for_the_next_day() {
    let funding = FundingConfig { max_credit: 600, max_per_day: 10_500 };
    let desk = Desk::with(&Config { funding, ..Config::default() });
    let mut card = desk.customer();
    assert_eq!(give(&desk, &card, 601, "a"), Err(ProblemCode::Limit));
    give(&desk, &card, 500, "b").unwrap();
    give(&desk, &card, 1, "c").unwrap();
    load(&desk, &mut card);
    let over = desk.open_load(&card).unwrap();
    assert_eq!(code(desk.credit(&card, &over)), ProblemCode::Limit);
    desk.clock.advance(86_400);
    let event = card.credit(&desk.credit(&card, &over).unwrap());
    desk.close_load(&over, &event).unwrap();
    assert_eq!(desk.value(), [0, 10_501, 0, 0]);
}

#[test]
fn id10_the_limits_of_a_class_bound_its_purses_loads_and_orders() {
    let test = ClassLimits { max_load: 400, max_balance: 5_000, max_price: 300 };
    let limits = LimitsConfig { test, ..LimitsConfig::default() };
    let desk = Desk::with(&Config { limits, ..Config::default() });
    let mut card = Card::new();
    desk.register(&mut card);
    assert_eq!(load(&desk, &mut card).amount, 400, "the initial value, as far as it goes");
    assert_eq!(give(&desk, &card, 401, "a"), Err(ProblemCode::Limit));
    let (_, codes) = vouchers(&desk, &batch(1, 401));
    assert_eq!(code(redeem(&desk, &card, &codes[0])), ProblemCode::Limit);
    assert_eq!(code(begin(&desk, &card, "1", 401)), ProblemCode::Limit);
    let (cheap, dear) = (desk.sell("jpy:300"), desk.sell("jpy:301"));
    assert!(desk.order(&card, &cheap, "1").is_ok());
    assert_eq!(code(desk.order(&card, &dear, "2")), ProblemCode::Limit);
    for number in 0..11 {
        give(&desk, &card, 400, &format!("{number}")).unwrap();
        load(&desk, &mut card);
    }
    give(&desk, &card, 400, "over").unwrap();
    assert_eq!(code(desk.open_load(&card)), ProblemCode::Conflict, "4,800 and 400 are over");
}

pub(crate) fn begin(
    desk: &Desk,
    card: &Card,
    key: &str,
    amount: u64,
) -> Result<api::FundingPayment, Problem> {
    let path = format!("/v1/accounts/{}/payments", card.account);
    let body = serde_json::to_vec(&api::PaymentRequest { purse: 1, amount }).unwrap();
    let request = Request::post(path).header("content-type", "application/json");
    desk.read(request.header("idempotency-key", key).body(body).unwrap())
}

fn provider(name: &str) -> Desk {
    let pay_at = "https://pay.example/{payment}/{amount}/{unit}".into();
    let providers =
        vec![ProviderConfig { name: name.into(), pay_at, secrets: vec![SECRET.into()] }];
    Desk::with(&Config { payment_providers: providers, ..Config::default() })
}

/// Sends a provider's message about a payment; `secret` signs it.
fn say(
    desk: &Desk,
    (id, secret, at): (&str, &str, u64),
    (payment, amount, unit): (&str, u64, &str),
) -> Result<String, Problem> {
    let data = serde_json::json!({ "payment": payment, "amount": amount, "unit": unit });
    let body = serde_json::json!({ "type": "payment.confirmed", "data": data }).to_string();
    let key = STANDARD.decode(secret.trim_start_matches("whsec_")).unwrap();
    let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
    let tag = hmac::sign(&key, format!("{id}.{at}.{body}").as_bytes());
    let request = Request::post("/v1/webhooks/pay")
        .header("webhook-id", id)
        .header("webhook-timestamp", at.to_string())
        .header("webhook-signature", format!("v1,{}", STANDARD.encode(tag)));
    let received: Result<api::Received, _> = desk.read(request.body(body.into_bytes()).unwrap());
    received.map(|received| received.outcome)
}

#[test]
fn a_payment_is_begun_once_confirmed_once_and_loaded() {
    let desk = provider("pay");
    let mut card = desk.customer();
    let payment = begin(&desk, &card, "key", 700).unwrap();
    assert_eq!(begin(&desk, &card, "key", 700).unwrap(), payment);
    assert_eq!(code(begin(&desk, &card, "key", 701)), ProblemCode::Conflict);
    assert_eq!(code(begin(&desk, &card, "", 700)), ProblemCode::Malformed);
    assert_eq!(payment.pay_at, format!("https://pay.example/{}/700/JPY", payment.id));
    let said = |id| say(&desk, (id, SECRET, NOW), (&payment.id, 700, "JPY"));
    assert_eq!(said("m1").unwrap(), "funded");
    assert_eq!(said("m1").unwrap(), "known");
    assert_eq!(said("m2").unwrap(), "kept", "said again in another message");
    let shown: api::FundingPayment = desk.get(&format!("/v1/payments/{}", payment.id)).unwrap();
    assert_eq!(shown.state, "paid");
    assert_eq!(load(&desk, &mut card).source, "payment");
    assert_eq!(code(desk.open_load(&card)), ProblemCode::Conflict);
    assert_eq!(desk.value(), [0, 10_700, 0, 0]);
}

#[test]
fn a_message_that_is_forged_late_or_about_another_amount_makes_no_value() {
    let desk = provider("pay");
    let card = desk.customer();
    let payment = begin(&desk, &card, "key", 700).unwrap();
    let about = (&payment.id[..], 700, "JPY");
    let forged = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    for (secret, at) in [(forged, NOW), (SECRET, NOW - 301), (SECRET, NOW + 301)] {
        assert_eq!(code(say(&desk, ("m", secret, at), about)), ProblemCode::NotAuthentic);
    }
    for (id, about) in [
        ("1", (&payment.id[..], 699, "JPY")),
        ("2", (&payment.id[..], 700, "USD")),
        ("3", (&"ab".repeat(16)[..], 700, "JPY")),
    ] {
        assert_eq!(say(&desk, (id, SECRET, NOW), about).unwrap(), "kept");
    }
    assert_eq!(code(desk.open_load(&card)), ProblemCode::Conflict);
    assert_eq!(say(&desk, ("4", SECRET, NOW), about).unwrap(), "funded");
}

#[test]
fn cr7_a_payment_is_paid_back_on_the_cards_void_alone_and_once() {
    let desk = provider("pay");
    let mut card = desk.customer();
    let payment = begin(&desk, &card, "key", 700).unwrap();
    let id = hex::decode(&payment.id).unwrap().try_into().unwrap();
    let center = || desk.center();
    assert_eq!(center().repay(id, Some("r")).unwrap_err().code(), ProblemCode::Conflict);
    say(&desk, ("m", SECRET, NOW), (&payment.id, 700, "JPY")).unwrap();
    assert_eq!(center().repay(id, Some("r")).unwrap_err().code(), ProblemCode::Conflict);
    void(&desk, &mut card);
    let due = center().repayments(false, 9).unwrap();
    assert_eq!((due.len(), due[0].state), (1, PaymentState::RepaymentDue));
    assert!(due[0].void_event.is_some());
    assert_eq!(center().repay(id, None).unwrap_err().code(), ProblemCode::Malformed);
    assert_eq!(center().repay(id, Some("r")).unwrap().state, PaymentState::Repaid);
    assert!(center().repay(id, Some("r")).is_ok(), "asked again, the same");
    assert_eq!(center().repay(id, Some("s")).unwrap_err().code(), ProblemCode::Conflict);
    assert_eq!(center().repayments(false, 9).unwrap(), []);
    assert_eq!(center().repayments(true, 9).unwrap().len(), 1);
    assert_eq!(desk.value(), [0, 10_000, 0, 0]);
}

#[test]
fn in_test_mode_the_whole_loop_is_played_without_a_provider() {
    let desk = Desk::open();
    let mut card = desk.customer();
    let payment = begin(&desk, &card, "key", 700).unwrap();
    assert_eq!(payment.provider, "test");
    let id = hex::decode(&payment.id).unwrap().try_into().unwrap();
    desk.center().confirm_test_payment(id).unwrap();
    desk.center().confirm_test_payment(id).unwrap();
    void(&desk, &mut card);
    assert_eq!(code(desk.open_load(&card)), ProblemCode::Conflict);
    let repaid = desk.center().repay(id, None).unwrap();
    assert_eq!((repaid.state, repaid.repaid.is_some()), (PaymentState::Repaid, true));
    let real = provider("pay");
    let payment = begin(&real, &real.customer(), "key", 700).unwrap();
    let id = hex::decode(&payment.id).unwrap().try_into().unwrap();
    let refused = real.center().confirm_test_payment(id).unwrap_err();
    assert_eq!(refused.code(), ProblemCode::Conflict);
}
