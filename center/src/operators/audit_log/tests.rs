use std::os::unix::fs::PermissionsExt;
use std::thread;

use tempfile::TempDir;

use super::*;

fn action(what: &str) -> Action {
    Action {
        time: 1_795_305_600,
        who: "user:0".into(),
        what: what.into(),
        on: "a \"work\"".into(),
        outcome: "done".into(),
    }
}

fn log(full: u64) -> (TempDir, AuditLog) {
    let folder = tempfile::tempdir().unwrap();
    let log = AuditLog { full, ..AuditLog::open(folder.path()).unwrap() };
    (folder, log)
}

/// A log of these actions.
fn of(actions: &[&str], full: u64) -> TempDir {
    let (folder, log) = log(full);
    actions.iter().for_each(|what| log.write(&action(what)).unwrap());
    folder
}

fn finding(folder: &Path) -> Option<String> {
    verify(folder).unwrap().finding
}

#[test]
fn what_is_written_is_listed_and_its_chain_holds() {
    let folder = of(&["one", "two\n", "three"], FULL_BYTES);
    let verified = verify(folder.path()).unwrap();
    assert_eq!((verified.entries, verified.finding), (3, None));
    let listed = list(folder.path(), 1, 1).unwrap();
    assert_eq!((listed.len(), listed[0].n, &listed[0].what[..]), (1, 2, "two "));
    assert_eq!(list(folder.path(), 2, 9).unwrap()[0].hash, verified.head);
    let mode = fs::metadata(folder.path().join(FILE)).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn the_chain_goes_on_from_file_to_file() {
    let folder = of(&["a"; 10], 700);
    let files = files(folder.path()).unwrap();
    assert!(files.len() > 2, "{files:?}");
    let verified = verify(folder.path()).unwrap();
    assert_eq!((verified.entries, verified.finding), (10, None));
    let numbers: Vec<_> = list(folder.path(), 3, 100).unwrap().iter().map(|e| e.n).collect();
    assert_eq!(numbers, (4..=10).collect::<Vec<_>>());
    fs::remove_file(&files[1]).unwrap();
    assert!(finding(folder.path()).unwrap().contains("lines are missing"));
}

#[test]
fn a_line_changed_taken_out_or_put_in_is_found_with_its_place() {
    type Forge = fn(&mut Vec<String>);
    let forgeries: [(Forge, &str); 4] = [
        (|lines| lines[1] = lines[1].replace("two", "ten"), "line 2: it was changed"),
        (|lines| drop(lines.remove(1)), "line 2: it is number 3"),
        (|lines| lines.insert(1, lines[0].clone()), "line 2: it is number 1"),
        (|lines| lines[2] = "{}".into(), "line 3: no entry"),
    ];
    for (forge, told) in forgeries {
        let folder = of(&["one", "two", "three"], FULL_BYTES);
        let file = folder.path().join(FILE);
        let text = fs::read_to_string(&file).unwrap();
        let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
        forge(&mut lines);
        fs::write(&file, lines.join("\n") + "\n").unwrap();
        let found = finding(folder.path()).unwrap();
        assert!(found.contains(told), "{found}");
    }
}

#[test]
fn a_line_made_anew_with_its_hash_does_not_fit_into_the_chain() {
    let folder = of(&["one", "two"], FULL_BYTES);
    let other = of(&["ten", "two"], FULL_BYTES);
    let text = |folder: &TempDir| fs::read_to_string(folder.path().join(FILE)).unwrap();
    let (own, others) = (text(&folder), text(&other));
    let mixed = format!("{}\n{}\n", others.lines().next().unwrap(), own.lines().nth(1).unwrap());
    fs::write(folder.path().join(FILE), mixed).unwrap();
    assert!(finding(folder.path()).unwrap().contains("does not follow"));
}

#[test]
fn a_line_that_a_power_failure_cut_is_cut_off_and_the_chain_goes_on() {
    let folder = of(&["one", "two"], FULL_BYTES);
    let file = folder.path().join(FILE);
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, &text[..text.len() - 9]).unwrap();
    assert_eq!(verify(folder.path()).unwrap().entries, 1);
    AuditLog::open(folder.path()).unwrap().write(&action("three")).unwrap();
    let verified = verify(folder.path()).unwrap();
    assert_eq!((verified.entries, verified.finding), (2, None));
}

#[test]
fn a_damaged_last_line_is_not_written_after() {
    let folder = of(&["one"], FULL_BYTES);
    fs::write(folder.path().join(FILE), "nonsense\n").unwrap();
    let log = AuditLog::open(folder.path()).unwrap();
    let refusal = log.write(&action("two")).unwrap_err();
    assert!(refusal.to_string().contains("--verify"), "{refusal}");
    assert_eq!(fs::read_to_string(folder.path().join(FILE)).unwrap(), "nonsense\n");
}

#[test]
fn many_writers_make_one_chain() {
    let (folder, _log) = log(FULL_BYTES);
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let folder = folder.path().to_owned();
            thread::spawn(move || {
                let log = AuditLog { full: 2_000, ..AuditLog::open(&folder).unwrap() };
                (0..10).for_each(|_| log.write(&action("a")).unwrap());
            })
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    let verified = verify(folder.path()).unwrap();
    assert_eq!((verified.entries, verified.finding), (40, None));
}

#[test]
fn a_long_text_is_cut_and_its_line_still_read() {
    let folder = of(&[&"\u{FFFF}\"\\".repeat(1_000)], FULL_BYTES);
    let listed = list(folder.path(), 0, 9).unwrap();
    assert_eq!(listed[0].what.chars().count(), MAX_TEXT);
    assert_eq!(finding(folder.path()), None);
}

#[test]
fn a_line_waits_for_another_s_but_not_for_ever() {
    let (folder, log) = log(FULL_BYTES);
    let log = AuditLog { patience: Duration::from_millis(30), ..log };
    let held = private().open(folder.path().join(LOCK)).unwrap();
    held.lock().unwrap();
    let refused = log.write(&action("one")).unwrap_err();
    assert_eq!(refused.code(), saifu_center_api::ProblemCode::Unavailable);
    assert!(refused.to_string().contains(LOCK), "{refused}");
    let patient = AuditLog { patience: PATIENCE, ..log.clone() };
    thread::scope(|scope| {
        let written = scope.spawn(|| patient.write(&action("two")));
        thread::sleep(Duration::from_millis(30));
        held.unlock().unwrap();
        written.join().unwrap().unwrap();
    });
    assert_eq!(verify(folder.path()).unwrap().entries, 1);
}
