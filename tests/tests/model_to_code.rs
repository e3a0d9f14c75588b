//! The model and the code say the same: every kind of edge, every counterexample, and walks
//! drawn by lot, driven through the real card and center.

use saifu_model::Size;
use saifu_tests::replay::{Coverage, counterexamples, cover, edges, walks};

#[test]
fn every_kind_of_edge_of_the_model_is_what_card_and_center_do() {
    let coverage = cover(&edges(Size::of_campaign()));
    check("kinds of edges", &coverage, 56);
}

#[test]
fn every_counterexample_of_a_mutant_is_refused_by_card_and_center() {
    let coverage = cover(&counterexamples());
    check("counterexamples", &coverage, 37);
    assert!(coverage.refused > 0, "nothing was refused");
}

#[test]
fn walks_through_the_model_are_what_card_and_center_do() {
    let size = Size::of_campaign();
    let count = if size == Size::Full { 2_000 } else { 140 };
    let coverage = cover(&walks(size, count));
    check("walks", &coverage, count);
    assert!(coverage.steps > 10 * count, "the walks are too short");
    assert!(coverage.refused > count, "the walks try too little");
}

/// All of them agree, and there are enough.
fn check(what: &str, coverage: &Coverage, least: usize) {
    let (agreed, all) = (coverage.agreed(), coverage.names.len());
    println!("model to code: {agreed} of {all} {what}; {coverage}");
    assert_eq!(agreed, all, "model and code differ, see above");
    assert!(all >= least, "{all} {what} are too few");
    assert!(!coverage.real.is_empty(), "the real center played none");
}
