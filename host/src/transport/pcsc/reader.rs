//! Finding the card.

use super::super::TransportError;
use super::worker::{lost, no_service};
use pcsc::{Card, Context, Error, Protocols, ReaderState, Scope, ShareMode, State};
use std::ffi::{CStr, CString};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// What is expected to come soon comes within this.
const SOON: Duration = Duration::from_secs(1);

/// How long to wait before the readers are looked at again, while a card is expected soon;
/// pcscd looks each 400 ms.
const SHORT_PAUSE: Duration = Duration::from_millis(20);

/// As [`SHORT_PAUSE`], later.
const LONG_PAUSE: Duration = Duration::from_millis(100);

/// Which card is meant.
#[derive(Debug, Clone, Default)]
pub(super) struct Wanted {
    /// What the user has named: a part of the reader's name.
    pub(super) named: Option<String>,
    /// The reader where the card was before.
    pub(super) before: Option<String>,
}

impl Wanted {
    /// What the reader's name has in it: the card comes back where it was, and elsewhere only
    /// if that reader is gone.
    fn part<'w>(&'w self, readers: &[(String, bool)]) -> Option<&'w str> {
        let before = self.before.as_deref();
        let there = before.filter(|before| readers.iter().any(|(name, _)| name == before));
        there.or(self.named.as_deref()).or(before)
    }
}

/// How long to wait for what is not there yet.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    /// For the PC/SC service and the reader.
    pub(super) reader: Duration,
    /// For the card, and for another program that has it to itself.
    pub(super) card: Duration,
}

impl Patience {
    pub(super) fn longest(&self) -> Duration {
        self.reader.max(self.card)
    }

    /// How long it is worth to wait after such an error.
    fn after(&self, error: &TransportError) -> Duration {
        match error {
            TransportError::NoService(_) | TransportError::NoReader { .. } => self.reader,
            TransportError::ManyCards(_) => Duration::ZERO,
            _ => self.card,
        }
    }
}

/// How long to wait between two attempts of which the first was at `begun`.
pub(super) fn pause(begun: Instant) -> Duration {
    if begun.elapsed() < SOON { SHORT_PAUSE } else { LONG_PAUSE }
}

/// Connects to the card that is `wanted`; to the only card if none is named. Returns the
/// reader's name, too. Patience counts from `begun`. Tells `waits` what is waited for, as the
/// error that it is if it lasts.
///
/// A context that has seen its service end is dead, so each attempt takes a new one.
pub(super) fn connect(
    wanted: &Wanted,
    patience: Patience,
    begun: Instant,
    waits: &dyn Fn(TransportError),
) -> Result<(String, Card), TransportError> {
    loop {
        let tried = Context::establish(Scope::User)
            .map_err(no_service)
            .and_then(|context| try_connect(&context, wanted, patience, waits));
        match tried {
            Err(error) if begun.elapsed() < patience.after(&error) => {
                waits(error);
                sleep(pause(begun));
            }
            done => return done,
        }
    }
}

fn try_connect(
    context: &Context,
    wanted: &Wanted,
    patience: Patience,
    waits: &dyn Fn(TransportError),
) -> Result<(String, Card), TransportError> {
    let readers = readers(context)?;
    let seen = look(context, &readers)?;
    let name = choose(&seen, wanted.part(&seen))?;
    let reader = readers.iter().find(|reader| text(reader) == name);
    let reader = reader.ok_or_else(|| no_card(&name))?;
    // Either may hold up the service for ever.
    waits(match is_in_use(context, reader) {
        true => TransportError::Busy { name: name.clone() },
        false => TransportError::Silent { name: name.clone(), seconds: patience.card.as_secs() },
    });
    match context.connect(reader, ShareMode::Shared, Protocols::ANY) {
        Ok(card) => Ok((name, card)),
        Err(Error::NoSmartcard | Error::RemovedCard) => Err(no_card(&name)),
        Err(error) => Err(lost(&name, error)),
    }
}

fn readers(context: &Context) -> Result<Vec<CString>, TransportError> {
    match context.list_readers_owned() {
        Ok(readers) => Ok(readers),
        Err(Error::NoReadersAvailable) => Ok(Vec::new()),
        Err(error) => Err(no_service(error)),
    }
}

/// Each reader's name, and whether a card is in it.
fn look(context: &Context, readers: &[CString]) -> Result<Vec<(String, bool)>, TransportError> {
    let mut states: Vec<_> =
        readers.iter().map(|name| ReaderState::new(name.clone(), State::UNAWARE)).collect();
    match context.get_status_change(Duration::ZERO, &mut states) {
        Ok(()) | Err(Error::Timeout) => {}
        Err(Error::UnknownReader | Error::ReaderUnavailable) => return Ok(Vec::new()),
        Err(error) => return Err(no_service(error)),
    }
    let has_card = |state: &ReaderState| state.event_state().contains(State::PRESENT);
    Ok(states.iter().map(|state| (text(state.name()), has_card(state))).collect())
}

/// Whether another program is connected to the card in a reader.
fn is_in_use(context: &Context, reader: &CStr) -> bool {
    let mut states = [ReaderState::new(reader, State::UNAWARE)];
    let looked = context.get_status_change(Duration::ZERO, &mut states);
    looked.is_ok() && states[0].event_state().contains(State::INUSE)
}

/// The name of the reader whose card is meant.
fn choose(readers: &[(String, bool)], wanted: Option<&str>) -> Result<String, TransportError> {
    let named = |name: &str| wanted.is_none_or(|wanted| contains(name, wanted));
    let exact = readers.iter().filter(|(name, _)| wanted == Some(name));
    let mut meant: Vec<_> = exact.collect();
    if meant.is_empty() {
        meant = readers.iter().filter(|(name, _)| named(name)).collect();
    }
    let names = |some: &[&(String, bool)]| -> Vec<String> {
        some.iter().map(|(name, _)| name.clone()).collect()
    };
    let full: Vec<_> = meant.iter().copied().filter(|(_, has_card)| *has_card).collect();
    match (&meant[..], &full[..]) {
        ([], _) => {
            let wanted = wanted.map_or("reader".into(), |name| format!("reader \"{name}\""));
            let there = readers.iter().map(|(name, _)| name.clone()).collect();
            Err(TransportError::NoReader { wanted, there })
        }
        (_, [(name, _)]) => Ok(name.clone()),
        (meant, []) => Err(no_card(&names(meant).join(" or "))),
        (_, full) => Err(TransportError::ManyCards(names(full))),
    }
}

fn contains(name: &str, wanted: &str) -> bool {
    name.to_lowercase().contains(&wanted.to_lowercase())
}

fn no_card(name: &str) -> TransportError {
    TransportError::NoCard { name: name.to_owned() }
}

fn text(name: &CStr) -> String {
    name.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(readers: &[(&str, bool)], wanted: Option<&str>) -> Result<String, TransportError> {
        let readers: Vec<_> =
            readers.iter().map(|(name, full)| ((*name).to_owned(), *full)).collect();
        choose(&readers, wanted)
    }

    #[test]
    fn the_only_card_is_meant_where_none_is_named() {
        assert_eq!(chosen(&[("A", false), ("B", true)], None), Ok("B".into()));
        let many = chosen(&[("A", true), ("B", true)], None);
        assert_eq!(many, Err(TransportError::ManyCards(vec!["A".into(), "B".into()])));
    }

    #[test]
    fn a_reader_is_named_by_a_part_of_its_name_and_a_whole_name_comes_first() {
        let readers = [("ACS 00 00", true), ("ACS 00 00 01", true), ("Gem", true)];
        assert_eq!(chosen(&readers, Some("gem")), Ok("Gem".into()));
        assert_eq!(chosen(&readers, Some("ACS 00 00")), Ok("ACS 00 00".into()));
        assert!(matches!(chosen(&readers, Some("acs")), Err(TransportError::ManyCards(_))));
    }

    #[test]
    fn a_card_comes_back_where_it_was_and_elsewhere_only_if_that_reader_is_gone() {
        let back = |readers: &[(&str, bool)], named: Option<&str>| {
            let readers: Vec<_> =
                readers.iter().map(|(name, full)| ((*name).to_owned(), *full)).collect();
            let wanted = Wanted { named: named.map(str::to_owned), before: Some("Gem A".into()) };
            choose(&readers, wanted.part(&readers))
        };
        let both = [("Gem A", true), ("Gem B", true)];
        assert_eq!(back(&both, Some("gem")), Ok("Gem A".into()));
        assert_eq!(back(&[("Gem A", false), ("Gem B", true)], Some("gem")), Err(no_card("Gem A")));
        assert_eq!(back(&both[1..], Some("gem")), Ok("Gem B".into()));
        assert!(matches!(back(&both[1..], None), Err(TransportError::NoReader { .. })));
    }

    #[test]
    fn readers_are_looked_at_less_often_after_a_while() {
        let now = Instant::now();
        assert_eq!(pause(now), SHORT_PAUSE);
        assert_eq!(pause(now.checked_sub(SOON).unwrap()), LONG_PAUSE);
    }

    #[test]
    fn without_a_card_the_reader_is_told_and_without_a_reader_those_there_are() {
        let none = chosen(&[("A", false), ("B", false)], None).unwrap_err();
        assert_eq!(none.to_string(), "there is no card in A or B");
        let none = chosen(&[("A", true)], Some("Gem")).unwrap_err();
        assert_eq!(none.to_string(), "there is no reader \"Gem\"; there is A");
        assert_eq!(chosen(&[], None).unwrap_err().to_string(), "there is no reader");
    }

    #[test]
    fn only_what_may_come_is_waited_for() {
        let second = Duration::from_secs(1);
        let patience = Patience { reader: Duration::ZERO, card: second };
        assert_eq!(patience.after(&TransportError::NoService(String::new())), Duration::ZERO);
        assert_eq!(patience.after(&TransportError::ManyCards(vec![])), Duration::ZERO);
        assert_eq!(patience.after(&no_card("A")), second);
    }
}
