//! What does not verify, and why.

use saifu_wire::Malformed;
use saifu_wire::certificate::Name;

/// Something that was said to be authentic and is not, or is meant for something else.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Untrusted {
    /// It cannot be read.
    #[error("{what} cannot be read: {why}")]
    Malformed {
        /// What it was said to be.
        what: &'static str,
        /// What is wrong with it.
        why: Malformed,
    },
    /// Its signature does not verify.
    #[error("{what} is not authentic: its signature does not verify")]
    Signature {
        /// What it was said to be.
        what: &'static str,
    },
    /// It stands under another root than the one this terminal trusts.
    #[error("{what} is of the issuer {of}, and this terminal trusts {trusted}")]
    OtherRoot {
        /// What it was said to be.
        what: &'static str,
        /// The root that its certificate names.
        of: Name,
        /// The root of this terminal.
        trusted: Name,
    },
    /// Card and center stand under different roots, as they say themselves: neither takes the
    /// other.
    #[error("the card is of the issuer {card}, and the center of {center}")]
    Apart {
        /// The card's root.
        card: Name,
        /// The center's root.
        center: Name,
    },
    /// It is not certified for this use.
    #[error("{what} is not trusted: {why}")]
    Uncertified {
        /// What it was said to be.
        what: &'static str,
        /// Why its certificate does not do.
        why: &'static str,
    },
    /// It is not valid today.
    #[error("{what} is not valid today")]
    NotValidNow {
        /// What it was said to be.
        what: &'static str,
    },
    /// It is authentic, but meant for something else.
    #[error("{what} names another {field}")]
    Other {
        /// What it was said to be.
        what: &'static str,
        /// What differs.
        field: &'static str,
    },
    /// The center signed another price than it offered.
    #[error("the center changed the price: it offered {offered} and signed {signed}")]
    PriceChanged {
        /// What the catalogue said.
        offered: String,
        /// What the licence says.
        signed: String,
    },
    /// The center signed other terms than it offered.
    #[error("the center changed the terms: it offered {offered} and signed {signed}")]
    TermsChanged {
        /// What the catalogue said.
        offered: String,
        /// What the licence says.
        signed: String,
    },
}

/// What a delivery is called in an [`Untrusted`].
pub(super) const DELIVERY: &str = "the delivery";

impl Untrusted {
    /// Whether it is a delivery that is not what it had to be.
    pub fn is_delivery(&self) -> bool {
        let (Self::Malformed { what, .. } | Self::Other { what, .. }) = self else { return false };
        *what == DELIVERY
    }
}
