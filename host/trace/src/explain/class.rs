//! The class byte (ISO/IEC 7816-4 section 5.4.1).

use super::Told;
use saifu_wire::apdu::Class;

pub(super) fn explain(cla: u8) -> Told {
    let name = format!("CLA {cla:02X}");
    if cla == 0xFF {
        return Told::new(name, "for the reader, not the card (PC/SC part 3)");
    }
    let Some(class) = Class::parse(cla) else {
        let what = match cla {
            0xA0 => "GSM 11.11 and 3GPP TS 51.011: a SIM card",
            0x20..=0x3F => "reserved",
            _ => "proprietary, in bits of its own",
        };
        return Told::new(name, what);
    };
    let mut words = vec![
        if class.proprietary { "proprietary" } else { "interindustry" }.to_owned(),
        format!("channel {}", class.channel),
    ];
    if class.chained {
        words.push("more of this chain follows".to_owned());
    }
    words.extend(protection(cla, class).map(str::to_owned));
    Told::new(name, words.join(", "))
}

fn protection(cla: u8, class: Class) -> Option<&'static str> {
    if !class.secure {
        return None;
    }
    Some(match (class.channel, cla & 0x0C) {
        (4.., _) => "secure messaging",
        (_, 0x04) if class.proprietary => "secure messaging (GlobalPlatform)",
        (_, 0x04) => "secure messaging, not as the standard says",
        (_, 0x08) => "secure messaging, header not authenticated",
        _ => "secure messaging, header authenticated",
    })
}

/// Whether the data field is under secure messaging.
pub(super) fn is_protected(cla: u8) -> bool {
    Class::parse(cla).is_some_and(|class| class.secure)
}

/// Whether the data field goes on in the next command.
pub(super) fn is_chained(cla: u8) -> bool {
    Class::parse(cla).is_some_and(|class| class.chained)
}
