//! `scp03 open`: a secure channel to the card (LANGUAGE.md §5).

use super::file::Running;
use crate::helpers::scp03::{C_ENC, C_MAC, Opening, R_ENC, R_MAC, StaticKeys};
use crate::syntax::Span;
use crate::syntax::ast::Value;
use crate::syntax::source::At;
use saifu_wire::test_root;

/// GET DATA of a test card's id.
const GET_ID: [u8; 5] = [0x00, 0xCA, 0xDF, 0x01, 0x00];
/// The bytes of a host challenge.
const CHALLENGE_BYTES: usize = 8;

/// What is asked for.
struct Asked {
    keys: Option<Vec<u8>>,
    version: u8,
    level: u8,
}

impl Running<'_> {
    /// Opens a channel with the keys that are said, else with those of the test card that it is.
    pub(super) fn open_scp03(&mut self, options: &[(String, At<Value>)], place: &Span) {
        self.now.checks += 1;
        self.session = None;
        if let Err(why) = self.asked(options).and_then(|asked| self.open(&asked, place)) {
            self.fail(place, why);
        }
    }

    fn asked(&self, options: &[(String, At<Value>)]) -> Result<Asked, String> {
        let level = C_MAC | C_ENC | R_MAC | R_ENC;
        let mut asked = Asked { keys: None, version: test_root::SCP03_KEY_VERSION, level };
        for (key, value) in options {
            match key.as_str() {
                "keys" => asked.keys = Some(self.variables.value_bytes(&value.it)?),
                "version" => asked.version = self.variables.byte(&value.it)?,
                "level" => asked.level = self.variables.byte(&value.it)?,
                other => return Err(format!("{other}: keys, version and level can be said")),
            }
        }
        Ok(asked)
    }

    fn open(&mut self, asked: &Asked, place: &Span) -> Result<(), String> {
        let keys = match &asked.keys {
            Some(keys) => StaticKeys::new(keys),
            None => {
                let id = self.good(&GET_ID, "GET DATA DF01, the card's id", place)?;
                StaticKeys::of_test_card(id_in(&id), asked.version)
            }
        };
        let keys = keys.map_err(|error| error.to_string())?;
        let mut challenge = [0; CHALLENGE_BYTES];
        challenge.copy_from_slice(&self.variables.draw(CHALLENGE_BYTES));
        let opening = Opening::new(keys, asked.version, asked.level, challenge);
        let answer = self.good(&opening.initialize_update(), "INITIALIZE UPDATE", place)?;
        let (command, session) =
            opening.authenticate(&answer).map_err(|error| error.to_string())?;
        self.good(&command, "EXTERNAL AUTHENTICATE", place)?;
        self.session = Some(session);
        Ok(())
    }

    /// Sends a command that must be answered 9000; gives the data.
    fn good(&mut self, command: &[u8], called: &str, place: &Span) -> Result<Vec<u8>, String> {
        match self.exchange(command, place) {
            Some((data, 0x9000)) => Ok(data),
            Some((_, status)) => Err(format!("{called} was answered {status:04X}, not 9000")),
            None => Err(format!("{called} was not answered")),
        }
    }
}

/// The id is the value of the object, or all of the answer.
fn id_in(data: &[u8]) -> &[u8] {
    match data {
        [0xDF, 0x01, 0x10, id @ ..] => id,
        id => id,
    }
}
