//! LIST CONTENTS (§6.23): what the content memory holds.

use saifu_wire::Wire;
use saifu_wire::answer::{CONTENTS_PER_LIST, ContentState, Contents};
use saifu_wire::request::LicenceRef;

use super::Context;
use crate::memory::Key;
use crate::memory::records::ContentRecord;
use crate::platform::Platform;
use crate::refusal::Refusal;

pub(super) fn act<P: Platform>(
    first: &LicenceRef,
    context: &mut Context<'_, P>,
) -> Result<(), Refusal> {
    let Context { store, answer, .. } = context;
    let keys = store.keys(Key::contents_from(first.center, first.number));
    let mut contents = Contents::default();
    for key in keys.take(usize::from(CONTENTS_PER_LIST)) {
        if let Key::Content(center, licence, doubly) = key {
            // A record that cannot be read is listed all the same: it is there to be deleted.
            let record: Option<ContentRecord> = store.get(&key).unwrap_or_default();
            let told = record.map(|record| (record.complete, record.header.segment_count()));
            let (complete, segments) = told.unwrap_or_default();
            contents.0.push(ContentState { center, licence, doubly, complete, segments });
        }
    }
    contents.write(answer);
    Ok(())
}

#[cfg(test)]
mod tests;
