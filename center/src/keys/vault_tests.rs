use super::*;

const OWNER: [u8; 16] = [7; 16];

fn files(text: &str) -> Files {
    let file = |name: &str, bytes: &str| (name.to_owned(), Zeroizing::new(bytes.into()));
    [file("a-1.key", text), file("a-1.cvc", "public"), file("b-1.key", "other")].into()
}

fn key(byte: u8) -> Unlock {
    Unlock::Key(Secret::new([byte; 32]))
}

fn made(unlock: &Unlock) -> (tempfile::TempDir, PathBuf) {
    let guard = tempfile::tempdir().unwrap();
    let dir = guard.path().join("vault");
    assert!(Vault::create(&dir, &OWNER, unlock, &files("secret")).unwrap());
    (guard, dir)
}

fn read(dir: &Path, unlock: &Unlock) -> Result<Files, KeysError> {
    Vault::open(dir, unlock).map(|(_, files)| files)
}

#[test]
fn sealed_files_come_back_and_do_not_lie_there_in_the_clear() {
    let (_guard, dir) = made(&key(1));
    assert_eq!(read(&dir, &key(1)).unwrap(), files("secret"));
    let at_rest = |name: &str| fs::read(dir.join(name)).unwrap();
    assert_eq!(at_rest("1-a-1.cvc"), b"public");
    assert!(!at_rest("1-a-1.key").windows(6).any(|bytes| bytes == b"secret"));
}

#[test]
fn a_passphrase_opens_what_it_sealed_and_no_other_does() {
    let right = Unlock::passphrase("correct horse").unwrap();
    let (_guard, dir) = made(&right);
    assert_eq!(read(&dir, &right).unwrap(), files("secret"));
    let wrong = Unlock::passphrase("battery staple").unwrap();
    let before = fs::read(dir.join("manifest.json")).unwrap();
    assert!(matches!(read(&dir, &wrong), Err(KeysError::Wrong)));
    assert!(matches!(read(&dir, &key(1)), Err(KeysError::Sealed { .. })));
    assert!(matches!(read(&dir, &Unlock::Nothing), Err(KeysError::Sealed { .. })));
    assert_eq!(fs::read(dir.join("manifest.json")).unwrap(), before);
}

#[test]
fn li13_id12_no_sealed_file_takes_the_place_of_another() {
    let (_guard, dir) = made(&key(1));
    let (a, b) = (dir.join("1-a-1.key"), dir.join("1-b-1.key"));
    let good = fs::read(&a).unwrap();
    fs::copy(&b, &a).unwrap();
    assert!(matches!(read(&dir, &key(1)), Err(KeysError::Damaged { path }) if path == a));
    fs::write(&a, good).unwrap();
    let (_other_guard, other) = made(&key(1));
    fs::copy(other.join("manifest.json"), dir.join("manifest.json")).unwrap();
    let manifest = fs::read_to_string(dir.join("manifest.json")).unwrap();
    let anothers = manifest.replace(&"07".repeat(16), &"08".repeat(16));
    fs::write(dir.join("manifest.json"), anothers).unwrap();
    assert!(matches!(read(&dir, &key(1)), Err(KeysError::Wrong)), "bound to its owner");
}

#[test]
fn a_change_is_whole_and_leaves_nothing_of_what_was_before() {
    let (_guard, dir) = made(&key(1));
    let (mut vault, _) = Vault::open_alone(&dir, &key(1)).unwrap();
    vault.reseal(&OWNER, &key(2)).unwrap();
    vault.replace(&files("changed")).unwrap();
    drop(vault);
    assert!(matches!(read(&dir, &key(1)), Err(KeysError::Wrong)));
    assert_eq!(read(&dir, &key(2)).unwrap(), files("changed"));
    let names = || fs::read_dir(&dir).unwrap().map(|e| e.unwrap().file_name());
    assert!(names().all(|name| !name.to_string_lossy().starts_with("1-")));
}

#[test]
fn an_interrupted_change_is_none_and_the_next_one_succeeds() {
    let (_guard, dir) = made(&key(1));
    fs::write(dir.join("2-a-1.key"), b"torn").unwrap();
    fs::write(dir.join("notes.txt"), b"the owner's").unwrap();
    assert_eq!(read(&dir, &key(1)).unwrap(), files("secret"));
    let (mut vault, _) = Vault::open_alone(&dir, &key(1)).unwrap();
    vault.replace(&files("changed")).unwrap();
    drop(vault);
    assert_eq!(read(&dir, &key(1)).unwrap(), files("changed"));
    assert!(dir.join("notes.txt").exists());
}

#[test]
fn nobody_changes_what_somebody_uses_nor_uses_what_somebody_changes() {
    let (_guard, dir) = made(&key(1));
    let used = Vault::open(&dir, &key(1)).unwrap();
    assert!(read(&dir, &key(1)).is_ok());
    assert!(matches!(Vault::open_alone(&dir, &key(1)), Err(KeysError::InUse { .. })));
    drop(used);
    let changing = Vault::open_alone(&dir, &key(1)).unwrap();
    assert!(matches!(read(&dir, &key(1)), Err(KeysError::InUse { .. })));
    drop(changing);
}
