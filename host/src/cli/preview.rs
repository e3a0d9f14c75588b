//! `saifu preview`: the light copy that shows what a work is (ST4).

use super::browse::find;
use super::context::Context;
use super::text::{file_name, heading, size};
use super::{ExitCode, Failure, Report};
use saifu_wire::ContentId;
use serde_json::json;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

pub(super) fn run(
    context: &Context,
    text: &str,
    output: Option<PathBuf>,
) -> Result<Report, Failure> {
    let client = context.client()?;
    let work = find(&client, text)?;
    let unknown = || Failure::new(ExitCode::CenterRefused, "the work's id is none", "");
    let preview = client.preview(ContentId::from_hex(&work.id).ok_or_else(unknown)?)?;
    let title = format!("{} preview", work.title);
    let name = || file_name(&title, &preview.media_type).into();
    let path = output.unwrap_or_else(name);
    if path == Path::new("-") {
        let written = io::stdout().lock().write_all(&preview.bytes);
        written.map_err(|why| Failure::file(&path, &why))?;
        return Ok(Report::text_only(String::new()));
    }
    write(&path, &preview.bytes)?;
    let (here, whole) = (preview.bytes.len() as u64, work.length);
    let shown = path.display();
    let said = format!(
        "{}\npreview: {} in {shown}; the work has {}\n",
        heading(&work),
        size(here),
        size(whole)
    );
    Ok(Report::new(
        said,
        json!({
            "work": work.id,
            "file": path,
            "media_type": preview.media_type,
            "bytes": here,
            "work_bytes": whole,
        }),
    ))
}

/// Writes a new file, whole or not at all.
fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let made = OpenOptions::new().write(true).create_new(true).open(path);
    let mut file = made.map_err(|why| match why.kind() {
        io::ErrorKind::AlreadyExists => {
            let what = format!("{} is there already", path.display());
            Failure::new(ExitCode::Failed, what, "name another file with --output")
        }
        _ => Failure::file(path, &why),
    })?;
    file.write_all(bytes).map_err(|why| {
        let _ = fs::remove_file(path);
        Failure::file(path, &why)
    })
}
