//! What a card knows of a center, apart from money.

use saifu_wire::certificate::{PublicKey, Role};
use saifu_wire::codec::Bytes;
use saifu_wire::layout;

layout! {
    /// A holder of certificates that the card has accepted (§7.5): a center, or the issuer's
    /// administration.
    pub struct CenterRecord {
        /// The latest time that it signed (§12.3); 0 before there was one.
        time_floor: u64,
        /// The sequences that are no longer good.
        retires_below: RetiresBelow,
    }
}

layout! {
    /// The highest `retires below` that was seen, for each role.
    #[derive(Default, Copy)]
    pub struct RetiresBelow {
        /// Of the issuer's administration keys.
        administration: u32,
        /// Of licence keys.
        licence: u32,
        /// Of credit keys.
        credit: u32,
        /// Of receipt keys.
        receipt: u32,
        /// Of payment keys.
        payment: u32,
    }
}

impl RetiresBelow {
    /// Nothing was retired.
    pub const NONE: Self =
        Self { administration: 0, licence: 0, credit: 0, receipt: 0, payment: 0 };

    /// Gives the floor of a role; `None` for a role the card keeps no keys of.
    #[must_use]
    pub const fn of(&self, role: Role) -> Option<u32> {
        match role {
            Role::Administration => Some(self.administration),
            Role::Licence => Some(self.licence),
            Role::Credit => Some(self.credit),
            Role::Receipt => Some(self.receipt),
            Role::Payment => Some(self.payment),
            Role::Issuer | Role::CardSignature | Role::CardEncryption => None,
        }
    }

    /// Raises the floor of a role; it never sinks.
    pub fn raise(&mut self, role: Role, below: u32) {
        let floor = match role {
            Role::Administration => &mut self.administration,
            Role::Licence => &mut self.licence,
            Role::Credit => &mut self.credit,
            Role::Receipt => &mut self.receipt,
            Role::Payment => &mut self.payment,
            Role::Issuer | Role::CardSignature | Role::CardEncryption => return,
        };
        *floor = below.max(*floor);
    }
}

layout! {
    /// A certified key of a center or of the issuer's administration; its name has the role and
    /// the sequence.
    pub struct CenterKeyRecord {
        /// The public key object, tag 7F49 included.
        key: Bytes,
        /// The second (Unix time) from which it is no longer good.
        expires: u64,
    }
}

impl CenterKeyRecord {
    /// Keeps a key until `expires`.
    #[must_use]
    pub fn new(key: &PublicKey, expires: u64) -> Self {
        Self { key: Bytes(key.to_object()), expires }
    }

    /// Gives the key; `None` never comes of what [`CenterKeyRecord::new`] made.
    #[must_use]
    pub fn public_key(&self) -> Option<PublicKey> {
        PublicKey::parse(&self.key.0).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEPT: [Role; 5] =
        [Role::Administration, Role::Licence, Role::Credit, Role::Receipt, Role::Payment];

    #[test]
    fn a_floor_rises_for_its_role_alone_and_never_sinks() {
        for role in KEPT {
            let mut floors = RetiresBelow::default();
            floors.raise(role, 7);
            floors.raise(role, 3);
            for other in KEPT {
                assert_eq!(floors.of(other), Some(if other == role { 7 } else { 0 }));
            }
        }
    }

    #[test]
    fn a_role_without_keys_has_no_floor() {
        let mut floors = RetiresBelow::default();
        floors.raise(Role::Issuer, 7);
        assert_eq!(floors, RetiresBelow::default());
        assert_eq!(floors.of(Role::CardSignature), None);
    }

    #[test]
    fn a_kept_key_comes_back() {
        let key = PublicKey::P256([4; 65]);
        assert_eq!(CenterKeyRecord::new(&key, 9).public_key(), Some(key));
    }
}
