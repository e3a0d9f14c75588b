//! How long a file and a function may be; how long a line, rustfmt says.

use super::lexer::{Source, line_of, words};
use crate::Finding;

const FILE_LINES_MAX: usize = 400;
const FUNCTION_LINES_MAX: usize = 70;

/// Finds whether the file, and which of its functions, are over their limit.
pub(crate) fn too_long(source: &Source) -> Vec<Finding> {
    [file_too_long(source), functions_too_long(source)].concat()
}

fn file_too_long(source: &Source) -> Vec<Finding> {
    let lines = source.text.lines().count();
    if lines <= FILE_LINES_MAX {
        return Vec::new();
    }
    vec![(1, format!("{lines} lines in one file: at most {FILE_LINES_MAX}"))]
}

fn functions_too_long(source: &Source) -> Vec<Finding> {
    functions(source)
        .into_iter()
        .filter(|function| function.lines > FUNCTION_LINES_MAX)
        .map(|function| {
            let Function { line, name, lines } = function;
            (line, format!("fn {name} has {lines} lines: at most {FUNCTION_LINES_MAX}"))
        })
        .collect()
}

struct Function {
    line: usize,
    name: String,
    lines: usize,
}

/// Every function with a body, from the line of its `fn` to that of its last brace.
fn functions(source: &Source) -> Vec<Function> {
    let code = &source.code;
    let mut found = Vec::new();
    let pairs = words(code).zip(words(code).skip(1));
    for ((start, word), (name_start, name)) in pairs {
        let named = word == "fn" && code[start + 2..name_start].trim().is_empty();
        let Some(end) = named.then(|| body_end(code, name_start)).flatten() else { continue };
        let line = line_of(code, start);
        let lines = line_of(code, end) - line + 1;
        found.push(Function { line, name: name.to_owned(), lines });
    }
    found
}

/// The offset of the brace that closes the function whose signature goes on at `from`;
/// nothing for a function without a body.
fn body_end(code: &str, from: usize) -> Option<usize> {
    let (mut brackets, mut braces) = (0_usize, 0_usize);
    for (offset, byte) in code.bytes().enumerate().skip(from) {
        match byte {
            b'(' | b'[' => brackets += 1,
            b')' | b']' => brackets = brackets.saturating_sub(1),
            b'{' if brackets == 0 || braces > 0 => braces += 1,
            b'}' if braces == 1 => return Some(offset),
            b'}' => braces = braces.saturating_sub(1),
            b';' if brackets == 0 && braces == 0 => return None,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<Finding> {
        too_long(&Source::new(text))
    }

    fn function_of(lines: usize) -> String {
        format!("fn long() {{\n{}}}\n", "    step();\n".repeat(lines - 2))
    }

    #[test]
    fn a_file_of_401_lines_is_found_and_one_of_400_is_not() {
        assert!(found(&"// line\n".repeat(400)).is_empty());
        let findings = found(&"// line\n".repeat(401));
        assert_eq!(findings, [(1, "401 lines in one file: at most 400".to_owned())]);
    }

    #[test]
    fn a_function_of_71_lines_is_found_and_one_of_70_is_not() {
        assert!(found(&function_of(70)).is_empty());
        let findings = found(&format!("struct S;\n{}", function_of(71)));
        assert_eq!(findings, [(2, "fn long has 71 lines: at most 70".to_owned())]);
    }

    #[test]
    fn braces_in_literals_and_comments_do_not_end_a_function() {
        for inner in ["// }\n", "let x = \"}\";\n", "let x = '}';\n", "let x = r#\"}\"#;\n"] {
            let text = function_of(70).replacen("step();\n", inner, 1);
            assert!(found(&text).is_empty(), "{inner}");
            let text = function_of(71).replacen("step();\n", inner, 1);
            assert_eq!(found(&text).len(), 1, "{inner}");
        }
    }

    #[test]
    fn methods_inner_functions_and_long_signatures_are_measured() {
        let inner = function_of(71);
        assert_eq!(found(&format!("impl S {{\n{inner}}}\n")).len(), 1);
        assert_eq!(found(&format!("fn outer() {{\n{inner}}}\n")).len(), 2);
        let signature = inner.replace("long()", &format!("long({}a: [u8; 4]) -> [u8; 2]", "\n"));
        assert!(found(&signature)[0].1.contains("72 lines"));
    }

    #[test]
    fn signatures_without_a_body_and_function_types_are_not_functions() {
        let text =
            format!("fn f(a: [u8; 2]);\ntype F = fn(u8);\n{}", "struct S { a: u8 }\n".repeat(99));
        assert!(functions(&Source::new(&text)).is_empty());
    }
}
