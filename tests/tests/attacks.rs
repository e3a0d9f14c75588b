//! Every attack of the catalogue as a test of its own name; `make attacks` plays the same.

use saifu_tests::attacks::named;

/// Makes a test of each attack.
macro_rules! tests {
    ($($module:ident: $($name:ident),+;)+) => {
        $($(
            #[test]
            fn $name() {
                let tally = named(stringify!($name)).expect("an attack").play();
                assert!(tally.failed_cases() == 0, "{:#?}", tally.failures());
                assert!(tally.refused_cases() + tally.accepted_cases() > 0, "nothing was tried");
            }
        )+)+
    };
}

saifu_tests::every_attack!(tests);
