//! The terminal as a program.

fn main() -> std::process::ExitCode {
    saifu_host::cli::main()
}
