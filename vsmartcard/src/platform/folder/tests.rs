use super::*;
use saifu_applet::crypto::Secret;
use saifu_applet::memory::records::SpendingRecord;
use saifu_applet::memory::{Change, Key, Store, StoreError};
use saifu_applet::platform::DEFAULT_CONTENT_BYTES;
use saifu_wire::CardId;
use saifu_wire::answer::MemoryState;
use saifu_wire::certificate::Assurance;
use std::collections::BTreeMap;
use tempfile::TempDir;

fn manufacture() -> Manufacture {
    let master = Secret::new([0x4D; 16]);
    Manufacture::diversified(CardId([7; 16]), Assurance::Software, 3, &master)
}

/// A folder for a card, and the folder that ends with the test.
fn place() -> (TempDir, PathBuf) {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path().join("card");
    (temporary, folder)
}

fn commit(store: &mut Store<FolderPlatform>, without_pin: u64) -> Result<(), StoreError> {
    let mut change = Change::new();
    change.put(Key::Spending, &SpendingRecord { without_pin });
    store.commit(change)
}

/// A card with a sum of 100, that no process runs.
fn card() -> (TempDir, PathBuf) {
    let (temporary, folder) = place();
    let mut store = Store::recover(FolderPlatform::create(&folder, &manufacture()).unwrap());
    store.initialise().unwrap();
    commit(&mut store, 100).unwrap();
    (temporary, folder)
}

fn power_up(folder: &Path) -> Store<FolderPlatform> {
    Store::recover(FolderPlatform::open(folder).unwrap())
}

fn found(folder: &Path) -> (MemoryState, Result<Option<u64>, StoreError>) {
    let store = power_up(folder);
    let record = store.get::<SpendingRecord>(&Key::Spending);
    (store.memory(), record.map(|record| record.map(|record| record.without_pin)))
}

/// Every file of a folder with its bytes, by its path within.
fn files_of(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    for memory in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        for file in fs::read_dir(memory.path()).unwrap().map(Result::unwrap) {
            let name = Path::new(&memory.file_name()).join(file.file_name());
            files.insert(name, fs::read(file.path()).unwrap());
        }
    }
    files
}

fn put_back(folder: &Path, files: &BTreeMap<PathBuf, Vec<u8>>) {
    if folder.exists() {
        fs::remove_dir_all(folder).unwrap();
    }
    for (name, bytes) in files {
        fs::create_dir_all(folder.join(name).parent().unwrap()).unwrap();
        fs::write(folder.join(name), bytes).unwrap();
    }
}

#[test]
fn a_card_is_what_it_was_when_it_is_taken_up_again() {
    let (_temporary, folder) = card();
    for sum in 100..110 {
        assert_eq!(found(&folder), (MemoryState::Good, Ok(Some(sum))));
        commit(&mut power_up(&folder), sum + 1).unwrap();
    }
    assert_eq!(FolderPlatform::open(&folder).unwrap().manufacture(), &manufacture());
}

#[test]
fn a_card_is_made_once_and_only_what_is_a_card_is_taken_up() {
    let (temporary, folder) = card();
    let again = FolderPlatform::create(&folder, &manufacture());
    assert!(matches!(again, Err(FolderError::Exists(_))));
    assert_eq!(found(&folder).0, MemoryState::Good);
    let other = FolderPlatform::open(temporary.path());
    assert!(matches!(other, Err(FolderError::NotACard(_))));
    fs::write(folder.join("secure/manufacture"), b"something else").unwrap();
    assert!(matches!(FolderPlatform::open(&folder), Err(FolderError::NotACard(_))));
}

#[test]
fn a_card_keeps_the_size_of_its_content_memory_and_an_older_one_has_the_usual() {
    for content_bytes in [0, 1_000_000, DEFAULT_CONTENT_BYTES] {
        let (_temporary, folder) = place();
        let manufacture = Manufacture { content_bytes, ..manufacture() };
        drop(FolderPlatform::create(&folder, &manufacture).unwrap());
        assert_eq!(FolderPlatform::open(&folder).unwrap().manufacture(), &manufacture);
        let bytes = fs::read(folder.join("secure/manufacture")).unwrap().len();
        assert_eq!(bytes == 71, content_bytes == DEFAULT_CONTENT_BYTES);
    }
}

#[test]
fn a_card_of_another_class_than_test_takes_no_seed() {
    let (_temporary, folder) = place();
    let seed = Seed::of("a test");
    let make = |class, seed| {
        let manufacture = Manufacture { assurance: class, ..manufacture() };
        FolderPlatform::create_finished(&folder, &manufacture, seed, |_| Ok::<_, FolderError>(()))
    };
    for class in [Assurance::Software, Assurance::Hardware] {
        assert!(matches!(make(class, Some(&seed)), Err(FolderError::Seeded(_))));
        assert!(!folder.exists());
        drop(make(class, None).unwrap());
        seed::Seeded::make(&folder.join("secure"), &seed).unwrap();
        assert!(matches!(FolderPlatform::open(&folder), Err(FolderError::Seeded(_))));
        fs::remove_dir_all(&folder).unwrap();
    }
    drop(make(Assurance::Test, Some(&seed)).unwrap());
    drop(FolderPlatform::open(&folder).unwrap());
}

#[test]
fn nothing_is_left_of_a_card_that_could_not_be_made() {
    let (temporary, folder) = place();
    let inside_nothing = folder.join("deeper");
    let made = FolderPlatform::create(&inside_nothing, &manufacture());
    assert!(matches!(made, Err(FolderError::System { .. })));
    assert_eq!(fs::read_dir(temporary.path()).unwrap().count(), 0);
}

#[test]
fn a_card_runs_in_one_process_at_a_time() {
    let (_temporary, folder) = card();
    let running = FolderPlatform::open(&folder).unwrap();
    assert!(matches!(FolderPlatform::open(&folder), Err(FolderError::InUse(_))));
    drop(running);
    assert!(FolderPlatform::open(&folder).is_ok());
}

#[test]
fn an_earlier_outside_folder_is_refused_and_the_last_revives_the_card() {
    let (_temporary, folder) = card();
    let outside = folder.join("outside");
    let earlier = files_of(&outside);
    commit(&mut power_up(&folder), 50).unwrap();
    let last = files_of(&outside);
    put_back(&outside, &earlier);
    assert_eq!(found(&folder), (MemoryState::Damaged, Err(StoreError::Memory)));
    assert_eq!(files_of(&outside), earlier);
    put_back(&outside, &BTreeMap::new());
    assert_eq!(found(&folder), (MemoryState::Missing, Err(StoreError::Memory)));
    put_back(&outside, &last);
    assert_eq!(found(&folder), (MemoryState::Good, Ok(Some(50))));
}

#[test]
fn the_secure_folder_of_a_card_that_lost_it_is_not_made_anew() {
    let (_temporary, folder) = card();
    fs::remove_file(folder.join("secure/slot-a")).unwrap();
    fs::remove_file(folder.join("secure/slot-b")).unwrap();
    assert_eq!(found(&folder), (MemoryState::Damaged, Err(StoreError::Memory)));
    assert_eq!(power_up(&folder).initialise(), Err(StoreError::Memory));
}

#[test]
fn a_torn_slot_leaves_the_other() {
    let (_temporary, folder) = card();
    let slot = |name: &str| folder.join("secure").join(name);
    let (a, b) = (fs::read(slot("slot-a")).unwrap(), fs::read(slot("slot-b")).unwrap());
    // The higher epoch is the current one.
    let (current, other) =
        if a[2..10] > b[2..10] { ("slot-a", "slot-b") } else { ("slot-b", "slot-a") };
    fs::write(slot(other), &a[..50]).unwrap();
    assert_eq!(found(&folder), (MemoryState::Good, Ok(Some(100))));
    commit(&mut power_up(&folder), 7).unwrap();
    fs::write(slot(current), []).unwrap();
    assert_eq!(found(&folder), (MemoryState::Good, Ok(Some(7))));
}

#[test]
fn what_stands_in_the_place_of_an_object_is_refused_without_waiting() {
    let (_temporary, folder) = card();
    let (name, bytes) = files_of(&folder.join("outside")).pop_first().unwrap();
    let path = folder.join("outside").join(name);
    let endless = |path: &Path| std::os::unix::fs::symlink("/dev/zero", path).unwrap();
    let huge = |path: &Path| fs::write(path, vec![0; MAX_OBJECT_BYTES + 1]).unwrap();
    let replacements: [&dyn Fn(&Path); 3] =
        [&endless, &huge, &|path| fs::create_dir(path).unwrap()];
    for replace in replacements {
        fs::remove_file(&path).unwrap();
        replace(&path);
        assert_eq!(found(&folder).0, MemoryState::Damaged);
        fs::remove_file(&path).or_else(|_| fs::remove_dir(&path)).unwrap();
        fs::write(&path, &bytes).unwrap();
        assert_eq!(found(&folder).0, MemoryState::Good);
    }
}

/// The names that the next objects of a card get, in every memory.
fn next_names(folder: &Path) -> Vec<PathBuf> {
    let numbers = files_of(&folder.join("outside"));
    let last = numbers.keys().filter_map(|path| number_of(path.file_name()?.to_str()?)).max();
    let next = last.unwrap() + 1;
    let memories =
        Memory::ALL.iter().map(|memory| folder.join("outside").join(folder_name(*memory)));
    memories
        .flat_map(|memory| (next..next + 8).map(move |n| memory.join(format!("{n:016x}"))))
        .collect()
}

fn make_pipe(path: &Path) {
    let made = std::process::Command::new("mkfifo").arg(path).status().unwrap();
    assert!(made.success());
}

#[test]
fn what_stands_in_the_place_of_an_object_to_come_is_replaced_and_never_written_through() {
    let (_temporary, folder) = card();
    let slot = folder.join("secure/slot-b");
    let to_slot = |path: &Path| std::os::unix::fs::symlink(&slot, path).unwrap();
    let hard = |path: &Path| fs::hard_link(folder.join("secure/manufacture"), path).unwrap();
    let plants: [&dyn Fn(&Path); 3] = [&to_slot, &hard, &make_pipe];
    for (sum, plant) in (1..).zip(plants) {
        let mut store = power_up(&folder);
        let names = next_names(&folder);
        names.iter().for_each(|name| plant(name));
        assert_eq!(commit(&mut store, sum), Ok(()));
        drop(store);
        assert_eq!(found(&folder), (MemoryState::Good, Ok(Some(sum))));
        assert_eq!(fs::metadata(&slot).unwrap().len(), SLOT_BYTES as u64);
        assert!(!names.iter().all(|name| fs::symlink_metadata(name).is_err()), "in their place");
    }
}

#[test]
fn a_folder_in_the_place_of_an_object_to_come_is_a_write_error() {
    let (_temporary, folder) = card();
    let mut store = power_up(&folder);
    next_names(&folder).iter().for_each(|name| fs::create_dir(name).unwrap());
    assert_eq!(commit(&mut store, 1), Err(StoreError::Memory));
}

#[test]
fn a_slot_that_is_a_link_or_a_pipe_is_not_written() {
    let (temporary, folder) = card();
    let slots = ["secure/slot-a", "secure/slot-b"].map(|slot| folder.join(slot));
    let elsewhere = temporary.path().join("elsewhere");
    fs::write(&elsewhere, b"mine").unwrap();
    let link = |path: &Path| std::os::unix::fs::symlink(&elsewhere, path).unwrap();
    let plants: [&dyn Fn(&Path); 2] = [&link, &make_pipe];
    for plant in plants {
        let mut platform = FolderPlatform::open(&folder).unwrap();
        for (slot, path) in [Slot::A, Slot::B].into_iter().zip(&slots) {
            let kept = fs::read(path).unwrap();
            fs::remove_file(path).unwrap();
            plant(path);
            assert_eq!(platform.write_slot(slot, &[1; SLOT_BYTES]), Err(MemoryFailed::Error));
            assert_eq!(fs::read(&elsewhere).unwrap(), b"mine");
            fs::remove_file(path).unwrap();
            fs::write(path, kept).unwrap();
        }
        drop(platform);
        assert_eq!(found(&folder), (MemoryState::Good, Ok(Some(100))));
    }
}

#[test]
fn a_write_error_leaves_what_was_committed() {
    let (_temporary, folder) = card();
    let mut store = power_up(&folder);
    let money = folder.join("outside/13-money");
    let aside = folder.join("aside");
    fs::rename(&money, &aside).unwrap();
    fs::write(&money, b"not a folder").unwrap();
    assert_eq!(commit(&mut store, 1), Err(StoreError::Memory));
    drop(store);
    fs::remove_file(&money).unwrap();
    fs::rename(&aside, &money).unwrap();
    assert_eq!(found(&folder), (MemoryState::Good, Ok(Some(100))));
    assert_eq!(commit(&mut power_up(&folder), 2), Ok(()));
}

#[test]
fn objects_nobody_names_are_swept_away_and_other_files_stay() {
    let (_temporary, folder) = card();
    let outside = folder.join("outside");
    let before = files_of(&outside);
    fs::write(outside.join("13-money/00000000000000ff"), b"junk").unwrap();
    fs::write(outside.join("13-money/README"), b"note").unwrap();
    fs::write(outside.join("13-money/00000000000000FF"), b"note").unwrap();
    assert_eq!(found(&folder).0, MemoryState::Good);
    let mut after = files_of(&outside);
    assert!(after.remove(Path::new("13-money/README")).is_some());
    assert!(after.remove(Path::new("13-money/00000000000000FF")).is_some());
    assert_eq!(after, before);
}

#[test]
fn an_outsider_sees_sealed_objects_and_may_not_look_into_the_secure_folder() {
    use std::os::unix::fs::PermissionsExt;
    let (_temporary, folder) = card();
    let sum = 100u64.to_be_bytes();
    for (name, bytes) in files_of(&folder.join("outside")) {
        assert!(!bytes.windows(8).any(|window| window == sum), "{}", name.display());
    }
    let mode = fs::metadata(folder.join("secure")).unwrap().permissions().mode();
    assert_eq!(mode & 0o077, 0);
}

#[test]
fn random_numbers_do_not_repeat() {
    let (_temporary, folder) = card();
    let mut store = power_up(&folder);
    let (mut one, mut two) = ([0; 32], [0; 32]);
    store.random(&mut one).unwrap();
    store.random(&mut two).unwrap();
    assert_ne!(one, two);
}
