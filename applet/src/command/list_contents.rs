//! LIST CONTENTS (§6.23): what the content memory holds.

use saifu_wire::Wire;
use saifu_wire::answer::{CONTENTS_PER_LIST, ContentState, Contents};
use saifu_wire::request::LicenceRef;

use super::Context;
use crate::memory::records::ContentRecord;
use crate::memory::{Key, StoreError};
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
        let record: ContentRecord = store.get(&key)?.ok_or(StoreError::Memory)?;
        if let Key::Content(center, licence, doubly) = key {
            let (complete, segments) = (record.complete, record.header.segment_count());
            contents.0.push(ContentState { center, licence, doubly, complete, segments });
        }
    }
    contents.write(answer);
    Ok(())
}

#[cfg(test)]
mod tests;
