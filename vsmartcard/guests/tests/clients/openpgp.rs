//! GnuPG and the OpenPGP applet.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use crate::desk::{Desk, output, said, succeeded};

const PINENTRY: &str = include_str!("pinentry.sh");
/// The applet's name, the specification's version, and what it has for a serial number.
const APPLICATION: &str = "D2760001240103040000000000000000";
/// The keys for signing, decrypting and signing in: algorithm and curve as GnuPG says them.
const KEYS: [(&str, &str); 3] =
    [("1", "1 22 ed25519"), ("2", "2 18 cv25519"), ("3", "3 22 ed25519")];

const HOLDER: &str = "Cardholder <card@example.org>";
/// An agent that is told to end has ended within this.
const ENDED_WITHIN: Duration = Duration::from_secs(10);

/// GnuPG with a home of its own; its daemons end with it.
struct Gnupg<'a> {
    desk: &'a Desk,
    home: PathBuf,
}

impl<'a> Gnupg<'a> {
    fn new(desk: &'a Desk) -> Self {
        let home = desk.folder().join("gnupg");
        std::fs::create_dir(&home).unwrap();
        std::fs::set_permissions(&home, PermissionsExt::from_mode(0o700)).unwrap();
        let pinentry = desk.write("pinentry.sh", PINENTRY);
        std::fs::set_permissions(&pinentry, PermissionsExt::from_mode(0o700)).unwrap();
        desk.write("gnupg/scdaemon.conf", "disable-ccid\npcsc-shared\n");
        let agent = format!("pinentry-program {}\n", pinentry.display());
        desk.write("gnupg/gpg-agent.conf", &agent);
        Self { desk, home }
    }

    fn client(&self, program: &str) -> Command {
        let mut command = self.desk.client(program);
        command.env("GNUPGHOME", &self.home).env("LC_ALL", "C");
        command
    }

    fn gpg(&self, arguments: &[&str]) -> String {
        succeeded(self.client("gpg").args(["--batch", "--yes"]).args(arguments))
    }

    /// Says a command to scdaemon, which must be done.
    fn scd(&self, command: &str) {
        let mut connect = self.client("gpg-connect-agent");
        let text = succeeded(connect.args([&format!("scd {command}"), "/bye"]));
        assert!(text.lines().any(|line| line == "OK"), "{command}: {text}");
    }

    /// Ends the daemons and waits for that; the next command starts them anew, and they look at
    /// the card anew.
    fn end_daemons(&self) {
        let mut ask = self.client("gpg-connect-agent");
        let told = said(&output(ask.args(["--no-autostart", "getinfo pid", "/bye"])));
        output(self.client("gpgconf").args(["--kill", "all"]));
        let Some(pid) = told.lines().find_map(|line| line.strip_prefix("D ")) else { return };
        let deadline = Instant::now() + ENDED_WITHIN;
        // One that nobody waited for has no program.
        while std::fs::read_link(format!("/proc/{pid}/exe")).is_ok() && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Draws the three keys on the card and makes an OpenPGP key of them.
    fn generate(&self) {
        for (number, attributes) in KEYS {
            self.scd(&format!("setattr KEY-ATTR --force {attributes}"));
            self.scd(&format!("genkey --force {number}"));
        }
        // That makes the agent know them.
        self.gpg(&["--card-status"]);
        self.gpg(&["--quick-generate-key", HOLDER, "card", "default", "never"]);
    }

    fn sign(&self, file: &str) {
        self.gpg(&["--local-user", HOLDER, "--detach-sign", file]);
    }

    /// Whether a file's signature is good.
    fn verifies(&self, file: &str) -> bool {
        let mut gpg = self.client("gpg");
        let verified = output(gpg.args(["--verify", &format!("{file}.sig"), file]));
        let good = said(&verified).contains(&format!("Good signature from \"{HOLDER}\""));
        assert_eq!(good, verified.status.success(), "{}", said(&verified));
        good
    }
}

impl Drop for Gnupg<'_> {
    fn drop(&mut self) {
        self.end_daemons();
    }
}

/// The line of a card's status that begins so, without that.
fn line<'a>(status: &'a str, begin: &str) -> &'a str {
    let found = status.lines().find_map(|line| line.strip_prefix(begin));
    let value = found.unwrap_or_else(|| panic!("no {begin}: {status}"));
    value.trim_start_matches([' ', '.', ':'])
}

#[test]
fn gpg_shows_the_card_and_signs_with_keys_drawn_on_it_while_saifu_answers_in_between() {
    let desk = Desk::new();
    desk.saifu_answers();
    let gnupg = Gnupg::new(&desk);
    let empty = gnupg.gpg(&["--card-status"]);
    assert_eq!(line(&empty, "Application ID"), APPLICATION);
    assert_eq!(line(&empty, "PIN retry counter"), "3 0 3");
    assert_eq!(line(&empty, "Signature key"), "[none]");

    gnupg.generate();
    desk.write("text", "what is signed\n");
    gnupg.sign("text");
    assert!(gnupg.verifies("text"));

    // Another program takes the card; scdaemon does not notice by itself that it was deselected.
    desk.saifu_answers();
    gnupg.end_daemons();
    gnupg.sign("text");
    assert!(gnupg.verifies("text"));
    desk.write("text", "what was never signed\n");
    assert!(!gnupg.verifies("text"));

    let full = gnupg.gpg(&["--card-status"]);
    assert_ne!(line(&full, "Signature key"), "[none]");
    // Two signatures bind the key and its subkey to the name, one revokes; two are of the text.
    assert_eq!(line(&full, "Signature counter"), "5");
    assert_eq!(line(&full, "PIN retry counter"), "3 0 3");
}
