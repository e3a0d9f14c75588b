//! The token of a payment, and all that changes with it (§9.1, §9.2).

use alloc::vec::Vec;

use saifu_wire::LoadId;
use saifu_wire::answer::LicenceStatus;
use saifu_wire::codec::Bytes;
use saifu_wire::signed::{EventKind, TokenPayload};
use zeroize::Zeroize;

use super::Payment;
use crate::chain::{self, Happened};
use crate::crypto::Secret;
use crate::memory::records::{LicenceRecord, OutboxRecord};
use crate::memory::{Change, Key, Store, StoreError};
use crate::own_keys;
use crate::platform::Platform;
use crate::purse::token::{self, TokenHeader, TokenKeys};
use crate::refusal::Refusal;
use crate::trust;

impl Payment {
    /// Pays: makes the token, complete and signed, and gathers all that it changes: the end of the
    /// chain, the licence, which has `status` then, the purse as it is, the outbox.
    ///
    /// # Errors
    /// 6A80 when the center's payment key is not known any more; 6400; 6581.
    pub(in crate::command) fn pay<P: Platform>(
        mut self,
        store: &mut Store<P>,
        status: LicenceStatus,
    ) -> Result<(OutboxRecord, Change), Refusal> {
        let token = self.make_token(store)?;
        let counter = self.account.counter;
        self.record.state.status = status;
        self.record.state.token = counter;
        self.record.token = token.identity;
        let mut change = self.change();
        change.put(Key::Outbox(self.licence.center, counter), &token);
        Ok((token, change))
    }

    /// What any payment, hold or end of a hold stores: purse, account and licence.
    pub(in crate::command) fn change(&self) -> Change {
        let center = self.licence.center;
        let mut change = Change::new();
        change.put(Key::Purse(center, self.choice.purse), &self.purse);
        change.put(Key::Account(center), &self.account);
        change.put(Key::Licence(center, self.licence.number), &self.record);
        change
    }

    /// Signs the next event of the chain: what is happening to the price; its bytes.
    ///
    /// # Errors
    /// 6985 at the counter's end; 6400; 6581.
    pub(in crate::command) fn append_event<P: Platform>(
        &mut self,
        store: &Store<P>,
        kind: EventKind,
    ) -> Result<Vec<u8>, Refusal> {
        let happened = Happened {
            kind,
            purse: self.choice.purse,
            amount: self.price.amount,
            balance: self.purse.balance,
            held: self.purse.held,
            sequence: self.purse.sequence,
            cause: self.record.state.identity,
            load: LoadId::ZERO,
        };
        let center = self.licence.center;
        Ok(chain::append_event(store, center, &mut self.account, &happened)?.to_bytes())
    }

    fn make_token<P: Platform>(&mut self, store: &mut Store<P>) -> Result<OutboxRecord, Refusal> {
        let keys = self.keys(store)?;
        let mut random = |out: &mut [u8]| store.random(out);
        let blinding = Secret::random(&mut random)?;
        let header = TokenHeader {
            center: self.licence.center,
            center_key: self.record.center_key,
            account: self.account.account,
            counter: chain::next_counter(&self.account)?,
            previous: self.account.previous,
        };
        let mut payload = self.payload(*blinding.expose());
        let token = token::make(header, &payload, &keys, &mut random);
        payload.blinding.zeroize();
        let token = token?;
        chain::append(&mut self.account, &token)?;
        Ok(OutboxRecord {
            licence: self.licence.number,
            identity: self.account.previous,
            token: Bytes(token.to_bytes()),
        })
    }

    fn keys<P: Platform>(&self, store: &Store<P>) -> Result<TokenKeys, Refusal> {
        let center = trust::payment_key(store, self.licence.center, &self.record.center_key)?;
        let card = own_keys::signature_key(store)?.ok_or(StoreError::Memory)?;
        Ok(TokenKeys { center, card })
    }

    fn payload(&self, blinding: [u8; 32]) -> TokenPayload {
        let LicenceRecord { state, shop, order, .. } = &self.record;
        TokenPayload {
            licence: state.number,
            licence_identity: state.identity,
            order: *order,
            shop: *shop,
            content: state.content,
            content_version: state.content_version,
            price_index: self.choice.price_index,
            purse: self.choice.purse,
            kind: self.price.kind,
            unit: self.price.unit,
            amount: self.price.amount,
            balance: self.purse.balance,
            blinding,
        }
    }
}
