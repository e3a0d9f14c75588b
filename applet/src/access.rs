//! The gate: health × life cycle × memory × PIN × command, as one table (§2.3, §5.5; the seed's 8).
//!
//! It stands before every command, and says no before a byte of data is looked at.

use saifu_wire::Status;
use saifu_wire::answer::{Health, LifeCycle, MemoryState};
use saifu_wire::ins::Ins;

use crate::command::Order;

/// What the gate must know of card and session.
#[derive(Debug, Clone, Copy)]
pub struct Facts {
    /// Whether the card may compute.
    pub health: Health,
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
    /// Whether the command came through an open secure channel, or opens it.
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
    /// The personalisation keys: the command comes through the secure channel, or opens it.
    SecureChannel,
}

/// Lets a command pass, or says why not.
///
/// # Errors
/// 6985 for a channel on which the applet is not selected, 6400 for whatever a card whose self-test
/// failed does not do, 6985 for the life cycle, 6581 for the memory, 6983 or 6982 for the PIN, 6982
/// for the secure channel.
pub fn check(order: Order, facts: &Facts) -> Result<(), Status> {
    check_state(order, facts.health, facts.life_cycle, facts.selected)?;
    let rule = Rule::of(order);
    if rule.memory && facts.memory != MemoryState::Good {
        return Err(Status::MemoryFailure);
    }
    match rule.shown {
        Shown::Nothing => Ok(()),
        Shown::Pin => check_pin(facts.pin_tries, facts.verified),
        Shown::Authorisation => check_pin(facts.pin_tries, facts.authorised),
        Shown::SecureChannel if facts.secure => Ok(()),
        Shown::SecureChannel => Err(Status::SecurityNotSatisfied),
    }
}

/// Whether the PIN was shown, and is not blocked now; also for a command that asks for it only
/// where it would erase something.
///
/// # Errors
/// 6983, 6982.
pub const fn check_pin(pin_tries: u8, shown: bool) -> Result<(), Status> {
    match (pin_tries, shown) {
        (0, _) => Err(Status::PinBlocked),
        (_, true) => Ok(()),
        (_, false) => Err(Status::SecurityNotSatisfied),
    }
}

/// The first three of these checks alone, for the parts of a chain before the last (§5.3).
///
/// # Errors
/// 6985, 6400.
pub fn check_state(
    order: Order,
    health: Health,
    life_cycle: LifeCycle,
    selected: bool,
) -> Result<(), Status> {
    if !selected && order.ins() != Ins::Select {
        return Err(Status::ConditionsNotSatisfied);
    }
    let life_cycles = Rule::of(order).life_cycles;
    if health == Health::SelfTestFailed && life_cycles != ALWAYS {
        return Err(Status::ExecutionError);
    }
    let works = life_cycles.contains(&life_cycle);
    if works { Ok(()) } else { Err(Status::ConditionsNotSatisfied) }
}

use LifeCycle::{Activated, Creation, Deactivated, Initialisation};

/// What tells the card's state, and therefore works whether or not the card may compute.
const ALWAYS: &[LifeCycle] = LifeCycle::ALL;
const ALIVE: &[LifeCycle] = &[Creation, Initialisation, Activated, Deactivated];
const BEFORE_USE: &[LifeCycle] = &[Creation, Initialisation];
const BLANK: &[LifeCycle] = &[Creation];
const MAKING: &[LifeCycle] = &[Initialisation];
const IN_USE: &[LifeCycle] = &[Activated];
const ENDING: &[LifeCycle] = &[Activated, Deactivated];

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
            Ins::Verify               => row(IN_USE,     true,  Nothing),
            Ins::ChangeReferenceData  => row(IN_USE,     true,  Nothing),
            Ins::ResetRetryCounter    => row(IN_USE,     true,  Nothing),
            Ins::VerifyCertificate    => row(IN_USE,     true,  Nothing),
            Ins::OpenAccount          => row(IN_USE,     true,  Nothing),
            Ins::LoadLicence          => row(IN_USE,     true,  Nothing),
            Ins::GetLicence           => row(IN_USE,     true,  Nothing),
            Ins::DeleteLicence        => row(IN_USE,     true,  Pin),
            Ins::Debit                => row(IN_USE,     true,  Nothing),
            Ins::GetToken             => row(IN_USE,     true,  Nothing),
            Ins::ListOutbox           => row(IN_USE,     true,  Pin),
            Ins::Acknowledge          => row(IN_USE,     true,  Nothing),
            Ins::OpenStream           => row(IN_USE,     true,  Nothing),
            Ins::Decrypt              => row(IN_USE,     true,  Nothing),
            Ins::ReadContent          => row(IN_USE,     true,  Nothing),
            Ins::StoreContent         => row(IN_USE,     true,  Nothing),
            Ins::HandBack             => row(IN_USE,     true,  Nothing),
            Ins::ListContents         => row(IN_USE,     true,  Pin),
            Ins::DeleteContent        => row(IN_USE,     true,  Pin),
            Ins::GetBalance           => row(IN_USE,     true,  Pin),
            Ins::Hold                 => row(IN_USE,     true,  Nothing),
            Ins::Release              => row(IN_USE,     true,  Nothing),
            Ins::Cancel               => row(IN_USE,     true,  Pin),
            Ins::GetCreditChallenge   => row(IN_USE,     true,  Pin),
            Ins::Credit               => row(IN_USE,     true,  Nothing),
            Ins::Void                 => row(IN_USE,     true,  Authorisation),
            Ins::SetTime              => row(IN_USE,     true,  Nothing),
            Ins::Expire               => row(IN_USE,     true,  Nothing),
            Ins::Terminate            => row(ENDING,     true,  Nothing),
            Ins::InitializeUpdate     => row(BEFORE_USE, false, Nothing),
            Ins::ExternalAuthenticate => row(BEFORE_USE, false, SecureChannel),
            Ins::Initialise           => row(BLANK,      false, SecureChannel),
            Ins::GenerateKeyPair      => row(MAKING,     true,  SecureChannel),
            Ins::ProveKeys            => row(MAKING,     true,  SecureChannel),
            Ins::StoreData            => row(MAKING,     true,  SecureChannel),
            Ins::SetStatus            => row(MAKING,     true,  SecureChannel),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What §2.3 and §6 say, command by command: life cycles (creation, initialisation,
    /// activated, deactivated, terminated), whether stored data are needed, what must be shown.
    const SPECIFICATION: &[(&str, &str, bool, Shown)] = &[
        ("00A40400", "CIADT", false, Shown::Nothing),
        ("00C00000", "CIADT", false, Shown::Nothing),
        ("00CADF01", "CIADT", false, Shown::Nothing),
        ("00CADF02", "CIADT", false, Shown::Nothing),
        ("00CADF05", "CIAD", false, Shown::Nothing),
        ("00840000", "CIAD", false, Shown::Nothing),
        ("00880000", "A", true, Shown::Nothing),
        ("00200081", "A", true, Shown::Nothing),
        ("00240081", "A", true, Shown::Nothing),
        ("002C0081", "A", true, Shown::Nothing),
        ("002A00BE", "A", true, Shown::Nothing),
        ("80300000", "A", true, Shown::Nothing),
        ("80320000", "A", true, Shown::Nothing),
        ("80340000", "A", true, Shown::Nothing),
        ("80360000", "A", true, Shown::Pin),
        ("80380000", "A", true, Shown::Nothing),
        ("803A0000", "A", true, Shown::Nothing),
        ("803C0000", "A", true, Shown::Pin),
        ("803E0000", "A", true, Shown::Nothing),
        ("80400000", "A", true, Shown::Nothing),
        ("80420000", "A", true, Shown::Nothing),
        ("80440000", "A", true, Shown::Nothing),
        ("80480000", "A", true, Shown::Nothing),
        ("804A0000", "A", true, Shown::Nothing),
        ("804C0000", "A", true, Shown::Pin),
        ("804E0000", "A", true, Shown::Pin),
        ("80520000", "A", true, Shown::Pin),
        ("80540000", "A", true, Shown::Nothing),
        ("80560000", "A", true, Shown::Nothing),
        ("80580000", "A", true, Shown::Pin),
        ("805A0000", "A", true, Shown::Pin),
        ("805C0000", "A", true, Shown::Nothing),
        ("805E0000", "A", true, Shown::Authorisation),
        ("80720000", "A", true, Shown::Nothing),
        ("80740000", "A", true, Shown::Nothing),
        ("80FE0000", "AD", true, Shown::Nothing),
        ("80500100", "CI", false, Shown::Nothing),
        ("84823300", "CI", false, Shown::SecureChannel),
        ("84100000", "C", false, Shown::SecureChannel),
        ("84468001", "I", true, Shown::SecureChannel),
        ("84120000", "I", true, Shown::SecureChannel),
        ("84E20000", "I", true, Shown::SecureChannel),
        ("84F08005", "I", true, Shown::SecureChannel),
    ];

    fn order(header: &str) -> Order {
        let [cla, ins, p1, p2] = hex::decode(header).unwrap().try_into().unwrap();
        Order::find(Ins::find(cla & 0x80 != 0, ins), p1, p2).unwrap()
    }

    /// Every combination of what the gate looks at.
    fn all_facts() -> impl Iterator<Item = Facts> {
        let memories = MemoryState::ALL.len() * Health::ALL.len();
        (0..LifeCycle::ALL.len() * memories * 32).map(|number| {
            let bit = |at: usize| number & (1 << at) != 0;
            Facts {
                health: Health::ALL[number / 128 % 3],
                life_cycle: LifeCycle::ALL[number / 384],
                memory: MemoryState::ALL[number / 32 % 4],
                pin_tries: u8::from(bit(0)),
                selected: bit(1),
                verified: bit(2) || bit(3),
                authorised: bit(3),
                secure: bit(4),
            }
        })
    }

    fn expected(facts: &Facts, states: &str, memory: bool, shown: Shown) -> Result<(), u16> {
        let state = match facts.life_cycle {
            Creation => 'C',
            Initialisation => 'I',
            Activated => 'A',
            Deactivated => 'D',
            LifeCycle::Terminated => 'T',
        };
        match shown {
            _ if !facts.selected => Err(0x6985),
            _ if facts.health == Health::SelfTestFailed && states != "CIADT" => Err(0x6400),
            _ if !states.contains(state) => Err(0x6985),
            _ if memory && facts.memory != MemoryState::Good => Err(0x6581),
            Shown::Pin | Shown::Authorisation if facts.pin_tries == 0 => Err(0x6983),
            Shown::Pin if !facts.verified => Err(0x6982),
            Shown::Authorisation if !facts.authorised => Err(0x6982),
            Shown::SecureChannel if !facts.secure => Err(0x6982),
            _ => Ok(()),
        }
    }

    #[test]
    fn each_command_passes_in_the_states_of_the_specification_and_no_other() {
        for (header, states, memory, shown) in SPECIFICATION {
            for mut facts in all_facts() {
                let found = check(order(header), &facts).map_err(|status| status as u16);
                // SELECT is what selects.
                facts.selected |= *header == "00A40400";
                assert_eq!(found, expected(&facts, states, *memory, *shown), "{header} {facts:?}");
            }
        }
    }

    #[test]
    fn every_command_is_in_the_table_above() {
        let listed = |ins: &Ins| SPECIFICATION.iter().any(|row| order(row.0).ins() == *ins);
        assert!(Ins::ALL.iter().all(listed));
    }

    #[test]
    fn ap14_before_select_every_other_command_is_6985() {
        let facts = |selected| Facts {
            health: Health::Good,
            life_cycle: Activated,
            memory: MemoryState::Good,
            pin_tries: 3,
            selected,
            verified: true,
            authorised: true,
            secure: true,
        };
        for (header, states, ..) in &SPECIFICATION[1..] {
            let refused = Err(Status::ConditionsNotSatisfied);
            assert_eq!(check(order(header), &facts(false)), refused, "{header}");
            assert_eq!(check(order(header), &facts(true)).is_ok(), states.contains('A'));
        }
    }
}
