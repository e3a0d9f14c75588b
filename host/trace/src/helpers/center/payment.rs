//! `Kcs` of all test centers: the published primes of annex B.1, for tests alone.

use crate::helpers::{HelperError, keys};
use saifu_wire::certificate::PublicKey;
use saifu_wire::ids::Digest;

const P: &str = "\
    f60aaf4737db7cb8bc1fe6b61eef79199368fb3d2efad27743ad6da8eb90d911\
    ab34fc673bb747c703ddde8c183dc2dbfab779e6f3b13c2fdc8eed4dc88e90e8\
    a35d2e87465095c1d0a6bcd6685f2fdf2ff65c50a7fa898ece0bd97e1c152d71\
    318820d02a76b1bc3a83f12ec31f873ba5ec541ee999568e01330ec18c41a833";

const Q: &str = "\
    d186b50a26feb57fff1f9bebfaee691f310f68fa2e5c62079fcdfa430be90553\
    edd360a4f3a85ada9f4dcbfba56baf3628593e650f828fc60a4c992137f65141\
    47a5a1de1174e20d4004bcb25fbacde80e92b3f70aa6de3813a22bfb4c195b70\
    24b3c6710918386be494ef43988d06bc70ee26f957289a41944d2f7256f9eca1";

fn primes() -> Result<(Vec<u8>, Vec<u8>), HelperError> {
    let wrong = |_| HelperError("the test center's primes are no hexadecimal".into());
    Ok((hex::decode(P).map_err(wrong)?, hex::decode(Q).map_err(wrong)?))
}

/// `Kcp`.
pub(super) fn key() -> Result<PublicKey, HelperError> {
    let (p, q) = primes()?;
    keys::public((&p, &q))
}

/// The key id of `Kcp`.
pub(in crate::helpers) fn key_id() -> Result<Digest, HelperError> {
    Ok(Digest(keys::key_id(&key()?)))
}

/// Opens what was wrapped for `Kcp`.
pub(in crate::helpers) fn unwrap(label: &[u8], wrapped: &[u8]) -> Result<Vec<u8>, HelperError> {
    let (p, q) = primes()?;
    keys::unwrap((&p, &q), label, wrapped)
}
