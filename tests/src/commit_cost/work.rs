//! What is counted, on a prepared card.

use saifu_applet::memory::records::{
    AccountRecord, LicenceRecord, OutboxRecord, PurseRecord, SettledRecord,
};
use saifu_applet::memory::{Change, Key, Store};
use saifu_vsmartcard::platform::RamPlatform;
use saifu_wire::Digest;
use saifu_wire::codec::Bytes;

use super::arguments;
use super::prepared::{CENTER, Prepared};
use crate::fixture::{TestCard, TestCenter};
use crate::shop::Anything;

/// The bytes of a token, about.
const TOKEN_BYTES: usize = 700;

/// Far from one licence to the next, and to every one in the end.
const STEP: u64 = 7_919;

/// What can be done with a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Work {
    /// Commits such as DEBIT and its receipt make.
    Commits,
    /// VERIFY and DEBIT.
    Debits,
    /// LOAD LICENCE.
    Loads,
}

impl Work {
    const ALL: [Self; 3] = [Self::Commits, Self::Debits, Self::Loads];

    /// How it is called as an argument.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Commits => "commits",
            Self::Debits => "debits",
            Self::Loads => "loads",
        }
    }

    /// Which is called so.
    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|work| work.name() == name)
    }
}

/// Does what the arguments after [`super::WORK`] say: the work, how often, and the card's file.
///
/// # Errors
/// They say something else; the card refuses.
pub fn answer_for_work(words: &[String]) -> Result<(), Anything> {
    let (work, times, file) = arguments(words)?;
    let Prepared { machine, to_load } = Prepared::load(&file)?;
    if work == Work::Commits {
        return commit(&mut Store::recover(machine), times);
    }
    let mut card = TestCard::on(machine);
    let center = TestCenter::new(CENTER);
    card.select();
    for number in 1..=times {
        let done = match work {
            Work::Debits => card.buy(&center, number).map(|_| ()),
            _ => {
                let licence = usize::try_from(number - 1).ok().and_then(|at| to_load.get(at));
                card.load_licence(licence.ok_or("no more licences")?).map(|_| ())
            }
        };
        done.map_err(|status| format!("{} {number}: {status:04X}", work.name()))?;
    }
    Ok(())
}

/// Commits what DEBIT changes: purse, account, a licence, its token; and the token's place among
/// the settled ones.
fn commit(store: &mut Store<RamPlatform>, times: u64) -> Result<(), Anything> {
    let center = TestCenter::new(CENTER).id();
    let licences = u64::try_from(store.count(&Key::licences()))?;
    let mut purse: PurseRecord = store.get(&Key::Purse(center, 1))?.ok_or("a purse")?;
    let mut account: AccountRecord = store.get(&Key::Account(center))?.ok_or("an account")?;
    let mut licence: LicenceRecord = store.get(&Key::Licence(center, 1))?.ok_or("a licence")?;
    let token = Bytes(vec![0x5A; TOKEN_BYTES]);
    for time in 0..times {
        let number = 1 + time * STEP % licences;
        purse.balance -= 1;
        account.counter += 1;
        licence.state.number = number;
        licence.state.token = account.counter;
        let identity = Digest([number as u8; 32]);
        let mut change = Change::new();
        change.put(Key::Purse(center, 1), &purse);
        change.put(Key::Account(center), &account);
        change.put(Key::Licence(center, number), &licence);
        let waiting = OutboxRecord { licence: number, identity, token: token.clone() };
        change.put(Key::Outbox(center, account.counter), &waiting);
        let settled = SettledRecord { licence: number, identity };
        change.put(Key::Settled(center, account.counter), &settled);
        store.commit(change)?;
    }
    Ok(())
}
