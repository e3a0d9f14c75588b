//! Connecting to the center that was named.

use super::Failure;
use super::ways::CenterWay;
use crate::center::Client;
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

fn over_http(_: &str, _: Option<&Path>, _: Duration) -> Result<Client, Failure> {
    Err(Failure::new(super::ExitCode::NoCenter, "this saifu has no way to a center", ""))
}

#[cfg(feature = "embedded")]
fn embedded(data: &Path) -> Result<Client, Failure> {
    std::fs::create_dir_all(data).map_err(|why| Failure::file(data, &why))?;
    let found = crate::embedded::center(data)?;
    if found.is_new {
        eprintln!("made a test center in {}", data.join("center").display());
    }
    Ok(Client::new(Box::new(found.it)))
}

#[cfg(not(feature = "embedded"))]
fn embedded(_: &Path) -> Result<Client, Failure> {
    let next = "name a center with --center, or build it with the feature `embedded`";
    Err(Failure::new(super::ExitCode::Usage, "this saifu has no center of its own", next))
}
