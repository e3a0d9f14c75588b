//! The server's own certificate: what terminals will not take is told when it starts.

use std::path::Path;

use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;
use x509_parser::time::ASN1Time;
use x509_parser::x509::X509Version;

use crate::refusal::{Refusal, Result};

/// Checks the first certificate of `file`, in DER, at the time `now`, and returns warnings: what
/// keeps terminals from taking it, as far as can be told from here.
///
/// # Errors
/// `malformed`: it is no X.509 certificate of version 3.
pub(super) fn check(file: &Path, der: &[u8], now: u64) -> Result<Vec<String>> {
    let file = file.display();
    let Ok((_, certificate)) = X509Certificate::from_der(der) else {
        return Err(Refusal::malformed(format!(
            "the first certificate in {file} cannot be read: name an X.509 certificate, in PEM as \
             its authority gave it"
        )));
    };
    if certificate.version() != X509Version::V3 {
        return Err(Refusal::malformed(format!(
            "the first certificate in {file} is of X.509 version 1, which TLS does not take: make \
             one of version 3, with subjectAltName"
        )));
    }
    let troubles = [validity(&certificate, now), name(&certificate), authority(&certificate)];
    let told = |trouble| format!("terminals will refuse the certificate in {file}: {trouble}");
    Ok(troubles.into_iter().flatten().map(told).collect())
}

fn validity(certificate: &X509Certificate<'_>, now: u64) -> Option<String> {
    let validity = certificate.validity();
    let now = ASN1Time::from_timestamp(i64::try_from(now).ok()?).ok()?;
    if now > validity.not_after {
        return Some(format!("it has expired on {}; renew it", validity.not_after));
    }
    let early = now < validity.not_before;
    early.then(|| format!("it is valid from {} on; set the clock, or wait", validity.not_before))
}

fn name(certificate: &X509Certificate<'_>) -> Option<String> {
    let named = certificate.subject_alternative_name().is_ok_and(|names| names.is_some());
    let next = "it has no subjectAltName; make one with subjectAltName=DNS:HOST or IP:ADDRESS";
    (!named).then(|| next.into())
}

fn authority(certificate: &X509Certificate<'_>) -> Option<String> {
    let next = "it is an authority's (CA:TRUE); make one with basicConstraints=CA:FALSE";
    certificate.is_ca().then(|| next.into())
}
