//! The center's program; see [`saifu_center::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    saifu_center::cli::run()
}
