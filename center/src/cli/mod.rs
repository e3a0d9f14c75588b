//! The owner's command line, `saifu-center`.
//!
//! [`run`] reads the arguments, opens the center and hands over to one function per command.
//! What a command has to say goes to standard output, as text or with `--json` as JSON; a
//! refusal goes to standard error and says what, why, and what next.

mod audit;
mod backup;
mod bar;
mod card;
mod config;
mod credit;
mod documents;
mod issuer;
mod keys;
mod log;
mod noted;
mod output;
mod progress;
mod report;
mod sales;
mod serve;
mod shop;
mod statement;
mod token;
mod voucher;
mod work;

use std::env;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};
use saifu_wire::Wire as _;
use saifu_wire::personalise::PinnedRoot;

use self::noted::Given;
use self::output::Output;
use self::work::add;
use crate::center::{Center, Options};
use crate::config::Config;
use crate::http;
use crate::keys::Unlock;
use crate::parts::Parts;
use crate::refusal::{Refusal, Result};

const AFTER_HELP: &str = "\
Exit status: 0 done; 1 refused, failed, or a check has found something; 2 the command is not \
understood.

A first sale:
  saifu-center init
  saifu-center work add song.flac --title Song --creator Anna --price jpy:300 --publish
  saifu-center serve
  saifu-center sales --check

The center's keys are sealed under SAIFU_CENTER_PASSPHRASE, the first line of the file
SAIFU_CENTER_PASSPHRASE_FILE, or SAIFU_CENTER_KEY (64 hex digits), whichever is set. A test
center whose keys were made without lies plain; `keys passwd` seals it.";

/// Registers works, sells and delivers them, settles payments.
#[derive(Parser)]
#[command(name = "saifu-center", version, about, after_help = AFTER_HELP, max_term_width = 100)]
struct Cli {
    /// The center's folder [default: saifu-center in the user's data folder]
    #[arg(long, global = true, value_name = "DIR", env = "SAIFU_CENTER_DATA")]
    data: Option<PathBuf>,
    /// Answer in JSON
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make a center: a test center, its own issuer, until center.toml says otherwise
    Init(Init),
    /// Open shops, list, change and close them
    #[command(subcommand)]
    Shop(shop::ShopCommand),
    /// Add works, list, show and withdraw them
    #[command(subcommand)]
    Work(WorkCommand),
    /// Publish a work: the catalogue shows it from now on
    Publish(work::Publish),
    /// Make vouchers, sell them, see what became of them
    #[command(subcommand)]
    Voucher(voucher::VoucherCommand),
    /// Give credits, confirm test payments, pay back what cards gave up
    #[command(subcommand)]
    Credit(credit::CreditCommand),
    /// Serve the center to terminals, over HTTP or HTTPS
    Serve(serve::Serve),
    /// List cards, show one; freeze, thaw, revoke, close it; give a payment back
    #[command(subcommand)]
    Card(card::CardCommand),
    /// Show the configuration, check it, print the commented example
    #[command(subcommand)]
    Config(config::ConfigCommand),
    /// Make, list and revoke operators' tokens
    #[command(subcommand)]
    Token(token::TokenCommand),
    /// Show what operators did, or check that nothing of it was changed
    Log(log::Log),
    /// Print a shell's completions
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page in roff, of the program or of a command
    Man {
        /// The command, as in work-add
        command: Option<String>,
    },
    /// List what was sold; settle a payment that is in suspense
    Sales(sales::Sales),
    /// Show a shop's account: what came in, what was paid out, what is left
    Statement(statement::Asked),
    /// Pay a shop out of what is settled for it
    Payout(statement::PayOut),
    /// List, rotate and retire the center's keys, change what they are sealed under
    #[command(subcommand)]
    Keys(keys::KeysCommand),
    /// Be the issuer of cards and centers, in a folder of its own
    Issuer(Box<issuer::IssuerArgs>),
    /// Say who the center is and where the value is
    Status,
    /// Check that all value is accounted and every work is there
    Check,
    /// Print the HTTP interface's description (OpenAPI 3.1)
    Openapi,
    /// Recompute everything from what is signed, and compare
    Audit(audit::Audit),
    /// Back the center up, also while it serves; or check a backup
    Backup(backup::Backup),
    /// Put a center back from a backup, into a new folder
    Restore(backup::Restore),
}

#[derive(Args)]
struct Init {
    /// What the center calls itself
    #[arg(long)]
    name: Option<String>,
    /// Make a center in production: its keys wait for certificates of its issuer
    #[arg(long, requires = "issuer_root")]
    production: bool,
    /// The file of `saifu-center issuer root`
    #[arg(long, value_name = "FILE", requires = "production")]
    issuer_root: Option<PathBuf>,
}

#[derive(Subcommand)]
enum WorkCommand {
    /// Add a work: the file, its preview, its prices
    Add(Box<add::Add>),
    /// List all works, published or not
    List(work::List),
    /// Show all versions of a work, and what each is sold for
    Show(work::Named),
    /// Withdraw a work: it is no longer sold; who bought it keeps it
    Withdraw(work::Named),
}

/// Runs the program.
pub fn run() -> ExitCode {
    let matches = Cli::command().get_matches();
    let given = Given::of(&matches);
    let cli = Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    let output = Output { json: cli.json, program: program(cli.data.as_deref()) };
    if let Command::Issuer(asked) = &cli.command {
        return ended(issuer::run(asked, &output).map(|()| ExitCode::SUCCESS), &output);
    }
    let done = data_folder(cli.data)
        .and_then(|folder| given.run(&folder, || execute(cli.command, &folder, &output)));
    ended(done, &output)
}

fn ended(done: Result<ExitCode>, output: &Output) -> ExitCode {
    match done {
        Ok(code) => code,
        Err(refusal) => {
            output.refusal(&refusal);
            ExitCode::FAILURE
        }
    }
}

fn execute(command: Command, folder: &Path, output: &Output) -> Result<ExitCode> {
    match command {
        Command::Init(init) => make(folder, init, output)?,
        Command::Openapi => output::print(http::description().into())?,
        Command::Config(command) => config::run(&command, folder, output)?,
        Command::Keys(command) => keys::run(command, folder, output)?,
        Command::Issuer(asked) => issuer::run(&asked, output)?,
        Command::Log(asked) => return log::run(folder, &asked, output),
        Command::Completions { shell } => documents::completions(shell)?,
        Command::Man { command } => documents::man(command.as_deref())?,
        Command::Token(command) => token::run(&open(folder)?, command, output)?,
        Command::Work(WorkCommand::Add(asked)) => add::run(&open(folder)?, *asked, output)?,
        Command::Work(WorkCommand::List(list)) => work::list(&open(folder)?, &list, output)?,
        Command::Work(WorkCommand::Show(named)) => work::show(&open(folder)?, &named, output)?,
        Command::Work(WorkCommand::Withdraw(named)) => {
            work::withdraw(&open(folder)?, &named, output)?
        }
        Command::Shop(command) => shop::run(&open(folder)?, command, output)?,
        Command::Publish(publish) => work::publish(&open(folder)?, &publish, output)?,
        Command::Voucher(command) => voucher::run(&open(folder)?, command, output)?,
        Command::Credit(command) => credit::run(&open(folder)?, command, output)?,
        Command::Card(command) => card::run(&open(folder)?, &command, output)?,
        Command::Serve(asked) => serve::serve(open(folder)?, folder, asked, output)?,
        Command::Sales(sales) => return sales::sales(&open(folder)?, &sales, output),
        Command::Statement(asked) => statement::statement(&open(folder)?, &asked, output)?,
        Command::Payout(asked) => statement::pay_out(&open(folder)?, &asked, output)?,
        Command::Check => return report::check(&open(folder)?, output),
        Command::Status => report::status(&open(folder)?, folder, output)?,
        Command::Audit(asked) => return audit::audit(folder, &asked, output),
        Command::Backup(asked) => backup::backup(folder, &asked, output)?,
        Command::Restore(asked) => backup::restore(folder, &asked, output)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Makes a center; one that is there already is shown as it is.
fn make(folder: &Path, init: Init, output: &Output) -> Result<()> {
    let mut config = Config::default();
    if let Some(name) = &init.name {
        config.name.clone_from(name);
    }
    if let Some(root) = &init.issuer_root {
        config.test_mode = false;
        if init.name.is_none() {
            config.name = "Saifu center".into();
        }
        // What a card is given for nothing would be worth something here.
        config.purses.iter_mut().for_each(|purse| purse.initial = 0);
        let root = pinned_root(&issuer::read(root)?)?;
        Center::make_production(folder, &Options { config, ..options()? }, root)?;
        return keys::run(keys::KeysCommand::List, folder, output);
    }
    let center = Center::open(folder, Options { config, ..options()? })?;
    if init.name.is_some_and(|name| name != center.config().name) {
        return Err(Refusal::conflict(format!(
            "there is a center \"{}\" in {} already: rename it in its center.toml",
            center.config().name,
            folder.display()
        )));
    }
    report::status(&center, folder, output)
}

fn pinned_root(text: &[u8]) -> Result<PinnedRoot> {
    let bytes = hex::decode(text.trim_ascii()).ok();
    bytes.and_then(|bytes| PinnedRoot::from_bytes(&bytes).ok()).ok_or_else(|| {
        Refusal::malformed("this is no root: take the file of `saifu-center issuer root`")
    })
}

/// Opens a center that is there: a mistyped folder shall not become a new one.
fn open(folder: &Path) -> Result<Center> {
    let shown = folder.display();
    match Parts::of(folder)? {
        Parts::Whole => Center::open(folder, options()?),
        Parts::Begun => Err(Refusal::not_found(format!(
            "the center in {shown} is only begun, its making was interrupted: finish it with \
             `saifu-center init`"
        ))),
        Parts::None => Err(Refusal::not_found(format!(
            "there is no center in {shown}: name its folder with --data, or make one with \
             `saifu-center init`"
        ))),
    }
}

/// The variables that open the center's keys begin so.
const UNLOCK: &str = "SAIFU_CENTER";

fn options() -> Result<Options> {
    Ok(Options { unlock: Unlock::from_env(UNLOCK)?, ..Options::default() })
}

/// How this program is called again, on the folder that was named.
fn program(named: Option<&Path>) -> String {
    let Some(folder) = named else { return "saifu-center".into() };
    let folder = folder.display().to_string();
    let plain = |c: char| c.is_alphanumeric() || "/._-+,:@".contains(c);
    if !folder.is_empty() && folder.chars().all(plain) {
        return format!("saifu-center --data {folder}");
    }
    format!("saifu-center --data '{}'", folder.replace('\'', "'\\''"))
}

fn data_folder(named: Option<PathBuf>) -> Result<PathBuf> {
    let data_home = || env::var_os("XDG_DATA_HOME").map(PathBuf::from).filter(|p| p.is_absolute());
    let home = || env::var_os("HOME").map(|home| PathBuf::from(home).join(".local/share"));
    named
        .or_else(|| data_home().or_else(home).map(|data| data.join("saifu-center")))
        .ok_or_else(|| Refusal::malformed("no folder is known for the center: name it with --data"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hint_names_the_folder_that_was_named_as_a_shell_reads_it() {
        let program = |folder| program(Some(Path::new(folder)));
        assert_eq!(super::program(None), "saifu-center");
        assert_eq!(program("/srv/a-b.c"), "saifu-center --data /srv/a-b.c");
        assert_eq!(program("my shop"), "saifu-center --data 'my shop'");
        assert_eq!(program("it's"), "saifu-center --data 'it'\\''s'");
    }
}
