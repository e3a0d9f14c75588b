//! The demonstration itself: it checks all that it tells.

#[test]
fn three_real_works_are_sold_and_all_value_is_accounted() {
    saifu_tests::demo::run().expect("the demonstration");
}
