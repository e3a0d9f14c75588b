//! `saifu-center config example`, `show` and `check`.

use std::env;
use std::path::Path;

use clap::Subcommand;
use serde::Serialize;
use toml::Value;

use super::output::{Output, table};
use crate::config::{EXAMPLE, Loaded};
use crate::refusal::Result;

/// Fields whose last word is one of these are never shown.
const SECRETS: [&str; 4] = ["secret", "password", "passphrase", "token"];

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
    let shown: Vec<_> = fields.into_iter().map(field).collect();
    output.say(&shown, |shown| {
        let line =
            |field: &Field| [field.field.clone(), field.value.to_string(), field.from.clone()];
        let rows: Vec<_> = shown.iter().map(line).collect();
        table(["field", "value", "from"], [false; 3], &rows)
    })
}

fn field((field, value, from): (String, Value, String)) -> Field {
    let last = field.rsplit(['.', '_']).next().unwrap_or_default();
    let hidden = SECRETS.contains(&last) && value.as_str() != Some("");
    Field { value: if hidden { "(hidden)".into() } else { value }, field, from }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_never_shown_and_its_absence_is() {
        let shown = |name: &str, value: &str| {
            field((name.into(), value.into(), String::new())).value.to_string()
        };
        assert_eq!(shown("funding.webhook_secret", "abc"), "\"(hidden)\"");
        assert_eq!(shown("funding.webhook_secret", ""), "\"\"");
        assert_eq!(shown("server.tls_key", "key.pem"), "\"key.pem\"");
    }
}
