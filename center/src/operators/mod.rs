//! Those who run a center: their tokens, their roles, and the log of what they did.
//!
//! | file | what it holds |
//! |---|---|
//! | [`token`] | a token as text, made, read, and proved by argon2id |
//! | [`verified`] | tokens that were proved lately, so that not each request pays for argon2 |
//! | [`roles`] | who may ask what under `/v1/admin/`: one table |
//! | [`audit_log`] | what operators did, in a chain of hashes in a file of its own |

pub mod audit_log;
pub mod roles;
mod token;
mod verified;

pub(crate) use verified::Verified;

use saifu_center_api::ProblemCode;
use zeroize::Zeroizing;

use self::token::Token;
use crate::center::Center;
use crate::refusal::{Refusal, Result};
use crate::store::{OperatorRow, Role};

/// The most tokens that are in use at once.
pub const MAX_TOKENS: u32 = 1_000;

/// The most characters of a shop's name in a token.
const MAX_SHOP: usize = 64;

/// Whom a request under `/v1/admin/` comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operator {
    /// The token's id, 16 hex digits.
    pub id: String,
    /// What it is for.
    pub role: Role,
    /// The id of the shop that it is bound to, if it is.
    pub shop: Option<String>,
}

impl Operator {
    /// Refuses whoever is bound to another shop than that with the id `shop`.
    ///
    /// # Errors
    /// `forbidden`: the token is another shop's.
    pub fn refuse_other_shop(&self, shop: &str) -> Result<()> {
        match &self.shop {
            Some(own) if own != shop => Err(Refusal::new(
                ProblemCode::Forbidden,
                format!("this token is shop {own}'s: use one of shop {shop} or an owner's"),
            )),
            _ => Ok(()),
        }
    }
}

/// A token to be made.
#[derive(Debug, Clone)]
pub struct NewToken {
    /// What it is for.
    pub role: Role,
    /// The shop that it is bound to; a token of role shop has one, and no other.
    pub shop: Option<String>,
    /// The second from which it is worth nothing; none for never.
    pub expires: Option<u64>,
}

impl Center {
    /// Makes a token. Its text, `saifu_<id>_<secret>`, is returned here and kept nowhere.
    ///
    /// # Errors
    /// `malformed`: role and shop do not go together, or it expires before now. `not-found`: there
    /// is no such shop. `conflict`: there
    /// are [`MAX_TOKENS`] already. Or the store fails.
    pub fn add_token(&self, new: NewToken) -> Result<(OperatorRow, Zeroizing<String>)> {
        let NewToken { role, shop, expires } = new;
        let now = self.now();
        let fits = (role == Role::Shop) == shop.is_some();
        if !fits || shop.as_deref().is_some_and(|shop| !is_shop(shop)) {
            return Err(Refusal::malformed(format!(
                "a token of role shop names its shop, 1 to {MAX_SHOP} letters, digits and '-', \
                 and no other token does"
            )));
        }
        if expires.is_some_and(|expires| expires <= now) {
            return Err(Refusal::malformed("the token would expire before now: give a later time"));
        }
        // By its id: a slug may be another shop's one day.
        let shop = shop.map(|shop| self.shop(&shop)).transpose()?.map(|row| row.id.to_string());
        let token = Token::draw()?;
        let row = OperatorRow {
            id: token.id,
            role,
            shop: shop.unwrap_or_default(),
            proof: token.prove()?,
            made: now,
            expires: expires.unwrap_or(0),
            revoked: None,
            last_used: None,
        };
        self.store.add_operator(row.clone(), MAX_TOKENS)?;
        Ok((row, token.text()))
    }

    /// The first `limit` tokens, those in use before those revoked, without their secrets.
    ///
    /// # Errors
    /// The store fails.
    pub fn tokens(&self, limit: u32) -> Result<Vec<OperatorRow>> {
        self.store.operators(limit)
    }

    /// Revokes a token for good; one that is revoked stays so.
    ///
    /// # Errors
    /// `not-found`: there is no such token. Or the store fails.
    pub fn revoke_token(&self, id: &str) -> Result<OperatorRow> {
        let none = || Refusal::not_found(format!("there is no token {id:.64}: list the tokens"));
        let id = token::id(id).ok_or_else(none)?;
        let row = self.store.revoke_operator(id, self.now())?.ok_or_else(none)?;
        self.verified.forget(id);
        Ok(row)
    }

    /// Whom a token belongs to.
    ///
    /// The row is read each time, so that revoking, by whatever process, holds at once; only
    /// argon2 is spared for some minutes.
    ///
    /// # Errors
    /// `unauthorized`: it is none of this center's, has expired, or was revoked. Or the store
    /// fails.
    pub fn operator(&self, token: &str) -> Result<Operator> {
        let token = Token::parse(token).ok_or_else(unknown)?;
        let row = self.store.operator(token.id)?.ok_or_else(unknown)?;
        let now = self.now();
        let proved = self.verified.prove(&token, &row, now)?;
        if row.revoked.is_some() || row.expires != 0 && row.expires <= now {
            return Err(unauthorized("this token has expired or was revoked: ask for another"));
        }
        if proved.anew {
            self.store.note_operator(row.id, now)?;
        }
        let shop = (!row.shop.is_empty()).then_some(row.shop);
        Ok(Operator { id: hex::encode(row.id), role: row.role, shop })
    }
}

fn is_shop(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    (1..=MAX_SHOP).contains(&name.len()) && name.bytes().all(plain)
}

/// A refusal of whoever cannot show who they are.
pub(crate) fn unauthorized(detail: &str) -> Refusal {
    Refusal::new(ProblemCode::Unauthorized, detail)
}

/// One refusal, whatever of the token is wrong.
fn unknown() -> Refusal {
    unauthorized("this token is none of this center's: send one that `token add` has printed")
}
