//! Recording: every command and answer between a card and its plug, with times.
//!
//! [`Recorded`] stands around any card; what passes goes into a [`Recording`], which writes it
//! to files as it comes, a line or a packet in one write: a kill loses at most the last.
//!
//! **Text**, a line each; a reader of it may skip what follows ` @` and lines that begin with
//! `#` or `=`:
//!
//! ```text
//! # saifu-card recording 1, begun 1795408200.000000 s after 1970
//! = power on @0.000120                the card's power, resets and answers to reset:
//! = atr 3B8D80... @0.000310           power on, power off, reset, atr HEX
//! > 00A4040007F053414946550100 @0.001200     a command, and seconds since the beginning
//! < 6F098407F05341494655019000 @0.001275     data and status word
//! > 00200081[redacted] @0.002000      what is secret is left out, its length, too
//! < [redacted]9000 @0.002300
//! # fault drop@3 at command 3 (00CADF02)     what was injected
//! = silence @0.004                    no answer: silence, gone, pulled for N ms, cut after N bytes
//! = stray 00 @0.005                   an answer that came with more: stray HEX, twice
//! ```
//! A second line like the first begins another card's in the same reader; times count from there.
//!
//! **pcap**: packets of Wireshark's own link type 252 (`LINKTYPE_WIRESHARK_UPPER_PDU`), which
//! name the dissector: `iso7816` for commands and answers with their direction, `iso7816.atr`
//! for an answer to reset, `data-text-lines` for the rest. Wireshark opens it without any
//! setting, links answers to commands, and takes 65,535 bytes. GSMTAP would need invented IP
//! and UDP headers, knows SIM commands only, and takes a command with its answer as one packet;
//! USB CCID would need an invented device; ISO 14443 shows blocks, and hands what they carry to
//! no dissector unless it is told to.
//!
//! Secret are PINs, keys, and what a key deciphers: of such a command only the header is kept,
//! of its answer and what GET RESPONSE fetches of that, only the status word. Who needs more
//! records unredacted; only its owner reads such a file.

mod pcap;
mod recorded;
mod recording;
mod redact;
mod text;

pub use recorded::Recorded;
pub use recording::{RecordError, Recording};
pub use redact::is_secret;
