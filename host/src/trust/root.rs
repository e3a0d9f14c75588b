//! The root that a terminal is given.

use p256::ecdsa::VerifyingKey;
use saifu_wire::Wire as _;
use saifu_wire::personalise::PinnedRoot;

/// Reads a root in hex, as `saifu-center issuer root` writes it; none where it is no root.
pub fn read_root(text: &str) -> Option<PinnedRoot> {
    let root = PinnedRoot::from_bytes(&hex::decode(text.trim_ascii()).ok()?).ok()?;
    VerifyingKey::from_sec1_bytes(&root.point).ok().map(|_| root)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::keys;

    #[test]
    fn a_root_is_read_and_nothing_else_is() {
        let root = keys::root();
        let text = hex::encode(root.to_bytes());
        assert_eq!(read_root(&format!("{text}\n")), Some(root.clone()));
        let off_the_curve = PinnedRoot { point: [4; 65], ..root };
        for wrong in ["", "root", &text[2..], &hex::encode(off_the_curve.to_bytes())] {
            assert_eq!(read_root(wrong), None, "{wrong}");
        }
    }
}
