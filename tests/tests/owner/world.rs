//! A center with the real works, and customers who have a virtual card each.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use saifu_barrier::VARIABLE;
use saifu_tests::shop::REAL_WORKS;
use saifu_tests::stage::{Programs, Ran, Running};
use saifu_vsmartcard::TEST_PIN;
use saifu_vsmartcard::harness::Spoken;
use serde_json::Value;
use tempfile::TempDir;

const WITHIN: Duration = Duration::from_secs(120);

/// Where `saifu` stands when a work is paid and decrypted, and the center has not heard of it.
const DECRYPTED: &str = "journal line decrypted: on disk";

/// A folder with a center, and whatever its customers have.
pub(crate) struct World {
    pub(crate) folder: TempDir,
    programs: Programs,
}

impl World {
    /// A center that sells each real work.
    pub(crate) fn open() -> Self {
        let world =
            Self { folder: tempfile::tempdir().unwrap(), programs: Programs::find().unwrap() };
        world.center("center", &["init"]).good().unwrap();
        for work in &REAL_WORKS {
            let (path, price) = (work.path(), format!("jpy:{}", work.price));
            let add = ["work", "add", path.to_str().unwrap(), "--publish", "--price", &price];
            let told = ["--title", work.title, "--creator", work.creator];
            world.center("center", &[&add[..], &told].concat()).good().unwrap();
        }
        world
    }

    /// A path in the folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, program: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(arguments).current_dir(self.folder.path()).env_remove(VARIABLE);
        command
    }

    fn owners(&self, data: &str, arguments: &[&str]) -> Command {
        let mut command = self.command(&self.programs.center, arguments);
        command.env("SAIFU_CENTER_DATA", self.path(data));
        command
    }

    /// Runs `saifu-center` on the center in the folder `data`.
    pub(crate) fn center(&self, data: &str, arguments: &[&str]) -> Ran {
        self.center_with(data, "", arguments)
    }

    /// Runs `saifu-center` with a passphrase.
    pub(crate) fn center_with(&self, data: &str, passphrase: &str, arguments: &[&str]) -> Ran {
        let mut command = self.owners(data, arguments);
        if !passphrase.is_empty() {
            command.env("SAIFU_CENTER_PASSPHRASE", passphrase);
        }
        Running::start(&mut command).unwrap().wait(WITHIN).unwrap()
    }

    /// Runs `saifu-center --json`: its exit code, and what it says, be it an answer or a refusal.
    pub(crate) fn told(&self, data: &str, arguments: &[&str]) -> (Option<i32>, Value) {
        let ran = self.center(data, &[&["--json"], arguments].concat());
        let said = if ran.out.is_empty() { &ran.err } else { &ran.out };
        let json = said.lines().skip_while(|line| !line.starts_with(['{', '[']));
        let json = json.collect::<Vec<_>>().join("\n");
        (ran.code, serde_json::from_str(&json).unwrap_or_else(|_| panic!("{ran:?}")))
    }

    /// Serves the center in the folder `data`, and says where.
    pub(crate) fn serve(&self, data: &str) -> (Spoken, String) {
        let serve = ["serve", "--until-eof", "--listen", "127.0.0.1:0"];
        let mut center = Spoken::start(&mut self.owners(data, &serve)).unwrap();
        let line = center.hear(WITHIN).unwrap();
        let url = line.strip_prefix("serving at ").unwrap_or_else(|| panic!("{line}"));
        (center, url.trim().to_owned())
    }

    fn customers(&self, who: &str, url: &str, arguments: &[&str]) -> Command {
        let mut command = self.command(&self.programs.terminal, arguments);
        command.env("SAIFU_DATA", self.path(who)).env("SAIFU_PIN", TEST_PIN);
        command.env("SAIFU_CARD", "virtual").env("SAIFU_CENTER", url);
        command
    }

    /// Runs `saifu` as a customer.
    pub(crate) fn saifu(&self, who: &str, url: &str, arguments: &[&str]) -> Ran {
        let mut command = self.customers(who, url, arguments);
        Running::start(&mut command).unwrap().wait(WITHIN).unwrap()
    }

    /// Buys a work with a terminal that dies once the card has paid: the payment stays on the card.
    pub(crate) fn buy_and_die(&self, who: &str, url: &str, title: &str, file: &str) {
        let socket = self.path(&format!("barriers of {who}"));
        let barriers = UnixListener::bind(&socket).unwrap();
        let mut command = self.customers(who, url, &["buy", title, "-o", file, "--yes"]);
        let mut terminal = Running::start(command.env(VARIABLE, &socket)).unwrap();
        let (send, reached) = channel();
        thread::spawn(move || {
            let (program, _) = barriers.accept().unwrap();
            let mut lines = BufReader::new(program.try_clone().unwrap()).lines();
            while let Some(Ok(line)) = lines.next() {
                if line.ends_with(DECRYPTED) {
                    // It stands there until it is killed, which ends the connection.
                    let _ = send.send(());
                    let _ = lines.next();
                    return;
                }
                (&program).write_all(b"\n").unwrap();
            }
        });
        reached.recv_timeout(WITHIN).unwrap();
        assert!(!terminal.has_ended().unwrap());
        assert_eq!(terminal.kill().unwrap().code, None);
        fs::remove_file(socket).unwrap();
    }
}
