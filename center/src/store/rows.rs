//! What goes into the store and comes out of it.

use saifu_wire::certificate::Assurance;
use saifu_wire::codes;
use saifu_wire::signed::{Outcome, PaymentOrder};
use saifu_wire::value::{Kind, Price, Unit};
use saifu_wire::{AccountId, CardId, ContentId, Digest, LoadId, Nonce, OrderId, ShopId};

use crate::blobs::BlobRef;
use crate::delivery::DeliveryKey;

/// Which works a list has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorkFilter {
    /// The published version of each published work.
    Published,
    /// Every version, published or not.
    All,
}

/// A version to be added.
#[derive(Debug, Clone)]
pub struct NewVersion {
    /// The work; drawn by the caller for a new one.
    pub work: ContentId,
    /// Whether the work must be there already.
    pub edition: bool,
    /// The shop that sells it.
    pub shop: ShopId,
    /// Title.
    pub title: String,
    /// Author, artist or publisher.
    pub creator: String,
    /// A sentence or two.
    pub description: String,
    /// The media type of M.
    pub media_type: String,
    /// M.
    pub content: BlobRef,
    /// The media type of M'.
    pub preview_media_type: String,
    /// M'.
    pub preview: BlobRef,
    /// What it costs: one of these.
    pub prices: Vec<Price>,
    /// In which order paying and decrypting come.
    pub payment: PaymentOrder,
    /// How many sessions may decrypt it; 0 for any number.
    pub uses: u32,
    /// When it opens.
    pub validity: Validity,
}

/// When a work opens, for whoever buys it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Validity {
    /// The second (Unix time) before which it does not open; 0 for none.
    pub not_before: u64,
    /// The second after which it opens no more; 0 for none.
    pub not_after: u64,
    /// Whether the card must be told the center's time in each session.
    pub needs_time: bool,
}

/// A version of a work.
#[derive(Debug, Clone)]
pub struct VersionRow {
    /// What was added.
    pub added: NewVersion,
    /// Its number, from 1.
    pub version: u32,
    /// When it was published.
    pub published: Option<u64>,
}

/// An account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountRow {
    /// Its id.
    pub id: AccountId,
    /// Its card.
    pub card: CardId,
    /// The card's assurance class.
    pub assurance: Assurance,
    /// The certificate of `Ksig`, tag 7F21 included.
    pub signature_certificate: Vec<u8>,
    /// The certificate of `Kup`, tag 7F21 included.
    pub encryption_certificate: Vec<u8>,
    /// The signed opening.
    pub opening: Vec<u8>,
    /// When it was opened.
    pub opened: u64,
    /// Why it is frozen, if it is.
    pub frozen: Option<String>,
}

codes! {
    /// Where a load stands.
    pub enum LoadState {
        /// Asked for; no value was given out.
        Open = 1,
        /// Its credit was given out; the card has not said whether it took it.
        Credited = 2,
        /// The card took it.
        Applied = 3,
        /// The card gave it up.
        Voided = 4,
    }
}

/// A load of value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadRow {
    /// Its id.
    pub id: LoadId,
    /// The account.
    pub account: AccountId,
    /// The purse.
    pub purse: u32,
    /// The purse's kind.
    pub kind: Kind,
    /// The purse's unit.
    pub unit: Unit,
    /// What it brings.
    pub amount: u64,
    /// The center's nonce.
    pub nonce: Nonce,
    /// When it was opened.
    pub opened: u64,
    /// Where it stands.
    pub state: LoadState,
    /// The signed credit, once given out.
    pub credit: Option<Vec<u8>>,
    /// The signed event that closed it.
    pub receipt: Option<Vec<u8>>,
}

/// A link of a card's chain, as the center got it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The account.
    pub account: AccountId,
    /// Its number at this card and center.
    pub counter: u64,
    /// Its identity.
    pub identity: Digest,
    /// The identity of the link before it.
    pub previous: Digest,
    /// The purse it moved value of.
    pub purse: u32,
    /// That purse's balance afterwards, in the card's words.
    pub balance: u64,
    /// The whole of it, signature included.
    pub signed: Vec<u8>,
}

/// What the store knows of the chain around a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ChainFacts {
    /// The identity of the link that is booked under the same number.
    pub same: Option<Digest>,
    /// The identity of the link before.
    pub before: Option<Digest>,
    /// What the link after says of the link before it.
    pub after_previous: Option<Digest>,
}

/// The event that closes a load, to be booked.
#[derive(Debug, Clone)]
pub struct Closing {
    /// The event as a link.
    pub link: Link,
    /// The load that it closes.
    pub load: LoadId,
    /// How: applied or voided.
    pub state: LoadState,
}

/// What the store finds when a load is to be closed.
#[derive(Debug, Clone)]
pub struct CloseFacts {
    /// The load.
    pub load: LoadRow,
    /// How many loads of the purse were closed.
    pub closed: u64,
    /// The chain around the event.
    pub chain: ChainFacts,
}

/// What was decided of a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Judged {
    /// It is booked now.
    Booked,
    /// It was booked before.
    Known,
    /// It breaks the chain, thus: kept as evidence, the card frozen.
    Fork(String),
}

/// An order to be placed.
pub struct NewOrder {
    /// Its id.
    pub id: OrderId,
    /// The account.
    pub account: AccountId,
    /// The caller's key: the same again is the same order.
    pub idempotency_key: String,
    /// The work.
    pub work: ContentId,
    /// Its version.
    pub version: u32,
    /// Whether the caller named the version: the same key must ask for the same.
    pub asked_version: Option<u32>,
    /// The encoded stream header.
    pub header: Vec<u8>,
    /// The content key of the delivery.
    pub key: DeliveryKey,
    /// When it is placed.
    pub placed: u64,
    /// The second after which it is not waited for.
    pub expires: u64,
    /// The most orders that the account may have open.
    pub most_open: u32,
}

/// An order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderRow {
    /// Its id.
    pub id: OrderId,
    /// The account.
    pub account: AccountId,
    /// The work.
    pub work: ContentId,
    /// Its version.
    pub version: u32,
    /// The version that the caller named.
    pub asked_version: Option<u32>,
    /// The signed licence.
    pub licence: Vec<u8>,
    /// The encoded stream header.
    pub header: Vec<u8>,
    /// The second after which it is not waited for.
    pub expires: u64,
    /// Whether a token settled it.
    pub settled: bool,
}

/// What a delivery is made of.
pub struct ContentRow {
    /// The content key.
    pub key: DeliveryKey,
    /// The encoded stream header.
    pub header: Vec<u8>,
    /// M.
    pub content: BlobRef,
}

/// A token to be booked: what its payload says, and its evidence.
#[derive(Debug, Clone)]
pub struct TokenRow {
    /// The token as a link.
    pub link: Link,
    /// The licence it pays, signature included.
    pub licence: Vec<u8>,
    /// That licence's identity.
    pub licence_identity: Digest,
    /// That licence's number.
    pub licence_number: u64,
    /// The order.
    pub order: OrderId,
    /// The shop.
    pub shop: ShopId,
    /// The kind of value.
    pub kind: Kind,
    /// The unit.
    pub unit: Unit,
    /// The amount paid.
    pub amount: u64,
}

/// What the store knows of an order that a token pays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderFacts {
    /// The account that placed it.
    pub account: AccountId,
    /// The signed licence.
    pub licence: Vec<u8>,
    /// The second after which it is not waited for.
    pub expires: u64,
    /// Whether a token settled it.
    pub settled: bool,
}

/// What the store finds when a token is to be booked.
#[derive(Debug, Clone)]
pub struct SettleFacts {
    /// The number that its ledger entry will have.
    pub entry: u64,
    /// The chain around it.
    pub chain: ChainFacts,
    /// The stored receipt, where this very token is booked.
    pub receipt: Option<Vec<u8>>,
    /// Its order.
    pub order: Option<OrderFacts>,
    /// Whether its card is frozen.
    pub frozen: bool,
    /// What the card can still have in this purse, credits on the way included.
    pub spendable: i64,
}

/// What was decided of a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is booked now.
    Booked {
        /// How.
        outcome: Outcome,
        /// Why not settled; empty where it is.
        reason: &'static str,
        /// The signed receipt.
        receipt: Vec<u8>,
        /// What it proves against its card: kept as evidence.
        proves: Option<EvidenceKind>,
    },
    /// It was booked before: its receipt.
    Known(Vec<u8>),
    /// It breaks the chain, thus: kept as evidence, the card frozen.
    Fork(String),
}

codes! {
    /// What a piece of evidence shows.
    pub enum EvidenceKind {
        /// Two links with one number, or a link that does not follow the one before.
        Fork = 1,
        /// A genuine token or event that contradicts what the center signed.
        Contradiction = 2,
        /// A token that was booked, of a card that has spent more than it was given.
        Overspent = 3,
    }
}

/// A signed thing that is kept because it proves something.
#[derive(Debug, Clone)]
pub struct Evidence {
    /// What it shows.
    pub kind: EvidenceKind,
    /// The account.
    pub account: AccountId,
    /// The identity of the signed thing.
    pub identity: Digest,
    /// What is wrong, in words.
    pub detail: String,
    /// The signed thing.
    pub signed: Vec<u8>,
}

/// A piece of evidence, as the owner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvidenceRow {
    /// What it shows.
    pub kind: EvidenceKind,
    /// The account.
    pub account: AccountId,
    /// The number of the signed thing in its card's chain; none if it cannot be read.
    pub counter: Option<u64>,
    /// What is wrong, in words.
    pub detail: String,
    /// When it was found.
    pub found: u64,
}

/// A booked token, as the owner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sale {
    /// The number of its ledger entry.
    pub entry: u64,
    /// When it was booked.
    pub booked: u64,
    /// How.
    pub outcome: Outcome,
    /// Why not settled; empty where it is.
    pub reason: String,
    /// The order.
    pub order: OrderId,
    /// The account that paid.
    pub account: AccountId,
    /// The shop.
    pub shop: ShopId,
    /// The work's title; empty where the order is not known here.
    pub title: String,
    /// The kind of value.
    pub kind: Kind,
    /// The unit.
    pub unit: Unit,
    /// The amount.
    pub amount: u64,
}
