//! The seals of all forms, derived once for as long as the card has power.

use saifu_wire::CardId;

use crate::platform::Form;
use crate::secure::{MasterKey, Seal};

/// Declares one seal for each form, and how to find it.
macro_rules! seals {
    ($($field:ident: $form:ident),* $(,)?) => {
        /// Seals and opens the objects of every form under one master key.
        #[derive(Debug)]
        pub(super) struct Seals {
            $($field: Seal),*
        }

        impl Seals {
            /// Derives the keys of every form.
            pub(super) fn derive(master: &MasterKey, card: CardId) -> Self {
                Self { $($field: master.seal(card, Form::$form)),* }
            }

            /// Lends the encryptor and decryptor of one form.
            pub(super) const fn of(&self, form: Form) -> &Seal {
                match form {
                    $(Form::$form => &self.$field),*
                }
            }
        }
    };
}

seals! {
    root: Root,
    page: Page,
    register: Register,
    money: Money,
    content: Content,
    double_content: DoubleContent,
    key: Key,
    double_key: DoubleKey,
    secret_key: SecretKey,
}
