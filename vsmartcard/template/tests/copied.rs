//! The folder stands alone, with the `Cargo.toml` that the emulator's README gives it.

use std::fs;
use std::path::Path;
use std::process::Command;

#[test]
fn a_copy_of_the_folder_is_a_package_with_the_manifest_of_the_readme() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = here.join("../..").canonicalize().unwrap();
    let readme = fs::read_to_string(here.join("../README.md")).unwrap();
    let manifest = readme.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next());
    let manifest = manifest.unwrap().replace("SAIFU", root.to_str().unwrap());
    let copy = Path::new(env!("CARGO_TARGET_TMPDIR")).join("copy");
    fs::create_dir_all(copy.join("src")).unwrap();
    fs::copy(here.join("src/main.rs"), copy.join("src/main.rs")).unwrap();
    // Of a workspace of its own, wherever the tests build.
    fs::write(copy.join("Cargo.toml"), format!("{manifest}\n[workspace]\n")).unwrap();
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["metadata", "--offline", "--no-deps", "--format-version", "1"]).current_dir(&copy);
    let output = cargo.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let told = String::from_utf8(output.stdout).unwrap();
    for needed in ["vsmartcard", "applet/wire"] {
        let path = root.join(needed);
        assert!(path.join("Cargo.toml").exists(), "{needed}");
        assert!(told.contains(path.to_str().unwrap()), "{needed}: {told}");
    }
}
