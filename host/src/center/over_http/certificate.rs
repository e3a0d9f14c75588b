//! Why a center's TLS certificate is not taken, as a customer reads it.

use rustls::{CertificateError as Refused, OtherError};

/// What is wrong with a certificate, and who can mend it.
pub(super) fn words(error: &Refused) -> &'static str {
    match error {
        // Authorities may have the same name and other keys.
        Refused::UnknownIssuer | Refused::BadSignature => {
            "no authority that is trusted here signed its certificate; use --center-ca FILE if you \
             run your own authority"
        }
        Refused::NotValidForName | Refused::NotValidForNameContext { .. } => {
            "its certificate is for another name"
        }
        Refused::Expired | Refused::ExpiredContext { .. } => {
            "its certificate has expired, or this machine's clock is wrong"
        }
        Refused::NotValidYet | Refused::NotValidYetContext { .. } => {
            "its certificate is not valid yet, or this machine's clock is wrong"
        }
        Refused::Revoked => "its authority has revoked its certificate",
        Refused::InvalidPurpose | Refused::InvalidPurposeContext { .. } => {
            "its certificate is not for a server"
        }
        Refused::Other(OtherError(other)) => other.downcast_ref().map_or(UNUSABLE, other_words),
        _ => UNUSABLE,
    }
}

const UNUSABLE: &str = "its certificate is damaged, or of a kind that this terminal does not know";

fn other_words(error: &webpki::Error) -> &'static str {
    match error {
        webpki::Error::CaUsedAsEndEntity => {
            "its certificate is an authority's, not a server's; the center's owner makes one with \
             basicConstraints=CA:FALSE"
        }
        webpki::Error::UnsupportedCertVersion => {
            "its certificate is of an old version of X.509; the center's owner makes one of \
             version 3, with subjectAltName"
        }
        _ => UNUSABLE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[test]
    fn what_is_no_variant_of_its_own_is_told_in_words_too() {
        for (error, expected) in [
            (webpki::Error::CaUsedAsEndEntity, "basicConstraints=CA:FALSE"),
            (webpki::Error::UnsupportedCertVersion, "version 3"),
            (webpki::Error::BadDer, "damaged"),
        ] {
            let told = words(&Refused::Other(OtherError(Arc::new(error))));
            assert!(told.contains(expected), "{told}");
        }
    }
}
