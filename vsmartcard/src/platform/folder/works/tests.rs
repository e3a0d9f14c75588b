use super::*;
use saifu_applet::platform::{INDEX_BITS, Memory};
use std::path::Path;
use tempfile::TempDir;

fn works() -> (TempDir, Works) {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path().join("14-content");
    (temporary, Works::new(folder))
}

fn name(id: u64, index: u64) -> ObjectName {
    ObjectName { memory: Memory::Content, number: id << INDEX_BITS | index }
}

/// Works `1` and `2` of three segments, the last of them shorter.
fn stored() -> (TempDir, Works) {
    let (temporary, mut works) = works();
    for index in 0..3 {
        for id in [1, 2] {
            works.write(name(id, index), &segment(id, index)).unwrap();
        }
    }
    (temporary, works)
}

fn segment(id: u64, index: u64) -> Vec<u8> {
    vec![(id * 16 + index) as u8; if index == 2 { 40 } else { 100 }]
}

#[test]
fn segments_come_back_before_and_after_they_are_synced() {
    let (_temporary, mut works) = stored();
    for _ in 0..2 {
        for (id, index) in [(1, 0), (2, 2), (1, 2), (2, 0), (2, 1)] {
            let read = works.read(name(id, index)).unwrap();
            assert_eq!(read, Some(segment(id, index)), "{id} {index}");
        }
        works.sync().unwrap();
    }
    works.write(name(1, 1), &[9; 100]).unwrap();
    assert_eq!(works.read(name(1, 1)).unwrap(), Some(vec![9; 100]));
    assert_eq!(works.read(name(1, 2)).unwrap(), Some(segment(1, 2)));
}

#[test]
fn what_was_never_written_is_not_there() {
    let (_temporary, mut works) = stored();
    works.write(name(1, 9), &[9; 100]).unwrap();
    for (id, index) in [(1, 3), (1, 8), (1, 10), (1, (1 << INDEX_BITS) - 1), (3, 0)] {
        assert_eq!(works.read(name(id, index)).unwrap(), None, "{id} {index}");
    }
}

#[test]
fn a_work_goes_as_a_whole_and_alone() {
    let (_temporary, mut works) = stored();
    works.remove(1).unwrap();
    works.remove(1).unwrap();
    assert_eq!(works.read(name(1, 0)).unwrap(), None);
    assert_eq!(works.read(name(2, 0)).unwrap(), Some(segment(2, 0)));
}

#[test]
fn the_first_segment_begins_a_work_anew() {
    let (_temporary, mut works) = stored();
    works.write(name(1, 0), &[7; 50]).unwrap();
    assert_eq!(works.read(name(1, 0)).unwrap(), Some(vec![7; 50]));
    assert_eq!(works.read(name(1, 1)).unwrap(), None);
}

#[test]
fn a_segment_longer_than_the_first_touches_no_other() {
    let (_temporary, mut works) = stored();
    assert!(works.write(name(1, 1), &[9; 101]).is_err());
    assert_eq!(works.read(name(1, 1)).unwrap(), Some(segment(1, 1)));
    assert_eq!(works.read(name(1, 2)).unwrap(), Some(segment(1, 2)));
}

#[test]
fn a_segment_that_was_cut_off_is_what_is_left_of_it() {
    let (temporary, mut works) = stored();
    works.sync().unwrap();
    let path = temporary.path().join("14-content/0000000000000001-0064");
    let whole = fs::read(&path).unwrap();
    for left in (0..whole.len()).rev() {
        fs::write(&path, &whole[..left]).unwrap();
        let last = works.read(name(1, 2)).unwrap_or(None);
        assert_ne!(last, Some(segment(1, 2)), "{left} bytes");
        let before = works.read(name(1, 0)).unwrap_or(None);
        assert_eq!(before == Some(segment(1, 0)), left >= 104, "{left} bytes");
    }
}

#[test]
fn what_is_no_file_of_a_work_is_an_error_and_makes_nobody_wait() {
    let (temporary, mut works) = stored();
    works.sync().unwrap();
    let path = temporary.path().join("14-content/0000000000000001-0064");
    let pipe = |path: &Path| {
        assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success());
    };
    let endless = |path: &Path| std::os::unix::fs::symlink("/dev/zero", path).unwrap();
    let huge = |path: &Path| fs::write(path, [0xFF; 300]).unwrap();
    let plants: [&dyn Fn(&Path); 3] = [&pipe, &endless, &huge];
    for plant in plants {
        fs::remove_file(&path).unwrap();
        plant(&path);
        assert!(works.read(name(1, 0)).is_err());
        let is_file = fs::symlink_metadata(&path).unwrap().is_file();
        assert_eq!(works.write(name(1, 1), &[1]).is_ok(), is_file);
        works.sync().unwrap();
    }
    works.write(name(1, 0), &[5; 10]).unwrap();
    assert_eq!(works.read(name(1, 0)).unwrap(), Some(vec![5; 10]), "in its place");
}

#[test]
fn more_works_than_are_kept_open_can_be_written_in_turn() {
    let (_temporary, mut works) = works();
    let ids = 1..=MAX_OPEN as u64 + 5;
    for index in 0..3 {
        for id in ids.clone() {
            works.write(name(id, index), &[id as u8; 8]).unwrap();
        }
    }
    assert!(works.written.len() <= MAX_OPEN);
    for id in ids {
        assert_eq!(works.read(name(id, 2)).unwrap(), Some(vec![id as u8; 8]));
    }
}

#[test]
fn a_damaged_byte_spoils_the_segment_it_is_in_and_no_other() {
    let (temporary, mut works) = stored();
    works.sync().unwrap();
    let path = temporary.path().join("14-content/0000000000000001-0064");
    let whole = fs::read(&path).unwrap();
    assert_eq!(whole.len(), 2 * 104 + 44);
    for at in 0..whole.len() {
        let mut damaged = whole.clone();
        damaged[at] ^= 0xFF;
        fs::write(&path, damaged).unwrap();
        for index in 0..3 {
            let read = works.read(name(1, index)).unwrap_or(None);
            let well = read == Some(segment(1, index));
            assert_eq!(well, at / 104 != index as usize, "byte {at}, segment {index}");
        }
        assert_eq!(works.list(9).unwrap().len(), 2);
    }
}

#[test]
fn only_names_that_works_have_are_listed_and_a_work_takes_all_its_files_with_it() {
    let (temporary, mut works) = stored();
    let folder = temporary.path().join("14-content");
    let others = [
        "README",
        "0000000000000001",
        "1-0064",
        "0000000000000001-0000",
        "0000000000000001-64",
        "0000000000000001-FFFF",
        "0000000000000001-00ff",
    ];
    others.iter().for_each(|other| fs::write(folder.join(other), b"note").unwrap());
    let mut ids = works.list(100).unwrap();
    ids.sort_unstable();
    assert_eq!(ids, [1, 1, 2]);
    works.remove(1).unwrap();
    assert_eq!(works.list(100).unwrap(), [2]);
    assert_eq!(fs::read_dir(folder).unwrap().count(), others.len());
}
