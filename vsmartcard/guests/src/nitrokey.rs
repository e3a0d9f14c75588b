//! Nitrokey's applets, and the firmware service that they call, in this process.
//!
//! For tests alone: the service draws its random numbers from a fixed seed and keeps everything
//! in RAM. It lives as long as the process, which a test's does not do long.

mod dispatch;

use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use opcard::Card;
use piv_authenticator::Authenticator;
use saifu_vsmartcard::guest::Guest;
use trussed::ClientImplementation;
use trussed::backend::BackendId;
use trussed::pipe::TrussedChannel;
use trussed::platform::Syscall;
use trussed::virt::{self, Runner, StoreConfig};

use dispatch::{Backend, Contexts, Dispatcher};

/// How an applet calls the service.
pub type Client = ClientImplementation<'static, Bell, Dispatcher>;

/// Tells the service that a request is there; one for all applets.
#[derive(Clone)]
pub struct Bell(Arc<Mutex<virt::Syscall>>);

impl Syscall for Bell {
    fn syscall(&mut self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).syscall();
    }
}

/// The service's backends, in the order in which they are asked.
const BACKENDS: &[BackendId<Backend>] =
    &[BackendId::Custom(Backend::Auth), BackendId::Custom(Backend::Staging), BackendId::Core];

/// A new OpenPGP card (PINs 123456 and 12345678) and a new PIV card (PIN 123456, the management
/// key that such cards have in the factory), both on a service of their own.
///
/// They are made anew at each reset, for the PIV card forgets its PIN by that alone.
#[must_use]
pub fn applets() -> (Guest<Card<Client>>, Guest<Authenticator<Client>>) {
    let mut runner = Runner::new();
    let [openpgp, piv] = ["opcard", "piv"].map(|name| clients(&mut runner, name));
    thread::spawn(move || {
        virt::with_platform(StoreConfig::ram(), |platform| {
            runner.run(platform, Dispatcher::new(), || {
                loop {
                    thread::park();
                }
            })
        })
    });
    let openpgp = move || Card::new(openpgp(), opcard::Options::default());
    let piv = move || Authenticator::new(piv(), piv_authenticator::Options::default());
    (Guest::made_by(openpgp), Guest::made_by(piv))
}

/// Makes clients of the service that `runner` will run, one after the other was dropped.
fn clients(
    runner: &mut Runner<'static, Backend, Contexts>,
    name: &str,
) -> impl Fn() -> Client + Send + use<> {
    let channel: &'static TrussedChannel = Box::leak(Box::new(TrussedChannel::new()));
    let responder = channel.responder().expect("nobody has taken it");
    runner.add_endpoint(responder, name, BACKENDS);
    let bell = Bell(Arc::new(Mutex::new(runner.syscall())));
    move || {
        let requester = channel.requester().expect("the client before was dropped");
        Client::new(requester, bell.clone(), None)
    }
}
