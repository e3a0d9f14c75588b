//! What serving needs, looked at when somebody asks: `/readyz`.

use saifu_center_api::Check;

use crate::center::Center;
use crate::parts::{KEYS, Parts};

/// The fewest bytes that the disk must have left: room for a day's sales and their journal.
const MIN_ROOM: u64 = 64 << 20;

impl Center {
    /// Whether the store takes transactions, the keys are there, and the disk has room.
    pub fn checks(&self) -> Vec<Check> {
        let check = |name: &str, ok| Check { name: name.into(), ok };
        let keys = self.folder().join(KEYS).is_dir()
            && Parts::of(self.folder()).is_ok_and(|parts| parts == Parts::Whole);
        let room = rustix::fs::statvfs(self.folder())
            .is_ok_and(|disk| disk.f_bavail.saturating_mul(disk.f_frsize) >= MIN_ROOM);
        vec![check("store", self.store.probe().is_ok()), check("keys", keys), check("disk", room)]
    }
}
