//! The hand at the reader: puts the card in and takes it out, through the control socket.

use std::time::Instant;

use saifu_vsmartcard::rig::control::{Answer, Request};

use super::{Halt, Lane};
use crate::card_storm::tally::Wrong;

/// What a reader says that has a card already, and one that has none.
const OCCUPIED: &str = "remove it first";
const EMPTY: &str = "insert a card first";

impl Lane<'_> {
    /// Puts the card in, or out and in at once where it is in.
    pub(super) fn put_in(&mut self) -> Result<(), Halt> {
        self.put_back()?;
        self.inserted += 1;
        self.storm.tally.lock().insertions += 1;
        Ok(())
    }

    /// Puts the card in, and counts nothing.
    pub(super) fn put_back(&mut self) -> Result<(), Halt> {
        self.doing = "putting the card in";
        let begun = Instant::now();
        let (reader, card) = (self.number, self.storm.rack.card(self.number).to_owned());
        loop {
            let request = match self.is_in {
                true => Request::Swap { reader, card: card.clone() },
                false => Request::Insert { reader, card: card.clone() },
            };
            match self.hand(&request)? {
                Answer::Done(readers) if readers[reader].connected => break,
                Answer::Done(_) => {
                    self.is_in = true;
                    self.try_again(begun, "the reader does not take it")?;
                }
                // The process was started again meanwhile, with the card in.
                Answer::Refused(why) if why.contains(OCCUPIED) => self.is_in = true,
                Answer::Refused(why) => self.try_again(begun, &why)?,
            }
        }
        self.is_in = true;
        Ok(())
    }

    /// Takes the card out.
    pub(super) fn take_out(&mut self) -> Result<(), Halt> {
        let begun = Instant::now();
        loop {
            match self.hand(&Request::Remove { reader: self.number })? {
                Answer::Done(_) => break,
                // It was heard, and its answer was not.
                Answer::Refused(why) if why.contains(EMPTY) => break,
                Answer::Refused(why) => self.try_again(begun, &why)?,
            }
        }
        self.is_in = false;
        Ok(())
    }

    /// Has the rig do something, again and again while its process is being killed.
    pub(super) fn hand(&mut self, request: &Request) -> Result<Answer, Halt> {
        let begun = Instant::now();
        loop {
            let turn = self.storm.rack.turn();
            match self.storm.rack.ask(request) {
                Ok(answer) => {
                    if let Answer::Refused(why) = &answer {
                        let card = self.storm.rack.card(self.number).display().to_string();
                        let reader = format!("reader {}", self.number);
                        let why = why.replace(&card, "FOLDER").replace(&reader, "READER");
                        self.storm.tally.lock().error(&self.place(), &why);
                    }
                    return Ok(answer);
                }
                Err(error) if self.storm.rack.ran_since(turn) => {
                    let what = format!("the control socket does not answer: {error}");
                    return Err(self.found(Wrong::Unanswered, &what));
                }
                Err(error) => self.try_again(begun, &error.to_string())?,
            }
        }
    }
}
