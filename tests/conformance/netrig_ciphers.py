"""The ciphers that core/protocol/PROTOCOL.md names, from their documents: X25519 (RFC 7748), ChaCha20-Poly1305 (RFC 8439)
and XChaCha20 (draft-irtf-cfrg-xchacha-03). Slow, and only for tests. BLAKE2b (RFC 7693) is in hashlib."""

import hashlib
import hmac
import struct

P = 2**255 - 19


def keyed_hash(key, label, *data, size):
    """H of section 8."""
    label = label.encode("ascii")
    return hashlib.blake2b(bytes([len(label)]) + label + b"".join(data), key=key, digest_size=size).digest()


def x25519(secret, share):
    """RFC 7748, section 5: the Montgomery ladder."""
    scalar = int.from_bytes(secret, "little") & ~7 & (2**255 - 1) | 2**254
    x1 = int.from_bytes(share, "little") & (2**255 - 1)
    x2, z2, x3, z3, swapped = 1, 0, x1, 1, 0
    for bit in range(254, -1, -1):
        now = scalar >> bit & 1
        if swapped != now:
            x2, x3, z2, z3 = x3, x2, z3, z2
        swapped = now
        a, b, c, d = x2 + z2, x2 - z2, x3 + z3, x3 - z3
        aa, bb, da, cb = a * a % P, b * b % P, d * a % P, c * b % P
        x3, z3 = (da + cb) ** 2 % P, x1 * (da - cb) ** 2 % P
        e = aa - bb
        x2, z2 = aa * bb % P, e * (aa + 121665 * e) % P
    if swapped:
        x2, z2 = x3, z3
    return (x2 * pow(z2, P - 2, P) % P).to_bytes(32, "little")


def rotated(value, by):
    return (value << by | value >> (32 - by)) & 0xFFFFFFFF


def quarter_round(state, a, b, c, d):
    for first, second, third, by in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
        state[first] = (state[first] + state[second]) & 0xFFFFFFFF
        state[third] = rotated(state[third] ^ state[first], by)


def chacha_rounds(key, tail):
    """RFC 8439, section 2.3, without the final addition: (the words before, the words after)."""
    before = [*struct.unpack("<4I", b"expand 32-byte k"), *struct.unpack("<8I", key), *struct.unpack("<4I", tail)]
    after = before[:]
    for _ in range(10):
        for column in range(4):
            quarter_round(after, column, column + 4, column + 8, column + 12)
        for row in range(4):
            quarter_round(after, row, 4 + (row + 1) % 4, 8 + (row + 2) % 4, 12 + (row + 3) % 4)
    return before, after


def chacha_block(key, counter, nonce):
    before, after = chacha_rounds(key, struct.pack("<I", counter) + nonce)
    return struct.pack("<16I", *((a + b) & 0xFFFFFFFF for a, b in zip(before, after)))


def poly1305(key, data):
    """RFC 8439, section 2.5."""
    r = int.from_bytes(key[:16], "little") & 0x0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF
    total = 0
    for at in range(0, len(data), 16):
        total = (total + int.from_bytes(data[at : at + 16] + b"\x01", "little")) * r % (2**130 - 5)
    return ((total + int.from_bytes(key[16:], "little")) % 2**128).to_bytes(16, "little")


def padded(data):
    return data + bytes(-len(data) % 16)


def xchacha20_poly1305_open(key, nonce, associated, sealed):
    """The plain bytes; None when the tag is wrong."""
    _, words = chacha_rounds(key, nonce[:16])
    key, nonce = struct.pack("<8I", *words[:4], *words[12:]), bytes(4) + nonce[16:]
    body, tag = sealed[:-16], sealed[-16:]
    lengths = struct.pack("<QQ", len(associated), len(body))
    expected = poly1305(chacha_block(key, 0, nonce)[:32], padded(associated) + padded(body) + lengths)
    if not hmac.compare_digest(tag, expected):
        return None
    stream = b"".join(chacha_block(key, 1 + at, nonce) for at in range((len(body) + 63) // 64))
    return bytes(a ^ b for a, b in zip(body, stream))
