//! A trace as a card in a reader.

use saifu_trace::run::mock::{Answer, Mock, UNEXPECTED, Unexpected};
use saifu_vsmartcard::atr::Atr;
use saifu_vsmartcard::plug::{InSlot, Reply};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Is told what a trace did not wait for.
pub type Surprise = Box<dyn FnMut(&Unexpected) + Send>;

/// A card that answers what a trace says.
pub struct MockCard {
    mock: Arc<Mutex<Mock>>,
    surprise: Surprise,
}

impl MockCard {
    /// A card; whoever shares the mock can see how far it has come.
    #[must_use]
    pub fn new(mock: Arc<Mutex<Mock>>, surprise: Surprise) -> Self {
        Self { mock, surprise }
    }

    fn mock(&self) -> MutexGuard<'_, Mock> {
        self.mock.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl InSlot for MockCard {
    fn power_off(&mut self) {
        self.mock().reset();
    }

    fn power_on(&mut self) {
        self.mock().reset();
    }

    fn reset(&mut self) {
        self.mock().reset();
    }

    /// What the trace says was lost is lost here as at a card that breaks off: an empty answer,
    /// of which pcscd makes an error.
    fn transmit(&mut self, command: &[u8]) -> Reply {
        let answer = self.mock().transmit(command);
        match answer {
            Answer::Bytes(bytes) => Reply::Answer(bytes),
            Answer::Lost => Reply::Exactly(Vec::new()),
            Answer::Unexpected(what) => {
                (self.surprise)(&what);
                Reply::Answer(UNEXPECTED.to_vec())
            }
        }
    }

    fn atr(&mut self, usual: &Atr) -> Reply {
        let told = self.mock().atr().map(<[u8]>::to_vec);
        Reply::Answer(told.unwrap_or_else(|| usual.as_bytes().to_vec()))
    }
}
