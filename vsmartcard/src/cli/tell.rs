//! What a program that keeps cards in readers tells of them, a line for each change. That nobody
//! reads the lines does not end a card.

use std::io::Write;

use super::program;
use crate::plug::Event;
use crate::rig::{Place, Told};

/// Tells what happened to the reader at a place, one of so many.
pub(super) fn tell(
    place: &Place,
    (reader, readers): (usize, usize),
    told: &Told,
    out: &mut dyn Write,
) {
    let which = if readers > 1 { format!(" (reader {reader})") } else { String::new() };
    let name = program();
    match told {
        Told::Plug(Event::Connected(address)) => {
            drop(writeln!(out, "card in reader at {address}{which}"));
        }
        Told::Plug(Event::Unreachable(error)) => {
            eprintln!("{name}: no reader at {place} ({error}); is pcscd running? trying on{which}");
        }
        Told::Plug(Event::Lost(None)) => {
            eprintln!("{name}: the reader went away; waiting for it{which}");
        }
        Told::Plug(Event::Lost(Some(error))) => {
            eprintln!("{name}: the reader went away ({error}); waiting for it{which}");
        }
        #[cfg(target_os = "linux")]
        Told::Reader(event) => tell_of_line(event, &which),
        Told::Died => eprintln!("{name}: a fault that was asked for ended the card{which}"),
    }
}

#[cfg(target_os = "linux")]
fn tell_of_line(event: &crate::plug::ReaderEvent, which: &str) {
    use crate::plug::ReaderEvent;
    match event {
        // Of that, whoever puts the card in tells.
        ReaderEvent::Ready(_) => {}
        ReaderEvent::Host => eprintln!("{}: a driver has opened the reader{which}", program()),
        ReaderEvent::HostGone => {
            eprintln!("{}: the driver closed the reader; waiting for it{which}", program());
        }
    }
}
