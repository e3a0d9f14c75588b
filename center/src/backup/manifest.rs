//! What a backup says of itself: its parts, each with length and digest.

use std::path::{Component, Path};

use serde::{Deserialize, Serialize};

use crate::clock::rfc3339;
use crate::parts;
use crate::refusal::{Refusal, Result};

/// The version of the format that this program writes and reads.
pub const FORMAT: u32 = 1;

/// The file of the manifest, the first of a backup.
pub(super) const MANIFEST: &str = "manifest.json";

/// The folder of works and previews, by their digests.
pub(super) const WORKS: &str = "works/blobs";

/// The most bytes of a manifest.
pub(super) const MAX_MANIFEST_BYTES: u64 = 256 << 20;

/// What a backup holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The version of the format.
    pub format: u32,
    /// The center, 32 hex digits.
    pub center: String,
    /// When it was made, seconds since 1970. The store is as it was then.
    pub made: u64,
    /// The same, RFC 3339.
    pub made_at: String,
    /// The last entry of the ledger that is in it.
    pub entry: u64,
    /// Everything that is in it, in the order in which it comes.
    pub parts: Vec<Part>,
}

/// A file of a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// Its path in the center's folder, with `/`.
    pub path: String,
    /// Its bytes.
    pub bytes: u64,
    /// SHA-256 of them, 64 hex digits.
    pub sha256: String,
}

impl Manifest {
    /// A manifest of `parts`.
    pub(super) fn new(center: String, made: u64, entry: u64, parts: Vec<Part>) -> Self {
        Self { format: FORMAT, center, made, made_at: rfc3339(made), entry, parts }
    }

    /// The bytes of all parts together.
    pub fn bytes(&self) -> u64 {
        self.parts.iter().fold(0, |sum, part| sum.saturating_add(part.bytes))
    }

    /// Reads a manifest, and checks that its parts are those of a center and nothing else.
    ///
    /// # Errors
    /// `malformed`: it is damaged, another format's, or names what no backup holds.
    pub(super) fn parse(text: &[u8]) -> Result<Self> {
        let manifest: Self = serde_json::from_slice(text).map_err(|error| {
            Refusal::malformed(format!("the backup's manifest is damaged ({error}): use another"))
        })?;
        if manifest.format != FORMAT {
            return Err(Refusal::malformed(format!(
                "the backup has format {}, this program knows {FORMAT}: use the program that \
                 made it, or a newer one",
                manifest.format
            )));
        }
        let mut paths: Vec<&str> = manifest.parts.iter().map(|part| part.path.as_str()).collect();
        paths.sort_unstable();
        let twice = paths.windows(2).any(|pair| pair[0] == pair[1]);
        let foreign = paths.iter().find(|path| !is_of_a_center(path));
        if twice || foreign.is_some() || !paths.contains(&parts::STORE) {
            return Err(Refusal::malformed(format!(
                "the backup's manifest names {}, which no backup does: use another",
                foreign.copied().unwrap_or("no store, or a file twice")
            )));
        }
        Ok(manifest)
    }
}

/// Whether a path is one at which a center keeps something, and leads nowhere else.
fn is_of_a_center(path: &str) -> bool {
    let plain = Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
    let known = path == parts::STORE
        || is_configuration(path)
        || path.strip_prefix(parts::KEYS).is_some_and(|rest| rest.starts_with('/'))
        || path.strip_prefix(WORKS).is_some_and(|rest| rest.starts_with('/'));
    plain && known && !path.ends_with('/') && !path.contains("//")
}

/// Whether a file at the top of a center's folder is its configuration, or the log of what its
/// operators did.
pub(super) fn is_configuration(name: &str) -> bool {
    let log = name.strip_prefix("audit-log.").is_some_and(|rest| rest.ends_with("jsonl"));
    !name.contains('/') && (name == parts::CONFIG || log)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(paths: &[&str]) -> Manifest {
        let part = |path: &&str| Part { path: (*path).into(), bytes: 1, sha256: "00".into() };
        Manifest::new("11".into(), 1_795_305_600, 5, paths.iter().map(part).collect())
    }

    fn parsed(manifest: &Manifest) -> Result<Manifest> {
        Manifest::parse(&serde_json::to_vec(manifest).unwrap())
    }

    #[test]
    fn a_manifest_comes_back_as_it_was_written() {
        let good = manifest(&["center.sqlite3", "center.toml", "keys/a.key", "works/blobs/00"]);
        assert_eq!(parsed(&good).unwrap(), good);
        assert_eq!((good.bytes(), good.made_at.as_str()), (4, "2026-11-22T00:00:00Z"));
    }

    #[test]
    fn a_manifest_that_leads_out_of_the_folder_or_is_another_formats_is_refused() {
        for path in [
            "../keys/a.key",
            "/etc/passwd",
            "keys/../../a",
            "keys/",
            "keys",
            "keys//a",
            "works/blobs",
            "center.toml/a",
            "other",
            "center.sqlite3-wal",
            "",
        ] {
            let refused = parsed(&manifest(&["center.sqlite3", path])).unwrap_err().to_string();
            assert!(refused.contains("no backup does"), "{path}: {refused}");
        }
        assert!(parsed(&manifest(&["center.toml"])).is_err(), "no store");
        assert!(parsed(&manifest(&["center.sqlite3", "center.sqlite3"])).is_err());
        let newer = Manifest { format: 2, ..manifest(&["center.sqlite3"]) };
        assert!(parsed(&newer).unwrap_err().to_string().contains("format 2"));
        assert!(Manifest::parse(b"{").is_err());
    }
}
