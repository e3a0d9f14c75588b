//! The emulator: hosts applets on a PC's platform and plugs them into readers.
