//! What was measured, beside what others were found to do, and whether it is good enough.

use std::fmt;
use std::time::Duration;

/// The most that our card may take for a tiny command, as a multiple of the echo card's time.
const MOST_OURS_TO_ECHO: f64 = 1.3;
/// The least that Debian's vicc must take for one, as a multiple of our card's time.
const LEAST_VICC_TO_OURS: f64 = 300.0;
/// What GET DATA in the process must stay below.
const CALL_BELOW: Duration = Duration::from_nanos(300);

/// The data of commands and answers that are streamed: 32 KB, and the most that vpcd carries.
pub(crate) const STREAM_BYTES: [usize; 2] = [32_768, 65_526];

/// GET DATA in the process, calls a second, as measured once on two shared cores.
const CALLS_OF_OTHERS: [(&str, f64); 3] =
    [("jCardSim", 2_650_000.0), ("opcard", 190_000.0), ("vicc", 16_000.0)];

/// Starts until visible in pcscd and until the first answer in the process, likewise.
const STARTS_OF_OTHERS: [(&str, Duration, Option<Duration>); 3] = [
    ("jCardSim", Duration::from_millis(3_300), Some(Duration::from_millis(320))),
    ("vicc", Duration::from_millis(310), None),
    ("opcard with vpicc", Duration::from_millis(300), None),
];

/// One way to one card, medians.
#[derive(Debug, Clone)]
pub(crate) struct Way {
    /// A tiny command and its answer.
    pub(crate) tiny: Duration,
    /// A command and an answer of each of [`STREAM_BYTES`]; `None` where the card takes none.
    pub(crate) streams: [Option<Duration>; 2],
}

/// What was measured through pcscd.
pub(crate) struct Through {
    pub(crate) ours: Way,
    pub(crate) echo: Way,
    pub(crate) vpicc: Way,
    pub(crate) vicc: Way,
    /// Our card in libccid's reader.
    pub(crate) line: Way,
    /// The tiny command's time, our card's to the echo card's.
    pub(crate) ours_to_echo: f64,
    /// Likewise, vicc's to our card's.
    pub(crate) vicc_to_ours: f64,
}

/// From the start of a card's program.
pub(crate) struct Start {
    /// Until it is connected with vpcd.
    pub(crate) listening: Duration,
    /// Until pcscd tells its clients of the card.
    pub(crate) visible: Duration,
}

/// The starts that were measured.
pub(crate) struct Starts {
    pub(crate) ours: Start,
    /// Of our program until its first answer, without a reader.
    pub(crate) answered: Duration,
    pub(crate) vpicc: Start,
    /// When vicc's card was visible; it does not tell when it listens.
    pub(crate) vicc: Duration,
}

/// All of it.
pub(crate) struct Figures {
    pub(crate) through: Through,
    /// GET DATA of our applet, in the process.
    pub(crate) call: Duration,
    pub(crate) starts: Starts,
}

impl Figures {
    /// Whether each bound is kept.
    pub(crate) fn are_good(&self) -> bool {
        self.through.ours_to_echo <= MOST_OURS_TO_ECHO
            && self.through.vicc_to_ours >= LEAST_VICC_TO_OURS
            && self.call < CALL_BELOW
    }

    fn write_through(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Through { ours, echo, vpicc, vicc, line, ours_to_echo, .. } = &self.through;
        let [small, large] = STREAM_BYTES;
        let columns = [format!("{small} B"), format!("{large} B")];
        let title = "through one pcscd, medians";
        writeln!(
            out,
            "{title:<34}{:>11}{:>9}{:>12}{:>12}",
            "tiny APDU", "to echo", columns[0], columns[1]
        )?;
        let to_echo = |way: &Way| way.tiny.as_secs_f64() / echo.tiny.as_secs_f64();
        for (name, way, to_echo) in [
            ("our card, vpcd", ours, *ours_to_echo),
            ("bare echo card, vpcd", echo, to_echo(echo)),
            ("crate vpicc, echo, vpcd", vpicc, to_echo(vpicc)),
            ("Debian's vicc, vpcd", vicc, to_echo(vicc)),
            ("our card, libccid, CCID over a pty", line, to_echo(line)),
        ] {
            let [small, large] = [0, 1].map(|size| rate(way, size));
            let tiny = short(way.tiny);
            writeln!(out, "{name:<34}{tiny:>11}{:>9}{small:>12}{large:>12}", times(to_echo))?;
        }
        writeln!(
            out,
            "(streams: data that came back, per time for both ways; vicc takes no such commands)\n"
        )
    }

    fn write_calls(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let title = "GET DATA in the process";
        writeln!(out, "{title:<34}{:>11}{:>12}{:>9}", "a call", "a second", "to ours")?;
        let ours = 1.0 / self.call.as_secs_f64();
        for (name, rate) in [("our card", ours)].into_iter().chain(CALLS_OF_OTHERS) {
            let name = marked(name, rate != ours);
            let call = short(Duration::from_secs_f64(1.0 / rate));
            writeln!(out, "{name:<34}{call:>11}{rate:>12.0}{:>9}", times(ours / rate))?;
        }
        writeln!(out)
    }

    fn write_starts(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Starts { ours, answered, vpicc, vicc } = &self.starts;
        let title = "from the program's start until";
        let mut row = |name: &str, told: [String; 3]| {
            let [listening, visible, answers] = told;
            writeln!(out, "{name:<34}{listening:>11}{visible:>12}{answers:>18}")
        };
        row(title, ["listening", "visible", "answer in process"].map(str::to_owned))?;
        let none = || "-".to_owned();
        row("our card", [short(ours.listening), short(ours.visible), short(*answered)])?;
        row("crate vpicc, echo", [short(vpicc.listening), short(vpicc.visible), none()])?;
        row("Debian's vicc", [none(), short(*vicc), none()])?;
        for (name, visible, answers) in STARTS_OF_OTHERS {
            row(&marked(name, true), [none(), short(visible), answers.map_or_else(none, short)])?;
        }
        writeln!(out, "(visible: pcscd looks for cards every 0.4 s)")?;
        writeln!(out, "(* not of this run: measured once on such a machine, two shared cores)\n")
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_through(out)?;
        self.write_calls(out)?;
        self.write_starts(out)?;
        writeln!(
            out,
            "bounds: ours/echo at most x{MOST_OURS_TO_ECHO:.2}, vicc/ours at least \
             x{LEAST_VICC_TO_OURS:.0}, in process below {} ns",
            CALL_BELOW.as_nanos()
        )?;
        let Through { ours_to_echo, vicc_to_ours, .. } = self.through;
        let call = self.call.as_nanos();
        write!(
            out,
            "bench-apdu: ours/echo x{ours_to_echo:.2}, vicc/ours x{vicc_to_ours:.0}, \
             in process {call} ns"
        )
    }
}

fn marked(name: &str, elsewhere: bool) -> String {
    if elsewhere { format!("{name} *") } else { name.to_owned() }
}

/// MB of data a second, each byte there and back.
fn rate(way: &Way, size: usize) -> String {
    way.streams[size].map_or_else(
        || "-".to_owned(),
        |took| format!("{:.1} MB/s", STREAM_BYTES[size] as f64 / took.as_secs_f64() / 1e6),
    )
}

fn times(ratio: f64) -> String {
    if ratio < 100.0 { format!("x{ratio:.2}") } else { format!("x{ratio:.0}") }
}

/// A duration with three digits.
fn short(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    let (value, unit) = match seconds {
        ..1e-6 => (seconds * 1e9, "ns"),
        1e-6..1e-3 => (seconds * 1e6, "us"),
        1e-3..1.0 => (seconds * 1e3, "ms"),
        _ => (seconds, "s"),
    };
    let digits = match value {
        ..9.995 => 2,
        9.995..99.95 => 1,
        _ => 0,
    };
    format!("{value:.digits$} {unit}")
}
