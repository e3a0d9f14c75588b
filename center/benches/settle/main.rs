//! How fast payments are settled, against what cannot be saved: `make bench-settle`.
//!
//! In one run, on equal threads, with tokens made beforehand, measured in turns, for other
//! programs disturb all kinds alike:
//!
//! - `rsa`: settlements through the library, durable, against the machine's raw RSA-2048 OAEP
//!   private operations
//! - `inserts`: settlements in which that one operation is replaced by a look-up, against bare
//!   inserts of as many bytes into one table, through the same writer
//! - `one shop`: these for one shop against these for many
//!
//! Each ratio is the median of the rounds' ratios. Exit code 1 where one is below its bound.

mod bare;
mod measure;
mod payer;
mod world;

use std::env;
use std::process::ExitCode;

use saifu_center::Center;

use bare::{Bare, RawKey};
use measure::{Rate, THREADS, median, rate};
use payer::Payment;
use world::{Shops, World, unwrapped};

/// The rounds, of which the median counts.
const ROUNDS: usize = 7;

/// Raw operations and settlements with the private operation, in a round.
const WITH_RSA: usize = 3_072;

/// Settlements without it, and bare inserts, in a round.
const WITHOUT_RSA: usize = 3_072;

/// The least that each ratio must be.
const BOUNDS: Ratios = Ratios { rsa: 0.7, inserts: 0.5, one_shop: 0.9 };

/// What is measured in a round.
struct Round {
    raw: Rate,
    settled: Rate,
    bare: Rate,
    many_shops: Rate,
    one_shop: Rate,
}

#[derive(Clone, Copy)]
struct Ratios {
    rsa: f64,
    inserts: f64,
    one_shop: f64,
}

/// The tokens of a round.
struct Tokens {
    with_rsa: Vec<Payment>,
    many_shops: Vec<Payment>,
    one_shop: Vec<Payment>,
}

impl Tokens {
    /// Those of a round, each card's in the order in which they will be settled.
    fn make(world: &mut World, turn: usize) -> Self {
        let with_rsa = world.pay(WITH_RSA, Shops::Many);
        let mut pay = |shops| world.pay(WITHOUT_RSA, shops);
        if many_first(turn) {
            let many_shops = pay(Shops::Many);
            return Self { with_rsa, many_shops, one_shop: pay(Shops::One) };
        }
        let one_shop = pay(Shops::One);
        Self { with_rsa, many_shops: pay(Shops::Many), one_shop }
    }
}

/// Whichever comes second finds a larger store: they take turns.
fn many_first(turn: usize) -> bool {
    turn.is_multiple_of(2)
}

fn main() -> ExitCode {
    // Under `cargo test` and `cargo clippy`, nothing is measured.
    if !env::args().any(|argument| argument == "--bench") {
        return ExitCode::SUCCESS;
    }
    let rounds = measure();
    let ratios = tell(&rounds);
    let good = ratios.rsa >= BOUNDS.rsa
        && ratios.inserts >= BOUNDS.inserts
        && ratios.one_shop >= BOUNDS.one_shop;
    if good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn measure() -> Vec<Round> {
    // In the build's folder: on the disk where the sources lie.
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    let center = folder.path().join("center");
    let mut world = World::make(&center);
    let tokens: Vec<_> = (0..ROUNDS).map(|turn| Tokens::make(&mut world, turn)).collect();
    println!("{} tokens are made, {THREADS} threads", ROUNDS * (WITH_RSA + 2 * WITHOUT_RSA));
    let all = tokens.iter().flat_map(|round| round.many_shops.iter().chain(&round.one_shop));
    let without_rsa = unwrapped(&center, all);
    let (bare, raw) = (Bare::make(folder.path()), RawKey::make());
    let tokens = tokens.into_iter().enumerate();
    tokens
        .map(|(turn, tokens)| round(turn, tokens, &world.center, &without_rsa, &bare, &raw))
        .collect()
}

fn round(
    turn: usize,
    tokens: Tokens,
    center: &Center,
    without_rsa: &Center,
    bare: &Bare,
    raw: &RawKey,
) -> Round {
    let raw = rate(vec![(); WITH_RSA], |()| raw.unwrap());
    let settled = rate(tokens.with_rsa, |payment| settle(center, &payment));
    let rows = tokens.many_shops.iter().map(bare::row).collect();
    let bare = rate(rows, |row| bare.insert(row));
    let many = |tokens| rate(tokens, |payment| settle(without_rsa, &payment));
    let (many_shops, one_shop) = if many_first(turn) {
        let many_shops = many(tokens.many_shops);
        (many_shops, many(tokens.one_shop))
    } else {
        let one_shop = many(tokens.one_shop);
        (many(tokens.many_shops), one_shop)
    };
    Round { raw, settled, bare, many_shops, one_shop }
}

fn settle(center: &Center, payment: &Payment) {
    let receipt = center.settle(&payment.token, Some(&payment.licence)).expect("a receipt");
    assert!(bare::is_settled(&receipt), "a genuine token is settled");
}

/// One of the kinds that are measured.
type Pick = fn(&Round) -> Rate;

fn tell(rounds: &[Round]) -> Ratios {
    let of = |pick: &dyn Fn(&Round) -> f64| median(rounds.iter().map(pick).collect());
    let kinds: [(&str, Pick); 5] = [
        ("raw RSA-2048 OAEP private operations", |round| round.raw),
        ("settlements", |round| round.settled),
        ("bare inserts of as many bytes", |round| round.bare),
        ("settlements without the private operation, many shops", |round| round.many_shops),
        ("settlements without the private operation, one shop", |round| round.one_shop),
    ];
    println!("per second, microseconds of processor time each:");
    for (what, kind) in kinds {
        let (rate, time) =
            (of(&|round| kind(round).per_second), of(&|round| kind(round).processor));
        println!("{rate:>8.0} {time:>6.0}  {what}");
    }
    let ratio =
        |part: Pick, whole: Pick| of(&|round| part(round).per_second / whole(round).per_second);
    let ratios = Ratios {
        rsa: ratio(|round| round.settled, |round| round.raw),
        inserts: ratio(|round| round.many_shops, |round| round.bare),
        one_shop: ratio(|round| round.one_shop, |round| round.many_shops),
    };
    let Ratios { rsa, inserts, one_shop } = BOUNDS;
    println!("at least: rsa {rsa:.2}, inserts {inserts:.2}, one shop {one_shop:.2}");
    let Ratios { rsa, inserts, one_shop } = ratios;
    println!("bench-settle: rsa {rsa:.2}, inserts {inserts:.2}, one shop {one_shop:.2}");
    ratios
}
