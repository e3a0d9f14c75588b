//! The cards a trace runs on.

use std::time::Duration;

/// What became of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Data and status word.
    Answer(Vec<u8>),
    /// No answer, or one without a status word; with what there was instead, in words.
    Lost(String),
}

/// What a fresh card shall be (LANGUAGE.md §7).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FreshCard {
    /// `blank`, `test` or `any`.
    pub kind: String,
    /// What its random numbers come from; the target's own, always the same, if there is none.
    pub seed: Option<Vec<u8>>,
    /// Its PIN.
    pub pin: String,
}

/// Why a target does not do what a line says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// It cannot do that; what, and which targets can.
    #[error("{0}")]
    Unsupported(String),
    /// It is broken, or not there; what, why and what next. The run ends.
    #[error("{0}")]
    Broken(String),
}

/// A card in whatever reader.
pub trait Target {
    /// What reports call it: `in process`, `pcscd (vpcd)`, the reader's name.
    fn name(&self) -> String;

    /// Whether it is a card that somebody may need still.
    fn is_real(&self) -> bool;

    /// Its capabilities, apart from those that are found by asking the card (annex B).
    fn capabilities(&self) -> Vec<&'static str>;

    /// Makes the card fresh, in the reader, with power, where the emulator makes one; connects
    /// to it anew in any case. No fault is planted any more.
    ///
    /// # Errors
    /// [`TargetError`].
    fn prepare(&mut self, card: &FreshCard) -> Result<(), TargetError>;

    /// Carries out a command; the second is how long it took.
    ///
    /// # Errors
    /// [`TargetError`]; that no answer came is none.
    fn transmit(&mut self, command: &[u8]) -> Result<(Outcome, Duration), TargetError>;

    /// The answer to the last reset.
    ///
    /// # Errors
    /// [`TargetError`].
    fn atr(&mut self) -> Result<Vec<u8>, TargetError>;

    /// Resets the card.
    ///
    /// # Errors
    /// [`TargetError`].
    fn reset(&mut self) -> Result<(), TargetError>;

    /// Takes its power.
    ///
    /// # Errors
    /// [`TargetError`].
    fn power_off(&mut self) -> Result<(), TargetError>;

    /// Gives it power.
    ///
    /// # Errors
    /// [`TargetError`].
    fn power_on(&mut self) -> Result<(), TargetError>;

    /// Takes the card out of the reader.
    ///
    /// # Errors
    /// [`TargetError`].
    fn remove(&mut self) -> Result<(), TargetError>;

    /// Puts it back.
    ///
    /// # Errors
    /// [`TargetError`].
    fn insert(&mut self) -> Result<(), TargetError>;

    /// Plants a fault, or with `None` takes all of them away.
    ///
    /// # Errors
    /// [`TargetError`]; a text that is no fault is [`TargetError::Unsupported`].
    fn fault(&mut self, fault: Option<&str>) -> Result<(), TargetError>;
}
