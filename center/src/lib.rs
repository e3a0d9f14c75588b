//! The center: registers works, sells and delivers them, settles payments.

pub mod blobs;
pub mod crypto;
pub mod preview;
