//! Words that must not stand in a source.

use super::lexer::{Source, line_of, words};
use crate::Finding;

const IN_CODE: &[&str] = &["unsafe"];
const MACROS: &[&str] = &["todo", "unimplemented", "dbg"];
/// A test is skipped only where it is no test but what another one starts and kills.
const SKIPPED: &str = "ignore";
const SKIPPED_REASON: &str = "ignore = \"the process that another test ";
const IN_COMMENTS: &[&str] = &["TODO", "FIXME", "XXX"];
const MACHINE_ROOTS: &[&str] = &[concat!("/wo", "rk/"), concat!("/ro", "ot/")];

/// Finds what is unfinished, unsafe or a test that does not run.
pub(crate) fn forbidden_words(source: &Source) -> Vec<Finding> {
    let in_code = words(&source.code).filter_map(|(offset, word)| {
        let rest = &source.code[offset + word.len()..];
        let before = source.code[..offset].trim_end();
        let found = IN_CODE.contains(&word)
            || (MACROS.contains(&word) && rest.starts_with('!'))
            || (word == SKIPPED
                && before.ends_with("#[")
                && !source.text[offset..].starts_with(SKIPPED_REASON));
        found.then(|| (line_of(&source.code, offset), format!("`{word}`")))
    });
    let in_comments = source.comments.iter().flat_map(|(line, text)| {
        let marks = words(text).filter(|(_, word)| IN_COMMENTS.contains(word));
        marks.map(move |(offset, word)| (line + line_of(text, offset) - 1, format!("`{word}`")))
    });
    in_code.chain(in_comments).collect()
}

/// Finds comments that read like code. Documentation may hold examples and is left alone.
pub(crate) fn commented_out_code(source: &Source) -> Vec<Finding> {
    let plain = source.comments.iter().filter(|(_, text)| !is_documentation(text));
    plain
        .filter(|(_, text)| text.lines().any(|line| reads_like_code(bare(line))))
        .map(|(line, _)| (*line, "commented-out code".to_owned()))
        .collect()
}

fn is_documentation(comment: &str) -> bool {
    ["///", "//!", "/**", "/*!"].iter().any(|mark| comment.starts_with(mark))
}

/// The line without the marks of a comment.
fn bare(line: &str) -> &str {
    line.trim().trim_start_matches(['/', '*']).trim_end_matches("*/").trim()
}

fn reads_like_code(line: &str) -> bool {
    let statement = line.ends_with(';') && line.contains(['(', '=', ':', '}']);
    let declaration = ["use ", "let ", "return ", "mod "]
        .iter()
        .any(|word| line.starts_with(word) && line.ends_with(';'));
    let opening = line.ends_with('{');
    let closing = matches!(line, "}" | "};" | "})" | "});" | "},");
    statement || declaration || opening || closing || line.starts_with("#[")
}

/// Finds absolute paths below the folders in which a build machine keeps its checkouts.
pub(crate) fn machine_paths(text: &str) -> Vec<Finding> {
    let found = |line: &&str| MACHINE_ROOTS.iter().any(|root| names_a_path(line, root));
    let lines = text.lines().enumerate().filter(|(_, line)| found(line));
    lines.map(|(index, line)| (index + 1, format!("a machine's path: {}", line.trim()))).collect()
}

/// A path begins at `root` unless something stands before it that goes on with it.
fn names_a_path(line: &str, root: &str) -> bool {
    line.match_indices(root).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '}' | '*'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(findings: &[Finding]) -> Vec<usize> {
        findings.iter().map(|finding| finding.0).collect()
    }

    #[test]
    fn unfinished_and_unsafe_code_and_skipped_tests_are_found() {
        let text = "fn f() { todo!() }\n unimplemented!();\n dbg!(x);\nunsafe {}\n#[ignore]\nx";
        assert_eq!(lines(&forbidden_words(&Source::new(text))), [1, 2, 3, 4, 5]);
        let text = "#[ ignore = \"slow\"]\n// TODO: x\n/*\n FIXME */ // XXX";
        assert_eq!(lines(&forbidden_words(&Source::new(text))), [1, 2, 4, 4]);
    }

    #[test]
    fn the_same_words_elsewhere_are_not_found() {
        let text = "#[ignore = \"the process that another test kills\"]";
        assert_eq!(forbidden_words(&Source::new(text)), []);
        let text = "#![forbid(unsafe_code)] let todo = ignore(dbg); \"todo!() unsafe\"; // unsafe!";
        assert_eq!(forbidden_words(&Source::new(text)), []);
    }

    #[test]
    fn commented_out_code_is_found() {
        let codes = ["// let x = 1;", "// f(x);", "//use a::b;", "// if x {", "// }", "// #[test]"];
        for code in codes {
            assert_eq!(
                lines(&commented_out_code(&Source::new(&format!("\n{code}")))),
                [2],
                "{code}"
            );
        }
        assert_eq!(lines(&commented_out_code(&Source::new("/*\n * f(x);\n */"))), [1]);
    }

    #[test]
    fn prose_and_examples_are_not_commented_out_code() {
        let texts = ["// First this;\n// then that.", "/// let x = 1;", "//! }", "x; // why"];
        for text in texts {
            assert_eq!(commented_out_code(&Source::new(text)), [], "{text}");
        }
    }

    #[test]
    fn absolute_paths_of_a_machine_are_found() {
        let root = MACHINE_ROOTS[0];
        for text in [format!("cd {root}main"), format!("a\n\"{root}x\""), format!("({root})")] {
            assert_eq!(machine_paths(&text).len(), 1, "{text}");
        }
        for text in [format!("https://shop.example{root}1"), format!("shop.example/a{root}1")] {
            assert_eq!(machine_paths(&text), [], "{text}");
        }
    }
}
