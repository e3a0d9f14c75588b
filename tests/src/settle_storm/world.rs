//! The center's folder before it is served: purses of two kinds, and works to be sold.

use std::io::Cursor;
use std::path::Path;

use saifu_center::catalogue::{NewWork, PreviewSource};
use saifu_center::config::{Config, PurseConfig, RatesConfig};
use saifu_center::preview::MediaType;
use saifu_center::shops::NewShop;
use saifu_center::store::Validity;
use saifu_center::{Center, Options, money};
use saifu_wire::signed::PaymentOrder;
use saifu_wire::{ContentId, ShopId};

use crate::shop::Anything;

/// The name of the center's folder.
pub const FOLDER: &str = "center";

/// What the purses hold at first: more than a card ever spends.
const INITIAL: u64 = 100_000;

/// What the works cost.
const PRICES: [&str; 6] =
    ["jpy:10", "jpy:25", "jpy:300", "cyber-coin:point:1", "cyber-coin:point:15", "jpy:1"];

/// Makes the center in `folder`; the works that it sells.
pub(super) fn make(folder: &Path) -> Result<Vec<ContentId>, Anything> {
    let purses = vec![
        PurseConfig::new(1, "bit-cash", "JPY", INITIAL, INITIAL),
        PurseConfig::new(2, "cyber-coin", "POINT", INITIAL, INITIAL),
    ];
    let config = Config { purses, rates: unlimited(), ..Config::default() };
    let center = Center::open(folder, Options { config, ..Options::default() })?;
    let own = NewShop {
        name: "A shop of its own".into(),
        slug: None,
        terms: String::new(),
        fee_basis_points: 250,
    };
    let shops = [None, Some(center.add_shop(own)?.id)];
    let works = PRICES.iter().zip(shops.into_iter().cycle());
    works.map(|(price, shop)| sell(&center, price, shop)).collect()
}

/// All clients ask from one address, as often as they can.
fn unlimited() -> RatesConfig {
    const MOST: u32 = 1_000_000;
    RatesConfig {
        browse_per_minute: MOST,
        browse_burst: MOST,
        register_per_minute: MOST,
        register_burst: MOST,
        order_per_minute: MOST,
        order_burst: MOST,
        settle_per_minute: MOST,
        settle_burst: MOST,
        account_per_minute: MOST,
        account_burst: MOST,
        ..RatesConfig::default()
    }
}

fn sell(center: &Center, price: &str, shop: Option<ShopId>) -> Result<ContentId, Anything> {
    let media_type: MediaType = "text/plain".parse()?;
    let work = NewWork {
        shop,
        edition_of: None,
        sha256: None,
        title: format!("A work for {price}"),
        creator: "Nobody".into(),
        description: String::new(),
        media_type: media_type.clone(),
        prices: vec![money::parse_price(price)?],
        payment: PaymentOrder::PayFirst,
        uses: 0,
        validity: Validity::default(),
        preview: PreviewSource::Brought { media_type, bytes: b"A few words of it.".to_vec() },
    };
    let added = center.add_work(&mut Cursor::new("All its words."), work)?;
    Ok(center.publish(added.added.work, added.version)?.added.work)
}
