//! The verdict of `make bench-apdu`, on figures that nothing measured.

#[path = "../benches/apdu/table.rs"]
mod table;

use std::time::Duration;

use table::{Figures, Start, Starts, Through, Way};

fn way(tiny_us: u64) -> Way {
    let stream = Some(Duration::from_micros(100));
    Way { tiny: Duration::from_micros(tiny_us), streams: [stream, None] }
}

fn figures(ours_to_echo: f64, vicc_to_ours: f64, call_ns: u64) -> Figures {
    let [ours, echo, line] = [60, 50, 90].map(way);
    let [vpicc, vicc] = [44_000, 44_000].map(way);
    let through = Through { ours, echo, vpicc, vicc, line, ours_to_echo, vicc_to_ours };
    let start =
        || Start { listening: Duration::from_millis(12), visible: Duration::from_millis(412) };
    let vicc = Duration::from_millis(800);
    let answered = Duration::from_micros(9_500);
    let starts = Starts { ours: start(), answered, vpicc: start(), vicc };
    Figures { through, call: Duration::from_nanos(call_ns), starts }
}

#[test]
fn each_bound_that_is_missed_fails_alone() {
    assert!(figures(1.3, 300.0, 299).are_good());
    assert!(!figures(1.31, 300.0, 299).are_good(), "slower than the echo card");
    assert!(!figures(1.3, 299.0, 299).are_good(), "not fast enough beside vicc");
    assert!(!figures(1.3, 300.0, 300).are_good(), "slow in the process");
    assert!(!figures(f64::NAN, f64::NAN, 299).are_good(), "nothing measured");
}

#[test]
fn the_last_line_says_what_is_bound_and_the_rows_have_ratios() {
    let said = figures(1.204, 733.3, 120).to_string();
    let last = "\nbench-apdu: ours/echo x1.20, vicc/ours x733, in process 120 ns";
    assert!(said.ends_with(last), "{said}");
    let row = |name: &str| said.lines().find(|line| line.starts_with(name)).unwrap();
    let words: Vec<_> = row("our card, vpcd").split_whitespace().skip(3).collect();
    assert_eq!(words, ["60.0", "us", "x1.20", "327.7", "MB/s", "-"]);
    let words: Vec<_> = row("jCardSim *").split_whitespace().skip(2).collect();
    assert_eq!(words, ["377", "ns", "2650000", "x3.14"]);
}

#[test]
fn durations_have_three_digits() {
    for (nanos, said) in [(9_994, "9.99 us"), (9_996, "10.0 us"), (99_960, "100 us")] {
        let said = format!("our card {said} ");
        let table = figures(1.0, 700.0, nanos).to_string();
        let words: Vec<_> = table.split_whitespace().collect();
        assert!(words.join(" ").contains(&said), "{said} in {table}");
    }
}
