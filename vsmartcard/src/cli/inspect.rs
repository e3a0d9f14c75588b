//! `saifu-card inspect`: what an outsider sees of a card's memories.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use saifu_applet::platform::{INDEX_BITS, Memory, ObjectName, Platform};

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
        if *memory == Memory::Content {
            print_works(&platform, bytes, out)?;
            continue;
        }
        let objects: Vec<_> = names.iter().filter(|name| name.memory == *memory).collect();
        writeln!(out, "{:<15}{} objects", title(*memory), objects.len())?;
        for name in objects {
            print_object(&platform, *name, bytes, out)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Prints the stored works; their segments, where the bytes are asked for.
fn print_works(platform: &FolderPlatform, bytes: bool, out: &mut dyn Write) -> Result<(), Failure> {
    let memory = Memory::Content;
    let mut works = platform.list_works().map_err(|_| Failure::Answer)?;
    works.sort_unstable();
    writeln!(out, "{:<15}{} works", title(memory), works.len())?;
    for id in works {
        writeln!(out, "  {id:016x}")?;
        let segments = (0..1 << INDEX_BITS)
            .map(|index| ObjectName { memory, number: id << INDEX_BITS | index })
            .take_while(|name| bytes && matches!(platform.read_object(*name), Ok(Some(_))));
        for name in segments {
            print_object(platform, name, bytes, out)?;
        }
    }
    Ok(())
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
