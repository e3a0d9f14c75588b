//! From the factory to a card in use: SCP03 and what goes through it.

use saifu_tests::fixture::Exchange;
use saifu_wire::applet::AID;
use saifu_wire::ins::Ins;

use crate::script::{SHORT, Script};

pub(crate) fn tell(script: &mut Script) {
    script.part(Ins::Select, "The applet of a blank card.");
    script.say(0x04, 0x00, &AID, SHORT);
    script.part(Ins::GetData, "Its status: in creation, no memory yet.");
    script.say(0xDF, 0x02, &[], SHORT);
    script.card.personalise();
    script.overheard(why);
    script.card.reset();
}

/// Everything the issuer sends, and why; data fields are under SCP03 from INITIALISE on.
fn why(exchange: &Exchange) -> (Ins, &'static str) {
    let all = [
        (Ins::InitializeUpdate, "The issuer opens a secure channel under the card's own keys."),
        (
            Ins::ExternalAuthenticate,
            "It shows that it has the keys, too. From here on data fields and answers are \
             encrypted and carry a MAC; what is said of them is said of their plaintext.",
        ),
        (Ins::Initialise, "The card id. The card draws `Km`."),
        (
            Ins::GenerateKeyPair,
            "`0800`: `Kus` and `Kup` of 2048 bits; then, without data, `Ksig`. The card answers \
             the public key objects, as they will stand in its certificates.",
        ),
        (Ins::ProveKeys, "A nonce and a secret under `Kup`; the answer is the Proof."),
        (
            Ins::StoreData,
            "Root, PIN `31323334`, limits and the two certificates, in blocks of 200 bytes. All \
             but the PIN can be read below.",
        ),
        (Ins::SetStatus, "The card is in use. The terminal resets it."),
    ];
    let code = exchange.command[1];
    all.into_iter().find(|(ins, _)| ins.code() == code).expect("a command of personalisation")
}
