//! The other signed structures of a sale and a load (§9 to §11).

use super::{CardIdentity, CenterIdentity, Untrusted, identity};
use saifu_center_api as api;
use saifu_wire::certificate::Role;
use saifu_wire::signed::{
    Credit, Event, EventKind, Licence, Message, Opening, Receipt, Signed, TimeOrder, Token,
};
use saifu_wire::{AccountId, CenterId, Digest, LoadId, Nonce};

const OPENING: &str = "the account opening";
const CREDIT: &str = "the credit";
const TOKEN: &str = "the card's payment";
const RECEIPT: &str = "the receipt";
const EVENT: &str = "the card's event";
const TIME: &str = "the center's time";

/// Verifies an account opening: authentic, for this card.
pub fn check_opening(
    bytes: &[u8],
    center: &CenterIdentity,
    card: &CardIdentity,
) -> Result<Signed<Opening>, Untrusted> {
    let signed = parse::<Opening>(bytes, OPENING)?;
    let opening = signed.message();
    center.check(&signed, Role::Credit, opening.signer, OPENING)?;
    agree(OPENING, [(opening.center == center.id, "center"), (opening.card == card.id, "card")])?;
    Ok(signed)
}

/// Verifies a credit: authentic, for this card, account and purse, of the announced amount.
pub fn check_credit(
    bytes: &[u8],
    center: &CenterIdentity,
    card: &CardIdentity,
    (account, purse): (AccountId, u32),
    load: &api::Load,
) -> Result<Signed<Credit>, Untrusted> {
    let signed = parse::<Credit>(bytes, CREDIT)?;
    let credit = signed.message();
    center.check(&signed, Role::Credit, credit.signer, CREDIT)?;
    agree(
        CREDIT,
        [
            (credit.center == center.id, "center"),
            (credit.card == card.id, "card"),
            (credit.account == account, "account"),
            (credit.purse == purse, "purse"),
            (Some(credit.load) == LoadId::from_hex(&load.id), "load"),
            (credit.amount == load.amount && credit.unit.as_str() == load.unit, "amount"),
        ],
    )?;
    Ok(signed)
}

/// What an event of the card must say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expected {
    /// What it did.
    pub kind: EventKind,
    /// The center.
    pub center: CenterId,
    /// The account.
    pub account: AccountId,
    /// The purse; 0 when an account was opened.
    pub purse: u32,
    /// Minor units moved.
    pub amount: u64,
    /// The sequence of the load or the opening.
    pub sequence: u64,
    /// The load; zero where there is none.
    pub load: LoadId,
}

/// Verifies an event of the card: authentic, and what was asked for.
pub fn check_event(
    signed: &Signed<Event>,
    card: &CardIdentity,
    expected: &Expected,
) -> Result<(), Untrusted> {
    card.check(signed, EVENT)?;
    let event = signed.message();
    agree(
        EVENT,
        [
            (event.center == expected.center, "center"),
            (event.kind == expected.kind, "kind"),
            (event.account == expected.account, "account"),
            (event.purse == expected.purse, "purse"),
            (event.amount == expected.amount, "amount"),
            (event.sequence == expected.sequence, "sequence"),
            (event.load == expected.load, "load"),
        ],
    )
}

/// What the event of a hold must say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    /// What it did: held or cancelled.
    pub kind: EventKind,
    /// The center.
    pub center: CenterId,
    /// The identity of the licence whose price it is.
    pub licence: Digest,
    /// The account.
    pub account: AccountId,
    /// The purse.
    pub purse: u32,
    /// Minor units.
    pub amount: u64,
}

/// Verifies that the card has put a price on hold, or has given it back.
pub fn check_hold(
    signed: &Signed<Event>,
    card: &CardIdentity,
    held: &Held,
) -> Result<(), Untrusted> {
    card.check(signed, EVENT)?;
    let event = signed.message();
    agree(
        EVENT,
        [
            (event.center == held.center, "center"),
            (event.kind == held.kind, "kind"),
            (event.account == held.account, "account"),
            (event.purse == held.purse, "purse"),
            (event.amount == held.amount, "amount"),
            (event.cause == held.licence, "licence"),
        ],
    )
}

/// Verifies the center's time for a card's session, and returns it: Unix time.
pub fn check_time(
    bytes: &[u8],
    center: &CenterIdentity,
    card: &CardIdentity,
    nonce: &Nonce,
) -> Result<u64, Untrusted> {
    let signed = parse::<TimeOrder>(bytes, TIME)?;
    let order = signed.message();
    center.check(&signed, Role::Licence, order.signer, TIME)?;
    agree(
        TIME,
        [
            (order.center == center.id, "center"),
            (order.card == card.id, "card"),
            (order.nonce == *nonce, "challenge"),
        ],
    )?;
    Ok(order.time)
}

/// Verifies a payment: authentic, from this account to the center and the key that the
/// licence names.
pub fn check_token(
    signed: &Signed<Token>,
    card: &CardIdentity,
    licence: &Licence,
    account: AccountId,
) -> Result<(), Untrusted> {
    card.check(signed, TOKEN)?;
    let token = signed.message();
    agree(
        TOKEN,
        [
            (token.center == licence.center, "center"),
            (token.account == account, "account"),
            (token.center_key == licence.center_key, "payment key of the center"),
        ],
    )
}

/// Verifies a receipt: authentic, for this token.
pub fn check_receipt(
    bytes: &[u8],
    center: &CenterIdentity,
    token: &Signed<Token>,
) -> Result<Signed<Receipt>, Untrusted> {
    let signed = parse::<Receipt>(bytes, RECEIPT)?;
    let receipt = signed.message();
    center.check(&signed, Role::Receipt, receipt.signer, RECEIPT)?;
    agree(
        RECEIPT,
        [
            (receipt.center == center.id, "center"),
            (receipt.account == token.message().account, "account"),
            (receipt.token == identity(token), "payment"),
            (receipt.counter == token.message().counter, "counter"),
        ],
    )?;
    Ok(signed)
}

fn parse<M: Message>(bytes: &[u8], what: &'static str) -> Result<Signed<M>, Untrusted> {
    Signed::parse(bytes).map_err(|why| Untrusted::Malformed { what, why })
}

fn agree<const N: usize>(
    what: &'static str,
    fields: [(bool, &'static str); N],
) -> Result<(), Untrusted> {
    match fields.iter().find(|(agrees, _)| !agrees) {
        Some((_, field)) => Err(Untrusted::Other { what, field }),
        None => Ok(()),
    }
}
