//! The deviations that are known: the rows of a table in the suite's README.
//!
//! ```text
//! | opcard | 1.9 | what it does in place of what the section asks |
//! ```

use std::path::Path;

use super::Anything;
use super::cards::Card;
use super::run::Found;

/// What the README says.
#[derive(Debug, Default)]
pub(crate) struct Listed(Vec<(Card, String)>);

impl Listed {
    /// Reads the README.
    pub(crate) fn read(path: &Path) -> Result<Self, Anything> {
        let text = std::fs::read_to_string(path);
        Self::parse(&text.map_err(|error| format!("{}: {error}", path.display()))?)
    }

    fn parse(text: &str) -> Result<Self, Anything> {
        let mut listed = Self::default();
        for line in text.lines() {
            let cells: Vec<_> = line.split('|').map(str::trim).collect();
            let ["", name, section, what, ""] = cells[..] else { continue };
            let Some(card) = Card::ALL.into_iter().find(|card| card.name() == name) else {
                continue;
            };
            if listed.has(card, section) || what.is_empty() {
                return Err(format!("the README's row twice, or without words: {line}").into());
            }
            listed.0.push((card, section.to_owned()));
        }
        Ok(listed)
    }

    fn has(&self, card: Card, section: &str) -> bool {
        self.0.iter().any(|(other, number)| *other == card && number == section)
    }
}

/// What is not as the README says, and whatever ours does otherwise than the standard.
pub(crate) fn complaints(listed: &Listed, found: &[Found]) -> Vec<String> {
    let mut complaints = Vec::new();
    for one in found {
        let (card, name) = (one.card, one.card.name());
        for deviation in &one.deviations {
            let section = &deviation.section;
            if card == Card::Ours {
                complaints.push(format!("ours deviates in {section}: mend it, or the suite"));
            } else if !listed.has(card, section) {
                complaints.push(format!("new: {name} {section}, which the README does not list"));
            }
        }
        let gone = listed.0.iter().filter(|(other, section)| {
            *other == card && !one.deviations.iter().any(|there| there.section == *section)
        });
        for (_, section) in gone {
            complaints.push(format!("gone: {name} {section}; take it out of the README"));
        }
    }
    complaints
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::Deviation;

    const README: &str = "| card | section | it |\n|---|---|---|\n| piv | 1.9 | answers data |\n";

    fn found(card: Card, sections: &[&str]) -> Found {
        let deviation = |section: &&str| Deviation {
            section: (*section).to_owned(),
            text: String::new(),
            lines: Vec::new(),
        };
        let deviations = sections.iter().map(deviation).collect();
        Found { card, passed: 1, skipped: 0, deviations }
    }

    #[test]
    fn what_is_listed_and_found_is_no_complaint() {
        let listed = Listed::parse(README).unwrap();
        let found = [found(Card::Ours, &[]), found(Card::Piv, &["1.9"])];
        assert_eq!(complaints(&listed, &found), [""; 0]);
    }

    #[test]
    fn what_is_new_and_what_is_gone_is_told() {
        let listed = Listed::parse(README).unwrap();
        let told = complaints(&listed, &[found(Card::Piv, &["1.10"])]);
        assert_eq!(told.len(), 2);
        assert!(told[0].starts_with("new: piv 1.10") && told[1].starts_with("gone: piv 1.9"));
    }

    #[test]
    fn ours_may_not_deviate_even_where_it_is_listed() {
        let listed = Listed::parse("| ours | 1.9 | answers data |").unwrap();
        assert_eq!(complaints(&listed, &[found(Card::Ours, &["1.9"])]).len(), 1);
    }

    #[test]
    fn a_row_twice_or_without_words_is_refused() {
        assert!(Listed::parse(&README.repeat(2)).is_err());
        assert!(Listed::parse("| vicc | 1.9 | |").is_err());
    }
}
