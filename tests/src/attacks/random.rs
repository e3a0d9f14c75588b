//! Bytes that mean nothing, or nearly something, in the middle of a card's life.

use saifu_vsmartcard::platform::RamPlatform;
use saifu_wire::Status;
use saifu_wire::Wire;
use saifu_wire::apdu::Command;
use saifu_wire::certificate::Role;
use saifu_wire::ins::Ins;
use saifu_wire::request::{PurseRef, SegmentRange, segments_data};
use saifu_wire::signed::{Credit, PaymentOrder};
use saifu_wire::value::{Kind, PurseTerms};

use super::administration::{Issuer, NEW_PIN};
use super::kit::{named, opening, pay, set_time, size};
use super::tally::Tally;
use crate::fixture::{
    Delivery, Draws, Exchange, PIN, TIME, TestCard, TestCenter, customer, money_purse,
    stored_content,
};

/// How many commands a session has.
pub const SESSION: usize = 500;

/// How many sessions a campaign has: 20,000 commands, or a million at full size.
#[must_use]
pub fn sessions() -> usize {
    size(20_000, 1_000_000) / SESSION
}

/// The most bytes that a card's outside memory may have, whatever came to it.
const MOST_BYTES: usize = 200_000;

/// Commands that were right once, and the card that answered them.
pub struct Life {
    machine: RamPlatform,
    center: TestCenter,
    recorded: Vec<Exchange>,
    value: u64,
}

impl Life {
    /// Plays a life in which every command of a card in use is said once.
    #[must_use]
    pub fn new() -> Self {
        let (mut card, center) = customer(0xCA, 3_000);
        let issuer = Issuer::new();
        card.record();
        issuer.is_shown_to(&mut card);
        card.introduce(&center);
        bought(&mut card, &center);
        kept(&mut card, &center);
        decrypted_first(&mut card, &center);
        expired(&mut card, &center);
        for ins in [Ins::GetChallenge, Ins::ListOutbox] {
            let _ = card.send(ins, 0, 0, &[]);
        }
        card.send(Ins::InternalAuthenticate, 0, 0, &[0; 32]).expect("an authentication");
        let unblock = issuer.unblock(card.id(), 1);
        card.send(Ins::ResetRetryCounter, 0x00, 0x81, &unblock).expect("a new PIN");
        let recorded = card.take_record();
        let machine = card.machine();
        let recorded = with_the_end(&machine, recorded);
        let value = value(&mut card, &center).expect("a card that can be read");
        Self { machine, center, recorded, value }
    }

    /// One session: random commands, resets and cuts between them, and all value after it.
    /// How many commands were refused; an error says what went wrong.
    ///
    /// # Errors
    /// A status word that is not documented, data beside one, value that is not there, or a
    /// memory that grew.
    pub fn session(&self, draws: &mut Draws) -> Result<u64, String> {
        let mut card = TestCard::on(self.machine.clone());
        card.select();
        card.verify(NEW_PIN).map_err(|word| format!("the right PIN: {word:04X}"))?;
        let mut refused = 0;
        for _ in 0..SESSION {
            if draws.below(100) == 0 {
                interrupt(&mut card, draws);
            }
            let apdu = draw_apdu(draws, &self.recorded);
            refused += u64::from(word(&card.transmit(&apdu))? != 0x9000);
        }
        card.power_cycle();
        let bytes: usize = card.image().outside.values().map(Vec::len).sum();
        if bytes > MOST_BYTES {
            return Err(format!("{bytes} bytes lie outside"));
        }
        match value(&mut card, &self.center) {
            Some(value) if value != self.value => Err(format!("{value} yen, not {}", self.value)),
            _ => Ok(refused),
        }
    }
}

impl Default for Life {
    fn default() -> Self {
        Self::new()
    }
}

/// Adds the commands that would end the card; another one says them.
fn with_the_end(machine: &RamPlatform, mut recorded: Vec<Exchange>) -> Vec<Exchange> {
    let issuer = Issuer::new();
    let mut card = TestCard::on(machine.clone());
    card.select();
    card.record();
    for erase in [false, true] {
        let order = issuer.end(&mut card, erase);
        let _ = card.send(Ins::Terminate, u8::from(erase), 0, &order);
    }
    recorded.extend(card.take_record());
    recorded
}

fn bought(card: &mut TestCard, center: &TestCenter) {
    let delivery = center.deliver(&card.keys(), 1);
    card.credit(&center.load(card.id(), 1, 2, 500)).expect("a load");
    card.load_licence(&delivery.licence).expect("a licence");
    let token = card.buy(center, 1).expect("a token");
    card.token(center, 3).ok();
    card.open_stream(center, 1, &delivery.header).expect("a stream");
    card.decrypt(0, &delivery.segments.concat()).expect("a work");
    card.acknowledge(&center.receipt(&token, 1)).expect("a receipt that is taken");
    card.void(center, 3).expect("a void");
    card.see(center).expect("a card that can be read");
}

fn kept(card: &mut TestCard, center: &TestCenter) {
    let keys = card.keys();
    let delivery = center.deliver(&keys, 1);
    let both = SegmentRange { first: 0, count: 2 }.to_bytes();
    let mut say = |ins, p1, data: &[u8]| drop(card.send(ins, p1, 0, data).expect("an answer"));
    say(Ins::OpenStream, 0, &opening(center, 1, &delivery.header));
    say(Ins::Decrypt, 1, &segments_data(0, &delivery.segments.concat()));
    say(Ins::OpenStream, 1, &named(center, 1));
    say(Ins::ReadContent, 0, &both);
    let later = center.deliver(&keys, 2);
    say(Ins::LoadLicence, 1, &later.licence.to_bytes());
    say(Ins::StoreContent, 0, &opening(center, 2, &later.header));
    say(Ins::StoreContent, 1, &segments_data(0, &later.segments.concat()));
    say(Ins::StoreContent, 2, &[]);
    say(Ins::HandBack, 0, &named(center, 2));
    say(Ins::HandBack, 1, &both);
    say(Ins::ListContents, 0, &named(center, 0));
    say(Ins::DeleteContent, 0, &named(center, 1));
}

fn decrypted_first(card: &mut TestCard, center: &TestCenter) {
    let keys = card.keys();
    for number in [3, 4, 5] {
        let Delivery { licence, .. } =
            center.deliver_as(&keys, number, &stored_content(), |licence| {
                licence.payment = PaymentOrder::DecryptFirst;
            });
        card.load_licence(&licence).expect("a licence");
    }
    for (number, ins) in [(3, Ins::Cancel), (4, Ins::Release)] {
        card.verify(PIN).expect("the right PIN");
        card.send(Ins::Hold, 0, 0, &pay(center, number, 0, 1)).expect("a hold");
        card.send(ins, 0, 0, &named(center, number)).expect("its end");
    }
    card.send(Ins::DeleteLicence, 0, 0, &named(center, 5)).expect("a licence that is forgotten");
}

fn expired(card: &mut TestCard, center: &TestCenter) {
    let coupon = PurseTerms { kind: Kind::Coupon, not_after: TIME + 10, ..money_purse(4) };
    let terms = std::slice::from_ref(&coupon);
    card.open_account(&center.opening(card.id(), 1, terms)).expect("a purse");
    let credit = center.credit(card.id(), 1, 1, 50);
    let credit = Credit { purse: 4, kind: coupon.kind, unit: coupon.unit, ..credit };
    card.credit(&center.sign(Role::Credit, credit)).expect("a load");
    set_time(card, center, TIME + 11);
    let purse = PurseRef { center: center.id(), purse: 4 }.to_bytes();
    card.send(Ins::Expire, 0, 0, &purse).expect("what is written off");
}

/// What is in purse 1, on hold, and in tokens that wait; `None` of a card whose PIN is not known.
fn value(card: &mut TestCard, center: &TestCenter) -> Option<u64> {
    card.verify(NEW_PIN).ok()?;
    let seen = card.see_verified(center).ok()?;
    let purse = seen.balances.purses.0.iter().find(|purse| purse.purse == 1)?;
    let keys = card.keys();
    let waiting = seen.outbox.iter().map(|entry| {
        let token = card.token(center, entry.counter).expect("a token that waits");
        center.open_token(&keys, &token).amount
    });
    Some(purse.balance + purse.held + waiting.sum::<u64>())
}

fn interrupt(card: &mut TestCard, draws: &mut Draws) {
    match draws.below(3) {
        0 => card.reset(),
        1 => card.power_cycle(),
        _ => drop(card.transmit(&[0x00, 0x70, 0x00, 0x00, 0x01])),
    }
    card.select();
    if draws.below(2) == 0 {
        let _ = card.verify(NEW_PIN);
    }
}

/// The status word of an answer that is well formed.
fn word(answer: &[u8]) -> Result<u16, String> {
    let (data, word) = answer.split_last_chunk().ok_or("no status word")?;
    let word = u16::from_be_bytes(*word);
    let answered = matches!(word >> 8, 0x90 | 0x61 | 0x62);
    match (Status::is_documented(word), data.is_empty() || answered) {
        (true, true) => Ok(word),
        (false, _) => Err(format!("{word:04X} is not documented")),
        (true, false) => Err(format!("{word:04X} comes with data")),
    }
}

/// An APDU that is noise, or has a header of ours, or was right until a moment ago.
fn draw_apdu(draws: &mut Draws, recorded: &[Exchange]) -> Vec<u8> {
    let mut said = recorded[draws.below(recorded.len())].command.clone();
    match draws.below(12) {
        0 => {
            let count = draws.below(300);
            draws.bytes(count)
        }
        1 => {
            let count = draws.below(40);
            [&said[..2], &draws.bytes(count)].concat()
        }
        2 | 3 => mutate(draws, said),
        4..=6 => well_formed(draws, &said),
        // On a channel that is open or not, as a part of a chain, or just as it was.
        7 => {
            said[0] |= [0x01, 0x02, 0x10, 0x11][draws.below(4)];
            said
        }
        8 => said,
        _ => {
            let at = 4 + draws.below(said.len() - 4);
            if let Some(byte) = said.get_mut(at) {
                *byte ^= 1 << draws.below(8);
            }
            said
        }
    }
}

/// A command with the header of one that was said, or nearly so, and any data.
fn well_formed(draws: &mut Draws, said: &[u8]) -> Vec<u8> {
    let mut header = [said[0], said[1], said[2], said[3]];
    if draws.below(4) == 0 {
        header[draws.below(4)] = draws.byte();
    }
    let [cla, ins, p1, p2] = header;
    let count = [0, 4, 16, 24, 29, 214][draws.below(6)];
    let data = draws.bytes(count);
    let le = [None, Some(1), Some(256), Some(65_536)][draws.below(4)];
    Command { cla, ins, p1, p2, data: &data, le, extended: le == Some(65_536) }.to_bytes()
}

/// Changes a command in one to three places.
fn mutate(draws: &mut Draws, mut apdu: Vec<u8>) -> Vec<u8> {
    for _ in 0..=draws.below(3) {
        let at = draws.below(apdu.len().max(1));
        match draws.below(5) {
            0 => apdu.truncate(at),
            1 => apdu.push(draws.byte()),
            2 if at < apdu.len() => apdu[at] = draws.byte(),
            3 => apdu.insert(at.min(apdu.len()), draws.byte()),
            _ => apdu.get_mut(draws.below(8)).into_iter().for_each(|byte| *byte ^= 0x10),
        }
    }
    apdu
}

pub(super) fn ap13_random_commands_get_documented_answers_and_move_no_value(t: &mut Tally) {
    let life = Life::new();
    let mut draws = Draws::new("ap13");
    let mut refused = 0;
    for _ in 0..sessions() {
        match life.session(&mut draws) {
            Ok(count) => refused += count,
            Err(what) => t.fail(what),
        }
    }
    t.count(refused, (sessions() * SESSION) as u64);
}
