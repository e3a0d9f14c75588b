//! What can go wrong with a center.

use super::NoAnswer;
use saifu_center_api::{Problem, ProblemCode};

/// Why a call brought nothing.
#[derive(Debug, thiserror::Error)]
pub enum CenterError {
    /// No answer came, or it broke off; asking again does nothing twice.
    #[error("the center does not answer: {0}")]
    Unreachable(NoAnswer),
    /// The center refused.
    #[error("the center refused: {}", reason(.0))]
    Refused(Problem),
    /// The answer is not what the interface says.
    #[error("the center's answer to {call} is not understood: {reason}")]
    NotUnderstood {
        /// What was asked.
        call: String,
        /// What is wrong.
        reason: String,
    },
}

impl CenterError {
    /// The code of a refusal.
    pub fn code(&self) -> Option<ProblemCode> {
        match self {
            Self::Refused(problem) => problem.code(),
            _ => None,
        }
    }

    /// Whether the same call may well succeed later.
    pub fn is_passing(&self) -> bool {
        let passing =
            [ProblemCode::Internal, ProblemCode::Unavailable, ProblemCode::TooManyRequests];
        matches!(self, Self::Unreachable(_))
            || self.code().is_some_and(|code| passing.contains(&code))
    }
}

/// What a refusal says of itself, or its type where it says nothing.
fn reason(problem: &Problem) -> String {
    let said = format!("{} {}", problem.title.trim(), problem.detail.trim());
    match said.trim() {
        "" => format!("it gives no reason ({})", problem.kind),
        said => said.to_owned(),
    }
}
