//! A network between terminal and center that can be made to fail.

use crate::server::{PATIENCE, listen};
use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// How a connection fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// Nothing more comes.
    Silence,
    /// It is closed; the next is as good, and as bad.
    End,
    /// It is closed, and so is every further one at once.
    Gone,
}

/// After how many bytes of a connection from the center what happens; none passes all.
type Fault = Option<(u64, Fate)>;

/// The way to a server.
pub(crate) struct Relay {
    pub(crate) place: SocketAddr,
    fault: Arc<Mutex<Fault>>,
}

impl Relay {
    pub(crate) fn to(server: String) -> Self {
        let fault = Arc::new(Mutex::new(None));
        let now = Arc::clone(&fault);
        let place = listen(move |terminal| {
            let center = TcpStream::connect(&server).unwrap();
            center.set_read_timeout(Some(PATIENCE)).unwrap();
            let fault = *now.lock().unwrap();
            // What fails on either side ends the other.
            let struck = relay(&terminal, &center, fault).unwrap_or(false);
            if struck && fault.is_some_and(|(_, fate)| fate == Fate::Gone) {
                *now.lock().unwrap() = Some((0, Fate::End));
            }
            for stream in [&terminal, &center] {
                let _ = stream.shutdown(Shutdown::Both);
            }
        });
        Self { place, fault }
    }

    /// Sets what happens on every connection from now on.
    pub(crate) fn set(&self, fault: Fault) {
        *self.fault.lock().unwrap() = fault;
    }
}

/// Passes on what both say, and returns whether the fault struck.
fn relay(terminal: &TcpStream, center: &TcpStream, fault: Fault) -> io::Result<bool> {
    let (mut from, mut to) = (terminal.try_clone()?, center.try_clone()?);
    let requests = thread::spawn(move || {
        let _ = io::copy(&mut from, &mut to);
        let _ = to.shutdown(Shutdown::Both);
    });
    let (limit, fate) = fault.unwrap_or((u64::MAX, Fate::End));
    let mut answers = center.take(limit);
    pass(&mut answers, terminal)?;
    if fate == Fate::Silence {
        let _ = requests.join();
    }
    Ok(answers.limit() == 0)
}

fn pass(from: &mut impl Read, mut to: &TcpStream) -> io::Result<()> {
    let mut bytes = [0; 1 << 14];
    loop {
        match from.read(&mut bytes)? {
            0 => return Ok(()),
            count => to.write_all(&bytes[..count])?,
        }
    }
}
