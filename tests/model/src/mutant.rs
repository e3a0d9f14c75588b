//! The mutants: the design with one rule removed, and the property that this breaks.

use crate::config::World;
use crate::properties::Property;

macro_rules! mutants {
    ($($(#[doc = $doc:literal])+ $variant:ident: $name:literal, $world:ident, $property:ident;)+) => {
        /// One rule of the design removed.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Mutant {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl Mutant {
            /// Every mutant.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// Its name, as the program prints it and takes it.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// The world in which it can do harm.
            #[must_use]
            pub fn world(self) -> World {
                match self { $(Self::$variant => World::$world,)+ }
            }

            /// The property that it breaks there.
            #[must_use]
            pub fn breaks(self) -> Property {
                match self { $(Self::$variant => Property::$property,)+ }
            }
        }
    };
}

mutants! {
    /// A card acts on whatever sealed image lies outside.
    SealWithoutFreshness: "seal without freshness", Memory, NoValueCreated;
    /// The secure area remembers the number of commits, not the hash of the image.
    EpochWithoutRoot: "epoch counter without root", Memory, OnlyTheLastImage;
    /// DEBIT commits the balance first, and the token after it.
    DebitInTwoCommits: "debit and token in two commits", Payment, AllValueAccounted;
    /// DEBIT gives its token out before it commits.
    TokenBeforeCommit: "token answered before the commit", Payment, OnlyWhatWasDebited;
    /// CREDIT looks at no sequence.
    CreditWithoutSequence: "credit without sequence", Load, NoValueCreated;
    /// A token does not say which card made it.
    TokenUnbound: "token not bound to the card", Cards, OnlyWhatWasDebited;
    /// The center books a token each time it comes.
    NoDeduplication: "center without deduplication", Payment, TokenBookedOnce;
    /// The center tells tokens apart, and settles an order with each.
    DeduplicationByToken: "deduplication by token id only", Cards, OrderSettledOnce;
    /// The center gives an open load back without the card's word.
    VoidOnTimeout: "void decided by the center alone on a timeout", Load, NoValueCreated;
    /// LOAD LICENCE opens the work.
    PlaintextOnImport: "plaintext on import", Payment, OnlyPaidPlaintext;
    /// LOAD LICENCE of a licence that is there begins it anew.
    ImportResets: "import resets the state", Payment, DebitedOnce;
    /// DEBIT with a full outbox drops the oldest token.
    OutboxOverwritten: "outbox overwritten", Payment, AllValueAccounted;
    /// ACKNOWLEDGE takes no signature.
    UnsignedAcknowledgement: "unsigned acknowledgement", Payment, AllValueAccounted;
    /// The center signs a second credit while one is out.
    SecondLoad: "a second load issued while one is open", Load, NothingStranded;
    /// Neither a challenge nor a repeated CREDIT or VOID brings the event that ended a load.
    EventForgotten: "the last load event forgotten", Load, NothingStranded;
    /// VOID is refused where the credit would be, too: above the cap.
    VoidRefusedAboveCap: "void refused above the cap", Load, NothingStranded;
    /// VOID takes a load by name alone, of which no credit may ever have been signed.
    VoidWithoutCredit: "void without the credit it voids", Load, NothingStranded;
    /// The center takes a challenge over another load's nonce.
    StaleChallenge: "a stale challenge taken", Load, NothingStranded;
    /// A released hold is released again, with another token.
    ReleaseCountedTwice: "release counted twice", Hold, NoValueCreated;
    /// CANCEL takes a released hold back.
    CancelAfterRelease: "cancel after release", Hold, NoValueCreated;
    /// HOLD reserves no place in the outbox, and a release without place makes no token.
    HoldWithoutPlace: "hold without a reserved place", Hold, AllValueAccounted;
    /// DECRYPT looks at the licence only when its stream is opened.
    StreamOutlivesLicence: "stream outlives its licence", Hold, OnlyPaidPlaintext;
    /// The first DECRYPT of a held licence answers before it commits the release.
    PlaintextBeforeCommit: "plaintext before the release is committed", Hold, OnlyPaidPlaintext;
    /// A stream opened while held is counted by the DECRYPT that releases, not after a RELEASE.
    UseCountedByFirstDecryptOnly: "use not counted after a release", Hold, OnlyPaidPlaintext;
    /// Once a licence is no longer valid, neither RELEASE nor CANCEL takes its hold.
    HoldLockedByDate: "hold locked by the licence's end", Hold, NothingStranded;
    /// DELETE LICENCE takes a licence with a price on hold.
    DeleteWhileHeld: "licence deleted while held", Hold, AllValueAccounted;
    /// DEBIT takes the price from any purse.
    AnyKind: "price taken from another kind", Payment, KindsApart;
    /// DEBIT looks at no balance.
    Overdraft: "debit without funds", Payment, NoOverdraft;
    /// The number of a deleted licence opens again.
    DeletedNumberReopens: "deleted number opens again", Payment, DebitedOnce;
    /// The center refuses a token whose order ran out.
    LateTokenRefused: "late token refused", Payment, GenuineTaken;
    /// A refund leaves the licence as it was.
    RefundKeepsLicence: "refund without revoking", Refund, OnlyPaidPlaintext;
    /// The center gives a payment back as often as it is asked to.
    RefundTwice: "refund paid twice", Refund, NoValueCreated;
    /// CREDIT takes another card's credit.
    CreditForAnyCard: "credit not bound to the card", Cards, NoValueCreated;
    /// A card that finds no matching image begins an empty one.
    SilentRepair: "a mismatch silently repaired", Memory, NothingDecreases;
    /// A card that found no matching image once never takes one again.
    LockedForGood: "a mismatch locks for good", Memory, NothingStranded;
    /// The center writes a purse off by its own clock.
    WrittenOffByClock: "expiry by the center's clock", Expiry, NoValueCreated;
    /// CREDIT fills a purse that has ended; its second Expired event takes the place of the first.
    CreditAfterExpiry: "credit to an ended purse", Expiry, AllValueAccounted;
}
