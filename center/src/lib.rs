//! The center: registers works, sells and delivers them, settles payments.

pub mod blobs;
pub mod crypto;
pub mod delivery;
pub mod keys;
pub mod payment;
pub mod preview;
