//! Which of the center's keys signs which message.

use crate::ledger::Instruction;
use saifu_wire::CenterId;
use saifu_wire::signed::{Credit, Licence, Message, Opening, Receipt, TimeOrder};

/// Which of the three signature keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signer {
    /// The licence key.
    Licence,
    /// The credit key.
    Credit,
    /// The receipt key.
    Receipt,
}

/// A message that a center signs.
pub trait CenterMessage: Message {
    /// The key that signs it.
    const SIGNER: Signer;

    /// The center, and the sequence of the key that signs, as the message names them.
    fn signer(&self) -> (CenterId, u32);

    /// Names the center and the sequence of the key that signs.
    fn set_signer(&mut self, center: CenterId, sequence: u32);
}

macro_rules! center_messages {
    ($($message:ty: $signer:ident),* $(,)?) => {$(
        impl CenterMessage for $message {
            const SIGNER: Signer = Signer::$signer;

            fn signer(&self) -> (CenterId, u32) {
                (self.center, self.signer)
            }

            fn set_signer(&mut self, center: CenterId, sequence: u32) {
                self.center = center;
                self.signer = sequence;
            }
        }
    )*};
}

center_messages! {
    Licence: Licence,
    TimeOrder: Licence,
    Opening: Credit,
    Credit: Credit,
    Receipt: Receipt,
    Instruction: Credit,
}
