//! GlobalPlatform SCP03 with AES-128 keys (Card Specification v2.3, Amendment D v1.1.2).
//!
//! Both ends of the channel, in eight-byte (S8) mode:
//!
//! | step | card | off card |
//! |---|---|---|
//! | INITIALIZE UPDATE | [`SessionKeys::card_cryptogram`] | the same, and compare |
//! | EXTERNAL AUTHENTICATE | [`Channel::accept`] | [`Channel::request`] |
//! | each command | [`Channel::unwrap_command`] | [`Channel::wrap_command`] |
//! | each response | [`Channel::wrap_response`] | [`Channel::unwrap_response`] |

mod channel;
mod keys;

pub use channel::{Channel, MAC_LEN, SecurityLevel};
pub use keys::{
    CHALLENGE_LEN, CRYPTOGRAM_LEN, KeyUsage, SessionKeys, StaticKeys, card_challenge, diversify,
};
