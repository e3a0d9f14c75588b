//! How center, authority and proxy are named, and what is said where they are named wrongly.

use crate::program::{Ran, serve};
use crate::server::nobody;
use crate::shop::{Shop, TITLE};
use std::process::Command;

fn browse(shop: &Shop, url: &str, more: &[&str], environment: &[(&str, &str)]) -> Ran {
    let asked = ["browse", "--card", "virtual", "--center", url];
    shop.run(&[&asked, more].concat(), environment)
}

#[test]
fn a_password_in_an_address_is_never_repeated() {
    let shop = Shop::new(1_000);
    let url = "https://user:secret@shop.example";
    let named = browse(&shop, url, &[], &[]);
    let environment = [("SAIFU_CENTER", url)];
    let inherited = shop.run(&["browse"], &environment);
    for ran in [&named, &inherited] {
        ran.failed(2, &["it has a user name or password", "write https://HOST"]);
    }
    let help = shop.run(&["browse", "--help"], &environment);
    for ran in [named, inherited, help] {
        assert!(!ran.err.contains("secret") && !ran.out.contains("secret"), "{ran:?}");
    }
}

#[test]
fn scheme_and_host_may_be_in_capitals_and_the_path_may_end_with_a_slash() {
    let shop = Shop::new(1_000);
    let place = serve(shop.center(), None);
    let url = format!("HTTP://LOCALHOST:{}/", place.rsplit_once(':').unwrap().1);
    assert!(browse(&shop, &url, &[], &[]).good().contains(TITLE));
}

#[test]
fn a_path_that_is_no_center_s_is_told_as_such() {
    let shop = Shop::new(1_000);
    let url = format!("http://{}/elsewhere", serve(shop.center(), None));
    let ran = browse(&shop, &url, &[], &[]);
    ran.failed(7, &["404", "check that the address is a center's, and its path"]);
    assert!(!ran.err.contains("`saifu browse`"), "{ran:?}");
}

#[test]
fn a_name_that_no_machine_has_is_told_without_the_system_s_jargon() {
    let shop = Shop::new(1_000);
    let ran = browse(&shop, "https://shop.invalid", &[], &[("NO_PROXY", "shop.invalid")]);
    let told = ["no machine has the name shop.invalid", "where shop.invalid is"];
    assert!(told.iter().any(|words| ran.err.contains(words)), "{ran:?}");
    assert!(!ran.err.contains("lookup"), "{ran:?}");
    ran.failed(11, &["check the address"]);
}

#[test]
fn an_authority_that_has_no_use_or_no_end_is_refused() {
    let shop = Shop::new(1_000);
    let ca = ["--center-ca", "authority"];
    let made = Command::new("mkfifo").arg(shop.path("authority")).status().unwrap();
    assert!(made.success());
    browse(&shop, "https://shop.example", &ca, &[]).failed(2, &["it is no regular file"]);
    std::fs::remove_file(shop.path("authority")).unwrap();
    std::fs::write(shop.path("authority"), "").unwrap();
    let useless = browse(&shop, &format!("http://{}", nobody()), &ca, &[]);
    useless.failed(2, &["has no use with http://", "leave out --center-ca"]);
}

#[test]
fn a_proxy_that_is_not_there_is_the_one_to_blame() {
    let shop = Shop::new(1_000);
    let proxy = nobody();
    let environment = [("ALL_PROXY", &*format!("http://{proxy}")), ("NO_PROXY", "")];
    let ran = browse(&shop, "https://shop.example", &[], &environment);
    ran.failed(11, &[&format!("nothing listens at {proxy}, where the proxy should be")]);
}

#[test]
fn a_proxy_s_address_that_is_none_is_refused_and_not_repeated() {
    let shop = Shop::new(1_000);
    for place in ["user:secret@:8080", "user:secret@proxy:wrong", "user:secret@"] {
        let environment = [("ALL_PROXY", &*format!("http://{place}")), ("NO_PROXY", "")];
        let ran = browse(&shop, "https://shop.example", &[], &environment);
        ran.failed(2, &["what ALL_PROXY says in the environment is no proxy's address"]);
        assert!(!ran.err.contains("secret"), "{ran:?}");
    }
}
