//! Scripts of 3GPP TS 51.013 annex B (ETSI TS 151 013; before release 5 TS 11.13, ETSI TS 101
//! 955), the one normative format with expectations.
//!
//! ```text
//! <statement list> ::= [ <statement> \n ] +
//! <statement>      ::= <simple> | <switch> | <blank line>
//! <simple>         ::= <reset> | <init> | <command> | <remark>
//! <reset>          ::= RST                       resets and powers on
//! <init>           ::= INI <hexdata>             TERMINAL PROFILE with these data, then FETCH
//!                                                and TERMINAL RESPONSE until no session is open
//! <command>        ::= CMD <hexdata> [ <response> ] ( <status> )   both may be missing
//! <response>       ::= [ <hexdata> ]             checked; a byte XX is not
//! <status>         ::= ( <hexdata> )             checked; several with commas; a digit X is not
//! <remark>         ::= REM <text line>
//! <switch>         ::= SWI { [ <label> : \n <statement list> ] + }    by the last status word
//! ```
//! TS 101 955 has `OFF`, too, which powers off. Spaces and tabs separate; a statement goes on in
//! the next line after `\`; one that begins with three other characters is another tool's, is
//! passed over, and kept for the way back. `INI` and `SWI` go by what a card answers, which a
//! trace cannot: they are refused, or where losses are allowed `INI` becomes its TERMINAL
//! PROFILE and `SWI` a comment.

mod command;
mod reader;
mod writer;

pub(super) use reader::read;
pub(super) use writer::Writer;

/// What a statement of another tool is kept as.
const KEPT: &str = "51.013";

/// What begins a statement that the standard knows.
const KNOWN: [&str; 6] = ["RST", "INI", "OFF", "CMD", "REM", "SWI"];

/// Whether a line begins with three characters that are another tool's.
fn is_foreign(word: &str) -> bool {
    word.chars().count() == 3 && !KNOWN.iter().any(|known| word.eq_ignore_ascii_case(known))
}
