//! Rounds, in which programs take turns.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use saifu_vsmartcard::harness::{CardThread, Echo, PrivatePcscd};
use saifu_vsmartcard::plug::{InSlot, Reply};

use super::contender::Contender;
use super::script::Script;
use super::table::{Figures, Run};
use super::{Anything, process};

/// pcscd looks for cards each 400 ms.
const SEEN_WITHIN: Duration = Duration::from_secs(10);

/// How much is measured.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    pub(crate) apdus: usize,
    pub(crate) rounds: usize,
}

/// An echo card that counts commands.
struct Counting {
    echo: Echo,
    commands: Arc<AtomicUsize>,
}

impl InSlot for Counting {
    fn power_off(&mut self) {}

    fn power_on(&mut self) {}

    fn reset(&mut self) {}

    fn transmit(&mut self, command: &[u8]) -> Reply {
        self.commands.fetch_add(1, Ordering::Relaxed);
        self.echo.transmit(command)
    }
}

/// A pcscd with the card in it, and the scripts.
struct Desk {
    pcscd: PrivatePcscd,
    commands: Arc<AtomicUsize>,
    /// Of one APDU, and of all.
    scripts: [Script; 2],
    _card: CardThread,
}

impl Desk {
    fn new(size: Size) -> Result<Self, Anything> {
        let pcscd = PrivatePcscd::start()?;
        let commands = Arc::<AtomicUsize>::default();
        let card = Counting { echo: Echo::answering(0), commands: Arc::clone(&commands) };
        let card = CardThread::start(card, pcscd.vpcd_port())?;
        if !pcscd.wait_for_cards(1, SEEN_WITHIN) {
            return Err("pcscd does not see the card".into());
        }
        let script = |apdus| Script::create(pcscd.folder(), apdus);
        let scripts = [script(1)?, script(size.apdus)?];
        Ok(Self { pcscd, commands, scripts, _card: card })
    }

    /// One program's turn. What exits well without having sent all is no contender.
    fn turn(&self, contender: Contender) -> Result<Run, Anything> {
        let mut took = [Duration::ZERO; 2];
        for (script, took) in self.scripts.iter().zip(&mut took) {
            let before = self.commands.load(Ordering::Relaxed);
            *took = process::time(&mut contender.command(&self.pcscd, script)?)?;
            let sent = self.commands.load(Ordering::Relaxed) - before;
            if sent < script.apdus {
                let name = contender.name();
                return Err(format!("{name} sent {sent} of {} APDUs", script.apdus).into());
            }
        }
        let [one, all] = took;
        Ok(Run { one, all })
    }
}

/// Has all programs take turns; tells when a round is done.
pub(crate) fn measure(size: Size, tell: &mut dyn FnMut(&str)) -> Result<Figures, Anything> {
    Contender::ALL.into_iter().try_for_each(Contender::must_be_there)?;
    let desk = Desk::new(size)?;
    let mut rows = Contender::ALL.map(|contender| (contender.name(), Vec::new()));
    for round in 1..=size.rounds {
        for (contender, (_, runs)) in Contender::ALL.into_iter().zip(&mut rows) {
            runs.push(desk.turn(contender)?);
        }
        tell(&format!("round {round} of {} is done", size.rounds));
    }
    Ok(Figures::of(&rows, size.apdus))
}
