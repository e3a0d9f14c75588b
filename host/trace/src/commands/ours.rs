//! Our own commands, out of the instructions of the card.

use super::{Command, Origin};
use saifu_wire::ins::{Family, Ins};

/// Le `00`: as much as there is, at most 256 bytes.
const ALL_THERE_IS: Option<u32> = Some(256);

/// Every instruction of the card, as `apdu-spec.md` describes it. The class is that outside a
/// secure channel: what goes through one is changed by it.
pub(super) fn all() -> impl Iterator<Item = Command> {
    Ins::ALL.iter().map(|ins| {
        let (p1, p2, le) = usual(*ins);
        Command {
            name: name(*ins),
            cla: class(*ins),
            ins: ins.code(),
            p1,
            p2,
            le,
            origin: Origin::Saifu(ins.section()),
        }
    })
}

/// Its name in a trace, which is another one where a standard has it for another command.
fn name(ins: Ins) -> &'static str {
    match ins {
        Ins::ExternalAuthenticate => "GP EXTERNAL AUTHENTICATE",
        Ins::GenerateKeyPair => "SAIFU GENERATE ASYMMETRIC KEY PAIR",
        other => other.name(),
    }
}

fn class(ins: Ins) -> u8 {
    match (ins, ins.family()) {
        (Ins::ExternalAuthenticate, _) => 0x84,
        (_, Family::Interindustry) => 0x00,
        (_, Family::Proprietary | Family::Personalisation) => 0x80,
    }
}

/// P1, P2 and Le of sections 6 and 14; where more are possible, the first named.
fn usual(ins: Ins) -> (u8, u8, Option<u32>) {
    use Ins::*;
    match ins {
        Select => (0x04, 0x00, ALL_THERE_IS),
        GetResponse | GetData | GetChallenge | InternalAuthenticate => (0, 0, ALL_THERE_IS),
        Verify | ChangeReferenceData | ResetRetryCounter => (0x00, 0x81, None),
        VerifyCertificate => (0x00, 0xBE, None),
        OpenAccount | LoadLicence | GetLicence | Debit | GetToken | ListOutbox | OpenStream
        | Decrypt | ReadContent | HandBack | ListContents | GetBalance | Hold | Release
        | Cancel | GetCreditChallenge | Credit | Void | Expire | Terminate => (0, 0, ALL_THERE_IS),
        DeleteLicence | Acknowledge | StoreContent | DeleteContent | SetTime => (0, 0, None),
        InitializeUpdate => (0, 0, ALL_THERE_IS),
        ExternalAuthenticate => (0x33, 0x00, None),
        Initialise => (0, 0, None),
        GenerateKeyPair => (0x80, 0x01, ALL_THERE_IS),
        ProveKeys => (0, 0, ALL_THERE_IS),
        StoreData => (0x80, 0x00, None),
        SetStatus => (0x80, 0x05, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_that_a_standard_names_is_ours_to_the_last_parameter() {
        for ours in all() {
            let named = super::super::by_name(ours.name).unwrap();
            assert_eq!(Command { origin: ours.origin, ..*named }, ours);
        }
    }
}
