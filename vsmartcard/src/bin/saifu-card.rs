//! Makes virtual cards, looks at them, and talks to them.

fn main() -> std::process::ExitCode {
    saifu_vsmartcard::cli::main()
}
