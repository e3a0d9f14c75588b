//! A center that a test has running; when it ends, the auditor reads its books, and finds nothing
//! that the test does not expect.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread;

use saifu_center::Center;
use saifu_center::audit::Rule;
use saifu_center::in_process::InProcess;

use crate::auditing::audit_under;

/// What the auditor may find.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Expected {
    /// Nothing.
    Nothing,
    /// What cards did that are not honest; the books are right all the same.
    Dishonest,
    /// Whatever there is: the test has changed the store by hand.
    Tampered,
}

/// A center, and the way into it.
pub(crate) struct Running {
    pub(crate) center: Arc<Center>,
    pub(crate) in_process: InProcess,
    pub(crate) expected: Mutex<Expected>,
    folder: PathBuf,
}

impl Running {
    pub(crate) fn new(center: Arc<Center>, folder: &Path) -> Self {
        let in_process = InProcess::new(Arc::clone(&center)).unwrap();
        let expected = Mutex::new(Expected::Nothing);
        Self { center, in_process, expected, folder: folder.to_owned() }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let expected = *self.expected.lock().unwrap();
        if thread::panicking() || expected == Expected::Tampered {
            return;
        }
        let store = self.folder.join("center.sqlite3");
        let mut findings = audit_under(self.center.roots(), &self.folder, &store).findings;
        if expected == Expected::Dishonest {
            assert!(findings.iter().any(|finding| is_the_cards(finding.rule)), "expected: remove");
            findings.retain(|finding| !is_the_cards(finding.rule));
        }
        assert_eq!(findings, [], "the audit at the test's end");
    }
}

/// Whether a card alone can break this rule.
pub(crate) fn is_the_cards(rule: Rule) -> bool {
    matches!(rule, Rule::Chain | Rule::Fork | Rule::Overspent | Rule::Purse)
}
