//! What the commands work with: the data folder, and what is in it.

use super::arguments::{Global, PinSource};
use super::report::tell;
use super::text::plain;
use super::ways::{CardWay, CenterWay};
use super::{ExitCode, Failure, card_way, center_way};
use crate::card::{Card, Pin};
use crate::center::Client;
use crate::sale::{Outgoing, Sales, remove_unfinished_files};
use crate::session::{Session, unix_time};
use crate::trust::{CenterIdentity, read_root};
use saifu_wire::CenterId;
use saifu_wire::personalise::PinnedRoot;
use saifu_wire::test_root;
use std::env;
use std::fs::File;
use std::io::{self, IsTerminal, Read};
use std::path::{Path, PathBuf};
use std::process;
use std::time::Duration;
use zeroize::Zeroizing;

/// A PIN, and an issuer's order, are far shorter.
const MAX_SHORT_FILE_BYTES: u64 = 64 * 1_024;

/// The number of the signal of Ctrl-C.
const SIGINT: i32 = 2;

/// The data folder, and how to talk.
pub(super) struct Context {
    /// The data folder.
    pub(super) data: PathBuf,
    /// Whether JSON is printed.
    pub(super) json: bool,
    global: Global,
}

impl Context {
    pub(super) fn new(global: Global) -> Result<Self, Failure> {
        let data = global.data.clone().or_else(default_data).ok_or_else(|| {
            let next = "set HOME, or name a folder with --data";
            Failure::new(ExitCode::Usage, "there is no data folder", next)
        })?;
        Ok(Self { data, json: global.json, global })
    }

    /// The root that this terminal trusts: the one it is given, else the published test root.
    pub(super) fn root(&self) -> Result<PinnedRoot, Failure> {
        let Some(path) = &self.global.root else {
            let none = || Failure::new(ExitCode::Failed, "there is no root", "");
            return test_root::pinned().ok_or_else(none);
        };
        read_root(&read_short(path)?).ok_or_else(|| {
            let what = format!("{} holds no root", path.display());
            let next = "name the file that the issuer wrote with `saifu-center issuer root`";
            Failure::new(ExitCode::Usage, what, next)
        })
    }

    /// This data folder's sales, for this process alone.
    pub(super) fn sales(&self) -> Result<Sales, Failure> {
        Ok(Sales::open(&self.data)?)
    }

    /// Card and center, both verified; the center is told first what cards have signed for it and
    /// an earlier run could not send.
    pub(super) fn session<'a>(
        &self,
        sales: &Sales,
        card: &'a mut Card,
        client: &'a Client,
    ) -> Result<Session<'a>, Failure> {
        let session = Session::open(card, client, &self.root()?)?;
        deliver(&sales.outgoing(), client, session.center.id)?;
        Ok(session)
    }

    /// Tells the center what cards have signed for it, where it can be reached; what it does not
    /// take waits.
    pub(super) fn tell_center(&self, outgoing: &Outgoing) -> Result<(), Failure> {
        // A center that is not there yet has no card that could tell it anything.
        let is_none =
            self.center_way() == CenterWay::Embedded && !self.data.join("center").exists();
        if outgoing.is_empty()? || is_none {
            return Ok(());
        }
        let met = self.client().and_then(|client| {
            let said = client.center()?;
            let center = CenterIdentity::verify(&said, &self.root()?, unix_time())?.id;
            Ok((client, center))
        });
        match met {
            Ok((client, center)) => deliver(outgoing, &client, center),
            Err(failure) => {
                tell(&waits(&failure.what));
                Ok(())
            }
        }
    }

    /// The command that adds a work to the test center.
    pub(super) fn how_to_add(&self) -> String {
        let center = self.data.join("center");
        let what = "work add FILE --title TITLE --creator NAME --price jpy:300 --publish";
        format!("saifu-center --data {} {what}", center.display())
    }

    /// The card.
    pub(super) fn card(&self) -> Result<Card, Failure> {
        let usual = match self.center_way() {
            CenterWay::Url(_) => CardWay::Pcsc(None),
            CenterWay::Embedded => CardWay::Virtual,
        };
        let way = self.global.card.clone().unwrap_or(usual);
        let within = Duration::from_secs(self.global.card_timeout);
        let card = card_way::connect(&way, &self.data, within)?;
        Ok(if self.global.short_apdus { card.short() } else { card })
    }

    /// The center.
    pub(super) fn client(&self) -> Result<Client, Failure> {
        let within = Duration::from_secs(self.global.center_timeout);
        let authority = self.global.center_ca.as_deref();
        center_way::connect(&self.center_way(), &self.data, authority, within)
    }

    fn center_way(&self) -> CenterWay {
        self.global.center.clone().unwrap_or(CenterWay::Embedded)
    }
}

/// Sends what waits for a center, and tells what it did not take.
pub(super) fn deliver(
    outgoing: &Outgoing,
    client: &Client,
    center: CenterId,
) -> Result<(), Failure> {
    let sent = outgoing.send(client, center)?;
    for (_, why) in &sent.refused {
        tell(&format!(
            "the center does not take what the card has signed, and is not sent it again: {}\n",
            plain(why)
        ));
    }
    if let Some(why) = &sent.waits {
        tell(&waits(&why.to_string()));
    }
    Ok(outgoing.set_aside(&sent)?)
}

fn waits(why: &str) -> String {
    let why = plain(why);
    format!(
        "the center is told by the next run, or by `saifu resume`, what the card has signed: {why}\n"
    )
}

/// The PIN from a file, the environment, or the user at the terminal.
pub(super) fn pin(source: &PinSource) -> Result<Pin, Failure> {
    if let Some(pin) = given_pin(source.pin_file.as_deref(), "SAIFU_PIN")? {
        return Ok(pin);
    }
    expect_typist("the PIN is needed", "use --pin-file, or set SAIFU_PIN")?;
    typed_pin("PIN: ")
}

/// The new PIN from a file, the environment, or the user at the terminal, who types it twice.
pub(super) fn new_pin(file: Option<&Path>) -> Result<Pin, Failure> {
    if let Some(pin) = given_pin(file, "SAIFU_NEW_PIN")? {
        return Ok(pin);
    }
    expect_typist("a new PIN is needed", "use --new-pin-file, or set SAIFU_NEW_PIN")?;
    let (first, again) = (typed_pin("New PIN: ")?, typed_pin("New PIN, again: ")?);
    if first == again {
        return Ok(first);
    }
    let next = "nothing was changed; try again";
    Err(Failure::new(ExitCode::Failed, "the new PIN was not typed alike twice", next))
}

fn given_pin(file: Option<&Path>, variable: &str) -> Result<Option<Pin>, Failure> {
    let text = match (file, env::var(variable)) {
        (Some(path), _) => read_short(path)?,
        (None, Ok(text)) => text,
        (None, Err(_)) => return Ok(None),
    };
    Ok(Some(Pin::new(&Zeroizing::new(text))?))
}

/// Reads a file of text that is short, however long it may be.
pub(super) fn read_short(path: &Path) -> Result<String, Failure> {
    let mut text = String::new();
    let read = File::open(path).and_then(|file| {
        file.take(MAX_SHORT_FILE_BYTES).read_to_string(&mut text)?;
        Ok(text)
    });
    read.map_err(|why| Failure::file(path, &why))
}

fn expect_typist(what: &str, next: &str) -> Result<(), Failure> {
    if io::stdin().is_terminal() {
        return Ok(());
    }
    Err(Failure::new(ExitCode::Usage, format!("{what}, and nobody can type it"), next))
}

fn typed_pin(prompt: &str) -> Result<Pin, Failure> {
    match rpassword::prompt_password(prompt).map(Zeroizing::new) {
        Ok(text) => Ok(Pin::new(&text)?),
        // Ctrl-C, which the prompt takes for itself.
        Err(why) if why.kind() == io::ErrorKind::Interrupted => {
            remove_unfinished_files();
            process::exit(128 + SIGINT);
        }
        Err(why) => Err(Failure::file(Path::new("terminal"), &why)),
    }
}

fn default_data() -> Option<PathBuf> {
    let absolute = |name| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let home = || absolute("HOME").map(|home| home.join(".local/share"));
    Some(absolute("XDG_DATA_HOME").or_else(home)?.join("saifu"))
}
