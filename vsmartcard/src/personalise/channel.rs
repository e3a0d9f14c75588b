//! The issuer's end of SCP03 (§14.2).

use saifu_applet::crypto::SecretVec;
use saifu_applet::crypto::scp03::{Channel, SecurityLevel, SessionKeys, StaticKeys};
use saifu_wire::Status;
use saifu_wire::apdu::Command;
use saifu_wire::ins::Ins;

/// What can go wrong on the secure channel.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChannelError {
    /// The card refused a command.
    #[error("the card refused {command} with {status:04X}{}", meaning(*.status))]
    Refused {
        /// The command.
        command: &'static str,
        /// The status word.
        status: u16,
    },
    /// The card does not have the keys of this issuer.
    #[error("the card's cryptogram is wrong: it does not have the keys of this issuer")]
    Cryptogram,
    /// An answer is not what the channel's keys say.
    #[error("an answer on the secure channel is not authentic")]
    NotAuthentic,
    /// An answer is shorter than its fixed length.
    #[error("the card's answer to INITIALIZE UPDATE has the wrong length")]
    Length,
}

fn meaning(status: u16) -> String {
    Status::from_word(status).map_or_else(String::new, |status| format!(" ({})", status.meaning()))
}

/// An open channel to a card: everything is encrypted and authentic, both ways.
pub struct SecureChannel<'t> {
    transmit: &'t mut dyn FnMut(&[u8]) -> Vec<u8>,
    channel: Option<Channel>,
}

impl<'t> SecureChannel<'t> {
    /// Opens a channel with INITIALIZE UPDATE and EXTERNAL AUTHENTICATE.
    ///
    /// # Errors
    /// When the card refuses or does not have `keys`.
    pub fn open(
        transmit: &'t mut dyn FnMut(&[u8]) -> Vec<u8>,
        keys: &StaticKeys,
        key_version: u8,
        host_challenge: [u8; 8],
    ) -> Result<Self, ChannelError> {
        let name = Ins::InitializeUpdate.name();
        let command = command(0x80, Ins::InitializeUpdate, key_version, 0, &host_challenge);
        let answer = send(transmit, &command, name)?;
        // Diversification data 10, key version, 03, i; then what counts here.
        let (_, rest) = answer.split_first_chunk::<13>().ok_or(ChannelError::Length)?;
        let (card_challenge, rest) = rest.split_first_chunk::<8>().ok_or(ChannelError::Length)?;
        let (cryptogram, _) = rest.split_first_chunk::<8>().ok_or(ChannelError::Length)?;
        let session = SessionKeys::derive(keys, &host_challenge, card_challenge);
        if session.card_cryptogram(&host_challenge, card_challenge) != *cryptogram {
            return Err(ChannelError::Cryptogram);
        }
        let level = SecurityLevel::Full;
        let (channel, data) = Channel::request(session, &host_challenge, card_challenge, level)
            .map_err(|_| ChannelError::NotAuthentic)?;
        let ins = Ins::ExternalAuthenticate;
        let header = [0x84, ins.code(), level as u8, 0];
        send(transmit, &apdu(header, &data, false), ins.name())?;
        Ok(Self { transmit, channel: Some(channel) })
    }

    /// Sends a command through the channel and gives its answer's data.
    ///
    /// # Errors
    /// When the card refuses, or its answer is not authentic; the channel is closed then.
    pub fn send(&mut self, ins: Ins, p1: u8, p2: u8, data: &[u8]) -> Result<Vec<u8>, ChannelError> {
        let channel = self.channel.take().ok_or(ChannelError::NotAuthentic)?;
        let (channel, header, body) = channel
            .wrap_command([0x80, ins.code(), p1, p2], data)
            .map_err(|_| ChannelError::NotAuthentic)?;
        let answer = send(self.transmit, &apdu(header, &body, true), ins.name())?;
        let plain: SecretVec = channel
            .unwrap_response(&answer, Status::Ok.to_be_bytes())
            .map_err(|_| ChannelError::NotAuthentic)?;
        self.channel = Some(channel);
        Ok(plain.expose().to_vec())
    }
}

fn command(cla: u8, ins: Ins, p1: u8, p2: u8, data: &[u8]) -> Vec<u8> {
    apdu([cla, ins.code(), p1, p2], data, true)
}

/// A short APDU where it fits; every answer on this channel fits 256 bytes or 64 KiB.
fn apdu([cla, ins, p1, p2]: [u8; 4], data: &[u8], answered: bool) -> Vec<u8> {
    let extended = data.len() > 255 || ins == Ins::GenerateKeyPair.code();
    let le = answered.then_some(if extended { 65_536 } else { 256 });
    Command { cla, ins, p1, p2, data, le, extended }.to_bytes()
}

fn send(
    transmit: &mut dyn FnMut(&[u8]) -> Vec<u8>,
    apdu: &[u8],
    command: &'static str,
) -> Result<Vec<u8>, ChannelError> {
    let mut answer = transmit(apdu);
    let word = answer.split_off(answer.len().saturating_sub(2));
    match word.as_slice() {
        [0x90, 0x00] => Ok(answer),
        [sw1, sw2] => {
            Err(ChannelError::Refused { command, status: u16::from_be_bytes([*sw1, *sw2]) })
        }
        _ => Err(ChannelError::Length),
    }
}
