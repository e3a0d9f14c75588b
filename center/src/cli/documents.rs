//! `saifu-center completions` and `man`, for packages.

use std::io::{self, Write};

use clap::CommandFactory;
use clap_complete::Shell;

use super::Cli;
use crate::refusal::{Refusal, Result};

/// Prints a shell's completions.
pub(super) fn completions(shell: Shell) -> Result<()> {
    let mut out = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "saifu-center", &mut out);
    print(&out)
}

/// Prints the manual page in roff: of the program, or of one of its commands, as in `work-add`.
pub(super) fn man(command: Option<&str>) -> Result<()> {
    let mut program = Cli::command();
    program.build();
    let mut page = &program;
    for name in command.iter().flat_map(|names| names.split(['-', ' '])) {
        page = page.find_subcommand(name).ok_or_else(|| {
            Refusal::not_found(
                "there is no such command: `saifu-center --help` lists them; one below another \
                 is named as in `work-add`",
            )
        })?;
    }
    let mut out = Vec::new();
    let rendered = clap_mangen::Man::new(page.clone()).render(&mut out);
    rendered.map_err(|error| Refusal::internal(format!("no page comes of this: {error}")))?;
    print(&out)
}

fn print(text: &[u8]) -> Result<()> {
    match io::stdout().write_all(text) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Refusal::unavailable(
            format!("the answer cannot be written ({error}): redirect it elsewhere"),
        )),
        _ => Ok(()),
    }
}
