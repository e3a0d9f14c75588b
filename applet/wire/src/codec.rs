//! Bounds-checked reading and writing of fixed layouts (§3.1).
//!
//! Integers are big-endian. A byte string of variable length carries a u16 length, a
//! list a u8 count. Nothing may follow the last field.

use alloc::vec::Vec;

/// Bytes that are not what the layout says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// The input ends inside a field.
    #[error("the input ends inside a field")]
    Short,
    /// Bytes follow the last field.
    #[error("bytes follow the last field")]
    Trailing,
    /// A structure begins with another tag or version.
    #[error("another tag or version than this structure's")]
    Tag,
    /// A field has a value outside its range.
    #[error("a field has a value outside its range")]
    Value,
}

/// Takes fields off the front of a byte string.
#[derive(Debug, Clone)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Starts at the first byte of `bytes`.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// Takes the next `count` bytes.
    pub fn take(&mut self, count: usize) -> Result<&'a [u8], Malformed> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or(Malformed::Short)?;
        self.rest = rest;
        Ok(taken)
    }

    /// Takes a field of fixed length.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        self.take(N)?.try_into().map_err(|_| Malformed::Short)
    }

    /// Takes everything that is left.
    pub fn rest(&mut self) -> &'a [u8] {
        core::mem::take(&mut self.rest)
    }

    /// The number of bytes not yet taken.
    pub fn remaining(&self) -> usize {
        self.rest.len()
    }

    /// Demands that nothing is left.
    pub fn finish(self) -> Result<(), Malformed> {
        if self.rest.is_empty() { Ok(()) } else { Err(Malformed::Trailing) }
    }
}

/// A value with one encoding.
pub trait Wire: Sized {
    /// Appends the encoding of `self`.
    fn write(&self, out: &mut Vec<u8>);

    /// Takes a value off the front of `reader`.
    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed>;

    /// The encoding of `self`.
    fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }

    /// Decodes `bytes`, all of them.
    fn from_bytes(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        let value = Self::read(&mut reader)?;
        reader.finish()?;
        Ok(value)
    }
}

macro_rules! integers {
    ($($type:ty),*) => {$(
        impl Wire for $type {
            fn write(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.to_be_bytes());
            }
            fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
                Ok(<$type>::from_be_bytes(reader.array()?))
            }
        }
    )*};
}
integers!(u8, u16, u32, u64);

impl<const N: usize> Wire for [u8; N] {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self);
    }
    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        reader.array()
    }
}

impl Wire for bool {
    fn write(&self, out: &mut Vec<u8>) {
        out.push(u8::from(*self));
    }
    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        match u8::read(reader)? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(Malformed::Value),
        }
    }
}

/// A byte string of variable length: u16 length, then the bytes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Bytes(pub Vec<u8>);

impl Wire for Bytes {
    fn write(&self, out: &mut Vec<u8>) {
        debug_assert!(self.0.len() <= usize::from(u16::MAX));
        (self.0.len() as u16).write(out);
        out.extend_from_slice(&self.0);
    }
    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let length = u16::read(reader)?;
        Ok(Self(reader.take(usize::from(length))?.to_vec()))
    }
}

/// A list of at most `MAX` items: u8 count, then the items.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List<T, const MAX: u8>(pub Vec<T>);

impl<T, const MAX: u8> Default for List<T, MAX> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Wire, const MAX: u8> Wire for List<T, MAX> {
    fn write(&self, out: &mut Vec<u8>) {
        debug_assert!(self.0.len() <= usize::from(MAX));
        (self.0.len() as u8).write(out);
        self.0.iter().for_each(|item| item.write(out));
    }
    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let count = u8::read(reader)?;
        if count > MAX {
            return Err(Malformed::Value);
        }
        (0..count).map(|_| T::read(reader)).collect::<Result<_, _>>().map(Self)
    }
}

/// A layout that tells its fields apart, for those who explain bytes to people.
pub trait Fields: Wire {
    /// Each field's name and encoding, in order; together they are the whole encoding.
    fn fields(&self) -> Vec<(&'static str, Vec<u8>)>;
}

/// Declares a structure whose fields are encoded in the order in which they stand.
#[macro_export]
macro_rules! layout {
    ($(#[$meta:meta])* $vis:vis struct $name:ident {
        $($(#[$field_meta:meta])* $field:ident: $type:ty),* $(,)?
    }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        $vis struct $name {
            $($(#[$field_meta])* pub $field: $type),*
        }
        impl $crate::codec::Wire for $name {
            fn write(&self, out: &mut ::alloc::vec::Vec<u8>) {
                $($crate::codec::Wire::write(&self.$field, out);)*
            }
            fn read(
                reader: &mut $crate::codec::Reader<'_>,
            ) -> ::core::result::Result<Self, $crate::codec::Malformed> {
                Ok(Self { $($field: $crate::codec::Wire::read(reader)?),* })
            }
        }
        impl $crate::codec::Fields for $name {
            fn fields(&self) -> ::alloc::vec::Vec<(&'static str, ::alloc::vec::Vec<u8>)> {
                ::alloc::vec![$((
                    stringify!($field),
                    $crate::codec::Wire::to_bytes(&self.$field),
                )),*]
            }
        }
    };
}

/// Declares an enumeration with one explicit byte per variant.
#[macro_export]
macro_rules! codes {
    ($(#[$meta:meta])* $vis:vis enum $name:ident {
        $($(#[$variant_meta:meta])* $variant:ident = $code:literal),* $(,)?
    }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        $vis enum $name {
            $($(#[$variant_meta])* $variant = $code),*
        }
        impl $name {
            /// Every variant, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The variant with this code.
            pub fn from_code(code: u8) -> Option<Self> {
                Self::ALL.iter().copied().find(|variant| *variant as u8 == code)
            }
        }
        impl $crate::codec::Wire for $name {
            fn write(&self, out: &mut ::alloc::vec::Vec<u8>) {
                out.push(*self as u8);
            }
            fn read(
                reader: &mut $crate::codec::Reader<'_>,
            ) -> ::core::result::Result<Self, $crate::codec::Malformed> {
                let code = <u8 as $crate::codec::Wire>::read(reader)?;
                Self::from_code(code).ok_or($crate::codec::Malformed::Value)
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    #[test]
    fn a_list_longer_than_its_limit_is_refused() {
        assert_eq!(List::<u8, 2>::from_bytes(&[2, 7, 8]), Ok(List(vec![7, 8])));
        assert_eq!(List::<u8, 2>::from_bytes(&[3, 7, 8, 9]), Err(Malformed::Value));
    }

    #[test]
    fn a_byte_string_ends_where_its_length_says() {
        assert_eq!(Bytes::from_bytes(&[0, 2, 7, 8]), Ok(Bytes(vec![7, 8])));
        assert_eq!(Bytes::from_bytes(&[0, 3, 7, 8]), Err(Malformed::Short));
        assert_eq!(Bytes::from_bytes(&[0, 1, 7, 8]), Err(Malformed::Trailing));
    }

    crate::layout! {
        struct Pair {
            left: u16,
            right: Bytes,
        }
    }

    #[test]
    fn the_fields_of_a_layout_are_its_encoding_in_parts() {
        let pair = Pair { left: 1, right: Bytes(vec![2, 3]) };
        let expected = [("left", vec![0, 1]), ("right", vec![0, 2, 2, 3])];
        assert_eq!(pair.fields(), expected);
        assert_eq!(pair.to_bytes(), [0, 1, 0, 2, 2, 3]);
    }

    #[test]
    fn a_boolean_is_zero_or_one() {
        assert_eq!(bool::from_bytes(&[1]), Ok(true));
        assert_eq!(bool::from_bytes(&[2]), Err(Malformed::Value));
    }
}
