//! What the minor units of a unit are.

/// The decimals of a unit: ISO 4217's for a currency, none for a center's own unit.
pub fn decimals(unit: &str) -> u32 {
    let currency = unit.len() == 3 && unit.bytes().all(|byte| byte.is_ascii_uppercase());
    match unit {
        "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX"
        | "UYI" | "VND" | "VUV" | "XAF" | "XOF" | "XPF" => 0,
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
        "CLF" | "UYW" => 4,
        _ if currency => 2,
        _ => 0,
    }
}
