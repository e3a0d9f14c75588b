//! The commands that write, each in the situations in which it writes differently.

mod accounts;
mod administration;
mod contents;
mod holds;
mod licences;
mod payments;
mod personalisation;
mod pins;

use super::case::Case;

/// The cases by subject; those that take longest come first.
pub(super) const FAMILIES: &[fn() -> Vec<Case>] = &[
    personalisation::cases,
    licences::cases,
    contents::cases,
    payments::cases,
    holds::cases,
    accounts::cases,
    administration::cases,
    pins::cases,
];
