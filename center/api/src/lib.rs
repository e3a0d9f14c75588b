//! The types of the center's HTTP interface.
