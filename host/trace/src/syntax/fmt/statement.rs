//! Statements as words.

use super::Word;
use super::pieces::{byte, path, pattern, pieces, status, text, value};
use crate::syntax::ast::{
    CardWish, Condition, Expect, Form, Lengths, Named, Pattern, Piece, Power, Send, Statement,
    TlvExpect, Value,
};
use crate::syntax::source::At;

/// The words of a line; of a loop, those of its first line.
pub(super) fn words(statement: &At<Statement>) -> Vec<Word> {
    let mut words = parts(&statement.it);
    if let Some(first) = words.first_mut() {
        first.line = statement.span.line;
    }
    words
}

fn parts(statement: &Statement) -> Vec<Word> {
    match statement {
        Statement::Send(send) => command(send),
        Statement::Expect(expect) => expectation(expect),
        Statement::Title(title) => row(["title".into(), quoted(title)]),
        Statement::Section { number, text } => {
            let text = text.as_deref().map(quoted);
            row(["section".into(), number.clone()].into_iter().chain(text))
        }
        Statement::Card(wish) => card(wish),
        Statement::Require(all) => row(["require".into(), listed(all)]),
        Statement::SkipUnless(on) => join(row(["skip".into(), "unless".into()]), condition(on)),
        Statement::SkipIf(on) => join(row(["skip".into(), "if".into()]), condition(on)),
        Statement::Destructive(why) => row(["destructive".into(), quoted(why)]),
        Statement::Include(file) => row(["include".into(), quoted(&file.it)]),
        Statement::Set { name, value } => {
            join(row(["set".into(), name.clone(), "=".into()]), pieces(value))
        }
        Statement::Compare { value, pattern: wanted } => {
            join(row(["expect".into()]), compared(value, wanted))
        }
        Statement::For { name, from, to, .. } => row([
            "for".into(),
            name.clone(),
            "from".into(),
            value(&from.it),
            "to".into(),
            value(&to.it),
        ]),
        Statement::Repeat { times, .. } => row(["repeat".into(), value(&times.it)]),
        Statement::Reset => row(["reset".into()]),
        Statement::Power(power) => row(["power".into(), power_word(*power).into()]),
        Statement::Remove => row(["remove".into()]),
        Statement::Insert => row(["insert".into()]),
        Statement::Select(name) => join(row(["select".into()]), pieces(name)),
        Statement::Fault(fault) => {
            row(["fault".into(), fault.as_ref().map_or("none".into(), |fault| fault.it.clone())])
        }
        Statement::OpenScp03(options) => scp03(options),
        Statement::CloseScp03 => row(["scp03".into(), "close".into()]),
        Statement::Wait(pause) => row(["wait".into(), value(&pause.it), "ms".into()]),
        Statement::Note(note) => row(["note".into(), quoted(note)]),
    }
}

fn row(words: impl IntoIterator<Item = String>) -> Vec<Word> {
    words.into_iter().map(|text| Word { text, line: 0 }).collect()
}

fn join(mut before: Vec<Word>, behind: Vec<Word>) -> Vec<Word> {
    before.extend(behind);
    before
}

fn quoted(given: &str) -> String {
    text(given.as_bytes())
}

fn listed(words: &[At<String>]) -> String {
    words.iter().map(|word| word.it.as_str()).collect::<Vec<_>>().join(", ")
}

fn power_word(power: Power) -> &'static str {
    match power {
        Power::Off => "off",
        Power::On => "on",
        Power::Cycle => "cycle",
    }
}

fn card(wish: &CardWish) -> Vec<Word> {
    let options = wish.options.iter().map(|(key, given)| format!("{key}={}", value(&given.it)));
    row(["card".into(), wish.kind.it.clone()].into_iter().chain(options))
}

fn condition(condition: &Condition) -> Vec<Word> {
    match condition {
        Condition::Capabilities(words) => row([listed(words)]),
        Condition::Status(wanted) => row(["sw".into(), status(&wanted.it)]),
        Condition::Value { value, pattern: wanted } => compared(value, wanted),
    }
}

/// `VALUE = PATTERN`
fn compared(value: &[At<Piece>], wanted: &Pattern) -> Vec<Word> {
    join(join(pieces(value), row(["=".into()])), pattern(wanted))
}

fn scp03(options: &[(String, At<Value>)]) -> Vec<Word> {
    let option = |(key, given): &(String, At<Value>)| match key.as_str() {
        "keys" => format!("{key}={}", value(&given.it)),
        _ => format!("{key}={}", byte(&given.it)),
    };
    row(["scp03".into(), "open".into()].into_iter().chain(options.iter().map(option)))
}

fn command(send: &Send) -> Vec<Word> {
    let form = match &send.form {
        Form::Bytes(bytes) => pieces(bytes),
        Form::Named(named) => by_name(named),
    };
    let mut words = join(row([">".into()]), form);
    words.extend(row(send.follow.then(|| "follow".into())));
    words.extend(row(send.secure.then(|| "secure".into())));
    words.extend(row(send.timed_as.iter().map(|name| format!("as {name}"))));
    words
}

/// Name, header, lengths, data.
fn by_name(named: &Named) -> Vec<Word> {
    let fixed =
        |key: &str, byte: Option<u8>| byte.map(|byte| option(format!("{key}={byte:02X}"), 0));
    let header = |key: &str, given: &Option<At<Value>>| {
        given.as_ref().map(|at| option(format!("{key}={}", byte(&at.it)), at.span.line))
    };
    let number = |key: &str, given: &Option<At<Value>>| {
        given.as_ref().map(|at| option(format!("{key}={}", value(&at.it)), at.span.line))
    };
    let le = named.le.as_ref().map(|le| match le {
        None => option("le=none".into(), 0),
        Some(at) => option(format!("le={}", value(&at.it)), at.span.line),
    });
    let options = [
        Some(option(named.name.it.clone(), named.name.span.line)),
        fixed("cla", named.cla),
        fixed("ins", named.ins),
        header("p1", &named.p1),
        header("p2", &named.p2),
        le,
        number("channel", &named.channel),
        named.extended.then(|| option("extended".into(), 0)),
        number("chain", &named.chain),
    ];
    join(options.into_iter().flatten().collect(), pieces(&named.data))
}

fn option(text: String, line: u32) -> Word {
    Word { text, line }
}

fn expectation(expect: &Expect) -> Vec<Word> {
    match expect {
        Expect::Answer { data, status: wanted } => {
            let data = join(row(["<".into()]), pattern(data));
            let status = Word { text: status(&wanted.it), line: wanted.span.line };
            join(data, vec![status])
        }
        Expect::Status(wanted) => row(["sw".into(), status(&wanted.it)]),
        Expect::Data(data) => join(row(["data".into()]), pattern(data)),
        Expect::Length(wanted) => lengths("length", &wanted.it),
        Expect::Tlv { path: steps, what } => {
            let way = row(["tlv".into(), path(&steps.it)]);
            join(
                way,
                match what {
                    TlvExpect::Present => Vec::new(),
                    TlvExpect::Absent => row(["absent".into()]),
                    TlvExpect::Is(wanted) => join(row(["=".into()]), pattern(wanted)),
                    TlvExpect::Length(wanted) => lengths("length", &wanted.it),
                },
            )
        }
        Expect::Lost => row(["lost".into()]),
        Expect::Atr(atr) => join(row(["atr".into()]), pattern(atr)),
        Expect::Time { name, thousandths, than } => row([
            "time".into(),
            name.it.clone(),
            "<=".into(),
            factor(*thousandths),
            "*".into(),
            than.it.clone(),
        ]),
    }
}

fn lengths(keyword: &str, wanted: &Lengths) -> Vec<Word> {
    let most = wanted.most.iter().flat_map(|most| ["to".into(), value(most)]);
    row([keyword.into(), value(&wanted.least)].into_iter().chain(most))
}

/// Thousandths as a number with a point.
fn factor(thousandths: u32) -> String {
    let (whole, part) = (thousandths / 1_000, thousandths % 1_000);
    let digits = format!("{part:03}");
    match digits.trim_end_matches('0') {
        "" => whole.to_string(),
        digits => format!("{whole}.{digits}"),
    }
}
