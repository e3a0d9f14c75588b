//! Connecting to the center that was named.

use super::ways::CenterWay;
use super::{ExitCode, Failure};
use crate::center::{AddressError, Client, Http, HttpError, MAX_AUTHORITY_BYTES};
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::path::Path;
use std::time::Duration;

/// Makes the way to a center; whatever is asked of it later must come `within` that time.
pub(super) fn connect(
    way: &CenterWay,
    data: &Path,
    authority: Option<&Path>,
    within: Duration,
) -> Result<Client, Failure> {
    match way {
        CenterWay::Embedded => embedded(data),
        CenterWay::Url(url) => over_http(url, authority, within),
    }
}

fn over_http(url: &str, authority: Option<&Path>, within: Duration) -> Result<Client, Failure> {
    let pem = authority.map(read).transpose()?;
    let center = Http::new(url, pem.as_deref(), within).map_err(|why| {
        let next = match &why {
            HttpError::Address(AddressError::InTheClear(_)) => {
                "write https://, or run saifu on the center's machine"
            }
            HttpError::Address(AddressError::Malformed(_)) => {
                "write https://HOST, with :PORT where it is not 443, and /PATH if there is one; or \
                 embedded"
            }
            HttpError::Authority(_) => {
                "name with --center-ca the PEM file of the authority that signed the center's \
                 TLS certificate"
            }
            HttpError::NoTls => "leave out --center-ca (SAIFU_CENTER_CA), or write https://",
            HttpError::Socks => "unset ALL_PROXY and its like, or name an HTTP proxy there",
            HttpError::Proxy(_) => "write http://HOST:PORT there, or unset it",
        };
        Failure::new(ExitCode::Usage, why, next)
    })?;
    Ok(Client::new(Box::new(center)))
}

/// Reads an authority's file, and one byte more than it may have at the most.
fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut pem = Vec::new();
    let limit = MAX_AUTHORITY_BYTES as u64 + 1;
    let read = open(path).and_then(|file| file.take(limit).read_to_end(&mut pem));
    let next = "name the PEM file of the center's authority with --center-ca";
    let failed = |why| Failure::new(ExitCode::Usage, format!("{}: {why}", path.display()), next);
    read.map_err(failed)?;
    Ok(pem)
}

/// Opens a file that has an end: whoever opens a pipe waits for somebody at its other end.
fn open(path: &Path) -> io::Result<File> {
    if fs::metadata(path)?.is_file() {
        return File::open(path);
    }
    Err(io::Error::new(ErrorKind::InvalidInput, "it is no regular file"))
}

#[cfg(feature = "embedded")]
fn embedded(data: &Path) -> Result<Client, Failure> {
    fs::create_dir_all(data).map_err(|why| Failure::file(data, &why))?;
    let found = crate::embedded::center(data)?;
    if found.is_new {
        let made = data.join("center");
        super::report::tell(&format!("made a test center in {}\n", made.display()));
    }
    Ok(Client::new(Box::new(found.it)))
}

#[cfg(not(feature = "embedded"))]
fn embedded(_: &Path) -> Result<Client, Failure> {
    let next = "name a center with --center, or build it with the feature `embedded`";
    Err(Failure::new(ExitCode::Usage, "this saifu has no center of its own", next))
}
