//! `saifu-card run`: puts cards into vpcd's readers, or into readers of their own, and keeps them
//! there.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use super::Failure;
use super::address::{HostPort, Listen};
use super::between::{Before, Between};
use super::ending::end_when_told;
use super::keep::DIED;
use super::program;
use super::tell::tell;
use crate::atr::Atr;
use crate::faults::Faults;
use crate::plug::{InSlot, Reply, Stop, VPCD_PORT};
use crate::rig::{MAX_READERS, NoCard, Place, Rig, Tell, Told};
use crate::virtual_card::{NewCard, VirtualCard};

/// How often it is looked whether the process was told to end.
const POLL: Duration = Duration::from_millis(20);

/// What `run` is told beside the cards.
#[derive(Debug, clap::Args)]
#[command(after_help = "Cards go into the readers in the order of both; further readers stay \
    empty until --control puts cards in. Without --vpcd, --listen and --ccid-pty the readers are at \
    localhost:35963 and the ports after it, one for each card; vpcd has two.\n\n\
    SIGINT and SIGTERM end it after the command in hand, a second one at once; what a card has \
    committed is on the disk whatever ends it.\n\n\
    Exit status: 0 ended by a signal or by --until-eof · 1 there is no card in a folder, it is \
    in use, or the system refused · 2 wrong usage · 3 a card died of a --fault")]
pub(super) struct Options {
    /// Where vpcd listens; given several times, each is a reader
    #[arg(long, value_name = "HOST:PORT")]
    vpcd: Vec<HostPort>,
    /// Let a reader connect here, speaking vpcd's protocol: one of your own, or vpcd in its
    /// reversed mode; given several times, each is a reader
    #[arg(long, value_name = "[HOST:]PORT")]
    listen: Vec<Listen>,
    /// Be a reader for libccid, too, and make this path a link to its serial line (Linux); given
    /// several times, each is a reader
    #[arg(long, value_name = "PATH")]
    ccid_pty: Vec<PathBuf>,
    /// Let `saifu-card insert`, `remove`, `swap`, `reset` and `status` reach the readers by this
    /// socket (Unix)
    #[arg(long, value_name = "SOCKET")]
    control: Option<PathBuf>,
    /// Make a card of class test in each folder first where there is none
    #[arg(long)]
    new: bool,
    /// Answer a reset with this; default: that of a Saifu card
    #[arg(long, value_name = "HEX")]
    atr: Option<Atr>,
    /// End when standard input is closed, too
    #[arg(long)]
    until_eof: bool,
    #[command(flatten)]
    between: Between,
}

/// Serves the cards in these folders until the process is told to end.
pub(super) fn serve(
    cards: &[PathBuf],
    options: Options,
    out: &mut dyn Write,
) -> Result<ExitCode, Failure> {
    let places = places(cards.len(), &options);
    if cards.len() > places.len() {
        return Err(Failure::Places(cards.len(), places.len()));
    }
    if places.len() > MAX_READERS {
        return Err(Failure::TooManyReaders(places.len()));
    }
    if options.new {
        make_missing(cards)?;
    }
    let (tell, told) = channel();
    let tell = Arc::new(move |reader, what| drop(tell.send((reader, what))));
    let (rig, unrecorded) = rig_of(places.clone(), options.atr, &options.between, tell)?;
    for (reader, card) in cards.iter().enumerate() {
        rig.insert(reader, card)?;
        if let Place::CcidPty(path) = &places[reader] {
            writeln!(out, "card in reader at {}", path.display())?;
        }
    }
    #[cfg(unix)]
    let _control = listen(&rig, options.control.as_deref())?;
    let stop = Stop::default();
    end_when_told(&stop, options.until_eof)?;
    let is_controlled = options.control.is_some();
    let died = tell_until(&stop, &told, (&places, is_controlled), out);
    if !rig.end() {
        eprintln!("{}: a card is still busy; its command is not waited for", program());
    }
    Ok(match (died, unrecorded.load(Ordering::Acquire)) {
        (true, _) => ExitCode::from(DIED),
        (false, true) => ExitCode::FAILURE,
        (false, false) => ExitCode::SUCCESS,
    })
}

/// Readers at these places, with what was told to stand between each and its card; and whether a
/// recording broke off, which is known when the card is out.
pub(super) fn rig_of(
    places: Vec<Place>,
    atr: Option<Atr>,
    between: &Between,
    tell: Arc<Tell>,
) -> Result<(Arc<Rig>, Arc<AtomicBool>), Failure> {
    let (readers, opens) = (places.len(), between.clone());
    let unrecorded = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&unrecorded);
    let open =
        move |reader: (usize, &Faults), folder: &Path| take_up((&opens, &told), reader, folder);
    let rig = Rig::new(places, &atr.unwrap_or_default(), Box::new(open), tell)?;
    (0..readers).try_for_each(|reader| between.add_to(&rig.faults(reader)?))?;
    Ok((Arc::new(rig), unrecorded))
}

/// Where the readers are: as told, else vpcd's usual places.
fn places(cards: usize, options: &Options) -> Vec<Place> {
    let vpcd = options.vpcd.iter().map(|address| Place::Vpcd(address.to_string()));
    let listens = options.listen.iter().map(|address| Place::Listen(address.to_string()));
    let lines = options.ccid_pty.iter().map(|path| Place::CcidPty(path.clone()));
    let told: Vec<_> = vpcd.chain(listens).chain(lines).collect();
    if !told.is_empty() {
        return told;
    }
    let ports = (VPCD_PORT..=u16::MAX).take(cards.max(1));
    ports.map(|port| Place::Vpcd(format!("localhost:{port}"))).collect()
}

fn make_missing(cards: &[PathBuf]) -> Result<(), Failure> {
    for folder in cards.iter().filter(|folder| !folder.exists()) {
        drop(VirtualCard::create(folder, &NewCard::default())?);
    }
    Ok(())
}

/// Takes a card up with what stands before it in its reader.
fn take_up(
    (between, unrecorded): (&Between, &Arc<AtomicBool>),
    (reader, faults): (usize, &Faults),
    folder: &Path,
) -> Result<Box<dyn InSlot + Send>, NoCard> {
    let card = VirtualCard::open_faulty(folder, faults)?;
    let card = between.before(card, faults.clone(), reader + 1)?;
    Ok(Box::new(Finished { card: Some(card), unrecorded: Arc::clone(unrecorded) }))
}

/// A card whose recording ends with its visit.
struct Finished {
    card: Option<Before<VirtualCard>>,
    unrecorded: Arc<AtomicBool>,
}

impl Finished {
    fn with<T>(&mut self, call: impl FnOnce(&mut Before<VirtualCard>) -> T, none: T) -> T {
        self.card.as_mut().map_or(none, call)
    }
}

impl InSlot for Finished {
    fn power_off(&mut self) {
        self.with(InSlot::power_off, ());
    }

    fn power_on(&mut self) {
        self.with(InSlot::power_on, ());
    }

    fn reset(&mut self) {
        self.with(InSlot::reset, ());
    }

    fn transmit(&mut self, command: &[u8]) -> Reply {
        self.with(|card| card.transmit(command), Reply::Gone)
    }

    fn atr(&mut self, usual: &Atr) -> Reply {
        self.with(|card| card.atr(usual), Reply::Gone)
    }
}

impl Drop for Finished {
    fn drop(&mut self) {
        if let Some(Err(error)) = self.card.take().map(Before::finish) {
            self.unrecorded.store(true, Ordering::Release);
            eprintln!("{}: {error}", program());
        }
    }
}

#[cfg(unix)]
fn listen(
    rig: &Arc<Rig>,
    socket: Option<&Path>,
) -> Result<Option<crate::rig::control::Control>, Failure> {
    use crate::rig::control::Control;
    let Some(socket) = socket else { return Ok(None) };
    let listening = Control::listen(Arc::clone(rig), socket);
    let path = || socket.to_owned();
    listening.map(Some).map_err(|error| Failure::Socket { path: path(), error })
}

/// Tells what happens until the process is told to end; whether a card died that nobody can put
/// in again.
fn tell_until(
    stop: &Stop,
    told: &Receiver<(usize, Told)>,
    (places, is_controlled): (&[Place], bool),
    out: &mut dyn Write,
) -> bool {
    while !stop.is_stopped() {
        match told.recv_timeout(POLL) {
            Ok((_, Told::Died)) if !is_controlled => {
                eprintln!("{}: a fault that was asked for ended the card", program());
                return true;
            }
            Ok((reader, what)) => tell(&places[reader], (reader, places.len()), &what, out),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return false,
        }
    }
    false
}
