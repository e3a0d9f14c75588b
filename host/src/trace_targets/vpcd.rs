//! Virtual cards behind vpcd.

use super::clock::Clock;
use super::link::Link;
use super::{Cards, check_length, plant};
use pcsc::Disposition;
use saifu_trace::run::{EMULATED, FAULTS, PCSC, POWER, SLOT, TIME};
use saifu_trace::target::{FreshCard, Outcome, Target, TargetError};
use saifu_vsmartcard::VirtualCard;
use saifu_vsmartcard::faults::{Faults, Faulty};
use saifu_vsmartcard::harness::CardThread;
use saifu_vsmartcard::plug::{InSlot, Reply};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;
use std::time::{Duration, Instant};

/// How long a card may take to be seen in its reader, or to be missed.
const SEEN_WITHIN: Duration = Duration::from_secs(8);
/// How long a command may take before its card is taken out: nothing in PC/SC has a deadline.
const DEADLINE: Duration = Duration::from_secs(10);
/// How often that is looked at.
const LOOK: Duration = Duration::from_millis(100);

/// Virtual cards in the reader of a vpcd, through the pcscd that the environment names.
pub struct AtVpcd {
    cards: Cards,
    faults: Faults,
    slot: Slot,
    port: u16,
    thread: Arc<Mutex<Option<CardThread>>>,
    link: Link,
    /// Whether a card is in the reader, and has power.
    is_in: bool,
    has_power: bool,
    clock: Arc<Clock>,
}

/// The card as its plug meets it: whichever is in the slot now.
#[derive(Clone, Default)]
struct Slot {
    card: Arc<Mutex<Option<Faulty<VirtualCard>>>>,
    is_gone: Arc<AtomicBool>,
    /// Whether the reader has given power to what is in the slot.
    is_met: Arc<AtomicBool>,
}

impl AtVpcd {
    /// Puts cards into the reader `reader` of the vpcd that listens at `port` of this machine.
    #[must_use]
    pub fn new(port: u16, reader: &str) -> Self {
        let target = Self {
            cards: Cards::default(),
            faults: Faults::default(),
            slot: Slot::default(),
            port,
            thread: Arc::default(),
            link: Link::new(Some(reader.to_owned())),
            is_in: false,
            has_power: false,
            clock: Arc::new(Clock::new()),
        };
        target.watch();
        target
    }

    /// Takes the card out whose command takes too long, for as long as this target lives.
    fn watch(&self) {
        let clock = Arc::downgrade(&self.clock);
        let (thread, faults) = (self.thread.clone(), self.faults.clone());
        thread::spawn(move || {
            while let Some(is_late) = Weak::upgrade(&clock).map(|clock| clock.is_over(DEADLINE)) {
                if is_late {
                    // A delay ends, and then the connection.
                    faults.clear();
                    lock(&thread).as_ref().inspect(|thread| thread.end());
                }
                thread::sleep(LOOK);
            }
        });
    }

    /// Puts the card into the reader and connects to it.
    fn put_in(&mut self) -> Result<(), TargetError> {
        self.slot.is_gone.store(false, Ordering::Release);
        self.slot.is_met.store(false, Ordering::Release);
        let thread = CardThread::start(self.slot.clone(), self.port)
            .map_err(|error| TargetError::Broken(error.to_string()))?;
        *lock(&self.thread) = Some(thread);
        (self.is_in, self.has_power) = (true, true);
        if !self.link.wait_until(true, SEEN_WITHIN)? {
            return Err(unseen("did not see the card come"));
        }
        self.link.connect(SEEN_WITHIN)?;
        if self.slot.is_met.load(Ordering::Acquire) {
            return Ok(());
        }
        // Nothing has been sent to it yet: whoever's it is, it may not be destroyed.
        self.link.let_go();
        let name = self.link.name();
        Err(TargetError::Broken(format!(
            "the card in {name} is another than the one behind vpcd: name vpcd's own reader, or \
             use --on reader:NAME"
        )))
    }

    /// Takes the card out and waits until that was seen: one that comes back sooner can be lost.
    fn take_out(&mut self) -> Result<(), TargetError> {
        (self.is_in, self.has_power) = (false, false);
        drop(lock(&self.thread).take());
        let is_missed = self.link.wait_until(false, SEEN_WITHIN)?;
        // Not before: pcscd would take the power of whatever card comes next.
        self.link.let_go();
        if is_missed { Ok(()) } else { Err(unseen("did not see the card go")) }
    }

    /// After a lost answer: the card comes back with fresh power, unless it is gone for good.
    fn recover(&mut self) -> Result<(), TargetError> {
        let is_gone = self.slot.is_gone.load(Ordering::Acquire);
        self.take_out()?;
        if is_gone { Ok(()) } else { self.put_in() }
    }

    fn lost(what: &str) -> (Outcome, Duration) {
        (Outcome::Lost(what.into()), Duration::ZERO)
    }
}

impl Target for AtVpcd {
    fn name(&self) -> String {
        "pcscd (vpcd)".into()
    }

    fn is_real(&self) -> bool {
        false
    }

    fn capabilities(&self) -> Vec<&'static str> {
        vec![EMULATED, PCSC, FAULTS, POWER, SLOT, TIME]
    }

    fn prepare(&mut self, wish: &FreshCard) -> Result<(), TargetError> {
        let machine = self.cards.fresh(wish)?;
        self.faults.clear();
        self.faults.restore_power();
        let card = VirtualCard::on_faulty(machine, &self.faults);
        *lock(&self.slot.card) = Some(Faulty::new(card, self.faults.clone()));
        if !self.is_in {
            return self.put_in();
        }
        self.has_power = true;
        let is_warm = self.link.is_connected();
        if is_warm && self.link.restart(Disposition::UnpowerCard).is_ok() {
            return Ok(());
        }
        self.take_out()?;
        self.put_in()
    }

    fn transmit(&mut self, command: &[u8]) -> Result<(Outcome, Duration), TargetError> {
        check_length(command)?;
        if !self.is_in {
            return Ok(Self::lost("there is no card in the reader"));
        }
        if !self.has_power {
            return Ok(Self::lost("the card has no power"));
        }
        let begun = Instant::now();
        self.clock.begin();
        let outcome = self.link.transmit(command);
        self.clock.end();
        let took = begun.elapsed();
        let outcome = outcome?;
        if matches!(outcome, Outcome::Lost(_)) {
            self.recover()?;
        }
        Ok((outcome, took))
    }

    fn atr(&mut self) -> Result<Vec<u8>, TargetError> {
        self.link.atr()
    }

    fn reset(&mut self) -> Result<(), TargetError> {
        if self.is_in && self.has_power {
            return self.link.restart(Disposition::ResetCard);
        }
        if self.is_in { self.power_on() } else { Ok(()) }
    }

    fn power_off(&mut self) -> Result<(), TargetError> {
        self.has_power = false;
        self.link.power_off()
    }

    fn power_on(&mut self) -> Result<(), TargetError> {
        if !self.is_in {
            return Ok(());
        }
        self.has_power = true;
        if self.link.is_connected() {
            return self.link.restart(Disposition::UnpowerCard);
        }
        self.link.connect(SEEN_WITHIN)
    }

    fn remove(&mut self) -> Result<(), TargetError> {
        if self.is_in { self.take_out() } else { Ok(()) }
    }

    fn insert(&mut self) -> Result<(), TargetError> {
        if self.is_in { Ok(()) } else { self.put_in() }
    }

    fn fault(&mut self, fault: Option<&str>) -> Result<(), TargetError> {
        plant(&self.faults, fault)
    }
}

impl Slot {
    fn with<T>(&self, act: impl FnOnce(&mut Faulty<VirtualCard>) -> T) -> Option<T> {
        lock(&self.card).as_mut().map(act)
    }
}

impl InSlot for Slot {
    fn power_off(&mut self) {
        self.with(InSlot::power_off);
    }

    fn power_on(&mut self) {
        self.is_met.store(true, Ordering::Release);
        self.with(InSlot::power_on);
    }

    fn reset(&mut self) {
        self.with(InSlot::reset);
    }

    /// What would hold up pcscd for ever, or end it, is a card that leaves the reader: silence, an
    /// answer of length 0, half a header.
    fn transmit(&mut self, command: &[u8]) -> Reply {
        let reply = self.with(|card| card.transmit(command)).unwrap_or(Reply::Silence);
        match reply {
            Reply::Silence | Reply::Cut { sent_bytes: 1, .. } => Reply::Pulled(Duration::ZERO),
            Reply::Exactly(answer) if answer.is_empty() => Reply::Pulled(Duration::ZERO),
            Reply::Gone => {
                self.is_gone.store(true, Ordering::Release);
                Reply::Gone
            }
            reply => reply,
        }
    }
}

fn unseen(what: &str) -> TargetError {
    let seconds = SEEN_WITHIN.as_secs();
    TargetError::Broken(format!("pcscd {what} within {seconds} s; is its vpcd at this port?"))
}

/// What a thread that panicked has left is what a power cut would have left.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
