//! A served center is watched: health, figures, traces, and callers who ask too often.

use saifu_center::config::Config;
use saifu_center::operators::NewToken;
use saifu_center::store::Role;
use saifu_center_api::{Health, Problem, ProblemCode};
use ureq::http::Response;

use super::{Serving, agent};
use crate::desk::Desk;
use crate::running::Expected;

type Answer = Response<ureq::Body>;

/// Asks with these fields of the head.
fn get(serving: &Serving, path: &str, fields: &[(&str, &str)]) -> Answer {
    let request = agent(None).get(format!("{}{path}", serving.url));
    fields
        .iter()
        .fold(request, |request, (name, value)| request.header(*name, *value))
        .call()
        .unwrap()
}

fn text(mut answer: Answer) -> String {
    answer.body_mut().read_to_string().unwrap()
}

fn code(answer: Answer) -> ProblemCode {
    let problem: Problem = serde_json::from_str(&text(answer)).unwrap();
    problem.code().unwrap()
}

#[test]
fn a_center_says_whether_it_can_serve_and_what_keeps_it_from_it() {
    let desk = Desk::open();
    desk.expect(Expected::Tampered);
    let serving = Serving::plain(&desk);
    assert_eq!(get(&serving, "/livez", &[]).status(), 200);
    let ready: Health = serde_json::from_str(&text(get(&serving, "/readyz", &[]))).unwrap();
    let names: Vec<_> = ready.checks.iter().map(|check| &check.name[..]).collect();
    assert_eq!((ready.ready, names), (true, vec!["store", "keys", "disk"]));
    let keys = desk.folder.path().join("keys");
    std::fs::rename(&keys, desk.folder.path().join("elsewhere")).unwrap();
    let answer = get(&serving, "/readyz", &[]);
    assert_eq!(answer.status(), 503);
    let ready: Health = serde_json::from_str(&text(answer)).unwrap();
    let failed: Vec<_> = ready.checks.iter().filter(|check| !check.ok).collect();
    assert_eq!((failed.len(), &failed[0].name[..]), (1, "keys"));
    assert_eq!(get(&serving, "/livez", &[]).status(), 200);
}

#[test]
fn figures_are_this_machine_s_or_a_token_s() {
    let desk = Desk::open();
    let token = |role| {
        let new = NewToken { role, shop: None, expires: None };
        format!("Bearer {}", *desk.center().add_token(new).unwrap().1)
    };
    let (metrics, funding) = (token(Role::Metrics), token(Role::Funding));
    let serving = Serving::plain(&desk);
    let (work, mut card) = (desk.sell("jpy:300"), desk.customer());
    let order = desk.order(&card, &work, "key").unwrap();
    desk.settle(&card.debit(&order.licence.0), &order.licence.0).unwrap();
    drop(text(get(&serving, "/v1/works/zzz", &[])));
    let told = text(get(&serving, "/metrics", &[]));
    for line in [
        "saifu_settlements_total{outcome=\"settled\"} 1",
        "saifu_orders_total 1",
        "saifu_loads_total 1",
        "saifu_http_request_seconds_count{route=\"/v1/works/{work}\",method=\"GET\",status=\"404\"} 1",
    ] {
        assert!(told.lines().any(|told| told == line), "{line} in\n{told}");
    }
    let batches = told.lines().find_map(|line| line.strip_prefix("saifu_store_batches_total "));
    assert!(batches.unwrap().parse::<u64>().unwrap() > 3, "{told}");
    let stranger = ("x-forwarded-for", "192.0.2.1");
    assert_eq!(code(get(&serving, "/metrics", &[stranger])), ProblemCode::Unauthorized);
    let asked = |token: &str| get(&serving, "/metrics", &[stranger, ("authorization", token)]);
    assert_eq!(asked(&metrics).status(), 200);
    assert_eq!(code(asked(&funding)), ProblemCode::Forbidden);
}

#[test]
fn whoever_asks_too_often_is_told_when_to_ask_again_and_others_are_served() {
    let mut config = Config::default();
    (config.rates.browse_per_minute, config.rates.browse_burst) = (60, 3);
    let desk = Desk::with(&config);
    let serving = Serving::plain(&desk);
    let ask = |from: &str| get(&serving, "/v1/center", &[("x-forwarded-for", from)]);
    let answers: Vec<_> = (0..6).map(|_| ask("192.0.2.1")).collect();
    let refused = answers.into_iter().find(|answer| answer.status() == 429).expect("one too many");
    let after: u64 = refused.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=2).contains(&after), "{after}");
    assert_eq!(refused.headers()["cache-control"], "no-store");
    assert_eq!(code(refused), ProblemCode::TooManyRequests);
    assert_eq!(ask("198.51.100.7").status(), 200);
    assert!((0..20).all(|_| get(&serving, "/v1/center", &[]).status() == 200), "this machine");
    assert_eq!(get(&serving, "/livez", &[("x-forwarded-for", "192.0.2.1")]).status(), 200);
    let told = text(get(&serving, "/metrics", &[]));
    assert!(told.contains("saifu_rate_limited_total{class=\"browse\"} "), "{told}");
    std::thread::sleep(std::time::Duration::from_secs(after));
    assert_eq!(ask("192.0.2.1").status(), 200, "asked again as told");
}

#[test]
fn an_account_named_too_often_is_told_to_wait_wherever_it_is_named_from() {
    let mut config = Config::default();
    (config.rates.account_per_minute, config.rates.account_burst) = (1, 1);
    let desk = Desk::with(&config);
    let serving = Serving::plain(&desk);
    let card = desk.customer();
    let url = format!("{}/v1/accounts/{}/loads", serving.url, card.account);
    let ask = |from: &str| {
        let request = agent(None).post(&url).header("content-type", "application/json");
        request.header("x-forwarded-for", from).send("{\"purse\":1}").unwrap()
    };
    assert_ne!(ask("192.0.2.1").status(), 429);
    let refused = ask("198.51.100.9");
    assert_eq!(
        (refused.status().as_u16(), refused.headers().contains_key("retry-after")),
        (429, true)
    );
}

#[test]
fn a_trace_goes_on_through_the_center_and_a_new_one_begins_where_there_is_none() {
    let desk = Desk::open();
    let serving = Serving::plain(&desk);
    let id = "4bf92f3577b34da6a3ce929d0e0e4736";
    let parent = format!("00-{id}-00f067aa0ba902b7-01");
    let traced = |fields: &[(&str, &str)]| {
        let answer = get(&serving, "/v1/center", fields);
        answer.headers()["traceparent"].to_str().unwrap().to_owned()
    };
    let own = traced(&[("traceparent", &parent)]);
    assert!(
        own.starts_with(&format!("00-{id}-")) && own.ends_with("-01") && own != parent,
        "{own}"
    );
    assert_ne!(traced(&[])[..35], traced(&[])[..35]);
}

#[test]
fn a_refusal_names_the_trace_by_which_the_operator_finds_it() {
    let desk = Desk::open();
    let serving = Serving::plain(&desk);
    let answer = get(&serving, "/v1/works/nothing", &[]);
    let own = answer.headers()["traceparent"].to_str().unwrap().to_owned();
    let problem: Problem = serde_json::from_str(&text(answer)).unwrap();
    assert_eq!(problem.trace.as_deref(), own.split('-').nth(1));
    assert_eq!(desk.get::<Health>("/v1/works/nothing").unwrap_err().trace, None, "nobody traces");
}
