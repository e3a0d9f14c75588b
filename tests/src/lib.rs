//! Tests that see every room.
