//! Whose TLS certificates are trusted, where it is not the public authorities'.

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use ureq::tls::Certificate;

/// The most bytes of an authority's PEM file.
pub const MAX_AUTHORITY_BYTES: usize = 1 << 20;

/// How each thing in a PEM file begins.
const BEGIN: &[u8] = b"-----BEGIN ";

/// Why a PEM file names no authority.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuthorityError {
    /// It is longer than [`MAX_AUTHORITY_BYTES`].
    #[error("the authority's file is longer than {MAX_AUTHORITY_BYTES} bytes")]
    TooLong,
    /// Something in it is not PEM.
    #[error("the authority's file is damaged PEM: {0}")]
    Damaged(String),
    /// It is binary.
    #[error("the authority's file is not PEM: it has no -----BEGIN CERTIFICATE----- in it")]
    NotPem,
    /// It has no certificate.
    #[error("the authority's file has no certificate (-----BEGIN CERTIFICATE-----)")]
    Empty,
    /// A certificate of it cannot be used.
    #[error("a certificate in the authority's file cannot be used: {0}")]
    Unusable(String),
}

/// Takes the certificates, one or more, out of a PEM file; whatever else it holds is passed
/// over.
pub(super) fn parse(pem: &[u8]) -> Result<Vec<Certificate<'static>>, AuthorityError> {
    if pem.len() > MAX_AUTHORITY_BYTES {
        return Err(AuthorityError::TooLong);
    }
    if std::str::from_utf8(pem).is_err() && !pem.windows(BEGIN.len()).any(|part| part == BEGIN) {
        return Err(AuthorityError::NotPem);
    }
    let mut usable = RootCertStore::empty();
    let each = CertificateDer::pem_slice_iter(pem).map(|certificate| {
        let certificate = certificate.map_err(|why| AuthorityError::Damaged(why.to_string()))?;
        let kept = Certificate::from_der(&certificate).to_owned();
        let added = usable.add(certificate);
        added.map(|()| kept).map_err(|why| AuthorityError::Unusable(why.to_string()))
    });
    let certificates = each.collect::<Result<Vec<_>, _>>()?;
    if certificates.is_empty() { Err(AuthorityError::Empty) } else { Ok(certificates) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{CertificateParams, KeyPair};

    fn certificate() -> (String, String) {
        let key = KeyPair::generate().unwrap();
        let made = CertificateParams::new(vec![]).unwrap().self_signed(&key).unwrap();
        (made.pem(), key.serialize_pem())
    }

    #[test]
    fn every_certificate_of_a_file_is_taken_and_nothing_else() {
        let ((first, key), (second, _)) = (certificate(), certificate());
        let file = format!("An authority\n{first}{key}{second}");
        assert_eq!(parse(file.as_bytes()).unwrap().len(), 2);
    }

    #[test]
    fn a_file_without_a_usable_certificate_is_refused() {
        let (good, key) = certificate();
        for none in ["", "shop.example", &key] {
            assert_eq!(parse(none.as_bytes()).unwrap_err(), AuthorityError::Empty);
        }
        let der = CertificateDer::from_pem_slice(good.as_bytes()).unwrap();
        assert_eq!(parse(&der).unwrap_err(), AuthorityError::NotPem);
        let cut = &good[..good.len() / 2];
        assert!(matches!(parse(cut.as_bytes()), Err(AuthorityError::Damaged(_))));
        let other = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        let both = format!("{good}{other}");
        assert!(matches!(parse(both.as_bytes()), Err(AuthorityError::Unusable(_))));
        let long = vec![b'\n'; MAX_AUTHORITY_BYTES + 1];
        assert_eq!(parse(&long).unwrap_err(), AuthorityError::TooLong);
    }
}
