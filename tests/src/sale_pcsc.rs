//! Three sales by three programs: `saifu-center serve`, `saifu-card run` and `saifu`, over
//! PC/SC and HTTP, as a customer would run them. And what an APDU takes on that way, beside
//! one to a bare echo card.

mod measure;

use std::fs;
use std::path::Path;
use std::time::Instant;

use saifu_vsmartcard::harness::CardThread;

use crate::shop::{Anything, REAL_WORKS, RealWork};
use crate::stage::{Accounts, Programs, Stage};
pub use measure::answer_for_measure;

/// The argument with which this program measures, as a client of the private pcscd.
pub const MEASURE: &str = "measure";

/// How many times as long as an APDU to the echo card one to our card takes, by the median.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Ratio(pub f64);

impl Ratio {
    /// The most that is good.
    pub const MOST: Self = Self(2.0);
}

/// Sells the real works and measures; `client` is a program that calls [`answer_for_measure`]
/// when it is given [`MEASURE`].
///
/// # Errors
/// Anything that does not go as it should: a refusal, a wrong byte, value not accounted.
pub fn run(client: &Path) -> Result<Ratio, Anything> {
    let programs = Programs::find()?;
    let folder = tempfile::tempdir()?;
    Stage::prepare(&programs, folder.path(), &REAL_WORKS)?;
    let stage = Stage::open(&programs, folder.path(), None)?;
    let pid = |pid: Option<u32>| pid.map_or("none".into(), |pid| pid.to_string());
    println!("the center     process {} at {}", pid(stage.center_pid()), stage.url());
    println!("the card       process {} in {}", pid(stage.card_pid()), stage.pcscd().reader(0));
    println!("the terminal   a process for each command, through pcscd {}", stage.pcscd().pid());
    let after = sell(&stage)?;
    let Accounts { issued, balance, settled: value, sales: settled, .. } = after;
    println!("\nissued {issued} JPY; on the card, by its own word, {balance}; settled {value}\n");
    let echo = measure::echo();
    let _thread = CardThread::start(echo.clone(), stage.pcscd().vpcd_port_of(1))?;
    let ratio = Ratio(measure::compare(&stage, &echo, client)?);
    println!("{}", stage.search()?);
    let works = REAL_WORKS.len();
    println!("sale-pcsc: {works} works bought, {settled} settled, value in = value out");
    Ok(ratio)
}

/// Registers the card that is in the reader and buys the real works; where the value is then.
///
/// # Errors
/// As [`run`].
pub fn sell(stage: &Stage) -> Result<Accounts, Anything> {
    stage.saifu(&["register"])?.good()?;
    let mut before = Accounts::ask(stage)?;
    println!("registered: {} JPY on the card\n", before.balance);
    for work in &REAL_WORKS {
        before = buy(stage, work, before)?;
    }
    let sold: u64 = REAL_WORKS.iter().map(|work| work.price).sum();
    let all = before.sales == REAL_WORKS.len() as u64 && before.settled == sold;
    if before.is_whole() && all {
        return Ok(before);
    }
    Err(format!("value is not accounted: {before:?}").into())
}

/// One sale; returns where the value is afterwards.
fn buy(stage: &Stage, work: &RealWork, before: Accounts) -> Result<Accounts, Anything> {
    let begun = Instant::now();
    stage.saifu(&["buy", work.title, "--output", work.file, "--yes"])?.good()?;
    let took = begun.elapsed().as_secs_f64();
    let bought = fs::read(stage.folder().join("bought").join(work.file))?;
    if bought != work.read()? {
        return Err(format!("{} is not the original", work.file).into());
    }
    let after = Accounts::ask(stage)?;
    let paid = before.balance.checked_sub(after.balance);
    if paid != Some(work.price) || after.sales != before.sales + 1 {
        return Err(format!("{} cost {paid:?} instead of {}", work.title, work.price).into());
    }
    let (title, bytes, price) = (work.title, bought.len(), work.price);
    println!("\"{title}\": {price} JPY in {took:.2} s, {bytes} bytes, byte for byte the original");
    println!("    balance {} before, {} after", before.balance, after.balance);
    Ok(after)
}
