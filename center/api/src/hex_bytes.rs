//! Bytes that travel as lower-case hex.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The most bytes one hex string may stand for.
const MAX_HEX_BYTES: usize = 65_536;

/// Bytes that travel as lower-case hex.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HexBytes(pub Vec<u8>);

impl From<Vec<u8>> for HexBytes {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl Serialize for HexBytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for HexBytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text.len() > MAX_HEX_BYTES * 2 {
            return Err(de::Error::custom("more than 65,536 bytes of hex"));
        }
        hex::decode(text).map(Self).map_err(de::Error::custom)
    }
}

#[cfg(feature = "openapi")]
mod schema {
    use utoipa::openapi::RefOr;
    use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaType, Type};

    use super::{HexBytes, MAX_HEX_BYTES};

    impl utoipa::PartialSchema for HexBytes {
        fn schema() -> RefOr<Schema> {
            let text = ObjectBuilder::new()
                .schema_type(SchemaType::new(Type::String))
                .pattern(Some("^([0-9a-f]{2})*$"))
                .max_length(Some(MAX_HEX_BYTES * 2))
                .description(Some("Bytes in lower-case hex."));
            RefOr::T(Schema::Object(text.build()))
        }
    }

    impl utoipa::ToSchema for HexBytes {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_back_as_they_went() {
        let json = serde_json::to_string(&HexBytes(vec![0, 0xAB])).unwrap();
        assert_eq!(json, "\"00ab\"");
        assert_eq!(serde_json::from_str::<HexBytes>(&json).unwrap().0, [0, 0xAB]);
    }

    #[test]
    fn what_is_not_hex_is_refused() {
        assert!(serde_json::from_str::<HexBytes>("\"0\"").is_err());
        assert!(serde_json::from_str::<HexBytes>("\"zz\"").is_err());
    }
}
