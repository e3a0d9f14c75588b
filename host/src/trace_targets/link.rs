//! A card in a reader of PC/SC, for one program alone.

use crate::transport::connect_alone;
use pcsc::{Card, Disposition, Error, MAX_BUFFER_SIZE_EXTENDED, Protocols, ShareMode};
use saifu_trace::target::{Outcome, TargetError};
use std::time::Duration;

/// How often it is looked whether a card is there; pcscd looks each 400 ms.
#[cfg(all(feature = "embedded", unix))]
const POLL: Duration = Duration::from_millis(10);
/// The most bytes of a command that vpcd takes; it drops the card for more.
const MAX_COMMAND: usize = 65_535;

/// The way to the card in a reader; nobody else can use it meanwhile.
pub(super) struct Link {
    /// What the user calls the reader: part of its name.
    wanted: Option<String>,
    name: String,
    card: Option<Card>,
    buffer: Vec<u8>,
}

impl Link {
    /// Connects to no card yet.
    pub(super) fn new(wanted: Option<String>) -> Self {
        let name = wanted.clone().unwrap_or_else(|| "the reader".into());
        Self { wanted, name, card: None, buffer: vec![0; MAX_BUFFER_SIZE_EXTENDED] }
    }

    /// The reader's name.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) const fn is_connected(&self) -> bool {
        self.card.is_some()
    }

    /// Connects to the card with fresh power, and waits so long for it to be there.
    pub(super) fn connect(&mut self, within: Duration) -> Result<(), TargetError> {
        self.let_go();
        let (name, card) = connect_alone(self.wanted.as_deref(), within)
            .map_err(|error| TargetError::Broken(error.to_string()))?;
        (self.name, self.card) = (name.clone(), Some(card));
        // From now on it is this very reader.
        self.wanted = Some(name);
        Ok(())
    }

    /// Lets go of the card and leaves it as it is: one that was pulled must not be reset.
    pub(super) fn let_go(&mut self) {
        if let Some(card) = self.card.take() {
            // One that cannot be let go is gone.
            let _ = card.disconnect(Disposition::LeaveCard);
        }
    }

    /// Lets go of the card without power.
    pub(super) fn power_off(&mut self) -> Result<(), TargetError> {
        let Some(card) = self.card.take() else { return Ok(()) };
        card.disconnect(Disposition::UnpowerCard).map_err(|(_, error)| broken(&self.name, error))
    }

    /// Resets the card, or takes its power and gives it.
    pub(super) fn restart(&mut self, how: Disposition) -> Result<(), TargetError> {
        let Some(card) = &mut self.card else { return Err(gone(&self.name)) };
        let name = &self.name;
        card.reconnect(ShareMode::Exclusive, Protocols::ANY, how)
            .map_err(|error| broken(name, error))
    }

    /// Has a command carried out.
    pub(super) fn transmit(&mut self, command: &[u8]) -> Result<Outcome, TargetError> {
        if command.len() > MAX_COMMAND {
            let what = format!("no reader takes more than {MAX_COMMAND} bytes");
            return Err(TargetError::Unsupported(what));
        }
        let Some(card) = &self.card else {
            return Ok(Outcome::Lost("there is no card in the reader".into()));
        };
        match card.transmit(command, &mut self.buffer) {
            Ok([]) => Ok(Outcome::Lost("the card left the reader".into())),
            Ok(answer) => Ok(Outcome::Answer(answer.to_vec())),
            Err(error) if is_of_service(error) => Err(broken(&self.name, error)),
            Err(error) => Ok(Outcome::Lost(error.to_string())),
        }
    }

    pub(super) fn atr(&self) -> Result<Vec<u8>, TargetError> {
        let card = self.card.as_ref().ok_or_else(|| gone(&self.name))?;
        let status = card.status2_owned().map_err(|error| broken(&self.name, error))?;
        Ok(status.atr().to_vec())
    }

    /// Waits until a card is in the reader, or none; whether that came to be.
    #[cfg(all(feature = "embedded", unix))]
    pub(super) fn wait_until(&self, present: bool, within: Duration) -> Result<bool, TargetError> {
        use pcsc::{Context, ReaderState, Scope, State};
        use std::time::Instant;
        let failed = |error| broken(&self.name, error);
        let context = Context::establish(Scope::User).map_err(failed)?;
        let name = std::ffi::CString::new(self.name.as_str()).map_err(|_| gone(&self.name))?;
        let mut states = [ReaderState::new(name, State::UNAWARE)];
        let deadline = Instant::now() + within;
        loop {
            match context.get_status_change(Duration::ZERO, &mut states) {
                Ok(()) | Err(Error::Timeout) => {}
                Err(error) => return Err(failed(error)),
            }
            let state = states[0].event_state();
            if state.contains(State::PRESENT) == present && !state.contains(State::UNKNOWN) {
                return Ok(true);
            }
            if Instant::now() >= deadline {
                return Ok(false);
            }
            std::thread::sleep(POLL);
        }
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        if let Some(card) = self.card.take() {
            let _ = card.disconnect(Disposition::ResetCard);
        }
    }
}

/// Whether it is the service that failed, and not the card.
fn is_of_service(error: Error) -> bool {
    matches!(
        error,
        Error::NoService
            | Error::ServiceStopped
            | Error::CommError
            | Error::InvalidHandle
            | Error::ReaderUnavailable
            | Error::UnknownReader
            | Error::SecurityViolation
    )
}

fn gone(name: &str) -> TargetError {
    TargetError::Broken(format!("there is no card in {name}: put it in, and run again"))
}

fn broken(name: &str, error: Error) -> TargetError {
    TargetError::Broken(format!(
        "the card in {name} cannot be used: {error}; take it out and put it in again"
    ))
}
