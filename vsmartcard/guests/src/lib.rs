//! Applets that others wrote, unchanged, in our card runtime.
//!
//! With the feature `nitrokey`: the OpenPGP card `opcard` and the PIV card `piv-authenticator`
//! of Nitrokey, on `trussed` with its memories in RAM. The tests put them beside the Saifu
//! applet into one card, and have GnuPG, OpenSC and Yubico's tools talk to it through pcscd.

#[cfg(feature = "nitrokey")]
pub mod nitrokey;
