//! Certificates of cards that are not what they should be (LI4, LI14, LI15, ID1, ID3).

use saifu_center::crypto::ecdsa::SigningKey;
use saifu_center_api::{Account, HexBytes, ProblemCode, Registration};
use saifu_wire::certificate::{Assurance, Body, Certificate, Date, Name, PublicKey, Role};
use saifu_wire::test_root::{ROOT_POINT, ROOT_PRIVATE};
use saifu_wire::tlv;

use super::{Stored, each_flipped};
use crate::card::{Card, certificate};
use crate::desk::{Desk, code, registration};

/// A certificate that the test root signs, whatever it says.
fn certify(body: Body) -> Certificate {
    let root = SigningKey::from_parts(&ROOT_PRIVATE, &ROOT_POINT).unwrap();
    Certificate::sign(body, |bytes| root.sign(bytes)).unwrap()
}

/// What both certificates of a card say: of its signature key, and of `Kup`.
fn bodies(card: &Card) -> [Body; 2] {
    card.certificates.each_ref().map(|bytes| Certificate::parse(bytes).unwrap().body().clone())
}

/// Registers a card with one of its certificates put in the place of the genuine one.
fn refusal(desk: &Desk, card: &Card, place: usize, bytes: Vec<u8>) -> ProblemCode {
    let mut body = registration(card);
    let Registration { signature_certificate, encryption_certificate } = &mut body;
    *[signature_certificate, encryption_certificate][place] = HexBytes(bytes);
    code(desk.send::<Account>("POST", "/v1/accounts", &body))
}

#[test]
fn li4_a_certificate_of_another_authority_or_another_time_registers_nobody() {
    let (desk, card) = (Desk::open(), Card::new());
    let before = Stored::of(&desk);
    let changes: [fn(&mut Body); 4] = [
        |body| body.authority = Name::new(b"DESOMEBODY00001").unwrap(),
        |body| body.authority = body.holder,
        |body| body.expires = Date::new(26, 11, 21).unwrap(),
        |body| body.effective = Date::new(26, 11, 23).unwrap(),
    ];
    for place in [0, 1] {
        for (number, change) in changes.iter().enumerate() {
            let mut body = bodies(&card)[place].clone();
            change(&mut body);
            let refused = refusal(&desk, &card, place, certify(body).to_bytes());
            let asked = [ProblemCode::NotAuthentic, ProblemCode::CardNotAccepted];
            assert_eq!(refused, asked[usize::from(number > 1)], "{number} at {place}");
        }
        let own = bodies(&card)[place].clone();
        let own = Certificate::sign(own, |bytes| card.signature.sign(bytes)).unwrap();
        assert_eq!(refusal(&desk, &card, place, own.to_bytes()), ProblemCode::NotAuthentic);
        let center = desk.center().certificates()[place * 3].clone();
        assert_eq!(refusal(&desk, &card, place, center), ProblemCode::NotAuthentic);
    }
    before.has_not_moved(&desk, &[]);
}

#[test]
fn li4_a_certificate_with_any_bit_flipped_registers_nobody() {
    let (desk, card) = (Desk::open(), Card::new());
    let before = Stored::of(&desk);
    for place in [0, 1] {
        for (bit, bad) in each_flipped(&card.certificates[place]) {
            let refused = refusal(&desk, &card, place, bad);
            let known = [ProblemCode::NotAuthentic, ProblemCode::Malformed];
            assert!(known.contains(&refused), "bit {bit} at {place}: {refused:?}");
        }
    }
    before.has_not_moved(&desk, &[]);
}

/// A certificate's content in encodings that are not its one encoding, and cut anywhere.
fn other_encodings(certificate: &Certificate) -> Vec<Vec<u8>> {
    let (signed, signature) = (certificate.signed(), tlv::object(0x5F37, certificate.signature()));
    let head = &signed[..2];
    // The length after the tag: one byte that says how many follow, and those.
    let width = usize::from(signed[2] & 0x7F);
    let (length, rest) = (&signed[3..3 + width], &signed[3 + width..]);
    let with = |length: &[u8]| [head, length, rest, &signature].concat();
    let mut more = length.to_vec();
    more[width - 1] = more[width - 1].wrapping_add(1);
    let wide = |zeros: usize| {
        let count = 0x80 | (zeros + width) as u8;
        with(&[&[count][..], &vec![0; zeros], length].concat())
    };
    let mut contents = vec![
        [&signature, signed].concat(),
        [signed, &signature, &signature].concat(),
        [signed, signed, &signature].concat(),
        signed.to_vec(),
        signature.clone(),
        wide(1),
        wide(5),
        with(&[length[width - 1]]),
        with(&[0x80]),
        with(&[0x84, 0xFF, 0xFF, 0xFF, 0xFF]),
        with(&[&[0x80 | width as u8][..], &more].concat()),
        [signed, &signature, &[0]].concat(),
    ];
    let whole = certificate.content();
    contents.extend((0..whole.len()).step_by(5).map(|length| whole[..length].to_vec()));
    contents
}

#[test]
fn li14_a_certificate_in_another_encoding_registers_nobody() {
    let (desk, card) = (Desk::open(), Card::new());
    let before = Stored::of(&desk);
    for place in [0, 1] {
        let certificate = Certificate::parse(&card.certificates[place]).unwrap();
        for (number, content) in other_encodings(&certificate).into_iter().enumerate() {
            let bytes = tlv::object(0x7F21, &content);
            let refused = refusal(&desk, &card, place, bytes);
            assert_eq!(refused, ProblemCode::Malformed, "{number} at {place}");
        }
        let bytes = &card.certificates[place];
        let trailing = [bytes, &[0][..]].concat();
        for bad in [certificate.content(), trailing, [bytes.clone(), bytes.clone()].concat()] {
            assert_eq!(refusal(&desk, &card, place, bad), ProblemCode::Malformed);
        }
    }
    before.has_not_moved(&desk, &[]);
    desk.register(&mut card.clone());
}

#[test]
fn li15_weak_keys_register_nobody_though_the_root_certified_them() {
    let (desk, card) = (Desk::open(), Card::new());
    let [signature, encryption] = bodies(&card);
    let PublicKey::Rsa { modulus, exponent } = encryption.key.clone() else { panic!("RSA") };
    let even = [&modulus[..255], &[modulus[255] & !1]].concat();
    let exponents = [vec![3], vec![1], vec![2], vec![1, 0, 0], vec![0, 1, 0, 1], vec![]];
    let moduli = [modulus[..128].to_vec(), [&[0x7F], &modulus[1..]].concat(), even, vec![]];
    let weak = exponents.into_iter().map(|exponent| (modulus.clone(), exponent));
    let weak = weak.chain(moduli.into_iter().map(|modulus| (modulus, exponent.clone())));
    let before = Stored::of(&desk);
    for (modulus, exponent) in weak {
        let key = PublicKey::Rsa { modulus, exponent };
        let shown = format!("{key:?}");
        let body = Body { key, ..encryption.clone() };
        let refused = refusal(&desk, &card, 1, certify(body).to_bytes());
        assert!(is_no_key(refused), "{refused:?}: {shown}");
    }
    let mut off = *card.signature.point();
    off[64] ^= 1;
    for point in [off, [4; 65], [0; 65]] {
        let body = Body { key: PublicKey::P256(point), ..signature.clone() };
        assert!(is_no_key(refusal(&desk, &card, 0, certify(body).to_bytes())));
    }
    let crossed = Body { key: encryption.key.clone(), ..signature };
    assert!(is_no_key(refusal(&desk, &card, 0, certify(crossed).to_bytes())));
    before.has_not_moved(&desk, &[]);
}

fn is_no_key(refused: ProblemCode) -> bool {
    [ProblemCode::Malformed, ProblemCode::NotAuthentic].contains(&refused)
}

#[test]
fn id1_no_card_registers_with_a_key_that_another_card_was_certified_for() {
    let (desk, victim, thief) = (Desk::open(), Card::new(), Card::new());
    let before = Stored::of(&desk);
    for place in [0, 1] {
        let foreign = victim.certificates[place].clone();
        assert_eq!(refusal(&desk, &thief, place, foreign), ProblemCode::NotAuthentic);
        let own = victim.certificates[1 - place].clone();
        assert_eq!(refusal(&desk, &thief, place, own), ProblemCode::NotAuthentic);
    }
    let kup = SigningKey::generate().unwrap().public_key();
    let of_class = certificate(thief.id, Assurance::Software, Role::CardSignature, kup);
    assert_eq!(refusal(&desk, &thief, 0, of_class), ProblemCode::NotAuthentic, "of two classes");
    before.has_not_moved(&desk, &[]);
}

#[test]
fn id1_an_order_in_another_cards_name_is_wrapped_for_that_card_alone() {
    let desk = Desk::open();
    let (work, thief) = (desk.sell("jpy:300"), desk.customer());
    let mut victim = Card::with_a_kup_of_its_own();
    desk.register(&mut victim);
    // Whoever knows an account may order in its name, as the thief does here.
    let order = desk.order(&victim, &work, "stolen").unwrap();
    assert_eq!(thief.unwrapped(&order.licence.0), None);
    assert!(victim.unwrapped(&order.licence.0).is_some());
    let mut paying = thief.clone();
    let before = Stored::of(&desk);
    let token = paying.debit(&order.licence.0);
    assert_eq!(code(desk.settle(&token, &order.licence.0)), ProblemCode::Contradiction);
    before.has_not_moved(&desk, super::EVIDENCE);
}
