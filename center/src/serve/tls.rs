//! TLS 1.2 and 1.3: certificate and key, read and held against each other.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::version::{TLS12, TLS13};
use zeroize::Zeroizing;

use super::certificate;
use crate::clock::{Clock, SystemClock};
use crate::refusal::{Refusal, Result};

/// The most bytes of a file in PEM.
pub const MAX_PEM_BYTES: u64 = 1 << 20;

/// What a key in PEM says when it is encrypted, as PKCS#8 and as RFC 1421 has it.
const ENCRYPTED: [&[u8]; 2] = [b"BEGIN ENCRYPTED PRIVATE KEY", b"Proc-Type: 4,ENCRYPTED"];

/// Where a server's certificate and key are.
#[derive(Debug, Clone)]
pub struct Tls {
    /// Its certificate chain in PEM, its own certificate first.
    pub certificate: PathBuf,
    /// The private key of its own certificate in PEM: PKCS#8, PKCS#1 or SEC1, not encrypted.
    pub key: PathBuf,
}

impl Tls {
    /// Reads both, and warns of what keeps terminals from taking the certificate.
    ///
    /// # Errors
    /// `malformed`: one cannot be read, is not what it should be, or they do not belong
    /// together.
    pub(super) fn load(&self) -> Result<(Arc<ServerConfig>, Vec<String>)> {
        let (chain, key) = (certificates(&self.certificate)?, private_key(&self.key)?);
        let own = chain.first().expect("a chain that is read is not empty");
        let warnings = certificate::check(&self.certificate, own, SystemClock.now())?;
        let provider = Arc::new(aws_lc_rs::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&TLS13, &TLS12])
            .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key))
            .map_err(|error| self.refuse(&error))?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok((Arc::new(config), warnings))
    }

    fn refuse(&self, error: &rustls::Error) -> Refusal {
        let (certificate, key) = (self.certificate.display(), self.key.display());
        Refusal::malformed(match error {
            rustls::Error::InconsistentKeys(_) => format!(
                "the key in {key} is not that of the first certificate in {certificate}: name \
                 two that belong together, and put the server's own certificate first"
            ),
            _ => format!(
                "TLS cannot use {certificate} with {key} ({error}): name an X.509 certificate \
                 and its RSA, ECDSA or Ed25519 key"
            ),
        })
    }
}

fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>> {
    let pem = read(file)?;
    let chain: Vec<_> = CertificateDer::pem_slice_iter(&pem)
        .collect::<std::result::Result<_, _>>()
        .map_err(|error| no_pem(file, &error.to_string(), "a chain of certificates"))?;
    match chain.is_empty() {
        true => Err(no_pem(file, "no CERTIFICATE is in it", "a chain of certificates")),
        false => Ok(chain),
    }
}

fn private_key(file: &Path) -> Result<PrivateKeyDer<'static>> {
    let pem = read(file)?;
    if ENCRYPTED.iter().any(|mark| pem.windows(mark.len()).any(|bytes| bytes == *mark)) {
        let file = file.display();
        return Err(Refusal::malformed(format!(
            "the key in {file} is encrypted, and there is nobody to ask for its passphrase: \
             decrypt it with `openssl pkey -in {file} -out NEW`, and name NEW"
        )));
    }
    PrivateKeyDer::from_pem_slice(&pem)
        .map_err(|error| no_pem(file, &error.to_string(), "a private key that is not encrypted"))
}

fn no_pem(file: &Path, why: &str, what: &str) -> Refusal {
    Refusal::malformed(format!("{} is not usable ({why}): name {what} in PEM", file.display()))
}

fn read(file: &Path) -> Result<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(Vec::new());
    let unread = |error: io::Error| {
        let file = file.display();
        Refusal::malformed(format!(
            "{file} cannot be read ({error}): name another, or give permission"
        ))
    };
    // A pipe would be waited for, perhaps for ever.
    if !fs::metadata(file).map_err(unread)?.is_file() {
        return Err(no_pem(file, "it is no regular file", "a certificate or key"));
    }
    let pem = File::open(file).map_err(unread)?;
    pem.take(MAX_PEM_BYTES + 1).read_to_end(&mut bytes).map_err(unread)?;
    match bytes.len() as u64 > MAX_PEM_BYTES {
        true => Err(no_pem(file, "it is longer than 1 MiB", "a certificate or key")),
        false => Ok(bytes),
    }
}
