//! One run of Schemathesis: who asks, how much, and what came of it.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::place::Place;
use crate::shop::Anything;

/// The variable that its configuration takes the token from.
const TOKEN: &str = "SAIFU_FUZZ_TOKEN";

/// What an operators' role is asked for: its own routes.
const OPERATORS: &str = "^/(v1/admin/|metrics)";

/// Who asks.
pub(super) struct Caller {
    /// What is said of it.
    pub(super) name: String,
    token: Option<String>,
    /// The most cases of each operation.
    cases: u32,
    /// Only those paths, as a regular expression.
    only: Option<&'static str>,
}

impl Caller {
    /// The owner and somebody without a token ask everything, the other roles what is operators'.
    pub(super) fn all(tokens: &[(String, String)], full: bool) -> Vec<Self> {
        let times = if full { 10 } else { 1 };
        let nobody = Self { name: "nobody".into(), token: None, cases: 8 * times, only: None };
        let roles = tokens.iter().map(|(role, token)| {
            let (cases, only) = match role.as_str() {
                "owner" => (20, None),
                _ => (4, Some(OPERATORS)),
            };
            Self { name: role.clone(), token: Some(token.clone()), cases: cases * times, only }
        });
        roles.chain([nobody]).collect()
    }
}

/// What a run came to.
pub(super) struct Report {
    /// The operations that were asked.
    pub(super) operations: u64,
    /// The cases that were made.
    pub(super) cases: u64,
    /// The kinds of answers that are not as described.
    pub(super) failures: u64,
}

/// Has Schemathesis ask as `caller`.
///
/// # Errors
/// It cannot be run, does not come to an end of its own, or leaves an operation out.
pub(super) fn ask(
    schemathesis: &Path,
    place: &Place,
    caller: &Caller,
    seed: u32,
) -> Result<Report, Anything> {
    let folder = place.folder();
    let (config, report) = (folder.join("schemathesis.toml"), folder.join("report.json"));
    fs::write(&config, configuration(place, caller.token.is_some()))?;
    let mut command = Command::new(schemathesis);
    command.arg("--config-file").arg(&config).arg("run").arg(place.description());
    command.args(["--continue-on-failure", "--no-color", "--generation-database", "none"]);
    command.args(["--warnings", "off", "--seed", &seed.to_string()]);
    command.args(["--max-examples", &caller.cases.to_string()]);
    command.args(["--report", "json", "--report-json-path"]).arg(&report);
    command.args(caller.only.iter().flat_map(|only| ["--include-path-regex", only]));
    command.env_remove(TOKEN).envs(caller.token.iter().map(|token| (TOKEN, token)));
    let ran = command.current_dir(folder).output()?;
    let told = fs::read(&report).map_err(|_| {
        let said = String::from_utf8_lossy(&ran.stdout);
        format!("Schemathesis left no report:\n{said}{}", String::from_utf8_lossy(&ran.stderr))
    })?;
    let read = read(&serde_json::from_slice(&told)?)?;
    // 1 is what it says where answers are not as described.
    if !ran.status.success() {
        println!("as {}:\n{}", caller.name, String::from_utf8_lossy(&ran.stdout));
        if read.failures == 0 {
            return Err(format!("Schemathesis ended with {}", ran.status).into());
        }
    }
    Ok(read)
}

/// Reads what Schemathesis reports of a run.
fn read(report: &Value) -> Result<Report, Anything> {
    let number = |at: &str| {
        let number = report.pointer(at).and_then(Value::as_u64);
        number.ok_or_else(|| format!("Schemathesis reports no {at}: {report}"))
    };
    let (selected, tested) = (number("/operations/selected")?, number("/operations/tested")?);
    let errored = number("/operations/errored")? + number("/test_cases/errored")?;
    if selected == 0 || selected != tested || errored > 0 || report["complete"] != true {
        return Err(format!("only {tested} of {selected} operations were asked: {report}").into());
    }
    Ok(Report {
        operations: tested,
        cases: number("/test_cases/generated")?,
        failures: number("/test_cases/unique_failures")?,
    })
}

/// The configuration: what the center has, and which checks make sense here.
fn configuration(place: &Place, with_token: bool) -> String {
    let mut text = String::from(
        "[checks]\n\
         # What a card or provider must have signed is refused, whatever its shape.\n\
         positive_data_acceptance.enabled = false\n\
         negative_data_rejection.expected-statuses = [\"4xx\"]\n\
         missing_required_header.expected-statuses = [\"4xx\"]\n",
    );
    if with_token {
        text += &format!("[auth.openapi.operator]\nbearer = \"${{{TOKEN}}}\"\n");
    }
    for (name, values) in place.known() {
        text += &format!("[dictionaries.{name}]\nvalues = {values:?}\n");
    }
    text += "[parameters]\n";
    for (name, _) in place.known() {
        for of in ["path", "query", "body"] {
            text +=
                &format!("\"{of}.{name}\" = {{ dictionary = \"{name}\", probability = 0.7 }}\n");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn report(tested: u64, complete: bool) -> Value {
        json!({
            "complete": complete,
            "operations": { "selected": 3, "tested": tested, "errored": 0 },
            "test_cases": { "generated": 50, "unique_failures": 1, "errored": 0 },
        })
    }

    #[test]
    fn a_run_that_left_an_operation_out_or_was_cut_short_is_none() {
        let whole = read(&report(3, true)).unwrap();
        assert_eq!((whole.operations, whole.cases, whole.failures), (3, 50, 1));
        assert!(read(&report(2, true)).is_err());
        assert!(read(&report(3, false)).is_err());
        assert!(read(&json!({})).is_err());
    }

    #[test]
    fn the_owner_and_nobody_ask_everything_and_a_full_campaign_asks_more() {
        let tokens = ["owner", "auditor"].map(|role| (role.to_owned(), "saifu_".to_owned()));
        let all = Caller::all(&tokens, false);
        let only: Vec<_> = all.iter().map(|caller| caller.only).collect();
        assert_eq!(only, [None, Some(OPERATORS), None]);
        assert!(all[2].token.is_none() && all[0].token.is_some());
        let full = Caller::all(&tokens, true);
        assert!(full.iter().zip(&all).all(|(full, reduced)| full.cases > reduced.cases));
    }
}
