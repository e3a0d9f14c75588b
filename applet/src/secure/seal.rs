//! The encryptor and decryptor (12): everything outside the secure area went through here.
//!
//! ```text
//! object          = AES-256-CBC, then CMAC, under the two keys of its form
//! associated data = card id (16) ‖ form (1) ‖ number (8) ‖ version (8)
//! ```
//! Each form has keys of its own, derived from `Km`, so nothing sealed in one memory or form opens
//! in another. The version is that of the commit; the tag, which the manifest keeps, tells two
//! objects of one name and version apart.

use alloc::vec::Vec;

use saifu_wire::{CardId, Wire, codes};

use crate::crypto::seal::SealKeys;
use crate::crypto::{CryptoError, Random, SecretVec};
use crate::platform::ObjectName;

/// The bytes of the tag that ends a sealed object.
pub const TAG_BYTES: usize = 16;

codes! {
    /// A memory outside the secure area, by its number in the design.
    pub enum Memory {
        /// The manifest, and what the card itself remembers.
        Manifest = 0,
        /// Money.
        Money = 13,
        /// Contents.
        Content = 14,
        /// Content keys.
        Key = 15,
        /// Private keys.
        SecretKey = 16,
    }
}

codes! {
    /// A kind of sealed object: one pair of keys each.
    pub enum Form {
        /// The root of the manifest.
        Root = 0x01,
        /// A page of the manifest.
        Page = 0x02,
        /// What the card knows of itself, of centers and of licences.
        Register = 0x03,
        /// `Km[money]`: accounts, purses, tokens.
        Money = 0x13,
        /// `Km[M]`.
        Content = 0x14,
        /// `Km{Ke[M]}`, procedure 2.
        DoubleContent = 0x24,
        /// `Km[Ke]`.
        Key = 0x15,
        /// `Km{Kup[Ke]}`, procedure 2.
        DoubleKey = 0x25,
        /// `Km[Kus]`, and the card's signature key.
        SecretKey = 0x16,
    }
}

impl Form {
    /// Gives the memory that holds objects of this form.
    #[must_use]
    pub const fn memory(self) -> Memory {
        match self {
            Self::Root | Self::Page | Self::Register => Memory::Manifest,
            Self::Money => Memory::Money,
            Self::Content | Self::DoubleContent => Memory::Content,
            Self::Key | Self::DoubleKey => Memory::Key,
            Self::SecretKey => Memory::SecretKey,
        }
    }

    /// Gives the label under which the keys of this form are derived; none begins another.
    pub(super) const fn label(self) -> &'static [u8] {
        match self {
            Self::Root => b"manifest root",
            Self::Page => b"manifest page",
            Self::Register => b"register",
            Self::Money => b"13 money",
            Self::Content => b"14 content, plain",
            Self::DoubleContent => b"14 content, double",
            Self::Key => b"15 key, plain",
            Self::DoubleKey => b"15 key, double",
            Self::SecretKey => b"16 secret key",
        }
    }
}

/// An object that the secure area has sealed; nothing else can be written outside it.
///
/// A platform takes these alone:
///
/// ```
/// use saifu_applet::platform::{MemoryFailed, Platform, Sealed};
/// fn store<P: Platform>(platform: &mut P, object: &Sealed) -> Result<(), MemoryFailed> {
///     platform.write_object(object)
/// }
/// ```
///
/// What is not sealed does not compile,
///
/// ```compile_fail,E0308
/// use saifu_applet::platform::{MemoryFailed, Platform};
/// fn store<P: Platform>(platform: &mut P, plaintext: &[u8]) -> Result<(), MemoryFailed> {
///     platform.write_object(plaintext)
/// }
/// ```
///
/// and nobody but [`Seal`] makes one:
///
/// ```compile_fail,E0451
/// use saifu_applet::platform::{ObjectName, Sealed};
/// fn forge(name: ObjectName, plaintext: Vec<u8>) -> Sealed {
///     Sealed { name, bytes: plaintext }
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    name: ObjectName,
    bytes: Vec<u8>,
}

impl Sealed {
    /// Gives the name it was sealed for.
    #[must_use]
    pub const fn name(&self) -> ObjectName {
        self.name
    }

    /// Lends the sealed bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Gives the tag it ends with.
    #[must_use]
    pub fn tag(&self) -> [u8; TAG_BYTES] {
        tag_of(&self.bytes).unwrap_or_default()
    }
}

/// Gives the tag that sealed bytes end with, if they are long enough to have one.
#[must_use]
pub fn tag_of(sealed: &[u8]) -> Option<[u8; TAG_BYTES]> {
    sealed.last_chunk().copied()
}

/// Seals and opens the objects of one form on one card.
#[derive(Clone, Debug)]
pub struct Seal {
    keys: SealKeys,
    card: CardId,
    form: Form,
}

impl Seal {
    pub(super) const fn new(keys: SealKeys, card: CardId, form: Form) -> Self {
        Self { keys, card, form }
    }

    /// Gives the form.
    #[must_use]
    pub const fn form(&self) -> Form {
        self.form
    }

    /// Seals an object of this number and version.
    ///
    /// # Errors
    /// [`CryptoError::RandomFailed`]; [`CryptoError::Refused`] for 4 GiB and more.
    pub fn seal(
        &self,
        random: &mut Random<'_>,
        number: u64,
        version: u64,
        plaintext: &[u8],
    ) -> Result<Sealed, CryptoError> {
        let bytes = self.keys.seal(random, &self.associated(number, version), plaintext)?;
        Ok(Sealed { name: ObjectName { memory: self.form.memory(), number }, bytes })
    }

    /// Opens the object of this number and version.
    ///
    /// # Errors
    /// [`CryptoError::Refused`] for anything else than what [`Seal::seal`] made of them.
    pub fn open(&self, number: u64, version: u64, sealed: &[u8]) -> Result<SecretVec, CryptoError> {
        self.keys.open(&self.associated(number, version), sealed)
    }

    fn associated(&self, number: u64, version: u64) -> Vec<u8> {
        let mut data = self.card.to_bytes();
        self.form.write(&mut data);
        number.write(&mut data);
        version.write(&mut data);
        data
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secure::MasterKey;

    const CARD: CardId = CardId([1; 16]);

    fn seal(card: CardId, form: Form) -> Seal {
        MasterKey::from_bytes(&[7; 32]).unwrap().seal(card, form)
    }

    fn sealed(form: Form, number: u64, version: u64) -> Sealed {
        let mut counter = 0;
        let mut source = |out: &mut [u8]| {
            counter += 1;
            out.fill(counter);
            Ok(())
        };
        seal(CARD, form).seal(&mut source, number, version, b"plaintext").unwrap()
    }

    #[test]
    fn an_object_opens_as_what_it_was_sealed_as() {
        for form in Form::ALL {
            let object = sealed(*form, 5, 9);
            assert_eq!(object.name(), ObjectName { memory: form.memory(), number: 5 });
            let opened = seal(CARD, *form).open(5, 9, object.bytes()).unwrap();
            assert_eq!(opened.expose(), b"plaintext");
        }
    }

    #[test]
    fn an_object_opens_in_no_other_form() {
        for form in Form::ALL {
            let object = sealed(*form, 5, 9);
            for other in Form::ALL.iter().filter(|other| *other != form) {
                let opened = seal(CARD, *other).open(5, 9, object.bytes());
                assert_eq!(opened, Err(CryptoError::Refused), "{form:?} as {other:?}");
            }
        }
    }

    #[test]
    fn an_object_opens_under_no_other_number_version_or_card() {
        let object = sealed(Form::Money, 5, 9);
        for (card, number, version) in [(CARD, 6, 9), (CARD, 5, 8), (CardId([2; 16]), 5, 9)] {
            let opened = seal(card, Form::Money).open(number, version, object.bytes());
            assert_eq!(opened, Err(CryptoError::Refused));
        }
    }

    #[test]
    fn no_label_begins_another() {
        for form in Form::ALL {
            for other in Form::ALL.iter().filter(|other| *other != form) {
                assert!(!other.label().starts_with(form.label()), "{form:?} {other:?}");
            }
        }
    }

    #[test]
    fn a_sealed_object_ends_with_its_tag_and_shows_no_plaintext() {
        let object = sealed(Form::Money, 5, 9);
        assert!(object.bytes().ends_with(&object.tag()));
        assert!(!object.bytes().windows(9).any(|window| window == b"plaintext"));
        assert_eq!(tag_of(&[0; 15]), None);
    }
}
