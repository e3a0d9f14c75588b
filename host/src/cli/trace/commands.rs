//! `saifu trace commands`: the names of commands.

use crate::cli::text::table;
use crate::cli::{ExitCode, Failure, Report};
use saifu_trace::commands::{self, Command};
use serde_json::{Value, json};

/// Which names are listed.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// Those that contain this, or whose header begins with it, as in `00A4` [default: all]
    pub(in crate::cli) search: Option<String>,
}

pub(super) fn run(asked: &Args) -> Result<Report, Failure> {
    let sought = asked.search.as_deref().unwrap_or_default().to_uppercase();
    let found: Vec<_> = commands::all().iter().filter(|each| is_sought(each, &sought)).collect();
    if found.is_empty() {
        let next = "`saifu trace commands` lists all; any command can be written in hexadecimal";
        return Err(Failure::new(ExitCode::Failed, "no command has such a name", next));
    }
    let rows: Vec<_> = found.iter().map(|command| row(command)).collect();
    let objects: Vec<_> = found.iter().map(|command| object(command)).collect();
    let text = table(["NAME", "HEADER", "LE", "FROM"], &rows);
    Ok(Report::new(text, json!({ "commands": objects })))
}

fn is_sought(command: &Command, sought: &str) -> bool {
    let header = hex::encode_upper(command.header());
    let digits = sought.replace(' ', "");
    command.name.contains(sought) || (!digits.is_empty() && header.starts_with(&digits))
}

fn row(command: &Command) -> [String; 4] {
    let le = command.le.map(|le| le.to_string()).unwrap_or_default();
    let header = hex::encode_upper(command.header());
    [command.name.to_owned(), header, le, command.origin.to_string()]
}

fn object(command: &Command) -> Value {
    json!({
        "name": command.name,
        "header": hex::encode_upper(command.header()),
        "le": command.le,
        "from": command.origin.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(search: &str) -> Vec<&'static str> {
        let sought = search.to_uppercase();
        let found = commands::all().iter().filter(|each| is_sought(each, &sought));
        found.map(|command| command.name).collect()
    }

    #[test]
    fn commands_are_found_by_part_of_their_name_and_by_their_header() {
        assert_eq!(names("load lic"), ["LOAD LICENCE"]);
        assert_eq!(names("00 a4"), ["SELECT"]);
        assert!(names("sel").contains(&"SELECT"));
        assert_eq!(names("no such name"), [""; 0]);
        assert!(run(&Args { search: Some("no such name".into()) }).is_err());
    }
}
