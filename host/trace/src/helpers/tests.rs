use super::*;
use std::fmt::Write;
use std::slice::from_ref;

/// `apdu-spec.md` without white space: a conversation in bytes is found in it as hexadecimal.
pub(super) fn is_in_annex_b(bytes: &[u8]) -> bool {
    let spec: String = SPEC.split_whitespace().collect();
    spec.contains(&hex::encode(bytes))
}

const SPEC: &str = include_str!("../../../../apdu-spec.md");
const LANGUAGE: &str = include_str!("../../LANGUAGE.md");

pub(super) fn hex(text: &str) -> Value {
    Value::Bytes(hex::decode(text.split_whitespace().collect::<String>()).unwrap())
}

pub(super) fn text(text: &str) -> Value {
    Value::Bytes(text.as_bytes().to_vec())
}

pub(super) fn word(word: &str) -> Value {
    Value::Word(word.into())
}

pub(super) fn number(number: u64) -> Value {
    Value::Number(number)
}

/// Calls a helper with a seed of its own.
pub(super) fn ask(
    name: &str,
    plain: &[Value],
    named: &[(&str, Value)],
) -> Result<Value, HelperError> {
    let named = named.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect();
    let given = Arguments { plain: plain.to_vec(), named };
    find(name).expect(name).call(&given, &mut Draws::new(b"test"))
}

/// The bytes that it must give.
pub(super) fn call(name: &str, plain: &[Value], named: &[(&str, Value)]) -> Vec<u8> {
    match ask(name, plain, named) {
        Ok(Value::Bytes(bytes)) => bytes,
        other => panic!("{name}: {other:?}"),
    }
}

/// In what words it must refuse.
pub(super) fn refusal(name: &str, plain: &[Value], named: &[(&str, Value)]) -> String {
    ask(name, plain, named).expect_err(name).0
}

#[test]
fn the_language_lists_every_helper_as_it_is() {
    let mut table = String::from("| helper | gives |\n|---|---|\n");
    for Helper { name, takes, gives, .. } in all() {
        writeln!(table, "| `{name}{takes}` | {gives} |").unwrap();
    }
    assert!(LANGUAGE.contains(&table), "LANGUAGE.md §8 must have this table:\n\n{table}");
}

#[test]
fn no_two_helpers_share_a_name_and_each_says_what_it_takes_by_name() {
    for helper in all() {
        assert_eq!(all().filter(|other| other.name == helper.name).count(), 1, "{}", helper.name);
        for named in helper.named {
            assert!(helper.takes.contains(&format!("{named}=")), "{} {named}", helper.name);
        }
    }
}

#[test]
fn values_too_many_or_too_few_and_unknown_names_are_told_with_what_it_takes() {
    assert_eq!(refusal("u16", &[], &[]), "u16(number) takes one value, not 0");
    let many = vec![number(1); 4];
    assert!(refusal("slice", &many, &[]).contains("takes 2 to 3 values, not 4"));
    assert!(refusal("u16", &[number(1)], &[("x", number(1))]).contains("there is no x= in"));
    assert!(refusal("price", &[number(1)], &[("scope", word("all"))]).contains("any or shop"));
}

#[test]
fn numbers_are_bytes_of_one_length_or_refused() {
    assert_eq!(call("u16", &[number(258)], &[]), [1, 2]);
    assert_eq!(call("u32", &[hex("0102")], &[]), [0, 0, 1, 2]);
    assert_eq!(refusal("u8", &[number(256)], &[]), "u8: 256 does not fit 1 bytes");
    assert_eq!(ask("number", &[hex("0100")], &[]), Ok(number(256)));
    assert_eq!(ask("add", &[number(2), hex("03")], &[]), Ok(number(5)));
    assert!(refusal("add", &[number(u64::MAX), number(1)], &[]).contains("more than eight"));
    assert_eq!(ask("len", &[hex("0102")], &[]), Ok(number(2)));
    assert_eq!(call("fill", &[hex("0a"), number(3)], &[]), [10; 3]);
    assert!(refusal("fill", &[hex("0a"), number(1 << 30)], &[]).contains("too many"));
}

#[test]
fn what_is_drawn_follows_from_the_seed_and_never_comes_twice() {
    let random = find("random").unwrap();
    let given = Arguments { plain: vec![number(16)], named: Vec::new() };
    let (mut one, mut two) = (Draws::new(b"1"), Draws::new(b"1"));
    let first = random.call(&given, &mut one);
    assert_eq!(first, random.call(&given, &mut two));
    assert_ne!(first, random.call(&given, &mut one));
}

#[test]
fn bytes_are_taken_apart_put_together_and_spoiled() {
    let bytes = hex("00010203");
    assert_eq!(call("concat", &[bytes.clone(), hex("ff")], &[]), [0, 1, 2, 3, 255]);
    assert_eq!(call("slice", &[bytes.clone(), number(1), number(2)], &[]), [1, 2]);
    assert_eq!(call("slice", &[bytes.clone(), number(3)], &[]), [3]);
    assert!(refusal("slice", &[bytes.clone(), number(3), number(2)], &[]).contains("4 bytes"));
    assert_eq!(call("last", &[bytes.clone(), number(2)], &[]), [2, 3]);
    assert!(refusal("last", &[bytes.clone(), number(5)], &[]).contains("beyond the end"));
    assert_eq!(call("flip", &[bytes.clone(), number(0)], &[]), [1, 1, 2, 3]);
    assert_eq!(call("flip", from_ref(&bytes), &[]), [0, 1, 2, 2]);
    assert!(refusal("flip", &[bytes.clone(), number(4)], &[]).contains("4 bytes"));
    assert_eq!(call("put", &[bytes.clone(), number(2), hex("aabb")], &[]), [0, 1, 0xAA, 0xBB]);
    assert!(refusal("put", &[bytes.clone(), number(3), hex("aabb")], &[]).contains("4 bytes"));
    assert_eq!(call("xor", &[bytes.clone(), hex("ffffffff")], &[]), [255, 254, 253, 252]);
    assert!(refusal("xor", &[bytes.clone(), hex("ff")], &[]).contains("4 and 1"));
    assert_eq!(call("differ", &[bytes.clone(), hex("00")], &[]), [0, 1, 2, 3]);
    assert!(refusal("differ", &[bytes.clone(), bytes.clone()], &[]).contains("same 4 bytes"));
    assert_eq!(call("pad", &[bytes.clone(), number(6)], &[]), [0, 1, 2, 3, 0, 0]);
    assert!(refusal("pad", &[bytes.clone(), number(3)], &[]).contains("not padded to 3"));
    assert_eq!(call("iso_pad", &[bytes], &[])[3..6], [3, 0x80, 0]);
}

#[test]
fn objects_are_made_and_found_by_their_path() {
    let inner = call("object", &[hex("02"), hex("fff6")], &[]);
    let twice = [&inner[..], &[2, 1, 7]].concat();
    let outer = Value::Bytes(call("object", &[hex("7f66"), Value::Bytes(twice)], &[]));
    assert_eq!(outer, hex("7f6607 0202fff6 020107"));
    assert_eq!(call("tlv", &[outer.clone(), text("7F66/02")], &[]), [0xFF, 0xF6]);
    assert_eq!(call("tlv", &[outer.clone(), text("7F66/02#2")], &[]), [7]);
    assert!(refusal("tlv", &[outer.clone(), text("7F66/03")], &[]).contains("no 03"));
    assert!(refusal("tlv", &[outer, text("7F66/x")], &[]).contains("no step of a path"));
    assert!(refusal("object", &[hex("010203"), hex("")], &[]).contains("one or two bytes"));
}

#[test]
fn a_signature_is_found_right_or_not_and_its_twin_as_well() {
    let scalar = Value::Bytes(vec![7; 32]);
    let point = Value::Bytes(call("point", from_ref(&scalar), &[]));
    let body = hex("0102");
    let signature = call("ecdsa", &[body.clone(), scalar], &[]);
    let signed = Value::Bytes([&[1, 2][..], &signature].concat());
    let identity = call("sha256", &[body], &[]);
    let by = [("by", point)];
    assert_eq!(call("verify", from_ref(&signed), &by), identity);
    assert_eq!(call("identity", from_ref(&signed), &[]), identity);
    let twin = Value::Bytes(call("ecdsa_twin", from_ref(&signed), &[]));
    assert_ne!(twin, signed);
    assert_eq!(call("verify", &[twin], &by), identity);
    let forged = Value::Bytes(call("flip", &[signed, number(0)], &[]));
    assert!(refusal("verify", &[forged], &by).contains("not of this key"));
    assert!(refusal("verify", &[hex("00")], &by).contains("64 bytes"));
}

#[test]
fn ciphers_come_back() {
    let (key, plain) = (Value::Bytes(vec![1; 32]), Value::Bytes(vec![5; 32]));
    let iv = [("iv", Value::Bytes(vec![9; 16]))];
    let sealed = Value::Bytes(call("aes_encrypt", &[key.clone(), plain.clone()], &iv));
    assert_eq!(ask("aes_decrypt", &[key.clone(), sealed.clone()], &iv), Ok(plain.clone()));
    assert_ne!(ask("aes_decrypt", &[key.clone(), sealed], &[]), Ok(plain.clone()));
    assert_eq!(call("cmac", &[key.clone(), plain.clone()], &[]).len(), 16);
    assert_eq!(call("hkdf", &[key, plain], &[]).len(), 32);
}
