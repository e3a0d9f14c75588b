//! Integers as JSON has them: 1.0 is one, too (JSON Schema), and 1.5 is none.

use core::fmt;
use core::marker::PhantomData;

use serde::de::{Deserializer, Error, Visitor};

/// Above this a float names no integer exactly.
const MAX_EXACT: f64 = 9_007_199_254_740_992.0;

/// Reads an integer, written as one or as a number without a fraction.
pub(crate) fn whole<'de, D: Deserializer<'de>, T: TryFrom<u64>>(from: D) -> Result<T, D::Error> {
    from.deserialize_any(Whole(PhantomData))
}

/// The same, or none.
pub(crate) fn maybe<'de, D, T>(from: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: TryFrom<u64>,
{
    from.deserialize_option(Maybe(PhantomData))
}

struct Whole<T>(PhantomData<T>);

impl<T: TryFrom<u64>> Visitor<'_> for Whole<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an integer from 0 up, as large as its field takes")
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<T, E> {
        T::try_from(value)
            .map_err(|_| E::invalid_value(serde::de::Unexpected::Unsigned(value), &self))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<T, E> {
        let whole = u64::try_from(value);
        let wrong = |_| E::invalid_value(serde::de::Unexpected::Signed(value), &self);
        whole.map_err(wrong).and_then(|whole| self.visit_u64(whole))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<T, E> {
        if value.fract() == 0.0 && (0.0..=MAX_EXACT).contains(&value) {
            return self.visit_u64(value as u64);
        }
        Err(E::invalid_value(serde::de::Unexpected::Float(value), &self))
    }
}

struct Maybe<T>(PhantomData<T>);

impl<'de, T: TryFrom<u64>> Visitor<'de> for Maybe<T> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Whole::<T>(PhantomData).expecting(f)
    }

    fn visit_none<E: Error>(self) -> Result<Option<T>, E> {
        Ok(None)
    }

    fn visit_unit<E: Error>(self) -> Result<Option<T>, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, from: D) -> Result<Option<T>, D::Error> {
        whole(from).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    #[derive(Deserialize)]
    struct Asked {
        #[serde(deserialize_with = "super::whole")]
        purse: u32,
        #[serde(default, deserialize_with = "super::maybe")]
        version: Option<u32>,
    }

    fn read(text: &str) -> Option<(u32, Option<u32>)> {
        let asked: Asked = serde_json::from_str(text).ok()?;
        Some((asked.purse, asked.version))
    }

    #[test]
    fn an_integer_may_be_written_with_an_empty_fraction() {
        assert_eq!(read(r#"{"purse": 1}"#), Some((1, None)));
        assert_eq!(read(r#"{"purse": 1.0, "version": 2e1}"#), Some((1, Some(20))));
        assert_eq!(read(r#"{"purse": 0, "version": null}"#), Some((0, None)));
    }

    #[test]
    fn what_is_no_integer_of_the_field_is_refused() {
        for wrong in ["1.5", "-1", "-1.0", "4294967296", "1e20", "\"1\"", "true", "null", "[]"] {
            assert_eq!(read(&format!("{{\"purse\": {wrong}}}")), None, "{wrong}");
        }
    }
}
