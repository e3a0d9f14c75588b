//! The way to a center over HTTP: honest servers, wrong ones, TLS, and the program.
#![cfg(feature = "embedded")]

mod named;
mod program;
mod relay;
mod server;
#[path = "../shop/mod.rs"]
mod shop;
mod slow;
mod tls;
mod wrong;
