//! Traces that include others.

use saifu_trace::syntax::ast::{Line, Statement};
use saifu_trace::syntax::{LINES_MAX, LoadError, load, read_from};
use std::fs;
use std::path::{Path, PathBuf};

/// A folder with files, removed at the end.
struct Folder(tempfile::TempDir);

impl Folder {
    fn of(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        Self(folder)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn load(&self) -> Result<Vec<Line>, LoadError> {
        load(&self.path("main.apdu"), self.0.path()).map(|trace| trace.lines)
    }

    /// The only mistake: where, and what.
    fn mistake(&self) -> String {
        match self.load() {
            Err(LoadError::Wrong(wrong)) if wrong.len() == 1 => wrong[0].to_string(),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn the_lines_of_a_file_stand_where_it_is_included_with_their_own_places() {
    let folder = Folder::of(&[
        ("main.apdu", "reset\nrepeat 2\ninclude \"sub/a.apdu\"\nend\nlost"),
        ("sub/a.apdu", "# beside\ninclude \"../b.apdu\"\n"),
        ("b.apdu", "insert\n"),
    ]);
    let lines = folder.load().unwrap();
    assert_eq!(lines.len(), 3);
    let Statement::Repeat { body, .. } = &lines[1].statement.as_ref().unwrap().it else {
        panic!("no loop")
    };
    assert_eq!(body.len(), 2);
    let inserted = body[1].statement.as_ref().unwrap();
    assert_eq!(inserted.it, Statement::Insert);
    assert!(inserted.span.place().ends_with("b.apdu:1:1"), "{}", inserted.span.place());
}

#[test]
fn a_file_that_is_not_there_is_told_at_the_line_that_includes_it() {
    let told = Folder::of(&[("main.apdu", "reset\ninclude \"b.apdu\"")]).mistake();
    assert!(told.contains("main.apdu:2:9: ") && told.contains("b.apdu: No such file"), "{told}");
    let main = load(Path::new("no such file.apdu"), Path::new("."));
    assert!(matches!(main, Err(LoadError::File { .. })));
}

#[test]
fn a_mistake_in_an_included_file_is_told_there() {
    let told = Folder::of(&[("main.apdu", "include \"b.apdu\""), ("b.apdu", "\nrest")]).mistake();
    assert!(told.contains("b.apdu:2:1: no line begins with `rest`"), "{told}");
}

#[test]
fn nothing_outside_of_the_folder_is_included() {
    let outside = Folder::of(&[("secret.apdu", "reset")]);
    let secret = outside.path("secret.apdu");
    let text = format!("include \"{}\"", secret.display());
    assert!(Folder::of(&[("main.apdu", &text)]).mistake().contains("is outside of"));
    #[cfg(unix)]
    {
        let folder = Folder::of(&[("main.apdu", "include \"link.apdu\"")]);
        std::os::unix::fs::symlink(&secret, folder.path("link.apdu")).unwrap();
        assert!(folder.mistake().contains("is outside of"));
    }
}

#[test]
fn files_that_include_each_other_without_end_are_refused() {
    let circle = [("main.apdu", "include \"b.apdu\""), ("b.apdu", "include \"main.apdu\"")];
    assert!(Folder::of(&circle).mistake().contains("includes itself"));
    let deep = |files: usize| {
        let text = |n: usize| {
            if n < files { format!("include \"{}.apdu\"", n + 1) } else { "reset".into() }
        };
        let all: Vec<_> = (1..=files).map(|n| (format!("{n}.apdu"), text(n))).collect();
        let mut all: Vec<_> =
            all.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        all.push(("main.apdu", "include \"1.apdu\""));
        Folder::of(&all)
    };
    assert_eq!(deep(16).load().unwrap().len(), 1);
    assert!(deep(17).mistake().contains("more than 16 files"));
}

#[test]
fn files_that_double_each_other_end_at_the_largest_number_of_lines() {
    let twice = |next: &str| format!("include \"{next}\"\n").repeat(20);
    let (a, b, c) = (twice("a.apdu"), twice("b.apdu"), "reset\n".repeat(LINES_MAX / 200));
    let folder = Folder::of(&[("main.apdu", &a), ("a.apdu", &b), ("b.apdu", &c)]);
    assert!(folder.mistake().contains("with all that is included"));
}

#[test]
fn a_file_that_is_included_again_and_again_counts_each_time() {
    let comments = format!("#{}\n", "-".repeat(99_999)).repeat(100);
    let (main, twice) = ("include \"a.apdu\"", "include \"b.apdu\"\n".repeat(3));
    let folder = Folder::of(&[("main.apdu", main), ("a.apdu", &twice), ("b.apdu", &comments)]);
    let mistake = folder.mistake();
    assert!(mistake.contains("bytes with all that is included"), "{mistake}");
}

#[test]
fn a_file_with_sections_is_not_included_in_a_loop() {
    let files = [("main.apdu", "repeat 2\ninclude \"b.apdu\"\nend"), ("b.apdu", "section 1\n")];
    assert!(Folder::of(&files).mistake().contains("sections inside a loop"));
}

#[test]
fn bytes_that_are_no_text_are_told_with_their_line() {
    let read = read_from(Path::new("-"), b"reset\nnote \"\xFF\"\n".as_slice());
    let Err(LoadError::Wrong(wrong)) = read else { panic!("{read:?}") };
    assert!(wrong[0].to_string().starts_with("-:2:7: this is not UTF-8"), "{}", wrong[0]);
}
