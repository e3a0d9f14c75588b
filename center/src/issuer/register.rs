//! Everything that an issuer certified and revoked: a file that only grows, one line of JSON
//! for each, which names the SHA-256 of the line before it.
//!
//! A line is on the disk before anybody gets what it says. One that was torn by a power cut was
//! never answered, and is taken away.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use saifu_center_api::HexBytes;
use saifu_wire::CardId;
use saifu_wire::certificate::Certificate;
use serde::{Deserialize, Serialize};

use crate::crypto::sha256;
use crate::keys::Subject;
use crate::refusal::{Refusal, Result};

/// One line.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    /// Its number, from 1.
    entry: u64,
    /// Unix time.
    time: u64,
    /// Hex of the SHA-256 of the line before, without its end; empty in the first.
    previous: String,
    fact: Fact,
}

/// What happened.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Fact {
    /// A certificate, tag 7F21 included.
    Certified(HexBytes),
    /// A card's id in hex, and why.
    Revoked(String, String),
}

/// The register, opened by the one who writes it.
#[derive(Debug)]
pub struct Register {
    path: PathBuf,
    file: File,
    certificates: Vec<Certificate>,
    revoked: Vec<(CardId, u64, String)>,
    entries: u64,
    last: String,
}

impl Register {
    /// Opens the register in `path`, made empty where there is none, and checks it whole.
    ///
    /// # Errors
    /// It cannot be read or written, or a line is damaged or missing.
    pub(super) fn open(path: &Path) -> Result<Self> {
        let options =
            || OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(path);
        let mut file = options().map_err(|error| failing(path, &error))?;
        let mut text = String::new();
        file.read_to_string(&mut text).map_err(|error| failing(path, &error))?;
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        if whole < text.len() {
            file.set_len(whole as u64).map_err(|error| failing(path, &error))?;
        }
        let mut register = Self {
            path: path.to_path_buf(),
            file,
            certificates: Vec::new(),
            revoked: Vec::new(),
            entries: 0,
            last: String::new(),
        };
        for line in text[..whole].lines() {
            register.take(line)?;
        }
        Ok(register)
    }

    /// Adds a line; it is on the disk when this returns.
    pub(super) fn add(&mut self, fact: Fact, now: u64) -> Result<()> {
        let entry = self.entries.saturating_add(1);
        let line = Line { entry, time: now, previous: self.last.clone(), fact };
        let line = serde_json::to_string(&line)
            .map_err(|error| Refusal::internal(format!("no JSON comes of this: {error}")))?;
        let written = self.file.write_all(format!("{line}\n").as_bytes());
        let written = written.and_then(|()| self.file.sync_all());
        written.map_err(|error| failing(&self.path, &error))?;
        self.take(&line)
    }

    /// The certificate of a holder's role and sequence.
    pub fn certificate(&self, subject: &Subject) -> Option<&Certificate> {
        let asked = (subject.holder_id, subject.role, subject.sequence);
        self.certificates.iter().find(|certificate| {
            let body = certificate.body();
            (body.holder_id, body.role, body.sequence) == asked
        })
    }

    /// All certificates, oldest first.
    pub fn certificates(&self) -> &[Certificate] {
        &self.certificates
    }

    /// All revoked cards, with the time (Unix) and why, oldest first.
    pub fn revoked(&self) -> impl Iterator<Item = (CardId, u64, &str)> {
        self.revoked.iter().map(|(card, time, why)| (*card, *time, why.as_str()))
    }

    /// How many lines it has.
    pub fn entries(&self) -> u64 {
        self.entries
    }

    fn take(&mut self, text: &str) -> Result<()> {
        let entry = self.entries.saturating_add(1);
        let damaged = || {
            let path = self.path.display();
            Refusal::unavailable(format!(
                "line {entry} of {path} is damaged or missing: put the file back from a backup"
            ))
        };
        let line: Line = serde_json::from_str(text).map_err(|_| damaged())?;
        if line.entry != entry || line.previous != self.last {
            return Err(damaged());
        }
        match line.fact {
            Fact::Certified(bytes) => {
                self.certificates.push(Certificate::parse(&bytes.0).map_err(|_| damaged())?);
            }
            Fact::Revoked(card, why) => {
                let card = CardId::from_hex(&card).ok_or_else(damaged)?;
                self.revoked.push((card, line.time, why));
            }
        }
        (self.entries, self.last) = (entry, hex::encode(sha256(&[text.as_bytes()])));
        Ok(())
    }
}

fn failing(path: &Path, error: &std::io::Error) -> Refusal {
    let path = path.display();
    Refusal::unavailable(format!(
        "the register {path} cannot be read or written ({error}): check disk and permissions"
    ))
}
