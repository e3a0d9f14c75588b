//! The structures that annex A works through.

use saifu_wire::answer::{
    CardStatus, Health, LicenceState, LicenceStatus, LifeCycle, MemoryState, Selected,
};
use saifu_wire::certificate::{Assurance, Body, Certificate, Date, Name, PublicKey, Role};
use saifu_wire::codec::{Bytes, Fields, List, Reader, Wire};
use saifu_wire::personalise::Limits;
use saifu_wire::signed::*;
use saifu_wire::stream::{Header, MAGIC};
use saifu_wire::value::{Kind, Price, PurseTerms, ScopeKind, Unit};
use saifu_wire::{
    AccountId, CardId, CenterId, ContentId, Digest, LoadId, Nonce, OrderId, ShopId, test_root, tlv,
};

pub(crate) const INTRODUCTION: &str = "## Annex A Layouts, worked

Each structure field by field; the hex of all fields, joined, is its encoding. Identifiers are bytes
of one value, so that the eye finds them: `c1` a center, `ca` a card, `ac` an account, `0d` an order,
`c0` a work. Signatures are 64 bytes `09` here; annex B and `tests/vectors` have authentic ones.

";

pub(crate) struct Sample {
    pub(crate) name: &'static str,
    pub(crate) section: &'static str,
    pub(crate) fields: Vec<(String, Vec<u8>)>,
}

const CENTER: CenterId = CenterId([0xC1; 16]);
const CARD: CardId = CardId([0xCA; 16]);
const ACCOUNT: AccountId = AccountId([0xAC; 16]);
const ORDER: OrderId = OrderId([0x0D; 16]);
const WORK: ContentId = ContentId([0xC0; 16]);
const TIME: u64 = 1_795_305_600;

pub(crate) fn all() -> Vec<Sample> {
    let mut samples = vec![
        plain("PurseTerms", "4.2", &purse()),
        plain("Price", "4.3", &price()),
        plain("Limits", "4.4", &limits()),
        tlv_sample("SELECT's answer", "6.1", &selected()),
        plain("CardStatus", "6.3", &card_status()),
        plain("LicenceState", "6.11", &licence_state()),
        tlv_sample("Certificate of a licence key", "7", &certificate(Role::Licence)),
        tlv_sample("Certificate of a payment key", "7", &certificate(Role::Payment)),
    ];
    samples.extend(signed_samples());
    samples.push(stream_header());
    samples
}

fn signed_samples() -> Vec<Sample> {
    vec![
        signed("Authentication", "6.5", Authentication { card: CARD, nonce: Nonce([0x11; 32]) }),
        signed("Licence", "8.1", licence()),
        signed("Event", "9.1", event()),
        signed("Token", "9.2", token()),
        plain("Token's payload", "9.2", &payload()),
        signed("Receipt", "9.4", receipt()),
        signed("Opening", "10.1", opening()),
        signed("Challenge", "11.1", challenge()),
        signed("Credit", "11.2", credit()),
        signed("Unblock order", "12.1", UnblockOrder { signer: 1, card: CARD, sequence: 1 }),
        signed("Terminate order", "12.2", terminate()),
        signed("Closing", "12.2", closing()),
        signed("Time order", "12.3", time_order()),
        signed("Proof", "14.5", proof()),
    ]
}

fn plain<T: Fields>(name: &'static str, section: &'static str, value: &T) -> Sample {
    let fields: Vec<_> = value.fields().into_iter().map(|(n, b)| (n.to_owned(), b)).collect();
    let joined: Vec<u8> = fields.iter().flat_map(|(_, bytes)| bytes.clone()).collect();
    assert_eq!(T::from_bytes(&joined).expect(name).to_bytes(), joined);
    Sample { name, section, fields }
}

fn signed<M: Message + Fields>(name: &'static str, section: &'static str, message: M) -> Sample {
    let mut fields = vec![("tag".into(), M::TAG.to_vec()), ("version".into(), vec![VERSION])];
    fields.extend(message.fields().into_iter().map(|(n, b)| (n.to_owned(), b)));
    fields.push(("signature".into(), vec![9; SIGNATURE_BYTES]));
    let joined: Vec<u8> = fields.iter().flat_map(|(_, bytes)| bytes.clone()).collect();
    assert_eq!(Signed::<M>::parse(&joined).expect(name).to_bytes(), joined);
    Sample { name, section, fields }
}

/// One line for each tag and length, and one for each value that is not a template.
fn tlv_sample(name: &'static str, section: &'static str, bytes: &[u8]) -> Sample {
    let mut fields = Vec::new();
    walk(bytes, 0, &mut fields);
    Sample { name, section, fields }
}

fn walk(bytes: &[u8], depth: usize, fields: &mut Vec<(String, Vec<u8>)>) {
    let mut reader = Reader::new(bytes);
    while reader.remaining() > 0 {
        let before = bytes.len() - reader.remaining();
        let (tag, value) = tlv::next(&mut reader).expect("a data object");
        let after = bytes.len() - reader.remaining();
        let head = bytes[before..after - value.len()].to_vec();
        let first = if tag > 0xFF { (tag >> 8) as u8 } else { tag as u8 };
        let indent = " ".repeat(2 * depth);
        if first & 0x20 != 0 {
            fields.push((format!("{indent}{tag:X}"), head));
            walk(value, depth + 1, fields);
        } else {
            fields.push((format!("{indent}{tag:X}"), [head, value.to_vec()].concat()));
        }
    }
}

fn purse() -> PurseTerms {
    PurseTerms {
        purse: 1,
        kind: Kind::BitCash,
        unit: Unit::new("JPY").expect("a unit"),
        scope: ScopeKind::Any,
        scope_id: [0; 16],
        face_amount: 0,
        max_balance: 1_000_000,
        not_after: 0,
    }
}

fn price() -> Price {
    Price { kind: Kind::BitCash, unit: purse().unit, amount: 300, scope: ScopeKind::Any }
}

fn limits() -> Limits {
    Limits { per_payment: 100_000, per_payment_without_pin: 0, total_without_pin: 0 }
}

fn selected() -> Vec<u8> {
    Selected::new(LifeCycle::Activated, Assurance::Test).to_fci()
}

fn card_status() -> CardStatus {
    CardStatus {
        life_cycle: LifeCycle::Activated,
        assurance: Assurance::Test,
        memory: MemoryState::Good,
        pin_tries: 3,
        licences: 2,
        max_licences: 512,
        outbox: 1,
        max_outbox: 16,
        centers: 1,
        max_centers: 8,
        health: Health::Good,
    }
}

fn licence_state() -> LicenceState {
    LicenceState {
        number: 1,
        identity: Digest([0x1D; 32]),
        content: WORK,
        content_version: 1,
        total_bytes: 100_000,
        payment: PaymentOrder::PayFirst,
        status: LicenceStatus::Paid,
        uses_left: u32::MAX,
        token: 3,
        acknowledged: false,
    }
}

fn certificate(role: Role) -> Vec<u8> {
    let key = match role {
        Role::Payment => PublicKey::Rsa { modulus: vec![0xB5; 256], exponent: vec![1, 0, 1] },
        _ => PublicKey::P256([4; 65]),
    };
    let body = Body {
        authority: Name::new(test_root::ROOT_NAME).expect("a name"),
        key,
        holder: Name::of_holder(&CENTER.0, role, 1),
        role,
        effective: Date::new(26, 1, 1).expect("a day"),
        expires: Date::new(46, 12, 31).expect("a day"),
        holder_id: CENTER.0,
        assurance: Assurance::Test,
        sequence: 1,
        retires_below: 0,
    };
    let sign = |_: &[u8]| Ok::<_, std::convert::Infallible>([9; 64]);
    Certificate::sign(body, sign).expect("signs").to_bytes()
}

fn licence() -> Licence {
    Licence {
        center: CENTER,
        signer: 1,
        shop: ShopId::ZERO,
        number: 1,
        order: ORDER,
        card: CARD,
        card_key: Digest([0x4B; 32]),
        content: WORK,
        content_version: 1,
        header: Digest([0x4A; 32]),
        total_bytes: 100_000,
        prices: List(vec![price()]),
        payment: PaymentOrder::PayFirst,
        uses: 0,
        not_before: 0,
        not_after: 0,
        needs_time: false,
        time: TIME,
        center_key: Digest([0x4C; 32]),
        commitment: Digest([0x4D; 32]),
        wrapped_key: Bytes(vec![0xEE; 256]),
    }
}

fn event() -> Event {
    Event {
        center: CENTER,
        account: ACCOUNT,
        counter: 2,
        previous: Digest([0x1D; 32]),
        kind: EventKind::Credited,
        purse: 1,
        amount: 10_000,
        balance: 10_000,
        held: 0,
        sequence: 1,
        cause: Digest([0x2D; 32]),
        load: LoadId([0x10; 16]),
    }
}

fn token() -> Token {
    Token {
        center: CENTER,
        center_key: Digest([0x4C; 32]),
        account: ACCOUNT,
        counter: 3,
        previous: Digest([0x1D; 32]),
        commitment: Digest([0x3D; 32]),
        wrapped_key: Bytes(vec![0xEE; 256]),
        sealed_payload: Bytes(vec![0xDD; 176]),
    }
}

fn payload() -> TokenPayload {
    TokenPayload {
        licence: 1,
        licence_identity: Digest([0x1D; 32]),
        order: ORDER,
        shop: ShopId::ZERO,
        content: WORK,
        content_version: 1,
        price_index: 0,
        purse: 1,
        kind: Kind::BitCash,
        unit: purse().unit,
        amount: 300,
        balance: 9_700,
        blinding: [0xB1; 32],
    }
}

fn receipt() -> Receipt {
    Receipt {
        center: CENTER,
        signer: 1,
        account: ACCOUNT,
        token: Digest([0x7D; 32]),
        counter: 3,
        outcome: Outcome::Settled,
        entry: 1,
        time: TIME,
    }
}

fn opening() -> Opening {
    Opening {
        center: CENTER,
        signer: 1,
        card: CARD,
        account: ACCOUNT,
        sequence: 0,
        time: TIME,
        purses: List(vec![purse()]),
    }
}

fn challenge() -> Challenge {
    Challenge {
        center: CENTER,
        account: ACCOUNT,
        purse: 1,
        sequence: 0,
        nonce: Nonce([0x11; 32]),
        last: Bytes(vec![]),
    }
}

fn credit() -> Credit {
    Credit {
        center: CENTER,
        signer: 1,
        card: CARD,
        account: ACCOUNT,
        purse: 1,
        kind: Kind::BitCash,
        unit: purse().unit,
        sequence: 1,
        amount: 10_000,
        load: LoadId([0x10; 16]),
        time: TIME,
        refunded_token: Digest::ZERO,
        refunded_licence: 0,
    }
}

fn terminate() -> TerminateOrder {
    TerminateOrder { signer: 1, card: CARD, nonce: Nonce([0x11; 32]), erase: false }
}

fn closing() -> Closing {
    let purse = ClosingPurse {
        purse: 1,
        kind: Kind::BitCash,
        unit: purse().unit,
        balance: 9_700,
        sequence: 0,
        last: Bytes(vec![]),
    };
    Closing {
        card: CARD,
        nonce: Nonce([0x11; 32]),
        center: CENTER,
        account: ACCOUNT,
        counter: 3,
        previous: Digest([0x1D; 32]),
        purses: List(vec![purse]),
    }
}

fn time_order() -> TimeOrder {
    TimeOrder { center: CENTER, signer: 1, card: CARD, nonce: Nonce([0x11; 32]), time: TIME }
}

fn proof() -> Proof {
    Proof {
        card: CARD,
        nonce: Nonce([0x11; 32]),
        encryption_key: Digest([0x4B; 32]),
        signature_key: Digest([0x4E; 32]),
        opened: Digest([0x5E; 32]),
    }
}

fn stream_header() -> Sample {
    let header = Header {
        segment_bytes: 4_032,
        content: WORK,
        content_version: 1,
        total_bytes: 100_000,
        salt: [0x5A; 32],
    };
    let bytes = header.to_bytes();
    let parts = [4, 1, 1, 4, 16, 4, 8, 32];
    let names = "magic version suite segment_bytes content content_version total_bytes salt";
    let mut rest = &bytes[..];
    let fields = names.split(' ').zip(parts).map(|(name, length)| {
        let (field, tail) = rest.split_at(length);
        rest = tail;
        (name.to_owned(), field.to_vec())
    });
    let sample = Sample { name: "Stream header", section: "13.1", fields: fields.collect() };
    assert_eq!(sample.fields[0].1, MAGIC);
    assert!(rest.is_empty());
    sample
}
