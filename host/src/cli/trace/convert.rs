//! `saifu trace convert`: other tools' scripts, dumps and logs, into the language and back.

use super::{files, input};
use crate::cli::arguments::Global;
use crate::cli::report::tell;
use crate::cli::{ExitCode, Failure, Report};
use saifu_trace::convert::{Format, Loss, read, write};
use saifu_trace::syntax::{Diagnostic, Source};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What is converted, and into what.
#[derive(Debug, clap::Args)]
#[command(after_help = formats())]
pub(in crate::cli) struct Args {
    /// The format of the input [default: by what stands in it, else by the ending of its name]
    #[arg(long, value_name = "FORMAT")]
    pub(in crate::cli) from: Option<Format>,
    /// The format of the output [default: by the ending of its name, else `trace`]
    #[arg(long, value_name = "FORMAT")]
    pub(in crate::cli) to: Option<Format>,
    /// Write what has no counterpart as a comment, instead of refusing the file
    #[arg(long)]
    pub(in crate::cli) lossy: bool,
    /// The file to read; `-` is standard input
    pub(in crate::cli) input: PathBuf,
    /// The file to write; `-` is standard output
    #[arg(default_value = "-")]
    pub(in crate::cli) output: PathBuf,
}

fn formats() -> String {
    let line = |format: Format| {
        let way = if format.is_written() { "" } else { " (read only)" };
        format!("  {:<13} {}{way}", format.name(), format.describe())
    };
    format!("Formats:\n{}", Format::all().map(line).collect::<Vec<_>>().join("\n"))
}

pub(super) fn run(global: &Global, asked: &Args) -> Result<Report, Failure> {
    let source = Arc::new(Source { path: asked.input.clone(), text: input::text(&asked.input)? });
    let from = asked.from.or_else(|| Format::detect(&asked.input, &source.text));
    let from = from.ok_or_else(|| unknown(&asked.input))?;
    let to = destination(asked, from)?;
    let loss = if asked.lossy { Loss::Comment } else { Loss::Refuse };
    let converted = read(from, &source, loss).and_then(|trace| write(to, &trace, loss));
    let text = converted.map_err(|wrong| {
        if !global.json {
            tell(&format!("{}\n", wrong.span.excerpt()));
        }
        refusal(&wrong, asked.lossy)
    })?;
    deliver(&asked.output, from, to, text)
}

fn refusal(wrong: &Diagnostic, is_lossy: bool) -> Failure {
    let what = format!("{}: {}", wrong.span.place(), wrong.found);
    let lossy = "`--lossy` writes what has no counterpart as a comment";
    let next = match (wrong.expected.is_empty(), is_lossy) {
        (false, _) => format!("expected: {}", wrong.expected),
        (true, false) => lossy.to_owned(),
        (true, true) => wrong.help.clone(),
    };
    Failure::new(ExitCode::Failed, what, next)
}

fn unknown(path: &Path) -> Failure {
    let what = format!("{}: its format is not known", path.display());
    Failure::new(ExitCode::Usage, what, "say it with --from; --help lists the formats")
}

fn destination(asked: &Args, from: Format) -> Result<Format, Failure> {
    let to = asked.to.or_else(|| Format::of_name(&asked.output));
    match to {
        Some(to) if to.is_written() => Ok(to),
        Some(to) => {
            let what = format!("{to} is only read: {}", to.describe());
            Err(Failure::new(ExitCode::Usage, what, "choose another --to; --help lists them"))
        }
        None if from != Format::Trace => Ok(Format::Trace),
        None => {
            let what = "a trace is converted into what?";
            Err(Failure::new(ExitCode::Usage, what, "say it with --to; --help lists the formats"))
        }
    }
}

fn deliver(output: &Path, from: Format, to: Format, text: String) -> Result<Report, Failure> {
    if output.as_os_str() == "-" {
        let object = json!({ "from": from.name(), "to": to.name(), "text": text });
        return Ok(Report::new(text, object));
    }
    files::replace(output, &text).map_err(|why| Failure::file(output, &why))?;
    let path = output.display().to_string();
    let object = json!({ "from": from.name(), "to": to.name(), "file": path });
    Ok(Report::new(format!("{path} written: {}\n", to.describe()), object))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::arguments::Arguments;
    use clap::Parser;
    use std::fs;

    /// As on a command line that says nothing else.
    fn convert(asked: &Args) -> Result<Report, Failure> {
        let arguments =
            Arguments::try_parse_from(["saifu", "--json", "trace", "commands"]).unwrap();
        run(&arguments.global, asked)
    }

    fn asked(from: Option<Format>, to: Option<Format>, input: &Path, output: &Path) -> Args {
        let (input, output) = (input.to_owned(), output.to_owned());
        Args { from, to, lossy: false, input, output }
    }

    #[test]
    fn formats_are_found_by_content_and_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let [script, trace, back] =
            ["a.txt", "a.apdu", "b.scriptor"].map(|name| folder.path().join(name));
        fs::write(&script, "reset\n00A40400\n").unwrap();
        convert(&asked(None, None, &script, &trace)).unwrap();
        let expected = "reset\n> 00 A4 04 00\nsw any\n";
        assert_eq!(fs::read_to_string(&trace).unwrap(), expected);
        convert(&asked(None, None, &trace, &back)).unwrap();
        assert_eq!(fs::read_to_string(&back).unwrap(), "reset\n00 A4 04 00\n");
    }

    #[test]
    fn a_refusal_names_file_and_line_and_writes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let [trace, script] = ["a.apdu", "a.scriptor"].map(|name| folder.path().join(name));
        fs::write(&trace, "reset\n> 00 A4 04 00\nsw 9000\n").unwrap();
        let mut asked = asked(None, None, &trace, &script);
        let failure = convert(&asked).unwrap_err();
        assert_eq!(failure.code, ExitCode::Failed);
        assert!(failure.what.contains("a.apdu:2:"), "{}", failure.what);
        assert!(failure.next.contains("--lossy") && !script.exists());
        asked.lossy = true;
        convert(&asked).unwrap();
        let written = fs::read_to_string(&script).unwrap();
        assert_eq!(written, "reset\n00 A4 04 00\n# expected: 9000\n");
    }

    #[test]
    fn what_is_not_known_is_a_question_of_usage() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        fs::write(&path, "hello\n").unwrap();
        let none = Path::new("-");
        assert_eq!(convert(&asked(None, None, &path, none)).unwrap_err().code, ExitCode::Usage);
        fs::write(&path, "> 00 A4\nsw any\n").unwrap();
        assert_eq!(convert(&asked(None, None, &path, none)).unwrap_err().code, ExitCode::Usage);
        let log = asked(None, Some(Format::OpenscTool), &path, none);
        assert_eq!(convert(&log).unwrap_err().code, ExitCode::Usage);
    }
}
