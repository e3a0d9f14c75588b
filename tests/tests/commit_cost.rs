//! What a commit costs does not grow with the licences held.
#![cfg(target_os = "linux")]

use std::path::Path;

use saifu_tests::commit_cost;

#[test]
fn a_commit_with_many_licences_costs_hardly_more_than_with_few() {
    let program = Path::new(env!("CARGO_BIN_EXE_commit-cost"));
    let cost = commit_cost::run(program).unwrap_or_else(|error| panic!("{error}"));
    assert!(cost.is_good(), "{cost}");
}
