//! The first steps of `README.md`, typed as they stand there: a center is up and browsable, and
//! its first work is sold.
#![cfg(target_os = "linux")]

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use saifu_tests::stage::Programs;

const HEADING: &str = "## First steps by hand";

/// How many lines after the center is up the work is sold, at most.
const MAX_LINES: usize = 10;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The commands of the first steps, line by line.
fn lines() -> Vec<String> {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let (_, from) = readme.split_once(HEADING).expect("the heading");
    let (_, block) = from.split_once("```sh\n").expect("the commands");
    let (block, _) = block.split_once("```").expect("their end");
    block.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned).collect()
}

/// The lines as a script in `folder`: with its folders and a port of its own, and with the pause
/// that whoever types makes until the server is there.
fn script(lines: &[String], port: u16) -> String {
    let mut script = "set -e\ntrap 'kill $served 2>/dev/null || true' EXIT\n".to_owned();
    for line in lines.iter().filter(|line| !line.starts_with("cargo ")) {
        script.push_str(&line.replace("8440", &port.to_string()).replace("/tmp/saifu", "$PWD"));
        script.push('\n');
        if line.contains("saifu-center serve") {
            script.push_str("served=$!\n");
            script.push_str(&format!(
                "for _ in $(seq 300); do (: </dev/tcp/127.0.0.1/{port}) 2>/dev/null && break; \
                 sleep 0.1; done\n"
            ));
        }
    }
    script
}

#[test]
fn the_first_steps_of_the_readme_sell_a_work() {
    let programs = Programs::find().unwrap();
    let folder = tempfile::tempdir().unwrap();
    symlink(root().canonicalize().unwrap().join("tests"), folder.path().join("tests")).unwrap();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let programs = programs.terminal.parent().unwrap().display().to_string();
    let path = format!("{programs}:{}", std::env::var("PATH").unwrap());
    let ran = Command::new("bash")
        .args(["-c", &script(&lines(), port)])
        .current_dir(folder.path())
        .env("PATH", path)
        .env("SAIFU_PIN", "1234")
        .env("SAIFU_CENTER_LISTEN", format!("127.0.0.1:{port}"))
        .output()
        .unwrap();
    let (said, error) =
        (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    assert!(ran.status.success(), "{said}\n{error}");
    let alice = fs::read(root().join("tests/media/alice.txt")).unwrap();
    assert!(fs::read(folder.path().join("work.txt")).unwrap() == alice);
    assert!(said.contains("all value is accounted"), "{said}\n{error}");
    assert!(said.contains("settled") && said.contains("300"), "{said}");
}

#[test]
fn a_work_is_sold_within_ten_lines_of_a_center_that_is_up() {
    let lines = lines();
    let served = lines.iter().position(|line| line.starts_with("saifu-center serve")).unwrap();
    let sold = lines.iter().position(|line| line.starts_with("saifu buy")).unwrap();
    assert!(served < sold && sold - served <= MAX_LINES, "{lines:?}");
    let made = lines.iter().position(|line| line.starts_with("saifu-center init")).unwrap();
    assert!(made < served);
}
