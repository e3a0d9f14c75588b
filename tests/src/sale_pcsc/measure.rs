//! What an APDU takes through pcscd: to our card, and to one that does nothing.
//!
//! Both lie in readers of one pcscd and are asked in turn by one process, through the
//! terminal's own transport. The echo card answers as many bytes as ours.

use std::io::{self, BufRead};
use std::path::Path;
use std::time::{Duration, Instant};

use saifu_host::transport::{Pcsc, Transport, send};
use saifu_vsmartcard::harness::{Echo, Spoken};
use saifu_vsmartcard::virtual_card::select;

use crate::shop::Anything;
use crate::stage::Stage;

/// What is asked of both, and what it is called.
const ASKED: [(&str, &[u8]); 2] = [
    ("GET DATA of the status", &[0x00, 0xCA, 0xDF, 0x02, 0x00]),
    ("GET DATA of the certificates", &[0x00, 0xCA, 0x7F, 0x21, 0x00, 0x00, 0x00]),
];

/// How often each is asked.
const TIMES: usize = 2_000;

const WITHIN: Duration = Duration::from_secs(60);

/// The card that does nothing.
pub(super) fn echo() -> Echo {
    Echo::answering(0)
}

/// Has `client` measure, and tells what it measured; how many times as long as the echo card
/// our card takes for a short answer.
pub(super) fn compare(stage: &Stage, echo: &Echo, client: &Path) -> Result<f64, Anything> {
    let pcscd = stage.pcscd();
    let mut command = pcscd.client(client);
    command.arg(super::MEASURE).args([pcscd.reader(0), pcscd.reader(1)]);
    let mut client = Spoken::start(&mut command)?;
    println!("APDU, median of {TIMES}, in turn     our card   echo card   ratio");
    let mut ratios = Vec::new();
    for (name, _) in ASKED {
        echo.answer(client.hear(WITHIN)?.parse()?);
        client.say("")?;
        let line = client.hear(WITHIN)?;
        let (ours, echo) = line.split_once(' ').ok_or("the client measured nothing")?;
        let (ours, echo): (f64, f64) = (ours.parse()?, echo.parse()?);
        println!("{name:<34} {ours:>6.1} us   {echo:>6.1} us   {:.2}", ours / echo);
        ratios.push(ours / echo);
    }
    println!();
    ratios.first().copied().ok_or_else(|| "nothing was measured".into())
}

/// The client's part: measures when it is told to, card and echo card in turn.
///
/// It says how many bytes the card answers, waits for a line, and says both medians in
/// microseconds; so for each of what is asked.
///
/// # Errors
/// A reader or a card is not there.
pub fn answer_for_measure(card: &str, echo: &str) -> Result<(), Anything> {
    let mut card = Pcsc::connect(Some(card.to_owned()), WITHIN)?;
    let mut echo = Pcsc::connect(Some(echo.to_owned()), WITHIN)?;
    send(&mut card, &select())?;
    let mut lines = io::stdin().lock().lines();
    for (_, command) in ASKED {
        println!("{}", send(&mut card, command)?.len() - 2);
        lines.next().ok_or("nobody waits for the measure")??;
        let mut times = [Vec::new(), Vec::new()];
        for _ in 0..TIMES {
            times[0].push(time(&mut card, command)?);
            times[1].push(time(&mut echo, command)?);
        }
        let [card, echo] = times.map(median);
        println!("{card} {echo}");
    }
    Ok(())
}

fn time(transport: &mut dyn Transport, command: &[u8]) -> Result<Duration, Anything> {
    let begun = Instant::now();
    send(transport, command)?;
    Ok(begun.elapsed())
}

/// In microseconds.
fn median(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    times[times.len() / 2].as_secs_f64() * 1e6
}
