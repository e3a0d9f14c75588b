//! The model's commands as APDUs, answered, lost or cut.

use saifu_model::{Command, Fate, Token};
use saifu_vsmartcard::platform::{Cut, Leaves};
use saifu_wire::codec::Wire;
use saifu_wire::ins::Ins;
use saifu_wire::request::{
    ChallengeRequest, LicenceRef, PayRequest, PurseRef, TokenRef, segments_data,
};
use saifu_wire::signed::{Licence, Signed};

use super::card::{Fails, View, look};
use super::desk::CONTENT;
use super::signed::{forged_credit, forged_receipt};
use super::world::World;
use crate::fixture::PIN;

/// What a cut leaves of the write that commits, one after the other.
const LEAVES: [Leaves; 4] =
    [Leaves::Nothing, Leaves::Garbage, Leaves::Erased, Leaves::Beginning(40)];

/// The most writes of one command.
const MAX_WRITES: u64 = 100;

impl World {
    /// Sends a command to a card.
    ///
    /// # Errors
    /// Why it came to nothing: the status word, or what the host does not have.
    pub(super) fn run_command(
        &mut self,
        card: u8,
        command: Command,
        fate: Fate,
    ) -> Result<(), String> {
        let data = self.data(card, command)?;
        let ins = instruction(command);
        if asks_for_pin(command) {
            self.card(card).card.verify(PIN).map_err(word)?;
        }
        if let Fate::Between = fate {
            self.cut_everywhere(card, command, &data);
        }
        let fails = match fate {
            Fate::Answered => {
                let answer = self.card(card).card.send(ins, 0, 0, &data).map_err(word)?;
                self.keep(card, command, answer);
                return Ok(());
            }
            Fate::Lost => Fails::AfterCommit,
            Fate::Cut | Fate::Between | Fate::Early => {
                self.cuts += 1;
                Fails::AtCommit(LEAVES[self.cuts % LEAVES.len()])
            }
        };
        let failed = self.card(card).send_and_fail(fails, ins, &data).map_err(word)?;
        if failed { Ok(()) } else { Err("answered again, nothing written".into()) }
    }

    /// Cuts the command at each of its writes, on copies: each is as before it or as after it.
    fn cut_everywhere(&self, card: u8, command: Command, data: &[u8]) {
        let (one, ins) = (&self.cards[usize::from(card)], instruction(command));
        let center = self.desk.id();
        let at = |write: Option<u64>| {
            let mut copy = one.copy();
            copy.verify(PIN).expect("the right PIN");
            if let Some(at_write) = write {
                copy.cut_power(Cut { at_write, leaves: Leaves::Garbage, keeps_unsynced: true });
            }
            // Only what is stored counts here.
            let _ = copy.send(ins, 0, 0, data);
            let cut = !copy.has_power();
            copy.power_cycle();
            (cut, look(&mut copy, center).expect("a card that lives"))
        };
        let before = look(&mut one.copy(), center).expect("a card that lives");
        let after: View = at(None).1;
        for write in 1..MAX_WRITES {
            let (cut, view) = at(Some(write));
            assert!(view == before || view == after, "{command}: torn at its write {write}");
            if !cut {
                return;
            }
        }
        panic!("{command} writes more than {MAX_WRITES} times");
    }

    /// The data field of a command.
    fn data(&mut self, card: u8, command: Command) -> Result<Vec<u8>, String> {
        let center = self.desk.id();
        let purse = |purse: u8| PurseRef { center, purse: u32::from(purse) + 1 };
        let licence = |order| self.licence(card, order).map(|licence| licence.to_bytes());
        Ok(match command {
            Command::LoadLicence(order) => self.delivered(card, order)?.licence.clone(),
            Command::DeleteLicence(order) | Command::Release(order) | Command::Cancel(order) => {
                licence(order)?
            }
            Command::Debit(order, purse) => self.payment(card, order, purse)?,
            Command::Hold(order) => {
                self.payment(card, order, self.config.orders[usize::from(order)].kind as u8)?
            }
            Command::OpenStream(order) => {
                [licence(order)?, self.delivered(card, order)?.header.clone()].concat()
            }
            Command::Decrypt => self.segments(card)?,
            Command::GetToken(token) => {
                let counter = self.counter(token)?;
                TokenRef { center, counter }.to_bytes()
            }
            Command::Acknowledge(token) => self.receipt(token)?,
            Command::Challenge(load) => {
                let load = self.load(load);
                let request =
                    ChallengeRequest { purse: purse(load.purse), nonce: load.opened.nonce };
                request.to_bytes()
            }
            Command::Credit(load) | Command::Void(load) => {
                self.load(load).credit.ok_or("there is no credit")?
            }
            Command::StrayVoid(kind) => self.stray_credit(card, kind)?,
            Command::Expire(kind) => purse(kind).to_bytes(),
            Command::SetTime => {
                let nonce = self.card(card).card.send(Ins::GetChallenge, 0, 0, &[]);
                let nonce = nonce.map_err(word)?;
                let late = self.late;
                self.desk.sign_time(card, &nonce, late).map_err(|no| format!("{no:?}"))?
            }
        })
    }

    fn delivered(&self, card: u8, order: u8) -> Result<&super::desk::Delivered, String> {
        let found = self.deliveries.get(&(order, card));
        found.ok_or_else(|| "the order has no licence for this card".into())
    }

    /// The licence of an order on a card.
    pub(super) fn licence(&self, card: u8, order: u8) -> Result<LicenceRef, String> {
        let licence = Signed::<Licence>::parse(&self.delivered(card, order)?.licence);
        let number = licence.expect("a licence").message().number;
        Ok(LicenceRef { center: self.desk.id(), number })
    }

    fn payment(&self, card: u8, order: u8, purse: u8) -> Result<Vec<u8>, String> {
        let licence = self.licence(card, order)?;
        Ok(PayRequest { licence, price_index: 0, purse: u32::from(purse) + 1 }.to_bytes())
    }

    /// The segments of the work whose stream was opened last.
    fn segments(&self, card: u8) -> Result<Vec<u8>, String> {
        let order = self.cards[usize::from(card)].opened.ok_or("no stream was opened")?;
        Ok(segments_data(0, &self.delivered(card, order)?.segments))
    }

    /// The counter of a token in its card's outbox; of another, one that no token has.
    fn counter(&mut self, token: Token) -> Result<u64, String> {
        let number = self.licence(token.card, token.order)?.number;
        let view = self.card(token.card).look().map_err(word)?;
        let waits = view.outbox.iter().find(|entry| entry.licence == number);
        Ok(waits.map_or(0, |entry| entry.counter))
    }

    /// The receipt for a token, or where the host has none, one that it makes itself.
    fn receipt(&mut self, token: Token) -> Result<Vec<u8>, String> {
        if let Some(receipt) = self.host.receipts.get(&token) {
            return Ok(receipt.clone());
        }
        let (center, counter) = (self.desk.id(), self.counter(token)?);
        let request = TokenRef { center, counter }.to_bytes();
        let bytes = self.card(token.card).copy().send(Ins::GetToken, 0, 0, &request);
        Ok(forged_receipt(center, &bytes.map_err(word)?))
    }

    /// A credit for the next load of a purse that its center never signed.
    fn stray_credit(&mut self, card: u8, purse: u8) -> Result<Vec<u8>, String> {
        let view = self.card(card).look().map_err(word)?;
        let sequence = view.purses[usize::from(purse)].sequence + 1;
        let id = self.card(card).card.id();
        Ok(forged_credit(self.desk.id(), id, purse, sequence))
    }

    /// Keeps what a card has answered.
    fn keep(&mut self, card: u8, command: Command, answer: Vec<u8>) {
        let holds_work = answer.windows(CONTENT.len()).any(|window| window == CONTENT);
        assert_eq!(holds_work, command == Command::Decrypt, "{command}: what it answers");
        let host = &mut self.host;
        let token = |order| Token { card, order, nth: 0 };
        match command {
            Command::Debit(order, _) | Command::Release(order) if !answer.is_empty() => {
                host.tokens.insert(token(order), answer);
            }
            Command::GetToken(token) => {
                host.tokens.insert(token, answer);
            }
            Command::OpenStream(order) => self.card(card).opened = Some(order),
            Command::Credit(load) => {
                host.credited.insert(load, answer);
            }
            Command::Void(load) => {
                host.voided.insert(load, answer);
            }
            Command::Challenge(load) => {
                let purse = self.load(load).purse;
                self.host.challenges.insert((card, purse), answer);
            }
            Command::Expire(purse) => {
                host.expiries.insert((card, purse), answer);
            }
            _ => {}
        }
    }
}

fn instruction(command: Command) -> Ins {
    match command {
        Command::LoadLicence(_) => Ins::LoadLicence,
        Command::DeleteLicence(_) => Ins::DeleteLicence,
        Command::Debit(..) => Ins::Debit,
        Command::Hold(_) => Ins::Hold,
        Command::Release(_) => Ins::Release,
        Command::Cancel(_) => Ins::Cancel,
        Command::OpenStream(_) => Ins::OpenStream,
        Command::Decrypt => Ins::Decrypt,
        Command::GetToken(_) => Ins::GetToken,
        Command::Acknowledge(_) => Ins::Acknowledge,
        Command::Challenge(_) => Ins::GetCreditChallenge,
        Command::Credit(_) => Ins::Credit,
        Command::Void(_) | Command::StrayVoid(_) => Ins::Void,
        Command::Expire(_) => Ins::Expire,
        Command::SetTime => Ins::SetTime,
    }
}

/// Whether a terminal verifies the PIN before it.
fn asks_for_pin(command: Command) -> bool {
    matches!(
        command,
        Command::DeleteLicence(_)
            | Command::Debit(..)
            | Command::Hold(_)
            | Command::Cancel(_)
            | Command::Challenge(_)
            | Command::Void(_)
            | Command::StrayVoid(_)
    )
}

/// A status word in words.
pub(super) fn word(word: u16) -> String {
    format!("{word:04X}")
}
