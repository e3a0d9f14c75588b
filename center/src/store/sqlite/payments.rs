//! Payments to a provider.

use rusqlite::{Connection, OptionalExtension, Row, named_params};
use saifu_wire::AccountId;
use saifu_wire::value::Kind;

use super::columns::{UnitColumn, code, id, int, uint, unit};
use super::{Sqlite, failing, funding};
use crate::refusal::{Refusal, Result};
use crate::store::{
    Confirmed, FundingRow, Make, PaymentId, PaymentRow, PaymentState, PaymentStore,
    ProviderMessage, Said,
};

impl PaymentStore for Sqlite {
    fn begin_payment(&self, payment: PaymentRow) -> Result<PaymentRow> {
        self.writer.write("begin payment", move |connection| begin(connection, &payment))
    }

    fn payment(&self, id: PaymentId) -> Result<Option<PaymentRow>> {
        self.read(|connection| find(connection, id))
    }

    fn provider_said(
        &self,
        message: ProviderMessage,
        now: u64,
        judge: Make<Option<PaymentRow>, Confirmed>,
    ) -> Result<Said> {
        self.writer.write("confirm payment", move |connection| {
            provider_said(connection, &message, now, judge)
        })
    }

    fn repayments(&self, done: bool, limit: u32) -> Result<Vec<PaymentRow>> {
        let state = if done { PaymentState::Repaid } else { PaymentState::RepaymentDue };
        self.read(|connection| of_state(connection, state, limit))
    }

    fn mark_repaid(&self, id: PaymentId, reference: String) -> Result<Option<PaymentRow>> {
        let sql = "
            UPDATE payments SET state = 4, repaid = ?2
            WHERE id = ?1 AND state = 3 AND void_event IS NOT NULL";
        self.writer.write("mark repaid", move |connection| {
            connection.execute(sql, (id, reference)).map_err(failing("mark a repayment"))?;
            find(connection, id)
        })
    }
}

/// The most payments of an account that are begun and not paid, of those that count.
const MAX_BEGUN: u32 = 100;

/// For how many seconds a payment that nobody pays counts: 7 days. Paid later, it is taken still.
const COUNTS_FOR: u64 = 7 * 86_400;

pub(super) const BEGUN: &str =
    "SELECT count(*) FROM payments WHERE account = ?1 AND state = 1 AND begun > ?2";

fn begin(connection: &Connection, payment: &PaymentRow) -> Result<PaymentRow> {
    if let Some(known) = by_key(connection, payment)? {
        return Ok(known);
    }
    refuse_too_many(connection, payment)?;
    insert(connection, payment)?;
    let begun = by_key(connection, payment)?;
    begun.ok_or_else(|| Refusal::internal("a payment vanished while it was begun"))
}

fn refuse_too_many(connection: &Connection, payment: &PaymentRow) -> Result<()> {
    let since = payment.begun.checked_sub(COUNTS_FOR).map_or(Ok(-1), int)?;
    let begun = connection.query_row(BEGUN, (payment.account.0, since), |row| row.get(0));
    let begun: u32 = begun.map_err(failing("count payments"))?;
    if begun < MAX_BEGUN {
        return Ok(());
    }
    Err(Refusal::conflict(format!(
        "account {} has begun {MAX_BEGUN} payments in the last 7 days that nobody has paid: pay \
         one of them, or wait",
        payment.account
    )))
}

fn insert(connection: &Connection, payment: &PaymentRow) -> Result<()> {
    let sql = "
        INSERT INTO payments (id, account, idempotency_key, purse, kind, unit, amount, provider,
            pay_at, begun, state)
        VALUES (:id, :account, :key, :purse, :kind, :unit, :amount, :provider, :pay_at, :begun,
            1)";
    connection
        .execute(
            sql,
            named_params! {
                ":id": payment.id, ":account": payment.account.0,
                ":key": payment.idempotency_key, ":purse": payment.purse,
                ":kind": payment.kind as u8, ":unit": UnitColumn(payment.unit),
                ":amount": int(payment.amount)?, ":provider": payment.provider,
                ":pay_at": payment.pay_at, ":begun": int(payment.begun)?,
            },
        )
        .map_err(failing("begin a payment"))?;
    Ok(())
}

/// The payment that the account began under the same key.
fn by_key(connection: &Connection, payment: &PaymentRow) -> Result<Option<PaymentRow>> {
    let sql = "SELECT * FROM payments WHERE account = ?1 AND idempotency_key = ?2";
    let of = (payment.account.0, &payment.idempotency_key);
    let found = connection.query_row(sql, of, of_row).optional();
    found.map_err(failing("begin a payment"))
}

fn find(connection: &Connection, id: PaymentId) -> Result<Option<PaymentRow>> {
    let sql = "SELECT * FROM payments WHERE id = ?1";
    connection.query_row(sql, [id], of_row).optional().map_err(failing("find a payment"))
}

fn of_state(connection: &Connection, state: PaymentState, limit: u32) -> Result<Vec<PaymentRow>> {
    let sql = "SELECT * FROM payments WHERE state = ?1 ORDER BY place LIMIT ?2";
    let mut statement = connection.prepare_cached(sql).map_err(failing("list payments"))?;
    let rows = statement.query_map((state as u8, limit), of_row);
    let rows = rows.map_err(failing("list payments"))?;
    rows.collect::<rusqlite::Result<_>>().map_err(failing("list payments"))
}

fn provider_said(
    connection: &Connection,
    message: &ProviderMessage,
    now: u64,
    judge: Make<Option<PaymentRow>, Confirmed>,
) -> Result<Said> {
    let known = "SELECT 1 FROM payment_messages WHERE provider = ?1 AND message = ?2";
    let found = connection.query_row(known, (&message.provider, &message.id), |_| Ok(()));
    if found.optional().map_err(failing("find a message"))?.is_some() {
        return Ok(Said::Known);
    }
    let payment = match message.payment {
        Some(id) => find(connection, id)?,
        None => None,
    };
    let (outcome, said) = match judge(payment)? {
        Confirmed::Nothing(why) => (why, Said::Kept),
        Confirmed::Paid(new) => {
            let sql = "UPDATE payments SET state = 2 WHERE id = ?1 AND state = 1";
            funding::add(connection, &new, now)?;
            connection.execute(sql, [message.payment]).map_err(failing("confirm a payment"))?;
            ("paid".into(), Said::Funded)
        }
    };
    keep(connection, message, &outcome, now)?;
    Ok(said)
}

fn keep(connection: &Connection, message: &ProviderMessage, why: &str, now: u64) -> Result<()> {
    let sql = "
        INSERT INTO payment_messages (provider, message, payment, outcome, body, came)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let row = (&message.provider, &message.id, message.payment, why, &message.body, int(now)?);
    connection.execute(sql, row).map_err(failing("keep a message"))?;
    Ok(())
}

/// The money of a funding whose card gave the value up is due to its payer: `event` is the
/// card's word.
pub(super) fn give_back(connection: &Connection, funding: &FundingRow, event: &[u8]) -> Result<()> {
    let id = hex::decode(&funding.what.reference).unwrap_or_default();
    let sql = "UPDATE payments SET state = 3, void_event = ?2 WHERE id = ?1 AND state = 2";
    connection.execute(sql, (id, event)).map_err(failing("note a repayment"))?;
    Ok(())
}

fn of_row(row: &Row<'_>) -> rusqlite::Result<PaymentRow> {
    Ok(PaymentRow {
        id: id(row, "id")?,
        account: AccountId(id(row, "account")?),
        idempotency_key: row.get("idempotency_key")?,
        purse: row.get("purse")?,
        kind: code(row, "kind", Kind::from_code)?,
        unit: unit(row, "unit")?,
        amount: uint(row, "amount")?,
        provider: row.get("provider")?,
        pay_at: row.get("pay_at")?,
        begun: uint(row, "begun")?,
        state: code(row, "state", PaymentState::from_code)?,
        void_event: row.get("void_event")?,
        repaid: row.get("repaid")?,
    })
}
