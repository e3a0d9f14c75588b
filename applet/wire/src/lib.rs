//! Shapes that card, terminal and center share: APDU codes, TLV, certificates and signed structures.
