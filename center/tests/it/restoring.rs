//! A backup is taken while sales run; the center put back from it settles what came after.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

use saifu_center::backup::{self, Manifest, Options};
use saifu_center::store::WorkFilter;
use saifu_center_api::ProblemCode;
use saifu_wire::signed::{Licence, Outcome, Signed};

use crate::auditing::audit_desk;
use crate::card::Card;
use crate::desk::{Desk, NOW, code};

fn back_up(desk: &Desk, to: &Path, options: Options<'_>) -> saifu_center::Result<Manifest> {
    backup::back_up(desk.folder.path(), to, options, NOW, &mut |_, _| {})
}

/// The center of a backup, put back into a folder of its own.
fn restored(from: &Path) -> Desk {
    let folder = tempfile::tempdir().unwrap();
    backup::restore(from, folder.path(), NOW + 60, &mut |_, _| {}).unwrap();
    Desk::of(folder)
}

/// Orders, pays and settles a work.
fn buy(desk: &Desk, card: &mut Card, work: &str, key: &str) {
    let order = desk.order(card, work, key).unwrap();
    desk.settle(&card.debit(&order.licence.0), &order.licence.0).unwrap();
}

/// Sells to every card in a thread of its own; `meanwhile` runs once each has bought twice.
fn sell_to_all<T>(desk: &Desk, cards: &mut [Card], work: &str, meanwhile: impl FnOnce() -> T) -> T {
    let (sold, count) = (AtomicU32::new(0), cards.len() as u32);
    thread::scope(|scope| {
        for card in cards {
            let sold = &sold;
            scope.spawn(move || {
                for sale in 0..6 {
                    buy(desk, card, work, &format!("sale-{sale}"));
                    sold.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
        while sold.load(Ordering::SeqCst) < 2 * count {
            thread::yield_now();
        }
        meanwhile()
    })
}

#[test]
fn nv1_a_backup_taken_while_sales_run_is_put_back_audited_and_settles_what_came_after() {
    let (desk, outside) = (Desk::open(), tempfile::tempdir().unwrap());
    let (work, file) = (desk.sell("jpy:300"), outside.path().join("backup"));
    let mut cards = [desk.customer(), desk.customer(), desk.customer()];
    let before = cards.each_ref().map(|card| desk.order(card, &work, "before").unwrap());
    let taken = sell_to_all(&desk, &mut cards, &work, || {
        back_up(&desk, &file, Options::default()).unwrap()
    });
    assert!(audit_desk(&desk).agrees());
    assert!(taken.entry >= 6 + 6, "three loads and two sales each were there");
    // After the backup: a new customer, an order of an old one, payments that nobody sent in.
    let mut late = desk.customer();
    let [order, other] = [&late, &cards[0]].map(|card| desk.order(card, &work, "after").unwrap());
    let after = [late.debit(&order.licence.0), cards[0].debit(&other.licence.0)];
    let unsent = [0, 1, 2].map(|n: usize| cards[n].debit(&before[n].licence.0));
    drop(desk);

    let desk = restored(&file);
    let report = audit_desk(&desk);
    assert_eq!(report.findings, []);
    assert_eq!(report.restores, [(NOW + 60, NOW)]);
    for (token, order) in unsent.iter().zip(&before) {
        assert_eq!(desk.outcome(token, &order.licence.0), Outcome::Settled);
    }
    let account = desk.register(&mut late.clone());
    assert_eq!(account.id, late.account.to_string());
    take_forgotten_load(&desk, &late);
    for (token, order) in after.iter().zip([&order, &other]) {
        assert_eq!(desk.outcome(token, &order.licence.0), Outcome::Settled);
    }
    let value = desk.value();
    assert_eq!(value.iter().sum::<i64>(), 4 * 10_000);

    let report = audit_desk(&desk);
    assert_eq!(report.findings, [], "{report:#?}");
    assert_eq!((report.cards_word, report.accounts), (1, 4));
    assert!(report.missing_links > 0 && !report.gaps.is_empty(), "{report:#?}");
    let missing: i128 = report.gaps.iter().flat_map(|gap| &gap.purses).map(|p| p.unsettled).sum();
    assert_eq!(missing, report.value[0].unsettled);
    assert_eq!(missing, 300 * i128::from(report.missing_links), "each missing link paid 300");
    sell_anew(&desk, &mut cards);
}

/// The load that the center has forgotten is on the card, and is not given out again.
fn take_forgotten_load(desk: &Desk, card: &Card) {
    let load = desk.open_load(card).unwrap();
    assert_eq!(code(desk.credit(card, &load)), ProblemCode::NotFound);
    assert_eq!(desk.register(&mut card.clone()).loads_due, [0_u32; 0]);
    assert_eq!(code(desk.open_load(card)), ProblemCode::Conflict);
}

/// New sales with the same cards work, under licence numbers that nobody has had.
fn sell_anew(desk: &Desk, cards: &mut [Card]) {
    let work = desk.sell_text("jpy:300", &"Another text, long enough for an excerpt. ".repeat(300));
    for card in cards {
        let order = desk.order(card, &work, "anew").unwrap();
        let number = Signed::<Licence>::parse(&order.licence.0).unwrap().message().number;
        assert!(number > 512, "{number}");
        desk.settle(&card.debit(&order.licence.0), &order.licence.0).unwrap();
    }
    assert!(audit_desk(desk).agrees());
}

#[test]
fn a_center_that_was_never_put_back_takes_no_cards_word_for_a_load() {
    let desk = Desk::open();
    let mut card = Card::new();
    desk.register(&mut card);
    let load = desk.open_load(&card).unwrap();
    let backup = desk.folder.path().join("elsewhere");
    back_up(&desk, &backup, Options::default()).unwrap();
    let event = card.credit(&desk.credit(&card, &load).unwrap());
    let mut other = load.clone();
    other.id = "07".repeat(16);
    assert_eq!(code(desk.close_load(&other, &event)), ProblemCode::NotFound);
    desk.close_load(&load, &event).unwrap();
    // Put back, it remembers the load, though not that its credit was given out.
    let desk = restored(&backup);
    assert_eq!(code(desk.close_load(&other, &event)), ProblemCode::NotFound);
    assert_eq!(desk.close_load(&load, &event).unwrap(), event);
    assert_eq!(desk.register(&mut card.clone()).loads_due, [0_u32; 0], "it is not given twice");
    let report = audit_desk(&desk);
    assert!(report.agrees() && report.cards_word == 1, "{report:#?}");
}

#[test]
fn a_forgotten_load_that_the_card_gave_up_uses_its_sequence_and_its_value_waits_again() {
    let (desk, outside) = (Desk::open(), tempfile::tempdir().unwrap());
    let mut card = Card::new();
    desk.register(&mut card);
    let load = desk.open_load(&card).unwrap();
    let file = outside.path().join("backup");
    back_up(&desk, &file, Options::default()).unwrap();
    let voided = card.void(&desk.credit(&card, &load).unwrap());
    let desk = restored(&file);
    assert_eq!(desk.close_load(&load, &voided).unwrap(), voided);
    let second = desk.open_load(&card).unwrap();
    let event = card.credit(&desk.credit(&card, &second).unwrap());
    desk.close_load(&second, &event).unwrap();
    assert_eq!(desk.value(), [0, 10_000, 0, 0]);
    assert!(audit_desk(&desk).agrees());
}

#[test]
fn a_forgotten_load_is_booked_once_whoever_sends_its_event() {
    let (desk, outside) = (Desk::open(), tempfile::tempdir().unwrap());
    let mut card = Card::new();
    desk.register(&mut card);
    let file = outside.path().join("backup");
    back_up(&desk, &file, Options::default()).unwrap();
    let load = desk.open_load(&card).unwrap();
    let event = card.credit(&desk.credit(&card, &load).unwrap());
    let desk = restored(&file);
    for _ in 0..3 {
        assert_eq!(desk.close_load(&load, &event).unwrap(), event);
        assert_eq!(audit_desk(&desk).cards_word, 1);
    }
    let mut forged = event.clone();
    let last = forged.len() - 1;
    forged[last] ^= 1;
    assert_eq!(code(desk.close_load(&load, &forged)), ProblemCode::NotAuthentic);
    assert!(audit_desk(&desk).agrees());
    assert_eq!(desk.register(&mut card.clone()).loads_due, [0_u32; 0], "it is not given twice");
}

/// A desk with a work, and a folder for its backups.
fn shop() -> (Desk, tempfile::TempDir) {
    let desk = Desk::open();
    desk.sell("jpy:300");
    desk.customer();
    (desk, tempfile::tempdir().unwrap())
}

fn names_in(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}

#[test]
fn a_backup_is_one_file_or_a_folder_for_its_owner_alone_with_everything_in_it() {
    let (desk, outside) = shop();
    for (name, folder) in [("file", false), ("folder", true)] {
        let to = outside.path().join(name);
        let options = Options { folder, older: None };
        let made = back_up(&desk, &to, options).unwrap();
        assert_eq!(backup::verify(&to, &mut |_, _| {}).unwrap(), made);
        let mode = fs::metadata(&to).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, if folder { 0o700 } else { 0o600 });
        for part in ["center.sqlite3", "center.toml", "payment-1.key", "payment-1.cvc"] {
            assert!(made.parts.iter().any(|found| found.path.ends_with(part)), "{part}");
        }
        let works = made.parts.iter().filter(|part| part.path.starts_with("works/blobs/"));
        assert_eq!(works.count(), 2, "the work and its preview");
        assert_eq!(code_of(back_up(&desk, &to, options)), ProblemCode::Conflict);
        let again = restored(&to);
        assert_eq!(again.center().id(), desk.center().id());
        assert!(again.center().works_are_whole());
    }
    assert_eq!(names_in(outside.path()).len(), 2, "nothing else is left");
}

fn code_of<T>(answer: saifu_center::Result<T>) -> ProblemCode {
    answer.err().expect("a refusal").code()
}

trait Whole {
    fn works_are_whole(&self) -> bool;
}

impl Whole for saifu_center::Center {
    fn works_are_whole(&self) -> bool {
        let works = self.works(&WorkFilter::all(), 0, 100).unwrap();
        !works.is_empty() && works.iter().all(|(_, work)| self.check_work(work).is_empty())
    }
}

#[test]
fn nv8_a_backup_that_is_cut_or_changed_anywhere_is_refused_and_nothing_is_put_back() {
    let (desk, outside) = shop();
    let good = outside.path().join("good");
    back_up(&desk, &good, Options::default()).unwrap();
    let bytes = fs::read(&good).unwrap();
    let (bad, target) = (outside.path().join("bad"), outside.path().join("center"));
    let refused = |bytes: &[u8], what: &str| {
        fs::write(&bad, bytes).unwrap();
        assert_eq!(code_of(backup::verify(&bad, &mut |_, _| {})), ProblemCode::Malformed, "{what}");
        backup::restore(&bad, &target, NOW, &mut |_, _| {}).unwrap_err();
        assert!(!target.exists(), "{what}");
    };
    let end = bytes.iter().rposition(|byte| *byte != 0).unwrap();
    for cut in [0, 100, 512, end / 2, end] {
        refused(&bytes[..cut], "cut");
    }
    // Within the content of each part: what pads a part carries nothing.
    for part in 1..40 {
        let mut changed = bytes.clone();
        let at = (end / 40 * part..end).find(|at| changed[*at] != 0).unwrap();
        changed[at] ^= 1;
        refused(&changed, "changed");
    }
    assert_eq!(names_in(outside.path()).len(), 2);
}

#[test]
fn a_center_is_put_back_into_an_empty_folder_only() {
    let (desk, outside) = shop();
    let file = outside.path().join("backup");
    back_up(&desk, &file, Options::default()).unwrap();
    let into = |folder: &Path| code_of(backup::restore(&file, folder, NOW, &mut |_, _| {}));
    assert_eq!(into(desk.folder.path()), ProblemCode::Conflict);
    assert_eq!(into(outside.path()), ProblemCode::Conflict);
    let deep = outside.path().join("a/b");
    backup::restore(&file, &deep, NOW, &mut |_, _| {}).unwrap();
    assert!(deep.join("center.sqlite3").exists());
}

#[test]
fn a_work_that_is_damaged_or_gone_fails_the_backup_and_leaves_nothing() {
    let (desk, outside) = shop();
    let work = names_in(&desk.folder.path().join("works/blobs")).remove(0);
    let good = fs::read(&work).unwrap();
    let mut bad = good.clone();
    bad[0] ^= 1;
    for folder in [false, true] {
        fs::write(&work, &bad).unwrap();
        let to = outside.path().join("backup");
        let options = Options { folder, older: None };
        let refused = back_up(&desk, &to, options).unwrap_err().to_string();
        assert!(refused.contains("damaged"), "{refused}");
        fs::remove_file(&work).unwrap();
        assert_eq!(code_of(back_up(&desk, &to, options)), ProblemCode::Unavailable);
        fs::write(&work, &good).unwrap();
    }
    assert!(names_in(outside.path()).is_empty());
}

#[test]
fn works_of_an_older_backup_are_not_copied_again() {
    let (desk, outside) = shop();
    let [old, new] = ["old", "new"].map(|name| outside.path().join(name));
    back_up(&desk, &old, Options { folder: true, older: None }).unwrap();
    desk.sell_text("jpy:5", &"One more, that is long enough for an excerpt. ".repeat(300));
    let none = Options { folder: true, older: Some(outside.path()) };
    assert_eq!(code_of(back_up(&desk, &new, none)), ProblemCode::NotFound);
    back_up(&desk, &new, Options { folder: true, older: Some(&old) }).unwrap();
    let links = |folder: &Path| -> Vec<u64> {
        names_in(&folder.join("works/blobs"))
            .iter()
            .map(|blob| fs::metadata(blob).unwrap().nlink())
            .collect()
    };
    assert_eq!(links(&old), [2, 2]);
    assert_eq!(links(&new).iter().filter(|count| **count == 2).count(), 2);
    fs::remove_dir_all(&old).unwrap();
    backup::verify(&new, &mut |_, _| {}).unwrap();
}

#[test]
fn what_an_interrupted_backup_left_is_gone_after_the_next_and_what_is_locked_or_new_stays() {
    let (desk, outside) = (Desk::open(), tempfile::tempdir().unwrap());
    let at = |name: &str| outside.path().join(name);
    let left = [".saifu-backup-a.part", ".saifu-backup-b.part"].map(at);
    let kept = [".saifu-backup-c.part", ".saifu-backup-d.part", ".saifu-backup-e"].map(at);
    fs::create_dir(&left[0]).unwrap();
    fs::write(left[0].join("key"), "k").unwrap();
    let files =
        [&left[1], &kept[0], &kept[1], &kept[2]].map(|path| fs::File::create(path).unwrap());
    let old = std::time::SystemTime::now() - std::time::Duration::from_secs(3_600);
    let folder = fs::File::open(&left[0]).unwrap();
    for of in [&folder, &files[0], &files[1], &files[3]] {
        of.set_modified(old).unwrap();
    }
    files[1].lock().unwrap();
    back_up(&desk, &at("backup"), Options::default()).unwrap();
    let gone = |paths: &[PathBuf]| paths.iter().filter(|path| !path.exists()).count();
    assert_eq!((gone(&left), gone(&kept)), (2, 0));
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 4, "the backup and what is kept");
}
