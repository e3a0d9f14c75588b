//! Fixed layouts, field by field (apdu-spec.md section 3.1).

use super::{Told, field, secret, signed};
use saifu_wire::answer::PurseState;
use saifu_wire::codec::{Bytes, Fields, List, Reader, Wire};
use saifu_wire::request::{LicenceRef, PurseRef};
use saifu_wire::signed::{ClosingPurse, MAX_PRICES};
use saifu_wire::value::{Price, PurseTerms};

/// All of `bytes` as one layout.
pub(super) fn whole<T: Fields>(structure: &str, bytes: &[u8]) -> Vec<Told> {
    match T::from_bytes(bytes) {
        Ok(value) => of(structure, &value),
        Err(wrong) => {
            vec![Told::new(structure, format!("not well formed: {wrong}")), raw(bytes)]
        }
    }
}

/// A layout at the beginning of `bytes`, and what is behind it.
pub(super) fn beginning<'b, T: Fields>(structure: &str, bytes: &'b [u8]) -> (Vec<Told>, &'b [u8]) {
    let mut reader = Reader::new(bytes);
    match T::read(&mut reader) {
        Ok(value) => (of(structure, &value), reader.rest()),
        Err(wrong) => (vec![Told::new(structure, format!("not well formed: {wrong}"))], &[]),
    }
}

/// A list of layouts.
pub(super) fn list<T: Fields, const MAX: u8>(
    structure: &str,
    name: &str,
    bytes: &[u8],
) -> Vec<Told> {
    let Ok(List(items)) = List::<T, MAX>::from_bytes(bytes) else {
        return vec![Told::new(name, "not well formed"), raw(bytes)];
    };
    let count = items.len();
    let numbered = items.iter().zip(1..);
    let told = numbered.map(|(item, number)| {
        Told::with(format!("{} {number} of {count}", name_of_one(name)), of(structure, item))
    });
    let mut all = vec![Told::new(name, count.to_string())];
    all.extend(told);
    all
}

fn name_of_one(name: &str) -> &str {
    name.strip_suffix('s').unwrap_or(name)
}

fn raw(bytes: &[u8]) -> Told {
    Told::bytes("bytes", bytes)
}

/// Its fields.
pub(super) fn of<T: Fields>(structure: &str, value: &T) -> Vec<Told> {
    let fields = value.fields();
    let unit = fields.iter().find(|(name, _)| *name == "unit");
    let unit =
        unit.map(|(_, bytes)| String::from_utf8_lossy(bytes).trim_end_matches('\0').to_owned());
    fields.iter().flat_map(|(name, bytes)| one(structure, name, bytes, unit.as_deref())).collect()
}

fn one(structure: &str, name: &str, bytes: &[u8], unit: Option<&str>) -> Vec<Told> {
    let title = || field::words(name);
    match (structure, name) {
        (_, "prices") => list::<Price, MAX_PRICES>("Price", "prices", bytes),
        ("Opening", "purses") => list::<PurseTerms, 16>("PurseTerms", "purses", bytes),
        ("Closing", "purses") => list::<ClosingPurse, 64>("ClosingPurse", "purses", bytes),
        (_, "purses") => list::<PurseState, 64>("PurseState", "purses", bytes),
        (_, "licence") if bytes.len() == LICENCE_REF_BYTES => {
            vec![Told::with(title(), whole::<LicenceRef>("LicenceRef", bytes))]
        }
        (_, "purse") if bytes.len() == PURSE_REF_BYTES => {
            vec![Told::with(title(), whole::<PurseRef>("PurseRef", bytes))]
        }
        (_, "last" | "order" | "wrapped_key" | "sealed_payload" | "new_pin") => {
            let inner = Bytes::from_bytes(bytes).map(|Bytes(inner)| inner).unwrap_or_default();
            vec![match name {
                "new_pin" => Told::new(title(), secret::pin(&inner)),
                "last" | "order" if !inner.is_empty() => {
                    Told::with(title(), vec![signed::explain(&inner)])
                }
                _ => Told::bytes(title(), &inner),
            }]
        }
        _ => vec![field::explain(structure, name, bytes, unit)],
    }
}

const LICENCE_REF_BYTES: usize = 24;
const PURSE_REF_BYTES: usize = 20;
