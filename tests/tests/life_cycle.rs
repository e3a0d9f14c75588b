//! A card's life through the runtime, from blank to terminated: in each state every command, and
//! no way back (§2.3).

use saifu_tests::fixture::{TestCard, TestCenter, command, money_purse};
use saifu_vsmartcard::personalise::{SecureChannel, TestAdministration, TestIssuer, Validity};
use saifu_vsmartcard::virtual_card::select;
use saifu_wire::Nonce;
use saifu_wire::answer::{LifeCycle, MemoryState};
use saifu_wire::certificate::Date;
use saifu_wire::ins::Ins;

/// What works in each state, by the section of its command; all else is 6985.
const PERSONALISES: &[Ins] = &[
    Ins::InitializeUpdate,
    Ins::Initialise,
    Ins::GenerateKeyPair,
    Ins::ProveKeys,
    Ins::StoreData,
    Ins::SetStatus,
];
const BLANK: &[Ins] = &[Ins::InitializeUpdate, Ins::Initialise];
const CLOSING: &[Ins] = &[Ins::Terminate];

/// Whether a command works in a state, those aside that read what is public.
fn works(ins: Ins, state: LifeCycle) -> bool {
    match state {
        LifeCycle::Creation => BLANK.contains(&ins),
        LifeCycle::Initialisation => PERSONALISES.contains(&ins) && ins != Ins::Initialise,
        LifeCycle::Activated => !PERSONALISES.contains(&ins),
        LifeCycle::Deactivated => CLOSING.contains(&ins),
        LifeCycle::Terminated => false,
    }
}

/// The command of an instruction, with parameters it has and data that mean nothing.
fn nonsense(ins: Ins) -> Vec<u8> {
    let (p1, p2) = match ins {
        Ins::Verify | Ins::ChangeReferenceData | Ins::ResetRetryCounter => (0x00, 0x81),
        Ins::VerifyCertificate => (0x00, 0xBE),
        Ins::InitializeUpdate => (0x01, 0x00),
        Ins::ExternalAuthenticate => (0x33, 0x00),
        Ins::GenerateKeyPair => (0x80, 0x01),
        Ins::SetStatus => (0x80, 0x05),
        _ => (0x00, 0x00),
    };
    let takes_none = ins == Ins::ListOutbox;
    let data: &[u8] = if takes_none { &[] } else { &[0xEE; 7] };
    command(ins, p1, p2, data, Some(65_536))
}

/// Sends every command; each is refused, and by the state alone exactly where it does not work.
fn try_all(card: &mut TestCard, state: LifeCycle) {
    // Four are looked at below; the fifth is 6985 by itself where no channel was offered.
    let others = [Ins::Select, Ins::GetResponse, Ins::GetData, Ins::GetChallenge];
    let apart = |ins: &Ins| others.contains(ins) || *ins == Ins::ExternalAuthenticate;
    for ins in Ins::ALL.iter().copied().filter(|ins| !apart(ins)) {
        let before = card.image();
        let answer = card.transmit(&nonsense(ins));
        let by_state = answer == [0x69, 0x85];
        assert_eq!(by_state, !works(ins, state), "{} in {state:?}: {answer:02X?}", ins.name());
        assert!(card.image() == before, "{} in {state:?} changed something", ins.name());
    }
    let challenge = card.send(Ins::GetChallenge, 0, 0, &[]);
    assert_eq!(challenge.is_ok(), state != LifeCycle::Terminated);
    let word = if state == LifeCycle::Terminated { [0x62, 0x85] } else { [0x90, 0x00] };
    assert!(card.transmit(&select()).ends_with(&word));
    assert_eq!(card.get_data(0xDF01), Ok(card.id().0.to_vec()));
    assert_eq!(card.status().life_cycle, state);
}

/// An order to end the card, for a fresh challenge.
fn order(card: &mut TestCard, issuer: &TestAdministration, erase: bool) -> Vec<u8> {
    let challenge = card.send(Ins::GetChallenge, 0, 0, &[]).expect("a challenge");
    let nonce = Nonce(challenge.try_into().expect("32 bytes"));
    issuer.terminate(card.id(), nonce, erase).expect("an order").to_bytes()
}

fn show_administration(card: &mut TestCard, issuer: &TestAdministration) {
    let day = |year| Date::new(year, 1, 1).expect("a day");
    let validity = Validity { effective: day(26), expires: day(46) };
    let content = issuer.certificate(validity).expect("a certificate").content();
    card.send(Ins::VerifyCertificate, 0x00, 0xBE, &content).expect("an administration");
}

#[test]
fn a_card_that_is_being_personalised_takes_nothing_but_that() {
    let mut card = TestCard::blank(0xCB);
    card.select();
    let (issuer, id) = (TestIssuer::new().expect("the test root"), card.id());
    let (keys, version) = (issuer.card_keys(&id), issuer.key_version());
    let transmit = &mut |apdu: &[u8]| card.transmit(apdu);
    let mut channel = SecureChannel::open(transmit, &keys, version, [7; 8]).expect("a channel");
    channel.send(Ins::Initialise, 0, 0, &id.0).expect("a memory");
    card.select();
    try_all(&mut card, LifeCycle::Initialisation);
}

#[test]
fn a_card_goes_from_blank_to_terminated_and_each_state_takes_its_own_commands_alone() {
    let issuer = TestAdministration::new().expect("the published key");
    let center = TestCenter::new(0xC1);
    let mut card = TestCard::blank(0xCA);
    card.select();
    try_all(&mut card, LifeCycle::Creation);
    card.personalise();
    card.select();
    try_all(&mut card, LifeCycle::Activated);
    card.introduce(&center);
    card.open_account(&center.opening(card.id(), 0, &[money_purse(1)])).expect("an account");
    show_administration(&mut card, &issuer);
    let close = order(&mut card, &issuer, false);
    card.send(Ins::Terminate, 0, 0, &close).expect("a closing");
    try_all(&mut card, LifeCycle::Deactivated);
    let erase = order(&mut card, &issuer, true);
    card.send(Ins::Terminate, 1, 0, &erase).expect("the end");
    for _ in 0..2 {
        try_all(&mut card, LifeCycle::Terminated);
        assert_eq!(card.status().memory, MemoryState::Missing);
        assert!(card.image().outside.is_empty());
        card.reset();
        assert!(card.transmit(&select()).ends_with(&[0x62, 0x85]));
    }
}
