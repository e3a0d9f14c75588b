//! The terminal: joins card and center and is trusted by neither.
