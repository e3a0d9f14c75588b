//! What `saifu trace fmt` makes of a trace.

use saifu_trace::syntax::{Source, Trace, format, parse};
use std::sync::Arc;

const EVERYTHING: &str = include_str!("data/everything.apdu");

fn read(text: &str) -> Trace {
    parse(Arc::new(Source { path: "a.apdu".into(), text: text.into() }))
        .unwrap_or_else(|wrong| panic!("{text}\n{}", wrong[0]))
}

fn formatted(text: &str) -> String {
    format(&read(text))
}

#[test]
fn what_is_settled_stays_as_it_is() {
    assert_eq!(formatted(EVERYTHING), EVERYTHING);
}

#[test]
fn spaces_case_order_and_blank_lines_are_settled() {
    for (written, settled) in [
        ("\n\n  reset\t# now \n\n\n\nlost\n\n", "reset  # now\n\nlost\n"),
        (">00a4 04 00{ f0 }00", "> 00A4 04 00 {F0} 00\n"),
        (">00 a4 \\\n  0400", "> 00 A4 \\\n    0400\n"),
        ("< 6f xx 63cx | 9000", "< 6F XX 63CX|9000\n"),
        (
            "> VERIFY \"1234\" as a p2=$r secure p1=0a le=none",
            "> VERIFY p1=0A p2=$r le=none \"1234\" secure as a\n",
        ),
        ("data a:( [4] ) b:( 00 $c )", "data a:[4] b:(00 $c)\n"),
        ("data [4..*]", "data [4..*]\n"),
        ("tlv 6f/7f66#1 length 1 to 2", "tlv 6F/7F66 length 1 to 2\n"),
        ("time a<=1.500*b", "time a <= 1.5 * b\n"),
        ("time a <= 02 * b", "time a <= 2 * b\n"),
        ("require a,b", "require a, b\n"),
        ("set a = u16( 007,x = 0xab )\"\\x41\\x0a\"", "set a = u16(7, x=0xAB) \"A\\x0A\"\n"),
        (
            "repeat 2\nfor i from 0 to 1 #a\n#b\nend\nend #c",
            "repeat 2\n    for i from 0 to 1  #a\n        #b\n    end\nend  #c\n",
        ),
        ("fault   drop@3,before  # x", "fault drop@3,before  # x\n"),
        ("", ""),
        ("# only", "# only\n"),
    ] {
        assert_eq!(formatted(written), settled, "{written}");
    }
}

#[test]
fn a_long_line_goes_on_between_two_words() {
    let text = formatted(&format!("> 00 DA 00 00 {} {}", "AB".repeat(45), "CD".repeat(45)));
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.len(), 3, "{text}");
    assert!(lines.iter().all(|line| line.len() <= 100), "{text}");
    assert_eq!(formatted(&text), text);
}

/// Numbers that repeat: xorshift of 64 bits (Marsaglia 2003).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % end
    }
}

/// The text with its spaces, line ends and letters as another author writes them.
fn rewritten(text: &str, numbers: &mut Numbers) -> String {
    let mut out = String::new();
    let (mut quoted, mut comment, mut before) = (false, false, ' ');
    for c in text.chars() {
        quoted = if c == '"' && before != '\\' { !quoted } else { quoted };
        comment = (comment || (c == '#' && before == ' ' && !quoted)) && c != '\n';
        match c {
            ' ' if !quoted && !comment && before != '\\' => out.push_str(match numbers.below(6) {
                0 => "   ",
                1 => "\t",
                2 if !out.trim_end().ends_with("fault") && !out.ends_with(['\n', '\\', ' ']) => {
                    " \\\n"
                }
                _ => " ",
            }),
            '\n' if before != '\\' => {
                out.push_str(["\n", "\n\n\n", "\r\n", "  \n"][numbers.below(4)])
            }
            c => out.push(c),
        }
        before = c;
    }
    out
}

#[test]
fn however_a_trace_is_written_its_settled_form_says_the_same_and_stays() {
    let mut numbers = Numbers(0x5A1F_0000_0000_0007);
    for _ in 0..300 {
        let text = rewritten(EVERYTHING, &mut numbers);
        let (trace, settled) = (read(&text), formatted(&text));
        let lines = |trace: &Trace| {
            let is_blank = |line: &saifu_trace::syntax::ast::Line| {
                line.statement.is_none() && line.comment.is_none()
            };
            trace
                .lines
                .iter()
                .filter(|line| !is_blank(line))
                .cloned()
                .map(without_blanks)
                .collect::<Vec<_>>()
        };
        assert_eq!(lines(&read(&settled)), lines(&trace), "{text}\n{settled}");
        assert_eq!(formatted(&settled), settled);
        assert!(!settled.contains("\n\n\n"), "{settled}");
    }
}

/// The line; of a loop, without the blank lines in it.
fn without_blanks(mut line: saifu_trace::syntax::ast::Line) -> saifu_trace::syntax::ast::Line {
    use saifu_trace::syntax::ast::Statement;
    if let Some(Statement::For { body, .. } | Statement::Repeat { body, .. }) =
        line.statement.as_mut().map(|at| &mut at.it)
    {
        let all = std::mem::take(body);
        let said =
            all.into_iter().filter(|line| line.statement.is_some() || line.comment.is_some());
        *body = said.map(without_blanks).collect();
    }
    line
}
