//! What of a command and its answer is nobody's business.

use saifu_wire::apdu::Class;
use saifu_wire::ins::Ins;

/// The bytes of CLA, INS, P1 and P2.
const HEADER_BYTES: usize = 4;
const STATUS_BYTES: usize = 2;

const GET_RESPONSE: u8 = 0xC0;
/// Instructions of any card, in whatever class, whose data or answer may be a PIN, a key, or
/// what a key has deciphered (ISO/IEC 7816-4 and -8; GlobalPlatform 11.8 and 11.11; PIV's and
/// OpenPGP's ways to import keys).
const SECRET: [u8; 22] = [
    0x01, // PUT of OATH: a key
    0x03, // SET CODE of OATH: a key
    0x20, // VERIFY
    0x21, // VERIFY, BER-TLV
    0x24, // CHANGE REFERENCE DATA
    0x25, // CHANGE REFERENCE DATA, BER-TLV
    0x26, // DISABLE VERIFICATION REQUIREMENT
    0x28, // ENABLE VERIFICATION REQUIREMENT
    0x2A, // PERFORM SECURITY OPERATION: may decipher
    0x2C, // RESET RETRY COUNTER
    0x2D, // RESET RETRY COUNTER, BER-TLV
    0x82, // EXTERNAL AUTHENTICATE; LOAD KEYS of a reader (PC/SC part 3)
    0x86, // GENERAL AUTHENTICATE
    0x87, // GENERAL AUTHENTICATE, BER-TLV
    0xC2, // ENVELOPE: a whole command in another
    0xC3, // ENVELOPE, BER-TLV
    0xD8, // PUT KEY
    0xDA, // PUT DATA: OpenPGP's resetting code
    0xDB, // PUT DATA, BER-TLV: imports keys
    0xE2, // STORE DATA
    0xFE, // IMPORT ASYMMETRIC KEY, on some cards
    0xFF, // SET MANAGEMENT KEY, on some cards
];
/// Our own: the works that are sold, and what personalises a card. Its channel protects the
/// latter, too.
const OURS: [Ins; 5] =
    [Ins::Decrypt, Ins::ReadContent, Ins::Initialise, Ins::ProveKeys, Ins::StoreContent];
/// INS, P1 and P2 of PSO: VERIFY CERTIFICATE, the one security operation without secrets.
const VERIFY_CERTIFICATE: [u8; 3] = [0x2A, 0x00, 0xBE];

/// Decides what is secret, command by command.
#[derive(Debug, Clone, Default)]
pub(super) struct Secrecy {
    /// Whether the last command was secret, and with it its answer.
    is_secret: bool,
    /// A bit for each channel whose last command was: what GET RESPONSE fetches there is, too.
    secret_channels: u32,
}

/// Stands for the channel of a class that has none known here; it may be any.
const UNKNOWN_CHANNEL: u32 = 1 << 31;

/// What may be shown, and whether more was there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shown<'b> {
    /// The beginning of a command, or the status word of an answer.
    pub(super) bytes: &'b [u8],
    /// Whether something was left out.
    pub(super) is_redacted: bool,
}

impl Secrecy {
    /// Gives what may be shown of a command: all, or its header.
    pub(super) fn command<'b>(&mut self, command: &'b [u8]) -> Shown<'b> {
        let is_rest = command.get(1) == Some(&GET_RESPONSE);
        let channel = channel(command);
        let may_be = match channel {
            UNKNOWN_CHANNEL => u32::MAX,
            known => known | UNKNOWN_CHANNEL,
        };
        self.is_secret = is_secret(command) || (is_rest && self.secret_channels & may_be != 0);
        if self.is_secret {
            self.secret_channels |= channel;
        } else {
            self.secret_channels &= !channel;
        }
        match command.get(..HEADER_BYTES) {
            Some(header) if self.is_secret && !is_rest => {
                Shown { bytes: header, is_redacted: command.len() > HEADER_BYTES }
            }
            _ => Shown { bytes: command, is_redacted: false },
        }
    }

    /// Gives what may be shown of the answer to the last command: all, or its status word.
    pub(super) fn answer<'b>(&self, answer: &'b [u8]) -> Shown<'b> {
        let status_at = answer.len().saturating_sub(STATUS_BYTES);
        match answer.get(status_at..) {
            Some(status) if self.is_secret => Shown { bytes: status, is_redacted: status_at > 0 },
            _ => Shown { bytes: answer, is_redacted: false },
        }
    }
}

/// The bit of a command's channel.
fn channel(command: &[u8]) -> u32 {
    let class = command.first().and_then(|cla| Class::parse(*cla));
    class.map_or(UNKNOWN_CHANNEL, |class| 1 << class.channel)
}

/// Whether it is AUTHENTICATE of SIM cards, which answers session keys (3GPP TS 31.102 section
/// 7.1.2, TS 51.011 section 9.2.16). ISO's INTERNAL AUTHENTICATE has the same INS and answers none.
fn gives_session_keys(cla: u8, ins: u8, p2: u8) -> bool {
    matches!(ins, 0x88 | 0x89) && (cla == 0xA0 || p2 & 0x80 != 0)
}

/// Whether the data of a command or of its answer may be secret. What has no whole header, no
/// card carries out.
#[must_use]
pub fn is_secret(command: &[u8]) -> bool {
    let Some(&[cla, ins, p1, p2]) = command.first_chunk() else { return false };
    let is_ours = cla & 0x80 != 0 && OURS.iter().any(|ours| ours.code() == ins);
    is_ours
        || gives_session_keys(cla, ins, p2)
        || (SECRET.contains(&ins) && [ins, p1, p2] != VERIFY_CERTIFICATE)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is shown of a command and of its answer.
    fn shown<'b>(
        secrecy: &mut Secrecy,
        command: &'b [u8],
        answer: &'b [u8],
    ) -> [(&'b [u8], bool); 2] {
        let command = secrecy.command(command);
        let answer = secrecy.answer(answer);
        [command, answer].map(|shown| (shown.bytes, shown.is_redacted))
    }

    #[test]
    fn pins_keys_and_what_keys_decipher_are_left_out() {
        for header in [
            [0x00, 0x20, 0x00, 0x81],
            [0x10, 0x24, 0x00, 0x81],
            [0x0C, 0x2C, 0x00, 0x81],
            [0x00, 0x26, 0x00, 0x81],
            [0xFF, 0x82, 0x00, 0x00],
            [0x00, 0xC2, 0x00, 0x00],
            [0x00, 0xDA, 0x00, 0xD3],
            [0x00, 0x87, 0x11, 0x9A],
            [0x00, 0x2A, 0x80, 0x86],
            [0x80, 0xD8, 0x01, 0x81],
            [0x84, 0xE2, 0x00, 0x00],
            [0x80, 0x42, 0x00, 0x00],
            [0x81, 0x44, 0x00, 0x00],
            [0x00, 0x88, 0x00, 0x81],
            [0xA0, 0x88, 0x00, 0x00],
        ] {
            let command = [&header[..], &[4, 1, 2, 3, 4]].concat();
            let answer = [7, 7, 7, 0x90, 0x00];
            let shown = shown(&mut Secrecy::default(), &command, &answer);
            assert_eq!(shown, [(&header[..], true), (&answer[3..], true)], "{header:02X?}");
        }
    }

    #[test]
    fn what_is_public_is_shown_whole() {
        for command in [
            &[0x00, 0xA4, 0x04, 0x00, 1, 7][..],
            &[0x00, 0xCA, 0xDF, 0x02, 0],
            &[0x00, 0x2A, 0x00, 0xBE, 2, 1, 2],
            &[0x00, 0x42, 0x00, 0x00, 0],
            &[0x00, 0x88, 0x00, 0x00, 1, 1],
            &[0x00, 0x20, 0x00],
            &[],
        ] {
            let answer = [1, 2, 0x90, 0x00];
            let shown = shown(&mut Secrecy::default(), command, &answer);
            assert_eq!(shown, [(command, false), (&answer[..], false)]);
        }
    }

    #[test]
    fn nothing_is_marked_as_left_out_where_there_was_nothing() {
        let command = [0x00, 0x20, 0x00, 0x81];
        let shown = shown(&mut Secrecy::default(), &command, &[0x63, 0xC2]);
        assert_eq!(shown, [(&command[..], false), (&[0x63, 0xC2][..], false)]);
    }

    #[test]
    fn the_rest_of_a_secret_answer_is_secret_until_another_command_comes() {
        let mut secrecy = Secrecy::default();
        let decipher = [0x00, 0x2A, 0x80, 0x86, 1, 9, 0];
        let rest = [0x00, 0xC0, 0x00, 0x00, 0x00];
        let answer = [5, 5, 0x61, 0x02];
        assert_eq!(shown(&mut secrecy, &decipher, &answer)[1], (&answer[2..], true));
        for _ in 0..2 {
            let both = shown(&mut secrecy, &rest, &answer);
            assert_eq!(both, [(&rest[..], false), (&answer[2..], true)]);
        }
        shown(&mut secrecy, &[0x01, 0xCA, 0, 0, 0], &answer);
        assert_eq!(shown(&mut secrecy, &rest, &answer)[1], (&answer[2..], true), "channel 0's");
        let elsewhere = [0x01, 0xC0, 0x00, 0x00, 0x00];
        assert_eq!(shown(&mut secrecy, &elsewhere, &answer)[1], (&answer[..], false));
        let unknown = [0xFF, 0xC0, 0x00, 0x00, 0x00];
        assert_eq!(shown(&mut secrecy, &unknown, &answer)[1], (&answer[2..], true));
        secrecy = Secrecy::default();
        shown(&mut secrecy, &decipher, &answer);
        shown(&mut secrecy, &[0x00, 0xCA, 0, 0, 0], &answer);
        assert_eq!(shown(&mut secrecy, &rest, &answer)[1], (&answer[..], false));
    }
}
