//! Exchanges through pcscd, in rounds.

use std::path::Path;
use std::time::Duration;

use saifu_vsmartcard::virtual_card::select;
use saifu_wire::apdu::Command;

use super::Anything;
use super::cards::{Kind, MIRROR};
use super::client::{Desk, Seated};
use super::table::{STREAM_BYTES, Through, Way};

/// GET DATA of the card's public status.
pub(crate) const GET_STATUS: [u8; 5] = [0x00, 0xCA, 0xDF, 0x02, 0x00];
/// GET CHALLENGE of eight bytes, the least that vicc does.
const GET_CHALLENGE: [u8; 5] = [0x00, 0x84, 0x00, 0x00, 0x08];

/// The rounds, of which the median counts.
const ROUNDS: usize = 5;
/// In each round cards take turns so often.
const TURNS: usize = 20;
/// Exchanges in a turn, of cards that need less than a millisecond.
const MANY: usize = 25;

/// The durations of one round, or of all.
#[derive(Default)]
struct Samples {
    tiny: Vec<Duration>,
    streams: [Vec<Duration>; 2],
}

/// How a card is asked.
struct Asked {
    kind: Kind,
    seated: Seated,
    tiny: &'static [u8],
    /// SELECT before tiny commands and before streams, for a card with applets.
    selects: Option<[Vec<u8>; 2]>,
    streams: bool,
    /// Tiny exchanges and streams in a turn.
    per_turn: [usize; 2],
    samples: Samples,
}

impl Asked {
    fn new(kind: Kind, seated: Seated) -> Self {
        let tiny: &[u8] = if kind == Kind::Vicc { &GET_CHALLENGE } else { &GET_STATUS };
        let ours = matches!(kind, Kind::Ours | Kind::OursAtLine);
        let selects = ours.then(|| [select(), select_mirror()]);
        let per_turn = match kind {
            Kind::Ours | Kind::Echo => [MANY, 5],
            Kind::OursAtLine => [MANY, 1],
            Kind::Vpicc | Kind::Vicc => [1, 1],
        };
        let streams = kind != Kind::Vicc;
        let samples = Samples::default();
        Self { kind, seated, tiny, selects, streams, per_turn, samples }
    }

    fn tiny(&mut self) -> Result<(), Anything> {
        if let Some([applet, _]) = &self.selects {
            self.seated.time(applet, None)?;
        }
        for _ in 0..self.per_turn[0] {
            self.samples.tiny.push(self.seated.time(self.tiny, None)?);
        }
        Ok(())
    }

    fn stream(&mut self, size: usize, command: &[u8]) -> Result<(), Anything> {
        if !self.streams {
            return Ok(());
        }
        if let Some([_, mirror]) = &self.selects {
            self.seated.time(mirror, None)?;
        }
        for _ in 0..self.per_turn[1] {
            let took = self.seated.time(command, Some(STREAM_BYTES[size]))?;
            self.samples.streams[size].push(took);
        }
        Ok(())
    }
}

fn select_mirror() -> Vec<u8> {
    let (ins, p1, le) = (0xA4, 0x04, Some(256));
    Command { cla: 0x00, ins, p1, p2: 0x00, data: MIRROR, le, extended: false }.to_bytes()
}

/// A command of the mirror with so much data.
fn stream(data_bytes: usize) -> Vec<u8> {
    let data = vec![0x5A; data_bytes];
    let (cla, le) = (0x80, Some(65_536));
    Command { cla, ins: 0x02, p1: 0x00, p2: 0x00, data: &data, le, extended: true }.to_bytes()
}

/// Measures all cards through the pcscd of `desk`; ours is in `folder`.
pub(crate) fn measure(desk: &Desk, folder: &Path) -> Result<Through, Anything> {
    let mut all = Vec::new();
    for round in 0..ROUNDS {
        let [one, other] = [round % 2, (round + 1) % 2];
        let fast = [(Kind::Ours, one), (Kind::Echo, other), (Kind::OursAtLine, 0)];
        all.extend(together(desk, folder, &fast)?);
        all.extend(together(desk, folder, &[(Kind::Vpicc, one), (Kind::Vicc, other)])?);
        println!("round {} of {ROUNDS} is done", round + 1);
    }
    let rounds = |wanted| all.iter().filter(move |(kind, _)| *kind == wanted).map(|(_, way)| way);
    let way = |kind| of_rounds(rounds(kind));
    Ok(Through {
        ours: way(Kind::Ours),
        echo: way(Kind::Echo),
        vpicc: way(Kind::Vpicc),
        vicc: way(Kind::Vicc),
        line: way(Kind::OursAtLine),
        ours_to_echo: ratio(rounds(Kind::Ours).zip(rounds(Kind::Echo))),
        vicc_to_ours: ratio(rounds(Kind::Vicc).zip(rounds(Kind::Ours))),
    })
}

/// Has cards take turns, each at its slot.
fn together(
    desk: &Desk,
    folder: &Path,
    cards: &[(Kind, usize)],
) -> Result<Vec<(Kind, Way)>, Anything> {
    let mut asked = Vec::new();
    for (kind, slot) in cards {
        asked.push(Asked::new(*kind, desk.seat(*kind, *slot, folder)?));
    }
    for _ in 0..TURNS {
        asked.iter_mut().try_for_each(Asked::tiny)?;
    }
    for (size, data_bytes) in STREAM_BYTES.into_iter().enumerate() {
        let command = stream(data_bytes);
        for _ in 0..TURNS / 2 {
            asked.iter_mut().try_for_each(|one| one.stream(size, &command))?;
        }
    }
    Ok(asked.into_iter().map(|one| (one.kind, way(one.samples))).collect())
}

fn way(samples: Samples) -> Way {
    let streams = samples.streams.map(|took| (!took.is_empty()).then(|| median(took)));
    Way { tiny: median(samples.tiny), streams }
}

fn of_rounds<'a>(rounds: impl Iterator<Item = &'a Way> + Clone) -> Way {
    let stream = |size: usize| {
        let known: Vec<_> = rounds.clone().filter_map(|way| way.streams[size]).collect();
        (!known.is_empty()).then(|| median(known))
    };
    Way { tiny: median(rounds.clone().map(|way| way.tiny).collect()), streams: [0, 1].map(stream) }
}

/// The median of the rounds' ratios: what disturbs a round disturbs both.
fn ratio<'a>(rounds: impl Iterator<Item = (&'a Way, &'a Way)>) -> f64 {
    let ratio = |(part, whole): (&Way, &Way)| part.tiny.as_secs_f64() / whole.tiny.as_secs_f64();
    let mut ratios: Vec<_> = rounds.map(ratio).collect();
    ratios.sort_by(f64::total_cmp);
    ratios[ratios.len() / 2]
}

/// The median of at least one.
pub(crate) fn median(mut durations: Vec<Duration>) -> Duration {
    durations.sort_unstable();
    durations[durations.len() / 2]
}
