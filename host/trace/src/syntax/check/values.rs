//! Helpers, numbers and words that no run accepts.

use crate::helpers;
use crate::syntax::ast::{Call, CardWish, Lengths, Value};
use crate::syntax::diagnostic::Diagnostic;
use crate::syntax::source::At;

/// What a fresh card can be.
const CARDS: &[&str] = &["blank", "test", "any"];

/// What can be said about it.
const CARD_OPTIONS: &[&str] = &["seed", "pin"];

/// A loop goes round no more often.
const ROUNDS_MAX: u64 = 65_536;

/// That the helper is there and takes this.
pub(super) fn helper(call: &Call, wrong: &mut Vec<Diagnostic>) {
    let span = || call.name.span.clone();
    let Some(helper) = helpers::find(&call.name.it) else {
        let found = format!("there is no helper `{}`", call.name.it);
        let names = helpers::all().map(|helper| helper.name);
        let unknown = Diagnostic::new(span(), found).expected("a helper of LANGUAGE.md section 8");
        return wrong.push(unknown.nearest(&call.name.it, names));
    };
    let takes = format!("`{}{}`", helper.name, helper.takes);
    let (least, most) = helper.plain;
    let given = call.arguments.iter().filter(|(key, _)| key.is_none()).count();
    if !(least..=most).contains(&given) {
        let found = match given {
            1 => "one value for the helper".to_owned(),
            _ => format!("{given} values for the helper"),
        };
        wrong.push(Diagnostic::new(span(), found).expected(takes.clone()));
    }
    for (at, (key, value)) in call.arguments.iter().enumerate() {
        let Some(key) = key else { continue };
        if !helper.named.contains(&key.as_str()) {
            let found = format!("the helper takes no `{key}=`");
            let unknown = Diagnostic::new(value.span.clone(), found).expected(takes.clone());
            wrong.push(unknown.nearest(key, helper.named.iter().copied()));
        } else if call.arguments[..at].iter().any(|(other, _)| other.as_ref() == Some(key)) {
            let found = format!("`{key}=` for the second time");
            wrong.push(Diagnostic::new(value.span.clone(), found).expected(takes.clone()));
        }
    }
}

/// That these words are capabilities.
pub(super) fn capabilities(words: &[At<String>], known: &[&str], wrong: &mut Vec<Diagnostic>) {
    let is_known = |word: &&At<String>| known.is_empty() || known.contains(&word.it.as_str());
    for word in words.iter().filter(|word| !is_known(word)) {
        let found = format!("`{}` is no capability", word.it);
        let unknown = Diagnostic::new(word.span.clone(), found);
        let unknown = unknown.expected("a word of LANGUAGE.md annex B");
        wrong.push(unknown.nearest(&word.it, known.iter().copied()));
    }
}

/// That a card can be made so.
pub(super) fn card(wish: &CardWish, wrong: &mut Vec<Diagnostic>) {
    let kind = &wish.kind;
    if !CARDS.contains(&kind.it.as_str()) {
        let unknown = Diagnostic::new(kind.span.clone(), format!("there is no card `{}`", kind.it));
        let unknown = unknown.expected("`blank`, `test` or `any`");
        wrong.push(unknown.nearest(&kind.it, CARDS.iter().copied()));
    }
    for (at, (key, value)) in wish.options.iter().enumerate() {
        let again = wish.options[..at].iter().any(|(other, _)| other == key);
        if !CARD_OPTIONS.contains(&key.as_str()) || again {
            let found = format!("`{key}=` here");
            let unknown = Diagnostic::new(value.span.clone(), found);
            wrong.push(unknown.expected("`seed=` and `pin=`, each once"));
        } else if key == "pin" && !may_be_pin(&value.it) {
            let found = "this is no PIN";
            wrong.push(Diagnostic::new(value.span.clone(), found).expected("4 to 12 digits"));
        }
    }
}

/// Whether this is a PIN, or becomes known in the run.
fn may_be_pin(value: &Value) -> bool {
    let bytes = match value {
        Value::Text(bytes) | Value::Hex(bytes) => bytes,
        Value::Variable(_) | Value::Call(_) => return true,
        Value::Number(_) | Value::Word(_) => return false,
    };
    (4..=12).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_digit)
}

/// That a loop goes round, and not too often.
pub(super) fn rounds(from: &At<Value>, to: &At<Value>, wrong: &mut Vec<Diagnostic>) {
    let (Value::Number(first), Value::Number(last)) = (&from.it, &to.it) else { return };
    let span = from.span.up_to(&to.span);
    match last.checked_sub(*first) {
        None => {
            let wrong_way = Diagnostic::new(span, "the loop goes round never");
            wrong.push(wrong_way.help("the smaller number stands first"));
        }
        Some(rounds) if rounds >= ROUNDS_MAX => {
            let found = format!("the loop goes round more than {ROUNDS_MAX} times");
            wrong.push(Diagnostic::new(span, found));
        }
        Some(_) => {}
    }
}

/// That a length can be both.
pub(super) fn lengths(lengths: &At<Lengths>, wrong: &mut Vec<Diagnostic>) {
    let Lengths { least, most } = &lengths.it;
    if let (Value::Number(least), Some(Value::Number(most))) = (least, most)
        && most < least
    {
        let none = Diagnostic::new(lengths.span.clone(), format!("no length is {least} to {most}"));
        wrong.push(none.help("the smaller number stands first"));
    }
}
