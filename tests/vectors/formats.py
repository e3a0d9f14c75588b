"""The primitives and formats of apdu-spec.md, written a second time.

Nothing here looks at the Rust code: AES, CMAC, HKDF and ECDSA are those of the package
`cryptography` (OpenSSL), OAEP is built on pow(), layouts follow the specification's text.
"""

import hashlib

from cryptography.hazmat.primitives import cmac, hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
EXPONENT = 65537
OID_SAIFU = bytes.fromhex("6982cf87bd91a2ccc2b5b98f9583adc5e9b9d755")
OID_ECDSA = bytes.fromhex("04007f00070202020203")
OID_OAEP = bytes.fromhex("2a864886f70d010107")


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def expand(key, label, context=b"", length=32):
    """HKDF-Expand, the key itself as PRK."""
    return HKDFExpand(hashes.SHA256(), length, label + context).derive(key)


def cbc(key, iv, data):
    encryptor = Cipher(algorithms.AES(key), modes.CBC(iv)).encryptor()
    return encryptor.update(data) + encryptor.finalize()


def block(key, data):
    encryptor = Cipher(algorithms.AES(key), modes.ECB()).encryptor()
    return encryptor.update(data) + encryptor.finalize()


def tag(key, *parts):
    mac = cmac.CMAC(algorithms.AES(key))
    mac.update(b"".join(parts))
    return mac.finalize()


def padded(data):
    return data + bytes(-len(data) % 16)


def u8(n):
    return n.to_bytes(1, "big")


def u16(n):
    return n.to_bytes(2, "big")


def u32(n):
    return n.to_bytes(4, "big")


def u64(n):
    return n.to_bytes(8, "big")


def tlv(number, value):
    length = len(value)
    if length < 0x80:
        head = u8(length)
    elif length < 0x100:
        head = b"\x81" + u8(length)
    else:
        head = b"\x82" + u16(length)
    return number.to_bytes(2 if number > 0xFF else 1, "big") + head + value


class Drawn:
    """Random bytes that are always the same: SHA-256 over a name and a counter."""

    def __init__(self, name):
        self.name, self.count = name.encode(), 0

    def bytes(self, length):
        out = b""
        while len(out) < length:
            out += sha256(self.name, u64(self.count))
            self.count += 1
        return out[:length]


def is_prime(n, drawn):
    """Miller and Rabin's test, 40 rounds."""
    if any(n % small == 0 for small in (3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37)):
        return False
    odd, twos = n - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    for _ in range(40):
        x = pow(int.from_bytes(drawn.bytes(32), "big") + 2, odd, n)
        if x in (1, n - 1):
            continue
        for _ in range(twos - 1):
            x = x * x % n
            if x == n - 1:
                break
        else:
            return False
    return True


def prime(bits, drawn):
    """A prime whose two top bits are set, so that two of them make a full modulus."""
    while True:
        n = int.from_bytes(drawn.bytes(bits // 8), "big") | 3 << (bits - 2) | 1
        if n % EXPONENT != 1 and is_prime(n, drawn):
            return n


class Rsa:
    """An RSA key drawn from a name."""

    def __init__(self, name, bits):
        drawn = Drawn(name)
        self.p, self.q = prime(bits // 2, drawn), prime(bits // 2, drawn)
        self.n, self.size = self.p * self.q, bits // 8
        self.d = pow(EXPONENT, -1, (self.p - 1) * (self.q - 1))
        assert self.n.bit_length() == bits

    def modulus(self):
        return self.n.to_bytes(self.size, "big")

    def primes(self):
        half = self.size // 2
        return self.p.to_bytes(half, "big") + self.q.to_bytes(half, "big")

    def private_key(self):
        public = rsa.RSAPublicNumbers(EXPONENT, self.n)
        numbers = rsa.RSAPrivateNumbers(
            self.p, self.q, self.d, self.d % (self.p - 1), self.d % (self.q - 1),
            rsa.rsa_crt_iqmp(self.p, self.q), public)
        return numbers.private_key()

    def pkcs8(self):
        return pkcs8(self.private_key())

    def object(self):
        exponent = EXPONENT.to_bytes(3, "big")
        key = tlv(0x06, OID_OAEP) + tlv(0x81, self.modulus()) + tlv(0x82, exponent)
        return tlv(0x7F49, key)

    def encrypt(self, encoded):
        return pow(int.from_bytes(encoded, "big"), EXPONENT, self.n).to_bytes(self.size, "big")

    def wrap(self, message, label, seed):
        return self.encrypt(oaep(message, label, seed, self.size))


def mgf1(seed, length):
    blocks = (sha256(seed, u32(count)) for count in range(-(-length // 32)))
    return b"".join(blocks)[:length]


def xor(a, b):
    return bytes(x ^ y for x, y in zip(a, b, strict=True))


def oaep(message, label, seed, size, first=0, hashed=None, mark=1):
    """EME-OAEP encoding (RFC 8017, 7.1.1); the last three make one that is wrong."""
    padding = bytes(size - len(message) - 66)
    data = (sha256(label) if hashed is None else hashed) + padding + u8(mark) + message
    masked = xor(data, mgf1(seed, len(data)))
    return u8(first) + xor(seed, mgf1(masked, 32)) + masked


class P256:
    """A P-256 key drawn from a name, or with a given scalar."""

    def __init__(self, name, scalar=None):
        scalar = scalar or sha256(name.encode())
        self.scalar = scalar
        self.key = ec.derive_private_key(int.from_bytes(scalar, "big"), ec.SECP256R1())
        encoding = serialization.Encoding.X962
        form = serialization.PublicFormat.UncompressedPoint
        self.point = self.key.public_key().public_bytes(encoding, form)

    def sign(self, message):
        """r and s of RFC 6979."""
        der = self.key.sign(message, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))
        r, s = decode_dss_signature(der)
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    def pkcs8(self):
        return pkcs8(self.key)

    def object(self):
        return tlv(0x7F49, tlv(0x06, OID_ECDSA) + tlv(0x86, self.point))


def pkcs8(key):
    return key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption())


def certificate(root, authority, key_object, holder_id, role, sequence=1, assurance=0):
    """A card-verifiable certificate (section 7), valid from 2026 to 2046."""
    name = f"ZZ{holder_id.hex()[:9].upper()}{role * 1000 + sequence:05}".encode()
    oid = tlv(0x06, OID_SAIFU)
    extension = (oid + tlv(0x80, holder_id) + tlv(0x81, u8(assurance))
                 + tlv(0x82, u32(sequence)) + tlv(0x83, u32(0)))
    body = tlv(0x7F4E, b"".join([
        tlv(0x5F29, b"\0"),
        tlv(0x42, authority),
        key_object,
        tlv(0x5F20, name),
        tlv(0x7F4C, oid + tlv(0x53, u8(role))),
        tlv(0x5F25, bytes([2, 6, 0, 1, 0, 1])),
        tlv(0x5F24, bytes([4, 6, 1, 2, 3, 1])),
        tlv(0x65, tlv(0x73, extension)),
    ]))
    return tlv(0x7F21, body + tlv(0x5F37, root.sign(body)))


def signed(key, unsigned):
    return unsigned + key.sign(unsigned)


def stream_header(segment_bytes, content, version, total, salt):
    """The header of a stream (section 13.1)."""
    return (b"SSTR\x01\x01" + u32(segment_bytes) + content + u32(version) + u64(total) + salt)


def stream_segments(key, header, segment_bytes, content):
    """All segments of a stream (section 13.3)."""
    digest = sha256(header)
    cipher, mac, iv = (expand(key, b"saifu/1 stream " + use, digest)
                       for use in (b"cipher", b"mac", b"iv"))
    count = max(1, -(-len(content) // segment_bytes))
    out = []
    for index in range(count):
        plain = content[index * segment_bytes:(index + 1) * segment_bytes]
        start = block(iv, bytes(8) + u64(index))
        body = cbc(cipher, start, padded(plain)) if plain else b""
        last = u8(index == count - 1)
        prefix = digest + u64(index) + last + u32(len(plain)) + bytes(3)
        out.append(body + tag(mac, prefix, body))
    return out
