//! INTERNAL AUTHENTICATE (§6.5): the card is still the one whose certificates were read.

use saifu_wire::Nonce;
use saifu_wire::signed::Authentication;

use super::Context;
use crate::platform::Platform;
use crate::refusal::Refusal;
use crate::signer;

pub(super) fn act<P: Platform>(nonce: Nonce, context: &mut Context<'_, P>) -> Result<(), Refusal> {
    let signed = signer::sign(context.store, Authentication { card: context.store.card(), nonce })?;
    context.answer.extend_from_slice(&signed.to_bytes());
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::test_kit::TestCard;
    use saifu_wire::ins::Ins;
    use saifu_wire::signed::{Authentication, Signed};

    #[test]
    fn the_card_signs_the_terminals_nonce_with_the_certified_key() {
        let mut card = TestCard::in_use(1);
        let answer = card.send(Ins::InternalAuthenticate, 0, 0, &[7; 32]).unwrap();
        let signed = Signed::<Authentication>::parse(&answer).unwrap();
        assert_eq!((signed.message().card.0, signed.message().nonce.0), ([1; 16], [7; 32]));
        assert_eq!(card.verifier().verify(&[signed.unsigned()], signed.signature()), Ok(()));
        let other = TestCard::in_use(2).verifier();
        assert!(other.verify(&[signed.unsigned()], signed.signature()).is_err());
    }

    #[test]
    fn a_nonce_of_another_length_is_6a80() {
        for length in [1, 31, 33] {
            let word =
                TestCard::in_use(1).refused(Ins::InternalAuthenticate, 0, 0, &[7; 33][..length]);
            assert_eq!(word, 0x6A80);
        }
    }
}
