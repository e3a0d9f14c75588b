"""Makes the vectors in this folder: `python3 make.py`, with the package `cryptography`.

The same bytes come out each time. See README.md.
"""

import json
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from formats import (
    EXPONENT, ORDER, Drawn, P256, Rsa, cbc, certificate, expand, oaep, padded, sha256, signed,
    stream_header, stream_segments, tag, u8, u16, u32, u64,
)

HERE = Path(__file__).parent
NOW = 1_795_305_600
CENTER = bytes.fromhex("c1" * 16)
CARD = bytes.fromhex("ca" * 16)
ACCOUNT = bytes.fromhex("ac" * 16)
ROOT = P256("saifu test root")
ROOT_NAME = b"ZZSAIFUTEST00001"
KCP = Rsa("saifu vectors: payment key", 2048)
KUP = Rsa("saifu vectors: card key", 3072)
KSIG = P256("saifu vectors: card signature key")
LICENCE_KEY = P256("saifu vectors: licence key")
CREDIT_KEY = P256("saifu vectors: credit key")
RECEIPT_KEY = P256("saifu vectors: receipt key")
JPY = b"JPY".ljust(8, b"\0")


def text(value):
    """Bytes become hex, the rest stays."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dict):
        return {key: text(item) for key, item in value.items()}
    if isinstance(value, list):
        return [text(item) for item in value]
    return value


def write(name, content):
    (HERE / name).write_text(json.dumps(text(content), indent=1) + "\n")


def content(length):
    return bytes((at ^ at >> 8) & 0xFF for at in range(length))


def kdf():
    drawn = Drawn("kdf")
    labels = ["key commitment", "stream cipher", "stream mac", "stream iv", "token cipher",
              "token mac"]
    cases = []
    for label in labels:
        key, context = drawn.bytes(32), b"" if "commitment" in label else drawn.bytes(32)
        label = f"saifu/1 {label}"
        derived = expand(key, label.encode(), context)
        cases.append({"label": label, "key": key, "context": context, "derived": derived})
    write("kdf.json", cases)


def symmetric():
    drawn = Drawn("symmetric")
    cases = []
    for length in (0, 1, 15, 16, 17, 48, 160):
        key, iv, data = drawn.bytes(32), drawn.bytes(16), content(length)
        ciphertext = cbc(key, iv, padded(data)) if data else b""
        cases.append({"key": key, "iv": iv, "data": data, "padded_ciphertext": ciphertext,
                      "cmac": tag(key, data)})
    write("symmetric.json", cases)


def ecdsa():
    key = P256("saifu vectors: any signature key")
    cases = []

    def case(what, message, signature, good):
        cases.append({"what": what, "message": message, "signature": signature, "good": good})

    for length in (0, 1, 64, 1000):
        message = content(length)
        case(f"RFC 6979, {length} bytes", message, key.sign(message), True)
    r, s = key.sign(b"message")[:32], key.sign(b"message")[32:]
    turned = (ORDER - int.from_bytes(s, "big")).to_bytes(32, "big")
    order, zero = ORDER.to_bytes(32, "big"), bytes(32)
    case("n - s instead of s", b"message", r + turned, True)
    case("another message", b"massage", r + s, False)
    case("s and r exchanged", b"message", s + r, False)
    for what, number in (("zero", zero), ("the order", order), ("2^256 - 1", b"\xff" * 32)):
        case(f"r is {what}", b"message", number + s, False)
        case(f"s is {what}", b"message", r + number, False)
    other = P256("saifu vectors: another key").sign(b"message")
    case("another key's", b"message", other, False)
    write("ecdsa.json", {"scalar": key.scalar, "point": key.point, "cases": cases})


def rsa_oaep():
    write("oaep.json", [oaep_cases(key) for key in (KCP, KUP)])


def oaep_cases(key):
    drawn = Drawn(f"oaep {key.size}")
    secret, label = drawn.bytes(32), sha256(b"terms")
    cases = []

    def case(what, ciphertext, key=None, under=label):
        cases.append({"what": what, "label": under, "ciphertext": ciphertext, "key": key})

    def encoded(message=secret, under=label, **wrong):
        return key.encrypt(oaep(message, under, drawn.bytes(32), key.size, **wrong))

    for under in (label, b"", b"saifu/1 key proof", bytes(64)):
        case(f"a label of {len(under)} bytes", encoded(under=under), secret, under)
    case("another label", encoded(under=sha256(b"other terms")))
    case("a first byte that is not zero", encoded(first=1))
    case("a label hash of zeros", encoded(hashed=bytes(32)))
    case("2 where 1 must end the padding", encoded(mark=2))
    case("nothing but padding", encoded(message=b"", mark=0))
    for length in (0, 16, 31, 33, key.size - 66):
        case(f"a message of {length} bytes", encoded(message=content(length)))
    for what, number in (("0", 0), ("1", 1), ("n - 1", key.n - 1), ("n", key.n)):
        case(f"the ciphertext {what}", number.to_bytes(key.size, "big"))
    good = encoded()
    case("a byte too few", good[1:])
    case("a byte too many", b"\0" + good)
    check_oaep(key, secret, label, cases[0]["ciphertext"])
    return {"primes": key.primes(), "pkcs8": key.pkcs8(), "modulus": key.modulus(),
            "exponent": EXPONENT.to_bytes(3, "big"), "cases": cases}


def check_oaep(key, secret, label, ciphertext):
    """OpenSSL opens what the code here has wrapped."""
    sha = hashes.SHA256()
    scheme = padding.OAEP(padding.MGF1(sha), sha, label)
    assert key.private_key().decrypt(ciphertext, scheme) == secret


def streams():
    sizes = [(256, n) for n in (0, 1, 15, 16, 17, 255, 256, 257, 512, 4096, 4097, 4352)]
    sizes += [(4032, n) for n in (0, 4031, 4032, 4033)] + [(16384, 16385)]
    cases = []
    for segment_bytes, total in sizes:
        drawn = Drawn(f"stream {segment_bytes} {total}")
        key, work, salt = drawn.bytes(32), drawn.bytes(16), drawn.bytes(32)
        header = stream_header(segment_bytes, work, 1, total, salt)
        segments = stream_segments(key, header, segment_bytes, content(total))
        cases.append({"key": key, "segment_bytes": segment_bytes, "content": work,
                      "content_version": 1, "total_bytes": total, "salt": salt,
                      "header": header, "sealed": b"".join(segments)})
    write("stream.json", cases)


def center():
    keys = {"licence": (LICENCE_KEY, 0x11), "credit": (CREDIT_KEY, 0x12),
            "receipt": (RECEIPT_KEY, 0x13), "payment": (KCP, 0x14)}
    files = {}
    for name, (key, role) in keys.items():
        files[f"{name}.key"] = key.pkcs8()
        files[f"{name}.cvc"] = certificate(ROOT, ROOT_NAME, key.object(), CENTER, role)
    files["accounts.key"] = Drawn("accounts").bytes(32)
    write("center.json", {"id": CENTER, "files": files})
    write("card.json", {
        "id": CARD, "now": NOW, "encryption_primes": KUP.primes(), "signature_scalar": KSIG.scalar,
        "signature_certificate": certificate(ROOT, ROOT_NAME, KSIG.object(), CARD, 0x21),
        "encryption_certificate": certificate(ROOT, ROOT_NAME, KUP.object(), CARD, 0x22)})


def licence():
    drawn = Drawn("licence")
    key, seed, work, order = (drawn.bytes(n) for n in (32, 32, 16, 16))
    header = stream_header(4032, work, 3, 10_000, drawn.bytes(32))
    price = u8(1) + JPY + u64(300) + u8(0)
    terms = b"".join([
        b"SLIC\x01", CENTER, u32(1), bytes(16), u64(7), order, CARD, sha256(KUP.object()),
        work, u32(3), sha256(header), u64(10_000), u8(1) + price, u8(1), u32(0), u64(0),
        u64(0), u8(0), u64(NOW), sha256(KCP.object()), expand(key, b"saifu/1 key commitment"),
    ])
    wrapped = KUP.wrap(key, sha256(terms), seed)
    unsigned = terms + u16(len(wrapped)) + wrapped
    write("licence.json", {
        "key": key, "header": header, "number": 7, "order": order, "amount": 300, "unit": "JPY",
        "time": NOW, "terms": terms, "identity": sha256(unsigned),
        "licence": signed(LICENCE_KEY, unsigned)})


def tokens():
    cases = []

    def case(what, opens, **wrong):
        cases.append({"what": what, "opens": opens, "token": token(**wrong)})

    case("a token", True)
    case("a tag with a flipped bit", False, flip=1)
    case("another commitment", False, commitment=bytes(32))
    case("padding that is not zero", False, fill=b"\1")
    case("K under another label", False, label=bytes(32))
    case("K of 31 bytes", False, k=content(31))
    case("a payload of ten blocks more", False, fill=bytes(166))
    write("token.json", {
        "center": CENTER, "account": ACCOUNT, "counter": 5, "previous": sha256(b"previous"),
        "payload": payload(), "cases": cases})


def payload():
    drawn = Drawn("payload")
    return b"".join([
        u64(7), drawn.bytes(32), drawn.bytes(16), bytes(16), drawn.bytes(16), u32(3), u8(0),
        u32(1), u8(1), JPY, u64(300), u64(9_700), drawn.bytes(32)])


def token(flip=0, commitment=None, fill=bytes(6), label=None, k=None):
    """A token (section 9.2); the arguments make one that is wrong, but signed."""
    drawn = Drawn("token")
    drawn_k, seed = drawn.bytes(32), drawn.bytes(32)
    commitment = commitment or sha256(b"saifu/1 token payload", payload())
    header = (b"STKN\x01" + CENTER + sha256(KCP.object()) + ACCOUNT + u64(5)
              + sha256(b"previous") + commitment)
    assert len(header) == 141 and len(payload()) == 154
    digest = sha256(header)
    wrapped = KCP.wrap(k or drawn_k, label or digest, seed)
    cipher = expand(drawn_k, b"saifu/1 token cipher", digest)
    ciphertext = cbc(cipher, bytes(16), padded(payload() + fill))
    mac = tag(expand(drawn_k, b"saifu/1 token mac", digest), digest, ciphertext)
    sealed = ciphertext + mac[:-1] + u8(mac[-1] ^ flip)
    body = header + u16(len(wrapped)) + wrapped + u16(len(sealed)) + sealed
    return signed(KSIG, body)


if __name__ == "__main__":
    for make in (kdf, symmetric, ecdsa, rsa_oaep, streams, center, licence, tokens):
        make()
