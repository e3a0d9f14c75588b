//! The center as its callers see it: the router in process or over a network, a folder of its
//! own, and cards that keep to the contract, or do not.

mod again;
mod auditing;
mod card;
mod cards;
mod catalogue;
mod chains;
mod cli;
mod desk;
mod evidence;
mod forgotten;
mod funding;
mod holding;
mod interface;
mod keys_commands;
mod killed;
mod large;
mod limits;
mod loading;
mod mall;
mod opening;
mod operators;
mod ordering;
mod pages;
mod production;
mod ranges;
mod refunding;
mod registering;
mod restoring;
mod revoking;
mod rotating;
mod serving;
mod settling;
mod statements;
mod suspense;
mod terms;
