//! What can be typed.

use super::again::Again;
use super::card_cancel::Cancel;
use super::card_end::End;
use super::exit;
use super::licences::Forget;
use super::pin::PinCommand;
use super::trace::{self, TraceCommand};
use super::ways::{CardWay, CenterWay};
use crate::money::Money;
use clap::{Args, CommandFactory, Parser, Subcommand};
use std::path::PathBuf;

/// Buy works with a card, and open them.
#[derive(Debug, Parser)]
#[command(name = "saifu", version, max_term_width = 100, after_help = exit::table())]
#[command(after_long_help = format!("{ENVIRONMENT}\n\n{}", exit::table()))]
pub(super) struct Arguments {
    #[command(flatten)]
    pub(super) global: Global,
    #[command(subcommand)]
    pub(super) command: Program,
}

/// The program as it is parsed, and as help and manual show it.
pub(super) fn program() -> clap::Command {
    trace::of_traces(Arguments::command())
}

/// The program as shells complete it.
pub(super) fn completed() -> clap::Command {
    trace::completed(Arguments::command())
}

const ENVIRONMENT: &str = "Environment:
  SAIFU_DATA       the data folder, as --data
  SAIFU_CARD       which card, as --card
  SAIFU_CENTER     which center, as --center
  SAIFU_CENTER_CA  whom to trust for its certificate, as --center-ca
  SAIFU_ROOT       the root to trust, as --root
  SAIFU_PIN        the card's PIN, where nobody is there to type it
  NO_COLOR         no colours, if set to anything";

/// What holds for every command.
#[derive(Debug, Args)]
pub(super) struct Global {
    /// The data folder [default: $XDG_DATA_HOME/saifu or ~/.local/share/saifu]
    #[arg(long, global = true, value_name = "DIR", env = "SAIFU_DATA")]
    pub(super) data: Option<PathBuf>,
    /// Which card: `pcsc` for the one in a reader, `pcsc:READER` to name a reader or a part of
    /// its name, `vpcd:HOST:PORT` to wait there for a virtual one, `virtual` for the data
    /// folder's own test card [default: `pcsc` where --center names a center, else `virtual`]
    #[arg(long, global = true, value_name = "CARD", env = "SAIFU_CARD")]
    pub(super) card: Option<CardWay>,
    /// Which center: its URL, or `embedded` for the data folder's own test center
    /// [default: `embedded`]
    #[arg(long, global = true, value_name = "URL", env = "SAIFU_CENTER", hide_env_values = true)]
    pub(super) center: Option<CenterWay>,
    /// Trust the center's TLS certificate if an authority of this PEM file signed it
    #[arg(long, global = true, value_name = "FILE", env = "SAIFU_CENTER_CA")]
    pub(super) center_ca: Option<PathBuf>,
    /// Trust cards and centers of the issuer whose root is in this file, as `saifu-center issuer
    /// root` writes it, and no others [default: the published test root]
    #[arg(long, global = true, value_name = "FILE", env = "SAIFU_ROOT")]
    pub(super) root: Option<PathBuf>,
    /// Send the card short APDUs only, for a reader that passes no others
    #[arg(long, global = true)]
    pub(super) short_apdus: bool,
    /// Seconds to wait for a card to be there, and then for each of its answers
    #[arg(long, global = true, value_name = "SECONDS", default_value_t = 30,
        value_parser = clap::value_parser!(u64).range(1..=3_600))]
    pub(super) card_timeout: u64,
    /// Seconds to wait for the center to connect, and then for whatever comes next from it
    #[arg(long, global = true, value_name = "SECONDS", default_value_t = 30,
        value_parser = clap::value_parser!(u64).range(1..=3_600))]
    pub(super) center_timeout: u64,
    /// Print JSON
    #[arg(long, global = true)]
    pub(super) json: bool,
}

/// Whether this is the terminal, with its data folder, or a tool that needs none.
#[derive(Debug, Subcommand)]
pub(super) enum Program {
    #[command(flatten)]
    Terminal(Command),
    /// Run, record, explain, check and convert traces: conversations with any card as text files
    #[command(subcommand)]
    Trace(TraceCommand),
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Show the card: who it is, its life cycle, PIN tries, certificates, room
    Card {
        #[command(subcommand)]
        what: Option<CardCommand>,
    },
    /// Try the PIN, change it, or set it anew by order of the card's issuer
    #[command(subcommand)]
    Pin(PinCommand),
    /// Show what the card's purses hold
    Balance(PinSource),
    /// List the works for sale, with their terms
    Browse {
        /// Those of this shop alone: its name in addresses, or its id
        #[arg(long, value_name = "SHOP")]
        shop: Option<String>,
        /// Those whose title or creator contains this
        #[arg(long, value_name = "TEXT")]
        search: Option<String>,
    },
    /// Fetch the preview of a work
    Preview {
        /// The work: its id, the beginning of it, or its title
        work: String,
        /// Where it goes; `-` for standard output
        #[arg(short, long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Open an account at the center, and load its initial value
    Register(PinSource),
    /// Load what waits at the center into the card: redeem a voucher, or begin a payment
    Load(Load),
    /// Buy a work: order, pay, decrypt
    Buy(Purchase),
    /// Open once more what was bought and the card has no licence of: deleted works, another card
    Again(Again),
    /// List the works that the card keeps, open and delete them
    Contents(Contents),
    /// Write off what a purse past its date holds
    Expire {
        /// The purse, as `saifu balance` numbers it
        purse: u32,
        #[command(flatten)]
        pin: PinSource,
    },
    /// List what was bought with this data folder
    Purchases,
    /// Finish sales that were interrupted
    Resume(Unfinished),
    /// Print a shell's completions
    #[command(hide = true)]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    #[command(hide = true)]
    Man {
        /// The command, for a page of its own
        command: Option<String>,
    },
}

/// What is loaded, and from where.
#[derive(Args)]
pub(super) struct Load {
    /// The purse, as `saifu balance` numbers it [default: the first that takes the voucher, purse 1
    /// for a payment, else all]
    #[arg(long, value_name = "NUMBER")]
    pub(super) purse: Option<u32>,
    /// Redeem this voucher first; case, hyphens and spaces do not matter
    #[arg(long, value_name = "CODE", conflicts_with = "amount")]
    pub(super) voucher: Option<String>,
    /// Begin a payment of this, in minor units of the purse's unit
    #[arg(long, value_name = "AMOUNT")]
    pub(super) amount: Option<u64>,
    #[command(flatten)]
    pub(super) pin: PinSource,
}

impl std::fmt::Debug for Load {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Load").field("purse", &self.purse).finish_non_exhaustive()
    }
}

/// What is bought, and how.
#[derive(Debug, Args)]
pub(super) struct Purchase {
    /// The work: its id, the beginning of it, or its title
    pub(super) work: String,
    /// Where it goes: a file that is not there yet, or a folder
    #[arg(short, long, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
    /// Have the card keep the work as well
    #[arg(long)]
    pub(super) keep: bool,
    /// Have the card keep the work as it comes, to be opened later (`saifu contents open`)
    #[arg(long, conflicts_with_all = ["keep", "output"])]
    pub(super) later: bool,
    /// Pay from this purse, as `saifu balance` numbers it [default: the first that can]
    #[arg(long, value_name = "NUMBER")]
    pub(super) purse: Option<u32>,
    #[command(flatten)]
    pub(super) consent: Consent,
}

/// What is done with the works that the card keeps.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct Contents {
    #[command(subcommand)]
    pub(super) action: Option<ContentsAction>,
    #[command(flatten)]
    pub(super) pin: PinSource,
}

#[derive(Debug, Subcommand)]
pub(super) enum ContentsAction {
    /// Open a work that the card keeps
    Open {
        /// Its number, as `saifu contents` lists it
        number: u64,
        /// Where it goes: a file that is not there yet, or a folder
        #[arg(short, long, value_name = "FILE")]
        output: PathBuf,
        #[command(flatten)]
        consent: Consent,
    },
    /// Delete a work from the card; what was bought stays bought
    Delete {
        /// Its number, as `saifu contents` lists it
        number: u64,
        #[command(flatten)]
        pin: PinSource,
    },
}

/// What is done with the card, apart from showing it.
#[derive(Debug, Subcommand)]
pub(super) enum CardCommand {
    /// List the licences on the card
    Licences,
    /// Give back what is on hold for a licence that no purchase of this data folder knows
    Cancel(Cancel),
    /// Forget a licence, with its key and its stored work, for ever
    Forget(Forget),
    /// End the card's life by orders of its issuer: it says what it leaves, and forgets all
    End(End),
}

/// Which sales are finished, and how.
#[derive(Debug, Args)]
pub(super) struct Unfinished {
    /// The sale, as `saifu purchases` names it [default: all]
    pub(super) sale: Option<String>,
    /// Where the work of this sale goes, instead of where it was to go
    #[arg(short, long, value_name = "FILE", requires = "sale")]
    pub(super) output: Option<PathBuf>,
    /// Give up what is not paid yet, instead of going on with it
    #[arg(long)]
    pub(super) give_up: bool,
    #[command(flatten)]
    pub(super) consent: Consent,
}

/// Where the PIN comes from. It is never an argument: others can read those.
#[derive(Debug, Clone, Args)]
pub(super) struct PinSource {
    /// Read the PIN from a file [default: $SAIFU_PIN, else it is asked for]
    #[arg(long, value_name = "FILE")]
    pub(super) pin_file: Option<PathBuf>,
}

/// Who agrees to a purchase, and to what.
#[derive(Debug, Clone, Args)]
pub(super) struct Consent {
    #[command(flatten)]
    pub(super) pin: PinSource,
    /// Agree to the signed price without being asked
    #[arg(long)]
    pub(super) yes: bool,
    /// Agree to nothing above this, as in "500 JPY"
    #[arg(long, value_name = "AMOUNT")]
    pub(super) max_price: Option<Money>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        program().debug_assert();
    }

    #[test]
    fn the_pin_is_no_argument() {
        for arguments in [["saifu", "balance", "1234"], ["saifu", "balance", "--pin=1234"]] {
            assert!(Arguments::try_parse_from(arguments).is_err(), "{arguments:?}");
        }
    }

    #[test]
    fn the_help_has_every_exit_code() {
        let help = program().render_long_help().to_string();
        for code in super::super::ExitCode::ALL {
            assert!(help.contains(code.meaning()), "{code:?}");
        }
    }
}
