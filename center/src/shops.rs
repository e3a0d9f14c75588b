//! The mall: shops, each with works, terms and a fee of its own.
//!
//! The center itself is the shop [`ShopId::ZERO`], so that a center that sells for itself alone
//! need not know that there are shops. A shop that is closed sells nothing and shows nothing;
//! what was bought from it stays bought, and is delivered again.

use saifu_center_api::ProblemCode;
use saifu_wire::ShopId;

use crate::center::Center;
use crate::crypto::random;
use crate::refusal::{Refusal, Result};
use crate::store::{ShopName, ShopRow};

/// The most characters of a shop's name.
const MAX_NAME_CHARS: usize = 200;

/// The most characters of a slug.
const MAX_SLUG_CHARS: usize = 40;

/// The most characters of a shop's terms.
const MAX_TERMS_CHARS: usize = 20_000;

/// All of a sale, in hundredths of a percent.
const MAX_BASIS_POINTS: u32 = 10_000;

/// What an owner says of a new shop.
#[derive(Debug, Clone, Default)]
pub struct NewShop {
    /// What it calls itself.
    pub name: String,
    /// Its name in addresses; made of its name where there is none.
    pub slug: Option<String>,
    /// The terms it sells under; may be empty.
    pub terms: String,
    /// What the center keeps of its sales, in hundredths of a percent.
    pub fee_basis_points: u32,
}

/// What becomes different about a shop; the rest stays.
#[derive(Debug, Clone, Default)]
pub struct ShopChange {
    /// Its name.
    pub name: Option<String>,
    /// Its name in addresses.
    pub slug: Option<String>,
    /// Its terms.
    pub terms: Option<String>,
    /// Its fee, in hundredths of a percent.
    pub fee_basis_points: Option<u32>,
    /// Whether it is open.
    pub open: Option<bool>,
}

impl Center {
    /// Opens a shop.
    ///
    /// # Errors
    /// `malformed`: a text is too long or no text, the slug is none, or the fee is over the
    /// whole; `conflict`: another shop has the slug.
    pub fn add_shop(&self, shop: NewShop) -> Result<ShopRow> {
        let slug = shop.slug.unwrap_or_else(|| slug_of(&shop.name));
        let row = ShopRow {
            id: random::array().map(ShopId)?,
            slug,
            name: shop.name,
            terms: shop.terms,
            fee_basis_points: shop.fee_basis_points,
            opened: self.now(),
            closed: None,
        };
        check(&row)?;
        self.store.add_shop(row)
    }

    /// Opens a shop; asked again in the same words, it is the same.
    ///
    /// # Errors
    /// As [`Center::add_shop`].
    pub fn add_shop_once(&self, shop: NewShop) -> Result<ShopRow> {
        let slug = shop.slug.clone().unwrap_or_else(|| slug_of(&shop.name));
        self.add_shop(shop.clone()).or_else(|refusal| {
            let there = self.store.shop(&ShopName::Slug(slug))?;
            let same = |row: &ShopRow| {
                (&row.name, &row.terms, row.fee_basis_points)
                    == (&shop.name, &shop.terms, shop.fee_basis_points)
            };
            let is_asked_again = refusal.code() == ProblemCode::Conflict;
            there.filter(|row| is_asked_again && same(row)).ok_or(refusal)
        })
    }

    /// The shop that `text` names, by its id or its slug.
    ///
    /// # Errors
    /// `not-found`.
    pub fn shop(&self, text: &str) -> Result<ShopRow> {
        let name =
            ShopId::from_hex(text).map_or_else(|| ShopName::Slug(text.to_owned()), ShopName::Id);
        let found = self.store.shop(&name)?;
        found.map(|row| self.named(row)).ok_or_else(|| {
            Refusal::not_found(format!("\"{text:.64}\" names no shop: list the shops"))
        })
    }

    /// The shop with this id.
    ///
    /// # Errors
    /// `not-found`.
    pub fn shop_by_id(&self, id: ShopId) -> Result<ShopRow> {
        let found = self.store.shop(&ShopName::Id(id))?;
        found
            .map(|row| self.named(row))
            .ok_or_else(|| Refusal::not_found(format!("there is no shop {id}: list the shops")))
    }

    /// At most `limit` shops after place `after`, oldest first, each with its place; the first
    /// is the center itself.
    ///
    /// # Errors
    /// The store fails.
    pub fn shops(&self, after: u64, limit: u32) -> Result<Vec<(u64, ShopRow)>> {
        let rows = self.store.shops(after, limit)?;
        Ok(rows.into_iter().map(|(place, row)| (place, self.named(row))).collect())
    }

    /// Changes a shop.
    ///
    /// # Errors
    /// As [`Center::add_shop`], and `not-found`.
    pub fn change_shop(&self, shop: ShopId, change: ShopChange) -> Result<ShopRow> {
        let now = self.now();
        let make = move |row: ShopRow| {
            let closed = match change.open {
                Some(true) => None,
                Some(false) => row.closed.or(Some(now)),
                None => row.closed,
            };
            let changed = ShopRow {
                name: change.name.unwrap_or(row.name),
                slug: change.slug.unwrap_or(row.slug),
                terms: change.terms.unwrap_or(row.terms),
                fee_basis_points: change.fee_basis_points.unwrap_or(row.fee_basis_points),
                closed,
                ..row
            };
            check(&changed).map(|()| changed)
        };
        self.store.change_shop(shop, Box::new(make)).map(|row| self.named(row))
    }

    /// The shop as it is shown: the center itself goes by the center's name.
    fn named(&self, mut row: ShopRow) -> ShopRow {
        if row.name.is_empty() {
            row.name.clone_from(&self.config.name);
        }
        row
    }
}

fn check(shop: &ShopRow) -> Result<()> {
    // The center itself may go without a name of its own.
    let least = usize::from(!shop.id.is_zero());
    check_text("the shop's name", &shop.name, least, MAX_NAME_CHARS)?;
    check_text("the terms", &shop.terms, 0, MAX_TERMS_CHARS)?;
    check_slug(&shop.slug)?;
    if shop.fee_basis_points > MAX_BASIS_POINTS {
        return Err(Refusal::malformed(format!(
            "a fee is 0 to {MAX_BASIS_POINTS} hundredths of a percent: give 250 for 2.5 %"
        )));
    }
    Ok(())
}

fn check_slug(slug: &str) -> Result<()> {
    let letters = slug.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    let begins = slug.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase());
    if letters && begins && slug.len() <= MAX_SLUG_CHARS && ShopId::from_hex(slug).is_none() {
        return Ok(());
    }
    Err(Refusal::malformed(format!(
        "\"{slug:.64}\" is no slug: give 1 to {MAX_SLUG_CHARS} small letters, digits and hyphens, \
         a letter first, and no id"
    )))
}

/// The slug that a name suggests; none of its own where the name has no letters of ASCII.
fn slug_of(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { ' ' };
    let words: String = name.chars().map(plain).take(MAX_SLUG_CHARS).collect();
    words.split_whitespace().collect::<Vec<_>>().join("-")
}

/// Checks a text that a publisher brings: its length, and that no terminal that shows it is
/// driven by it.
///
/// # Errors
/// `malformed`.
pub(crate) fn check_text(what: &str, text: &str, least: usize, most: usize) -> Result<()> {
    let chars = text.chars().count();
    if !(least..=most).contains(&chars) {
        return Err(Refusal::malformed(format!(
            "{what} has {chars} characters: give {least} to {most}"
        )));
    }
    if text.chars().any(|c| c.is_control() && c != '\n') {
        return Err(Refusal::malformed(format!("{what} has control characters: remove them")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_suggests_a_slug() {
        assert_eq!(slug_of("Anna's Book & Record Shop"), "anna-s-book-record-shop");
        assert_eq!(slug_of("春の店"), "");
        assert!(check_slug(&slug_of("An1 - x")).is_ok());
    }

    #[test]
    fn a_slug_is_small_letters_and_no_id() {
        for good in ["a", "books", "a-1", &"a".repeat(40)] {
            assert!(check_slug(good).is_ok(), "{good}");
        }
        for bad in ["", "Books", "1a", "-a", "a_b", "a/b", "é", &"a".repeat(41), &"ab".repeat(16)]
        {
            assert!(check_slug(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn texts_that_are_too_long_or_control_a_terminal_are_refused() {
        assert!(check_text("the title", "Harmonia 春", 1, 200).is_ok());
        assert!(check_text("the title", "", 1, 200).is_err());
        assert!(check_text("the title", &"x".repeat(201), 1, 200).is_err());
        assert!(check_text("the title", "\u{1B}[2J", 1, 200).is_err());
    }
}
