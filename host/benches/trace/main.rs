//! How fast `saifu trace run` is, beside what else sends APDUs from a file: `make bench-trace`.
//!
//! One private pcscd, in it an echo card that counts what reaches it, and programs that take
//! turns, each a process of its own that connects, sends every APDU of a file, and ends:
//!
//! - the bound: a bare loop over the crate `pcsc`; it has its lines out of hexadecimal before
//!   the first is sent, and looks at nothing but the status word
//! - `saifu trace run` on the reader, each APDU with `< 9000` behind it
//! - `scriptor`; `opensc-tool`, in one process with an `-s` for each APDU, since it reads no file;
//!   Debian's Python with pyscard, a loop like the bare one
//!
//! All of it runs on one core: of pcscd, card and program only one has something to do at a time,
//! and where each has a core of its own, what is measured is how long it takes to wake one up.
//!
//! No program's own clock counts. Each runs twice in a round, with a file of one APDU and with a
//! file of all, and what is compared is the difference: what APDUs cost, from reading their lines
//! to ending after the last, without what any program takes to start and to find its card. Both
//! are told, and so is the whole run. Of each ratio the median of the rounds' counts: what else
//! the machine does disturbs neighbours alike.
//!
//! It is a benchmark and no test: slowness is told, and the exit code is 1 only where something
//! could not be measured. Without `--bench`, as under `cargo test`, it measures a handful in one
//! round, which shows that all of it works.
//!
//! `saifu` is the release program without its feature `embedded`: the test center in it takes
//! minutes to build, and nothing on the way to a reader is different.

#[cfg(target_os = "linux")]
mod bare;
#[cfg(target_os = "linux")]
mod contender;
#[cfg(target_os = "linux")]
mod process;
#[cfg(target_os = "linux")]
mod rounds;
#[cfg(target_os = "linux")]
mod script;
mod table;

use std::error::Error;
use std::process::ExitCode;

/// Whatever goes wrong, for people to read.
type Anything = Box<dyn Error>;

/// What the program is told once it is on one core.
#[cfg(target_os = "linux")]
const PINNED: &str = "on-one-core";

/// What is measured, and what is tried where nothing is.
#[cfg(target_os = "linux")]
const MEASURED: rounds::Size = rounds::Size { apdus: 10_000, rounds: 5 };
#[cfg(target_os = "linux")]
const TRIED: rounds::Size = rounds::Size { apdus: 20, rounds: 1 };

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let words: Vec<_> = arguments.iter().map(String::as_str).collect();
    match done(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench-trace: {error}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(target_os = "linux")]
fn done(words: &[&str]) -> Result<(), Anything> {
    match words {
        [contender::BARE, file, reader] => bare::run(file.as_ref(), reader),
        _ if words.contains(&"--bench") => on_one_core(),
        [PINNED] => {
            println!("{}", rounds::measure(MEASURED, &mut |told| println!("{told}"))?);
            Ok(())
        }
        _ => {
            let figures = rounds::measure(TRIED, &mut |_| ())?;
            println!(
                "tried with {} APDUs: {} programs sent them all",
                TRIED.apdus,
                figures.count()
            );
            Ok(())
        }
    }
}

/// Begins anew on the first core that there is, with all that is started from here.
#[cfg(target_os = "linux")]
fn on_one_core() -> Result<(), Anything> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let cores = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:"));
    let first = |cores: &'_ str| cores.trim().split([',', '-']).next().map(str::to_owned);
    let core = cores.and_then(first).ok_or("the system does not tell which cores there are")?;
    let mut taskset = std::process::Command::new("taskset");
    taskset.args(["--cpu-list", &core]).arg(std::env::current_exe()?).arg(PINNED);
    let ended = taskset.status().map_err(|error| {
        format!("taskset does not start: {error}; it comes with util-linux (scripts/setup test)")
    })?;
    if ended.success() { Ok(()) } else { Err("nothing was measured".into()) }
}

/// A pcscd of one's own needs mount namespaces.
#[cfg(not(target_os = "linux"))]
fn done(_: &[&str]) -> Result<(), Anything> {
    let none = table::Figures::of(&[], 0);
    println!("nothing is measured but on Linux; of {} programs, none ran", none.count());
    Ok(())
}
