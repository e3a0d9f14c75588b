//! Completions and the manual page, for packages.

use super::arguments;
use super::{ExitCode, Failure, Report};
use clap_complete::Shell;

/// A shell's completions.
pub(super) fn completions(shell: Shell) -> Report {
    let mut out = Vec::new();
    clap_complete::generate(shell, &mut arguments::completed(), "saifu", &mut out);
    Report::text_only(String::from_utf8_lossy(&out).into_owned())
}

/// The manual page, in roff: of the program, or of one of its commands, as in `contents-open`.
pub(super) fn man(command: Option<&str>) -> Result<Report, Failure> {
    let mut program = arguments::program();
    program.build();
    let mut page = &program;
    for name in command.iter().flat_map(|names| names.split(['-', ' '])) {
        let next = "`saifu --help` lists them; one below another is named as in `contents-open`";
        let unknown = || Failure::new(ExitCode::Usage, "there is no such command", next);
        page = page.find_subcommand(name).ok_or_else(unknown)?;
    }
    let mut out = Vec::new();
    let rendered = clap_mangen::Man::new(page.clone()).render(&mut out);
    rendered.map_err(|why| Failure::new(ExitCode::Failed, why, ""))?;
    Ok(Report::text_only(String::from_utf8_lossy(&out).into_owned()))
}
