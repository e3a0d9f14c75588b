//! Puts a card with three applets into vpcd's reader: Saifu, OpenPGP and PIV.
//!
//! ```text
//! cargo run -p saifu-guests --features nitrokey --example nitrokey [HOST:PORT]
//! gpg --card-status
//! ```

use std::env;

use saifu_guests::nitrokey;
use saifu_vsmartcard::atr::Atr;
use saifu_vsmartcard::platform::RamPlatform;
use saifu_vsmartcard::plug::VpcdPlug;
use saifu_vsmartcard::{NewCard, VirtualCard};
use saifu_wire::CardId;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let reader = env::args().nth(1).unwrap_or_else(|| "localhost:35963".into());
    let mut card = VirtualCard::on(RamPlatform::new(7));
    card.personalise(CardId([7; 16]), &NewCard::default())?;
    let (openpgp, piv) = nitrokey::applets();
    card.runtime().install(Box::new(openpgp))?;
    card.runtime().install(Box::new(piv))?;
    VpcdPlug::new(reader, Atr::default()).run(&mut card, &mut |event| println!("{event:?}"));
    Ok(())
}
