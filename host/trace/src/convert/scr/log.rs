//! `CLA: 00, INS: a4, P1: 04, P2: 00, Lc: 02, 3f, 00, Le: 00, SW1: 90, SW2: 00`

use crate::convert::build::Builder;
use crate::convert::words::{Part, lines};
use crate::syntax::Diagnostic;
use crate::syntax::ast::Trace;
use crate::syntax::source::Source;
use saifu_wire::apdu::Command;
use std::sync::Arc;

/// The most bytes of a command's or an answer's data.
const MAX_DATA: usize = 65_535;

pub(in crate::convert) fn read_log(source: &Arc<Source>) -> Result<Trace, Diagnostic> {
    let mut trace = Builder::new(source);
    for line in lines(source) {
        let Some(at) = line.text.find("CLA:") else { continue };
        let mut fields = Fields { rest: line.skip(at) };
        let [cla, ins, p1, p2] = ["CLA", "INS", "P1", "P2"].map(|name| fields.byte(name));
        let (cla, ins, p1, p2) = (cla?, ins?, p1?, p2?);
        let sent = fields.data("Lc")?;
        let came = fields.data("Le")?;
        let status = [fields.byte("SW1")?, fields.byte("SW2")?];
        let le = match came.len() {
            0 => None,
            1..=256 => Some(256),
            _ => Some(65_536),
        };
        let command = Command { cla, ins, p1, p2, data: &sent, le, extended: false };
        trace.send(line.span(), command.to_bytes());
        trace.answer(line.span(), &came, status);
    }
    Ok(trace.finish())
}

struct Fields<'t> {
    rest: Part<'t>,
}

impl<'t> Fields<'t> {
    /// What stands before the next comma.
    fn next(&mut self) -> Part<'t> {
        let (field, rest) =
            self.rest.split(',').unwrap_or((self.rest, self.rest.skip(self.rest.text.len())));
        self.rest = rest;
        field.trim()
    }

    fn number(&mut self, name: &str) -> Result<usize, Diagnostic> {
        let field = self.next();
        let value = field.text.strip_prefix(name).and_then(|rest| rest.strip_prefix(':'));
        let value = value.map(str::trim).unwrap_or_default();
        usize::from_str_radix(value, 16)
            .ok()
            .filter(|value| *value <= MAX_DATA)
            .ok_or_else(|| field.refuse(format!("`{name}:` and a number are expected here")))
    }

    fn byte(&mut self, name: &str) -> Result<u8, Diagnostic> {
        let place = self.rest;
        u8::try_from(self.number(name)?).map_err(|_| place.refuse("more than a byte"))
    }

    /// A number, and so many bytes.
    fn data(&mut self, name: &str) -> Result<Vec<u8>, Diagnostic> {
        let count = self.number(name)?;
        let byte = |field: Part<'_>| {
            let byte = u8::from_str_radix(field.text, 16);
            byte.map_err(|_| field.refuse("a byte of two hexadecimal digits is expected here"))
        };
        (0..count).map(|_| byte(self.next())).collect()
    }
}
