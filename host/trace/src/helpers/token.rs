//! Reads what a card signs: a token as its center does (§9.2), and any structure field by field.

use super::center::payment;
use super::{Arguments, Draws, Helper, HelperError, Value, keys};
use saifu_wire::codec::{Fields, Wire};
use saifu_wire::signed::{
    Authentication, Challenge, Closing, Credit, Event, LABEL_PAYLOAD, LABEL_TOKEN_CIPHER,
    LABEL_TOKEN_MAC, Licence, Message, Opening, Proof, Receipt, Signed, TerminateOrder, TimeOrder,
    Token, TokenPayload, UnblockOrder,
};

/// The bytes of a payload before its padding (§9.2).
const PAYLOAD_BYTES: usize = 154;

/// The helpers of this file.
pub(super) const ALL: &[Helper] = &[
    Helper::new(
        "open_token",
        "(token)",
        "the payload of a token (§9.2) for a test center, once its MAC and commitment are found \
         right",
        (1, 1),
        open_token,
    ),
    Helper::new(
        "field",
        "(signed, name)",
        "a field of a signed structure, or of the payload of a token, by its name in annex A of \
         apdu-spec.md",
        (2, 2),
        field,
    ),
];

fn open_token(given: &Arguments, _: &mut Draws) -> Result<Value, HelperError> {
    let token = Signed::<Token>::parse(&given.bytes(0)?)
        .map_err(|error| HelperError(format!("that is no token: {error}")))?;
    let label = keys::sha256(&[token.header()]);
    let Token { wrapped_key, sealed_payload, commitment, .. } = token.message();
    let key = payment::unwrap(&label, &wrapped_key.0)?;
    let wrong = |what: &str| HelperError(format!("the token's {what} is wrong"));
    let (sealed, tag) = sealed_payload.0.split_last_chunk::<16>().ok_or_else(|| wrong("length"))?;
    if keys::derived(&key, &[LABEL_TOKEN_MAC, &label])?.cmac(&[&label, sealed]) != *tag {
        return Err(wrong("MAC"));
    }
    let cipher = keys::derived(&key, &[LABEL_TOKEN_CIPHER, &label])?;
    let padded = cipher.decrypt(&[0; 16], sealed)?;
    let (payload, padding) =
        padded.split_at_checked(PAYLOAD_BYTES).ok_or_else(|| wrong("length"))?;
    if padding.iter().any(|byte| *byte != 0) {
        return Err(wrong("padding"));
    }
    if commitment.0 != keys::sha256(&[LABEL_PAYLOAD, payload]) {
        return Err(wrong("commitment"));
    }
    Ok(Value::Bytes(payload.to_vec()))
}

/// Names and values, in order.
type AllFields = Vec<(&'static str, Vec<u8>)>;
/// Reads one structure, if the bytes are one.
type ReadFields = fn(&[u8]) -> Option<AllFields>;

fn fields_of<M: Message + Fields>(bytes: &[u8]) -> Option<AllFields> {
    let signed = Signed::<M>::parse(bytes).ok()?;
    let mut fields = signed.message().fields();
    fields.push(("signature", signed.signature().to_vec()));
    Some(fields)
}

fn field(given: &Arguments, _: &mut Draws) -> Result<Value, HelperError> {
    let (bytes, name) = (given.bytes(0)?, given.word(1)?);
    let fields = all_fields(&bytes).ok_or_else(|| {
        HelperError(format!("{} bytes that are no signed structure of §8 to §12", bytes.len()))
    })?;
    let found = fields.iter().find(|(known, _)| *known == name);
    let names = || fields.iter().map(|(known, _)| *known).collect::<Vec<_>>().join(", ");
    found
        .map(|(_, value)| Value::Bytes(value.clone()))
        .ok_or_else(|| HelperError(format!("there is no {name}; there are {}", names())))
}

fn all_fields(bytes: &[u8]) -> Option<AllFields> {
    const READERS: &[ReadFields] = &[
        fields_of::<Authentication>,
        fields_of::<Challenge>,
        fields_of::<Closing>,
        fields_of::<Credit>,
        fields_of::<Event>,
        fields_of::<Licence>,
        fields_of::<Opening>,
        fields_of::<Proof>,
        fields_of::<Receipt>,
        fields_of::<TerminateOrder>,
        fields_of::<TimeOrder>,
        fields_of::<Token>,
        fields_of::<UnblockOrder>,
    ];
    let payload = || TokenPayload::from_bytes(bytes).ok().map(|payload| payload.fields());
    READERS.iter().find_map(|read| read(bytes)).or_else(payload)
}

#[cfg(test)]
mod tests;
