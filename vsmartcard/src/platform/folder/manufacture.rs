//! What the manufacturer put into the card, as a file.
//!
//! ```text
//! "SMAN" ‖ 01 ‖ card id (16) ‖ class (1) ‖ key version (1) ‖ Key-ENC (16) ‖ Key-MAC (16) ‖ Key-DEK (16)
//!   [ ‖ size of the content memory in bytes (8) ]      if it is not the usual one
//! ```

use std::io;
use std::path::Path;

use saifu_applet::crypto::scp03::StaticKeys;
use saifu_applet::crypto::{Secret, SecretVec};
use saifu_applet::platform::{DEFAULT_CONTENT_BYTES, Manufacture};
use saifu_wire::codec::Reader;
use saifu_wire::{Malformed, Wire};

use super::files;

const MAGIC: [u8; 5] = *b"SMAN\x01";
const BYTES: usize = 5 + 16 + 1 + 1 + 3 * 16;
const MAX_BYTES: usize = BYTES + 8;

/// Reads the file; `None` when it is not there or is something else.
pub(super) fn read(path: &Path) -> io::Result<Option<Manufacture>> {
    let bytes = files::read_secret(path, MAX_BYTES)?;
    Ok(bytes.and_then(|bytes| parse(bytes.expose()).ok()))
}

/// Writes the file, durably.
pub(super) fn write(path: &Path, manufacture: &Manufacture) -> io::Result<()> {
    let mut bytes = Vec::with_capacity(MAX_BYTES);
    bytes.extend_from_slice(&MAGIC);
    manufacture.card.write(&mut bytes);
    manufacture.assurance.write(&mut bytes);
    manufacture.key_version.write(&mut bytes);
    for key in [&manufacture.keys.enc, &manufacture.keys.mac, &manufacture.dek] {
        bytes.extend_from_slice(key.expose());
    }
    if manufacture.content_bytes != DEFAULT_CONTENT_BYTES {
        manufacture.content_bytes.write(&mut bytes);
    }
    files::overwrite(path, SecretVec::new(bytes).expose())
}

fn parse(bytes: &[u8]) -> Result<Manufacture, Malformed> {
    let mut reader = Reader::new(bytes);
    if reader.array()? != MAGIC {
        return Err(Malformed::Tag);
    }
    let manufacture = Manufacture {
        card: Wire::read(&mut reader)?,
        assurance: Wire::read(&mut reader)?,
        key_version: Wire::read(&mut reader)?,
        keys: StaticKeys { enc: key(&mut reader)?, mac: key(&mut reader)? },
        dek: key(&mut reader)?,
        content_bytes: match reader.remaining() {
            0 => DEFAULT_CONTENT_BYTES,
            _ => Wire::read(&mut reader)?,
        },
    };
    reader.finish()?;
    Ok(manufacture)
}

fn key(reader: &mut Reader<'_>) -> Result<Secret<16>, Malformed> {
    Secret::try_from(reader.take(16)?).map_err(|_| Malformed::Value)
}
