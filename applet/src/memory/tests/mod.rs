mod commit;
mod outside;
mod pin;
mod power;

use alloc::vec::Vec;

use saifu_wire::CenterId;
use saifu_wire::answer::{LifeCycle, MemoryState};

use super::records::{ContentKeyRecord, HoldRecord, PinRecord, SecretKeyRecord, SpendingRecord};
use super::{Change, Key, Store, StoreError};
use crate::crypto::{Secret, SecretVec};
use crate::platform::ram::{Cut, Leaves, RamPlatform};

const CENTER: CenterId = CenterId([0xC1; 16]);

/// A card in use with nothing stored.
pub(super) fn empty() -> Store<RamPlatform> {
    let mut store = Store::recover(RamPlatform::new(1));
    store.initialise().unwrap();
    let mut change = Change::new();
    change.activate();
    store.commit(change).unwrap();
    store
}

/// A card in use with a PIN, keys and a sum, and so much on hold that its manifest has two leaves.
fn card() -> Store<RamPlatform> {
    let mut store = empty();
    let mut change = spend(100);
    change.put(Key::Pin, &PinRecord::new(b"123456").unwrap());
    change.put(Key::SecretKey(1), &SecretKeyRecord { key: SecretVec::new([0x75; 600].to_vec()) });
    put_content_keys(&mut change, 1..=3);
    for number in 1..=14 {
        let hold = HoldRecord { purse: 1, price_index: 0 };
        change.put(Key::Hold(CENTER, number), &hold);
    }
    store.commit(change).unwrap();
    store
}

fn put_content_keys(change: &mut Change, numbers: impl IntoIterator<Item = u64>) {
    for number in numbers {
        let key = Secret::new([number as u8; 32]);
        change.put(Key::ContentKey(CENTER, number), &ContentKeyRecord { key });
    }
}

fn spend(without_pin: u64) -> Change {
    let mut change = Change::new();
    change.put(Key::Spending, &SpendingRecord { without_pin });
    change
}

fn spent(store: &Store<RamPlatform>) -> Result<Option<u64>, StoreError> {
    Ok(store.get::<SpendingRecord>(&Key::Spending)?.map(|record| record.without_pin))
}

fn content_key(store: &Store<RamPlatform>, number: u64) -> Result<Option<u8>, StoreError> {
    let record = store.get::<ContentKeyRecord>(&Key::ContentKey(CENTER, number))?;
    Ok(record.map(|record| record.key.expose()[0]))
}

fn content_keys(store: &Store<RamPlatform>) -> Vec<u64> {
    let all = Key::ContentKey(CENTER, 0)..=Key::ContentKey(CENTER, u64::MAX);
    let number = |key| match key {
        Key::ContentKey(_, number) => number,
        other => panic!("{other:?}"),
    };
    store.keys(all).map(number).collect()
}

/// Takes power away and gives it back.
fn power_cycle(store: Store<RamPlatform>) -> Store<RamPlatform> {
    let mut platform = store.into_platform();
    platform.restore_power();
    Store::recover(platform)
}
