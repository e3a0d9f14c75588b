//! What no trace can show of `apdu-spec.md`, and what is shown in another way; each with its reason.

/// Section, status word, and why no trace shows it.
pub const EXCEPTIONS: &[(&str, &str, &str)] = &[
    ("2.5", "6D00", "said of a card whose default applet is another one; this card has no default"),
    ("2.5", "6E00", "said of a card whose default applet is another one; this card has no default"),
];

/// Section, status word, and why a command of another section shows it: it counts as shown by
/// whatever command, in a trace's section of that number.
pub const BY_OTHERS: &[(&str, &str, &str)] = &[
    ("6.23", "6581", "said of whoever reads a work that LIST CONTENTS tells to be damaged"),
    ("14.2", "61xx", "said of the commands that go through the channel"),
    ("14.2", "6988", "said of the commands that go through the channel"),
];
