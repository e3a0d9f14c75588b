use super::*;
use crate::codec::{Bytes, List};
use crate::{AccountId, CenterId, Digest};
use alloc::vec;
use core::convert::Infallible;

fn receipt() -> Signed<Receipt> {
    let message = Receipt {
        center: CenterId([1; 16]),
        signer: 1,
        account: AccountId([2; 16]),
        token: Digest([3; 32]),
        counter: 4,
        outcome: Outcome::Settled,
        entry: 5,
        time: 6,
    };
    Signed::sign(message, |_| Ok::<_, Infallible>([9; 64])).unwrap()
}

fn token() -> Token {
    Token {
        center: CenterId([1; 16]),
        center_key: Digest([2; 32]),
        account: AccountId([3; 16]),
        counter: 4,
        previous: Digest([5; 32]),
        commitment: Digest([6; 32]),
        wrapped_key: Bytes(vec![7; 256]),
        sealed_payload: Bytes(vec![8; 176]),
    }
}

#[test]
fn a_signed_structure_comes_back_with_the_bytes_that_were_signed() {
    let bytes = receipt().to_bytes();
    assert_eq!(Signed::<Receipt>::parse(&bytes), Ok(receipt()));
    assert_eq!(receipt().unsigned(), &bytes[..bytes.len() - 64]);
}

#[test]
fn another_tag_version_or_length_is_refused() {
    let bytes = receipt().to_bytes();
    for at in 0..5 {
        let mut other = bytes.clone();
        other[at] ^= 1;
        assert_eq!(Signed::<Receipt>::parse(&other), Err(Malformed::Tag));
    }
    assert!(Signed::<Receipt>::parse(&bytes[1..]).is_err());
    assert!(Signed::<Receipt>::parse(&[bytes.clone(), vec![0]].concat()).is_err());
    assert_eq!(Signed::<Receipt>::parse(&bytes[..10]), Err(Malformed::Short));
}

#[test]
fn a_tokens_header_ends_with_its_commitment() {
    let header = token().header();
    assert_eq!(header.len(), TOKEN_HEADER_BYTES);
    assert!(header.ends_with(&[6; 32]));
    let signed = Signed::sign(token(), |_| Ok::<_, Infallible>([9; 64])).unwrap();
    assert_eq!(signed.header(), &header[..]);
}

#[test]
fn an_unknown_outcome_is_refused() {
    let mut bytes = receipt().to_bytes();
    let at = bytes.len() - 64 - 17;
    assert_eq!(bytes[at], Outcome::Settled as u8);
    bytes[at] = 3;
    assert_eq!(Signed::<Receipt>::parse(&bytes), Err(Malformed::Value));
}

#[test]
fn a_list_of_purses_has_a_limit() {
    let mut bytes = List::<u32, 16>(vec![1; 16]).to_bytes();
    bytes[0] = 17;
    bytes.extend([0; 4]);
    assert_eq!(List::<u32, 16>::from_bytes(&bytes), Err(Malformed::Value));
}
