//! `saifu-center config example`, `show` and `check`.

use std::env;
use std::path::Path;

use clap::Subcommand;
use serde::Serialize;
use toml::Value;

use super::output::{Output, table};
use crate::config::{EXAMPLE, Loaded};
use crate::refusal::Result;

#[derive(Subcommand)]
pub(super) enum ConfigCommand {
    /// Print every field, what it means, and its default
    Example,
    /// Print what is in force and where each field comes from; secrets are not shown
    Show,
    /// Check center.toml and the environment, and change nothing
    Check,
}

/// A field as it is told.
#[derive(Serialize)]
struct Field {
    field: String,
    value: Value,
    from: String,
}

/// A configuration that was checked, as it is told.
#[derive(Serialize)]
struct Checked {
    ok: bool,
    fields: usize,
}

pub(super) fn run(command: &ConfigCommand, folder: &Path, output: &Output) -> Result<()> {
    if let ConfigCommand::Example = command {
        return output.say(&EXAMPLE, |example| (*example).to_owned());
    }
    let fields = Loaded::read(folder, env::vars_os())?.fields()?;
    if let ConfigCommand::Check = command {
        let checked = Checked { ok: true, fields: fields.len() };
        return output.say(&checked, |checked| {
            format!("the configuration is in order: {} fields", checked.fields)
        });
    }
    let told = |(field, value, from)| Field { field, value, from };
    let shown: Vec<_> = fields.into_iter().map(told).collect();
    output.say(&shown, |shown| {
        let line =
            |field: &Field| [field.field.clone(), field.value.to_string(), field.from.clone()];
        let rows: Vec<_> = shown.iter().map(line).collect();
        table(["field", "value", "from"], [false; 3], &rows)
    })
}
