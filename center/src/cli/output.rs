//! What the program says, as text or as JSON.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::json;

use crate::refusal::{Refusal, Result};

/// How the program answers.
pub(super) struct Output {
    /// Whether in JSON.
    pub(super) json: bool,
    /// How the program is called on the same folder again, for a shell.
    pub(super) program: String,
}

impl Output {
    /// Says `answer`: `text` of it, or all of it in JSON.
    ///
    /// # Errors
    /// Standard output cannot be written; a reader that has gone is no error.
    pub(super) fn say<T: Serialize>(&self, answer: &T, text: impl Fn(&T) -> String) -> Result<()> {
        print(if self.json {
            let json = serde_json::to_string_pretty(answer);
            json.map_err(|error| Refusal::internal(format!("no JSON comes of this: {error}")))?
        } else {
            text(answer)
        })
    }

    /// Says why something was not done, on standard error.
    pub(super) fn refusal(&self, refusal: &Refusal) {
        let said = if self.json {
            json!({ "error": refusal.problem() }).to_string()
        } else {
            format!("saifu-center: {refusal}")
        };
        // Where standard error is gone too, the exit status is all that is left.
        let _ = writeln!(io::stderr(), "{said}");
    }
}

/// Says `said` as it is, on lines of its own.
///
/// # Errors
/// Standard output cannot be written; a reader that has gone is no error.
pub(super) fn print(mut said: String) -> Result<()> {
    if !said.is_empty() && !said.ends_with('\n') {
        said.push('\n');
    }
    match io::stdout().write_all(said.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Refusal::unavailable(
            format!("the answer cannot be written ({error}): redirect it elsewhere"),
        )),
        _ => Ok(()),
    }
}

/// Puts rows under headings, in columns; numbers to the right where `right` says so.
pub(super) fn table<const N: usize>(
    head: [&str; N],
    right: [bool; N],
    rows: &[[String; N]],
) -> String {
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.chain([head[column].chars().count()]).max().unwrap_or(0)
    };
    let widths: [usize; N] = std::array::from_fn(width);
    let line = |cells: [&str; N]| {
        let padded = (0..N).map(|at| match right[at] {
            true => format!("{:>1$}", cells[at], widths[at]),
            false => format!("{:<1$}", cells[at], widths[at]),
        });
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned() + "\n"
    };
    let body = rows.iter().map(|row| line(row.each_ref().map(String::as_str)));
    std::iter::once(line(head)).chain(body).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = [["春の歌".into(), "300".into()], ["Song".into(), "9".into()]];
        let shown = table(["title", "JPY"], [false, true], &rows);
        assert_eq!(shown, "title  JPY\n春の歌    300\nSong     9\n");
    }
}
