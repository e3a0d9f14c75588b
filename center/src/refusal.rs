//! Why the center does not do what it was asked.

use saifu_center_api::{Problem, ProblemCode};

use crate::blobs::BlobError;
use crate::crypto::CryptoError;
use crate::keys::KeysError;
use crate::preview::PreviewError;

/// The result of everything that the center can refuse.
pub type Result<T> = std::result::Result<T, Refusal>;

/// A refusal: a code of the one table of problems, and what happened this time.
///
/// The detail says what, why, and what to do next; it never holds a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct Refusal {
    code: ProblemCode,
    detail: String,
}

impl Refusal {
    /// A refusal of this code, with what happened this time.
    pub fn new(code: ProblemCode, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into() }
    }

    /// The request is not well formed.
    pub fn malformed(detail: impl Into<String>) -> Self {
        Self::new(ProblemCode::Malformed, detail)
    }

    /// A signature or certificate is not authentic.
    pub fn not_authentic(detail: impl Into<String>) -> Self {
        Self::new(ProblemCode::NotAuthentic, detail)
    }

    /// There is no such thing here.
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(ProblemCode::NotFound, detail)
    }

    /// The request contradicts what is stored.
    pub fn conflict(detail: impl Into<String>) -> Self {
        Self::new(ProblemCode::Conflict, detail)
    }

    /// It is over a limit.
    pub fn limit(detail: impl Into<String>) -> Self {
        Self::new(ProblemCode::Limit, detail)
    }

    /// The token contradicts its licence.
    pub fn contradiction(detail: impl Into<String>) -> Self {
        Self::new(ProblemCode::Contradiction, detail)
    }

    /// The center failed.
    pub fn internal(detail: impl Into<String>) -> Self {
        Self::new(ProblemCode::Internal, detail)
    }

    /// The center cannot do it now.
    pub fn unavailable(detail: impl Into<String>) -> Self {
        Self::new(ProblemCode::Unavailable, detail)
    }

    /// Its code in the table of problems.
    pub fn code(&self) -> ProblemCode {
        self.code
    }

    /// The refusal as it travels.
    pub fn problem(&self) -> Problem {
        self.code.problem(self.detail.clone())
    }
}

impl From<BlobError> for Refusal {
    fn from(error: BlobError) -> Self {
        match error {
            BlobError::TooLong { .. } => Self::new(ProblemCode::TooLarge, error.to_string()),
            BlobError::Source(_) | BlobError::BadId | BlobError::OtherDigest { .. } => {
                Self::malformed(error.to_string())
            }
            _ => Self::internal(error.to_string()),
        }
    }
}

impl From<PreviewError> for Refusal {
    fn from(error: PreviewError) -> Self {
        Self::malformed(error.to_string())
    }
}

impl From<CryptoError> for Refusal {
    fn from(error: CryptoError) -> Self {
        Self::unavailable(error.to_string())
    }
}

impl From<KeysError> for Refusal {
    fn from(error: KeysError) -> Self {
        match error {
            KeysError::Refused(_) => Self::conflict(error.to_string()),
            KeysError::Unlock(_) => Self::malformed(error.to_string()),
            _ => Self::unavailable(error.to_string()),
        }
    }
}
