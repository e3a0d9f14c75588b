//! Names of tags: ISO/IEC 7816-4, -6, -8, GlobalPlatform, EMV's few that everybody meets, ours.

use super::field::named;
use super::told::shown;
use saifu_wire::answer::LifeCycle;
use saifu_wire::certificate::{Assurance, Date, OID_SAIFU, Role, key};

/// The name of a tag inside the objects of `path`.
pub(super) fn name(tag: u32, path: &[u32]) -> Option<&'static str> {
    let inside = path.last().copied().unwrap_or_default();
    let here = INSIDE.iter().find(|(outer, of, _)| *outer == inside && *of == tag);
    let anywhere = || ANYWHERE.iter().find(|(of, _)| *of == tag).map(|(_, name)| *name);
    here.map(|(_, _, name)| *name).or_else(anywhere)
}

/// Whether an object holds a PIN.
pub(super) fn is_pin(tag: u32) -> bool {
    tag == 0xDF22
}

/// A value in words, where it has some.
pub(super) fn value(tag: u32, path: &[u32], value: &[u8]) -> Option<String> {
    let inside = path.last().copied().unwrap_or_default();
    match (inside, tag) {
        (0xA5, 0x81) => named::<LifeCycle>(value).ok(),
        (0xA5, 0x82) | (0x73, 0x81) if value.len() == 1 => named::<Assurance>(value).ok(),
        (0x7F4C, 0x53) => named::<Role>(value).ok(),
        (0x7F66, 0x02) | (0x73, 0x82 | 0x83) => number(value),
        (_, 0x5F24 | 0x5F25) => date(value),
        (_, 0x06) => Some(object_identifier(value)),
        (_, 0x42 | 0x5F20 | 0x50 | 0x5F2D) if value.iter().all(|b| matches!(b, b' '..=b'~')) => {
            Some(String::from_utf8_lossy(value).into_owned())
        }
        (_, 0x8A) if value.len() == 1 => Some(format!("{} ({})", state(value[0]), shown(value))),
        _ => None,
    }
}

fn number(value: &[u8]) -> Option<String> {
    let is_short = value.len() <= 4;
    is_short.then(|| value.iter().fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte)).to_string())
}

/// YYMMDD, one digit a byte.
fn date(value: &[u8]) -> Option<String> {
    Date::from_digits(value).ok()?;
    let [y1, y2, m1, m2, d1, d2] = value.try_into().ok()?;
    Some(format!("20{y1}{y2}-{m1}{m2}-{d1}{d2}"))
}

/// ISO/IEC 7816-4 table 14.
fn state(byte: u8) -> &'static str {
    match byte {
        0x00 => "no information",
        0x01 => "creation",
        0x03 => "initialisation",
        0x05 | 0x07 => "activated",
        0x04 | 0x06 => "deactivated",
        0x0C..=0x0F => "terminated",
        _ => "of the card's own",
    }
}

fn object_identifier(value: &[u8]) -> String {
    let known = [
        (&OID_SAIFU[..], "Saifu"),
        (&key::OID_ECDSA_SHA256, "ECDSA with SHA-256"),
        (&key::OID_RSA_OAEP, "RSAES-OAEP"),
        (&[0x2A, 0x86, 0x48, 0x86, 0xFC, 0x6B, 0x01], "GlobalPlatform"),
    ];
    let name = known.iter().find(|(oid, _)| *oid == value).map(|(_, name)| *name);
    match (dotted(value), name) {
        (Some(dotted), Some(name)) => format!("{dotted} ({name})"),
        (Some(dotted), None) => dotted,
        (None, Some(name)) => format!("{} ({name})", shown(value)),
        (None, None) => shown(value),
    }
}

/// An object identifier in figures, where each fits 64 bits.
fn dotted(value: &[u8]) -> Option<String> {
    let mut arcs = Vec::new();
    let mut arc = 0_u64;
    for byte in value {
        arc = arc.checked_mul(128)?.checked_add(u64::from(byte & 0x7F))?;
        if byte & 0x80 == 0 {
            arcs.push(std::mem::take(&mut arc));
        }
    }
    let (first, rest) = arcs.split_first()?;
    let top = (first / 40).min(2);
    let mut text = format!("{top}.{}", first - top * 40);
    rest.iter().for_each(|arc| text.push_str(&format!(".{arc}")));
    value.last().is_some_and(|last| last & 0x80 == 0).then_some(text)
}

/// What a tag is inside another: that, the tag, its name.
const INSIDE: [(u32, u32, &str); 37] = [
    (0xA5, 0x80, "interface version"),
    (0xA5, 0x81, "life cycle"),
    (0xA5, 0x82, "assurance class"),
    (0xA5, 0x73, "security domain management data"),
    (0xA5, 0x9F6E, "application production life cycle"),
    (0xA5, 0x9F65, "most data bytes in a command"),
    (0x7F66, 0x02, "most bytes"),
    (0x73, 0x80, "holder"),
    (0x73, 0x81, "assurance class"),
    (0x73, 0x82, "sequence"),
    (0x73, 0x83, "retires below"),
    (0x73, 0x60, "card management type and version"),
    (0x73, 0x63, "card identification scheme"),
    (0x73, 0x64, "secure channel protocol"),
    (0x73, 0x65, "card configuration"),
    (0x73, 0x66, "card or chip details"),
    (0x66, 0x73, "card recognition data"),
    (0x65, 0x73, "who the holder is"),
    (0x7F49, 0x81, "modulus or first coordinate"),
    (0x7F49, 0x82, "public exponent or second coordinate"),
    (0x7F49, 0x86, "public point"),
    (0x7F4C, 0x53, "role"),
    (0xE3, 0xC4, "load file of the application"),
    (0xE3, 0xC5, "privileges"),
    (0xE3, 0xCC, "security domain it belongs to"),
    (0xE3, 0xCE, "version of the load file"),
    (0xE3, 0xCF, "implicit selection"),
    (0xE3, 0x84, "module"),
    (0xE0, 0xC0, "key information"),
    (0x62, 0x80, "bytes in the file"),
    (0x62, 0x81, "bytes in the file, with its structure"),
    (0x62, 0x82, "file descriptor"),
    (0x62, 0x83, "file identifier"),
    (0x62, 0x88, "short file identifier"),
    (0x6F, 0x80, "bytes in the file"),
    (0x6F, 0x82, "file descriptor"),
    (0x6F, 0x83, "file identifier"),
];

/// What a tag is wherever it stands.
const ANYWHERE: [(u32, &str); 61] = [
    (0x06, "object identifier"),
    (0x42, "issuer: the authority's name"),
    (0x45, "card image number"),
    (0x46, "pre-issuing data"),
    (0x47, "card capabilities"),
    (0x4F, "application identifier"),
    (0x50, "application label"),
    (0x51, "path"),
    (0x53, "discretionary data"),
    (0x5A, "primary account number"),
    (0x5C, "tag list"),
    (0x5F20, "holder's name"),
    (0x5F24, "expires"),
    (0x5F25, "effective"),
    (0x5F28, "issuer's country"),
    (0x5F29, "certificate profile"),
    (0x5F2D, "languages"),
    (0x5F37, "signature"),
    (0x5F50, "URL"),
    (0x5F52, "historical bytes"),
    (0x61, "application template"),
    (0x62, "file control parameters (FCP)"),
    (0x64, "file management data (FMD)"),
    (0x65, "cardholder related data"),
    (0x66, "card data"),
    (0x6E, "application related data"),
    (0x6F, "file control information (FCI)"),
    (0x73, "discretionary template"),
    (0x7C, "dynamic authentication"),
    (0x7F21, "certificate"),
    (0x7F49, "public key"),
    (0x7F4C, "certificate holder authorisation"),
    (0x7F4E, "certificate body"),
    (0x7F60, "biometric template"),
    (0x7F66, "extended length information"),
    (0x84, "application identifier (DF name)"),
    (0x87, "application priority"),
    (0x8A, "life cycle status"),
    (0x94, "application file locator"),
    (0x9F08, "application version"),
    (0x9F38, "processing options list (PDOL)"),
    (0x9F65, "most data bytes in a command"),
    (0x9F6E, "application production life cycle"),
    (0x9F70, "life cycle state"),
    (0x9F7F, "card production life cycle (CPLC)"),
    (0xA5, "proprietary data"),
    (0xBF0C, "issuer discretionary data"),
    (0xC0, "key information"),
    (0xC1, "sequence counter"),
    (0xC5, "privileges"),
    (0xCC, "security domain it belongs to"),
    (0xE0, "key information template"),
    (0xE1, "control reference template"),
    (0xE3, "registry entry"),
    (0xDF01, "card id"),
    (0xDF02, "card status"),
    (0xDF03, "limits"),
    (0xDF04, "pinned root"),
    (0xDF05, "center keys"),
    (0xDF06, "content memory"),
    (0xDF22, "PIN"),
];
