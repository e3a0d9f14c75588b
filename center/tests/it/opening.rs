//! A center is opened: made where there is none, and the same ever after.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::thread;

use saifu_center::config::Config;
use saifu_center::{Center, Options, Refusal};
use saifu_center_api::ProblemCode;

fn open(folder: &Path) -> Result<Center, Refusal> {
    Center::open(folder, Options::default())
}

#[test]
fn a_folder_becomes_a_center_once() {
    let folder = tempfile::tempdir().unwrap();
    let inside = folder.path().join("a/b");
    let first = open(&inside).unwrap();
    let (id, certificates) = (first.id(), first.certificates());
    drop(first);
    let config = Config { name: "Another".into(), ..Config::default() };
    let second = Center::open(&inside, Options { config, ..Options::default() }).unwrap();
    assert_eq!((second.id(), second.certificates()), (id, certificates));
    assert_eq!(second.config(), &Config::default(), "a center keeps its configuration");
    assert_eq!(fs::metadata(&inside).unwrap().permissions().mode() & 0o077, 0);
}

#[test]
fn a_folder_opened_by_many_at_once_becomes_one_center() {
    let folder = tempfile::tempdir().unwrap();
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let folder = folder.path().to_owned();
            thread::spawn(move || open(&folder).unwrap().id())
        })
        .collect();
    let ids: Vec<_> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
    assert!(ids.windows(2).all(|pair| pair[0] == pair[1]), "{ids:?}");
}

#[test]
fn nv2_files_of_two_centers_in_one_folder_are_refused() {
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    drop((open(one.path()).unwrap(), open(other.path()).unwrap()));
    fs::rename(one.path().join("keys"), one.path().join("old")).unwrap();
    fs::rename(other.path().join("keys"), one.path().join("keys")).unwrap();
    let Err(refusal) = open(one.path()) else { panic!("opened") };
    assert_eq!(refusal.code(), ProblemCode::Conflict);
}

/// The names in a folder, without those that come and go with whoever reads.
fn listing(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<_> = names.map(|name| name.to_string_lossy().into_owned()).collect();
    names.retain(|name| !name.ends_with("-wal") && !name.ends_with("-shm"));
    names.sort();
    names
}

#[test]
fn nv6_a_center_that_has_lost_a_part_is_refused_and_never_made_anew() {
    for part in ["center.toml", "keys", "center.sqlite3"] {
        let folder = tempfile::tempdir().unwrap();
        drop(open(folder.path()).unwrap());
        let (place, lost) = (folder.path().join(part), folder.path().join("lost"));
        fs::rename(&place, &lost).unwrap();
        let before = listing(folder.path());
        for link_to_nowhere in [false, true] {
            if link_to_nowhere {
                std::os::unix::fs::symlink(folder.path().join("nowhere"), &place).unwrap();
            }
            let Err(refusal) = open(folder.path()) else { panic!("opened without {part}") };
            let told = format!("{part} is missing in {}: restore", folder.path().display());
            assert!(refusal.to_string().starts_with(&told), "{refusal}");
        }
        fs::remove_file(&place).unwrap();
        assert_eq!(listing(folder.path()), before);
        fs::rename(&lost, &place).unwrap();
        open(folder.path()).unwrap();
    }
}

#[test]
fn nv6_a_store_that_was_emptied_is_not_filled_anew() {
    let folder = tempfile::tempdir().unwrap();
    drop(open(folder.path()).unwrap());
    for journal in ["center.sqlite3-wal", "center.sqlite3-shm"] {
        let _ = fs::remove_file(folder.path().join(journal));
    }
    fs::write(folder.path().join("center.sqlite3"), "").unwrap();
    let Err(refusal) = open(folder.path()) else { panic!("opened") };
    assert!(refusal.to_string().contains("is empty"), "{refusal}");
    assert_eq!(fs::metadata(folder.path().join("center.sqlite3")).unwrap().len(), 0);
}

#[test]
fn a_center_in_production_without_an_issuer_is_refused_before_anything_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let config = Config { test_mode: false, ..Config::default() };
    let Err(refusal) = Center::open(folder.path(), Options { config, ..Options::default() }) else {
        panic!("opened")
    };
    assert!(refusal.to_string().contains("--issuer-root"), "{refusal}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn nobody_else_can_read_store_and_works_even_in_a_folder_that_was_open_to_all() {
    let folder = tempfile::tempdir().unwrap();
    let set = |path: &Path, mode| fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    let mode =
        |name: &str| fs::metadata(folder.path().join(name)).unwrap().permissions().mode() & 0o777;
    set(folder.path(), 0o755);
    let center = open(folder.path()).unwrap();
    let files = ["center.sqlite3", "center.sqlite3-wal", "center.sqlite3-shm", "center.toml"];
    assert_eq!(files.map(mode), [0o600; 4]);
    assert_eq!(["works", "keys"].map(mode), [0o700; 2]);
    drop(center);
    set(&folder.path().join("center.sqlite3"), 0o644);
    set(&folder.path().join("works"), 0o755);
    let _center = open(folder.path()).unwrap();
    assert_eq!(files.map(mode), [0o600; 4]);
    assert_eq!(mode("works"), 0o700);
}
