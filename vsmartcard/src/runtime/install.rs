//! Applets come and go while the card lives, and one may be selected without a SELECT.

use saifu_wire::applet::Applet;

use super::select::AID_BYTES;
use super::{CHANNELS, Channel, Runtime};

/// The most applets of a card that more are installed on.
pub const MAX_APPLETS: usize = 64;

/// Why an applet is not installed, not removed or not made the default.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InstallError {
    /// The length of its AID, in bytes.
    #[error("an AID has 5 to 16 bytes and this one {0}: give the applet another")]
    Aid(usize),
    /// The AID of an applet that is there.
    #[error("an applet with the AID {} is there: uninstall it first", hex::encode_upper(.0))]
    Taken(Vec<u8>),
    /// [`MAX_APPLETS`] are there.
    #[error("the card has {MAX_APPLETS} applets and takes no more: uninstall one first")]
    Full,
    /// No applet has exactly this AID.
    #[error("no applet has the AID {}: give the whole of one that is there", hex::encode_upper(.0))]
    Absent(Vec<u8>),
}

impl Runtime {
    /// Puts an applet on the card, last in the order in which a partial AID finds them; it is
    /// powered up if the card is, and selected nowhere.
    ///
    /// # Errors
    /// [`InstallError`]; then the card is as it was, and the applet gone.
    pub fn install(&mut self, mut applet: Box<dyn Applet + Send>) -> Result<(), InstallError> {
        let aid = applet.aid();
        if !AID_BYTES.contains(&aid.len()) {
            return Err(InstallError::Aid(aid.len()));
        }
        if self.index(aid).is_some() {
            return Err(InstallError::Taken(aid.to_vec()));
        }
        if self.applets.len() >= MAX_APPLETS {
            return Err(InstallError::Full);
        }
        if self.powered {
            applet.power_up();
        }
        self.applets.push(applet);
        Ok(())
    }

    /// Takes the applet with this AID off the card and gives it back, without power; its
    /// sessions end, on whatever channels.
    ///
    /// # Errors
    /// [`InstallError::Absent`].
    pub fn uninstall(&mut self, aid: &[u8]) -> Result<Box<dyn Applet + Send>, InstallError> {
        let index = self.index(aid).ok_or_else(|| InstallError::Absent(aid.to_vec()))?;
        for channel in 0..CHANNELS {
            if self.channels[channel] == Channel::Selected(index) {
                self.leave(channel as u8);
            }
        }
        if self.default.as_deref() == Some(aid) {
            self.default = None;
        }
        let mut applet = self.applets.remove(index);
        self.channels.iter_mut().for_each(|channel| channel.moved_up(index));
        applet.reset();
        Ok(applet)
    }

    /// Makes the applet with this AID, or none, the one that is selected without a SELECT: on
    /// the basic channel from the next power-up or reset on, on others when they are opened
    /// from there, and by a SELECT without a name.
    ///
    /// # Errors
    /// [`InstallError::Absent`]; then the default stays what it was.
    pub fn set_default(&mut self, aid: Option<&[u8]>) -> Result<(), InstallError> {
        if let Some(aid) = aid.filter(|aid| self.index(aid).is_none()) {
            return Err(InstallError::Absent(aid.to_vec()));
        }
        self.default = aid.map(<[u8]>::to_vec);
        Ok(())
    }

    pub(super) fn default_index(&self) -> Option<usize> {
        self.index(self.default.as_deref()?)
    }

    /// The applet with exactly this AID.
    fn index(&self, aid: &[u8]) -> Option<usize> {
        self.applets.iter().position(|applet| applet.aid() == aid)
    }
}

impl Channel {
    /// Follows a selected applet, when the one before it at `gone` was taken away.
    fn moved_up(&mut self, gone: usize) {
        if let Self::Selected(index) = self
            && *index > gone
        {
            *index -= 1;
        }
    }
}
