//! Completions and the manual page, for packages.

use std::io::Write;
use std::process::ExitCode;

use clap::CommandFactory;

use super::{Arguments, Failure};

/// Prints a shell's completions.
pub(super) fn completions(
    shell: clap_complete::Shell,
    out: &mut dyn Write,
) -> Result<ExitCode, Failure> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "saifu-card", &mut text);
    out.write_all(&text)?;
    Ok(ExitCode::SUCCESS)
}

/// Prints the manual page, in roff: of the program, or of one of its commands, such as `run`.
pub(super) fn man(command: Option<&str>, out: &mut dyn Write) -> Result<ExitCode, Failure> {
    let mut program = Arguments::command();
    program.build();
    let mut page = &program;
    for name in command.iter().flat_map(|names| names.split(['-', ' '])) {
        let unknown = || Failure::NoSuchCommand(name.to_owned());
        page = page.find_subcommand(name).ok_or_else(unknown)?;
    }
    clap_mangen::Man::new(page.clone()).render(out)?;
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(print: impl FnOnce(&mut dyn Write) -> Result<ExitCode, Failure>) -> String {
        let mut out = Vec::new();
        print(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn completions_and_pages_know_the_commands() {
        assert!(printed(|out| completions(clap_complete::Shell::Bash, out)).contains("saifu-card"));
        assert!(printed(|out| man(None, out)).contains("proxy"));
        assert!(printed(|out| man(Some("run"), out)).contains("ccid\\-pty"));
        let refused = man(Some("nothing"), &mut Vec::new()).unwrap_err();
        assert!(refused.to_string().contains("nothing"), "{refused}");
    }
}
