//! Bytes of which nothing is said.

use super::{Explainer, Told, answer_to_reset, signed, tlv};
use saifu_wire::apdu::Command;

/// The longest answer to reset, and the shortest that is taken for one.
const ATR_BYTES: std::ops::RangeInclusive<usize> = 4..=33;

/// Tells what bytes are, as far as they show it: an answer to reset, a signed structure, a
/// command, a status word with or without data, data objects.
#[must_use]
pub fn anything(bytes: &[u8]) -> Told {
    let mut explainer = Explainer::new();
    if signed::is_one(bytes) {
        return signed::explain(bytes);
    }
    if is_atr(bytes) {
        return answer_to_reset::explain(bytes);
    }
    match bytes {
        [] => Told::new("nothing", "no bytes"),
        [0x61..=0x6F | 0x90..=0x9F, _] => explainer.answer(bytes),
        _ => object(bytes)
            .or_else(|| command(&mut explainer, bytes))
            .or_else(|| answer(&mut explainer, bytes))
            .unwrap_or_else(|| Told::bytes("bytes", bytes)),
    }
}

fn is_atr(bytes: &[u8]) -> bool {
    let told = || answer_to_reset::explain(bytes);
    let is_whole = || !told().parts.iter().any(|part| part.name.starts_with("cut"));
    ATR_BYTES.contains(&bytes.len()) && matches!(bytes[0], 0x3B | 0x3F) && is_whole()
}

/// One data object that holds others.
fn object(bytes: &[u8]) -> Option<Told> {
    let tree = tlv::tree(bytes, &[]).ok()?;
    match <[Told; 1]>::try_from(tree) {
        Ok([one]) if !one.parts.is_empty() => Some(one),
        _ => None,
    }
}

fn command(explainer: &mut Explainer, bytes: &[u8]) -> Option<Told> {
    let parsed = Command::parse(bytes).ok()?;
    let is_class = !matches!(parsed.cla, 0x61..=0x6F | 0x9F);
    is_class.then(|| explainer.command(bytes))
}

fn answer(explainer: &mut Explainer, bytes: &[u8]) -> Option<Told> {
    let is_status = matches!(bytes, [.., 0x61..=0x6F | 0x90 | 0x91 | 0x9F, _]);
    is_status.then(|| explainer.answer(bytes))
}
