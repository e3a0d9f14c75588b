//! The card: an ISO 7816 applet that unwraps, decrypts and pays.
