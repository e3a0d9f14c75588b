//! The way to a center over HTTP: honest servers, wrong ones, TLS, and the program.
#![cfg(feature = "embedded")]

mod program;
mod relay;
mod server;
#[path = "../shop/mod.rs"]
mod shop;
mod tls;
mod wrong;
