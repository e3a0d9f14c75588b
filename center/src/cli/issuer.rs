//! `saifu-center issuer`: certifies cards and centers on request, revokes cards.

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use saifu_wire::certificate::Name;
use saifu_wire::signed::{TerminateOrder, UnblockOrder};
use saifu_wire::{CardId, Nonce, Wire as _};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::output::{Output, table};
use crate::clock::{Clock as _, SystemClock, rfc3339};
use crate::issuer::{Authority, class_name, class_of};
use crate::keys::Unlock;
use crate::refusal::{Refusal, Result};

/// The variables that open an issuer's keys begin so.
const UNLOCK: &str = "SAIFU_ISSUER";

/// The longest request or answer, in bytes.
const MAX_FILE_BYTES: u64 = 1 << 20;

#[derive(Args)]
pub(super) struct IssuerArgs {
    /// The issuer's folder
    #[arg(long, value_name = "DIR", env = "SAIFU_ISSUER")]
    issuer: PathBuf,
    #[command(subcommand)]
    command: IssuerCommand,
}

#[derive(Subcommand)]
enum IssuerCommand {
    /// Make an issuer: a root and an administration key
    Init {
        /// The root's name: two capitals, 1 to 9 capitals or digits, five digits
        #[arg(long, default_value = "ZZSAIFUROOT00001")]
        name: String,
    },
    /// Say who the issuer is and what it has done
    Status,
    /// Print its root in hex, as `init --production --issuer-root` takes it
    Root(Out),
    /// Certify the keys that a center asks for
    CertifyCenter {
        /// The file of `saifu-center keys request`
        request: PathBuf,
        #[command(flatten)]
        out: Out,
    },
    /// Certify a card that has proven its keys
    CertifyCard {
        /// The file of `saifu-card new --request`
        request: PathBuf,
        /// The class that the card is of: software or hardware
        #[arg(long, default_value = "software")]
        class: String,
        #[command(flatten)]
        out: Out,
    },
    /// Revoke a card
    Revoke {
        /// Its id
        card: String,
        /// Why, in words
        #[arg(long)]
        why: String,
    },
    /// Print the signed list of revoked cards in hex
    Revocations(Out),
    /// List everything that it certified and revoked
    List,
    /// Print an order that lets a card set a new PIN (§12.1)
    Unblock {
        /// The card's id
        card: String,
    },
    /// Print an order that ends a card (§12.2)
    Terminate {
        /// The card's id
        card: String,
        /// The card's challenge, 64 hex digits
        nonce: String,
        /// Every closing is there and verified: erase the card's master key
        #[arg(long)]
        erase: bool,
    },
    /// Seal the keys under SAIFU_ISSUER_NEW_PASSPHRASE, _NEW_PASSPHRASE_FILE or _NEW_KEY
    Passwd,
}

#[derive(Args)]
pub(super) struct Out {
    /// Write it to this file, which must not be there
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Out {
    /// Writes `text` to the file, or prints it.
    pub(super) fn put(&self, text: &str) -> Result<()> {
        let failed = |error: std::io::Error| {
            Refusal::unavailable(format!(
                "the answer cannot be written ({error}): name another file"
            ))
        };
        let Some(path) = &self.out else {
            return std::io::Write::write_all(&mut std::io::stdout(), text.as_bytes())
                .map_err(failed);
        };
        let mut file = fs::File::create_new(path).map_err(failed)?;
        std::io::Write::write_all(&mut file, text.as_bytes()).map_err(failed)?;
        file.sync_all().map_err(failed)
    }

    /// As [`Out::put`], of JSON.
    pub(super) fn put_json(&self, value: &impl Serialize) -> Result<()> {
        let text = serde_json::to_string_pretty(value);
        let text = text.map_err(|error| Refusal::internal(format!("no JSON: {error}")))?;
        self.put(&format!("{text}\n"))
    }
}

#[derive(Serialize)]
struct Status {
    name: String,
    root: String,
    administration: String,
    entries: u64,
    certificates: usize,
    revoked: usize,
}

#[derive(Serialize)]
struct Certified {
    holder: String,
    role: u8,
    sequence: u32,
    class: &'static str,
    retires_below: u32,
}

#[derive(Serialize)]
struct RevokedCard {
    card: String,
    time: String,
    why: String,
}

#[derive(Serialize)]
struct List {
    certificates: Vec<Certified>,
    revoked: Vec<RevokedCard>,
}

/// Carries out a command of an issuer.
pub(super) fn run(asked: &IssuerArgs, output: &Output) -> Result<()> {
    let (folder, unlock, now) = (&asked.issuer, Unlock::from_env(UNLOCK)?, SystemClock.now());
    if let IssuerCommand::Init { name } = &asked.command {
        return status(&Authority::make(folder, root_name(name)?, &unlock, now)?, output);
    }
    if let IssuerCommand::Passwd = &asked.command {
        let new = Unlock::from_env("SAIFU_ISSUER_NEW")?;
        Authority::reseal(folder, &unlock, &new)?;
        return status(&Authority::open(folder, &new)?, output);
    }
    let mut issuer = Authority::open(folder, &unlock)?;
    match &asked.command {
        IssuerCommand::Root(out) => {
            out.put(&format!("{}\n", hex::encode(issuer.root().to_bytes())))
        }
        IssuerCommand::CertifyCenter { request, out } => {
            out.put_json(&issuer.certify_center(&read_json(request)?, now)?)
        }
        IssuerCommand::CertifyCard { request, class, out } => {
            let class = class_of(class)
                .ok_or_else(|| Refusal::malformed("a class is test, software or hardware"))?;
            out.put_json(&issuer.certify_card(&read_json(request)?, class, now)?)
        }
        IssuerCommand::Revoke { card, why } => {
            issuer.revoke(card_id(card)?, why, now)?;
            status(&issuer, output)
        }
        IssuerCommand::Revocations(out) => {
            out.put(&format!("{}\n", hex::encode(issuer.revocations(now)?.to_bytes())))
        }
        IssuerCommand::List => list(&issuer, output),
        IssuerCommand::Unblock { card } => {
            let (card, sequence) = (card_id(card)?, now.saturating_mul(1000));
            order(&issuer.order(|signer| UnblockOrder { signer, card, sequence })?)
        }
        IssuerCommand::Terminate { card, nonce, erase } => {
            let (card, nonce, erase) = (card_id(card)?, challenge(nonce)?, *erase);
            order(&issuer.order(|signer| TerminateOrder { signer, card, nonce, erase })?)
        }
        IssuerCommand::Init { .. } | IssuerCommand::Passwd | IssuerCommand::Status => {
            status(&issuer, output)
        }
    }
}

fn order(text: &str) -> Result<()> {
    Out { out: None }.put(text)
}

fn status(issuer: &Authority, output: &Output) -> Result<()> {
    let root = issuer.root();
    let status = Status {
        name: root.name.to_string(),
        root: hex::encode(root.to_bytes()),
        administration: hex::encode(issuer.administration().body().holder_id),
        entries: issuer.register().entries(),
        certificates: issuer.register().certificates().len(),
        revoked: issuer.register().revoked().count(),
    };
    output.say(&status, |status| {
        format!(
            "issuer {}\nroot            {}\nadministration  {}\nregister        {} entries: {} \
             certificates, {} revoked cards\n",
            status.name,
            status.root,
            status.administration,
            status.entries,
            status.certificates,
            status.revoked
        )
    })
}

fn list(issuer: &Authority, output: &Output) -> Result<()> {
    let certified = issuer.register().certificates().iter().map(|certificate| {
        let body = certificate.body();
        Certified {
            holder: hex::encode(body.holder_id),
            role: body.role as u8,
            sequence: body.sequence,
            class: class_name(body.assurance),
            retires_below: body.retires_below,
        }
    });
    let revoked = issuer.register().revoked().map(|(card, time, why)| RevokedCard {
        card: card.to_string(),
        time: rfc3339(time),
        why: why.to_owned(),
    });
    let list = List { certificates: certified.collect(), revoked: revoked.collect() };
    output.say(&list, |list| {
        let row = |c: &Certified| {
            let role = format!("{:02x}", c.role);
            [c.holder.clone(), role, c.sequence.to_string(), c.class.to_owned()]
        };
        let rows: Vec<_> = list.certificates.iter().map(row).collect();
        let head = ["holder", "role", "sequence", "class"];
        let certified = table(head, [false, false, true, false], &rows);
        let row = |r: &RevokedCard| [r.card.clone(), r.time.clone(), r.why.clone()];
        let rows: Vec<_> = list.revoked.iter().map(row).collect();
        certified + &table(["revoked", "time", "why"], [false; 3], &rows)
    })
}

/// Reads a file of JSON, no larger than requests and answers are.
pub(super) fn read_json<T: DeserializeOwned>(path: &Path) -> Result<T> {
    let text = read(path)?;
    serde_json::from_slice(&text).map_err(|error| {
        Refusal::malformed(format!("{}: {error}; take the file as it was made", path.display()))
    })
}

/// Reads a file no larger than requests and answers are.
pub(super) fn read(path: &Path) -> Result<Vec<u8>> {
    let shown = path.display();
    let failed = |error| Refusal::not_found(format!("{shown} cannot be read ({error})"));
    let length = fs::metadata(path).map_err(failed)?.len();
    if length > MAX_FILE_BYTES {
        return Err(Refusal::malformed(format!("{shown} is too long to be a request or answer")));
    }
    fs::read(path).map_err(failed)
}

fn root_name(text: &str) -> Result<Name> {
    Name::new(text.as_bytes()).map_err(|_| {
        Refusal::malformed(
            "a root's name is two capitals, 1 to 9 capitals or digits, and five digits, such as \
             ZZMYROOT00001",
        )
    })
}

fn card_id(text: &str) -> Result<CardId> {
    CardId::from_hex(text).ok_or_else(|| Refusal::malformed("a card's id is 32 hex digits"))
}

fn challenge(text: &str) -> Result<Nonce> {
    let bytes = hex::decode(text).ok().and_then(|bytes| bytes.try_into().ok());
    bytes.map(Nonce).ok_or_else(|| Refusal::malformed("a card's challenge is 64 hex digits"))
}
