//! What the demonstration says, and how it says it.

use saifu_center::store::VersionRow;
use saifu_center_api::Work;
use saifu_host::center::Preview;
use saifu_host::money::Money;
use saifu_host::sale::{Observer, Step};
use saifu_host::session::Session;
use saifu_wire::answer::PurseState;

use crate::shop::{LedgerSums, RealWork, Shop};

/// One line: the sign of the step, then what it did.
fn line(sign: &str, text: impl AsRef<str>) {
    println!("  {sign:<5} {}", text.as_ref());
}

/// A number with its thousands set apart.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let lead = digits.len() % 3;
    let (head, tail) = digits.split_at(lead);
    let groups = tail.as_bytes().chunks(3).map(|group| String::from_utf8_lossy(group).into_owned());
    let head = (!head.is_empty()).then(|| head.to_owned());
    head.into_iter().chain(groups).collect::<Vec<_>>().join(",")
}

fn yen(amount: u64) -> String {
    Money::new(amount, "JPY").to_string()
}

/// What this is.
pub(super) fn opening(shop: &Shop) {
    println!("A center, a terminal and a card, in test mode: their keys are published.");
    println!("M is a work, M' its preview, Ke its content key, Kup the card's public key,");
    println!("Ke[M] the work under Ke, Kup[Ke] that key for this card alone.\n");
    println!("The center {} registers three real works.", shop.center.id());
}

/// ST1 to ST3.
pub(super) fn published(work: &RealWork, row: &VersionRow) {
    let (m, preview) = (row.added.content.length, row.added.preview.length);
    let share = preview as f64 * 100.0 / m as f64;
    line("ST1", format!("registered {}, {}: M {} bytes", work.file, work.media_type, grouped(m)));
    let media_type = &row.added.preview_media_type;
    line("ST2", format!("made M', {media_type}: {} bytes, {share:.1} % of M", grouped(preview)));
    line("ST3", format!("published \"{}\" at {}", work.title, yen(work.price)));
}

/// Card and center have shown each other who they are.
pub(super) fn met(session: &Session<'_>) {
    println!("\nThe terminal meets the card {} and verifies both.", session.card.id);
}

/// What a purse holds.
pub(super) fn balance(who: &str, purse: &PurseState) {
    line("", format!("{who}: {} in purse {}", yen(purse.balance), purse.purse));
}

/// ST4.
pub(super) fn browsed(work: &Work, preview: &Preview) {
    let bytes = grouped(preview.bytes.len() as u64);
    line("ST4", format!("browsed \"{}\": its M', {bytes} bytes", work.title));
}

/// A purchase begins.
pub(super) fn buying(work: &Work, purse: &PurseState) {
    println!("\n\"{}\" by {}, balance before: {}", work.title, work.creator, yen(purse.balance));
}

/// What was bought is the original.
pub(super) fn same(work: &RealWork, bytes: &[u8]) {
    let bytes = grouped(bytes.len() as u64);
    line("", format!("{} is byte for byte the original, {bytes} bytes", work.file));
}

/// A purchase is over.
pub(super) fn bought(before: &PurseState, after: &PurseState) {
    line("", format!("balance {} before, {} after", yen(before.balance), yen(after.balance)));
}

/// Where the value is.
pub(super) fn books(sums: &LedgerSums, on_card: u64) {
    println!("\nThe books: issued {}", yen(sums.issued));
    line("", format!("on the card, by its own word: {}", yen(on_card)));
    line("", format!("settled, by the center's ledger: {}", yen(sums.settled)));
}

/// Tells the steps of a sale as they happen.
#[derive(Default)]
pub(super) struct Teller {
    pay_first: bool,
}

impl Teller {
    /// Of a sale that is paid first, or else decrypted first.
    pub(super) fn paying(pay_first: bool) -> Self {
        Self { pay_first }
    }
}

impl Observer for Teller {
    fn step(&mut self, step: &Step) {
        match step {
            Step::Registered { account } => line("", format!("account {account} opened on it")),
            Step::ValueLoaded { amount, .. } => line("", format!("{} loaded", yen(*amount))),
            Step::Ordered { .. } => line("ST5", "ordered"),
            Step::Licensed { number, licence_bytes, wrapped_key_bytes, .. } => {
                line("ST6", "the center drew Ke at random, for this delivery alone");
                let (licence, key) = (grouped(*licence_bytes), grouped(*wrapped_key_bytes));
                line(
                    "ST8",
                    format!("Kup[Ke] came, {key} bytes in licence {number} ({licence} bytes)"),
                );
            }
            Step::Approved { amount, .. } => {
                line("", format!("the price that the center signed is {}: agreed", yen(*amount)));
            }
            Step::LicenceLoaded { .. } => {
                line("ST9", "the terminal passed Kup[Ke] to the card");
                line("ST10", "the card opened Ke and sealed it as Km[Ke] (memory 15)");
            }
            Step::Held { amount, .. } => {
                line("", format!("the card put {} on hold (decrypting comes first)", yen(*amount)));
            }
            Step::Cancelled { amount, .. } => {
                line("", format!("the card gave {} back to its purse", yen(*amount)));
            }
            Step::Stored { bytes } => {
                let bytes = grouped(*bytes);
                line("ST10", format!("the card keeps it as it came, Km{{Ke[M]}}: {bytes} bytes"));
            }
            Step::NotKept => line("", "the card has no room to keep it"),
            Step::Debited { amount, token_bytes, .. } => self.debited(*amount, *token_bytes),
            Step::Delivering { delivery_bytes } => {
                let bytes = grouped(*delivery_bytes);
                line("ST7", "the center makes Ke[M] while it is sent");
                line("ST8", format!("Ke[M] comes, {bytes} bytes"));
                line("ST9", "the terminal passes Ke[M] to the card, segment by segment");
            }
            Step::Decrypted { bytes, .. } => {
                line("ST10", format!("the card decrypted it: M, {} bytes", grouped(*bytes)));
            }
            Step::Settled { entry, .. } => {
                line(
                    "ST12",
                    format!("the center opened the payment and settled it: entry {entry}"),
                );
            }
            Step::Acknowledged => line("", "the card took the receipt and dropped the token"),
            Step::CardLost { name } => line("", format!("the card in {name} was lost")),
            Step::Abandoned { reason } => line("", format!("given up: {reason}")),
            Step::Progress { .. } => {}
        }
    }
}

impl Teller {
    fn debited(&self, amount: u64, token_bytes: u64) {
        let order = match self.pay_first {
            true => " (paying comes first)",
            false => " (with the first byte of M)",
        };
        let (amount, bytes) = (yen(amount), grouped(token_bytes));
        line("ST11", format!("the card paid {amount} with a token under Kcp{order}"));
        line("", format!("the token: {bytes} bytes that only the center can read"));
    }
}
