//! The commented example, which is also what a new center's file begins as.
//!
//! A setting that is at its default is a line `#field = value`; one that is not is the same line
//! without `#`. Tables of a list follow at the end.

use toml::{Table, Value};

use super::Config;
use crate::refusal::{Refusal, Result};

/// Every field, what it means, and its default.
pub const EXAMPLE: &str = include_str!("center.toml");

/// The text of a file that decides what `config` does, and shows all else.
///
/// # Errors
/// `internal`: a setting of `config` has no line in the example.
pub(super) fn text_of(config: &Config) -> Result<String> {
    let (wanted, defaults) = (table_of(config)?, table_of(&Config::default())?);
    let mut section = Vec::new();
    let mut text: String = EXAMPLE.lines().map(|line| set(line, &mut section, &wanted)).collect();
    for (name, value) in &wanted {
        if is_list(value) && defaults.get(name) != Some(value) {
            let list = Table::from_iter([(name.clone(), value.clone())]);
            text = format!("{text}\n{list}");
        }
    }
    match toml::from_str::<Config>(&text) {
        Ok(read) if read == *config => Ok(text),
        _ => Err(Refusal::internal("the configuration cannot be written as a file")),
    }
}

/// A configuration as its file would have it.
pub(super) fn table_of(config: &Config) -> Result<Table> {
    Table::try_from(config)
        .map_err(|error| Refusal::malformed(format!("no file can hold the configuration: {error}")))
}

/// The line of the example, set where `wanted` decides otherwise.
fn set(line: &str, section: &mut Vec<String>, wanted: &Table) -> String {
    if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
        *section = name.split('.').map(str::to_owned).collect();
    }
    let setting = line.strip_prefix('#').and_then(|setting| setting.split_once(" = "));
    let Some((field, shown)) = setting else { return format!("{line}\n") };
    let path = section.iter().map(String::as_str).chain([field]);
    match find(wanted, path) {
        Some(value) if value.to_string() != shown && !value.is_table() && !is_list(value) => {
            format!("{field} = {value}\n")
        }
        _ => format!("{line}\n"),
    }
}

/// Whether it is a list of tables, which stands at the end of a file.
fn is_list(value: &Value) -> bool {
    value.as_array().is_some_and(|list| list.iter().all(Value::is_table))
}

/// What stands at `path` in `table`.
pub(super) fn find<'a, 'b>(
    table: &'a Table,
    path: impl IntoIterator<Item = &'b str>,
) -> Option<&'a Value> {
    let mut path = path.into_iter();
    let first = table.get(path.next()?);
    path.fold(first, |value, name| value?.as_table()?.get(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::PurseConfig;
    use crate::config::file::leaves;

    /// The example with all its settings taken as they are shown.
    fn uncommented() -> String {
        let bare = |line: &'static str| match line.strip_prefix('#') {
            Some(setting) if !setting.starts_with(' ') => setting,
            _ => line,
        };
        EXAMPLE.lines().map(|line| format!("{}\n", bare(line))).collect()
    }

    #[test]
    fn the_example_shows_every_field_with_its_default() {
        let shown: Table = toml::from_str(&uncommented()).unwrap();
        let defaults = table_of(&Config::default()).unwrap();
        assert_eq!(leaves(&shown), leaves(&defaults), "fields of the example, and of the code");
        assert_eq!(toml::from_str::<Config>(&uncommented()).unwrap(), Config::default());
        assert_eq!(toml::from_str::<Config>(EXAMPLE).unwrap(), Config::default());
    }

    #[test]
    fn every_setting_of_the_example_is_explained() {
        let mut above = "";
        for line in EXAMPLE.lines() {
            let prose = line == "#" || ["# ", "#[["].iter().any(|begin| line.starts_with(begin));
            let setting = line.starts_with('#') && !prose;
            assert!(!setting || above.starts_with('#'), "nothing is said of {line}");
            above = line;
        }
    }

    #[test]
    fn a_file_decides_what_its_maker_decided_and_shows_all_else() {
        assert_eq!(text_of(&Config::default()).unwrap(), EXAMPLE);
        let mut config = Config { name: "A \"shop\"\n".into(), order_days: 3, ..Config::default() };
        config.server.listen = "127.0.0.1:0".into();
        config.purses = vec![PurseConfig::new(1, "bit-cash", "EUR", 10, 0)];
        let text = text_of(&config).unwrap();
        assert_eq!(toml::from_str::<Config>(&text).unwrap(), config);
        assert!(text.contains("\norder_days = 3\n") && text.contains("\n#max_loads = 1000\n"));
    }
}
