//! `saifu-card proxy`: faults and recording before any card that speaks vpcd's protocol.

use std::io::Write;
use std::process::ExitCode;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use super::Failure;
use super::address::{self, HostPort, Listen};
use super::between::{Before, Between};
use super::ending::end_when_told;
use super::program;
use crate::atr::Atr;
use crate::plug::{Event, Relayed, Stop, VpcdListener, VpcdPlug};
use crate::rig::OUT_WITHIN;

/// How often it is looked whether the process was told to end.
const POLL: Duration = Duration::from_millis(20);

/// What `proxy` is told.
#[derive(Debug, clap::Args)]
#[command(after_help = "Start the card with the proxy's port in place of vpcd's, such as \
    vicc --port 35970, and the proxy with --listen 35970. When the card goes, the proxy takes \
    it out of the reader and waits for the next one.\n\n\
    SIGINT and SIGTERM end it after the command in hand, but wait no longer than five seconds \
    for it; a second one ends it at once.\n\n\
    Exit status: 0 ended by a signal or by --until-eof · 1 the port is taken, or the system \
    refused · 2 wrong usage")]
pub(super) struct Options {
    /// Where cards connect; given several times, each card goes to the --vpcd in the same place
    #[arg(long, value_name = "[HOST:]PORT", required = true)]
    listen: Vec<Listen>,
    /// Where vpcd listens
    #[arg(long, value_name = "HOST:PORT", default_value = address::VPCD)]
    vpcd: Vec<HostPort>,
    /// End when standard input is closed, too
    #[arg(long)]
    until_eof: bool,
    #[command(flatten)]
    between: Between,
}

/// One card's way to one reader.
struct Way {
    card: Before<Relayed>,
    plug: VpcdPlug,
    vpcd: String,
    stop: Stop,
    tell: Sender<String>,
}

/// Serves until the process is told to end.
pub(super) fn serve(options: &Options, out: &mut dyn Write) -> Result<ExitCode, Failure> {
    if options.listen.len() != options.vpcd.len() {
        return Err(Failure::Pairs(options.listen.len(), options.vpcd.len()));
    }
    let stop = Stop::default();
    let (tell, told) = channel();
    let mut ways = Vec::new();
    for (index, (listen, vpcd)) in options.listen.iter().zip(&options.vpcd).enumerate() {
        let listener = listen.bind()?;
        writeln!(out, "cards connect at {}", listener.address()?)?;
        ways.push(way(options, listener, vpcd, (index + 1, &stop, &tell))?);
    }
    drop(tell);
    out.flush()?;
    end_when_told(&stop, options.until_eof)?;
    let ways: Vec<_> = ways.into_iter().map(|way| thread::spawn(|| way.serve())).collect();
    let all_ended = tell_until_ended(&told, &stop, out);
    if !all_ended {
        eprintln!("{}: a card is still busy; its command is not waited for", program());
    }
    let mut ended = ways.into_iter().filter(|way| all_ended || way.is_finished());
    ended.try_for_each(|way| way.join().unwrap_or(Err(Failure::Answer)))?;
    Ok(ExitCode::SUCCESS)
}

/// Tells what happens until all ways have ended; whether they have within a time after they were
/// told to. That nobody reads the lines does not end the cards.
fn tell_until_ended(told: &Receiver<String>, stop: &Stop, out: &mut dyn Write) -> bool {
    let mut stopped_at = None;
    loop {
        match told.recv_timeout(POLL) {
            Ok(line) => drop(writeln!(out, "{line}")),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return true,
        }
        let late = |at: &mut Instant| at.elapsed() >= OUT_WITHIN;
        if stop.is_stopped() && late(stopped_at.get_or_insert_with(Instant::now)) {
            return false;
        }
    }
}

fn way(
    options: &Options,
    listener: VpcdListener,
    vpcd: &HostPort,
    (number, stop, tell): (usize, &Stop, &Sender<String>),
) -> Result<Way, Failure> {
    let faults = options.between.faults()?;
    Ok(Way {
        card: options.between.before(Relayed::new(listener), faults, number)?,
        plug: VpcdPlug::new(vpcd.to_string(), Atr::default()).stopped_by(stop.clone()),
        vpcd: vpcd.to_string(),
        stop: stop.clone(),
        tell: tell.clone(),
    })
}

impl Way {
    fn serve(mut self) -> Result<(), Failure> {
        while self.card.card_mut().card_mut().wait_for_card(&self.stop)? {
            let Self { card, plug, vpcd, tell, .. } = &mut self;
            plug.run(card, &mut |event| say(&event, vpcd, tell));
            if !self.stop.is_stopped() {
                let _ = self.tell.send("the card is gone; waiting for the next one".into());
            }
        }
        Ok(self.card.finish()?)
    }
}

/// One line for each change.
fn say(event: &Event, vpcd: &str, tell: &Sender<String>) {
    let line = match event {
        Event::Connected(reader) => format!("card in reader at {reader}"),
        Event::Unreachable(error) => format!("no reader at {vpcd} ({error}); trying on"),
        Event::Lost(_) => "out of the reader".to_owned(),
    };
    // Nobody listens where the output is closed.
    let _ = tell.send(line);
}
