//! The program `saifu` as a process with a deadline.

use std::fs::File;
use std::io::{Read, Seek};
use std::process::{Child, Command};
use std::thread;
use std::time::{Duration, Instant};

/// No run here takes as long, whatever happens to the card.
const ENDS_WITHIN: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(2);

/// A run of the program; dropped, it is killed.
pub(crate) struct Running {
    child: Child,
    begun: Instant,
    out: File,
    err: File,
}

/// What a run of the program came to.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
    pub(crate) took: Duration,
}

impl Running {
    pub(crate) fn start(command: &mut Command) -> Self {
        let [out, err] = [(); 2].map(|()| tempfile::tempfile().unwrap());
        command.stdout(out.try_clone().unwrap()).stderr(err.try_clone().unwrap());
        Self { child: command.spawn().unwrap(), begun: Instant::now(), out, err }
    }

    /// Waits for its end.
    #[track_caller]
    pub(crate) fn ran(mut self) -> Ran {
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(self.begun.elapsed() < ENDS_WITHIN, "it hangs; {}", text(&mut self.err));
            thread::sleep(POLL);
        };
        let (code, took) = (status.code().unwrap(), self.begun.elapsed());
        Ran { code, out: text(&mut self.out), err: text(&mut self.err), took }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn text(file: &mut File) -> String {
    file.rewind().unwrap();
    let mut text = String::new();
    file.read_to_string(&mut text).unwrap();
    text
}

impl Ran {
    /// The output, if the program ended well.
    #[track_caller]
    pub(crate) fn good(self) -> String {
        assert_eq!(self.code, 0, "{self:?}");
        self.out
    }

    #[track_caller]
    pub(crate) fn json(self) -> serde_json::Value {
        serde_json::from_str(&self.good()).unwrap()
    }

    /// Checks that the program ended with `code` and told each of `words`.
    #[track_caller]
    pub(crate) fn told(&self, code: i32, words: &[&str]) {
        assert_eq!(self.code, code, "{self:?}");
        for word in words {
            assert!(self.err.contains(word), "no \"{word}\" in {self:?}");
        }
    }
}
