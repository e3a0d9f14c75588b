//! The real world beside the model's: what the host has in its hands, and each action done.

use std::collections::BTreeMap;

use saifu_model::{Action, Command, Config, Evidence, Fate, Token};
use saifu_wire::{LoadId, Nonce};

use super::card::{ReplayCard, View};
use super::desk::{Answer, Delivered, Desk, No, Opened};
use super::stage::{Player, Stage};

/// What came of an action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Came {
    /// It was done.
    Done,
    /// It was refused: the status word, the problem's code, or that nobody offers it.
    Refused(String),
}

/// What the host has got hold of.
#[derive(Clone, Default)]
pub(super) struct Host {
    pub(super) tokens: BTreeMap<Token, Vec<u8>>,
    pub(super) receipts: BTreeMap<Token, Vec<u8>>,
    pub(super) credited: BTreeMap<u8, Vec<u8>>,
    pub(super) voided: BTreeMap<u8, Vec<u8>>,
    pub(super) challenges: BTreeMap<(u8, u8), Vec<u8>>,
    pub(super) expiries: BTreeMap<(u8, u8), Vec<u8>>,
}

/// A load as the host knows it.
#[derive(Clone)]
pub(super) struct LoadInHand {
    pub(super) opened: Opened,
    pub(super) card: u8,
    pub(super) purse: u8,
    pub(super) credit: Option<Vec<u8>>,
}

/// The real cards and a center, in the middle of a way.
pub(super) struct World {
    pub(super) config: Config,
    pub(super) desk: Box<dyn Desk>,
    pub(super) cards: Vec<ReplayCard>,
    pub(super) host: Host,
    pub(super) deliveries: BTreeMap<(u8, u8), Delivered>,
    pub(super) loads: Vec<LoadInHand>,
    pub(super) late: bool,
    /// Power cuts so far; what each leaves follows from its number.
    pub(super) cuts: usize,
}

impl World {
    /// A world before the first action of the way of this name.
    pub(super) fn begin(config: Config, player: Player, name: &str) -> Self {
        let (desk, cards) = Stage::of(config, player).start(name);
        Self {
            config,
            desk,
            cards,
            host: Host::default(),
            deliveries: BTreeMap::new(),
            loads: Vec::new(),
            late: false,
            cuts: 0,
        }
    }

    /// Does an action. Nothing of it is answered by what the model says.
    ///
    /// # Errors
    /// What this player's center does not offer.
    pub(super) fn act(&mut self, action: Action) -> Result<Came, &'static str> {
        let answer = match action {
            Action::Order { order, card } => self.order(order, card),
            Action::EndOrder { order } => self.desk.end_order(order),
            Action::OpenLoad { card, purse } => self.open_load(card, purse),
            Action::OpenRefund { token } => self.open_refund(token),
            Action::IssueCredit { load } => self.issue_credit(load),
            Action::CloseLoad { load, evidence } => self.close_load(load, evidence),
            Action::Withdraw { load } => {
                let id = self.load(load).opened.id;
                self.desk.withdraw(id)
            }
            Action::Settle { token } => self.settle(token, token.card),
            Action::SettleAs { token, card } => self.settle(token, card),
            Action::BookExpiry { card, purse } => self.book_expiry(card, purse),
            Action::TimeOut { .. } | Action::WriteOff { .. } => {
                Err(No::Refused("no request to the center does this".into()))
            }
            Action::Run { card, command, fate } => return Ok(self.run(card, command, fate)),
            Action::Lose => {
                self.host = Host::default();
                Ok(())
            }
            Action::Copy { card, torn } => host_did(self.card(card).copy_outside(torn)),
            Action::PutBack { card } => host_did(self.card(card).put_back()),
            Action::TimePasses => {
                self.late = true;
                Ok(())
            }
        };
        match answer {
            Ok(()) => Ok(Came::Done),
            Err(No::Refused(why)) => Ok(Came::Refused(why)),
            Err(No::NotOffered(what)) => Err(what),
        }
    }

    /// What a terminal sees of each card.
    pub(super) fn views(&mut self) -> Vec<Result<View, u16>> {
        self.cards.iter_mut().map(ReplayCard::look).collect()
    }

    pub(super) fn card(&mut self, card: u8) -> &mut ReplayCard {
        &mut self.cards[usize::from(card)]
    }

    /// A load, or one that there is not, made up.
    pub(super) fn load(&self, number: u8) -> LoadInHand {
        let made_up = Opened { id: LoadId([0xE0 | number; 16]), nonce: Nonce([0xE0; 32]) };
        let none = LoadInHand { opened: made_up, card: 0, purse: 0, credit: None };
        self.loads.get(usize::from(number)).cloned().unwrap_or(none)
    }

    fn order(&mut self, order: u8, card: u8) -> Answer<()> {
        let delivered = self.desk.order(order, card)?;
        self.deliveries.entry((order, card)).or_insert(delivered);
        Ok(())
    }

    fn open_load(&mut self, card: u8, purse: u8) -> Answer<()> {
        let opened = self.desk.open_load(card, purse)?;
        self.keep_load(opened, card, purse);
        Ok(())
    }

    fn open_refund(&mut self, token: Token) -> Answer<()> {
        let opened = self.desk.open_refund(token)?;
        let purse = self.config.orders[usize::from(token.order)].kind;
        self.keep_load(opened, token.card, purse as u8);
        Ok(())
    }

    /// Keeps a load that is not known yet; a center may give one that is open again.
    fn keep_load(&mut self, opened: Opened, card: u8, purse: u8) {
        if self.loads.iter().all(|load| load.opened != opened) {
            self.loads.push(LoadInHand { opened, card, purse, credit: None });
        }
    }

    fn issue_credit(&mut self, number: u8) -> Answer<()> {
        let load = self.load(number);
        let challenge = had(self.host.challenges.get(&(load.card, load.purse)))?;
        let credit = self.desk.issue_credit(load.opened.id, &challenge)?;
        if let Some(load) = self.loads.get_mut(usize::from(number)) {
            load.credit = Some(credit);
        }
        Ok(())
    }

    fn close_load(&mut self, number: u8, evidence: Evidence) -> Answer<()> {
        let load = self.load(number);
        let id = load.opened.id;
        let event = match evidence {
            Evidence::Credited => had(self.host.credited.get(&number))?,
            Evidence::Voided => had(self.host.voided.get(&number))?,
            Evidence::Challenge => {
                let challenge = had(self.host.challenges.get(&(load.card, load.purse)))?;
                return self.desk.close_by_challenge(id, &challenge);
            }
        };
        self.desk.close_load(id, &event)
    }

    fn settle(&mut self, token: Token, card: u8) -> Answer<()> {
        let bytes = had(self.host.tokens.get(&token))?;
        let receipt = match card == token.card {
            true => self.desk.settle(token, &bytes)?,
            false => self.desk.settle_as(token, &bytes, card)?,
        };
        let known = self.host.receipts.entry(token).or_insert_with(|| receipt.clone());
        assert!(*known == receipt, "a token that came again got another receipt");
        Ok(())
    }

    fn book_expiry(&mut self, card: u8, purse: u8) -> Answer<()> {
        let event = had(self.host.expiries.get(&(card, purse)))?;
        self.desk.book_expiry(card, purse, &event)
    }

    /// Sends a command, or has it cut.
    fn run(&mut self, card: u8, command: Command, fate: Fate) -> Came {
        let answer = self.run_command(card, command, fate);
        answer.map_or_else(Came::Refused, |()| Came::Done)
    }
}

fn host_did(did: bool) -> Answer<()> {
    if did { Ok(()) } else { Err(No::Refused("the host has no such image".into())) }
}

fn had(bytes: Option<&Vec<u8>>) -> Answer<Vec<u8>> {
    bytes.cloned().ok_or_else(|| No::Refused("the host does not have it".into()))
}
