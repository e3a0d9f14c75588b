//! The playing card's streams and its content memory.

use super::card::{PlayCard, Played};
use super::world;
use crate::trust::sha256;
use saifu_wire::answer::{ContentMemory, ContentState, Contents, StreamOpened, UNLIMITED};
use saifu_wire::codec::List;
use saifu_wire::request::{SegmentRange, parse_segments};
use saifu_wire::signed::PaymentOrder;
use saifu_wire::stream::HEADER_BYTES;
use saifu_wire::{Status, Wire};

const NOT_NOW: u16 = Status::ConditionsNotSatisfied as u16;

impl PlayCard {
    pub(super) fn open_stream(&mut self, p1: u8, data: &[u8]) -> Played {
        let mut stored = self.stored.borrow_mut();
        let licence = stored.licence.clone().ok_or(Status::NotFound as u16)?;
        let licence = licence.message();
        let pays = match licence.payment {
            PaymentOrder::PayFirst => stored.paid,
            PaymentOrder::DecryptFirst => stored.paid || stored.held != 0,
            PaymentOrder::AlreadyPaid => true,
        };
        match () {
            () if p1 == 1 && !stored.kept.contains_key(&false) => Err(Status::NotFound as u16),
            () if p1 == 0 && sha256(&data[data.len() - HEADER_BYTES..]) != licence.header => {
                Err(Status::WrongData as u16)
            }
            () if !pays || licence.needs_time && !self.timed => Err(NOT_NOW),
            () => {
                self.open = true;
                stored.opens += 1;
                let segments = world::header().segment_count();
                Ok(StreamOpened { segments, uses_left: UNLIMITED }.to_bytes())
            }
        }
    }

    pub(super) fn decrypt(&mut self, p1: u8, data: &[u8]) -> Played {
        let plaintext = decrypt(data)?;
        let mut stored = self.stored.borrow_mut();
        let (first, _) = parse_segments(data).unwrap();
        let grown = first * 4_032 + plaintext.len() as u64;
        let whole = |kept: &Vec<u8>| kept.len() == world::content().len();
        if p1 == 1 && first == 0 && !self.verified && stored.kept.get(&false).is_some_and(whole) {
            return Err(Status::SecurityNotSatisfied as u16);
        }
        if p1 == 1 && grown > stored.room {
            return Err(Status::NotEnoughMemory as u16);
        }
        if !stored.paid {
            stored.pay_hold()?;
        }
        if p1 == 1 {
            let kept = stored.kept.entry(false).or_default();
            kept.truncate(first as usize * 4_032);
            kept.extend_from_slice(&plaintext);
        }
        Ok(plaintext)
    }

    pub(super) fn store(&mut self, p1: u8, data: &[u8]) -> Played {
        match p1 {
            0 if !self.verified && self.stored.borrow().kept.contains_key(&true) => {
                return Err(Status::SecurityNotSatisfied as u16);
            }
            0 => self.storing = data[data.len() - HEADER_BYTES..].to_vec(),
            1 => {
                let (_, segments) = parse_segments(data).unwrap();
                if (self.storing.len() + segments.len()) as u64 > self.stored.borrow().room {
                    return Err(Status::NotEnoughMemory as u16);
                }
                self.storing.extend_from_slice(segments);
            }
            _ => {
                let all = std::mem::take(&mut self.storing);
                self.stored.borrow_mut().kept.insert(true, all);
            }
        }
        Ok(Vec::new())
    }

    pub(super) fn hand_back(&mut self, p1: u8, data: &[u8]) -> Played {
        let stored = self.stored.borrow();
        let kept = stored.kept.get(&true).ok_or(Status::NotFound as u16)?;
        if p1 == 0 {
            return Ok(kept[..HEADER_BYTES].to_vec());
        }
        let SegmentRange { first, count } = SegmentRange::from_bytes(data).unwrap();
        let segments = kept[HEADER_BYTES..].chunks(4_048).skip(first as usize);
        Ok(segments.take(usize::from(count)).collect::<Vec<_>>().concat())
    }

    pub(super) fn read_content(&mut self, data: &[u8]) -> Played {
        let SegmentRange { first, count } = SegmentRange::from_bytes(data).unwrap();
        let stored = self.stored.borrow();
        let segments = stored.kept[&false].chunks(4_032).skip(first as usize);
        Ok(segments.take(usize::from(count)).collect::<Vec<_>>().concat())
    }

    pub(super) fn contents(&self) -> Vec<u8> {
        let stored = self.stored.borrow();
        let all = stored.kept.keys().map(|doubly| ContentState {
            center: world::CENTER,
            licence: 1,
            doubly: *doubly,
            complete: true,
            segments: world::header().segment_count(),
        });
        let contents: Contents = List(all.collect());
        contents.to_bytes()
    }

    pub(super) fn delete_content(&mut self, p1: u8) -> Played {
        let removed = self.stored.borrow_mut().kept.remove(&(p1 == 1));
        removed.map(|_| Vec::new()).ok_or(Status::NotFound as u16)
    }

    pub(super) fn content_memory(&self) -> Vec<u8> {
        let stored = self.stored.borrow();
        let used_bytes = stored.kept.values().map(|kept| kept.len() as u64).sum();
        ContentMemory { size_bytes: stored.room, used_bytes }.to_bytes()
    }
}

/// All segments verified before any is given out, as a card does.
fn decrypt(data: &[u8]) -> Played {
    let (first, mut sealed) = parse_segments(data).unwrap();
    let mut plaintext = Vec::new();
    for index in first.. {
        let Some(segment) = world::header().segment(index) else { break };
        let Some((one, rest)) = sealed.split_at_checked(segment.sealed_bytes()) else { break };
        let plain = &one[..segment.plain_bytes as usize];
        if world::seal(index, plain) != one {
            return Err(Status::WrongData as u16);
        }
        plaintext.extend_from_slice(plain);
        sealed = rest;
    }
    if sealed.is_empty() { Ok(plaintext) } else { Err(Status::WrongData as u16) }
}
