//! Ports for vpcd, and who holds them.

use std::fs;
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;

use super::HarnessError;

/// Below the ports from which connections of this and other programs start, so that none of
/// those takes them between a pcscd's end and its start again.
const FIRST: u16 = 20_000;
const PAIRS: u16 = 6_000;
/// How often free ports are drawn.
pub(super) const ATTEMPTS: u32 = 20;

/// Draws a port for a listener of a test: it is free now, and no connection of this or
/// another program starts from it by chance.
///
/// # Errors
/// [`HarnessError::NoPorts`], [`HarnessError::System`].
pub fn free_port() -> Result<u16, HarnessError> {
    for _ in 0..ATTEMPTS {
        if let Some(port) = free_pair()? {
            return Ok(port);
        }
    }
    Err(HarnessError::NoPorts)
}

/// Draws a port such that it and the next are free on every address; `None` if they are not.
pub(super) fn free_pair() -> io::Result<Option<u16>> {
    let drawn = getrandom::u32().map_err(|_| io::Error::other("the random source failed"))?;
    let port = FIRST + 2 * (drawn % u32::from(PAIRS)) as u16;
    Ok((is_free(port) && is_free(port + 1)).then_some(port))
}

fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::UNSPECIFIED, port)).is_ok()
}

/// Whether a process is there and has not ended.
pub(super) fn is_running(pid: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // The state follows the name, which is in brackets and may hold anything.
    stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with(['Z', 'X']))
}

/// Whether a process listens at a port, found out without connecting to it: to vpcd, a
/// connection is a card.
pub(super) fn listens(pid: u32, port: u16) -> io::Result<bool> {
    let sockets = fs::read_to_string(format!("/proc/{pid}/net/tcp"))?;
    let Some(inode) = sockets.lines().find_map(|line| listening_inode(line, port)) else {
        return Ok(false);
    };
    has_open(pid, Path::new(&format!("socket:[{inode}]")))
}

/// Whether a process has a file open, by the name that the system gives it.
pub(super) fn has_open(pid: u32, wanted: &Path) -> io::Result<bool> {
    for entry in fs::read_dir(format!("/proc/{pid}/fd"))? {
        if fs::read_link(entry?.path()).is_ok_and(|target| target == wanted) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Reads a line of `/proc/net/tcp` (proc(5)): the socket's inode if it listens at `port`.
fn listening_inode(line: &str, port: u16) -> Option<&str> {
    let mut fields = line.split_ascii_whitespace().skip(1);
    let (_, local_port) = fields.next()?.rsplit_once(':')?;
    let (_remote, state) = (fields.next()?, fields.next()?);
    let here = u16::from_str_radix(local_port, 16) == Ok(port);
    (here && state == "0A").then(|| fields.nth(5)).flatten()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_pair_of_ports_can_be_listened_at() {
        let port = free_port().unwrap();
        assert!((FIRST..FIRST + 2 * PAIRS).contains(&port));
        let _both = [port, port + 1].map(|port| TcpListener::bind(("0.0.0.0", port)).unwrap());
        assert!(!is_free(port) && !is_free(port + 1));
    }

    #[test]
    fn who_listens_is_found_and_who_does_not_is_not() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let me = std::process::id();
        assert!(listens(me, port).unwrap());
        let other = std::process::Command::new("sleep").arg("60").spawn();
        let mut other = other.unwrap();
        assert!(!listens(other.id(), port).unwrap(), "it is there, but another's");
        other.kill().unwrap();
        drop(listener);
        assert!(!listens(me, port).unwrap());
        assert!(!is_running(other.id()), "killed and not yet waited for");
        other.wait().unwrap();
        assert!(!is_running(other.id()));
        assert!(is_running(me));
    }
}
