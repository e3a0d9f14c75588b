//! What an audit finds wrong, and how much of it is told one by one.

use std::collections::BTreeMap;

use serde::Serialize;

/// The rule that something breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// A row cannot be read, or is no such thing as its place says.
    Unreadable,
    /// A certificate is not its holder's, not for its role, or not signed by a trusted root.
    Certificate,
    /// A signature is not that of the key that should have signed.
    Signature,
    /// An account is not the one that was opened for its card.
    Opening,
    /// A link does not follow the one before it, or two have one number.
    Chain,
    /// A card's word on a purse does not follow from what happened before.
    Purse,
    /// A row says other than the signed thing that it keeps.
    Row,
    /// The payload of a token is not the one that the card committed itself to.
    Payload,
    /// A payment is not what its licence asks for.
    Licence,
    /// A receipt does not say what was booked.
    Receipt,
    /// An order is settled more than once, or was placed with another licence.
    Order,
    /// A credit is not what its load asks for.
    Credit,
    /// A load stands otherwise than its card's events say.
    Load,
    /// A credit has no funding, or another's, or one that was used twice.
    Funding,
    /// A refund gives back what was not paid, or not so much, or twice.
    Refund,
    /// What the center decided itself is not signed, or not possible.
    Instruction,
    /// Something signed has no entry in the ledger.
    EntryMissing,
    /// An entry follows from nothing that is signed.
    EntryUnfounded,
    /// An entry says other than its evidence.
    EntryDiffers,
    /// One piece of evidence is booked twice.
    EntryTwice,
    /// The ledger adds up to other sums than the evidence.
    Sums,
    /// A purse's position is not what its entries add up to.
    Position,
    /// A shop's statement is not what its entries add up to.
    Statement,
    /// A card has spent more than it was given.
    Overspent,
    /// A card was copied: two links have one number, or a link joins nowhere.
    Fork,
}

impl Rule {
    /// All of them.
    pub const ALL: [Self; 25] = [
        Self::Unreadable,
        Self::Certificate,
        Self::Signature,
        Self::Opening,
        Self::Chain,
        Self::Purse,
        Self::Row,
        Self::Payload,
        Self::Licence,
        Self::Receipt,
        Self::Order,
        Self::Credit,
        Self::Load,
        Self::Funding,
        Self::Refund,
        Self::Instruction,
        Self::EntryMissing,
        Self::EntryUnfounded,
        Self::EntryDiffers,
        Self::EntryTwice,
        Self::Sums,
        Self::Position,
        Self::Statement,
        Self::Overspent,
        Self::Fork,
    ];

    /// Its name, as JSON has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::Certificate => "certificate",
            Self::Signature => "signature",
            Self::Opening => "opening",
            Self::Chain => "chain",
            Self::Purse => "purse",
            Self::Row => "row",
            Self::Payload => "payload",
            Self::Licence => "licence",
            Self::Receipt => "receipt",
            Self::Order => "order",
            Self::Credit => "credit",
            Self::Load => "load",
            Self::Funding => "funding",
            Self::Refund => "refund",
            Self::Instruction => "instruction",
            Self::EntryMissing => "entry-missing",
            Self::EntryUnfounded => "entry-unfounded",
            Self::EntryDiffers => "entry-differs",
            Self::EntryTwice => "entry-twice",
            Self::Sums => "sums",
            Self::Position => "position",
            Self::Statement => "statement",
            Self::Overspent => "overspent",
            Self::Fork => "fork",
        }
    }
}

/// Something that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The rule it breaks.
    pub rule: Rule,
    /// Where, and what, in words.
    pub what: String,
}

/// What was found so far: all counted, the first of them kept.
#[derive(Debug)]
pub(super) struct Findings {
    limit: usize,
    kept: Vec<Finding>,
    counts: BTreeMap<&'static str, u64>,
}

impl Findings {
    /// None yet; at most `limit` will be kept.
    pub(super) fn new(limit: usize) -> Self {
        Self { limit, kept: Vec::new(), counts: BTreeMap::new() }
    }

    /// Notes one.
    pub(super) fn add(&mut self, rule: Rule, what: impl FnOnce() -> String) {
        let count = self.counts.entry(rule.name()).or_default();
        *count = count.saturating_add(1);
        if self.kept.len() < self.limit {
            self.kept.push(Finding { rule, what: what() });
        }
    }

    /// Notes one unless `holds`.
    pub(super) fn unless(&mut self, holds: bool, rule: Rule, what: impl FnOnce() -> String) {
        if !holds {
            self.add(rule, what);
        }
    }

    /// Those that were kept, and how many there were of each rule.
    pub(super) fn into_parts(self) -> (Vec<Finding>, BTreeMap<&'static str, u64>) {
        (self.kept, self.counts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_are_counted_and_the_first_are_kept() {
        let mut findings = Findings::new(2);
        for n in 0..5 {
            findings.add(Rule::Chain, || format!("link {n}"));
        }
        findings.unless(true, Rule::Purse, || "never".into());
        let (kept, counts) = findings.into_parts();
        assert_eq!(kept.iter().map(|f| f.what.as_str()).collect::<Vec<_>>(), ["link 0", "link 1"]);
        assert_eq!(counts.into_iter().collect::<Vec<_>>(), [("chain", 5)]);
    }

    #[test]
    fn a_rules_name_is_the_one_that_json_has() {
        for rule in Rule::ALL {
            assert_eq!(serde_json::to_value(rule).unwrap(), rule.name());
        }
    }
}
