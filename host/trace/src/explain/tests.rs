use super::text::{Line, explain};
use super::*;
use saifu_wire::answer::{CardStatus, Health, LifeCycle, MemoryState, Selected};
use saifu_wire::certificate::Assurance;
use saifu_wire::codec::{Bytes, List, Wire};
use saifu_wire::ins::Ins;
use saifu_wire::signed::{Licence, Message, PaymentOrder, Signed};
use saifu_wire::value::{Kind, Price, ScopeKind, Unit};
use saifu_wire::{CardId, CenterId, ContentId, Digest, OrderId, ShopId, Status};
use std::path::Path;

fn hex(text: &str) -> Vec<u8> {
    hex::decode(text.replace(' ', "")).unwrap()
}

fn lines(text: &str) -> Vec<Line> {
    explain(Path::new("-"), text)
}

/// All that is told of a text.
fn told(text: &str) -> String {
    let told = lines(text).into_iter().flat_map(|line| line.told);
    told.map(|told| told.to_string()).collect::<Vec<_>>().join("\n")
}

fn says(told: &Told, words: &[&str]) {
    let text = told.to_string();
    for word in words {
        assert!(text.contains(word), "`{word}` is not in:\n{text}");
    }
}

fn licence() -> Vec<u8> {
    let price = Price {
        kind: Kind::BitCash,
        unit: Unit::new("EUR").unwrap(),
        amount: 1250,
        scope: ScopeKind::Any,
    };
    let message = Licence {
        center: CenterId([0xC1; 16]),
        signer: 1,
        shop: ShopId([0; 16]),
        number: 7,
        order: OrderId([2; 16]),
        card: CardId([3; 16]),
        card_key: Digest([4; 32]),
        content: ContentId([5; 16]),
        content_version: 1,
        header: Digest([6; 32]),
        total_bytes: 1000,
        prices: List(vec![price]),
        payment: PaymentOrder::DecryptFirst,
        uses: 0,
        not_before: 0,
        not_after: 1_800_000_000,
        needs_time: true,
        time: 1_700_000_000,
        center_key: Digest([8; 32]),
        commitment: Digest([9; 32]),
        wrapped_key: Bytes(vec![1; 256]),
    };
    Signed::sign(message, |_| Ok::<_, std::convert::Infallible>([7; 64])).unwrap().to_bytes()
}

#[test]
fn a_command_is_told_with_class_parameters_lengths_and_data() {
    let select = Explainer::new().command(&hex("00 A4 04 00 07 F0534149465501 00"));
    let words = ["SELECT", "interindustry, channel 0", "by name", "case 4, short", "Saifu"];
    says(&select, &words);
    let chained = Explainer::new().command(&hex("93 38 00 00 01 00"));
    says(&chained, &["DEBIT", "proprietary, channel 3, more of this chain follows", "a part of"]);
    let long = Explainer::new().command(&hex("4C CA DF 02 00 0000"));
    says(&long, &["GET DATA", "channel 16", "at most 65536", "case 2, extended", "card status"]);
    let open = Explainer::new().command(&hex("00 70 00 00 01"));
    says(&open, &["MANAGE CHANNEL", "opens the next channel"]);
    let read = Explainer::new().command(&hex("00 B0 85 10 20"));
    says(&read, &["READ BINARY", "short file identifier 5, from byte 16", "at most 32"]);
    let record = Explainer::new().command(&hex("00 B2 03 0C 00"));
    says(&record, &["READ RECORD", "record 3 of short file identifier 1"]);
    let install = Explainer::new().command(&hex("80 E6 02 00 0A 05 A000000062 00 00 00 00"));
    says(&install, &["INSTALL", "for load", "load file: A000000062"]);
}

#[test]
fn every_command_of_ours_is_told_by_its_name_and_section() {
    for ins in Ins::ALL {
        let p1_p2 = if *ins == Ins::VerifyCertificate { [0x00, 0xBE] } else { [0, 0] };
        let command = [&[ins.cla(), ins.code()][..], &p1_p2].concat();
        let told = Explainer::new().command(&command).to_string();
        assert!(told.contains(ins.section()), "{}: {told}", ins.name());
        for length in [0, 1, 8, 24, 70, 200] {
            let data = vec![0x5A; length];
            let command = [&command[..], &[length as u8], &data].concat();
            let mut explainer = Explainer::new();
            explainer.command(&command);
            explainer.answer(&[&data[..], &[0x90, 0x00]].concat());
        }
    }
}

#[test]
fn lengths_that_lie_and_commands_that_are_none_are_told_so() {
    let lying = Explainer::new().command(&hex("00 A4 04 00 07 F0"));
    says(&lying, &["SELECT", "the input ends inside a field"]);
    says(&Explainer::new().command(&hex("00 A4")), &["no command", "at least 4"]);
    says(&Explainer::new().command(&[]), &["no command"]);
    let sim = Explainer::new().command(&hex("A0 A4 00 00 02 3F00"));
    says(&sim, &["SIM card", "file identifier: 3F00"]);
}

#[test]
fn a_pin_is_never_told() {
    for (command, words) in [
        ("00 20 00 81 04 31323334", "a PIN of 4 digits"),
        ("00 20 00 80 08 313233343536FFFF", "a PIN of 6 digits"),
        ("A0 20 00 01 08 31323334FFFFFFFF", "a PIN of 4 digits"),
        ("00 24 00 81 09 04 31323334 39383736", "new PIN: a PIN of 4 digits"),
        ("00 2C 00 81 08 0000 0004 31323334", "new pin: a PIN of 4 digits"),
        ("00 2C 00 81 08 31323334 31323334", "secret: 8 bytes, not well formed"),
        ("80 20 00 81 04 31323334", "secret: a PIN of 4 digits"),
        ("80 E2 00 00 07 DF22 04 31323334", "PIN: a PIN of 4 digits"),
        ("80 E2 80 00 05 8010313233", "secret: a PIN or password of 5 bytes"),
        ("00 C2 00 00 09 00 20 00 81 04 31323334", "secret: a PIN or password of 9 bytes"),
        ("00 20 00 81", "asks how many tries"),
        ("80 D8 01 81 04 31323334", "of 4 digits"),
        ("00 20 00 81 05 3132333441", "a PIN or password of 5 bytes"),
    ] {
        let told = Explainer::new().command(&hex(command));
        says(&told, &[words]);
        let text = told.to_string();
        assert!(!text.contains("31323334") && !text.contains("1234"), "{text}");
    }
}

#[test]
fn no_line_of_a_text_shows_a_pin_either() {
    for text in [
        "> 00 20 00 81 04 31 32 33 34\nsw 9000\n",
        "> VERIFY \"1234\"\nset pin = \"1234\"\ncard test pin=\"1234\"\n",
        "RST\nCMD A0 20 00 01 08 \\\n31 32 33 34 FF FF FF FF \\\n(90 00)\nREM a\n",
        "0020008104313233340\n00 20 00 81 04 31 32 33 34\n> 00 20 00 81 04 31 32 33 34\n< 90 00 : x\n",
        "Outgoing APDU (9 bytes):\n00 20 00 81 04 31 32 33 34 . ...1234\nIncoming APDU (2 bytes):\n90 00 ..\n",
        "A>> T=1 (4+0004) 00200081 04 31323334\nA<< (0000+2) (1ms) 9000\n",
        "hello\nsend 00 20 00 81 04 31 32 33 34\n",
        "0020008104 31323334\n",
    ] {
        for line in lines(text) {
            let digits: String = line.text.chars().filter(|c| !c.is_whitespace()).collect();
            let told: String = line.told.iter().map(ToString::to_string).collect();
            for shown in [digits.replace("00200081043132333400", ""), told] {
                let is_shown = shown.contains("31323334") && !shown.contains("313233340");
                assert!(!is_shown && !shown.contains("1234\""), "{text}: {shown}");
            }
        }
    }
}

#[test]
fn a_licence_is_told_field_by_field() {
    let licence = licence();
    let words = [
        "Licence: SLIC, signed",
        "number: 7",
        "price 1 of 1",
        "kind: bit cash (01)",
        "amount: 1250 (minor units of EUR)",
        "payment: decrypt first (02)",
        "uses: 0, no limit",
        "not before: none",
        "not after: 2027-01-15T08:00:00Z",
        "needs time: yes",
        "time: 2023-11-14T22:13:20Z",
        "identity: ",
    ];
    says(&anything(&licence), &words);
    let [high, low] = (licence.len() as u16).to_be_bytes();
    let command = [&[0x80, 0x32, 0x01, 0x00, 0x00, high, low][..], &licence].concat();
    let told = Explainer::new().command(&command);
    says(&told, &["LOAD LICENCE", "its key is kept", "Licence: SLIC"]);
    let broken = anything(&licence[..100]);
    says(&broken, &["Licence", "not well formed"]);
}

#[test]
fn every_signed_structure_is_known_by_its_tag() {
    for tag in ["SLIC", "STKN", "SEVT", "SCHL", "SIAU", "SPRF", "SCLO", "SOPN", "SCRD", "SRCT"] {
        assert!(signed::is_one(tag.as_bytes()), "{tag}");
    }
    for tag in ["STIM", "SUNB", "STRM"] {
        assert!(signed::is_one(tag.as_bytes()), "{tag}");
    }
    assert!(!signed::is_one(b"SSTR") && signed::is_one(&Licence::TAG));
}

#[test]
fn what_our_card_says_of_itself_is_told() {
    let status = CardStatus {
        life_cycle: LifeCycle::Activated,
        assurance: Assurance::Test,
        memory: MemoryState::Good,
        pin_tries: 2,
        licences: 1,
        max_licences: 256,
        outbox: 0,
        max_outbox: 16,
        centers: 1,
        max_centers: 8,
        health: Health::Good,
    };
    let mut explainer = Explainer::new();
    explainer.command(&hex("00 A4 04 00 07 F0534149465501 00"));
    let fci = Selected::new(LifeCycle::Activated, Assurance::Test).to_fci();
    let told = explainer.answer(&[&fci[..], &[0x90, 0x00]].concat());
    says(&told, &["6F file control", "81 life cycle: activated (05)", "02 most bytes: 65526"]);
    explainer.command(&hex("00 CA DF 02 00"));
    let told = explainer.answer(&[&status.to_bytes()[..], &[0x90, 0x00]].concat());
    says(&told, &["life cycle: activated (05)", "pin tries: 2", "max licences: 256"]);
}

#[test]
fn an_answer_in_parts_is_told_when_it_is_whole() {
    let mut explainer = Explainer::new();
    explainer.command(&hex("00 88 00 00 01 00 00"));
    let first = explainer.answer(&hex("6F0384 6102"));
    says(&first, &["SW 6102", "2 bytes are left", "3 bytes, and more to come"]);
    explainer.command(&hex("00 C0 00 00 02"));
    let rest = explainer.answer(&hex("0107 9000"));
    says(&rest, &["6F file control information (FCI)", "84 application identifier"]);
}

#[test]
fn another_application_is_not_told_in_our_words() {
    let mut explainer = Explainer::new();
    explainer.command(&hex("00 A4 04 00 05 A000000308"));
    says(&explainer.answer(&hex("9000")), &["done"]);
    let told = explainer.command(&hex("80 38 00 00 01 00"));
    says(&told, &["INS 38: not known"]);
    says(&explainer.answer(&hex("6A82")), &["file or application not found"]);
    explainer.reset();
    says(&explainer.command(&hex("80 38 00 00 01 00")), &["DEBIT"]);
}

#[test]
fn every_status_word_of_ours_is_told_in_our_words() {
    for status in Status::ALL {
        let told = Explainer::new().answer(&status.to_be_bytes());
        assert_eq!(told.value, status.meaning());
    }
    for (word, words) in [
        ("61 00", "256 bytes or more"),
        ("63 C2", "2 tries are left"),
        ("6C 10", "16 bytes are there"),
        ("91 0B", "proactive command of 11 bytes"),
        ("62 81", "corrupted"),
        ("67 01", "of the card's own"),
        ("12 34", "no status word of the standard"),
        ("90", "no status word"),
    ] {
        says(&Explainer::new().answer(&hex(word)), &[words]);
    }
}

#[test]
fn answers_to_reset_are_told_byte_by_byte() {
    let ours = anything(&hex("3B8D8131FE458031C173C001DF655341494655B6"));
    let words =
        ["T=1", "254 bytes", "command chaining", "8 or more", "(\"SAIFU\")", "TCK B6: right"];
    says(&ours, &words);
    says(&Explainer::new().atr(&hex("3B8D8131FE45")), &["cut short"]);
    says(&Explainer::new().atr(&hex("3B80800100")), &["wrong: the bytes"]);
    says(&Explainer::new().atr(&hex("3B0000")), &["more than there should be"]);
    says(&Explainer::new().atr(&hex("3B00")), &["direct convention", "0 historical bytes"]);
}

#[test]
fn data_objects_are_told_as_trees() {
    let registry = anything(&hex("E3 0E 4F05A000000151 9F700101 C501 80"));
    says(&registry, &["E3 registry entry", "4F application identifier", "9F70 life cycle state"]);
    let deep = anything(&[[0x6F, 0x7E].repeat(40), vec![0; 8]].concat());
    says(&deep, &["bytes"]);
    let oid = anything(&hex("66 0B 73 09 0607 2A864886FC6B01"));
    says(&oid, &["66 card data", "73 card recognition data", "1.2.840.114283.1 (GlobalPlatform)"]);
}

#[test]
fn a_text_keeps_the_lines_that_are_not_known() {
    let text = "hello\n00A4040007F053414946550100\n6A82\n# nothing\n";
    let lines = lines(text);
    assert_eq!(lines.iter().map(|line| &*line.text).collect::<Vec<_>>().join("\n") + "\n", text);
    let known: Vec<_> = lines.iter().map(|line| line.told.len()).collect();
    assert_eq!(known, [0, 1, 1, 0]);
    assert_eq!(lines[2].told[0].name, "SW 6A82");
}

#[test]
fn traces_recordings_and_logs_are_told_line_by_line() {
    for text in [
        "> SELECT F0 53 41 49 46 55 01\n< 6F 00 9000\n",
        "# saifu-card recording 1, begun 1 s\n> 00A4040007F053414946550100 @0.1\n< 6F009000 @0.2\n",
        "A>> T=1 (4+0007) 00A40400 07 F0534149465501 00\nA<< (0002+2) (2ms) 6F00 9000\n",
        "CMD 00 A4 04 00 07 F0 53 41 49 46 55 01 00 [6F 00] (90 00)\n",
        "[12:00:01] send: 00A4040007F053414946550100\n[12:00:02] recv: 6F009000\n",
    ] {
        let told = told(text);
        assert!(told.contains("application: Saifu"), "{text}: {told}");
        assert!(told.contains("6F file control information"), "{text}: {told}");
    }
    let computed = told("> 00 88 00 00 {random(32)} 00\n> VERIFY $pin\n");
    assert!(
        computed.contains("INTERNAL AUTHENTICATE") && computed.contains("VERIFY"),
        "{computed}"
    );
}

#[test]
fn no_bytes_make_it_panic() {
    let mut state = 7_u64;
    let mut byte = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as u8
    };
    for round in 0..20_000 {
        let count = usize::from(byte()) % 48;
        let mut bytes: Vec<u8> = (0..count).map(|_| byte()).collect();
        if round % 3 == 0 {
            let licence = licence();
            bytes = licence[..usize::from(byte()) * 3 % licence.len()].to_vec();
        }
        let _ = anything(&bytes).to_string();
        let mut explainer = Explainer::new();
        let _ = explainer.command(&bytes).to_string();
        let _ = explainer.answer(&bytes).to_string();
        let _ = explainer.atr(&bytes).to_string();
        let _ = lines(&format!("{} {}", hex::encode(&bytes), String::from_utf8_lossy(&bytes)));
    }
}
