//! Card and center on the same bytes.
//!
//! The card's cryptography is RustCrypto, the center's aws-lc-rs, and each is written for
//! itself. The vectors in `tests/vectors` come from a third implementation; card and center
//! must make and take exactly those bytes, and each other's, so that a mistake cannot cancel
//! out.

#[path = "agree/licence.rs"]
mod licence;
#[path = "agree/oaep.rs"]
mod oaep;
#[path = "agree/primitives.rs"]
mod primitives;
#[path = "agree/stream.rs"]
mod stream;
#[path = "agree/token.rs"]
mod token;
#[path = "agree/vectors.rs"]
mod vectors;
