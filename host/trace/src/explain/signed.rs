//! What center and card sign (apdu-spec.md sections 3.2 and 8 to 12).

use super::{Told, layout};
use saifu_wire::codec::Fields;
use saifu_wire::signed::{
    Authentication, Challenge, Closing, Credit, Event, Licence, Message, Opening, Proof, Receipt,
    Signed, TerminateOrder, TimeOrder, Token, UnblockOrder,
};
use sha2::{Digest, Sha256};

/// A signed structure, told by its tag.
struct Known {
    tag: [u8; 4],
    is: &'static str,
    explain: fn(&'static str, &[u8]) -> Told,
}

const fn known<M: Message + Fields>(is: &'static str) -> Known {
    Known { tag: M::TAG, is, explain: read::<M> }
}

const KNOWN: [Known; 13] = [
    known::<Licence>("Licence"),
    known::<Token>("Token"),
    known::<Event>("Event"),
    known::<Challenge>("Challenge"),
    known::<Authentication>("Authentication"),
    known::<Proof>("Proof"),
    known::<Closing>("Closing"),
    known::<Opening>("Opening"),
    known::<Credit>("Credit"),
    known::<Receipt>("Receipt"),
    known::<TimeOrder>("TimeOrder"),
    known::<UnblockOrder>("UnblockOrder"),
    known::<TerminateOrder>("TerminateOrder"),
];

/// Whether bytes begin as a signed structure does.
pub(super) fn is_one(bytes: &[u8]) -> bool {
    KNOWN.iter().any(|known| bytes.starts_with(&known.tag))
}

pub(super) fn explain(bytes: &[u8]) -> Told {
    match KNOWN.iter().find(|known| bytes.starts_with(&known.tag)) {
        Some(known) => (known.explain)(known.is, bytes),
        None => Told::bytes("no signed structure", bytes),
    }
}

fn read<M: Message + Fields>(is: &'static str, bytes: &[u8]) -> Told {
    let tag = String::from_utf8_lossy(&M::TAG).into_owned();
    let signed = match Signed::<M>::parse(bytes) {
        Ok(signed) => signed,
        Err(wrong) => {
            let mut told = Told::new(is, format!("{tag}, not well formed: {wrong}"));
            told.push(Told::bytes("bytes", bytes));
            return told;
        }
    };
    let mut told = Told::new(is, format!("{tag}, signed"));
    told.extend(layout::of(is, signed.message()));
    told.push(Told::bytes("identity", &Sha256::digest(signed.unsigned())));
    let signature = "64 bytes, not verified here";
    told.push(Told::new("signature", signature));
    told
}
