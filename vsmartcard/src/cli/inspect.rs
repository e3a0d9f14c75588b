//! `saifu-card inspect`: what an outsider sees of a card's memories.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use saifu_applet::platform::{Memory, ObjectName, Platform};

use super::Failure;
use crate::platform::FolderPlatform;
use crate::virtual_card::CardError;

/// Prints each memory outside the secure area: its objects, their sizes, with their bytes
/// where asked for. The secure area is not shown.
pub(super) fn print(folder: &Path, bytes: bool, out: &mut dyn Write) -> Result<ExitCode, Failure> {
    let platform = FolderPlatform::open(folder).map_err(CardError::from)?;
    let mut names = platform.list_objects().map_err(|_| Failure::Answer)?;
    names.sort_unstable();
    for memory in Memory::ALL {
        let objects: Vec<_> = names.iter().filter(|name| name.memory == *memory).collect();
        writeln!(out, "{:<15}{} objects", title(*memory), objects.len())?;
        for name in objects {
            print_object(&platform, *name, bytes, out)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn print_object(
    platform: &FolderPlatform,
    name: ObjectName,
    bytes: bool,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let object = platform.read_object(name).ok().flatten().unwrap_or_default();
    writeln!(out, "  {:016x}  {:>6} bytes, sealed", name.number, object.len())?;
    if bytes {
        for line in object.chunks(32) {
            writeln!(out, "    {}", hex::encode(line))?;
        }
    }
    Ok(())
}

fn title(memory: Memory) -> &'static str {
    match memory {
        Memory::Manifest => "manifest",
        Memory::Money => "13 money",
        Memory::Content => "14 content",
        Memory::Key => "15 key",
        Memory::SecretKey => "16 secret key",
    }
}
