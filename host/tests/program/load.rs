//! Value that is loaded after registering: vouchers, payments, what does not fit.

use saifu_center::funding::NewBatch;
use saifu_center::{Center, Options, money};
use saifu_wire::value::Kind;
use saifu_wire::{AccountId, ShopId};
use std::fs;

use super::shop::Shop;

/// A shop whose customer has 1,000 JPY.
fn customer() -> Shop {
    let shop = Shop::new(1_000);
    shop.saifu(&["register"]).good();
    shop
}

fn center(shop: &Shop) -> Center {
    Center::open(&shop.data().join("center"), Options::default()).unwrap()
}

fn account(shop: &Shop) -> AccountId {
    let balance = shop.saifu(&["balance", "--json"]).json();
    AccountId::from_hex(balance["account"].as_str().unwrap()).unwrap()
}

/// A voucher of so many yen.
fn voucher(shop: &Shop, amount: u64) -> String {
    let (kind, unit) = (Kind::BitCash, money::unit("JPY").unwrap());
    let shop_id = ShopId::ZERO;
    let batch = NewBatch { count: 1, kind, unit, amount, shop: shop_id, expires: 0, sold: true };
    let (_, codes) = center(shop).make_vouchers(&batch).unwrap();
    codes[0].expose().to_string()
}

fn balance(shop: &Shop) -> u64 {
    let balance = shop.saifu(&["balance", "--json"]).json();
    balance["purses"][0]["balance"].as_u64().unwrap()
}

#[test]
fn a_voucher_is_redeemed_and_loaded_once() {
    let shop = customer();
    let code = voucher(&shop, 500);
    let typed = code.to_lowercase();
    let told = shop.saifu(&["load", "--voucher", &typed]).good();
    assert!(told.contains("the voucher brings 500 JPY to purse 1"), "{told}");
    assert!(told.contains("loaded 500 JPY into purse 1, which holds 1500 JPY"), "{told}");
    shop.saifu(&["load", "--voucher", &code]).good();
    assert_eq!(balance(&shop), 1_500);
    assert_eq!(shop.saifu(&["load"]).good(), "nothing waits to be loaded\n");
}

#[test]
fn a_wrong_code_is_the_centers_refusal_and_is_not_told_again() {
    let shop = customer();
    let ran = shop.saifu(&["load", "--voucher", "AAAAA-BBBBB"]);
    assert_eq!(ran.code, 7, "{ran:?}");
    assert!(ran.err.contains("no such voucher") && !ran.err.contains("AAAAA"), "{ran:?}");
    assert_eq!(balance(&shop), 1_000);
}

#[test]
fn a_payment_is_begun_and_loaded_once_it_is_confirmed() {
    let shop = customer();
    let begun = shop.saifu(&["load", "--amount", "700", "--json"]).json();
    assert_eq!(begun["payment"]["state"], "begun");
    assert_eq!(begun["loaded"].as_array().unwrap().len(), 0);
    let id = begun["payment"]["id"].as_str().unwrap();
    let id = hex::decode(id).unwrap().try_into().unwrap();
    center(&shop).confirm_test_payment(id).unwrap();
    let told = shop.saifu(&["load"]).good();
    assert!(told.contains("loaded 700 JPY into purse 1"), "{told}");
    assert_eq!(balance(&shop), 1_700);
}

#[test]
fn a_payment_whose_beginning_was_not_told_is_gone_on_with_and_the_next_is_another() {
    let shop = customer();
    let away = ["--center", "http://127.0.0.1:9", "--card", "virtual"];
    let begin = ["load", "--amount", "700", "--json"];
    assert_eq!(shop.saifu(&[&away[..], &begin].concat()).code, 11);
    // The wrong PIN stops it once the payment is begun at the center.
    let code = voucher(&shop, 5);
    center(&shop).redeem(account(&shop), &code, None).unwrap();
    assert_eq!(shop.saifu_with_pin("9999", &begin).code, 4);
    let names = fs::read_dir(shop.data().join("sales")).unwrap().map(|entry| entry.unwrap().path());
    let kept = names.into_iter().find(|path| path.extension() == Some("key".as_ref())).unwrap();
    let key = fs::read_to_string(&kept).unwrap();
    let cut_off = center(&shop).begin_payment(account(&shop), &key, (1, 700)).unwrap().id;
    let [first, second] = [0, 1].map(|_| shop.saifu(&begin).json()["payment"]["id"].clone());
    assert_eq!(first, hex::encode(cut_off));
    assert_ne!(first, second, "one that was told is done with");
    assert!(!kept.exists());
    assert_eq!(shop.saifu(&["load", "--amount", "0"]).code, 7);
}

#[test]
fn a_voucher_that_does_not_fit_waits_and_says_so() {
    let shop = customer();
    let code = voucher(&shop, 999_500);
    let ran = shop.saifu(&["load", "--voucher", &code]);
    assert_eq!(ran.code, 7, "{ran:?}");
    assert!(ran.err.contains("do not fit"), "{ran:?}");
    assert_eq!(balance(&shop), 1_000);
}
