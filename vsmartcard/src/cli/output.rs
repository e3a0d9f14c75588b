//! Standard output, whose errors say that they are its own.

use std::io::{self, Write};

/// Any output with a name.
pub(super) struct Named<W> {
    name: &'static str,
    to: W,
}

impl<W: Write> Named<W> {
    pub(super) const fn new(name: &'static str, to: W) -> Self {
        Self { name, to }
    }

    fn told<T>(&self, done: io::Result<T>) -> io::Result<T> {
        done.map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", self.name)))
    }
}

impl<W: Write> Write for Named<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let done = self.to.write(bytes);
        self.told(done)
    }

    fn flush(&mut self) -> io::Result<()> {
        let done = self.to.flush();
        self.told(done)
    }
}
