//! Files that no crate compiles.

use std::collections::{BTreeMap, BTreeSet};

use super::lexer::{Source, words};
use super::workspace::File;

/// Finds the sources that none of `roots` reaches through `mod` items.
pub(crate) fn dead_files(roots: &[String], sources: &[File]) -> Vec<String> {
    let texts: BTreeMap<&str, &str> =
        sources.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let mut open: Vec<(String, bool)> = roots.iter().map(|root| (root.clone(), true)).collect();
    let mut reached = BTreeSet::new();
    while let Some((path, is_root)) = open.pop() {
        let Some(text) = texts.get(path.as_str()) else { continue };
        if reached.insert(path.clone()) {
            let children = children(&path, is_root, &Source::new(text));
            open.extend(children.into_iter().map(|child| (child, false)));
        }
    }
    let dead = texts.keys().filter(|path| !reached.contains(**path));
    dead.map(|path| format!("{path}: no `mod` item leads to it")).collect()
}

/// Where the modules that `source` declares may lie; of two places one exists.
fn children(path: &str, is_root: bool, source: &Source) -> Vec<String> {
    let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
    let stem = file.trim_end_matches(".rs");
    let owns_folder = is_root || stem == "mod";
    let base = if owns_folder { folder.to_owned() } else { format!("{folder}/{stem}") };
    let mut found = Vec::new();
    for Declared { module, path_attribute } in declared(source) {
        match path_attribute {
            Some(file) => found.push(format!("{folder}/{file}")),
            None => {
                found.extend([format!("{base}/{module}.rs"), format!("{base}/{module}/mod.rs")])
            }
        }
    }
    found
}

/// A `mod name;`.
struct Declared {
    /// Its path from the file: `inline/name` for one inside `mod inline { }`.
    module: String,
    /// What a `#[path]` before it says.
    path_attribute: Option<String>,
}

fn declared(source: &Source) -> Vec<Declared> {
    let code = &source.code;
    let mut inline: Vec<(&str, usize)> = Vec::new();
    let mut found = Vec::new();
    let pairs = words(code).zip(words(code).skip(1));
    for ((start, word), (name_start, name)) in pairs {
        let adjacent = code.get(start + 3..name_start).is_some_and(|gap| gap.trim().is_empty());
        if word != "mod" || !adjacent {
            continue;
        }
        let depth = depth_at(code, start);
        inline.retain(|(_, outer)| *outer < depth);
        let rest = code[name_start + name.len()..].trim_start();
        if rest.starts_with('{') {
            inline.push((name, depth));
        } else if rest.starts_with(';') {
            let path: Vec<&str> = inline.iter().map(|(outer, _)| *outer).chain([name]).collect();
            let path_attribute = path_attribute(source, start);
            found.push(Declared { module: path.join("/"), path_attribute });
        }
    }
    found
}

fn depth_at(code: &str, offset: usize) -> usize {
    let before = &code.as_bytes()[..offset];
    let count = |brace| before.iter().filter(|byte| **byte == brace).count();
    count(b'{').saturating_sub(count(b'}'))
}

/// The file a `#[path = "..."]` names for the item at `offset`. The code has the literal
/// blanked; the text has it.
fn path_attribute(source: &Source, offset: usize) -> Option<String> {
    let item_start = source.code[..offset].rfind([';', '{', '}']).map_or(0, |at| at + 1);
    let attribute = item_start + source.code[item_start..offset].find("#[path")?;
    source.text[attribute..offset].split('"').nth(1).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dead(files: &[(&str, &str)]) -> Vec<String> {
        let sources: Vec<File> =
            files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
        let findings = dead_files(&["a/src/lib.rs".to_owned()], &sources);
        findings.into_iter().map(|line| line.split(':').next().unwrap().to_owned()).collect()
    }

    #[test]
    fn modules_are_followed_through_files_and_folders() {
        let files = [
            ("a/src/lib.rs", "mod b;\npub(crate) mod c;"),
            ("a/src/b.rs", "mod d;"),
            ("a/src/b/d.rs", ""),
            ("a/src/c/mod.rs", "mod e;"),
            ("a/src/c/e.rs", ""),
        ];
        assert_eq!(dead(&files), [""; 0]);
    }

    #[test]
    fn a_file_nobody_declares_is_found() {
        let files = [
            ("a/src/lib.rs", "// mod b;\nconst C: &str = \"mod c;\"; mod model {}"),
            ("a/src/b.rs", "mod d;"),
            ("a/src/b/d.rs", ""),
            ("a/src/c.rs", ""),
            ("a/src/model.rs", ""),
        ];
        assert_eq!(dead(&files), ["a/src/b.rs", "a/src/b/d.rs", "a/src/c.rs", "a/src/model.rs"]);
    }

    #[test]
    fn a_module_beside_its_parent_instead_of_below_it_is_found() {
        let files = [("a/src/lib.rs", "mod b;"), ("a/src/b.rs", "mod c;"), ("a/src/c.rs", "")];
        assert_eq!(dead(&files), ["a/src/c.rs"]);
    }

    #[test]
    fn inline_modules_and_path_attributes_are_followed() {
        let files = [
            ("a/src/lib.rs", "mod b { mod c { mod d; } mod e; } #[path = \"x/y.rs\"] mod f;"),
            ("a/src/b/c/d.rs", ""),
            ("a/src/b/e.rs", ""),
            ("a/src/x/y.rs", ""),
            ("a/src/f.rs", ""),
        ];
        assert_eq!(dead(&files), ["a/src/f.rs"]);
    }
}
