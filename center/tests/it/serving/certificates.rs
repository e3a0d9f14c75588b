//! A private authority and the files of a server that it certifies.

use std::fs;
use std::path::PathBuf;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, SignatureAlgorithm};
use saifu_center::serve::Tls;
use tempfile::TempDir;

/// An authority that nobody else trusts, and a folder for what it certifies.
pub(super) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pub(super) der: Vec<u8>,
    folder: TempDir,
}

impl Authority {
    pub(super) fn new() -> Self {
        let (key, mut params) = (KeyPair::generate().unwrap(), CertificateParams::default());
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let der = params.self_signed(&key).unwrap().der().to_vec();
        Self { issuer: Issuer::new(params, key), der, folder: tempfile::tempdir().unwrap() }
    }

    /// Certifies a server at 127.0.0.1 with a new key.
    pub(super) fn certify(&self, name: &str, kind: &'static SignatureAlgorithm) -> (Tls, KeyPair) {
        self.certify_as(name, kind, |_| {})
    }

    /// Certifies a server at 127.0.0.1, or what `change` makes of it.
    pub(super) fn certify_as(
        &self,
        name: &str,
        kind: &'static SignatureAlgorithm,
        change: impl Fn(&mut CertificateParams),
    ) -> (Tls, KeyPair) {
        let key = KeyPair::generate_for(kind).unwrap();
        let mut params = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap();
        change(&mut params);
        let pem = params.signed_by(&key, &self.issuer).unwrap().pem();
        let certificate = self.file(&format!("{name}.crt"), &pem);
        let file = self.file(&format!("{name}.key"), &key.serialize_pem());
        (Tls { certificate, key: file }, key)
    }

    /// A server at 127.0.0.1 with an ECDSA key.
    pub(super) fn server(&self) -> Tls {
        self.certify("server", &rcgen::PKCS_ECDSA_P256_SHA256).0
    }

    pub(super) fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, text).unwrap();
        path
    }
}
