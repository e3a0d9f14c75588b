//! A blob that is held to its digest while it is read.

use std::io::{self, Read, Seek, SeekFrom};

use aws_lc_rs::digest::{Context, SHA256};

use super::{Blob, BlobRef};

/// A blob whose last bytes are not given out if it is not the one that was kept: read from its
/// beginning to its end, it never looks complete when it is damaged, or another of its length.
/// A part that is read alone is not checked.
pub struct Checked {
    blob: Box<dyn Blob>,
    kept: BlobRef,
    digest: Context,
    /// How many bytes the digest is of.
    hashed: u64,
    at: u64,
}

impl Checked {
    /// Checks `blob`, which is to be `kept`, at its first byte.
    pub fn new(blob: Box<dyn Blob>, kept: BlobRef) -> Self {
        Self { blob, kept, digest: Context::new(&SHA256), hashed: 0, at: 0 }
    }

    /// Notes `read` bytes from `at` on, where they follow those that are hashed.
    fn hash(&mut self, read: &[u8]) -> io::Result<()> {
        let known = self.hashed.checked_sub(self.at).and_then(|known| usize::try_from(known).ok());
        let Some(new) = known.and_then(|known| read.get(known..)).filter(|new| !new.is_empty())
        else {
            return Ok(());
        };
        self.digest.update(new);
        self.hashed += new.len() as u64;
        let is_whole = self.hashed == self.kept.length;
        if is_whole && self.digest.clone().finish().as_ref() != self.kept.sha256.0 {
            let why = format!("blob {} is damaged: restore it from a backup", self.kept.sha256);
            return Err(io::Error::new(io::ErrorKind::InvalidData, why));
        }
        Ok(())
    }
}

impl Read for Checked {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.blob.read(out)?;
        if let Err(damaged) = self.hash(&out[..count]) {
            out.fill(0);
            return Err(damaged);
        }
        self.at += count as u64;
        Ok(count)
    }
}

impl Seek for Checked {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.at = self.blob.seek(to)?;
        Ok(self.at)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::super::BlobId;
    use super::*;
    use crate::crypto::sha256;

    /// Bytes, checked as if they were `kept`.
    fn checked(bytes: &[u8], kept: &[u8]) -> Checked {
        let kept = BlobRef { sha256: BlobId(sha256(&[kept])), length: kept.len() as u64 };
        Checked::new(Box::new(Cursor::new(bytes.to_vec())), kept)
    }

    fn read(mut blob: Checked, piece: usize) -> io::Result<Vec<u8>> {
        let (mut all, mut buffer) = (Vec::new(), vec![0; piece]);
        loop {
            match blob.read(&mut buffer)? {
                0 => return Ok(all),
                count => all.extend(&buffer[..count]),
            }
        }
    }

    #[test]
    fn what_was_kept_comes_back_and_nothing_else_of_its_length_to_the_end() {
        let kept: Vec<u8> = (0..=255).collect();
        for piece in [1, 7, 256, 300] {
            assert_eq!(read(checked(&kept, &kept), piece).unwrap(), kept);
            for at in [0, 128, 255] {
                let mut other = kept.clone();
                other[at] ^= 1;
                let error = read(checked(&other, &kept), piece).unwrap_err();
                assert_eq!(error.kind(), io::ErrorKind::InvalidData, "{at}");
            }
        }
        assert_eq!(read(checked(b"", b""), 5).unwrap(), b"");
    }

    #[test]
    fn a_look_elsewhere_and_back_leaves_the_check_as_it_was() {
        let kept: Vec<u8> = (0..=255).collect();
        for (bytes, is_good) in [(kept.clone(), true), (vec![0; 256], false)] {
            let mut blob = checked(&bytes, &kept);
            let mut some = [0; 100];
            blob.read_exact(&mut some).unwrap();
            blob.seek(SeekFrom::End(-3)).unwrap();
            blob.read_exact(&mut some[..2]).unwrap();
            blob.seek(SeekFrom::Start(50)).unwrap();
            assert_eq!(read(blob, 64).is_ok(), is_good);
        }
    }
}
