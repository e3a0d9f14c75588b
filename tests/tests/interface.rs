//! Holds section 16 of `apdu-spec.md` and the center's interface equal.

use std::fs;
use std::path::Path;

use saifu_center_api::PROBLEMS;

/// The text from a heading to the next of its kind.
fn section(heading: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../apdu-spec.md");
    let spec = fs::read_to_string(path).unwrap();
    let (_, from) = spec.split_once(heading).unwrap_or_else(|| panic!("no section {heading}"));
    let kind = heading.split(' ').next().unwrap_or_default();
    let end = from.find(&format!("\n{kind} ")).unwrap_or(from.len());
    from[..end].to_owned()
}

/// The cells of the rows whose first cell is in backquotes.
fn rows(section: &str) -> Vec<Vec<String>> {
    let cells = |line: &str| -> Vec<String> {
        line.trim_matches('|').split('|').map(|cell| cell.trim().replace('`', "")).collect()
    };
    section.lines().filter(|line| line.starts_with("| `")).map(cells).collect()
}

#[test]
fn the_refusals_of_the_specification_are_those_of_the_code() {
    let told = rows(&section("### 16.3 "));
    let coded = PROBLEMS.iter().map(|problem| {
        vec![problem.code().into(), problem.status().to_string(), problem.title().into()]
    });
    assert_eq!(told, coded.collect::<Vec<Vec<String>>>());
}

#[test]
fn the_routes_of_the_specification_are_those_of_the_interface() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../center/api/src/lib.rs");
    let documented = fs::read_to_string(source).unwrap();
    let documented: String =
        documented.lines().map(|line| format!("{}\n", &line.trim_start_matches("//! "))).collect();
    let first = |rows: Vec<Vec<String>>| -> Vec<String> {
        let route = |row: Vec<String>| row[0].split(',').next().unwrap_or_default().to_owned();
        rows.into_iter().map(route).collect()
    };
    let told = first(rows(&section("### 16.1 ")));
    assert_eq!(told, first(rows(&documented)));
    assert!(told.len() >= 12, "{told:?}");
    let mut plain: Vec<String> =
        told.iter().map(|route| route.split('?').next().unwrap_or_default().to_owned()).collect();
    plain.sort();
    assert_eq!(plain, described());
}

/// Methods and paths of the interface's own description, sorted.
fn described() -> Vec<String> {
    let description = saifu_center::http::description();
    let description: serde_json::Value = serde_json::from_str(description).unwrap();
    let paths = description["paths"].as_object().unwrap();
    let routes = paths.iter().flat_map(|(path, methods)| {
        let methods = methods.as_object().unwrap().keys();
        methods.map(move |method| format!("{} {path}", method.to_uppercase()))
    });
    let mut routes: Vec<String> = routes.collect();
    routes.sort();
    routes
}
