//! What is committed together, and what a failure takes back.

use std::sync::Arc;
use std::thread;

use super::*;

fn writer() -> Writer {
    let connection = Connection::open_in_memory().unwrap();
    connection.execute_batch("CREATE TABLE t (n INTEGER UNIQUE) STRICT").unwrap();
    Writer::start(connection).unwrap()
}

fn insert(writer: &Writer, n: i64, refuse: bool) -> Result<()> {
    writer.write("insert", move |connection| {
        connection.execute("INSERT INTO t VALUES (?1)", [n]).map_err(failing("insert"))?;
        if refuse { Err(Refusal::conflict("on purpose")) } else { Ok(()) }
    })
}

fn count(writer: &Writer) -> i64 {
    let count = |row: &rusqlite::Row<'_>| row.get(0);
    let sql = "SELECT count(*) FROM t";
    let counted = move |c: &Connection| c.query_row(sql, [], count).map_err(failing("count"));
    writer.write("count", counted).unwrap()
}

#[test]
fn what_is_refused_leaves_nothing_and_the_next_succeeds() {
    let writer = writer();
    assert_eq!(insert(&writer, 1, true), Err(Refusal::conflict("on purpose")));
    assert_eq!(count(&writer), 0);
    insert(&writer, 1, false).unwrap();
    assert_eq!(count(&writer), 1);
}

#[test]
fn what_is_refused_before_it_changes_anything_disturbs_nothing_and_half_done_nothing_is_kept() {
    let writer = writer();
    let refuse = |_: &Connection| -> Result<()> { Err(Refusal::conflict("on purpose")) };
    assert_eq!(writer.write_judged("refuse", refuse), Err(Refusal::conflict("on purpose")));
    let half = |connection: &Connection| -> Result<()> {
        connection.execute("INSERT INTO t VALUES (7)", []).map_err(failing("insert"))?;
        Err(Refusal::conflict("too late"))
    };
    assert_eq!(writer.write_judged("half", half), Err(Refusal::conflict("too late")));
    assert_eq!(count(&writer), 0);
    insert(&writer, 1, false).unwrap();
    assert_eq!(count(&writer), 1);
}

#[test]
fn pa17_where_a_full_disk_ends_the_transaction_nothing_after_it_is_kept_by_itself() {
    let mut connection = Connection::open_in_memory().unwrap();
    connection.execute_batch("CREATE TABLE t (n INTEGER, b BLOB) STRICT").unwrap();
    connection.pragma_update(None, "max_page_count", 20).unwrap();
    let insert = |bytes: u32, guarded| {
        let (sender, receiver) = sync_channel(1);
        let work: Work = Box::new(move |connection| {
            let insert = |connection: &Connection| {
                let sql = "INSERT INTO t VALUES (1, zeroblob(?1))";
                connection.execute(sql, [bytes]).map_err(failing("insert"))
            };
            carry_out(connection, insert, sender)
        });
        (Job { what: "insert", work, guarded }, receiver)
    };
    for guarded in [false, true] {
        let batch = [(10, false), (1_000_000, guarded), (10, false), (10, true)];
        let (jobs, answers): (Vec<_>, Vec<_>) =
            batch.map(|(bytes, guarded)| insert(bytes, guarded)).into_iter().unzip();
        assert!(!commit(&mut connection, jobs));
        let words = ["taken back", "disk is full", "taken back", "taken back"];
        for (answer, words) in answers.into_iter().zip(words) {
            let refusal = answer.recv().unwrap().unwrap_err();
            assert_eq!(refusal.code(), saifu_center_api::ProblemCode::Unavailable, "{refusal}");
            assert!(refusal.to_string().contains(words), "{refusal}");
        }
        let kept = connection.query_row("SELECT count(*) FROM t", [], |row| row.get(0));
        assert_eq!(kept, Ok(0));
    }
}

#[test]
fn a_panic_fails_one_operation_and_leaves_nothing() {
    let writer = writer();
    let broken = writer.write("panic", |connection| -> Result<()> {
        connection.execute("INSERT INTO t VALUES (7)", []).map_err(failing("insert"))?;
        panic!("broken on purpose")
    });
    assert!(broken.is_err());
    assert_eq!(count(&writer), 0);
}

#[test]
fn many_at_once_are_all_kept_and_one_refused_among_them_is_not() {
    let writer = Arc::new(writer());
    let threads: Vec<_> = (0..40)
        .map(|n| {
            let writer = Arc::clone(&writer);
            thread::spawn(move || insert(&writer, n, n % 10 == 3).is_ok())
        })
        .collect();
    let kept = threads.into_iter().map(|thread| thread.join().unwrap());
    assert_eq!(kept.filter(|kept| *kept).count(), 36);
    assert_eq!(count(&writer), 36);
}

#[test]
fn pa17_a_full_disk_fails_what_does_not_fit_and_nothing_else() {
    let writer = writer();
    let big = |bytes: u32| {
        writer.write("insert", move |connection| {
            let sql = format!("CREATE TABLE big AS SELECT zeroblob({bytes}) AS b");
            connection.execute_batch(&sql).map_err(failing("insert"))
        })
    };
    insert(&writer, 1, false).unwrap();
    let limit =
        |c: &Connection| c.pragma_update(None, "max_page_count", 20).map_err(failing("limit"));
    writer.write("limit", limit).unwrap();
    let refusal = big(1_000_000).unwrap_err();
    assert_eq!(refusal.code(), saifu_center_api::ProblemCode::Unavailable, "{refusal}");
    assert!(refusal.to_string().contains("full"), "{refusal}");
    assert_eq!(count(&writer), 1);
    insert(&writer, 2, false).unwrap();
    big(1_000).unwrap();
    assert_eq!(count(&writer), 2);
}
