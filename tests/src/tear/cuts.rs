//! Where power is cut, and what is left of the write it is cut in.

use saifu_applet::platform::SLOT_BYTES;
use saifu_vsmartcard::platform::{Cut, Leaves};

use super::record::{Kind, Written};

/// How large a campaign is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Every how manieth cut is played.
    pub stride: usize,
    /// Into how many beginnings an object is torn.
    pub beginnings: usize,
    /// After every how manieth different outcome of a cut the command is given again, and the
    /// earlier memories are put back.
    pub again: usize,
    /// The only write that is cut, if there is one.
    pub only_write: Option<u64>,
}

impl Size {
    /// Every cut.
    pub const FULL: Self = Self { stride: 1, beginnings: 16, again: 2, only_write: None };

    /// A part of them that has every write and every kind of torn write. The stride is a
    /// prime, so that it falls into step with nothing.
    pub const REDUCED: Self = Self { stride: 23, beginnings: 6, again: 3, only_write: None };

    /// The size that `SAIFU_CAMPAIGN` asks for.
    #[must_use]
    pub fn asked_for() -> Self {
        let full = std::env::var("SAIFU_CAMPAIGN").is_ok_and(|size| size == "full");
        if full { Self::FULL } else { Self::REDUCED }
    }

    /// Every cut at one write: what plays a violation again.
    #[must_use]
    pub fn at_write(self, write: u64) -> Self {
        Self { stride: 1, again: 1, only_write: Some(write), ..self }
    }

    /// The cuts of a command that writes this; `offset` shifts the stride from one command to
    /// the next.
    pub(super) fn cuts(self, writes: &[Written], offset: usize) -> Vec<Cut> {
        let all = writes.iter().zip(1..).flat_map(|(write, at_write)| {
            let leaves = self.remains(write.kind).into_iter();
            leaves.flat_map(move |leaves| {
                [false, true].map(|keeps_unsynced| Cut { at_write, leaves, keeps_unsynced })
            })
        });
        let chosen = all.skip(offset % self.stride).step_by(self.stride);
        chosen.filter(|cut| self.only_write.is_none_or(|write| write == cut.at_write)).collect()
    }

    /// What can be left of a write.
    fn remains(self, kind: Kind) -> Vec<Leaves> {
        let whole = [Leaves::Nothing, Leaves::Everything];
        let torn = [Leaves::Erased, Leaves::Garbage];
        let bytes = match kind {
            // A removal is done or not; that of a work ends after some of its segments.
            Kind::Removal => return [whole, [1, 2].map(Leaves::Beginning)].concat(),
            Kind::Object(bytes) => bytes,
            Kind::Slot => SLOT_BYTES,
        };
        let beginnings = beginnings(bytes, self.beginnings).into_iter().map(Leaves::Beginning);
        whole.into_iter().chain(torn).chain(beginnings).collect()
    }
}

/// Lengths of beginnings: the first and the last bytes, and others at equal distances.
fn beginnings(bytes: usize, count: usize) -> Vec<usize> {
    let last = bytes.saturating_sub(1);
    let ends = [1, last];
    let step = last.div_ceil(count.max(1)).max(1);
    let mut lengths: Vec<_> = ends.into_iter().chain((step..last).step_by(step)).collect();
    lengths.retain(|length| (1..bytes).contains(length));
    lengths.sort_unstable();
    lengths.dedup();
    lengths
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beginnings_have_both_ends_and_are_never_the_whole() {
        assert_eq!(beginnings(128, 4), [1, 32, 64, 96, 127]);
        assert_eq!(beginnings(128, 200).len(), 127);
        assert_eq!(beginnings(1, 4), [0; 0]);
        assert_eq!(beginnings(2, 4), [1]);
    }

    #[test]
    fn a_stride_reaches_every_write_and_every_kind_of_remains() {
        let writes = vec![Written { kind: Kind::Object(300), outside: Default::default() }; 6];
        let full = Size::FULL.cuts(&writes, 0);
        let reduced: Vec<_> = (0..23).flat_map(|at| Size::REDUCED.cuts(&writes, at)).collect();
        for at_write in 1..=6 {
            assert!(full.iter().any(|cut| cut.at_write == at_write));
        }
        assert_eq!(reduced.len(), 6 * 2 * Size::REDUCED.remains(Kind::Object(300)).len());
        assert!(full.len() > reduced.len());
    }
}
