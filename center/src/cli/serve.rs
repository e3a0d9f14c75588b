//! `saifu-center serve`: the center on the network, until it is told to end.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use clap::Args;
use serde_json::json;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use super::output::Output;
use crate::center::Center;
use crate::config::ServerConfig;
use crate::refusal::{Refusal, Result};
use crate::revocations::ListFile;
use crate::serve::{Listen, LogFormat, Renewal, Server, Stop, Tls};

const AFTER_HELP: &str = "\
It says where it serves in one line, with --json as {\"url\": \"...\"}. All other commands work \
beside it, on the same folder.

SIGINT and SIGTERM end it when the requests under way are answered, after 10 s at the latest, a \
second one at once; what was answered is on the disk whatever ends it. A request whose head has \
not come whole is under way, too. With TLS, SIGHUP has it read certificate and key again, for the \
connections from then on; where they cannot be used, it says so and keeps those it has. The list \
of revoked cards that the configuration names is taken again when its file changes. Its own \
failures are told on standard error, at most ten lines a second.

Exit status: 0 ended by a signal or by --until-eof; 1 ended by a second signal, there is no \
center in the folder, or address, certificate or key cannot be used; 2 the command is not \
understood.";

/// How long to wait between two looks at the file of revoked cards.
const REVOCATIONS_PAUSE: Duration = Duration::from_secs(2);

/// What is said where the published root is trusted.
pub(super) const TEST_MODE: &str =
    "test mode: the keys of its cards are published, and nothing in it is worth anything";

#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Serve {
    /// Where to listen; port 0 takes a free one. Plain HTTP is served on this machine only
    /// [default: what the configuration says, 127.0.0.1:8440]
    #[arg(long, value_name = "HOST:PORT", env = "SAIFU_CENTER_LISTEN")]
    listen: Option<String>,
    /// Serve TLS with this chain of certificates in PEM, the server's own first [default: what
    /// the configuration says]
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_certificate: Option<PathBuf>,
    /// The private key of the server's certificate in PEM, not encrypted
    #[arg(long, value_name = "FILE", requires = "tls_certificate")]
    tls_key: Option<PathBuf>,
    /// Tell each request in one line on standard error [default: what the configuration says]
    #[arg(long, value_name = "FORMAT", value_parser = ["off", "text", "json"])]
    log: Option<String>,
    /// End when standard input is closed, too
    #[arg(long)]
    until_eof: bool,
}

/// Serves `center` until the process is told to end.
pub(super) fn serve(center: Center, folder: &Path, asked: Serve, output: &Output) -> Result<()> {
    let listen = listen(&center.config().server, folder, &asked);
    let in_test_mode = center.config().test_mode;
    if !center.has_sealed_keys() {
        warn(&[
            "the center's keys lie unencrypted in its folder: `saifu-center keys passwd` seals \
                them"
                .to_owned(),
        ]);
    }
    let revocations = center.configured_revocations();
    center.take_configured_revocations()?;
    let center = Arc::new(center);
    if let Some(taken) = revocations {
        watch_revocations(Arc::clone(&center), taken)?;
    }
    let server = Server::bind(center, listen)?;
    heed_signals(server.stop(), server.renewal())?;
    if asked.until_eof {
        end_on_eof(server.stop());
    }
    warn(server.warnings());
    if in_test_mode {
        warn(&[TEST_MODE.to_owned()]);
    }
    tell(server.url(), output);
    server.run()
}

/// Where and how to listen: as asked, else as the configuration says.
fn listen(config: &ServerConfig, folder: &Path, asked: &Serve) -> Listen {
    let configured = (!config.tls_certificate.is_empty())
        .then(|| (folder.join(&config.tls_certificate), folder.join(&config.tls_key)));
    let tls = asked.tls_certificate.clone().zip(asked.tls_key.clone()).or(configured);
    let tls = tls.map(|(certificate, key)| Tls { certificate, key });
    let address = asked.listen.clone().unwrap_or_else(|| config.listen.clone());
    let asked_log = asked.log.as_ref().map(|name| LogFormat::from_name(name));
    let log = asked_log.unwrap_or_else(|| config.log_format());
    Listen { address, tls, log, ..Listen::default() }
}

/// The first signal stops the server, a second one the process; with TLS, a hangup renews the
/// certificate.
fn heed_signals(stop: Stop, renewal: Option<Renewal>) -> Result<()> {
    let heeded = [SIGINT, SIGTERM].into_iter().chain(renewal.as_ref().map(|_| SIGHUP));
    let mut signals = Signals::new(heeded).map_err(|error| {
        Refusal::unavailable(format!("signals cannot be heard ({error}): try again"))
    })?;
    thread::spawn(move || {
        let mut told = false;
        for signal in signals.forever() {
            match &renewal {
                Some(renewal) if signal == SIGHUP => renew(renewal),
                _ if told => process::exit(1),
                _ => stop.stop(),
            }
            // That its input has ended before is no signal.
            told |= signal != SIGHUP;
        }
    });
    Ok(())
}

fn renew(renewal: &Renewal) {
    match renewal.renew() {
        Ok(warnings) => warn(&warnings),
        Err(refusal) => warn(&[format!("the certificate stays the one it was: {refusal}")]),
    }
}

/// Takes the configured list of revoked cards again whenever its file has changed. One that cannot
/// be taken is told once, and what was revoked stays so.
fn watch_revocations(center: Arc<Center>, mut seen: ListFile) -> Result<()> {
    let watch = move || {
        loop {
            thread::sleep(REVOCATIONS_PAUSE);
            let now = center.configured_revocations();
            if now.as_ref() == Some(&seen) {
                continue;
            }
            seen = now.unwrap_or_default();
            if let Err(refusal) = center.take_configured_revocations() {
                warn(&[format!("the list of revoked cards stays the one it was: {refusal}")]);
            }
        }
    };
    let watching = thread::Builder::new().name("revocations".into()).spawn(watch);
    watching.map(drop).map_err(|error| {
        Refusal::unavailable(format!("revoked cards cannot be watched ({error}): try again"))
    })
}

fn warn(warnings: &[String]) {
    for warning in warnings {
        // Where nobody reads it, it serves all the same.
        let _ = writeln!(io::stderr(), "saifu-center: warning: {warning}");
    }
}

fn end_on_eof(stop: Stop) {
    thread::spawn(move || {
        // Whatever is wrong with the input, nobody will close it later.
        let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
        stop.stop();
    });
}

/// One line. That nobody reads it does not end the server.
fn tell(url: &str, output: &Output) {
    let said = match output.json {
        true => json!({ "url": url }).to_string(),
        false => format!("serving at {url}"),
    };
    let mut out = io::stdout();
    let _ = writeln!(out, "{said}").and_then(|()| out.flush());
}
