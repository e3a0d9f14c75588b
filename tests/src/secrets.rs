//! A look for secrets where none may be: in answers, in outside memory, databases and logs.
//!
//! - [`Canary`]: a secret that is known, to be found raw and in hex
//! - [`known`]: those that every run of the tests makes anew, the same each time
//! - [`search`]: files and folders, `target/debug/secrets FILE...`

mod canary;
mod files;
pub mod known;

pub use canary::Canary;
pub use files::{Searched, search};
