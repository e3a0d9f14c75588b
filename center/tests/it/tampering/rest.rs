//! What can be done to instructions, payouts, fundings and what they rest on.

use saifu_center::audit::Rule;

use super::Tampering;

pub(super) const TAMPERINGS: &[Tampering] = &[
    ("UPDATE instructions SET amount = 1", Rule::Row, "its row"),
    ("UPDATE instructions SET why = 1", Rule::Row, "its row"),
    ("DELETE FROM instructions WHERE why = 2", Rule::EntryUnfounded, "to redeemed"),
    ("DELETE FROM instructions WHERE why = 1", Rule::EntryUnfounded, "from suspense to settled"),
    (
        "UPDATE instructions SET signed = cast(substr(signed, 1, length(signed) - 1) ||
            x'00' AS BLOB)",
        Rule::Signature,
        "credit key",
    ),
    ("UPDATE instructions SET signed = x'00'", Rule::Instruction, "is none"),
    (
        "INSERT INTO instructions SELECT zeroblob(32), 3, kind, unit, amount, evidence,
            1 FROM fundings WHERE reference = 'first' AND source = 4",
        Rule::Instruction,
        "moves nothing by itself",
    ),
    ("UPDATE resolutions SET receipt = x'00'", Rule::Receipt, "second receipt"),
    (
        "UPDATE resolutions SET receipt = cast(substr(receipt, 1, length(receipt) - 1)
            || x'00' AS BLOB)",
        Rule::Receipt,
        "second receipt",
    ),
    (
        "UPDATE resolutions SET order_id = zeroblob(16) WHERE rowid = 1",
        Rule::Row,
        "another instruction or order",
    ),
    (
        "UPDATE resolutions SET instruction = (SELECT instruction FROM payouts LIMIT 1)",
        Rule::Row,
        "another instruction or order",
    ),
    (
        "UPDATE resolutions SET token = {suspended} WHERE rowid = 1",
        Rule::Instruction,
        "without an instruction",
    ),
    (
        "INSERT INTO resolutions SELECT t.identity, 1, t.order_id, r.instruction,
            r.receipt FROM tokens t, resolutions r WHERE t.identity = {suspended} LIMIT 1",
        Rule::Instruction,
        "without an instruction",
    ),
    ("DELETE FROM resolutions", Rule::Receipt, "second receipt"),
    (
        "UPDATE payouts SET reference = 'other' WHERE reference = 'first'",
        Rule::Row,
        "another shop or reference",
    ),
    (
        "UPDATE payouts SET shop = x'11111111111111111111111111111111'",
        Rule::Row,
        "another shop or reference",
    ),
    (
        "UPDATE payouts SET entry = 1 WHERE reference = 'first'",
        Rule::EntryDiffers,
        "from settled to redeemed",
    ),
    ("DELETE FROM payouts WHERE reference = 'first'", Rule::Instruction, "its payout is not kept"),
    (
        "INSERT INTO payouts SELECT shop, 'third', 1, instruction FROM payouts WHERE
            reference = 'first'",
        Rule::Instruction,
        "payouts to shops",
    ),
    ("UPDATE card_payouts SET purse = 2", Rule::Row, "another account or purse"),
    ("DELETE FROM card_payouts", Rule::Instruction, "its payout is not kept"),
    (
        "INSERT INTO card_payouts SELECT account, 2, 1, instruction FROM card_payouts",
        Rule::Instruction,
        "payouts to holders",
    ),
    ("DELETE FROM closings", Rule::Instruction, "what no Closing says"),
    ("UPDATE closings SET closing = x'00'", Rule::Unreadable, "its closing is none"),
    ("UPDATE closings SET counter = counter + 1", Rule::Row, "its closing: its row"),
    ("UPDATE closings SET previous = zeroblob(32)", Rule::Row, "its closing: its row"),
    (
        "UPDATE closings SET closing = cast(substr(closing, 1, length(closing) - 1) ||
            x'00' AS BLOB)",
        Rule::Signature,
        "its closing is not signed",
    ),
    (
        "UPDATE closings SET account = (SELECT min(id) FROM accounts WHERE id NOT IN
            (SELECT account FROM closings))",
        Rule::Chain,
        "of another card or account",
    ),
    ("UPDATE fundings SET amount = 9 WHERE state = 3", Rule::Funding, "has no funding"),
    ("UPDATE fundings SET state = 1 WHERE state = 3", Rule::Funding, "is in state 1"),
    ("UPDATE fundings SET state = 1 WHERE state = 4", Rule::Funding, "is in state 1"),
    ("UPDATE fundings SET state = 2 WHERE state = 3", Rule::Funding, "is in state 2"),
    ("UPDATE fundings SET state = 3 WHERE state = 2", Rule::Funding, "is in state 3"),
    ("UPDATE fundings SET state = 4 WHERE state = 2", Rule::Funding, "is in state 4"),
    (
        "UPDATE loads SET funding = (SELECT funding FROM loads WHERE state = 3 LIMIT 1)",
        Rule::Funding,
        "stands for another load",
    ),
    ("UPDATE fundings SET source = 2 WHERE state = 3", Rule::Funding, "redeemed twice"),
    ("UPDATE fundings SET source = 3 WHERE state = 3", Rule::Funding, "nobody made"),
    ("UPDATE fundings SET source = 4 WHERE state = 3", Rule::Instruction, "is none"),
    (
        "UPDATE fundings SET reference = reference || '0' WHERE source = 1",
        Rule::Funding,
        "of its source and reference",
    ),
    (
        "INSERT INTO fundings SELECT NULL, x'{forged 1}', account, purse, kind, unit,
            amount, source, 'forged', 0, 1, 1, 1, source_id, refunded_token, 0, x'' FROM
            fundings WHERE source = 1 LIMIT 1",
        Rule::Funding,
        "a second initial value",
    ),
    (
        "INSERT INTO fundings SELECT NULL, x'{forged 2}', account, purse, kind, unit,
            amount, source, 'forged', 0, 1, 1, 1, source_id, refunded_token, 0, x'' FROM
            fundings WHERE source = 2 LIMIT 1",
        Rule::Funding,
        "redeemed twice",
    ),
    (
        "INSERT INTO fundings SELECT NULL, x'{forged 3}', account, purse, kind, unit,
            amount, source, 'forged', 0, 1, 1, 1, source_id, refunded_token, 0, x'' FROM
            fundings WHERE source = 3 LIMIT 1",
        Rule::Funding,
        "nobody made",
    ),
    (
        "INSERT INTO fundings SELECT NULL, x'{forged 4}', account, purse, kind, unit,
            amount, source, 'forged', 0, 1, 1, 1, source_id, refunded_token, 0, evidence
            FROM fundings WHERE source = 4 LIMIT 1",
        Rule::Funding,
        "of another credit",
    ),
    (
        "INSERT INTO fundings SELECT NULL, x'{forged 5}', account, purse, kind, unit,
            amount, source, 'forged', 0, 1, 1, source_holder, source_id, refunded_token,
            refunded_licence, evidence FROM fundings WHERE source = 5 LIMIT 1",
        Rule::Refund,
        "not kept with their order",
    ),
    (
        "INSERT INTO fundings SELECT NULL, x'{forged 6}', account, purse, kind, unit,
            amount, source, 'forged', 0, 1, 1, source_holder, source_id, refunded_token,
            0, evidence FROM fundings WHERE source = 6 LIMIT 1",
        Rule::Funding,
        "of another credit",
    ),
    (
        "UPDATE fundings SET source_holder = 3, source_id = account WHERE source = 1",
        Rule::Funding,
        "takes value from somebody",
    ),
    ("UPDATE fundings SET evidence = x'00' WHERE source = 4", Rule::Instruction, "is none"),
    (
        "UPDATE fundings SET evidence = cast(substr(evidence, 1, length(evidence) - 1)
            || x'00' AS BLOB) WHERE source = 4",
        Rule::Signature,
        "the instruction of",
    ),
    (
        "UPDATE fundings SET evidence = (SELECT evidence FROM fundings WHERE reference
            = 'second') WHERE reference = 'first'",
        Rule::Funding,
        "of another credit",
    ),
    (
        "UPDATE fundings SET refunded_token = zeroblob(32) WHERE source = 5",
        Rule::Refund,
        "what no token paid",
    ),
    (
        "UPDATE fundings SET refunded_licence = 99 WHERE source = 5",
        Rule::Refund,
        "otherwise than its token paid",
    ),
    (
        "UPDATE fundings SET source_holder = 4, source_id = zeroblob(16) WHERE source =
            5 AND source_holder = 5 AND state = 3",
        Rule::Refund,
        "where its payment does not stand",
    ),
    (
        "UPDATE refunds SET order_id = zeroblob(16) WHERE rowid = 1",
        Rule::Refund,
        "of another order",
    ),
    ("UPDATE refunds SET token = {other} WHERE rowid = 1", Rule::Refund, "of another order"),
    ("DELETE FROM refunds", Rule::Refund, "not kept with their order"),
    (
        "UPDATE replacements SET new = (SELECT account FROM tokens WHERE identity =
            {other})",
        Rule::Funding,
        "this one does not replace",
    ),
    ("DELETE FROM replacements", Rule::Funding, "this one does not replace"),
    (
        "DELETE FROM loads WHERE account = (SELECT old FROM replacements); DELETE FROM links WHERE counter = 2 AND account = (SELECT old FROM replacements)",
        Rule::Instruction,
        "was given on than it had",
    ),
    (
        "UPDATE vouchers SET state = 1, funding = NULL WHERE state = 2",
        Rule::Funding,
        "redeemed twice",
    ),
    ("UPDATE vouchers SET state = 2 WHERE state = 1", Rule::Funding, "nobody has their value"),
    ("UPDATE voucher_batches SET amount = 9", Rule::Funding, "for another amount"),
    ("DELETE FROM payment_messages", Rule::Funding, "nobody made"),
    ("UPDATE payments SET amount = 1", Rule::Funding, "of another amount"),
    (
        "UPDATE payments SET state = 3, void_event = x'00' WHERE state = 2",
        Rule::Funding,
        "whose value no card gave up",
    ),
    ("UPDATE payments SET state = 2 WHERE state = 4", Rule::Funding, "are not to be"),
    (
        "UPDATE payments SET void_event = x'00' WHERE state = 4",
        Rule::Funding,
        "whose value no card gave up",
    ),
    (
        "INSERT INTO payments SELECT NULL, zeroblob(16), account, 'forged', purse,
            kind, unit, amount, provider, pay_at, begun, state, void_event, repaid FROM
            payments WHERE state = 4",
        Rule::Funding,
        "no value was made of them",
    ),
    (
        "UPDATE fundings SET source_id = x'00' WHERE id NOT IN (SELECT funding FROM loads)",
        Rule::Unreadable,
        "the fundings: a row",
    ),
];
