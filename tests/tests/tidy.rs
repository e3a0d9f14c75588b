//! The style guide as a test.
//!
//! Each check is a function that returns what it found, so that it can be shown, beside the
//! check, to find what was planted; here every check runs over this workspace and must find
//! nothing.

mod tidy {
    pub(crate) mod crates;
    pub(crate) mod lexer;
    pub(crate) mod limits;
    pub(crate) mod modules;
    pub(crate) mod words;
    pub(crate) mod workspace;
}

use tidy::lexer::Source;
use tidy::workspace::Workspace;
use tidy::{crates, limits, modules, words};

#[test]
fn crates_know_only_whom_they_may_know() {
    nothing_found(crates::forbidden_edges(&Workspace::read().crates()));
}

#[test]
fn files_and_functions_are_short() {
    over_every_source(limits::too_long);
}

#[test]
fn nothing_is_unfinished_unsafe_skipped_or_commented_out() {
    over_every_source(words::forbidden_words);
    over_every_source(words::commented_out_code);
}

#[test]
fn every_source_file_belongs_to_a_crate() {
    let workspace = Workspace::read();
    nothing_found(modules::dead_files(&workspace.root_files(), &workspace.sources()));
}

#[test]
fn no_file_names_a_path_of_one_machine() {
    let workspace = Workspace::read();
    for (path, text) in workspace.texts() {
        nothing_found(located(&path, words::machine_paths(&text)));
    }
}

/// Something a check found: the line, counted from 1, and what is wrong there.
type Finding = (usize, String);

fn over_every_source(check: fn(&Source) -> Vec<Finding>) {
    let sources = Workspace::read().sources();
    assert!(sources.len() > 50, "only {} sources: looked in the wrong folder", sources.len());
    let findings =
        sources.iter().flat_map(|(path, text)| located(path, check(&Source::new(text)))).collect();
    nothing_found(findings);
}

fn located(path: &str, findings: Vec<Finding>) -> Vec<String> {
    findings.into_iter().map(|(line, what)| format!("{path}:{line}: {what}")).collect()
}

fn nothing_found(findings: Vec<String>) {
    assert!(findings.is_empty(), "\n{}", findings.join("\n"));
}
