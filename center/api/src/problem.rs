//! Refusals: one table shared by code, documents and tests (RFC 9457).

use serde::{Deserialize, Serialize};

/// A refusal as it travels, `application/problem+json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem {
    /// `urn:saifu:problem:` and the code.
    #[serde(rename = "type")]
    pub kind: String,
    /// What it is, in the words of the table.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened this time, and what to do.
    pub detail: String,
    /// The trace of the request (W3C Trace Context), by which the center's operator finds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(pattern = "^[0-9a-f]{32}$"))]
    pub trace: Option<String>,
}

macro_rules! problems {
    ($($name:ident = $code:literal, $status:literal, $title:literal;)*) => {
        /// What a center can refuse, and why.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum ProblemCode {
            $(#[doc = $title] $name),*
        }

        /// Every problem, in the order of the table.
        pub const PROBLEMS: &[ProblemCode] = &[$(ProblemCode::$name),*];

        impl ProblemCode {
            /// Its name in the `type` URI.
            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $code),* }
            }

            /// Its HTTP status.
            pub fn status(self) -> u16 {
                match self { $(Self::$name => $status),* }
            }

            /// Its title.
            pub fn title(self) -> &'static str {
                match self { $(Self::$name => $title),* }
            }
        }
    };
}

problems! {
    Malformed = "malformed", 400, "The request is not well formed.";
    Unauthorized = "unauthorized", 401, "An operator's token is needed.";
    NotAuthentic = "not-authentic", 403, "A signature or certificate is not authentic.";
    CardNotAccepted = "card-not-accepted", 403, "This center does not accept this card.";
    CardFrozen = "card-frozen", 403, "The card is frozen.";
    Limit = "limit", 403, "This is over a limit of the center.";
    Forbidden = "forbidden", 403, "This token may not do this.";
    NotFound = "not-found", 404, "There is no such thing here.";
    MethodNotAllowed = "method-not-allowed", 405, "This path does not take this method.";
    Conflict = "conflict", 409, "The request contradicts what is stored.";
    TooLarge = "too-large", 413, "The request is too large.";
    MediaType = "media-type", 415, "The body's media type is not supported.";
    RangeNotSatisfiable = "range-not-satisfiable", 416, "There are no such bytes.";
    Contradiction = "contradiction", 422, "The token contradicts its licence.";
    TooManyRequests = "too-many-requests", 429, "So many requests are not taken at once.";
    Internal = "internal", 500, "The center failed; ask again with the same id.";
    Unavailable = "unavailable", 503, "The center cannot do it now; ask again later.";
}

impl ProblemCode {
    /// The refusal with what happened this time.
    pub fn problem(self, detail: impl Into<String>) -> Problem {
        Problem {
            kind: format!("urn:saifu:problem:{}", self.code()),
            title: self.title().into(),
            status: self.status(),
            detail: detail.into(),
            trace: None,
        }
    }
}

impl Problem {
    /// The code of its type, if the table has it.
    pub fn code(&self) -> Option<ProblemCode> {
        let code = self.kind.strip_prefix("urn:saifu:problem:")?;
        PROBLEMS.iter().copied().find(|problem| problem.code() == code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_problem_is_found_again_by_its_type() {
        for code in PROBLEMS {
            assert_eq!(code.problem("why").code(), Some(*code));
        }
    }
}
