//! A card applet of one's own, to begin with: copy this crate, and change what it answers.
//!
//! ```text
//! cargo run -p saifu-template -- apdu 00A4040006F0434F554E54 8001000001 8002000002486900
//! cargo run -p saifu-template -- run            (into vpcd's reader at localhost:35963)
//! ```
//!
//! Answers 80 01 with how often it was asked since the last reset, and 80 02 with the data that
//! came.

use std::process::ExitCode;

use saifu_wire::Status;
use saifu_wire::apdu::Command;
use saifu_wire::applet::Applet;

/// Counts, and repeats what it hears.
#[derive(Default)]
struct Counter {
    count: u8,
}

impl Applet for Counter {
    fn aid(&self) -> &[u8] {
        b"\xF0COUNT"
    }

    fn reset(&mut self) {
        self.count = 0;
    }

    fn transmit(&mut self, _channel: u8, apdu: &[u8], answer: &mut Vec<u8>) {
        let status = match Command::parse(apdu) {
            Ok(Command { ins: 0x01, .. }) => {
                self.count = self.count.wrapping_add(1);
                answer.push(self.count);
                Status::Ok
            }
            Ok(Command { ins: 0x02, data, .. }) => {
                answer.extend_from_slice(data);
                Status::Ok
            }
            Ok(_) => Status::InsNotSupported,
            Err(_) => Status::WrongLength,
        };
        answer.extend_from_slice(&status.to_be_bytes());
    }
}

fn main() -> ExitCode {
    saifu_vsmartcard::cli::own(vec![Box::new(Counter::default())])
}
