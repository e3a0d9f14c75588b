//! Text for people: nothing that a center sends may drive the terminal it is shown on.

pub(super) use crate::center::words::plain;
use crate::money::Money;
use saifu_center_api::{Price, Work};

/// A number of bytes in three digits or four.
pub(super) fn size(bytes: u64) -> String {
    let units = ["kB", "MB", "GB", "TB"];
    let mut value = bytes as f64;
    let mut unit = "B";
    for next in units {
        if value < 1000.0 {
            break;
        }
        value /= 1000.0;
        unit = next;
    }
    if unit == "B" { format!("{bytes} B") } else { format!("{value:.1} {unit}") }
}

/// A second of Unix time, in words.
pub(super) fn time(second: u64) -> String {
    let time = i64::try_from(second).ok().and_then(|s| jiff::Timestamp::from_second(s).ok());
    time.map_or("for ever".into(), |time| time.strftime("%Y-%m-%d %H:%M UTC").to_string())
}

/// The prices of a work.
pub(super) fn prices(prices: &[Price]) -> String {
    let each = prices.iter().map(|price| Money::new(price.amount, plain(&price.unit)).to_string());
    let all: Vec<_> = each.collect();
    if all.is_empty() { "free".into() } else { all.join(" or ") }
}

/// The terms of a work, where they are not the usual ones: paid first, opened any number of times
/// at any time.
pub(super) fn terms(work: &Work) -> String {
    let dated = |word: &str, date: &Option<String>| {
        date.as_ref().map(|date| format!("{word} {}", plain(date)))
    };
    let payment = (work.payment == "decrypt-first").then(|| "decrypted first".to_owned());
    let uses = (work.uses != 0).then(|| format!("opens {} times", work.uses));
    let (from, until) = (dated("from", &work.not_before), dated("until", &work.not_after));
    let time = work.needs_time.then(|| "needs the center's time".to_owned());
    [payment, uses, from, until, time].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// Columns as wide as their widest cell, the heading in bold.
pub(super) fn table<const N: usize>(heading: [&str; N], rows: &[[String; N]]) -> String {
    let wide = |text: &str| text.chars().count();
    let width = |column: usize| {
        let cells = rows.iter().map(|row| wide(&row[column]));
        cells.chain([wide(heading[column])]).max().unwrap_or(0)
    };
    let line = |cells: [&str; N]| {
        let padded = cells.iter().enumerate().map(|(i, cell)| {
            let pad = width(i) - wide(cell);
            format!("{cell}{}", " ".repeat(pad))
        });
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    let bold = anstyle::Style::new().bold();
    let mut out = format!("{bold}{}{bold:#}\n", line(heading));
    for row in rows {
        out.push_str(&line(std::array::from_fn(|i| row[i].as_str())));
        out.push('\n');
    }
    out
}

/// Names and values below one another.
pub(super) fn fields(fields: &[(&str, String)]) -> String {
    let width = fields.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let lines = fields.iter().map(|(name, value)| format!("{name:width$}  {value}\n"));
    lines.collect()
}

/// A file name made of a title and the usual ending of a media type.
pub(super) fn file_name(title: &str, media_type: &str) -> String {
    let keep = |c: char| if c.is_alphanumeric() || "-_".contains(c) { c } else { ' ' };
    let words: String = title.chars().map(keep).take(80).collect();
    let stem = words.split_whitespace().collect::<Vec<_>>().join(" ");
    let stem = if stem.is_empty() { "work".to_owned() } else { stem };
    format!("{stem}.{}", ending(media_type))
}

fn ending(media_type: &str) -> &'static str {
    match media_type.split(';').next().unwrap_or_default().trim() {
        "text/plain" => "txt",
        "text/html" => "html",
        "text/markdown" => "md",
        "image/jpeg" => "jpg",
        "image/png" => "png",
        "image/gif" => "gif",
        "image/webp" => "webp",
        "image/svg+xml" => "svg",
        "audio/mpeg" => "mp3",
        "audio/ogg" => "ogg",
        "audio/flac" => "flac",
        "audio/wav" | "audio/x-wav" | "audio/vnd.wave" => "wav",
        "video/mp4" => "mp4",
        "video/webm" => "webm",
        "application/pdf" => "pdf",
        "application/zip" => "zip",
        "application/epub+zip" => "epub",
        _ => "bin",
    }
}

/// Title and creator on one line.
pub(super) fn heading(work: &Work) -> String {
    format!("{}, by {}", plain(&work.title), plain(&work.creator))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_drive_a_terminal_is_taken_out() {
        assert_eq!(plain("a\x1b[2Jb\u{202E}c"), "a\u{FFFD}[2Jb\u{FFFD}c");
        assert_eq!(plain("日本語 – ü"), "日本語 – ü");
    }

    #[test]
    fn a_title_never_leads_out_of_the_folder() {
        assert_eq!(file_name("../../etc/passwd", "text/plain"), "etc passwd.txt");
        assert_eq!(file_name("..", "x/y"), "work.bin");
        assert_eq!(file_name(".hidden", "image/png"), "hidden.png");
        assert_eq!(file_name("On the Origin", "text/plain; charset=utf-8"), "On the Origin.txt");
    }

    #[test]
    fn sizes_have_few_digits() {
        let sizes = [(0, "0 B"), (999, "999 B"), (1_000, "1.0 kB"), (1_234_567, "1.2 MB")];
        for (bytes, text) in sizes {
            assert_eq!(size(bytes), text);
        }
    }

    #[test]
    fn columns_line_up() {
        let rows = [["1".to_owned(), "é".to_owned()], ["22".to_owned(), "b".to_owned()]];
        let text = anstream::adapter::strip_str(&table(["A", "B"], &rows)).to_string();
        assert_eq!(text, "A   B\n1   é\n22  b\n");
    }
}
