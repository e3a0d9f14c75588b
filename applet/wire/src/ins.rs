//! Instructions (§6): codes, names, and where the specification describes them.

/// Whether an instruction belongs to the interindustry class or to ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Family {
    /// CLA 0X and 4X to 7X.
    Interindustry,
    /// CLA 8X and CX to FX.
    Proprietary,
    /// CLA 84: only inside the secure channel (§14.2).
    Personalisation,
}

macro_rules! instructions {
    ($($name:ident = $family:ident $code:literal, $text:literal, $section:literal;)*) => {
        /// An instruction the card knows.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Ins {
            $(#[doc = concat!($text, " (§", $section, ").")] $name),*
        }

        impl Ins {
            /// Every instruction, in the order of the specification.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The instruction byte.
            pub fn code(self) -> u8 {
                match self { $(Self::$name => $code),* }
            }

            /// The class it belongs to.
            pub fn family(self) -> Family {
                match self { $(Self::$name => Family::$family),* }
            }

            /// Its name, as the specification spells it.
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }

            /// The section of the specification that describes it.
            pub fn section(self) -> &'static str {
                match self { $(Self::$name => $section),* }
            }
        }
    };
}

instructions! {
    Select = Interindustry 0xA4, "SELECT", "6.1";
    GetResponse = Interindustry 0xC0, "GET RESPONSE", "6.2";
    GetData = Interindustry 0xCA, "GET DATA", "6.3";
    GetChallenge = Interindustry 0x84, "GET CHALLENGE", "6.4";
    InternalAuthenticate = Interindustry 0x88, "INTERNAL AUTHENTICATE", "6.5";
    Verify = Interindustry 0x20, "VERIFY", "6.6";
    ChangeReferenceData = Interindustry 0x24, "CHANGE REFERENCE DATA", "6.7";
    ResetRetryCounter = Interindustry 0x2C, "RESET RETRY COUNTER", "6.8";
    VerifyCertificate = Interindustry 0x2A, "PSO: VERIFY CERTIFICATE", "6.9";
    OpenAccount = Proprietary 0x30, "OPEN ACCOUNT", "6.10";
    LoadLicence = Proprietary 0x32, "LOAD LICENCE", "6.11";
    GetLicence = Proprietary 0x34, "GET LICENCE", "6.12";
    DeleteLicence = Proprietary 0x36, "DELETE LICENCE", "6.13";
    Debit = Proprietary 0x38, "DEBIT", "6.14";
    GetToken = Proprietary 0x3A, "GET TOKEN", "6.15";
    ListOutbox = Proprietary 0x3C, "LIST OUTBOX", "6.16";
    Acknowledge = Proprietary 0x3E, "ACKNOWLEDGE", "6.17";
    OpenStream = Proprietary 0x40, "OPEN STREAM", "6.18";
    Decrypt = Proprietary 0x42, "DECRYPT", "6.19";
    ReadContent = Proprietary 0x44, "READ CONTENT", "6.20";
    StoreContent = Proprietary 0x48, "STORE CONTENT", "6.21";
    HandBack = Proprietary 0x4A, "HAND BACK", "6.22";
    ListContents = Proprietary 0x4C, "LIST CONTENTS", "6.23";
    DeleteContent = Proprietary 0x4E, "DELETE CONTENT", "6.24";
    GetBalance = Proprietary 0x52, "GET BALANCE", "6.25";
    Hold = Proprietary 0x54, "HOLD", "6.26";
    Release = Proprietary 0x56, "RELEASE", "6.27";
    Cancel = Proprietary 0x58, "CANCEL", "6.28";
    GetCreditChallenge = Proprietary 0x5A, "GET CREDIT CHALLENGE", "6.29";
    Credit = Proprietary 0x5C, "CREDIT", "6.30";
    Void = Proprietary 0x5E, "VOID", "6.31";
    SetTime = Proprietary 0x72, "SET TIME", "6.32";
    Expire = Proprietary 0x74, "EXPIRE", "6.33";
    Terminate = Proprietary 0xFE, "TERMINATE", "6.34";
    InitializeUpdate = Proprietary 0x50, "INITIALIZE UPDATE", "14.2";
    ExternalAuthenticate = Personalisation 0x82, "EXTERNAL AUTHENTICATE", "14.2";
    Initialise = Personalisation 0x10, "INITIALISE", "14.3";
    GenerateKeyPair = Personalisation 0x46, "GENERATE ASYMMETRIC KEY PAIR", "14.4";
    ProveKeys = Personalisation 0x12, "PROVE KEYS", "14.5";
    StoreData = Personalisation 0xE2, "STORE DATA", "14.6";
    SetStatus = Personalisation 0xF0, "SET STATUS", "14.7";
}

impl Ins {
    /// The instruction with this code in the interindustry or in our own class.
    pub fn find(proprietary: bool, code: u8) -> Option<Self> {
        let ours = |ins: &Self| (ins.family() != Family::Interindustry) == proprietary;
        Self::ALL.iter().copied().find(|ins| ins.code() == code && ours(ins))
    }

    /// The class byte for the basic channel, without chaining.
    pub fn cla(self) -> u8 {
        match self.family() {
            Family::Interindustry => 0x00,
            Family::Proprietary => 0x80,
            Family::Personalisation => 0x84,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_instructions_of_a_class_share_a_code() {
        for ins in Ins::ALL {
            let proprietary = ins.family() != Family::Interindustry;
            assert_eq!(Ins::find(proprietary, ins.code()), Some(*ins));
        }
    }

    #[test]
    fn no_instruction_uses_a_code_the_standard_reserves() {
        for ins in Ins::ALL {
            assert!(!matches!(ins.code() >> 4, 0x6 | 0x9), "{}", ins.name());
        }
    }
}
