//! The request log: one line for each request on standard error, as text or as JSON.
//!
//! A thread writes; nobody who is served waits for whoever reads. Lines that find no room to wait
//! in are counted, and the count is told with the next that does.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;

use super::observe::Seen;

/// How requests are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// Words.
    Text,
    /// One object a line.
    Json,
}

impl LogFormat {
    /// The format of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "text" => Some(Self::Text),
            "json" => Some(Self::Json),
            _ => None,
        }
    }
}

/// The most lines that wait to be written.
const MAX_WAITING: usize = 1_024;

/// Tells requests; its clone tells them to the same place.
#[derive(Clone)]
pub(super) struct RequestLog {
    format: LogFormat,
    lines: SyncSender<String>,
    untold: Arc<AtomicU64>,
}

impl RequestLog {
    /// Tells on standard error.
    ///
    /// # Errors
    /// The system gives no thread.
    pub(super) fn new(format: LogFormat) -> io::Result<Self> {
        Self::to(format, io::stderr())
    }

    fn to(format: LogFormat, mut out: impl Write + Send + 'static) -> io::Result<Self> {
        let (lines, waiting) = sync_channel::<String>(MAX_WAITING);
        thread::Builder::new().name("request log".into()).spawn(move || {
            for line in waiting {
                // Where nobody reads it, it serves all the same.
                let _ = out.write_all(line.as_bytes()).and_then(|()| out.flush());
            }
        })?;
        Ok(Self { format, lines, untold: Arc::default() })
    }

    /// Tells a request in one line.
    pub(super) fn tell(&self, seen: &Seen) {
        let untold = self.untold.swap(0, Ordering::Relaxed);
        let mut line = match self.format {
            LogFormat::Json => serde_json::to_string(seen).unwrap_or_default(),
            LogFormat::Text => text(seen),
        };
        if untold > 0 {
            line = match self.format {
                LogFormat::Json => format!("{{\"untold\":{untold}}}\n{line}"),
                LogFormat::Text => {
                    format!("{untold} requests before this one are not told\n{line}")
                }
            };
        }
        if self.lines.try_send(line + "\n").is_err() {
            self.untold.fetch_add(untold + 1, Ordering::Relaxed);
        }
    }
}

fn text(seen: &Seen) -> String {
    let Seen { time, method, route, status, ms, trace, account } = seen;
    let account = account.as_ref().map_or(String::new(), |account| format!(" account {account}"));
    format!("{time} {method} {route} {status} {ms} ms trace {trace}{account}")
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader, pipe};

    use super::*;

    fn seen() -> Seen {
        Seen {
            time: "2026-11-22T00:00:00Z".into(),
            method: "GET".into(),
            route: "/v1/works".into(),
            status: 200,
            ms: 3,
            trace: "ab".repeat(16),
            account: None,
        }
    }

    #[test]
    fn a_request_is_one_line_as_text_or_as_json() {
        for (format, begins) in [
            (LogFormat::Text, "2026-11-22T00:00:00Z GET /v1/works 200 3 ms trace abab"),
            (LogFormat::Json, "{\"time\":\"2026-11-22T00:00:00Z\",\"method\":\"GET\""),
        ] {
            let (reader, writer) = pipe().unwrap();
            let log = RequestLog::to(format, writer).unwrap();
            log.tell(&seen());
            drop(log);
            let lines: Vec<_> = BufReader::new(reader).lines().map(Result::unwrap).collect();
            assert!(lines.len() == 1 && lines[0].starts_with(begins), "{lines:?}");
        }
    }

    #[test]
    fn what_was_not_told_is_counted_and_nobody_waits() {
        let (reader, writer) = pipe().unwrap();
        let log = RequestLog::to(LogFormat::Json, writer).unwrap();
        (0..5_000).for_each(|_| log.tell(&seen()));
        let mut lines = BufReader::new(reader).lines().map(Result::unwrap);
        let told = (0..10_000).any(|_| {
            log.tell(&seen());
            lines.next().unwrap().starts_with("{\"untold\":")
        });
        assert!(told);
    }
}
