//! Cards that are wrong, each in one way.

use std::time::{Duration, Instant};

use saifu_trace::run::POWER;
use saifu_trace::target::{FreshCard, Outcome, Target, TargetError};
use saifu_vsmartcard::atr::Atr;
use saifu_vsmartcard::platform::RamPlatform;
use saifu_vsmartcard::{NewCard, VirtualCard};
use saifu_wire::CardId;
use saifu_wire::apdu::{Class, Command};

const GET_RESPONSE: u8 = 0xC0;
const MANAGE_CHANNEL: u8 = 0x70;
const SELECT: u8 = 0xA4;
/// The instructions that the suite sends and our card knows.
const KNOWN: [u8; 6] = [0x70, 0x84, 0x88, 0xA4, 0xC0, 0xCA];

const OK: [u8; 2] = [0x90, 0x00];
const REFUSED: [u8; 2] = [0x6F, 0x00];
const NOT_FOUND: [u8; 2] = [0x6A, 0x82];
const NOT_OPEN: [u8; 2] = [0x68, 0x81];
/// What the suite is told to read, with Le.
const READ: [u8; 4] = [0xCA, 0xDF, 0x02, 0x00];

/// In which way a card is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wrong {
    /// In none.
    Nowhere,
    /// An application on one channel is not to be had on another.
    AnswersOnOneChannel,
    /// What an answer left out can be fetched again and again, whatever comes between.
    AnswersAgain,
    /// More than 256 bytes come of what it is asked to read.
    AnswersTooMuch,
    /// The parts of a chain are all acknowledged, and only the last is carried out.
    BreaksChains,
    /// Another ATR after each reset, which begins with 3A, and another answer to SELECT.
    ChangesAtResets,
    /// Where Le is neither 00 nor too small, the last byte is missing.
    CutsAnswers,
    /// Its ATR denies chaining and channels, and it has both.
    DeniesWhatItHas,
    /// A SELECT that is refused ends the session.
    ForgetsWhenRefused,
    /// Reset and power are nothing to it.
    ForgetsNothing,
    /// Channels are nothing to it: all commands come on the basic one.
    IgnoresChannels,
    /// Bit 5 of CLA is nothing to it.
    IgnoresChains,
    /// Le is 00 always.
    IgnoresLe,
    /// P1 and P2 of SELECT are nothing to it, and neither are P1 and P2 of GET RESPONSE.
    IgnoresParameters,
    /// The bits of secure messaging are nothing to it.
    IgnoresSecureMessaging,
    /// Each instruction that it has not is answered 9000.
    KnowsEverything,
    /// MANAGE CHANNEL is answered 9000, and nothing else happens.
    ManagesNothing,
    /// Extended lengths, and data of 255 bytes, are too long for it.
    RefusesLongOnes,
    /// GET RESPONSE is refused.
    RefusesTheRest,
    /// Every SELECT is refused.
    RefusesSelect,
    /// SELECT is refused while something is selected.
    RefusesTheSecondSelect,
    /// SELECT by a part of a name is refused.
    RefusesPartialNames,
    /// A SELECT that it refuses, for a closed channel or for P2 01, is answered 9000.
    SaysThatItSelected,
    /// A SELECT of whatever name selects its application.
    SelectsAnything,
    /// Its answer to SELECT has a wrong name in it.
    SaysAnotherName,
    /// Its answer to SELECT has the tag of nothing that it could have.
    SaysNoTemplate,
    /// Whatever is not well formed stuns it until the next reset.
    StunnedByNonsense,
    /// Lengths that lie are taken for those of what comes.
    TakesLies,
    /// Reserved classes are class 00.
    TakesReservedClasses,
}

/// A card of ours that is made wrong.
pub(crate) struct WrongCard {
    card: VirtualCard,
    pub(crate) wrong: Wrong,
    kept: Vec<u8>,
    resets: u8,
    /// The channel of the last SELECT that was carried out.
    selected: Option<u8>,
    is_stunned: bool,
}

impl WrongCard {
    pub(crate) fn new() -> Self {
        let mut card = VirtualCard::on(RamPlatform::new(7));
        card.personalise(CardId([7; 16]), &NewCard::default()).unwrap();
        Self {
            card,
            wrong: Wrong::Nowhere,
            kept: Vec::new(),
            resets: 0,
            selected: None,
            is_stunned: false,
        }
    }

    fn answer(&mut self, command: &[u8]) -> Vec<u8> {
        let ins = command.get(1).copied().unwrap_or_default();
        let is_extended = command.len() > 5 && command[4] == 0;
        let chained = command.len() > 4 && command[0] & 0xF0 == 0x10;
        match self.wrong {
            Wrong::BreaksChains if chained && ins != SELECT => OK.to_vec(),
            Wrong::AnswersAgain if ins == GET_RESPONSE => {
                let all = (self.kept.len() > 2).then(|| self.kept.clone());
                all.unwrap_or_else(|| self.card.transmit(command))
            }
            Wrong::KnowsEverything if !KNOWN.contains(&ins) => [&[0x5A][..], &OK].concat(),
            Wrong::ManagesNothing if ins == MANAGE_CHANNEL => [&[0x01][..], &OK].concat(),
            Wrong::RefusesLongOnes if is_extended || command.len() > 255 => REFUSED.to_vec(),
            Wrong::RefusesTheRest if ins == GET_RESPONSE => NOT_FOUND.to_vec(),
            Wrong::RefusesSelect if ins == SELECT => REFUSED.to_vec(),
            Wrong::RefusesTheSecondSelect if ins == SELECT && self.selected.is_some() => {
                REFUSED.to_vec()
            }
            Wrong::RefusesPartialNames if ins == SELECT && command.get(4) == Some(&5) => {
                NOT_FOUND.to_vec()
            }
            Wrong::AnswersOnOneChannel if ![SELECT, MANAGE_CHANNEL].contains(&ins) => {
                let channel = channel(command);
                let elsewhere = self.selected.is_some_and(|other| Some(other) != channel);
                if elsewhere { REFUSED.to_vec() } else { self.card.transmit(command) }
            }
            Wrong::SaysThatItSelected if ins == SELECT && command.get(3) == Some(&1) => OK.to_vec(),
            Wrong::StunnedByNonsense if self.is_stunned || is_nonsense(command) => {
                self.is_stunned = true;
                REFUSED.to_vec()
            }
            Wrong::AnswersTooMuch if command.ends_with(&READ) => [&[0x5A; 300][..], &OK].concat(),
            _ => self.card.transmit(&self.changed(command)),
        }
    }

    /// The command as the card takes it.
    fn changed(&self, command: &[u8]) -> Vec<u8> {
        let mut command = command.to_vec();
        let [cla, ins, p1, p2, ..] = &mut command[..] else { return command };
        match self.wrong {
            Wrong::IgnoresChannels if *cla < 0x20 => *cla &= 0x1C,
            Wrong::IgnoresChannels if *cla & 0xC0 == 0x40 => *cla &= 0x30,
            Wrong::DeniesWhatItHas if *ins == SELECT => *cla &= 0xEF,
            Wrong::IgnoresChains if *cla & 0xE0 == 0x00 => *cla &= 0x0F,
            Wrong::IgnoresSecureMessaging if *cla & 0xE0 == 0x00 => *cla &= 0x13,
            Wrong::IgnoresSecureMessaging if *cla & 0xE0 == 0x60 => *cla &= 0x10,
            Wrong::TakesReservedClasses if Class::parse(*cla).is_none() => *cla = 0x00,
            Wrong::IgnoresParameters if *ins == SELECT => (*p1, *p2) = (0x04, 0x00),
            Wrong::IgnoresParameters if *ins == GET_RESPONSE => (*p1, *p2) = (0x00, 0x00),
            Wrong::IgnoresLe | Wrong::TakesLies | Wrong::SelectsAnything => {
                return self.rebuilt(command);
            }
            _ => {}
        }
        command
    }

    /// The same with other lengths, Le or name.
    fn rebuilt(&self, command: Vec<u8>) -> Vec<u8> {
        let [cla, ins, p1, p2, ref body @ ..] = command[..] else { return command };
        let Ok(parsed) = Command::parse(&command) else {
            let is_lie = self.wrong == Wrong::TakesLies;
            let data = body.get(1..).unwrap_or_default();
            let le = Some(256);
            let mended = Command { cla, ins, p1, p2, data, le, extended: data.len() > 255 };
            return if is_lie { mended.to_bytes() } else { command };
        };
        match self.wrong {
            Wrong::IgnoresLe => Command { le: Some(65_536), ..parsed }.to_bytes(),
            Wrong::SelectsAnything if ins == SELECT && !parsed.data.is_empty() => {
                Command { data: &saifu_wire::applet::AID, ..parsed }.to_bytes()
            }
            _ => command,
        }
    }

    /// What becomes of an answer on its way out.
    fn said(&mut self, command: &[u8], mut answer: Vec<u8>) -> Vec<u8> {
        let is_select = command.get(1) == Some(&SELECT);
        let is_good = answer.ends_with(&OK);
        if is_select && is_good {
            self.selected = channel(command);
        }
        match self.wrong {
            Wrong::CutsAnswers if is_good && !matches!(command.last(), Some(0..=2)) => {
                answer.drain(..answer.len().min(3) - 2);
            }
            Wrong::SaysThatItSelected if is_select && answer == NOT_OPEN => answer = OK.to_vec(),
            Wrong::AnswersAgain if answer.len() > 2 => self.kept.clone_from(&answer),
            Wrong::ForgetsWhenRefused if is_select && answer == NOT_FOUND => self.card.reset(),
            // The last byte of the name in its answer.
            Wrong::SaysAnotherName if is_select && answer.len() > 12 => answer[10] ^= 0xFF,
            Wrong::SaysNoTemplate if is_select && answer.len() > 12 => answer[0] = 0x0F,
            // A limit that the answer ends with.
            Wrong::ChangesAtResets if is_select && answer.len() > 12 => answer[32] = self.resets,
            _ => {}
        }
        answer
    }
}

impl Target for WrongCard {
    fn name(&self) -> String {
        format!("{:?}", self.wrong)
    }

    fn is_real(&self) -> bool {
        false
    }

    fn capabilities(&self) -> Vec<&'static str> {
        vec![POWER]
    }

    fn prepare(&mut self, _: &FreshCard) -> Result<(), TargetError> {
        self.card.power_up();
        (self.selected, self.is_stunned) = (None, false);
        self.kept.clear();
        Ok(())
    }

    fn transmit(&mut self, command: &[u8]) -> Result<(Outcome, Duration), TargetError> {
        let begun = Instant::now();
        let answer = self.answer(command);
        let said = self.said(command, answer);
        Ok((Outcome::Answer(said), begun.elapsed()))
    }

    fn atr(&mut self) -> Result<Vec<u8>, TargetError> {
        let mut atr = Atr::default().as_bytes().to_vec();
        match self.wrong {
            Wrong::ChangesAtResets => {
                atr[0] = 0x3A;
                atr[18] = self.resets;
            }
            // The third byte of its capabilities.
            Wrong::DeniesWhatItHas => atr[12] = 0x40,
            _ => {}
        }
        Ok(atr)
    }

    fn reset(&mut self) -> Result<(), TargetError> {
        self.resets = self.resets.wrapping_add(1);
        (self.selected, self.is_stunned) = (None, false);
        if self.wrong != Wrong::ForgetsNothing {
            self.card.reset();
        }
        Ok(())
    }

    fn power_off(&mut self) -> Result<(), TargetError> {
        if self.wrong != Wrong::ForgetsNothing {
            self.card.power_down();
        }
        Ok(())
    }

    fn power_on(&mut self) -> Result<(), TargetError> {
        Ok(())
    }

    fn remove(&mut self) -> Result<(), TargetError> {
        Err(TargetError::Unsupported("it is in no reader".into()))
    }

    fn insert(&mut self) -> Result<(), TargetError> {
        Err(TargetError::Unsupported("it is in no reader".into()))
    }

    fn fault(&mut self, _: Option<&str>) -> Result<(), TargetError> {
        Err(TargetError::Unsupported("it is wrong already".into()))
    }
}

/// The channel of a command, where its class has one.
fn channel(command: &[u8]) -> Option<u8> {
    Some(Class::parse(*command.first()?)?.channel)
}

/// No command at all, of a reserved class, a part of a SELECT, or a SELECT of nothing.
fn is_nonsense(command: &[u8]) -> bool {
    let Ok(parsed) = Command::parse(command) else { return true };
    let Some(class) = Class::parse(parsed.cla) else { return true };
    parsed.ins == SELECT && (class.chained || parsed.data.is_empty())
}
