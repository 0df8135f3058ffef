"""The datagrams before a session, connect tokens and sealed packets, written from sections 8 and 9 of
core/protocol/PROTOCOL.md alone. `context` is what the reader knows besides: keys, and the request that was sent."""

from netrig_ciphers import keyed_hash, x25519, xchacha20_poly1305_open
from netrig_protocol import Reader, Refused, hello, in_range, require

REQUEST_BYTES = 1200
SIZES = {1: REQUEST_BYTES, 2: 38, 3: 56, 4: 22}
NONE = bytes(32)
CLAIMS_BYTES = 354
REASONS = 13


def checked(key, label, reader, data):
    before = data[: reader.at]
    require(reader.take(16) == keyed_hash(key, label, before, size=16), "out_of_range", "the check")


def hello_fields(body):
    reader = Reader(body)
    fields = hello(reader)
    require(reader.left() == 0, "trailing_bytes", "after hello")
    return fields


def connect_request(data):
    """(the fields, what both sides' keys depend on)"""
    reader = Reader(data)
    fields = {"datagram": "connect_request"}
    reader.u8()
    fields["attempt"] = reader.u8()
    cookie = reader.take(20)
    agreed_at = reader.at
    flags = reader.u8()
    fields["share"] = reader.take(32).hex()
    body = reader.take(reader.u16())
    agreed = data[agreed_at : reader.at]
    has_cookie, has_proof, has_resume = bool(flags & 2), bool(flags & 4), bool(flags & 8)
    require(flags < 16 and (has_cookie or not (has_proof or has_resume)), "bad_header", hex(flags))
    fields["encrypted"] = bool(flags & 1)
    fields["cookie"] = cookie.hex() if has_cookie else None
    fields["hello"] = body.hex()
    fields["resume"] = reader.take(16).hex() if has_resume else None
    fields["mac"] = reader.take(16).hex() if has_proof else None
    fields["signature"] = reader.take(64).hex() if has_proof else None
    check_at = reader.at
    check = reader.take(16)
    require(not any(reader.rest()), "trailing_bytes", "after the check")
    require(has_cookie or not any(cookie), "out_of_range", "a cookie that is not said")
    require(check == keyed_hash(NONE, "netrig request", data[:check_at], size=16), "out_of_range", "the check")
    said = hello_fields(body)
    if has_cookie:
        require(has_proof == bool(said["token"]), "out_of_range", "a proof exactly with a token")
        require(has_resume == bool(said["resume_client"]), "out_of_range", "a resume exactly with a claim")
    return fields, agreed


def challenge(data, context):
    reader = Reader(data)
    reader.u8()
    fields = {"datagram": "challenge", "attempt": reader.u8(), "cookie": reader.take(20).hex()}
    checked(context["share"], "netrig challenge", reader, data)
    return fields


def refuse(data, context):
    reader = Reader(data)
    reader.u8()
    fields = {"datagram": "refuse", "reason": reader.u8(), "version_min": reader.u16(), "version_max": reader.u16()}
    checked(context["share"], "netrig refuse", reader, data)
    in_range(fields["reason"], 1, REASONS, "reason")
    return fields


def accept(data, context):
    reader = Reader(data)
    reader.u8()
    flags = reader.u8()
    require(flags < 2, "bad_header", hex(flags))
    fields = {"datagram": "accept", "encrypted": bool(flags), "version": reader.u16(), "features": reader.u32()}
    share = reader.take(32)
    fields["share"] = share.hex()
    shared = x25519(context["client_secret"], share) if flags else NONE
    require(not flags or any(shared), "out_of_range", "a share of low order")
    _, agreed = connect_request(context["request"])
    secret = keyed_hash(context["token_secret"], "netrig session", shared, agreed, data[: reader.at], size=32)
    require(reader.take(16) == keyed_hash(secret, "accept", size=16), "out_of_range", "the tag")
    fields["to_server"] = keyed_hash(secret, "to server", size=32).hex()
    fields["to_client"] = keyed_hash(secret, "to client", size=32).hex()
    return fields


def decode_handshake(data, context):
    require(data, "truncated")
    kind = data[0]
    require(kind in SIZES, "unknown_type", str(kind))
    require(len(data) >= SIZES[kind], "truncated")
    require(len(data) <= SIZES[kind], "trailing_bytes")
    if kind == 1:
        return connect_request(data)[0]
    return {2: challenge, 3: accept, 4: refuse}[kind](data, context)


def decode_token(data, context):
    reader = Reader(data)
    require(len(data) == 1 + 24 + CLAIMS_BYTES + 16 and reader.u8() == 1, "out_of_range", "a token's size or version")
    plain = xchacha20_poly1305_open(context["token_key"], reader.take(24), b"netrig token 1", reader.rest())
    require(plain is not None, "out_of_range", "the seal")
    claims = Reader(plain)
    fields = {"id": claims.take(16).hex(), "not_before": claims.u64(), "expires": claims.u64()}
    fields["verify_key"] = claims.take(32).hex()
    fields["secret"] = claims.take(32).hex()
    size = in_range(claims.u16(), 0, 256, "length")
    fields["identity"] = claims.take(size).hex()
    require(not any(claims.rest()), "trailing_bytes", "after the identity")
    return fields


def decode_sealed(data, context):
    reader = Reader(data)
    require(len(data) > 5 + 16, "truncated")
    require(reader.u8() == 16, "truncated", "no session datagram")
    require(reader.take(4) == context["sequence"][:4], "out_of_range", "another sequence")
    nonce = context["sequence"] + bytes(16)
    packet = xchacha20_poly1305_open(context["key"], nonce, data[:5] + context["version"], reader.rest())
    require(packet is not None, "out_of_range", "the seal")
    return {"packet": packet.hex()}


DECODERS = {"handshake": decode_handshake, "token": decode_token, "sealed": decode_sealed}


def decode(vector, data):
    """Of the three layers above, with the context that the vector gives."""
    context = {name: bytes.fromhex(value) for name, value in vector.get("context", {}).items()}
    try:
        return DECODERS[vector["layer"]](data, context)
    except KeyError as missing:
        raise Refused("out_of_range", f"the vector does not give {missing}") from None
