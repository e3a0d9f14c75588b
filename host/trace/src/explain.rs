//! Bytes to words: commands, answers, data objects, signed structures, answers to reset.
//!
//! An [`Explainer`] follows a conversation: what an answer means depends on its command, and
//! what a command is called on the application that was selected. [`text`] goes through a text
//! in whatever format, line by line, and keeps what it does not know.
//!
//! A PIN or a key is never told, only how long it is; nor is the plaintext of a work.

mod answer_to_reset;
mod class;
mod command;
mod data;
mod field;
mod known;
mod layout;
mod parameters;
mod response;
mod secret;
mod signed;
mod standard;
mod status;
mod tags;
pub mod text;
mod tlv;
mod told;

pub use known::anything;
pub(crate) use secret::is_secret;
pub use told::Told;

use saifu_wire::applet::AID;

/// Follows one conversation with a card.
#[derive(Debug, Clone, Default)]
pub struct Explainer {
    /// What was sent last.
    last: Option<command::Sent>,
    application: Application,
    /// The data of an answer whose rest comes with GET RESPONSE.
    begun: Vec<u8>,
}

/// What answers, as far as is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Application {
    /// Nothing was selected by name yet: ours, in case of doubt.
    #[default]
    Unknown,
    Ours,
    Another,
}

/// The most bytes of one long answer that are kept until it is whole.
const MAX_BEGUN_BYTES: usize = 1 << 20;

impl Explainer {
    /// At the beginning of a conversation.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Tells what a command says.
    pub fn command(&mut self, bytes: &[u8]) -> Told {
        let sent = command::Sent::new(bytes);
        if !sent.is_get_response() {
            self.begun.clear();
        }
        let told = command::explain(&sent, self.application != Application::Another);
        if sent.is_get_response() && self.last.is_some() {
            return told;
        }
        self.last = Some(sent);
        told
    }

    /// Tells what an answer to the last command says.
    pub fn answer(&mut self, bytes: &[u8]) -> Told {
        let Some((data, status)) = bytes.split_last_chunk::<2>() else {
            return Told::new("answer", "no status word: not an answer of a card");
        };
        if let Some(sent) = &self.last {
            self.application = sent.selects(*status, self.application);
        }
        let is_ours = self.application != Application::Another;
        let mut told = status::explain(*status, is_ours);
        if self.begun.len() + data.len() <= MAX_BEGUN_BYTES {
            self.begun.extend_from_slice(data);
        }
        if status[0] == saifu_wire::status::MORE_DATA {
            told.push(Told::new("data", format!("{} bytes, and more to come", data.len())));
            return told;
        }
        let whole = std::mem::take(&mut self.begun);
        if !whole.is_empty() {
            told.extend(response::explain(self.last.as_ref(), &whole, is_ours));
        }
        told
    }

    /// Tells what an answer to reset says; nothing is selected any more.
    pub fn atr(&mut self, bytes: &[u8]) -> Told {
        self.reset();
        answer_to_reset::explain(bytes)
    }

    /// The card was reset.
    pub fn reset(&mut self) {
        *self = Self::default();
    }
}

/// Whether a name is that of our application, or begins it.
fn is_our_name(name: &[u8]) -> bool {
    name.len() >= 5 && AID.starts_with(name)
}

#[cfg(test)]
mod tests;
