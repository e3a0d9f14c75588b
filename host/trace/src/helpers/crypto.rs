//! Ciphers, MACs, signatures and key transport for any conversation.

use super::aes::{BLOCK, Key};
use super::{Arguments, Draws, Helper, HelperError, Value, keys};

/// The helpers of this file.
pub(super) const ALL: &[Helper] = &[
    Helper::new(
        "aes_encrypt",
        "(key, bytes, iv=zeros)",
        "AES-CBC of whole blocks under 16 or 32 bytes of key",
        (2, 2),
        |a, _| Ok(Value::Bytes(Key::new(&a.bytes(0)?)?.encrypt(&iv(a)?, &a.bytes(1)?)?)),
    )
    .names(&["iv"]),
    Helper::new("aes_decrypt", "(key, bytes, iv=zeros)", "the way back", (2, 2), |a, _| {
        Ok(Value::Bytes(Key::new(&a.bytes(0)?)?.decrypt(&iv(a)?, &a.bytes(1)?)?))
    })
    .names(&["iv"]),
    Helper::new("cmac", "(key, bytes)", "their AES-CMAC, 16 bytes", (2, 2), |a, _| {
        Ok(Value::Bytes(Key::new(&a.bytes(0)?)?.cmac(&[&a.bytes(1)?]).to_vec()))
    }),
    Helper::new("hkdf", "(key, info)", "HKDF-Expand with SHA-256, 32 bytes", (2, 2), |a, _| {
        Ok(Value::Bytes(keys::expand(&a.bytes(0)?, &[&a.bytes(1)?])?.to_vec()))
    }),
    Helper::new(
        "point",
        "(scalar)",
        "the public point of a private key of P-256, 65 bytes",
        (1, 1),
        |a, _| Ok(Value::Bytes(keys::point(&a.bytes(0)?)?.to_vec())),
    ),
    Helper::new(
        "ecdsa",
        "(bytes, scalar)",
        "the ECDSA signature r‖s over their SHA-256, on P-256",
        (2, 2),
        |a, _| Ok(Value::Bytes(keys::sign(&a.bytes(1)?, &a.bytes(0)?)?.to_vec())),
    ),
    Helper::new(
        "ecdsa_twin",
        "(bytes)",
        "with n − s in the place of s in the signature at their end, which verifies as well",
        (1, 1),
        twin,
    ),
    Helper::new(
        "verify",
        "(signed, by=certificates, key or point)",
        "the identity of what is signed (its SHA-256), once the signature at its end is found right",
        (1, 1),
        verify,
    )
    .names(&["by"]),
    Helper::new(
        "identity",
        "(signed)",
        "the SHA-256 of all but the signature at its end (§3.2), whoever signed",
        (1, 1),
        |a, _| Ok(Value::Bytes(keys::sha256(&[&signed(a)?.0]).to_vec())),
    ),
    Helper::new(
        "wrap",
        "(bytes, for=certificates or key, label=bytes)",
        "RSAES-OAEP with SHA-256; the same words give the same bytes, as only a test may",
        (1, 1),
        wrap,
    )
    .names(&["for", "label"]),
    Helper::new(
        "key_id",
        "(certificates or key, kind)",
        "the SHA-256 of the key object: of that of RSA, or of the other with the word `signature`",
        (1, 2),
        key_id,
    ),
];

fn iv(given: &Arguments) -> Result<[u8; BLOCK], HelperError> {
    given.array("iv", [0; BLOCK])
}

/// What is signed, and the signature behind it.
fn signed(given: &Arguments) -> Result<(Vec<u8>, [u8; 64]), HelperError> {
    let bytes = given.bytes(0)?;
    let parts = bytes.split_last_chunk::<64>();
    let (body, signature) =
        parts.ok_or_else(|| HelperError("that ends in no signature of 64 bytes".into()))?;
    Ok((body.to_vec(), *signature))
}

fn twin(given: &Arguments, _: &mut Draws) -> Result<Value, HelperError> {
    let (mut body, signature) = signed(given)?;
    body.extend_from_slice(&keys::twin(&signature)?);
    Ok(Value::Bytes(body))
}

fn verify(given: &Arguments, _: &mut Draws) -> Result<Value, HelperError> {
    let (body, signature) = signed(given)?;
    let point = keys::signature_key(&given.needed("by")?)?;
    if keys::verifies(&point, &body, &signature) {
        return Ok(Value::Bytes(keys::sha256(&[&body]).to_vec()));
    }
    Err(HelperError(format!("the signature over {} bytes is not of this key", body.len())))
}

fn wrap(given: &Arguments, _: &mut Draws) -> Result<Value, HelperError> {
    let key = keys::encryption_key(&given.needed("for")?)?;
    let label = given.given("label")?.unwrap_or_default();
    Ok(Value::Bytes(keys::wrap(&key, &label, &given.bytes(0)?)?))
}

fn key_id(given: &Arguments, _: &mut Draws) -> Result<Value, HelperError> {
    let bytes = given.bytes(0)?;
    let key = match given.plain.get(1) {
        None => keys::encryption_key(&bytes)?,
        Some(_) => match given.word(1)? {
            "signature" => saifu_wire::certificate::PublicKey::P256(keys::signature_key(&bytes)?),
            other => return Err(HelperError(format!("signature is the other kind, not {other}"))),
        },
    };
    Ok(Value::Bytes(keys::key_id(&key).to_vec()))
}
