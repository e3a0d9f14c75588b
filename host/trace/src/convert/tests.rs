mod detection;
mod draws;
mod hostile;
mod logs;
mod scripts;
mod there_and_back;

use super::*;

fn source(name: &str, text: &str) -> Arc<Source> {
    Arc::new(Source { path: name.into(), text: text.to_owned() })
}

/// A text as a trace in its settled form.
fn trace_of(format: Format, text: &str) -> String {
    let trace = read(format, &source("in", text), Loss::Refuse);
    crate::syntax::format(&trace.unwrap_or_else(|wrong| panic!("{wrong}")))
}

/// A trace in a format.
fn text_of(format: Format, trace: &str) -> String {
    let trace = read(Format::Trace, &source("in.apdu", trace), Loss::Refuse).unwrap();
    write(format, &trace, Loss::Refuse).unwrap_or_else(|wrong| panic!("{wrong}"))
}

/// Why a text is refused, and where: line and column, both from 1.
fn refused(format: Format, text: &str) -> (u32, usize, String) {
    let wrong = read(format, &source("in", text), Loss::Refuse).unwrap_err();
    (wrong.span.line, wrong.span.column(), wrong.to_string())
}

/// Why a trace cannot be written in a format, and the line that is why.
fn unwritable(format: Format, trace: &str) -> (u32, String) {
    let trace = read(Format::Trace, &source("in.apdu", trace), Loss::Refuse).unwrap();
    let wrong = write(format, &trace, Loss::Refuse).unwrap_err();
    (wrong.span.line, wrong.found)
}

/// What is written where losses are allowed.
fn lossy(from: Format, to: Format, text: &str) -> String {
    let trace = read(from, &source("in", text), Loss::Comment);
    let written = trace.and_then(|trace| write(to, &trace, Loss::Comment));
    written.unwrap_or_else(|wrong| panic!("{wrong}"))
}

#[test]
fn every_format_has_a_name_that_finds_it() {
    for format in Format::all() {
        assert_eq!(format.name().parse(), Ok(format));
        assert_eq!(format.about().format, format);
    }
    let wrong = "tlv".parse::<Format>().unwrap_err().to_string();
    assert!(wrong.contains("scriptor") && wrong.contains("51.013"), "{wrong}");
}

#[test]
fn what_is_only_read_is_not_written() {
    for format in Format::all().filter(|format| !format.is_written()) {
        let (_, why) = unwritable(format, "reset\n");
        assert!(why.ends_with("can only be read"), "{why}");
    }
}
