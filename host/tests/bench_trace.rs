//! The arithmetic of `make bench-trace`, on runs that nothing measured.

#[path = "../benches/trace/table.rs"]
mod table;

use std::time::Duration;

use table::{Figures, Run};

/// A run of 1,001 APDUs that takes so long to start, and so long for each but the first.
fn run(start_ms: u64, micros_each: u64) -> Run {
    let one = Duration::from_millis(start_ms);
    Run { one, all: one + Duration::from_micros(1_000 * micros_each) }
}

fn row<'t>(told: &'t str, name: &str) -> Vec<&'t str> {
    let line = told.lines().find(|line| line.starts_with(name)).unwrap();
    line[name.len()..].split_whitespace().collect()
}

#[test]
fn the_start_of_a_program_does_not_count_among_its_apdus_but_in_its_whole_run() {
    let programs = [
        ("bare loop", vec![run(10, 40)]),
        ("ours of us", vec![run(10, 50)]),
        ("other", vec![run(90, 40)]),
    ];
    let told = Figures::of(&programs, 1_001).to_string();
    assert_eq!(row(&told, "bare loop"), ["25000", "1.00", "10.0", "ms", "50", "ms", "1.00"]);
    assert_eq!(row(&told, "ours of us"), ["20000", "0.80", "10.0", "ms", "60", "ms", "0.83"]);
    assert_eq!(row(&told, "other"), ["25000", "1.00", "90.0", "ms", "130", "ms", "0.38"]);
    let last = "bench-trace: ours 0.80 of a bare loop (at least 0.9), other 1.00";
    assert_eq!(told.lines().last(), Some(last));
}

#[test]
fn ratios_are_those_of_neighbours_and_the_median_of_them_counts() {
    // A machine that is busy in the second round and busier in the third makes nobody slow.
    let bare = vec![run(1, 40), run(2, 80), run(3, 400)];
    let ours = vec![run(1, 50), run(2, 100), run(3, 400)];
    let told = Figures::of(&[("bare", bare), ("ours", ours)], 1_001).to_string();
    assert_eq!(row(&told, "ours")[..2], ["10000", "0.80"]);
    assert!(told.starts_with("1001 APDUs from a file, one pcscd, medians of 3 rounds"), "{told}");
}

#[test]
fn where_nothing_was_measured_no_number_is_told() {
    let told = Figures::of(&[("bare", vec![]), ("ours", vec![])], 1_001).to_string();
    assert_eq!(row(&told, "ours")[..2], ["NaN", "NaN"]);
    assert_eq!(Figures::of(&[("bare", vec![])], 1).count(), 1);
}
