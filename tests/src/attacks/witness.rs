//! A card's own word on everything it has stored: so that a memory that is not the one last
//! committed cannot pass unseen.

use crate::fixture::{Delivery, PIN, TestCard, TestCenter, buyer, money_purse, point_purse};
use saifu_vsmartcard::platform::{Image, RamPlatform};
use saifu_wire::Wire;
use saifu_wire::answer::MemoryState;
use saifu_wire::ins::Ins;
use saifu_wire::request::{ChallengeRequest, LicenceRef, PayRequest, PurseRef, TokenRef};
use saifu_wire::signed::{Receipt, Signed};

/// A card in the middle of its life, and commands that together read all it has stored.
pub(super) struct Witness {
    machine: RamPlatform,
    commands: Vec<(Ins, u8, u8, Vec<u8>)>,
    answers: Vec<Vec<u8>>,
}

/// How a card took a memory that somebody had in hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Taken {
    /// As damaged or missing, at power-up.
    AtPowerUp,
    /// As damaged, by the first command that needed what is wrong.
    ByCommand,
    /// As its own: every command answers as ever.
    AsOwn,
}

impl Witness {
    /// A card that has paid for licence 1, holds licence 2 unpaid, and could load licence 3.
    pub(super) fn new(seed: u8) -> Self {
        let (mut card, center) = buyer(seed, 1_000, 1..=2);
        let token = card.buy(&center, 1).expect("a token");
        Self::of(card, &center, &token)
    }

    fn of(mut card: TestCard, center: &TestCenter, token: &[u8]) -> Self {
        let keys = card.keys();
        let commands = commands(
            center,
            &[1, 2, 3].map(|number| center.deliver(&keys, number)),
            &center.opening(card.id(), 0, &[money_purse(1), point_purse(2)]).to_bytes(),
            &center.receipt(token, 1),
        );
        let mut witness = Self { machine: card.machine(), commands, answers: Vec::new() };
        let mut card = witness.card(|_| ());
        witness.answers = witness
            .commands
            .iter()
            .map(|(ins, p1, p2, data)| {
                card.send(*ins, *p1, *p2, data)
                    .unwrap_or_else(|word| panic!("{} {word:04X}", ins.name()))
            })
            .collect();
        witness
    }

    /// What is stored.
    pub(super) fn image(&self) -> &Image {
        self.machine.image()
    }

    /// The card after a change behind its back and a power-up.
    pub(super) fn card(&self, tamper: impl FnOnce(&mut Image)) -> TestCard {
        let mut machine = self.machine.clone();
        tamper(machine.image_mut());
        let mut card = TestCard::on(machine);
        card.select();
        card
    }

    /// Lets the card answer all commands: each as ever, up to the first that says 6581. A card
    /// that found its memory damaged says so to the first that needs it, and changes nothing.
    pub(super) fn takes(&self, tamper: impl FnOnce(&mut Image)) -> Taken {
        let mut card = self.card(tamper);
        let damaged = card.status().memory != MemoryState::Good;
        let stored = card.image();
        for ((ins, p1, p2, data), expected) in self.commands.iter().zip(&self.answers) {
            match card.send(*ins, *p1, *p2, data) {
                Ok(answer) => assert!(answer == *expected, "{} answers wrongly", ins.name()),
                Err(word) => {
                    assert_eq!(word, 0x6581, "{}", ins.name());
                    assert!(!damaged || card.image() == stored, "a damaged memory was changed");
                    return if damaged { Taken::AtPowerUp } else { Taken::ByCommand };
                }
            }
            assert!(!damaged, "{} works on a damaged memory", ins.name());
        }
        Taken::AsOwn
    }
}

/// A sale's commands, in an order in which each can be answered.
fn commands(
    center: &TestCenter,
    [paid, held, next]: &[Delivery; 3],
    opening: &[u8],
    receipt: &Signed<Receipt>,
) -> Vec<(Ins, u8, u8, Vec<u8>)> {
    let licence = |number| LicenceRef { center: center.id(), number };
    let purse = PurseRef { center: center.id(), purse: 2 };
    let challenge = ChallengeRequest { purse, nonce: saifu_wire::Nonce([0x11; 32]) };
    let counter = receipt.message().counter;
    let stream = |number, delivery: &Delivery| {
        [licence(number).to_bytes(), delivery.header.to_bytes()].concat()
    };
    let segments = saifu_wire::request::segments_data(0, &paid.segments.concat());
    let pay = |number| PayRequest { licence: licence(number), price_index: 0, purse: 1 }.to_bytes();
    vec![
        (Ins::GetData, 0x7F, 0x21, vec![]),
        (Ins::Verify, 0x00, 0x81, PIN.to_vec()),
        (Ins::GetBalance, 0, 0, center.id().0.to_vec()),
        (Ins::GetLicence, 1, 0, licence(0).to_bytes()),
        (Ins::ListOutbox, 0, 0, vec![]),
        (Ins::GetToken, 0, 0, TokenRef { center: center.id(), counter }.to_bytes()),
        (Ins::InternalAuthenticate, 0, 0, vec![0x11; 32]),
        (Ins::GetCreditChallenge, 0, 0, challenge.to_bytes()),
        (Ins::OpenStream, 0, 0, stream(1, paid)),
        (Ins::Decrypt, 0, 0, segments),
        (Ins::OpenAccount, 0, 0, opening.to_vec()),
        (Ins::LoadLicence, 0, 0, next.licence.to_bytes()),
        (Ins::Debit, 0, 0, pay(3)),
        (Ins::Acknowledge, 0, 0, receipt.to_bytes()),
        (Ins::Verify, 0x00, 0x81, PIN.to_vec()),
        (Ins::Debit, 0, 0, pay(2)),
        (Ins::OpenStream, 0, 0, stream(2, held)),
        (Ins::GetBalance, 0, 0, center.id().0.to_vec()),
    ]
}
