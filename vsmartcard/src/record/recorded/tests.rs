use super::*;
use crate::faults::Faulty;
use crate::harness::Echo;
use std::path::Path;

const VERIFY: [u8; 9] = [0x00, 0x20, 0x00, 0x81, 4, 0x31, 0x32, 0x33, 0x34];
const GET_DATA: [u8; 5] = [0x00, 0xCA, 0xDF, 0x02, 0x00];

/// An echo card's talk, with faults, recorded into a file.
fn talk(recording: Recording, faults: &[&str]) {
    let hand = Faults::default();
    for text in faults {
        hand.add(text.parse().unwrap()).unwrap();
    }
    let card = Faulty::new(Echo::answering(1), hand.clone());
    let mut card = Recorded::new(card, Some(recording), hand);
    card.power_on();
    for _ in 0..3 {
        card.atr(&Atr::default());
    }
    card.transmit(&GET_DATA);
    card.transmit(&VERIFY);
    card.reset();
    card.transmit(&GET_DATA);
    card.power_off();
    card.finish().unwrap();
}

/// A file's lines without their times, which are seconds with six digits.
fn lines(path: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(path).unwrap();
    let line = |line: &str| match line.rsplit_once(" @") {
        Some((line, time)) => {
            assert_eq!(time.split_once('.').unwrap().1.len(), 6, "{time}");
            line.to_owned()
        }
        None => line.to_owned(),
    };
    text.lines().map(line).collect()
}

#[test]
fn the_plain_form_has_a_line_for_each_thing_and_no_pin() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("talk.txt");
    talk(Recording::create(&path).unwrap(), &["stray=0708@3"]);
    let atr = format!("= atr {}", Atr::default());
    let lines = lines(&path);
    assert!(lines[0].starts_with("# saifu-card recording 1, begun "), "{}", lines[0]);
    assert_eq!(
        lines[1..],
        [
            "= power on",
            &atr,
            "> 00CADF0200",
            "< 009000",
            "> 00200081[redacted]",
            "< [redacted]9000",
            "= reset",
            "> 00CADF0200",
            "# fault stray=0708@3 at command 3 (00CADF02)",
            "< 009000",
            "= stray 0708",
            "= power off",
        ]
    );
}

#[test]
fn a_card_tells_of_no_fault_that_met_the_one_before_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("talk.txt");
    let hand = Faults::default();
    hand.add("empty".parse().unwrap()).unwrap();
    Faulty::new(Echo::answering(0), hand.clone()).transmit(&GET_DATA);
    let recording = Some(Recording::create(&path).unwrap());
    let mut card = Recorded::new(Faulty::new(Echo::answering(0), hand.clone()), recording, hand);
    card.transmit(&GET_DATA);
    assert_eq!(lines(&path)[1..], ["> 00CADF0200", "< 9000"]);
}

#[test]
fn the_next_cards_recording_follows_what_the_one_before_still_says() {
    let folder = tempfile::tempdir().unwrap();
    let card = |recording| Recorded::new(Echo::answering(0), Some(recording), Faults::default());
    let path = folder.path().join("talk.txt");
    std::fs::write(&path, "of another day").unwrap();
    let mut first = card(Recording::create(&path).unwrap());
    first.power_on();
    let mut next = card(Recording::go_on(&path, true).unwrap());
    first.power_off();
    next.power_on();
    next.power_off();
    let said = lines(&path);
    assert_eq!(said[1..3], ["= power on", "= power off"]);
    assert!(said[3].starts_with("# saifu-card recording 1, begun "), "{said:?}");
    assert_eq!(said[4..], ["= power on", "= power off"]);
    let path = folder.path().join("talk.pcap");
    let mut first = card(Recording::create(&path).unwrap());
    let mut next = card(Recording::go_on(&path, true).unwrap());
    next.power_on();
    first.power_off();
    let bytes = std::fs::read(&path).unwrap();
    assert_eq!(packets(&bytes[24..]).len(), 2, "one header, and both");
    std::fs::remove_file(&path).unwrap();
    card(Recording::go_on(&path, true).unwrap()).power_on();
    let again = std::fs::read(&path).unwrap();
    assert_eq!((&again[..24], packets(&again[24..]).len()), (&bytes[..24], 1));
}

#[test]
fn what_is_no_answer_is_told_in_words() {
    let folder = tempfile::tempdir().unwrap();
    for (fault, told) in [
        ("drop@1", "= silence"),
        ("duplicate@1", "= twice"),
        ("empty@1", "< "),
        ("cut=1@1", "= cut after 1 bytes"),
        ("away=2s@1", "= pulled for 2000 ms"),
        ("die@1", "= gone"),
    ] {
        let path = folder.path().join("talk.txt");
        talk(Recording::create(&path).unwrap(), &[fault]);
        let lines = lines(&path);
        assert!(lines.contains(&told.to_owned()), "{fault}: {lines:?}");
        let comment = format!("# fault {fault} at command 1 (00CADF02)");
        assert!(lines.contains(&comment), "{lines:?}");
    }
}

#[test]
#[cfg(unix)]
fn an_unredacted_recording_has_the_pin_and_only_its_owner_reads_it() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("talk.txt");
    std::fs::write(&path, "there already, for everybody").unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    talk(Recording::create_unredacted(&path).unwrap(), &[]);
    assert!(lines(&path).contains(&"> 002000810431323334".to_owned()));
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_pcap_names_wiresharks_dissectors_and_has_no_pin() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("talk.pcap");
    talk(Recording::create(&path).unwrap(), &[]);
    let bytes = std::fs::read(&path).unwrap();
    let header = [0x4D, 0x3C, 0xB2, 0xA1, 2, 0, 4, 0];
    assert_eq!(bytes[..8], header);
    assert_eq!(bytes[20..24], [252, 0, 0, 0]);
    let packets = packets(&bytes[24..]);
    let command = [b"\0\x0C\0\x08iso7816\0\0\x23\0\x04\0\0\0\0\0\0\0\0".as_slice(), &GET_DATA];
    assert_eq!(packets[2], command.concat());
    let answer = b"\0\x0C\0\x08iso7816\0\0\x23\0\x04\0\0\0\x01\0\0\0\0\0\x90\0";
    assert_eq!(packets[3], answer);
    assert!(packets[4].ends_with(&VERIFY[..4]), "the header and no more");
    assert!(!bytes.windows(4).any(|window| window == &VERIFY[5..]));
}

/// A pcap's packets; their two lengths agree.
fn packets(mut bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut packets = Vec::new();
    while let Some((header, rest)) = bytes.split_first_chunk::<16>() {
        assert_eq!(header[8..12], header[12..16]);
        let length = u32::from_le_bytes(header[8..12].try_into().unwrap()) as usize;
        packets.push(rest[..length].to_vec());
        bytes = &rest[length..];
    }
    packets
}

#[test]
fn a_file_that_cannot_be_made_is_told_with_its_name() {
    let error = Recording::create(Path::new("/nowhere/talk.txt")).unwrap_err().to_string();
    assert!(error.contains("/nowhere/talk.txt cannot be written"), "{error}");
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_ends_the_recording_and_not_the_card() {
    // Its first line is written to the device at once, too.
    let error = Recording::create(Path::new("/dev/full")).unwrap_err().to_string();
    assert!(error.contains("/dev/full"), "{error}");
}

/// A pipe whose other end closes is like a disk that is full.
#[test]
#[cfg(unix)]
fn a_recording_that_takes_no_more_is_told_at_its_end_and_the_card_answers_on() {
    use std::io::{BufRead, BufReader};
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("talk.txt");
    assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
    let other_end = path.clone();
    let reads = std::thread::spawn(move || {
        let mut line = String::new();
        BufReader::new(std::fs::File::open(other_end).unwrap()).read_line(&mut line).unwrap();
        line
    });
    let recording = Recording::create(&path).unwrap();
    assert!(reads.join().unwrap().starts_with("# saifu-card recording"));
    let mut card = Recorded::new(Echo::answering(0), Some(recording), Faults::default());
    for _ in 0..2 {
        assert_eq!(card.transmit(&GET_DATA), Reply::Answer(vec![0x90, 0x00]));
    }
    let error = card.finish().unwrap_err().to_string();
    assert!(error.contains("talk.txt cannot be written"), "{error}");
}
