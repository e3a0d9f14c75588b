//! `saifu` against a center at a URL, as a user runs it.

use crate::relay::{Fate, Relay};
use crate::server::{closing, listen, nobody, read_request};
use crate::shop::{GIFT, PIN, PRICE, Shop, TITLE, photograph_bytes};
use crate::tls::Authority;
use saifu_center::ledger::reconcile;
use saifu_center::serve::{Listen, Server, Tls};
use saifu_center::{Center, Options};
use saifu_wire::signed::Outcome;
use std::fmt::Display;
use std::fs;
use std::io::Write;
use std::process::Command;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

/// Serves a center on this machine until the test's process ends; its host and port.
pub(crate) fn serve(center: Arc<Center>, tls: Option<Tls>) -> String {
    let listen = Listen { address: "127.0.0.1:0".into(), tls, ..Listen::default() };
    let server = Server::bind(center, listen).unwrap();
    let place = server.url().split_once("://").unwrap().1.to_owned();
    thread::spawn(move || server.run());
    place
}

/// What a run of the program came to.
#[derive(Debug)]
pub(crate) struct Ran {
    code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    #[track_caller]
    pub(crate) fn good(self) -> String {
        assert_eq!(self.code, 0, "{self:?}");
        self.out
    }

    #[track_caller]
    pub(crate) fn failed(&self, code: i32, words: &[&str]) {
        assert_eq!(self.code, code, "{self:?}");
        for words in words {
            assert!(self.err.contains(words), "{words}: {self:?}");
        }
    }
}

impl Shop {
    /// The shop's center, opened here.
    pub(crate) fn center(&self) -> Arc<Center> {
        Arc::new(Center::open(&self.data().join("center"), Options::default()).unwrap())
    }

    /// `saifu` with the virtual card and the center at `place` on this machine.
    fn saifu(&self, place: impl Display, arguments: &[&str]) -> Ran {
        let url = format!("http://{place}");
        self.run(&[arguments, &["--card", "virtual", "--center", &url]].concat(), &[])
    }

    /// The same, where the center is given 4 s.
    fn hasty(&self, place: impl Display, arguments: &[&str]) -> Ran {
        self.saifu(place, &[arguments, &["--center-timeout", "4"]].concat())
    }

    pub(crate) fn run(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Ran {
        let mut command = Command::new(env!("CARGO_BIN_EXE_saifu"));
        command.args(arguments).current_dir(self.path(""));
        command.env("SAIFU_DATA", self.data()).env("SAIFU_PIN", PIN);
        let ran = command.envs(environment.iter().copied()).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Ran { code: ran.status.code().unwrap(), out: text(ran.stdout), err: text(ran.stderr) }
    }

    /// What lies beside the works, hidden or not, and was not there before.
    fn left_over(&self) -> Vec<String> {
        let names = fs::read_dir(self.path("")).unwrap();
        let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name != "data").collect()
    }
}

/// Demands that the photograph was paid once, here and at the center, and is here whole.
#[track_caller]
fn bought_once(shop: &Shop, center: &Center, place: impl Display) {
    assert_eq!(shop.left_over(), ["bought.jpg"]);
    assert_eq!(fs::read(shop.path("bought.jpg")).unwrap(), photograph_bytes());
    let balance = shop.saifu(&place, &["balance", "--json"]).good();
    let balance: serde_json::Value = serde_json::from_str(&balance).unwrap();
    assert_eq!(balance["purses"][0]["balance"], 1_000 - PRICE);
    let card = shop.saifu(&place, &["card", "--json"]).good();
    let card: serde_json::Value = serde_json::from_str(&card).unwrap();
    assert_eq!(card["outbox"], 0);
    let sales = center.sales(0, 10).unwrap();
    assert_eq!(sales.iter().map(|sale| sale.outcome).collect::<Vec<_>>(), [Outcome::Settled]);
    let books = reconcile(&center.books().unwrap());
    assert_eq!(books.findings, [""; 0]);
    assert_eq!(u64::try_from(books.kinds[0].settled), Ok(PRICE));
    let resumed = shop.saifu(&place, &["resume"]).good();
    assert_eq!(resumed, "nothing is left to be finished\n");
}

#[test]
fn a_work_is_browsed_previewed_bought_and_opened_over_http() {
    let shop = Shop::new(1_000);
    let center = shop.center();
    let place = serve(Arc::clone(&center), None);
    shop.saifu(&place, &["register"]).good();
    let works = shop.saifu(&place, &["browse"]).good();
    assert!(works.contains(TITLE) && works.contains(&shop.work[..8]), "{works}");
    shop.saifu(&place, &["preview", TITLE, "-o", "preview.jpg"]).good();
    let preview = fs::read(shop.path("preview.jpg")).unwrap();
    assert!(preview.starts_with(b"\xFF\xD8") && preview.len() * 4 < photograph_bytes().len());
    fs::remove_file(shop.path("preview.jpg")).unwrap();
    shop.saifu(&place, &["buy", TITLE, "-o", "bought.jpg", "--yes"]).good();
    bought_once(&shop, &center, &place);
    shop.saifu(&place, &["buy", GIFT, "-o", "gift.txt", "--yes"]).good();
    assert!(fs::read_to_string(shop.path("gift.txt")).unwrap().contains("Alice"));
}

#[test]
fn a_work_is_bought_under_tls_from_a_center_whose_authority_is_named() {
    let shop = Shop::new(1_000);
    let authority = Authority::new();
    let [certificate, key] = authority.certify("127.0.0.1", |_| {});
    let keep = |name: &str, text: &str| {
        let path = shop.data().join(name);
        fs::write(&path, text).unwrap();
        path
    };
    let [certificate, key] = [keep("center.pem", &certificate), keep("center.key", &key)];
    let place = serve(shop.center(), Some(Tls { certificate, key }));
    let authority = keep("authority.pem", &authority.pem).display().to_string();
    let center = ["--card", "virtual", "--center", &format!("https://{place}")];
    let unknown = shop.run(&[&["browse"][..], &center].concat(), &[]);
    unknown.failed(11, &["does not show that it is", "--center-ca FILE"]);
    let named = ["--center-ca", &authority];
    for command in [&["register"][..], &["buy", TITLE, "-o", "bought.jpg", "--yes"]] {
        shop.run(&[command, &center, &named].concat(), &[]).good();
    }
    assert_eq!(fs::read(shop.path("bought.jpg")).unwrap(), photograph_bytes());
}

#[test]
fn a_center_that_is_down_is_told_with_what_to_do() {
    let shop = Shop::new(1_000);
    let place = nobody();
    for command in [&["browse"][..], &["register"], &["buy", TITLE, "--yes"]] {
        let ran = shop.saifu(place, command);
        let listens = format!("nothing listens at {place}");
        ran.failed(11, &[&listens, "saifu-center serve", "nothing is done twice"]);
    }
}

#[test]
fn a_center_that_never_answers_is_left_in_time() {
    let shop = Shop::new(1_000);
    let place = listen(|mut stream| while read_request(&mut stream).is_some() {});
    let begun = Instant::now();
    shop.hasty(place, &["browse"]).failed(11, &["nothing came from", "for 4 s"]);
    assert!(begun.elapsed() >= Duration::from_secs(4));
    assert!(begun.elapsed() < Duration::from_secs(15));
}

#[test]
fn what_is_no_center_is_told_as_such() {
    let shop = Shop::new(1_000);
    for answer in [
        b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>".as_slice(),
        b"HTTP/1.1 301 Moved\r\nLocation: https://shop.example/\r\nContent-Length: 0\r\n\r\n",
    ] {
        let ran = shop.saifu(closing(answer), &["browse"]);
        ran.failed(7, &["is not understood", "check that the address is a center's"]);
    }
}

#[test]
fn a_wrong_address_or_authority_is_a_wrong_command_line() {
    let shop = Shop::new(1_000);
    let browse = |url: &str, more: &[&str]| {
        shop.run(&[&["browse", "--center", url][..], more].concat(), &[])
    };
    browse("http://shop.example", &[]).failed(2, &["this very machine only", "write https://"]);
    browse("https://shop.example?a", &[]).failed(2, &["it has a query", "write https://HOST"]);
    let missing = browse("https://shop.example", &["--center-ca", "missing.pem"]);
    missing.failed(2, &["missing.pem: No such file", "--center-ca"]);
    fs::write(shop.path("empty.pem"), "").unwrap();
    let empty = browse("https://shop.example", &["--center-ca", "empty.pem"]);
    empty.failed(2, &["has no certificate", "--center-ca"]);
}

#[test]
fn the_environment_s_proxy_is_used_but_never_to_this_machine() {
    let shop = Shop::new(1_000);
    let center = serve(shop.center(), None);
    let (sender, asked) = channel();
    let proxy = listen(move |mut stream| {
        sender.send(read_request(&mut stream).unwrap().head[0].clone()).unwrap();
        stream.write_all(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n").unwrap();
    });
    let environment = [("ALL_PROXY", &*format!("http://{proxy}")), ("NO_PROXY", "")];
    let browse = |url: &str| shop.run(&["browse", "--center", url], &environment);
    assert!(browse(&format!("http://{center}")).good().contains(TITLE));
    assert!(asked.try_recv().is_err());
    let words = [&format!("the proxy {proxy} does not let through"), "check the proxy"];
    browse("https://shop.example").failed(11, &words);
    assert_eq!(asked.recv().unwrap(), "CONNECT shop.example:443 HTTP/1.1");
    let socks = [("ALL_PROXY", "socks5://127.0.0.1:1"), ("NO_PROXY", "0.0.0.0")];
    let browse = |url: &str| shop.run(&["browse", "--center", url], &socks);
    browse("https://shop.example").failed(2, &["SOCKS", "name an HTTP proxy"]);
    // It is no loopback address, and yet it leads to this machine.
    let excepted = nobody().port();
    browse(&format!("https://0.0.0.0:{excepted}")).failed(11, &["nothing listens at 0.0.0.0"]);
}

/// Has the network fail within the delivery, and resumes once it is whole again.
fn interrupted_delivery(fate: Fate, words: &str) {
    let shop = Shop::new(1_000);
    let center = shop.center();
    let relay = Relay::to(serve(Arc::clone(&center), None));
    shop.saifu(relay.place, &["register"]).good();
    relay.set(Some((photograph_bytes().len() as u64 / 2, fate)));
    let begun = Instant::now();
    let cut = shop.hasty(relay.place, &["buy", TITLE, "-o", "bought.jpg", "--yes"]);
    assert!(begun.elapsed() < Duration::from_secs(30));
    cut.failed(10, &["the delivery broke off", words, "saifu resume"]);
    assert_eq!(shop.left_over(), [""; 0]);
    relay.set(Some((photograph_bytes().len() as u64 / 2, fate)));
    let again = shop.hasty(relay.place, &["resume"]);
    again.failed(10, &["the delivery broke off"]);
    shop.saifu(nobody(), &["resume"]).failed(10, &["nothing listens", "saifu resume"]);
    relay.set(None);
    shop.saifu(relay.place, &["resume"]).good();
    bought_once(&shop, &center, relay.place);
}

#[test]
fn a_center_that_goes_silent_within_the_delivery_is_paid_once_and_resumed() {
    interrupted_delivery(Fate::Silence, "for 4 s");
}

#[test]
fn a_connection_that_ends_within_the_delivery_is_paid_once_and_resumed() {
    interrupted_delivery(Fate::Gone, "broke the connection off");
}

#[test]
fn a_delivery_goes_on_over_the_next_connection_where_one_ends() {
    let shop = Shop::new(1_000);
    let center = shop.center();
    let relay = Relay::to(serve(Arc::clone(&center), None));
    shop.saifu(relay.place, &["register"]).good();
    relay.set(Some((photograph_bytes().len() as u64 / 3, Fate::End)));
    shop.saifu(relay.place, &["buy", TITLE, "-o", "bought.jpg", "--yes"]).good();
    bought_once(&shop, &center, relay.place);
}

#[test]
fn a_sale_goes_on_with_the_center_it_was_begun_with_wherever_that_is() {
    let shop = Shop::new(1_000);
    let center = shop.center();
    let relay = Relay::to(serve(Arc::clone(&center), None));
    shop.saifu(relay.place, &["register"]).good();
    relay.set(Some((photograph_bytes().len() as u64 / 2, Fate::Gone)));
    let cut = shop.saifu(relay.place, &["buy", TITLE, "-o", "bought.jpg", "--yes"]);
    cut.failed(10, &[]);
    let other = serve(Shop::new(1_000).center(), None);
    shop.saifu(&other, &["resume"]).failed(1, &["begun with another center"]);
    assert_eq!(shop.left_over(), [""; 0]);
    let elsewhere = serve(Arc::clone(&center), None);
    shop.saifu(&elsewhere, &["resume"]).good();
    bought_once(&shop, &center, elsewhere);
}
