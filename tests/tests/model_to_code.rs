//! The model and the code say the same: every kind of edge, every counterexample, and walks
//! drawn by lot, driven through the real card and center.

use saifu_model::Size;
use saifu_tests::replay::{Coverage, counterexamples, cover, edges, walks};

#[test]
fn every_kind_of_edge_of_the_model_is_what_card_and_center_do() {
    let size = Size::of_campaign();
    let coverage = cover(&edges(size));
    println!("model to code: {} of {} kinds of edges; {coverage}", coverage.agreed, coverage.cases);
    println!("    played by the fixture's center: {}", coverage.fixture.join("; "));
    check(&coverage, 40);
}

#[test]
fn every_counterexample_of_a_mutant_is_refused_by_card_and_center() {
    let coverage = cover(&counterexamples());
    println!(
        "model to code: {} of {} counterexamples; {coverage}",
        coverage.agreed, coverage.cases
    );
    println!("    played by the fixture's center: {}", coverage.fixture.join("; "));
    check(&coverage, 30);
    assert!(coverage.refused > 0, "nothing was refused");
}

#[test]
fn walks_through_the_model_are_what_card_and_center_do() {
    let size = Size::of_campaign();
    let count = if size == Size::Full { 4_000 } else { 200 };
    let coverage = cover(&walks(size, count));
    println!("model to code: {} of {} walks; {coverage}", coverage.agreed, coverage.cases);
    check(&coverage, count);
    assert!(coverage.steps > 10 * count, "the walks are too short");
}

/// All of them agree, and there are enough.
fn check(coverage: &Coverage, least: usize) {
    let failures = &coverage.failures;
    assert!(failures.is_empty(), "model and code differ:\n{}", failures.join("\n"));
    assert_eq!(coverage.agreed, coverage.cases);
    assert!(coverage.cases >= least, "{} ways are too few", coverage.cases);
    assert!(coverage.real > 0, "the real center played none");
}
