//! The plain form: a line for each thing that passes.

use std::io::Write;
use std::time::Duration;

use super::recording::Event;
use super::redact::Shown;

/// Writes the first line.
pub(super) fn begin(out: &mut Vec<u8>, after_1970: Duration) {
    line(out, format_args!("# saifu-card recording 1, begun {} s after 1970", seconds(after_1970)));
}

/// Writes the line of an event.
pub(super) fn put(out: &mut Vec<u8>, at: Duration, event: Event<'_>) {
    let at = seconds(at);
    match event {
        Event::Command(command) => {
            line(out, format_args!("> {}{} @{at}", hex(command.bytes), redacted(command)));
        }
        Event::Answer(answer) => {
            line(out, format_args!("< {}{} @{at}", redacted(answer), hex(answer.bytes)));
        }
        Event::Atr(atr) => line(out, format_args!("= atr {} @{at}", hex(atr))),
        Event::Happened(what) => line(out, format_args!("= {what} @{at}")),
        Event::Comment(what) => line(out, format_args!("# {what}")),
    }
}

fn line(out: &mut Vec<u8>, text: std::fmt::Arguments<'_>) {
    // Memory takes every write.
    let _ = writeln!(out, "{text}");
}

fn seconds(time: Duration) -> String {
    format!("{}.{:06}", time.as_secs(), time.subsec_micros())
}

fn hex(bytes: &[u8]) -> String {
    hex::encode_upper(bytes)
}

fn redacted(shown: Shown<'_>) -> &'static str {
    if shown.is_redacted { "[redacted]" } else { "" }
}
