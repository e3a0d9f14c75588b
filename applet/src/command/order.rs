//! Which instruction an APDU's header names, and what such a command must look like (§6).
//!
//! The one table of parameters, data and Le.

use saifu_wire::Status;
use saifu_wire::ins::Ins;

/// An instruction, with parameters it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    ins: Ins,
    p1: u8,
    p2: u8,
}

/// What a command's header and lengths must be.
struct Shape {
    parameters: fn(u8, u8) -> bool,
    data: Field,
    /// Whether it answers with data, and therefore must carry Le.
    answers: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Field {
    None,
    Optional,
    Needed,
}

impl Order {
    /// Finds what instruction and parameters name; the instruction is `None` if its class has
    /// none of this code.
    ///
    /// # Errors
    /// 6D00 for an instruction that is unknown, 6A86 for other parameters.
    pub fn find(ins: Option<Ins>, p1: u8, p2: u8) -> Result<Self, Status> {
        let ins = ins.ok_or(Status::InsNotSupported)?;
        let shape = shape(ins, p1);
        let fits = (shape.parameters)(p1, p2);
        if fits { Ok(Self { ins, p1, p2 }) } else { Err(Status::WrongP1P2) }
    }

    /// The instruction.
    #[must_use]
    pub fn ins(self) -> Ins {
        self.ins
    }

    /// P1 and P2, for [`Command::parse`](super::Command::parse) alone.
    pub(super) fn parameters(self) -> (u8, u8) {
        (self.p1, self.p2)
    }

    /// Whether GET DATA asks for what a card tells in every state: card id or status.
    #[must_use]
    pub fn reads_public_state(self) -> bool {
        self.ins == Ins::GetData && self.p1 == 0xDF && matches!(self.p2, 0x01 | 0x02)
    }

    /// Whether such a command may have data, and so come in a chain.
    #[must_use]
    pub fn takes_data(self) -> bool {
        shape(self.ins, self.p1).data != Field::None
    }

    /// Checks that data and Le are there where they must be.
    ///
    /// # Errors
    /// 6700.
    pub fn check_lengths(self, data_bytes: usize, le: Option<usize>) -> Result<(), Status> {
        let shape = shape(self.ins, self.p1);
        let filled = match shape.data {
            Field::None => data_bytes == 0,
            Field::Optional => true,
            Field::Needed => data_bytes > 0,
        };
        let expects = !shape.answers || le.is_some();
        // A challenge has one length; it is not cut to pieces.
        let whole = self.ins != Ins::GetChallenge || matches!(le, Some(32 | 256 | 65_536));
        if filled && expects && whole { Ok(()) } else { Err(Status::WrongLength) }
    }
}

const PIN_REFERENCE: u8 = 0x81;

#[rustfmt::skip]
fn shape(ins: Ins, p1: u8) -> Shape {
    use Field::{Needed, None as Empty, Optional};
    let row = |parameters, data, answers| Shape { parameters, data, answers };
    match ins {
        Ins::Select               => row(|p1, p2| (p1, p2) == (0x04, 0x00), Needed, true),
        Ins::GetResponse          => row(zero, Empty, true),
        Ins::GetData              => row(|_, _| true, Empty, true),
        Ins::GetChallenge         => row(zero, Empty, true),
        Ins::InternalAuthenticate => row(zero, Needed, true),
        Ins::Verify               => row(pin, Optional, false),
        Ins::ChangeReferenceData  => row(pin, Needed, false),
        Ins::ResetRetryCounter    => row(pin, Needed, false),
        Ins::VerifyCertificate    => row(|p1, p2| (p1, p2) == (0x00, 0xBE), Needed, false),
        Ins::OpenAccount          => row(zero, Needed, true),
        Ins::LoadLicence          => row(choice, Needed, true),
        Ins::GetLicence           => row(choice, Needed, true),
        Ins::DeleteLicence        => row(zero, Needed, false),
        Ins::Debit                => row(zero, Needed, true),
        Ins::GetToken             => row(zero, Needed, true),
        Ins::ListOutbox           => row(zero, Empty, true),
        Ins::Acknowledge          => row(zero, Needed, false),
        Ins::OpenStream           => row(choice, Needed, true),
        Ins::Decrypt              => row(choice, Needed, true),
        Ins::ReadContent          => row(zero, Needed, true),
        Ins::StoreContent if p1 == 2 => row(|_, p2| p2 == 0, Empty, false),
        Ins::StoreContent         => row(choice, Needed, false),
        Ins::HandBack             => row(choice, Needed, true),
        Ins::ListContents         => row(zero, Needed, true),
        Ins::DeleteContent        => row(choice, Needed, false),
        Ins::GetBalance           => row(zero, Needed, true),
        Ins::Hold                 => row(zero, Needed, true),
        Ins::Release              => row(zero, Needed, true),
        Ins::Cancel               => row(zero, Needed, true),
        Ins::GetCreditChallenge   => row(zero, Needed, true),
        Ins::Credit               => row(zero, Needed, true),
        Ins::Void                 => row(zero, Needed, true),
        Ins::SetTime              => row(zero, Needed, false),
        Ins::Expire               => row(zero, Needed, true),
        Ins::Terminate if p1 == 0 => row(|_, _| true, Needed, true),
        Ins::Terminate            => row(|p1, p2| (p1, p2) == (0x01, 0x00), Needed, false),
        Ins::InitializeUpdate     => row(|_, p2| p2 == 0, Needed, true),
        Ins::ExternalAuthenticate => row(|_, p2| p2 == 0, Needed, false),
        Ins::Initialise           => row(zero, Needed, false),
        Ins::GenerateKeyPair      => row(|p1, p2| p1 == 0x80 && matches!(p2, 1 | 2), Needed, true),
        Ins::ProveKeys            => row(zero, Needed, true),
        Ins::StoreData            => row(|p1, _| matches!(p1, 0x00 | 0x80), Needed, false),
        Ins::SetStatus            => row(|p1, p2| (p1, p2) == (0x80, 0x05), Needed, false),
    }
}

fn zero(p1: u8, p2: u8) -> bool {
    (p1, p2) == (0, 0)
}

/// P1 chooses between two forms of a command.
fn choice(p1: u8, p2: u8) -> bool {
    p1 <= 1 && p2 == 0
}

fn pin(p1: u8, p2: u8) -> bool {
    (p1, p2) == (0, PIN_REFERENCE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(ins: Ins, p1: u8, p2: u8) -> Result<Order, Status> {
        Order::find(Some(ins), p1, p2)
    }

    fn good_parameters(ins: Ins) -> (u8, u8) {
        match ins {
            Ins::Select => (0x04, 0x00),
            Ins::Verify | Ins::ChangeReferenceData | Ins::ResetRetryCounter => (0x00, 0x81),
            Ins::VerifyCertificate => (0x00, 0xBE),
            Ins::GenerateKeyPair => (0x80, 0x01),
            Ins::SetStatus => (0x80, 0x05),
            _ => (0, 0),
        }
    }

    /// Those for which any P1, or any P2, says something.
    fn reads_freely(ins: Ins) -> bool {
        matches!(
            ins,
            Ins::GetData
                | Ins::InitializeUpdate
                | Ins::ExternalAuthenticate
                | Ins::StoreData
                | Ins::Terminate
        )
    }

    #[test]
    fn every_instruction_of_the_specification_is_offered() {
        for ins in Ins::ALL {
            let (p1, p2) = good_parameters(*ins);
            assert!(find(*ins, p1, p2).is_ok(), "{}", ins.name());
        }
        assert_eq!(Order::find(None, 0, 0), Err(Status::InsNotSupported));
    }

    #[test]
    fn ap3_other_parameters_are_6a86() {
        for ins in Ins::ALL.iter().copied().filter(|ins| !reads_freely(*ins)) {
            let (p1, p2) = good_parameters(ins);
            assert_eq!(find(ins, p1 ^ 0x40, p2), Err(Status::WrongP1P2), "{}", ins.name());
            assert_eq!(find(ins, p1, p2 ^ 0x40), Err(Status::WrongP1P2), "{}", ins.name());
        }
        assert_eq!(find(Ins::StoreData, 0x40, 0), Err(Status::WrongP1P2));
        assert_eq!(find(Ins::InitializeUpdate, 1, 1), Err(Status::WrongP1P2));
        assert_eq!(find(Ins::Terminate, 1, 1), Err(Status::WrongP1P2));
        assert_eq!(find(Ins::Terminate, 2, 0), Err(Status::WrongP1P2));
        assert_eq!(find(Ins::StoreContent, 3, 0), Err(Status::WrongP1P2));
    }

    #[test]
    fn data_and_le_must_be_there_exactly_where_they_are_needed() {
        let order = |ins| {
            let (p1, p2) = good_parameters(ins);
            find(ins, p1, p2).unwrap()
        };
        let wrong = Err(Status::WrongLength);
        assert_eq!(order(Ins::Debit).check_lengths(29, Some(256)), Ok(()));
        assert_eq!(order(Ins::Debit).check_lengths(29, None), wrong);
        assert_eq!(order(Ins::Debit).check_lengths(0, Some(256)), wrong);
        assert_eq!(order(Ins::GetData).check_lengths(1, Some(256)), wrong);
        assert_eq!(order(Ins::Verify).check_lengths(0, None), Ok(()));
        assert_eq!(order(Ins::Verify).check_lengths(4, Some(256)), Ok(()));
        assert_eq!(order(Ins::GetChallenge).check_lengths(0, Some(32)), Ok(()));
        assert_eq!(order(Ins::GetChallenge).check_lengths(0, Some(8)), wrong);
    }
}
