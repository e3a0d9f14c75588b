use super::*;

fn bytes(hex: &str) -> Vec<u8> {
    hex::decode(hex.split_whitespace().collect::<String>()).unwrap()
}

fn eight(hex: &str) -> [u8; 8] {
    bytes(hex).try_into().unwrap()
}

/// The card of annex B.
const CARD: [u8; 16] = [0xCA; 16];

const INITIALIZE_UPDATE: &str = "cacacacacacacacacaca010370519dc6c18b3742e1f055c5e1a412d27f000001";

fn annex_b() -> (Vec<u8>, Session) {
    let keys = StaticKeys::of_test_card(&CARD, 1).unwrap();
    let opening = Opening::new(keys, 1, 0x33, eight("a42e8c2a95e0d90f"));
    assert_eq!(opening.initialize_update(), bytes("8050010008a42e8c2a95e0d90f00"));
    opening.authenticate(&bytes(INITIALIZE_UPDATE)).unwrap()
}

#[test]
fn a_test_cards_keys_are_those_of_annex_b() {
    let keys = StaticKeys::of_test_card(&CARD, 1).unwrap();
    let expected = "ff98f0691298ea8263fef7ec9536ea8c 88720a38f42e08f7eebbaa86363526b1
                    74fb9c1f23b42f959f986abd17d057ed";
    assert_eq!(keys.bytes(), bytes(expected));
}

#[test]
fn the_conversation_of_annex_b_comes_out_to_the_byte() {
    let (authenticate, mut session) = annex_b();
    assert_eq!(authenticate, bytes("84823300105e64de83f2fa4703e07c2e5ceb93826a"));
    let initialise = [&[0x80, 0x10, 0, 0, 16][..], &CARD, &[0]].concat();
    let expected = "841000002896ff684b8dfcdc998e5860d8b9cdd2cbdeb28bd279704464f7412c
                    4793b976d331509e32ffd7fafe00";
    assert_eq!(session.wrap(&initialise).unwrap(), bytes(expected));
    assert_eq!(session.unwrap(&bytes("d2c3425c663a4dd9"), 0x9000), Ok(vec![]));
    let generate = bytes("80468001 00 0002 0800 0000");
    let expected = "8446800100001876f13f2e8da55cef0be39c5b9e0298695246f47d214a8e8a00 00";
    assert_eq!(session.wrap(&generate).unwrap(), bytes(expected));
}

/// Sessions of a real eUICC under the usual test keys, as osmocom pySim's
/// `test_globalplatform.py` records them.
#[test]
fn a_real_cards_cryptograms_come_out() {
    let keys = bytes("000102030405060708090a0b0c0d0e0f 101112131415161718191a1b1c1d1e1f");
    let keys = StaticKeys::new(&[keys, vec![0; 16]].concat()).unwrap();
    for (host, card, cryptogram, expected) in [
        ("b13e5f938fc108c4", "3eb51047495b249f", "66c484c1d2ef1948", "7d5f5826a993ebc8"),
        ("8e1552d0513c60f3", "30760cd2c47c1dd3", "95065fe5ead8a9d7", "fd4721a14d9b0700"),
    ] {
        let opening = Opening::new(keys.clone(), 0x30, 0x33, eight(host));
        let answer = [&[0; 10][..], &[0x30, 3, 0x70], &bytes(card), &bytes(cryptogram)].concat();
        let (authenticate, _) = opening.authenticate(&answer).unwrap();
        assert_eq!(authenticate[5..13], bytes(expected));
    }
}

#[test]
fn a_card_with_other_keys_is_found_out() {
    let opening =
        Opening::new(StaticKeys::new(&[7; 48]).unwrap(), 1, 0x33, eight("a42e8c2a95e0d90f"));
    let error = opening.authenticate(&bytes(INITIALIZE_UPDATE)).unwrap_err();
    assert!(error.0.contains("other SCP03 keys"), "{error}");
    let opening = Opening::new(StaticKeys::new(&[7; 96]).unwrap(), 1, 0x33, [0; 8]);
    assert!(opening.authenticate(&[0; 20]).is_err_and(|error| error.0.contains("20 bytes")));
}

#[test]
fn an_answer_that_was_changed_is_refused() {
    let (_, mut session) = annex_b();
    session.wrap(&[&[0x80, 0x10, 0, 0, 16][..], &CARD, &[0]].concat()).unwrap();
    assert!(session.unwrap(&bytes("d2c3425c663a4dd8"), 0x9000).is_err());
    assert!(session.unwrap(&[], 0x9000).is_err());
    assert_eq!(session.unwrap(&[], 0x6A80), Ok(vec![]));
}

#[test]
fn a_command_refused_before_its_protection_was_looked_at_does_not_count() {
    let (_, mut session) = annex_b();
    let initialise = [&[0x80, 0x10, 0, 0, 16][..], &CARD, &[0]].concat();
    let first = session.wrap(&initialise).unwrap();
    session.unwrap(&[], 0x6A86).unwrap();
    assert_eq!(session.wrap(&initialise).unwrap(), first);
    session.unwrap(&[], 0x6985).unwrap();
    assert_ne!(session.wrap(&initialise).unwrap(), first);
}

#[test]
fn on_a_card_with_keys_that_somebody_brought_every_command_counts() {
    let own = StaticKeys::of_test_card(&CARD, 1).unwrap();
    let brought = StaticKeys::new(own.bytes()).unwrap();
    let opening = Opening::new(brought, 1, 0x33, eight("a42e8c2a95e0d90f"));
    let (_, mut session) = opening.authenticate(&bytes(INITIALIZE_UPDATE)).unwrap();
    let first = session.wrap(&bytes("80CADF0200")).unwrap();
    session.unwrap(&[], 0x6A86).unwrap();
    assert_ne!(session.wrap(&bytes("80CADF0200")).unwrap(), first);
}

#[test]
fn lengths_keep_their_form_and_le_stays() {
    let (_, mut session) = annex_b();
    let none = session.wrap(&bytes("80F08005")).unwrap();
    assert_eq!((none[..5].to_vec(), none.len()), (bytes("84F0800508"), 13));
    let le = session.wrap(&bytes("80CADF0200")).unwrap();
    assert_eq!((le[..5].to_vec(), le.len(), le[13]), (bytes("84CADF0208"), 14, 0));
    let long = session.wrap(&[&bytes("80E20000FA")[..], &[1; 250], &[0]].concat()).unwrap();
    assert_eq!(long[..7], bytes("84E20000000108"));
    assert_eq!(long[long.len() - 2..], [1, 0], "256, as it was");
    assert!(session.wrap(&bytes("80E2000005 01")).is_err());
}

#[test]
fn secure_messaging_is_set_in_whatever_channel() {
    assert_eq!([0x80, 0x83, 0x84, 0xC5].map(secured), [0x84, 0x87, 0x84, 0xE5]);
}
