//! The gate: life cycle × memory × PIN × command, as one table (§2.3, §5.5; the seed's 8).
//!
//! It stands before every command, and says no before a byte of data is looked at.

use saifu_wire::Status;
use saifu_wire::answer::{LifeCycle, MemoryState};
use saifu_wire::ins::Ins;

use crate::command::Order;

/// What the gate must know of card and session.
#[derive(Debug, Clone, Copy)]
pub struct Facts {
    /// The life cycle.
    pub life_cycle: LifeCycle,
    /// The outside memory.
    pub memory: MemoryState,
    /// PIN tries left.
    pub pin_tries: u8,
    /// Whether the applet is selected on this channel.
    pub selected: bool,
    /// Whether the PIN was verified in this session.
    pub verified: bool,
    /// Whether a VERIFY authorises a payment still.
    pub authorised: bool,
    /// Whether the command came through an open secure channel.
    pub secure: bool,
}

/// What a command asks for before it is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// The life cycles in which it works.
    pub life_cycles: &'static [LifeCycle],
    /// Whether it needs the outside memory as it was last committed.
    pub memory: bool,
    /// What the terminal must have shown.
    pub shown: Shown,
}

/// What the terminal must have shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// Nothing, or what only the command itself can judge, as DEBIT does (§4.4).
    Nothing,
    /// The PIN, in this session.
    Pin,
    /// The PIN, and no payment has used it up.
    Authorisation,
    /// The personalisation keys: the command comes through the secure channel.
    SecureChannel,
}

/// Lets a command pass, or says why not.
///
/// # Errors
/// 6985 for the life cycle or a channel on which the applet is not selected, 6581 for the
/// memory, 6983 or 6982 for the PIN, 6982 for the secure channel.
pub fn check(order: Order, facts: &Facts) -> Result<(), Status> {
    let rule = Rule::of(order);
    let selected = facts.selected || order.ins() == Ins::Select;
    if !selected || !rule.life_cycles.contains(&facts.life_cycle) {
        return Err(Status::ConditionsNotSatisfied);
    }
    if rule.memory && facts.memory != MemoryState::Good {
        return Err(Status::MemoryFailure);
    }
    let asks_for_pin = matches!(rule.shown, Shown::Pin | Shown::Authorisation);
    if asks_for_pin && facts.pin_tries == 0 {
        return Err(Status::PinBlocked);
    }
    let shown = match rule.shown {
        Shown::Nothing => true,
        Shown::Pin => facts.verified,
        Shown::Authorisation => facts.authorised,
        Shown::SecureChannel => facts.secure,
    };
    if shown { Ok(()) } else { Err(Status::SecurityNotSatisfied) }
}

use LifeCycle::{Activated, Creation, Initialisation};

const ALWAYS: &[LifeCycle] = LifeCycle::ALL;
const ALIVE: &[LifeCycle] = &[Creation, Initialisation, Activated];
const BEFORE_USE: &[LifeCycle] = &[Creation, Initialisation];
const BLANK: &[LifeCycle] = &[Creation];
const MAKING: &[LifeCycle] = &[Initialisation];
const IN_USE: &[LifeCycle] = &[Activated];
const NEVER: &[LifeCycle] = &[];

impl Rule {
    /// The row of an order.
    #[must_use]
    #[rustfmt::skip]
    pub fn of(order: Order) -> Self {
        use Shown::{Authorisation, Nothing, Pin, SecureChannel};
        let row = |life_cycles, memory, shown| Self { life_cycles, memory, shown };
        match order.ins() {
            Ins::Select | Ins::GetResponse => row(ALWAYS, false, Nothing),
            Ins::GetData if order.reads_public_state() => row(ALWAYS, false, Nothing),
            // Looks at the memory itself: 7F66 is not in it.
            Ins::GetData              => row(ALIVE,      false, Nothing),
            Ins::GetChallenge         => row(ALIVE,      false, Nothing),
            Ins::InternalAuthenticate => row(IN_USE,     true,  Nothing),
            Ins::Verify               => row(IN_USE,     false, Nothing),
            Ins::ChangeReferenceData  => row(IN_USE,     true,  Nothing),
            Ins::VerifyCertificate    => row(IN_USE,     true,  Nothing),
            Ins::OpenAccount          => row(IN_USE,     true,  Nothing),
            Ins::LoadLicence          => row(IN_USE,     true,  Nothing),
            Ins::GetLicence           => row(IN_USE,     true,  Nothing),
            Ins::Debit                => row(IN_USE,     true,  Nothing),
            Ins::GetToken             => row(IN_USE,     true,  Nothing),
            Ins::ListOutbox           => row(IN_USE,     true,  Pin),
            Ins::Acknowledge          => row(IN_USE,     true,  Nothing),
            Ins::OpenStream           => row(IN_USE,     true,  Nothing),
            Ins::Decrypt              => row(IN_USE,     true,  Nothing),
            Ins::GetBalance           => row(IN_USE,     true,  Pin),
            Ins::GetCreditChallenge   => row(IN_USE,     true,  Pin),
            Ins::Credit               => row(IN_USE,     true,  Nothing),
            Ins::Void                 => row(IN_USE,     true,  Authorisation),
            Ins::InitializeUpdate     => row(BEFORE_USE, false, Nothing),
            Ins::ExternalAuthenticate => row(BEFORE_USE, false, Nothing),
            Ins::Initialise           => row(BLANK,      false, SecureChannel),
            Ins::GenerateKeyPair      => row(MAKING,     true,  SecureChannel),
            Ins::ProveKeys            => row(MAKING,     true,  SecureChannel),
            Ins::StoreData            => row(MAKING,     true,  SecureChannel),
            Ins::SetStatus            => row(MAKING,     true,  SecureChannel),
            // Not offered: an order is never made of them.
            Ins::ResetRetryCounter | Ins::DeleteLicence | Ins::ReadContent | Ins::StoreContent
            | Ins::HandBack | Ins::ListContents | Ins::DeleteContent | Ins::Hold | Ins::Release
            | Ins::Cancel | Ins::SetTime | Ins::Expire | Ins::Terminate => {
                row(NEVER, false, Nothing)
            }
        }
    }
}
