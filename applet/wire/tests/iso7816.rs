//! Holds this crate's reading of ISO/IEC 7816 against that of the crate `iso7816`.

use iso7816::command::CommandView;
use saifu_wire::apdu::{Class, Command};
use saifu_wire::status::Status;

/// What the other crate calls each of our status words.
fn named(status: Status) -> iso7816::Status {
    use iso7816::Status as Theirs;
    match status {
        Status::Terminated => Theirs::SelectedFileInTerminationState,
        Status::ExecutionError => Theirs::UnspecifiedNonpersistentExecutionError,
        Status::MemoryFailure => Theirs::MemoryFailure,
        Status::WrongLength => Theirs::WrongLength,
        Status::ChannelNotSupported => Theirs::LogicalChannelNotSupported,
        Status::SecureMessagingNotSupported => Theirs::SecureMessagingNotSupported,
        Status::LastCommandExpected => Theirs::LastCommandOfChainExpected,
        Status::ChainingNotSupported => Theirs::CommandChainingNotSupported,
        Status::SecurityNotSatisfied => Theirs::SecurityStatusNotSatisfied,
        Status::PinBlocked => Theirs::OperationBlocked,
        Status::ConditionsNotSatisfied => Theirs::ConditionsOfUseNotSatisfied,
        Status::SecureMessagingWrong => Theirs::IncorrectSecureMessagingDataObjects,
        Status::WrongData => Theirs::IncorrectDataParameter,
        Status::ApplicationNotFound => Theirs::NotFound,
        Status::NotEnoughMemory => Theirs::NotEnoughMemory,
        Status::WrongP1P2 => Theirs::IncorrectP1OrP2Parameter,
        Status::NotFound => Theirs::KeyReferenceNotFound,
        Status::AlreadyExists => Theirs::FileAlreadyExists,
        Status::WrongOffset => Theirs::WrongParameters,
        Status::InsNotSupported => Theirs::InstructionNotSupportedOrInvalid,
        Status::ClassNotSupported => Theirs::ClassNotSupported,
        Status::Ok => Theirs::Success,
    }
}

#[test]
fn every_status_word_is_the_one_of_its_name() {
    for status in Status::ALL {
        assert_eq!(u16::from(named(*status)), *status as u16, "{}", status.meaning());
    }
}

/// Commands of every form, whole, cut short and made longer.
fn commands() -> Vec<Vec<u8>> {
    let mut commands = Vec::new();
    for data_bytes in [0, 1, 2, 254, 255, 256, 300, 65_526] {
        let data = vec![0x5A; data_bytes];
        for le in [None, Some(1), Some(255), Some(256), Some(257), Some(65_535), Some(65_536)] {
            let command =
                Command { cla: 0x80, ins: 0x38, p1: 1, p2: 2, data: &data, le, extended: false };
            let bytes = command.to_bytes();
            commands.push(bytes[..bytes.len() - 1].to_vec());
            commands.push([&bytes[..], &[0x01]].concat());
            commands.push(bytes);
        }
    }
    commands
}

#[test]
fn commands_of_every_form_are_read_alike() {
    let mut read = 0;
    for bytes in commands() {
        // A case that the other crate reads and ours refuses: an Lc of zero.
        let (Ok(ours), Ok(theirs)) = (Command::parse(&bytes), CommandView::try_from(&bytes[..]))
        else {
            assert!(Command::parse(&bytes).is_err(), "{:02x?}", &bytes[..8.min(bytes.len())]);
            continue;
        };
        assert_eq!(ours.data, theirs.data());
        assert_eq!(ours.le.unwrap_or(0), theirs.expected());
        assert_eq!(ours.extended, theirs.extended);
        read += 1;
    }
    assert!(read > 56, "{read} commands were read by both");
}

#[test]
fn class_bytes_are_read_alike_where_the_other_crate_follows_the_standard() {
    for cla in 0..=0xFF_u8 {
        let ours = Class::parse(cla);
        let Ok(theirs) = iso7816::command::class::Class::try_from(cla) else {
            assert!(ours.is_none(), "{cla:02X}");
            continue;
        };
        let Some(ours) = ours else { continue };
        assert_eq!(ours.chained, !theirs.chain().last_or_only(), "{cla:02X}");
        // It takes channel 19 for 3, and knows no channels of a proprietary class.
        let first_range = cla & 0x40 == 0;
        if first_range && !ours.proprietary {
            assert_eq!(Some(ours.channel), theirs.channel(), "{cla:02X}");
        }
    }
}
