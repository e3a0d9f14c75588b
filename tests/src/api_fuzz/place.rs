//! The center that is asked, and what it has.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use saifu_host::center::words;
use saifu_vsmartcard::harness::Spoken;
use serde_json::Value;
use tempfile::TempDir;

use crate::shop::{Anything, REAL_WORKS};
use crate::stage::{Programs, Running};

/// The roles that have a token; the shop's is bound to a shop of its own.
const ROLES: [&str; 5] = ["owner", "shop", "funding", "auditor", "metrics"];

/// The PIN of the terminal's own test card.
const PIN: &str = "1234";

/// How many voucher codes there are.
const VOUCHERS: &str = "40";

/// A program has ended, or a server is ready, within this.
const WITHIN: Duration = Duration::from_secs(120);

/// What is known of a kind of thing: the name of its field, and values of it that are there.
type Known = (&'static str, Vec<String>);

/// A center that serves.
pub(super) struct Place {
    programs: Programs,
    center: Option<Spoken>,
    url: String,
    tokens: Vec<(String, String)>,
    known: Vec<Known>,
    folder: TempDir,
}

impl Place {
    /// Makes a center, has it serve, and has a customer buy there.
    pub(super) fn prepare() -> Result<Self, Anything> {
        let (programs, folder) = (Programs::find()?, tempfile::tempdir()?);
        let (url, tokens, known) = (String::new(), Vec::new(), Vec::new());
        let mut place = Self { programs, center: None, url, tokens, known, folder };
        place.owner(&["init"])?;
        let works = place.add_works()?;
        let shop = text(&place.owner(&["shop", "add", "Books", "--fee", "250"])?, "/id")?;
        for role in ROLES {
            let bound: &[&str] = if role == "shop" { &["--shop", &shop] } else { &[] };
            let token = place.owner(&[&["token", "add", "--role", role], bound].concat())?;
            place.tokens.push((role.to_owned(), text(&token, "/token")?));
        }
        let made = ["voucher", "make", "--unit", "JPY", "--amount", "10", "--sold"];
        let vouchers = place.owner(&[&made[..], &["--count", VOUCHERS]].concat())?;
        let codes = vouchers["codes"].as_array().into_iter().flatten();
        let codes = codes.filter_map(|code| code.as_str().map(str::to_owned)).collect();
        place.serve()?;
        place.customer(&["register"])?;
        for work in &works {
            place.customer(&["buy", work, "--yes"])?;
        }
        let sales = place.owner(&["sales"])?;
        let of = |name: &str| {
            let sales = sales["sales"].as_array().into_iter().flatten();
            sales.map(|sale| text(sale, &format!("/{name}"))).collect::<Result<Vec<_>, _>>()
        };
        let (orders, accounts) = (of("order")?, of("account")?);
        let shops = vec![shop, "center".into()];
        let batches = vec![text(&vouchers, "/batch")?];
        place.known = vec![("account", accounts), ("order", orders), ("work", works)];
        place.known.extend([("code", codes), ("shop", shops), ("provider", vec!["test".into()])]);
        place.known.extend([("batch", batches), ("unit", vec!["JPY".into()])]);
        match place.known.iter().find(|(_, values)| values.is_empty()) {
            None => Ok(place),
            Some((name, _)) => Err(format!("the center has no {name} to ask for").into()),
        }
    }

    fn add_works(&self) -> Result<Vec<String>, Anything> {
        let mut works = Vec::new();
        for work in &REAL_WORKS {
            let (path, price) = (work.path(), format!("jpy:{}", work.price));
            let path = path.to_str().ok_or("a path that is no text")?;
            let told = ["--title", work.title, "--creator", work.creator, "--price", &price];
            let order = ["--payment", words::payment(work.payment), "--publish"];
            let added = self.owner(&[&["work", "add", path], &told[..], &order[..]].concat())?;
            works.push(text(&added, "/work")?);
        }
        Ok(works)
    }

    fn serve(&mut self) -> Result<(), Anything> {
        let mut command = Command::new(&self.programs.center);
        command.arg("--data").arg(self.data());
        command.args(["serve", "--until-eof", "--listen", "127.0.0.1:0", "--log", "json"]);
        command.stderr(File::create(self.log())?);
        let mut center = Spoken::start(&mut command)?;
        let line = center.hear(WITHIN)?;
        let url = line.strip_prefix("serving at ");
        self.url = url.ok_or_else(|| format!("the center said: {line}"))?.trim().to_owned();
        self.center = Some(center);
        Ok(())
    }

    /// A command of the owner, which must end well; what it says.
    fn owner(&self, arguments: &[&str]) -> Result<Value, Anything> {
        let mut command = Command::new(&self.programs.center);
        command.arg("--data").arg(self.data()).arg("--json").args(arguments);
        Running::start(&mut command)?.wait(WITHIN)?.json()
    }

    fn customer(&self, arguments: &[&str]) -> Result<(), Anything> {
        let mut command = Command::new(&self.programs.terminal);
        command.args(arguments).current_dir(self.folder());
        command.env("SAIFU_DATA", self.folder().join("terminal")).env("SAIFU_PIN", PIN);
        command.env("SAIFU_CARD", "virtual").env("SAIFU_CENTER", &self.url);
        Running::start(&mut command)?.wait(WITHIN)?.good().map(drop)
    }

    /// The folder of it all.
    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn data(&self) -> PathBuf {
        self.folder().join("center")
    }

    fn log(&self) -> PathBuf {
        self.folder().join("log")
    }

    /// Where the interface's description is.
    pub(super) fn description(&self) -> String {
        format!("{}/v1/openapi.json", self.url)
    }

    /// The operators' tokens by their roles.
    pub(super) fn tokens(&self) -> &[(String, String)] {
        &self.tokens
    }

    /// Things that are there.
    pub(super) fn known(&self) -> &[Known] {
        &self.known
    }

    /// Ends the center, and checks its books; how many requests it has answered, and how many of
    /// them with a failure of its own.
    pub(super) fn end(mut self) -> Result<(u64, u64), Anything> {
        if !self.center.take().is_some_and(|mut center| center.end().unwrap_or(false)) {
            return Err("the center ended with an error".into());
        }
        let counted = count(&fs::read_to_string(self.log())?);
        self.owner(&["check"]).map_err(|error| format!("after all requests: {error}"))?;
        Ok(counted)
    }
}

/// The requests of a log, and those with a failure of the center's own, each of which is told.
fn count(log: &str) -> (u64, u64) {
    let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let statuses = lines.filter_map(|line| line["status"].as_u64().map(|status| (line, status)));
    statuses.fold((0, 0), |(requests, errors), (line, status)| {
        if status < 500 {
            return (requests + 1, errors);
        }
        println!("a failure of the center's own: {line}");
        (requests + 1, errors + 1)
    })
}

fn text(value: &Value, at: &str) -> Result<String, Anything> {
    let text = value.pointer(at).and_then(Value::as_str).map(str::to_owned);
    text.ok_or_else(|| format!("there is no {at} in {value}").into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_counted_from_the_log_and_failures_apart() {
        let log = "saifu-center: warning: test mode\n{\"status\":200}\n{\"status\":404}\n\
                   {\"status\":503}\n{\"failure\":1}\n";
        assert_eq!(count(log), (3, 1));
    }
}
