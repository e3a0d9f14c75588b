//! What the playing card does around a hold and the time.

use super::card::{PlayCard, Played, Stored, token};
use super::world;
use crate::trust::identity;
use saifu_wire::request::PayRequest;
use saifu_wire::signed::{Event, EventKind, PaymentOrder, Signed, TimeOrder};
use saifu_wire::{Digest, LoadId, Status};

const NOT_NOW: u16 = Status::ConditionsNotSatisfied as u16;

impl PlayCard {
    pub(super) fn hold(&mut self, request: &PayRequest) -> Played {
        let mut stored = self.stored.borrow_mut();
        let licence = stored.licence.clone().ok_or(Status::NotFound as u16)?;
        if stored.paid || licence.message().payment != PaymentOrder::DecryptFirst {
            return Err(NOT_NOW);
        }
        if stored.held == 0 {
            if !self.authorised {
                return Err(0x6982);
            }
            let price = &licence.message().prices.0[usize::from(request.price_index)];
            stored.balance = stored.balance.checked_sub(price.amount).ok_or(NOT_NOW)?;
            stored.held = price.amount;
            stored.event = Some(event(EventKind::Held, &stored));
        }
        self.authorised = false;
        Ok(stored.event.as_ref().map(Signed::to_bytes).unwrap_or_default())
    }

    pub(super) fn release(&mut self) -> Played {
        let mut stored = self.stored.borrow_mut();
        if !stored.paid {
            stored.pay_hold()?;
        }
        Ok(stored.token.as_ref().map(Signed::to_bytes).unwrap_or_default())
    }

    pub(super) fn cancel(&mut self) -> Played {
        let mut stored = self.stored.borrow_mut();
        if stored.paid {
            return Err(NOT_NOW);
        }
        if stored.held != 0 {
            stored.balance += stored.held;
            stored.event = Some(event(EventKind::Cancelled, &stored));
            stored.held = 0;
        }
        stored.event.as_ref().map(Signed::to_bytes).ok_or(NOT_NOW)
    }

    pub(super) fn set_time(&mut self, order: &[u8]) -> Played {
        let order: Signed<TimeOrder> = Signed::parse(order).map_err(|_| 0x6A80_u16)?;
        if order.message().nonce.0 != [7; 32] {
            return Err(Status::WrongData as u16);
        }
        self.stored.borrow_mut().times += 1;
        self.timed = true;
        Ok(Vec::new())
    }
}

impl Stored {
    /// What is on hold becomes a payment.
    pub(super) fn pay_hold(&mut self) -> Result<(), u16> {
        let licence = self.licence.clone().ok_or(Status::NotFound as u16)?;
        if self.held == 0 {
            return Err(NOT_NOW);
        }
        (self.held, self.paid) = (0, true);
        self.debits += 1;
        let account = self.pays_from.unwrap_or(world::ACCOUNT);
        self.token = Some(token(licence.message(), account));
        Ok(())
    }
}

fn event(kind: EventKind, stored: &Stored) -> Signed<Event> {
    world::card_signs(Event {
        center: world::CENTER,
        account: world::ACCOUNT,
        counter: 2,
        previous: Digest([7; 32]),
        kind,
        purse: 1,
        amount: stored.held,
        balance: stored.balance,
        held: stored.held,
        sequence: 1,
        cause: stored.licence.as_ref().map_or(Digest::ZERO, identity),
        load: LoadId::ZERO,
    })
}
