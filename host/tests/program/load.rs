//! Value that is loaded after registering: vouchers, payments, what does not fit.

use saifu_center::funding::NewBatch;
use saifu_center::{Center, Options, money};
use saifu_wire::ShopId;
use saifu_wire::value::Kind;

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
fn a_voucher_that_does_not_fit_waits_and_says_so() {
    let shop = customer();
    let code = voucher(&shop, 999_500);
    let ran = shop.saifu(&["load", "--voucher", &code]);
    assert_eq!(ran.code, 7, "{ran:?}");
    assert!(ran.err.contains("do not fit"), "{ran:?}");
    assert_eq!(balance(&shop), 1_000);
}
