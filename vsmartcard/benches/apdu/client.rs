//! The client of a pcscd, as any PC/SC program is one.

use std::ffi::{CStr, CString};
use std::path::Path;
use std::time::{Duration, Instant};

use pcsc::{Card, Context, Protocols, ReaderState, Scope, ShareMode, State};

use super::Anything;
use super::cards::{self, Kind, Running};

/// pcscd looks for cards every 400 ms, and Python takes its time.
const NOTICED_WITHIN: Duration = Duration::from_secs(10);

/// The names that the private pcscd gives its readers.
const VPCD_READERS: [&CStr; 2] = [c"Virtual PCD 00 00", c"Virtual PCD 00 01"];
const LINE_READER: &CStr = c"CCID Line 00 00";

/// The readers of the pcscd that the environment names.
pub(crate) struct Desk {
    context: Context,
    ports: [String; 2],
}

/// A card in a reader, and a connection to it.
pub(crate) struct Seated {
    card: Card,
    buffer: Vec<u8>,
    /// Where it is a card of vpcd; dropped after the connection.
    _running: Option<Running>,
}

impl Desk {
    pub(crate) fn new(ports: [&str; 2]) -> Result<Self, Anything> {
        Ok(Self { context: Context::establish(Scope::User)?, ports: ports.map(str::to_owned) })
    }

    /// The vpcd port of a slot.
    pub(crate) fn port(&self, slot: usize) -> &str {
        &self.ports[slot]
    }

    /// Starts a card at a slot of vpcd, and connects to it; the one at the line is there already.
    pub(crate) fn seat(&self, kind: Kind, slot: usize, folder: &Path) -> Result<Seated, Anything> {
        if kind == Kind::OursAtLine {
            self.wait(LINE_READER, State::PRESENT)?;
            return self.connect(LINE_READER, None);
        }
        self.until(slot, State::EMPTY)?;
        let running = cards::start(kind, self.port(slot), folder)?;
        self.until(slot, State::PRESENT)?;
        self.connect(VPCD_READERS[slot], Some(running))
    }

    /// Waits until a slot of vpcd is in a state.
    pub(crate) fn until(&self, slot: usize, wanted: State) -> Result<(), Anything> {
        self.wait(VPCD_READERS[slot], wanted)
    }

    fn wait(&self, reader: &CStr, wanted: State) -> Result<(), Anything> {
        let deadline = Instant::now() + NOTICED_WITHIN;
        let mut states = [ReaderState::new(CString::from(reader), State::UNAWARE)];
        while !states[0].event_state().contains(wanted) {
            states[0].sync_current_state();
            let left = deadline.saturating_duration_since(Instant::now());
            self.context
                .get_status_change(left, &mut states)
                .map_err(|error| format!("{reader:?} did not become {wanted:?}: {error}"))?;
        }
        Ok(())
    }

    fn connect(&self, reader: &CStr, running: Option<Running>) -> Result<Seated, Anything> {
        let card = self.context.connect(reader, ShareMode::Shared, Protocols::ANY)?;
        let buffer = vec![0; pcsc::MAX_BUFFER_SIZE_EXTENDED];
        Ok(Seated { card, buffer, _running: running })
    }
}

impl Seated {
    /// What one exchange takes, whose answer must be good and have so many bytes of data, or any
    /// number.
    pub(crate) fn time(
        &mut self,
        apdu: &[u8],
        data_bytes: Option<usize>,
    ) -> Result<Duration, Anything> {
        let began = Instant::now();
        let answer = self.card.transmit(apdu, &mut self.buffer)?;
        let took = began.elapsed();
        match answer {
            [data @ .., 0x90, 0x00] if data_bytes.is_none_or(|count| count == data.len()) => {
                Ok(took)
            }
            [.., high, low] => {
                let bytes = answer.len();
                Err(format!("a card answered {bytes} bytes with {high:02X}{low:02X}").into())
            }
            _ => Err("a card answered nothing".into()),
        }
    }
}
