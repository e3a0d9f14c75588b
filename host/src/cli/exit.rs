//! The exit codes, all of them.

macro_rules! exit_codes {
    ($($(#[$meta:meta])* $name:ident = $code:literal, $text:literal;)*) => {
        /// How the program ends.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum ExitCode {
            $($(#[$meta])* $name = $code),*
        }

        impl ExitCode {
            /// Every code, in numeric order.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// What it means, in a few words.
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }
        }
    };
}

exit_codes! {
    /// Done.
    Done = 0, "done";
    /// Not done, for a reason no other code has: a file, the user's no.
    Failed = 1, "not done: the message says why";
    /// The command line is wrong.
    Usage = 2, "wrong command line";
    /// There is no card, or it does not answer.
    NoCard = 3, "no card, or it does not answer";
    /// The card refused; a wrong PIN, say.
    CardRefused = 4, "the card refused (wrong PIN)";
    /// No PIN try is left.
    PinBlocked = 5, "the card's PIN is blocked";
    /// No purse can pay.
    NotEnough = 6, "not enough value";
    /// The center refused.
    CenterRefused = 7, "the center refused";
    /// Something is not authentic, or not what was offered.
    NotAuthentic = 8, "not authentic, or the center changed price or terms";
    /// The content is damaged; no file was left.
    Damaged = 9, "the content is damaged; no file was left";
    /// Cut off after the user agreed; nothing is lost.
    Interrupted = 10, "interrupted after you agreed: run `saifu resume`";
    /// The center does not answer.
    NoCenter = 11, "the center does not answer";
}

impl From<ExitCode> for std::process::ExitCode {
    fn from(code: ExitCode) -> Self {
        Self::from(code as u8)
    }
}

/// The table for the help text.
pub(super) fn table() -> String {
    let line = |code: &ExitCode| format!("  {:>2}  {}", *code as u8, code.meaning());
    let lines: Vec<_> = ExitCode::ALL.iter().map(line).collect();
    format!("Exit codes:\n{}", lines.join("\n"))
}
