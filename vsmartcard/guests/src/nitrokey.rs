//! Nitrokey's applets, and the firmware service that they call, in this process.
//!
//! For tests alone: the service draws its random numbers from a fixed seed and keeps everything
//! in RAM. It lives as long as the process, which a test's does not do long.

mod dispatch;

use std::thread;

use opcard::Card;
use piv_authenticator::Authenticator;
use saifu_vsmartcard::guest::Guest;
use trussed::backend::BackendId;
use trussed::pipe::TrussedChannel;
use trussed::virt::{self, Runner, StoreConfig};

use dispatch::{Backend, Dispatcher};

/// How an applet calls the service.
pub type Client = virt::Client<'static, Dispatcher>;

/// The service's backends, in the order in which they are asked.
const BACKENDS: &[BackendId<Backend>] =
    &[BackendId::Custom(Backend::Auth), BackendId::Custom(Backend::Staging), BackendId::Core];

/// A new OpenPGP card (PINs 123456 and 12345678) and a new PIV card (PIN 123456, the management
/// key that such cards have in the factory), both on a service of their own.
#[must_use]
pub fn applets() -> (Guest<Card<Client>>, Guest<Authenticator<Client>>) {
    let mut runner = Runner::new();
    let [openpgp, piv] = ["opcard", "piv"].map(|name| client(&mut runner, name));
    thread::spawn(move || {
        virt::with_platform(StoreConfig::ram(), |platform| {
            runner.run(platform, Dispatcher::new(), || {
                loop {
                    thread::park();
                }
            })
        })
    });
    let openpgp = Card::new(openpgp, opcard::Options::default());
    let piv = Authenticator::new(piv, piv_authenticator::Options::default());
    (Guest::new(openpgp), Guest::new(piv))
}

/// A client of the service that `runner` will run.
fn client(runner: &mut Runner<'static, Backend, dispatch::Contexts>, name: &str) -> Client {
    let channel = Box::leak(Box::new(TrussedChannel::new()));
    let (requester, responder) = channel.split().expect("nobody has split it");
    runner.add_endpoint(responder, name, BACKENDS);
    Client::new(requester, runner.syscall(), None)
}
