//! Which card and which center a command works with.

use std::convert::Infallible;
use std::str::FromStr;

/// A way to a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum CardWay {
    /// The virtual test card of the data folder, in this process.
    Virtual,
    /// The card in a PC/SC reader whose name has this in it; any reader if none is named.
    Pcsc(Option<String>),
    /// A virtual card that connects to this address, where vpcd would listen.
    Vpcd(String),
}

/// A way to a center.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum CenterWay {
    /// The test center of the data folder, in this process.
    Embedded,
    /// The center at what is to be a URL; not judged yet, for it may hold a password, which an
    /// error of the command line would repeat.
    Url(String),
}

impl FromStr for CardWay {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (kind, rest) = match text.split_once(':') {
            Some((kind, rest)) => (kind, Some(rest)),
            None => (text, None),
        };
        match (kind, rest) {
            ("virtual", None) => Ok(Self::Virtual),
            ("pcsc", reader) if reader != Some("") => Ok(Self::Pcsc(reader.map(str::to_owned))),
            ("vpcd", Some(address)) if is_address(address) => Ok(Self::Vpcd(address.to_owned())),
            _ => Err("write pcsc, pcsc:READER, vpcd:HOST:PORT or virtual"),
        }
    }
}

impl FromStr for CenterWay {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text {
            "embedded" => Self::Embedded,
            url => Self::Url(url.to_owned()),
        })
    }
}

fn is_address(text: &str) -> bool {
    let parts = text.rsplit_once(':').filter(|(host, _)| !host.is_empty());
    parts.is_some_and(|(_, port)| port.parse::<u16>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_is_named_by_kind_and_place() {
        let pcsc = |name: Option<&str>| Ok(CardWay::Pcsc(name.map(str::to_owned)));
        assert_eq!("virtual".parse(), Ok(CardWay::Virtual));
        assert_eq!("pcsc".parse(), pcsc(None));
        assert_eq!("pcsc:Virtual PCD 00 00".parse(), pcsc(Some("Virtual PCD 00 00")));
        assert_eq!("vpcd:[::1]:35963".parse(), Ok(CardWay::Vpcd("[::1]:35963".into())));
        for wrong in ["", "usb", "pcsc:", "vpcd", "vpcd:localhost", "vpcd::1", "virtual:x"] {
            assert!(wrong.parse::<CardWay>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_center_is_named_by_a_word_or_by_what_is_to_be_its_url() {
        assert_eq!("embedded".parse(), Ok(CenterWay::Embedded));
        for url in ["https://shop.example/", "HTTP://LOCALHOST:8440", "shop.example", ""] {
            assert_eq!(url.parse(), Ok(CenterWay::Url(url.into())));
        }
    }
}
