//! Makes a blank card into a card of class test, as an issuer does (§14).
//!
//! SCP03 under the keys derived for this card, a master key and both key pairs made on the
//! card, proof that it holds them, certificates under the published test root, PIN and limits.

mod administration;
mod channel;
mod issuer;

pub use administration::TestAdministration;
pub use channel::{ChannelError, SecureChannel};
pub use issuer::{TestIssuer, Validity};

use saifu_applet::crypto::{CryptoError, Random, RandomFailed, hash};
use saifu_wire::certificate::{Assurance, PublicKey, Role};
use saifu_wire::ins::Ins;
use saifu_wire::personalise::{
    InitialiseRequest, KEY_ENCRYPTION, KEY_SIGNATURE, Limits, Personalisation,
};
use saifu_wire::signed::{Proof, Signed};
use saifu_wire::{CardId, Digest, Nonce, Wire};

/// What an issuer decides about a card.
#[derive(Debug, Clone)]
pub struct Order {
    /// The card.
    pub card: CardId,
    /// The class its certificates state.
    pub assurance: Assurance,
    /// The initial PIN, 4 to 12 digits.
    pub pin: Vec<u8>,
    /// What may be paid how.
    pub limits: Limits,
    /// The bits of `Kup`: 2048 or 3072.
    pub rsa_bits: u16,
    /// How long its certificates are valid.
    pub validity: Validity,
}

/// What can go wrong when a card is made.
#[derive(Debug, thiserror::Error)]
pub enum PersonaliseError {
    /// The channel could not be opened, or broke.
    #[error(transparent)]
    Channel(#[from] ChannelError),
    /// The card answered something that is not what the specification says.
    #[error("the card's answer to {0} is not what the specification says")]
    Answer(&'static str),
    /// The card could not show that it holds its private keys.
    #[error("the card does not hold the private keys it names; do not certify it")]
    NotProven,
    /// Randomness or a computation failed here.
    #[error("a computation failed on this side")]
    Computation,
}

impl From<RandomFailed> for PersonaliseError {
    fn from(_: RandomFailed) -> Self {
        Self::Computation
    }
}

impl From<CryptoError> for PersonaliseError {
    fn from(_: CryptoError) -> Self {
        Self::Computation
    }
}

type Result<T> = std::result::Result<T, PersonaliseError>;

/// Personalises the card behind `transmit`, which must have the applet selected.
///
/// # Errors
/// When the card refuses, answers nonsense, or cannot prove its keys. A card that was
/// initialised stays so, and can be thrown away.
pub fn personalise(
    transmit: &mut dyn FnMut(&[u8]) -> Vec<u8>,
    issuer: &TestIssuer,
    order: &Order,
    random: &mut Random<'_>,
) -> Result<()> {
    let mut channel = open(transmit, issuer, order.card, random)?;
    let Proven { signature, encryption, .. } =
        make_keys(&mut channel, order.card, order.rsa_bits, random)?;
    let certify = |key: &PublicKey, role| issuer.certify(order, key, role);
    let data = Personalisation {
        root: issuer.root(),
        pin: order.pin.clone(),
        limits: order.limits.clone(),
        signature_certificate: certify(&signature, Role::CardSignature)?,
        encryption_certificate: certify(&encryption, Role::CardEncryption)?,
    };
    activate(&mut channel, &data)
}

/// The keys of a card that has proven them, for an issuer elsewhere to certify.
#[derive(Debug, Clone)]
pub struct Proven {
    /// `Ksig`'s public half.
    pub signature: PublicKey,
    /// `Kup`.
    pub encryption: PublicKey,
    /// The secret that the card opened.
    pub secret: [u8; 32],
    /// What it answered.
    pub proof: Signed<Proof>,
}

/// Makes the master key and the key pairs of a blank card behind `transmit`, which must have the
/// applet selected, and has it prove them; [`finish`] does the rest.
///
/// # Errors
/// As [`personalise`].
pub fn prepare(
    transmit: &mut dyn FnMut(&[u8]) -> Vec<u8>,
    issuer: &TestIssuer,
    (card, rsa_bits): (CardId, u16),
    random: &mut Random<'_>,
) -> Result<Proven> {
    make_keys(&mut open(transmit, issuer, card, random)?, card, rsa_bits, random)
}

/// Gives a card that was prepared what its issuer certified, and activates it.
///
/// # Errors
/// As [`personalise`]: among others where the certificates are not for this card and class.
pub fn finish(
    transmit: &mut dyn FnMut(&[u8]) -> Vec<u8>,
    issuer: &TestIssuer,
    (card, data): (CardId, &Personalisation),
    random: &mut Random<'_>,
) -> Result<()> {
    activate(&mut open(transmit, issuer, card, random)?, data)
}

fn open<'t>(
    transmit: &'t mut dyn FnMut(&[u8]) -> Vec<u8>,
    issuer: &TestIssuer,
    card: CardId,
    random: &mut Random<'_>,
) -> Result<SecureChannel<'t>> {
    let mut host_challenge = [0; 8];
    random(&mut host_challenge)?;
    let keys = issuer.card_keys(&card);
    Ok(SecureChannel::open(transmit, &keys, issuer.key_version(), host_challenge)?)
}

fn make_keys(
    channel: &mut SecureChannel<'_>,
    card: CardId,
    rsa_bits: u16,
    random: &mut Random<'_>,
) -> Result<Proven> {
    let request = InitialiseRequest { card };
    channel.send(Ins::Initialise, 0, 0, &request.to_bytes())?;
    let encryption = generate(channel, KEY_ENCRYPTION, &rsa_bits.to_be_bytes())?;
    let signature = generate(channel, KEY_SIGNATURE, &[])?;
    prove(channel, card, encryption, signature, random)
}

fn activate(channel: &mut SecureChannel<'_>, data: &Personalisation) -> Result<()> {
    store(channel, &data.to_bytes())?;
    channel.send(Ins::SetStatus, 0x80, 0x05, &[])?;
    Ok(())
}

fn generate(channel: &mut SecureChannel<'_>, reference: u8, data: &[u8]) -> Result<PublicKey> {
    let object = channel.send(Ins::GenerateKeyPair, 0x80, reference, data)?;
    PublicKey::parse(&object).map_err(|_| PersonaliseError::Answer("GENERATE ASYMMETRIC KEY PAIR"))
}

/// Has the card open a secret under `Kup` and sign what it opened with `Ksig`.
fn prove(
    channel: &mut SecureChannel<'_>,
    card: CardId,
    encryption: PublicKey,
    signature: PublicKey,
    random: &mut Random<'_>,
) -> Result<Proven> {
    let (mut nonce, mut secret) = ([0; 32], [0; 32]);
    random(&mut nonce)?;
    random(&mut secret)?;
    let wrapped = issuer::wrap(&encryption, &secret, random)?;
    let data = [&nonce[..], &wrapped].concat();
    let answer = channel.send(Ins::ProveKeys, 0, 0, &data)?;
    let proof =
        Signed::<Proof>::parse(&answer).map_err(|_| PersonaliseError::Answer("PROVE KEYS"))?;
    let expected = Proof {
        card,
        nonce: Nonce(nonce),
        encryption_key: key_id(&encryption),
        signature_key: key_id(&signature),
        opened: Digest(hash::sha256(&[&secret])),
    };
    if *proof.message() != expected || !issuer::verify(&signature, &proof) {
        return Err(PersonaliseError::NotProven);
    }
    Ok(Proven { signature, encryption, secret, proof })
}

fn key_id(key: &PublicKey) -> Digest {
    Digest(hash::sha256(&[&key.to_object()]))
}

/// Sends the data objects in blocks that every reader passes.
fn store(channel: &mut SecureChannel<'_>, data: &[u8]) -> Result<()> {
    const BLOCK_BYTES: usize = 200;
    let last = data.len().div_ceil(BLOCK_BYTES).saturating_sub(1);
    for (number, block) in data.chunks(BLOCK_BYTES).enumerate() {
        let p1 = if number == last { 0x80 } else { 0x00 };
        channel.send(Ins::StoreData, p1, number as u8, block)?;
    }
    Ok(())
}
