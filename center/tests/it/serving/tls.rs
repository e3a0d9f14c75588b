//! Certificates and keys: which are taken, and what is said of the others.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use rcgen::{
    BasicConstraints, CertificateParams, IsCa, PKCS_ECDSA_P256_SHA256, PKCS_ED25519,
    PKCS_RSA_SHA256, date_time_ymd,
};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, ClientConnection, ProtocolVersion, RootCertStore, StreamOwned};
use saifu_center::serve::{Limits, Listen, MAX_PEM_BYTES, Server, Tls};
use saifu_center_api::ProblemCode;

use super::certificates::Authority;
use super::program::{Running, center, is_of_the_start, program};
use super::{PATIENCE, Serving, agent, rest};
use crate::desk::Desk;

/// A certificate of X.509 version 1, which nothing here makes any more.
const X509_VERSION_1: [&str; 8] = [
    "-----BEGIN CERTIFICATE-----",
    "MIIBGDCBvwIUP5sEV6+KjC/YjlPBS9cf7ykmH9kwCgYIKoZIzj0EAwIwDjEMMAoG",
    "A1UEAwwDb2xkMCAXDTI2MTEyMjE3Mzg1MVoYDzIxMjYxMDI5MTczODUxWjAOMQww",
    "CgYDVQQDDANvbGQwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAR9kDlMKQLfqaAH",
    "NP4IQuz84Sr2qwNVsyJ/KwlmDCMsnbPRc0/5vushclXjLjJgpvNxE2Oj/RxbxEB1",
    "ALGvvITTMAoGCCqGSM49BAMCA0gAMEUCID+mfj9wskbaqvcrpac6o1RG76QS3jJs",
    "N7BOGYeETtglAiEA+0VJNqB3b7R1R3OvLkj5hqyKzQWqjgQidNO3sbXLnJo=",
    "-----END CERTIFICATE-----",
];

/// Bytes in PEM.
fn pem(label: &str, der: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let group = |group: &[u8]| -> String {
        let bits = group.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte));
        let bits = bits << (8 * (3 - group.len()));
        let digit = |at: usize| char::from(DIGITS[(bits >> (18 - 6 * at) & 63) as usize]);
        (0..4).map(|at| if at <= group.len() { digit(at) } else { '=' }).collect()
    };
    let text: String =
        der.chunks(48).map(|line| line.chunks(3).map(group).collect::<String>() + "\n").collect();
    format!("-----BEGIN {label}-----\n{text}-----END {label}-----\n")
}

/// The key that a PKCS#8 file wraps: the last of its outer octet strings, to the end.
fn unwrapped(pkcs8: &[u8]) -> &[u8] {
    let length = pkcs8.len();
    let starts = |at: usize| match pkcs8[at..] {
        [0x04, short, 0x30, ..] if short < 0x80 => at + 2 + usize::from(short) == length,
        [0x04, 0x82, high, low, 0x30, ..] => {
            at + 4 + usize::from(u16::from_be_bytes([high, low])) == length
        }
        _ => false,
    };
    let at = (0..length).find(|at| starts(*at)).expect("an octet string to the end");
    &pkcs8[at + if pkcs8[at + 1] < 0x80 { 2 } else { 4 }..]
}

fn serves(authority: &Authority, tls: Tls) {
    let desk = Desk::open();
    let serving = Serving::with(&desk, Some(tls), Limits::default());
    let answer = agent(Some(&authority.der)).get(format!("{}/v1/center", serving.url)).call();
    assert_eq!(answer.unwrap().status(), 200);
}

#[test]
fn keys_of_every_kind_and_form_are_taken() {
    let authority = Authority::new();
    serves(&authority, authority.certify("ed25519", &PKCS_ED25519).0);
    for (name, kind, label) in [
        ("ecdsa", &PKCS_ECDSA_P256_SHA256, "EC PRIVATE KEY"),
        ("rsa", &PKCS_RSA_SHA256, "RSA PRIVATE KEY"),
    ] {
        let (tls, key) = authority.certify(name, kind);
        serves(&authority, tls.clone());
        let bare = pem(label, unwrapped(&key.serialize_der()));
        serves(&authority, Tls { key: authority.file("bare.key", &bare), ..tls });
    }
}

fn said(desk: &Desk, certificate: &Path, key: &Path) -> String {
    let tls = Some(Tls { certificate: certificate.into(), key: key.into() });
    let listen = Listen { address: "127.0.0.1:0".into(), tls, ..Listen::default() };
    let Err(refusal) = Server::bind(desk.shared(), listen) else { panic!("bound") };
    assert_eq!(refusal.code(), ProblemCode::Malformed);
    refusal.to_string()
}

#[test]
fn files_that_do_not_serve_are_refused_with_what_to_do() {
    let (desk, authority) = (Desk::open(), Authority::new());
    let (one, other) = (authority.server(), authority.certify("other", &PKCS_ED25519).0);
    let refused = said(&desk, &one.certificate, &other.key);
    assert!(refused.contains("is not that of the first certificate"), "{refused}");
    let (no_file, empty) = (Path::new("nowhere.pem"), authority.file("empty", "no PEM at all"));
    for refused in [said(&desk, no_file, &one.key), said(&desk, &one.certificate, no_file)] {
        assert!(refused.contains("nowhere.pem cannot be read"), "{refused}");
    }
    let refused = said(&desk, &empty, &one.key);
    assert!(refused.contains("name a chain of certificates in PEM"), "{refused}");
    for no_key in [&empty, &one.certificate] {
        let refused = said(&desk, &one.certificate, no_key);
        assert!(refused.contains("name a private key that is not encrypted"), "{refused}");
    }
    let broken = authority.file("broken", &pem("CERTIFICATE", b"no certificate"));
    assert!(said(&desk, &broken, &one.key).contains("name an X.509 certificate"));
    let old = X509_VERSION_1.map(|line| format!("{line}\n")).concat();
    let refused = said(&desk, &authority.file("old", &old), &one.key);
    assert!(refused.contains("version 1") && refused.contains("subjectAltName"), "{refused}");
    for encrypted in ["-----BEGIN ENCRYPTED PRIVATE KEY-----", "Proc-Type: 4,ENCRYPTED"] {
        let refused = said(&desk, &one.certificate, &authority.file("encrypted", encrypted));
        assert!(refused.contains("is encrypted") && refused.contains("openssl pkey"), "{refused}");
    }
    let pipe = empty.with_file_name("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    assert!(said(&desk, &pipe, &one.key).contains("no regular file"));
    let padded = fs::read_to_string(&one.key).unwrap() + &" ".repeat(MAX_PEM_BYTES as usize);
    let long = authority.file("long", &padded);
    assert!(said(&desk, &one.certificate, &long).contains("longer than 1 MiB"));
}

/// What is warned of when a server starts with this certificate.
fn warnings(authority: &Authority, change: impl Fn(&mut CertificateParams)) -> Vec<String> {
    let tls = Some(authority.certify_as("warned", &PKCS_ECDSA_P256_SHA256, change).0);
    let listen = Listen { address: "127.0.0.1:0".into(), tls, ..Listen::default() };
    Server::bind(Desk::open().shared(), listen).unwrap().warnings().to_vec()
}

#[test]
fn a_certificate_that_terminals_refuse_is_warned_of_with_what_to_do() {
    let authority = Authority::new();
    assert_eq!(warnings(&authority, |_| {}), [""; 0]);
    assert_eq!(warnings(&authority, |params| params.is_ca = IsCa::ExplicitNoCa), [""; 0]);
    let warned = |word: &str, change: fn(&mut CertificateParams)| {
        let told = warnings(&authority, change);
        assert!(told.len() == 1 && told[0].contains(word), "{word}: {told:?}");
        assert!(told[0].contains("warned.crt"), "{told:?}");
    };
    warned("expired on", |params| params.not_after = date_time_ymd(2001, 1, 1));
    warned("valid from", |params| params.not_before = date_time_ymd(2090, 1, 1));
    warned("subjectAltName=", |params| params.subject_alt_names.clear());
    warned("basicConstraints=CA:FALSE", |params| {
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    });
}

#[test]
fn both_versions_are_spoken_and_nothing_but_http_1_1() {
    let (desk, authority) = (Desk::open(), Authority::new());
    let serving = Serving::with(&desk, Some(authority.server()), Limits::default());
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(authority.der.clone())).unwrap();
    for (version, spoken) in
        [(&TLS12, ProtocolVersion::TLSv1_2), (&TLS13, ProtocolVersion::TLSv1_3)]
    {
        let mut config =
            ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
                .with_protocol_versions(&[version])
                .unwrap()
                .with_root_certificates(roots.clone())
                .with_no_client_auth();
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let name = ServerName::try_from("127.0.0.1").unwrap();
        let connection = ClientConnection::new(Arc::new(config), name).unwrap();
        let mut stream = StreamOwned::new(connection, serving.connect());
        stream
            .write_all(b"GET /v1/center HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        assert_eq!(stream.conn.protocol_version(), Some(spoken));
        assert_eq!(stream.conn.alpn_protocol(), Some(&b"http/1.1"[..]));
    }
}

#[test]
fn whoever_does_not_know_the_authority_does_not_talk_to_the_server() {
    let (desk, authority) = (Desk::open(), Authority::new());
    let serving = Serving::with(&desk, Some(authority.server()), Limits::default());
    for stranger in [None, Some(Authority::new().der)] {
        let answer = agent(stranger.as_deref()).get(format!("{}/v1/center", serving.url)).call();
        assert!(answer.unwrap_err().to_string().contains("certificate"));
    }
}

#[test]
fn a_certificate_is_renewed_while_it_serves_and_kept_where_the_new_one_is_none() {
    let (folder, old) = (center(), Authority::new());
    let files = old.server();
    let mut command = program(folder.path(), &["--json", "serve", "--listen", "127.0.0.1:0"]);
    command.arg("--tls-certificate").arg(&files.certificate).arg("--tls-key").arg(&files.key);
    let mut running = Running::spawn(command.stderr(Stdio::piped()));
    let url = format!("{}/v1/center", running.url);
    let is_served = |authority: &Authority| agent(Some(&authority.der)).get(&url).call().is_ok();
    assert!(is_served(&old));
    fs::write(&files.key, "no key").unwrap();
    running.signal("HUP");
    let mut told = BufReader::new(running.child.stderr.take().unwrap()).lines().map(Result::unwrap);
    let line = told.find(|line| !is_of_the_start(line)).unwrap();
    assert!(line.contains("stays the one it was") && line.contains("server.key"), "{line}");
    assert!(is_served(&old));
    let (new, begun) = (Authority::new(), Instant::now());
    let renewed = new.server();
    fs::copy(renewed.certificate, &files.certificate).unwrap();
    fs::copy(renewed.key, &files.key).unwrap();
    running.signal("HUP");
    while !is_served(&new) {
        assert!(begun.elapsed() < PATIENCE, "it is not renewed");
        thread::sleep(Duration::from_millis(20));
    }
    assert!(!is_served(&old));
}

#[test]
fn a_handshake_that_does_not_come_or_is_none_is_cut_off() {
    let (desk, authority) = (Desk::open(), Authority::new());
    let limits = Limits { handshake: Duration::from_secs(1), ..Limits::default() };
    let serving = Serving::with(&desk, Some(authority.server()), limits);
    assert_eq!(rest(&mut serving.sent(b"")), "");
    assert_eq!(rest(&mut serving.sent(b"\x16\x03\x01")), "");
    let plain = rest(&mut serving.sent(b"GET /v1/center HTTP/1.1\r\nHost: a\r\n\r\n"));
    assert!(!plain.contains("HTTP/1.1"), "{plain}");
    let agent = agent(Some(&authority.der));
    assert_eq!(agent.get(format!("{}/v1/center", serving.url)).call().unwrap().status(), 200);
}
