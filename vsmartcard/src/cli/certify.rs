//! `saifu-card new --request` and `saifu-card certify`: a card whose issuer is elsewhere (§14.9).

use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use saifu_wire::certificate::{Assurance, Certificate};
use saifu_wire::personalise::{Personalisation, PinnedRoot};
use saifu_wire::{CardId, Wire as _};
use serde::{Deserialize, Serialize};

use super::Failure;
use crate::virtual_card::{NewCard, VirtualCard};

const REQUEST: &str = "saifu-card-request/1";
const ANSWER: &str = "saifu-card-answer/1";

/// What the issuer gets; all in hex.
#[derive(Serialize)]
struct Request {
    format: &'static str,
    card: String,
    class: &'static str,
    signature_key: String,
    encryption_key: String,
    secret: String,
    proof: String,
}

/// What the issuer answers; all in hex.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Answer {
    format: String,
    card: String,
    root: String,
    signature_certificate: String,
    encryption_certificate: String,
    administration_certificate: String,
}

/// The class of a card, as its maker names it.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub(super) enum Class {
    Test,
    Software,
    Hardware,
}

impl Class {
    fn name(self) -> &'static str {
        match self {
            Self::Test => "test",
            Self::Software => "software",
            Self::Hardware => "hardware",
        }
    }

    fn assurance(self) -> Assurance {
        match self {
            Self::Test => Assurance::Test,
            Self::Software => Assurance::Software,
            Self::Hardware => Assurance::Hardware,
        }
    }
}

/// Prepares a card in `folder` and writes the request for its issuer to `file`, which must not be
/// there.
pub(super) fn request(
    folder: &Path,
    (new, class): (&NewCard, Class),
    file: &Path,
    out: &mut dyn Write,
) -> Result<ExitCode, Failure> {
    let mut to = fs::File::create_new(file).map_err(|error| named(file, error))?;
    let prepared = VirtualCard::prepare(folder, new, class.assurance()).inspect_err(|_| {
        // Nothing was asked for: nothing is left.
        let _ = fs::remove_file(file);
    });
    let (card, proven) = prepared?;
    let request = Request {
        format: REQUEST,
        card: card.to_string(),
        class: class.name(),
        signature_key: hex::encode(proven.signature.to_object()),
        encryption_key: hex::encode(proven.encryption.to_object()),
        secret: hex::encode(proven.secret),
        proof: hex::encode(proven.proof.to_bytes()),
    };
    let text =
        serde_json::to_string_pretty(&request).map_err(|error| Failure::System(error.into()))?;
    writeln!(to, "{text}")?;
    to.sync_all()?;
    let (folder, file) = (folder.display(), file.display());
    writeln!(
        out,
        "card {card} in {folder} waits for its issuer: send it {file}, and finish the card with `saifu-card certify`"
    )?;
    Ok(ExitCode::SUCCESS)
}

/// Finishes the card in `folder` with the issuer's answer in `file`.
pub(super) fn certify(
    folder: &Path,
    file: &Path,
    new: &NewCard,
    out: &mut dyn Write,
) -> Result<ExitCode, Failure> {
    let bytes = fs::read(file).map_err(|error| named(file, error))?;
    let answer: Answer = serde_json::from_slice(&bytes).map_err(|_| Failure::NoAnswer)?;
    let (card, data, administration) = answer.read(new).ok_or(Failure::NoAnswer)?;
    let mut virtual_card = VirtualCard::open(folder)?;
    virtual_card.certify(card, &data, &administration)?;
    writeln!(out, "card {card} is certified")?;
    super::status::print(&mut virtual_card, false, out)
}

fn named(file: &Path, error: io::Error) -> Failure {
    Failure::File { path: file.to_owned(), error }
}

impl Answer {
    fn read(&self, new: &NewCard) -> Option<(CardId, Personalisation, Certificate)> {
        let certificate = |text: &str| hex::decode(text).ok();
        let data = Personalisation {
            root: PinnedRoot::from_bytes(&hex::decode(&self.root).ok()?).ok()?,
            pin: new.pin.clone().into_bytes(),
            limits: new.limits.clone(),
            signature_certificate: certificate(&self.signature_certificate)?,
            encryption_certificate: certificate(&self.encryption_certificate)?,
        };
        let administration =
            Certificate::parse(&certificate(&self.administration_certificate)?).ok()?;
        let card = CardId::from_hex(&self.card).filter(|_| self.format == ANSWER)?;
        Some((card, data, administration))
    }
}
