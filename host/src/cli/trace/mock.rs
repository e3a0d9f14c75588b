//! `saifu trace mock`: a trace as a card.

use super::files::counted;
use super::run::{Variable, variable};
use crate::cli::arguments::Global;
use crate::cli::report::tell;
use crate::cli::{ExitCode, Failure, Report};
use crate::trace_record::{MockCard, Output, Stage, Surprise};
use saifu_trace::report;
use saifu_trace::run::mock::{Mock, Order, Progress};
use saifu_trace::syntax::{Diagnostic, LoadError, load};
use saifu_vsmartcard::atr::Atr;
use saifu_vsmartcard::plug::{Event, Stop, VpcdPlug};
use serde_json::json;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use std::env;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// Where vpcd listens if nobody told it otherwise.
const VPCD: &str = "localhost:35963";

/// The most surprises that are told one by one; the rest are counted.
const MAX_TOLD: u64 = 100;

/// Which trace, and where its card is.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "What is sent in the trace is what the card knows, what must come back is what \
    it answers; resets may come as they like, and one after the last command begins anew. A \
    command with a variable that has no value here is known by its header: any PIN will do \
    where none is set. Bits that the trace leaves open are zero. Whatever the trace does not \
    have at its place is answered 6F00, and told with the line that was waited for.\n\n\
    With a program, it is run in a pcscd of its own; else the card is put into vpcd's reader \
    until SIGINT, SIGTERM or SIGHUP.\n\n\
    Exit codes: 0 every command was one of the trace, and the program ended well; 1 not so; 2 \
    wrong usage, or a file that is no trace or makes no card\n\n\
    Examples:\n  \
    saifu trace mock gpg.apdu -- gpg --card-status\n  \
    saifu trace mock --any-order buy.apdu --vpcd localhost:35963"
)]
pub(in crate::cli) struct Args {
    /// The trace, such as `saifu trace record` writes
    #[arg(value_name = "FILE")]
    trace: PathBuf,
    /// Take the trace's commands in any order: each gets the next answer that the trace has for
    /// it, or the last one there was
    #[arg(long)]
    any_order: bool,
    /// Set a variable of the trace, to hexadecimal or to a text in quotes: `--set 'pin="1234"'`
    /// [pin: $SAIFU_PIN]
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = variable)]
    variables: Vec<Variable>,
    /// Where vpcd listens [default: localhost:35963]
    #[arg(long, value_name = "HOST:PORT", conflicts_with = "program")]
    vpcd: Option<String>,
    /// A program and its arguments, to be run with the card
    #[arg(last = true, value_name = "PROGRAM")]
    program: Vec<OsString>,
}

pub(super) fn run(global: &Global, asked: &Args) -> Result<Report, Failure> {
    let mock = Arc::new(Mutex::new(read(asked)?));
    let atr = told(&mock, |mock| mock.atr().and_then(|atr| Atr::parse(atr).ok()));
    let card = MockCard::new(Arc::clone(&mock), surprise());
    let ended = if asked.program.is_empty() {
        serve(card, asked.vpcd.as_deref().unwrap_or(VPCD), atr.unwrap_or_default())?;
        None
    } else {
        let output = if global.json { Output::Apart } else { Output::Shared };
        let stage = Stage::start().map_err(super::record::no_stage)?;
        let ended = stage.run(card, atr.unwrap_or_default(), &asked.program, output);
        Some(ended.map_err(super::record::no_stage)?)
    };
    Ok(report(asked, told(&mock, |mock| mock.progress()), ended))
}

fn told<T>(mock: &Mutex<Mock>, ask: impl FnOnce(&Mock) -> T) -> T {
    ask(&mock.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Reads the trace and what it includes.
fn read(asked: &Args) -> Result<Mock, Failure> {
    let folder = asked.trace.parent().filter(|folder| !folder.as_os_str().is_empty());
    let trace =
        load(&asked.trace, folder.unwrap_or(Path::new("."))).map_err(|error| match error {
            LoadError::File { path, why } => Failure::file(&path, &why),
            LoadError::Wrong(wrong) => no_trace(asked, &wrong),
        })?;
    let mut variables: Vec<_> = asked.variables.iter().map(Variable::told).collect();
    let has_pin = variables.iter().any(|(name, _)| name == "pin");
    if let Some(pin) = env::var("SAIFU_PIN").ok().filter(|_| !has_pin) {
        variables.push(("pin".into(), pin.into_bytes()));
    }
    let order = if asked.any_order { Order::Any } else { Order::Strict };
    let mock = Mock::of(&trace, &variables, order);
    mock.map_err(|error| Failure::new(ExitCode::Usage, error, "such a trace can only be run"))
}

/// Tells each mistake of a file that is no trace.
fn no_trace(asked: &Args, wrong: &[Diagnostic]) -> Failure {
    wrong.iter().for_each(|wrong| tell(&format!("{wrong}\n\n")));
    let what = format!("{}: {}", asked.trace.display(), counted(wrong.len(), "mistake"));
    Failure::new(ExitCode::Usage, what, "host/trace/LANGUAGE.md says what can be written")
}

/// Tells each surprise, up to a limit.
fn surprise() -> Surprise {
    let mut count = 0;
    Box::new(move |what| {
        count += 1;
        if count <= MAX_TOLD {
            tell(&format!("{what}; answered 6F00\n"));
        }
    })
}

/// Keeps the card in vpcd's reader until the process is told to end.
fn serve(mut card: MockCard, vpcd: &str, atr: Atr) -> Result<(), Failure> {
    let plug = VpcdPlug::new(vpcd, atr);
    end_on_signals(plug.stop()).map_err(|why| Failure::new(ExitCode::Failed, why, ""))?;
    plug.run(&mut card, &mut |event| match event {
        Event::Connected(reader) => tell(&format!("card in reader at {reader}\n")),
        Event::Unreachable(error) => {
            tell(&format!("no reader at {vpcd} ({error}); is pcscd running? trying on\n"));
        }
        Event::Lost(_) => tell("the reader went away; waiting for it\n"),
    });
    Ok(())
}

fn end_on_signals(stop: Stop) -> io::Result<()> {
    let mut signals = Signals::new([SIGHUP, SIGINT, SIGTERM])?;
    thread::spawn(move || signals.forever().for_each(|_| stop.stop()));
    Ok(())
}

fn report(asked: &Args, progress: Progress, ended: Option<ExitStatus>) -> Report {
    let Progress { answered, unexpected, left, open_answers } = progress;
    let file = asked.trace.display();
    let open = match open_answers {
        0 => String::new(),
        some => format!(", {some} of them with bytes that the trace leaves open"),
    };
    tell(&format!(
        "{file}: {} answered{open}, {unexpected} not in the trace, {left} never came\n",
        report::counted(answered, "command")
    ));
    let json = json!({
        "answered": answered,
        "open_answers": open_answers,
        "unexpected": unexpected,
        "left": left,
        "program": ended.and_then(|ended| ended.code()),
    });
    let mut failures = Vec::new();
    if unexpected > 0 {
        let many = report::counted(unexpected, "command");
        let what = format!("{many} not in the trace at their place");
        let next = "--any-order takes them in any order; `saifu trace record` records them";
        failures.push(Failure::new(ExitCode::Failed, what, next));
    }
    if let Some(ended) = ended.filter(|ended| !ended.success()) {
        failures.push(Failure::new(
            ExitCode::Failed,
            format!("the program ended with {ended}"),
            "",
        ));
    }
    Report::new("", json).with(failures)
}
