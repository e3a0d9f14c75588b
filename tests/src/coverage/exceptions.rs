//! What `apdu-spec.md` names and no trace can show, each with its reason.

/// Section, status word, and why no trace shows it.
pub const EXCEPTIONS: &[(&str, &str, &str)] = &[];
