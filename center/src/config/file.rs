//! The file `center.toml`, and the environment that goes before it.
//!
//! ```text
//! default  <  center.toml  <  SAIFU_CENTER_<SECTION>__<FIELD>
//! ```

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::path::Path;

use serde::Deserialize;
use tempfile::NamedTempFile;
use toml::{Table, Value};

use super::example::{find, table_of, text_of};
use super::{Config, FILE};
use crate::refusal::{Refusal, Result};

/// What the variables that set fields begin with.
pub const PREFIX: &str = "SAIFU_CENTER_";

/// What programs read besides fields, each after [`PREFIX`].
const OTHERS: [&str; 9] = [
    "CA",
    "DATA",
    "KEY",
    "LISTEN",
    "NEW_KEY",
    "NEW_PASSPHRASE",
    "NEW_PASSPHRASE_FILE",
    "PASSPHRASE",
    "PASSPHRASE_FILE",
];

/// The most bytes of the file.
const MAX_BYTES: u64 = 1 << 20;

/// A configuration, and where each field of it comes from.
#[derive(Clone, PartialEq)]
pub struct Loaded {
    /// What is in force.
    pub config: Config,
    /// What the file says.
    file: Table,
    /// The variables in force, by the path of the field that each sets.
    variables: BTreeMap<String, String>,
}

/// What the file says as it stands there has its secrets, and is left out.
impl fmt::Debug for Loaded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { config, variables, .. } = self;
        let mut shown = f.debug_struct("Loaded");
        shown.field("config", config).field("variables", variables).finish_non_exhaustive()
    }
}

impl Loaded {
    /// Reads the folder's configuration, and what `variables` say otherwise.
    ///
    /// # Errors
    /// `unavailable`: the file is not there or cannot be read. `malformed`: it or a variable
    /// says what cannot be.
    pub fn read(
        folder: &Path,
        variables: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<Self> {
        let path = folder.join(FILE);
        let text = text(&path)?;
        let wrong = |error: toml::de::Error| wrong_file(&path, &text, &error);
        let config: Config = toml::from_str(&text).map_err(wrong)?;
        let file: Table = toml::from_str(&text).map_err(wrong)?;
        let mut loaded = Self { config, file, variables: BTreeMap::new() };
        let mut table = loaded.file.clone();
        for (variable, value) in named(variables)? {
            loaded.set(&mut table, variable, &value)?;
        }
        loaded.config.check()?;
        Ok(loaded)
    }

    /// Every field in force with the place it comes from: `default`, the file, or a variable.
    ///
    /// # Errors
    /// `malformed`: no file could hold the configuration.
    pub fn fields(&self) -> Result<Vec<(String, Value, String)>> {
        let fields = leaves(&table_of(&self.config)?).into_iter();
        Ok(fields.map(|(path, value)| (path.clone(), hidden(value), self.origin(&path))).collect())
    }

    fn origin(&self, path: &str) -> String {
        match self.variables.get(path) {
            Some(variable) => variable.clone(),
            None if find(&self.file, path.split('.')).is_some() => FILE.into(),
            None => "default".into(),
        }
    }

    /// Sets the field that `variable` names.
    fn set(&mut self, table: &mut Table, variable: String, value: &str) -> Result<()> {
        let path = variable[PREFIX.len()..].to_lowercase();
        let path: Vec<_> = path.split("__").collect();
        if !is_field(&path, &variable)? {
            return Ok(());
        }
        // What is a number or a list is taken as one, unless the field is a text.
        let mut failed = None;
        for value in [as_toml(value), Some(Value::String(value.into()))].into_iter().flatten() {
            put(table, &path, value);
            match Config::deserialize(table.clone()) {
                Ok(config) => {
                    self.config = config;
                    self.variables.insert(path.join("."), variable);
                    return Ok(());
                }
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        let why = failed.map(|error| error.message().to_owned()).unwrap_or_default();
        Err(Refusal::malformed(format!(
            "{variable} is no {}: {why}; correct the variable, or unset it",
            path.join(".")
        )))
    }
}

/// A value as it is shown: what stands in it under `secrets` is no more than counted.
fn hidden(value: Value) -> Value {
    match value {
        Value::Array(list) => Value::Array(list.into_iter().map(hidden).collect()),
        Value::Table(table) => Value::Table(table.into_iter().map(concealed).collect()),
        other => other,
    }
}

fn concealed((name, value): (String, Value)) -> (String, Value) {
    match (&name[..], &value) {
        ("secrets", Value::Array(list)) => (name, format!("({} not shown)", list.len()).into()),
        _ => (name, hidden(value)),
    }
}

/// Writes the file of `config` whole or not at all; one that another process wrote meanwhile
/// stays.
pub(super) fn write(config: &Config, folder: &Path) -> Result<()> {
    let path = folder.join(FILE);
    let text = text_of(config)?;
    let failed = |error: io::Error| failing(&path, "written", &error);
    let mut file = NamedTempFile::new_in(folder).map_err(failed)?;
    file.write_all(text.as_bytes()).and_then(|()| file.as_file().sync_all()).map_err(failed)?;
    match file.persist_noclobber(&path) {
        Err(refused) if refused.error.kind() != ErrorKind::AlreadyExists => {
            Err(failed(refused.error))
        }
        _ => Ok(()),
    }
}

/// Every setting below `table`, by its path; the tables of a list are one setting.
pub(super) fn leaves(table: &Table) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    for (name, value) in table {
        match value.as_table() {
            Some(inner) => {
                let inner = leaves(inner).into_iter();
                found.extend(inner.map(|(path, value)| (format!("{name}.{path}"), value)));
            }
            None => drop(found.insert(name.clone(), value.clone())),
        }
    }
    found
}

fn text(path: &Path) -> Result<String> {
    let mut text = String::new();
    let read = File::open(path).and_then(|file| file.take(MAX_BYTES + 1).read_to_string(&mut text));
    match read {
        Ok(length) if length as u64 > MAX_BYTES => Err(Refusal::malformed(format!(
            "{}: it has more than {MAX_BYTES} bytes; put the center's own file there",
            path.display()
        ))),
        Ok(_) => Ok(text),
        Err(error) => Err(failing(path, "read", &error)),
    }
}

/// The place and the reason, without the line itself: there may be a secret in it.
fn wrong_file(path: &Path, text: &str, error: &toml::de::Error) -> Refusal {
    let before = error.span().and_then(|span| text.get(..span.start));
    let line = before.map_or(1, |before| before.matches('\n').count() + 1);
    let why = error.message().replace('\n', " ");
    Refusal::malformed(format!("{}: line {line}: {why}; correct it there", path.display()))
}

/// The variables that may set fields, with their values.
fn named(
    variables: impl IntoIterator<Item = (OsString, OsString)>,
) -> Result<Vec<(String, String)>> {
    let ours = variables.into_iter().filter_map(|(name, value)| {
        let name = name.into_string().ok().filter(|name| name.starts_with(PREFIX))?;
        Some((name, value))
    });
    let read = |(name, value): (String, OsString)| match value.into_string() {
        Ok(value) => Ok((name, value)),
        Err(_) => Err(Refusal::malformed(format!("{name} is no text: correct or unset it"))),
    };
    ours.map(read).collect()
}

/// Whether there is such a field. A variable that programs read for something else is none; any
/// other is a mistake.
fn is_field(path: &[&str], variable: &str) -> Result<bool> {
    let known = table_of(&Config::default())?;
    let found = find(&known, path.iter().copied());
    if found.is_some_and(|value| !value.is_table()) {
        return Ok(true);
    }
    if OTHERS.contains(&&variable[PREFIX.len()..]) {
        return Ok(false);
    }
    let (section, _) = path.split_at(path.len().saturating_sub(1));
    let there = found.or_else(|| find(&known, section.iter().copied())).and_then(Value::as_table);
    let names = |table: &Table, of: &str| -> Vec<String> {
        table.keys().map(|name| format!("{PREFIX}{of}{}", name.to_uppercase())).collect()
    };
    let names = match there {
        Some(table) => {
            let section = if found.is_some() { path } else { section };
            names(table, &(section.join("__").to_uppercase() + "__"))
        }
        None => {
            let others = OTHERS.iter().map(|other| format!("{PREFIX}{other}"));
            names(&known, "").into_iter().chain(others).collect()
        }
    };
    Err(Refusal::malformed(format!(
        "{variable} sets nothing: there is {}; correct the variable, or unset it",
        names.join(", ")
    )))
}

/// A value that is written as the file has it: a number, true, a list.
fn as_toml(text: &str) -> Option<Value> {
    let mut table: Table = toml::from_str(&format!("value = {text}")).ok()?;
    table.remove("value").filter(|_| table.is_empty())
}

fn put(table: &mut Table, path: &[&str], value: Value) {
    match path {
        [] => {}
        [field] => drop(table.insert((*field).into(), value)),
        [section, rest @ ..] => {
            let inner = table.entry(*section).or_insert_with(|| Table::new().into());
            if let Some(inner) = inner.as_table_mut() {
                put(inner, rest, value);
            }
        }
    }
}

pub(super) fn failing(path: &Path, what: &str, error: &io::Error) -> Refusal {
    let path = path.display();
    Refusal::unavailable(format!("{path} cannot be {what} ({error}): check disk and permissions"))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn loaded(text: &str, variables: &[(&str, &str)]) -> Result<Loaded> {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(FILE), text).unwrap();
        Loaded::read(folder.path(), variables.iter().map(|(n, v)| (n.into(), v.into())))
    }

    #[test]
    fn what_is_in_force_is_shown_without_secrets() {
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        let secrets = vec![secret.into()];
        let pay_at = "https://pay.example/".into();
        let provider = crate::config::ProviderConfig { name: "pay".into(), pay_at, secrets };
        let config = Config { payment_providers: vec![provider], ..Config::default() };
        let folder = tempfile::tempdir().unwrap();
        write(&config, folder.path()).unwrap();
        let loaded = Loaded::read(folder.path(), []).unwrap();
        assert_eq!(loaded.config, config);
        let shown = format!("{:?}", loaded.fields().unwrap());
        assert!(shown.contains("pay.example") && shown.contains("(1 not shown)"), "{shown}");
        for shown in [shown, format!("{config:?}"), format!("{loaded:?}")] {
            assert!(shown.contains("pay") && !shown.contains(&secret[6..]), "{shown}");
        }
    }

    #[test]
    fn the_environment_goes_before_the_file_and_the_file_before_the_default() {
        let text = "name = \"Bookshop\"\norder_days = 3\n[server]\nlisten = \"[::1]:1\"\n";
        let variables = [
            ("SAIFU_CENTER_NAME", "007"),
            ("SAIFU_CENTER_SERVER__LISTEN", "localhost:2"),
            ("SAIFU_CENTER_CA", "another's"),
            ("HOME", "/"),
        ];
        let loaded = loaded(text, &variables).unwrap();
        assert_eq!((&loaded.config.name[..], loaded.config.order_days), ("007", 3));
        assert_eq!(loaded.config.server.listen, "localhost:2");
        let from: BTreeMap<_, _> =
            loaded.fields().unwrap().into_iter().map(|(path, _, from)| (path, from)).collect();
        assert_eq!(from["name"], "SAIFU_CENTER_NAME");
        assert_eq!(from["order_days"], FILE);
        assert_eq!(from["max_loads"], "default");
    }

    #[test]
    fn purses_of_the_file_take_the_place_of_the_default_ones() {
        let purse = "purse = 4\nkind = \"bit-cash\"\nunit = \"EUR\"\nmax_balance = 7\n";
        let loaded = loaded(&format!("[[purses]]\n{purse}"), &[]).unwrap();
        let [purse] = &loaded.config.purses[..] else { panic!("one") };
        assert_eq!((purse.purse, &purse.scope[..]), (4, "any"));
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line_and_what_is_allowed() {
        for (text, words) in [
            ("name = \"a\"\nnmae = \"b\"\n", ["line 2", "nmae", "order_days"]),
            ("\n[server]\nlistne = \"b\"\n", ["line 3", "listne", "tls_key"]),
            ("order_days = -1\n", ["line 1", "-1", "u32"]),
            ("order_days = \"x\n", ["line 1", "string", "correct it there"]),
            ("[[purses]]\npurse = 1\n", ["line 1", "missing", "kind"]),
        ] {
            let error = loaded(text, &[]).unwrap_err().to_string();
            assert!(words.iter().all(|word| error.contains(word)), "{error}");
        }
        assert!(loaded("[server]\ntls_key = \"a\"\n", &[]).is_err());
        assert!(loaded(&format!("#{}", "x".repeat(1 << 20)), &[]).is_err());
    }

    #[test]
    fn a_variable_that_sets_nothing_or_what_cannot_be_is_refused_by_its_name() {
        for (variable, value, words) in [
            ("SAIFU_CENTER_SERVER__LISTNE", "x", ["SERVER__LISTNE ", "SERVER__LISTEN,"]),
            ("SAIFU_CENTER_SEVRER__LISTEN", "x", ["SEVRER__LISTEN ", "CENTER_SERVER,"]),
            ("SAIFU_CENTER_MAX_LOAD", "5", ["MAX_LOAD ", "SAIFU_CENTER_MAX_LOADS,"]),
            ("SAIFU_CENTER_LISTNE", "x", ["LISTNE ", "SAIFU_CENTER_LISTEN,"]),
            ("SAIFU_CENTER_SERVER", "x", ["SERVER ", "SAIFU_CENTER_SERVER__LISTEN,"]),
            ("SAIFU_CENTER_", "x", ["SAIFU_CENTER_ ", "SAIFU_CENTER_DATA,"]),
            ("SAIFU_CENTER_ORDER_DAYS", "soon", ["ORDER_DAYS", "u32"]),
            ("SAIFU_CENTER_ORDER_DAYS", "3\nmax_loads = 4", ["ORDER_DAYS", "u32"]),
        ] {
            let error = loaded("", &[(variable, value)]).unwrap_err().to_string();
            assert!(words.iter().all(|word| error.contains(word)), "{error}");
        }
        for other in OTHERS {
            assert!(loaded("", &[(&format!("{PREFIX}{other}"), "12345678")]).is_ok(), "{other}");
        }
        assert!(loaded("", &[("SAIFU_CENTER", "x"), ("SAIFU_CENTRE_NAME", "x")]).is_ok());
    }
}
