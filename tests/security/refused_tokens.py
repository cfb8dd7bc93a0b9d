"""Tokens that must never be accepted: each is a perfectly good token with one thing wrong, which its name says."""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from collections.abc import Callable, Iterator

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from adapters.system_tokens import MAX_TOKEN_LENGTH
from security.token_workshop import (
    ABSENT,
    ALIAS,
    AUDIENCE,
    NOW,
    Make,
    Signer,
    Workshop,
    as_bytes,
    b64,
    certificate,
    claims,
    ecdsa,
    encrypted,
    header,
    jwk,
    mac,
    padded,
    pem,
    pkcs1,
    pss,
    raw_rsa,
)


def unsigned_cases() -> Iterator[tuple[str, Make]]:
    spellings = ("none", "None", "NONE", "nOnE", "nonE", " none", "none ", "none\t", "none\0", "n\u200bone", "", "NoNe")
    for spelling in spellings:
        yield f"alg {spelling!r} without signature", lambda w, a=spelling: w.token(header(alg=a), signer=lambda _: b"")
    for spelling in spellings[:4]:
        yield f"alg {spelling!r} with a good RS256 signature", lambda w, a=spelling: w.token(header(alg=a))
        yield (
            f"alg {spelling!r} with a bare dot",
            lambda w, a=spelling: w.token(header(alg=a), signer=lambda _: b"") + ".",
        )
    for name, value in {
        "absent": ABSENT,
        "null": None,
        "true": True,
        "0": 0,
        "256": 256,
        "array": ["RS256"],
        "array of both": ["RS256", "none"],
        "object": {"RS256": True},
    }.items():
        yield f"alg {name}", lambda w, a=value: w.token(header(alg=a))
        yield f"alg {name} without signature", lambda w, a=value: w.token(header(alg=a), signer=lambda _: b"")


def other_algorithm_cases() -> Iterator[tuple[str, Make]]:
    for name in (
        "rs256",
        "Rs256",
        "ps256",
        "RS256 ",
        " RS256",
        "RS256\0",
        "RS256\n",
        "RS256,none",
        "ＲＳ256",
        "RS-256",
        "SHA256withRSA",
        "RS1",
        "RSA",
        "RSA-OAEP",
        "RSA1_5",
        "dir",
        "A128KW",
        "HS256",
        "ES256",
        "EdDSA",
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
    ):
        yield f"alg {name!r} with a good RS256 signature", lambda w, a=name: w.token(header(alg=a))
    sha384, sha512 = hashes.SHA384(), hashes.SHA512()
    yield "RS384", lambda w: w.token(header(alg="RS384"), signer=pkcs1(w.alice, sha384))
    yield "RS512", lambda w: w.token(header(alg="RS512"), signer=pkcs1(w.alice, sha512))
    yield "PS384", lambda w: w.token(header(alg="PS384"), signer=pss(w.alice, 48, sha384))
    yield "PS512", lambda w: w.token(header(alg="PS512"), signer=pss(w.alice, 64, sha512))
    for alg, curve, digest in (
        ("ES256", ec.SECP256R1(), hashes.SHA256()),
        ("ES384", ec.SECP384R1(), sha384),
        ("ES512", ec.SECP521R1(), sha512),
        ("ES256K", ec.SECP256K1(), hashes.SHA256()),
    ):
        key = ec.generate_private_key(curve)
        yield alg, lambda w, a=alg, k=key, d=digest: w.token(header(alg=a), signer=ecdsa(k, d))
        yield f"{alg} signature called RS256", lambda w, k=key, d=digest: w.token(signer=ecdsa(k, d))
    edwards = ed25519.Ed25519PrivateKey.generate()
    for alg in ("EdDSA", "Ed25519", "RS256"):
        yield f"Ed25519 signature called {alg}", lambda w, a=alg: w.token(header(alg=a), signer=edwards.sign)


def confusion_cases() -> Iterator[tuple[str, Make]]:
    """HMAC with what everybody knows: the public key."""
    secrets: dict[str, Callable[[rsa.RSAPrivateKey], bytes]] = {
        "PEM": pem,
        "PEM without the last newline": lambda k: pem(k).rstrip(),
        "PEM with CRLF": lambda k: pem(k).replace(b"\n", b"\r\n"),
        "PEM in one line": lambda k: pem(k).replace(b"\n", b""),
        "PEM body": lambda k: b"".join(pem(k).splitlines()[1:-1]),
        "PKCS#1 PEM": lambda k: pem(k, PublicFormat.PKCS1),
        "DER": lambda k: k.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        "PKCS#1 DER": lambda k: k.public_key().public_bytes(Encoding.DER, PublicFormat.PKCS1),
        "KeyData": lambda k: base64.b64encode(pem(k)),
        "modulus": lambda k: k.public_key().public_numbers().n.to_bytes(256),
        "JWK": lambda k: json.dumps(jwk(k)).encode(),
        "OpenSSH": lambda k: k.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH),
        "nothing": lambda _: b"",
        "the user's id": lambda _: b"alice",
    }
    for name, secret in secrets.items():
        for bits in (256, 384, 512):
            yield (
                f"HS{bits} keyed with {name}",
                lambda w, s=secret, n=bits: w.token(header(alg=f"HS{n}"), signer=mac(s(w.alice), f"sha{n}")),
            )
    yield "HMAC with the PEM called RS256", lambda w: w.token(signer=mac(pem(w.alice)))


def offered_key_cases() -> Iterator[tuple[str, Make]]:
    """Mallory signs and tells the verifier where to find her key."""

    def offered(name: str, offer: Callable[[Workshop], dict[str, object]]) -> tuple[str, Make]:
        return name, lambda w: w.token(header(**offer(w)), signer=pkcs1(w.mallory))

    yield "signed by mallory", lambda w: w.token(signer=pkcs1(w.mallory))
    yield "signed by mallory, PS256", lambda w: w.token(header(alg="PS256"), signer=pss(w.mallory))
    yield offered("jwk", lambda w: {"jwk": jwk(w.mallory)})
    yield offered("jwk with alice's kid", lambda w: {"jwk": jwk(w.mallory) | {"kid": "alice"}, "kid": "alice"})
    yield offered("jwk as text", lambda w: {"jwk": json.dumps(jwk(w.mallory))})
    yield offered("jwk set", lambda w: {"jwk": {"keys": [jwk(w.mallory)]}})
    yield offered("jwks", lambda w: {"jwks": {"keys": [jwk(w.mallory)]}})
    yield (
        "jwk symmetric",
        lambda w: w.token(header(alg="HS256", jwk={"kty": "oct", "k": b64(b"mallory")}), signer=mac(b"mallory")),
    )
    yield offered("x5c", lambda w: {"x5c": [certificate(w.mallory)]})
    yield offered("x5c and its thumbprint", lambda w: {"x5c": [certificate(w.mallory)], "x5t": b64(bytes(20))})
    yield offered("x5c as text", lambda w: {"x5c": certificate(w.mallory)})
    for scheme in (
        "https://mallory.example/keys",
        "http://169.254.169.254/latest/meta-data/",
        "http://localhost:8080/keys",
        "file:///etc/passwd",
        "https://system.example.com@mallory.example/keys",
        "https://system.example.com/../keys",
        "//mallory.example/keys",
        "data:application/json,{}",
        "gopher://127.0.0.1:6379/_",
    ):
        yield offered(f"jku {scheme}", lambda _, u=scheme: {"jku": u})
        yield offered(f"x5u {scheme}", lambda _, u=scheme: {"x5u": u})
    for kid in (
        "alice",
        "bob",
        "../../../../dev/null",
        "/dev/null",
        "..\\..\\windows\\win.ini",
        "/proc/self/environ",
        "' OR '1'='1",
        "x' UNION SELECT 'mallory",
        "1; DROP TABLE keys--",
        "$(id)",
        "| id",
        "`id`",
        "{{7*7}}",
        "${jndi:ldap://mallory.example/a}",
        "https://mallory.example/keys",
        "alice\0",
        "*",
        "\r\nx-injected: 1",
    ):
        yield offered(f"kid {kid!r}", lambda _, k=kid: {"kid": k})
    yield offered("kid is mallory's PEM", lambda w: {"kid": pem(w.mallory).decode()})
    for path in ("/dev/null", "../../../../dev/null"):
        yield (
            f"kid {path} with an empty HMAC key",
            lambda w, p=path: w.token(header(alg="HS256", kid=p), signer=mac(b"")),
        )


def time_cases() -> Iterator[tuple[str, Make]]:
    def wrong(day: str, time: str) -> dict[str, object]:
        return {
            "absent": ABSENT,
            "null": None,
            "true": True,
            "false": False,
            "empty text": "",
            "array": [NOW],
            "object": {"seconds": NOW},
            "zero": 0,
            "minus one": -1,
            "negative": -NOW,
            "number as text": str(NOW),
            "float as text": f"{NOW}.0",
            "date": day,
            "no offset": f"{day}T{time}",
            "blank for T": f"{day} {time}Z",
            "lower case": f"{day}t{time}z",
            "basic format": f"{day}T{time}Z".replace("-", "").replace(":", ""),
            "week date": f"2027-W02-5T{time}Z",
            "comma": f"{day}T{time},5Z",
            "offset without colon": f"{day}T{time}+0000",
            "offset of a day": f"{day}T{time}+24:00",
            "HTTP date": f"Fri, 15 Jan 2027 {time} GMT",
            "60th second": f"{day}T{time[:-2]}60Z",
            "24 hours": "2027-01-14T24:00:00-08:00",
            "month 13": f"2027-13-15T{time}Z",
            "year 0": "0000-01-01T00:00:00Z",
            "text and NUL": f"{day}T{time}Z\0",
            "text and newline": f"{day}T{time}Z\n",
            "text after blank": f" {day}T{time}Z",
            "words": "tomorrow",
            "2^53": 2**53,
            "2^63": 2**63,
            "2^64": 2**64,
            "10^400": 10**400,
            "-10^400": -(10**400),
            "1e300": 1e300,
        }

    for claim in ("exp", "iat"):
        for name, value in wrong("2027-01-15", "08:05:00" if claim == "exp" else "08:00:00").items():
            yield f"{claim} {name}", lambda w, c=claim, v=value: w.token(body=claims(**{c: v}))
        for literal in ("NaN", "Infinity", "-Infinity", "1e999", "-1e999", "0x6B49D200", "01800000000", "+1800000000",
                        "1800000000.", "1_800_000_000", "9" * 5000, "undefined", "Date()"):  # fmt: skip
            body = json.dumps(claims(**{claim: "@"})).replace('"@"', literal)
            yield f"{claim} literally {literal[:20]}", lambda w, b=body: w.token(body=b)
    for seconds in (1, 0, -1, -600, -86_400):
        yield f"exp in {seconds} s", lambda w, s=seconds: w.token(body=claims(exp=NOW + s))
    for seconds in (0.9, 1.9):
        yield f"exp in {seconds} s", lambda w, s=seconds: w.token(body=claims(exp=NOW + s))
    yield "exp past as text", lambda w: w.token(body=claims(exp="2027-01-15T08:00:01Z"))
    for seconds in (2, 60, 3600, 86_400 * 365):
        yield f"iat {seconds} s ahead", lambda w, s=seconds: w.token(body=claims(iat=NOW + s, exp=NOW + s + 600))
    yield "iat ahead as text", lambda w: w.token(body=claims(iat="2027-01-15T08:00:02Z"))
    for seconds in (3601, 7200, 86_400, NOW - 1):
        yield f"iat {seconds} s ago", lambda w, s=seconds: w.token(body=claims(iat=NOW - s))
    yield "iat in milliseconds", lambda w: w.token(body=claims(iat=NOW * 1000))
    yield "iat after exp and both past", lambda w: w.token(body=claims(iat=NOW - 10, exp=NOW - 20))


def audience_cases() -> Iterator[tuple[str, Make]]:
    for name, value in {
        "absent": ABSENT,
        "null": None,
        "empty": "",
        "no audience": [],
        "number": 1,
        "true": True,
        "object": {AUDIENCE: True},
        "nested": [[AUDIENCE]],
        "with a number": [AUDIENCE, 1],
        "with null": [AUDIENCE, None],
        "other": "https://other.example.com",
        "others": ["https://other.example.com", "https://third.example.com"],
        "upper case": AUDIENCE.upper(),
        "host in another case": "https://System.example.com",
        "trailing slash": AUDIENCE + "/",
        "trailing blank": AUDIENCE + " ",
        "leading blank": " " + AUDIENCE,
        "trailing dot": AUDIENCE + ".",
        "default port": AUDIENCE + ":443",
        "http": AUDIENCE.replace("https", "http"),
        "without scheme": "system.example.com",
        "prefix": AUDIENCE[:-1],
        "suffix": AUDIENCE + ".mallory.example",
        "subdomain": "https://x.system.example.com",
        "user info": "https://system.example.com@mallory.example",
        "path": AUDIENCE + "/system/v1",
        "query": AUDIENCE + "?",
        "comma list": f"{AUDIENCE},{ALIAS}",
        "blank list": f"{AUDIENCE} {ALIAS}",
        "wildcard": "*",
        "wildcard host": "https://*.example.com",
        "NUL": AUDIENCE + "\0",
        "lone surrogate": AUDIENCE + "\ud800",
        "homoglyph": AUDIENCE.replace("e", "е"),
        "percent encoding": AUDIENCE.replace("s", "%73"),
        "the user": "alice",
    }.items():
        yield f"aud {name}", lambda w, v=value: w.token(body=claims(aud=v))


def user_cases() -> Iterator[tuple[str, Make]]:
    def named(issuer: object, subject: object) -> Make:
        return lambda w: w.token(body=claims(iss=issuer, sub=subject))

    for name, value in {
        "unknown": "carol",
        "empty": "",
        "null": None,
        "number": 0,
        "true": True,
        "array": ["alice"],
        "object": {"alice": 1},
        "upper case": "ALICE",
        "capitalised": "Alice",
        "trailing blank": "alice ",
        "leading blank": " alice",
        "NUL": "alice\0",
        "newline": "alice\n",
        "homoglyph": "аlice",
        "full width": "ａｌｉｃｅ",
        "zero width": "al\u200bice",
        "lone surrogate": "alice\ud83e",
        "wildcard": "*",
        "SQL": "alice' OR '1'='1",
        "prototype": "__proto__",
        "attribute": "__class__",
        "decomposed": "Jose\u0301 N\u0303andu\u0301 🦙",
    }.items():
        yield f"iss and sub {name}", named(value, value)
        yield f"iss {name}, sub alice", named(value, "alice")
        yield f"iss alice, sub {name}", named("alice", value)
    yield "iss absent", named(ABSENT, "alice")
    yield "sub absent", named("alice", ABSENT)
    yield "both absent", named(ABSENT, ABSENT)
    yield "delegation from alice to bob", named("alice", "bob")
    yield "delegation from bob to alice", named("bob", "alice")
    yield "bob signs as alice", lambda w: w.token(signer=pkcs1(w.bob))
    yield "alice signs as bob", lambda w: w.token(body=claims(iss="bob", sub="bob"))
    yield "rotated-out key", lambda w: w.token(signer=pkcs1(w.alice_before))
    yield "rotated-out key, PS256", lambda w: w.token(header(alg="PS256"), signer=pss(w.alice_before))
    yield "user id in kid only", lambda w: w.token(header(kid="alice"), claims(iss=ABSENT, sub=ABSENT))
    yield "claims in the header", lambda w: w.token(header(**claims()), {})
    for claim in ("iss", "sub", "aud", "iat", "exp"):
        value = claims()[claim]
        renamed = {claim: ABSENT, claim.upper(): value}
        yield f"{claim} in upper case", lambda w, c=renamed: w.token(body=claims(**c))
        nested = {claim: ABSENT, "claims": {claim: value}}
        yield f"{claim} one level down", lambda w, c=nested: w.token(body=claims(**c))


def duplicate_cases() -> Iterator[tuple[str, Make]]:
    good = json.dumps(claims())[1:-1]
    for name, more in {
        "iss": '"iss":"alice"',
        "iss of another": '"iss":"bob"',
        "sub": '"sub":"alice"',
        "aud": f'"aud":"{AUDIENCE}"',
        "exp": f'"exp":{NOW + 600}',
        "exp later": f'"exp":{NOW + 86_400}',
        "iat": f'"iat":{NOW}',
        "escaped iss": '"\\u0069ss":"alice"',
        "escaped exp": '"e\\u0078p":1',
        "jti": '"jti":"1","jti":"1"',
        "nested": '"act":{"sub":"a","sub":"b"}',
        "in an array": '"list":[{"a":1,"a":1}]',
    }.items():
        yield f"duplicate claim {name}, last", lambda w, m=more: w.token(body=f"{{{good},{m}}}")
        yield f"duplicate claim {name}, first", lambda w, m=more: w.token(body=f"{{{m},{good}}}")
    for text in (
        '{"alg":"RS256","alg":"RS256"}',
        '{"alg":"none","alg":"RS256"}',
        '{"alg":"RS256","alg":"none"}',
        '{"alg":"HS256","\\u0061lg":"RS256"}',
        '{"alg":"RS256","typ":"JWT","typ":"JWT"}',
        '{"alg":"RS256","kid":"a","kid":"b"}',
        '{"alg":"RS256","jwk":{"n":"a","n":"b"}}',
    ):
        yield f"duplicate header {text}", lambda w, t=text: w.token(t)


def signature_cases() -> Iterator[tuple[str, Make]]:
    def altered(alter: Callable[[bytes], bytes], scheme: Callable[[rsa.RSAPrivateKey], Signer] = pkcs1) -> Make:
        head = header(alg="RS256" if scheme is pkcs1 else "PS256")
        return lambda w: w.token(head, signer=lambda message: alter(scheme(w.alice)(message)))

    def flip(bit: int) -> Callable[[bytes], bytes]:
        return lambda raw: (int.from_bytes(raw) ^ (1 << bit)).to_bytes(len(raw))

    for scheme in (pkcs1, pss):
        kind = "RS256" if scheme is pkcs1 else "PS256"
        for bit in (0, 1, 7, 8, 1023, 1024, 2040, 2046, 2047):
            yield f"{kind} signature with bit {bit} flipped", altered(flip(bit), scheme)
        for name, alter in {
            "empty": lambda _: b"",
            "one byte": lambda raw: raw[:1],
            "short by a byte": lambda raw: raw[:-1],
            "short by the first byte": lambda raw: raw[1:],
            "half": lambda raw: raw[:128],
            "long by a zero": lambda raw: raw + b"\0",
            "long by a leading zero": lambda raw: b"\0" + raw,
            "doubled": lambda raw: raw + raw,
            "reversed": lambda raw: raw[::-1],
            "all zero": lambda _: bytes(256),
            "one": lambda _: (1).to_bytes(256),
            "all ones": lambda _: b"\xff" * 256,
            "encoded twice": lambda raw: b64(raw).encode(),
            "in hexadecimal": lambda raw: raw.hex().encode(),
        }.items():
            yield f"{kind} signature {name}", altered(alter, scheme)
    yield (
        "signature is the modulus",
        lambda w: w.token(signer=lambda _: w.alice.public_key().public_numbers().n.to_bytes(256)),
    )
    yield (
        "signature plus the modulus",
        lambda w: w.token(
            signer=lambda m: (int.from_bytes(pkcs1(w.alice)(m)) + w.alice.public_key().public_numbers().n).to_bytes(257)
        ),
    )
    yield "signature of another token", swapped
    yield "PKCS#1 signature called PS256", lambda w: w.token(header(alg="PS256"))
    yield "PSS signature called RS256", lambda w: w.token(signer=pss(w.alice))
    for salt in (0, 20, 31, 33, 222):
        yield f"PS256 with a salt of {salt}", lambda w, s=salt: w.token(header(alg="PS256"), signer=pss(w.alice, s))
    yield "PS256 with SHA-1 mask", lambda w: w.token(header(alg="PS256"), signer=pss(w.alice, mask=hashes.SHA1()))
    for digest in (hashes.SHA1(), hashes.SHA224(), hashes.SHA384(), hashes.SHA512(), hashes.SHA3_256()):
        yield f"RS256 over {digest.name}", lambda w, d=digest: w.token(signer=pkcs1(w.alice, d))
    info = bytes.fromhex("3031300d060960864801650304020105000420")
    for name, encoded in {
        "bare digest": lambda m: hashlib.sha256(m).digest(),
        "digest without its name": lambda m: b"\0\1" + b"\xff" * 221 + b"\0" + hashlib.sha256(m).digest(),
        "short padding and garbage": lambda m: (
            b"\0\1" + b"\xff" * 8 + b"\0" + info + hashlib.sha256(m).digest()
        ).ljust(256, b"\1"),
        "block type 2": lambda m: b"\0\2" + b"\xff" * 202 + b"\0" + info + hashlib.sha256(m).digest(),
        "padding of zeros": lambda m: b"\0\1" + b"\0" * 202 + b"\0" + info + hashlib.sha256(m).digest(),
        "digest info without null": lambda m: (
            b"\0\1"
            + b"\xff" * 204
            + b"\0"
            + bytes.fromhex("302f300b0609608648016503040201")
            + b"\4\x20"
            + hashlib.sha256(m).digest()
        ),
    }.items():
        yield f"RS256 with {name}", lambda w, e=encoded: w.token(signer=raw_rsa(w.alice, e))


def swapped(w: Workshop) -> str:
    other = w.token(body=claims(jti="other"))
    return w.token().rpartition(".")[0] + "." + other.rpartition(".")[2]


def tampered_cases() -> Iterator[tuple[str, Make]]:
    """The signature is alice's own, over something else."""

    def tampered(honest: object, forged: object, part: int = 1) -> Make:
        def make(w: Workshop) -> str:
            segments = (w.token(body=honest) if part else w.token(honest)).split(".")
            segments[part] = b64(as_bytes(forged))
            return ".".join(segments)

        return make

    yield "later exp", tampered(claims(exp=NOW - 1), claims())
    yield "newer iat", tampered(claims(iat=NOW - 9000), claims())
    yield "another audience", tampered(claims(aud="https://other.example.com"), claims())
    yield "another user", tampered(claims(), claims(iss="bob", sub="bob"))
    yield "one more claim", tampered(claims(), claims(admin=True))
    yield "other white space", tampered(claims(), json.dumps(claims(), indent=1))
    yield "other order", tampered(claims(), dict(reversed(claims().items())))
    yield "another typ", tampered(header(), header(typ="JWT"), 0)
    yield "another kid", tampered(header(kid="a"), header(kid="b"), 0)
    yield "RS256 to PS256", tampered(header(), header(alg="PS256"), 0)
    yield "RS256 to none", tampered(header(), header(alg="none"), 0)
    yield "header and payload exchanged", lambda w: ".".join([(s := w.token().split("."))[1], s[0], s[2]])


def shape_cases() -> Iterator[tuple[str, Make]]:
    fixed: dict[str, str] = {
        "nothing": "",
        "one dot": ".",
        "two dots": "..",
        "three dots": "...",
        "four dots": "....",
        "many dots": "." * 10_000,
        "a word": "token",
        "null": "null",
        "a NUL": "\0",
        "a PAT": "Zq1kOa3v9wR7b2Xc8Yd4Me6Nf5",
        "a blank": " ",
        "an emoji": "🦙.🦙.🦙",
        "a lone surrogate": "\ud800.\ud800.\ud800",
        "text segments": "header.payload.signature",
        "a megabyte": "A" * 1_000_000,
        "a megabyte of segments": "A" * 400_000 + "." + "B" * 400_000 + "." + "C" * 200_000,
        "SQL": "' OR 1=1 --",
        "a path": "../../etc/passwd",
    }
    for name, token in fixed.items():
        yield f"token is {name}", lambda _, t=token: t
    reshaped: dict[str, Callable[[str], str]] = {
        "header only": lambda t: t.split(".")[0],
        "payload only": lambda t: t.split(".")[1],
        "no signature segment": lambda t: t.rpartition(".")[0],
        "empty header segment": lambda t: "." + t.partition(".")[2],
        "trailing dot": lambda t: t + ".",
        "leading dot": lambda t: "." + t,
        "doubled dot": lambda t: t.replace(".", "..", 1),
        "fourth segment": lambda t: t + ".AAAA",
        "five segments": lambda t: t + ".AAAA.AAAA",
        "twice": lambda t: t + "." + t,
        "twice with a comma": lambda t: t + "," + t,
        "leading blank": lambda t: " " + t,
        "trailing blank": lambda t: t + " ",
        "trailing newline": lambda t: t + "\n",
        "trailing NUL": lambda t: t + "\0",
        "trailing garbage": lambda t: t + "!!!!",
        "garbage in the signature": lambda t: t[:-20] + "!" + t[-20:],
        "BOM": lambda t: "\ufeff" + t,
        "Bearer": lambda t: "Bearer " + t,
        "quoted": lambda t: f'"{t}"',
        "angle brackets": lambda t: f"<{t}>",
        "colons for dots": lambda t: t.replace(".", ":"),
        "full-width dots": lambda t: t.replace(".", "．"),
        "percent-encoded dots": lambda t: t.replace(".", "%2E"),
        "upper case": str.upper,
        "reversed": lambda t: t[::-1],
        "a non-ASCII signature": lambda t: t[:-1] + "é",
        "a lone surrogate at the end": lambda t: t[:-1] + "\udc00",
        "a full-width digit": lambda t: t[:-1] + "１",
    }
    for name, reshape in reshaped.items():
        yield f"token with {name}", lambda w, r=reshape: r(w.token())
    for number, part in enumerate(("header", "payload", "signature")):
        for name, spoil in {
            "one pad": lambda s: s + "=",
            "two pads": lambda s: s + "==",
            "four pads": lambda s: s + "====",
            "a pad inside": lambda s: s[:4] + "=" + s[4:],
            "a blank inside": lambda s: s[:8] + " " + s[8:],
            "a newline inside": lambda s: s[:8] + "\n" + s[8:],
            "CRLF inside": lambda s: s[:8] + "\r\n" + s[8:],
            "a tab before": lambda s: "\t" + s,
            "a NUL inside": lambda s: s[:8] + "\0" + s[8:],
            "a plus": lambda s: "+" + s[1:],
            "a slash": lambda s: "/" + s[1:],
            "an exclamation mark": lambda s: s + "!",
            "one character more": lambda s: s + "B",
        }.items():
            yield f"{part} with {name}", lambda w, n=number, s=spoil: respelt(w, n, s)


def respelt(w: Workshop, number: int, spoil: Callable[[str], str]) -> str:
    """Spoil one segment; header and payload before they are signed, so that the signature is over what is sent."""
    segments = w.token().split(".")
    segments[number] = spoil(segments[number])
    if number == 2:
        return ".".join(segments)
    return w.seal(".".join(segments[:2]))


def spelling_cases() -> Iterator[tuple[str, Make]]:
    """Other spellings of the very same bytes: each would be a second token with the same meaning."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

    def idle_bits(segment: str) -> str:
        assert len(segment) % 4, "no idle bits in this segment"
        return segment[:-1] + alphabet[alphabet.index(segment[-1]) + 1]

    def body_with_idle_bits(w: Workshop) -> str:
        body = next(b for n in range(3) if len(b := as_bytes(claims(jti="x" * n))) % 3)
        return w.seal(f"{b64(as_bytes(header()))}.{idle_bits(b64(body))}")

    def standard_alphabet(w: Workshop) -> str:
        raw = as_bytes(json.dumps(claims(jti="ÿ>~?~>ÿ"), ensure_ascii=False))
        text = base64.b64encode(raw).decode().rstrip("=")
        assert "+" in text or "/" in text
        return w.seal(f"{b64(as_bytes(header()))}.{text}")

    yield "idle bits in the signature", lambda w: (t := w.token().rpartition("."))[0] + "." + idle_bits(t[2])
    yield "idle bits in the payload", body_with_idle_bits
    yield (
        "idle bits in the header",
        lambda w: w.seal(f"{idle_bits(b64(as_bytes(header(kid='x'))))}.{b64(as_bytes(claims()))}"),
    )
    yield "standard base64 in the payload", standard_alphabet
    yield "hexadecimal payload", lambda w: w.seal(f"{b64(as_bytes(header()))}.{as_bytes(claims()).hex()}")
    yield "payload not encoded", lambda w: w.seal(f"{b64(as_bytes(header()))}.{json.dumps(claims(aud='x'))}")
    yield "payload encoded twice", lambda w: w.token(body=b64(as_bytes(claims())))


def json_cases() -> Iterator[tuple[str, Make]]:
    forms: dict[str, Callable[[bytes], bytes]] = {
        "empty": lambda _: b"",
        "white space": lambda _: b"  ",
        "null": lambda _: b"null",
        "true": lambda _: b"true",
        "number": lambda _: b"1",
        "empty array": lambda _: b"[]",
        "array of a name": lambda _: b'["alg"]',
        "twice in an array": lambda m: b"[{%s},{%s}]" % (m, m),
        "text of it": lambda m: as_bytes(json.dumps((b"{%s}" % m).decode())),
        "truncated": lambda m: b"{%s" % m,
        "without brackets": lambda m: m,
        "closed twice": lambda m: b"{%s}}" % m,
        "with a trailing comma": lambda m: b"{%s,}" % m,
        "with trailing garbage": lambda m: b"{%s}x" % m,
        "with a trailing NUL": lambda m: b"{%s}\0" % m,
        "two objects": lambda m: b"{%s}{}" % m,
        "in single quotes": lambda m: b"{%s}" % m.replace(b'"', b"'"),
        "with a bare name": lambda m: b"{%s,x:1}" % m,
        "with a numeric name": lambda m: b"{%s,1:1}" % m,
        "with a comment": lambda m: b"{%s/**/}" % m,
        "with NaN": lambda m: b'{%s,"x":NaN}' % m,
        "with -Infinity": lambda m: b'{%s,"x":[-Infinity]}' % m,
        "with a raw newline": lambda m: b'{%s,"x":"\n"}' % m,
        "with a raw NUL": lambda m: b'{%s,"x":"\0"}' % m,
        "with a bad escape": lambda m: b'{%s,"x":"\\x41"}' % m,
        "after a BOM": lambda m: b"\xef\xbb\xbf{%s}" % m,
        "after a no-break space": lambda m: b"\xc2\xa0{%s}" % m,
        "in UTF-16": lambda m: (b"{%s}" % m).decode().encode("utf-16"),
        "in UTF-16 without BOM": lambda m: (b"{%s}" % m).decode().encode("utf-16-le"),
        "in UTF-32": lambda m: (b"{%s}" % m).decode().encode("utf-32"),
        "in EBCDIC": lambda m: (b"{%s}" % m).decode().encode("cp500"),
        "with invalid UTF-8": lambda m: b'{%s,"x":"\xff"}' % m,
        "with overlong UTF-8": lambda m: b'{%s,"x":"\xc0\xaf"}' % m,
        "with a UTF-8 surrogate": lambda m: b'{%s,"x":"\xed\xa0\x80"}' % m,
        "with a lone surrogate": lambda m: b'{%s,"x":"\\ud800"}' % m,
        "with a lone surrogate in a name": lambda m: b'{%s,"\\udfff":1}' % m,
        "with a lone surrogate in an array": lambda m: b'{%s,"x":["\\udfff"]}' % m,
        "with surrogates exchanged": lambda m: b'{%s,"x":"\\udd99\\ud83e"}' % m,
        "with 5000 digits": lambda m: b'{%s,"x":%s}' % (m, b"9" * 5000),
        "with arrays that never close": lambda m: b'{%s,"x":%s' % (m, b"[" * 11_000),
        "with objects that never close": lambda m: b'{%s,"x":%s' % (m, b'{"":' * 2_700),
        "CBOR": lambda _: b"\xa1calgeRS256",
        "XML": lambda _: b"<alg>RS256</alg>",
    }
    for name, form in forms.items():
        yield f"header {name}", lambda w, f=form: w.token(f(as_bytes(header())[1:-1]))
        yield f"payload {name}", lambda w, f=form: w.token(body=f(as_bytes(claims())[1:-1]))
    yield "payload without claims", lambda w: w.token(body={})
    for depth in (900, 3000, 5700):
        nested = "[" * depth + "]" * depth
        yield (
            f"aud nested {depth} deep",
            lambda w, n=nested: w.token(body=json.dumps(claims(aud="@")).replace('"@"', n)),
        )
        yield f"alg nested {depth} deep", lambda w, n=nested: w.token(f'{{"alg":{n}}}')
    yield "payload is a JWT", lambda w: w.token(header(cty="JWT"), w.token())
    yield "payload is a JWT as JSON text", lambda w: w.token(header(cty="JWT"), json.dumps(w.token()))
    yield "payload holds a JWT", lambda w: w.token(header(cty="JWT"), {"jwt": w.token()})
    yield "payload is an array of the claims", lambda w: w.token(body=[claims()])
    yield "payload is the claims as text", lambda w: w.token(body=json.dumps(json.dumps(claims())))
    yield "payload is a form", lambda w: w.token(body=f"iss=alice&sub=alice&aud={AUDIENCE}&iat={NOW}&exp={NOW + 600}")


def extension_cases() -> Iterator[tuple[str, Make]]:
    for name, more in {
        "crit of exp": {"crit": ["exp"], "exp": NOW + 600},
        "crit of an unknown name": {"crit": ["x"], "x": 1},
        "crit of a missing name": {"crit": ["x"]},
        "crit of alg": {"crit": ["alg"]},
        "crit of kid": {"crit": ["kid"], "kid": "a"},
        "crit empty": {"crit": []},
        "crit null": {"crit": None},
        "crit text": {"crit": "exp"},
        "crit number": {"crit": 1},
        "crit of numbers": {"crit": [1]},
        "crit of objects": {"crit": [{}]},
        "crit object": {"crit": {"b64": True}},
        "b64 false": {"b64": False},
        "b64 false, critical": {"b64": False, "crit": ["b64"]},
        "b64 true, critical": {"b64": True, "crit": ["b64"]},
        "b64 true, not critical": {"b64": True},
        "b64 text": {"b64": "false"},
        "zip DEF": {"zip": "DEF"},
        "zip none": {"zip": "none"},
        "zip null": {"zip": None},
    }.items():
        yield name, lambda w, m=more: w.token(header(**m))
    deflated = zlib.compress(as_bytes(claims()))[2:-4]
    yield "zip DEF, deflated", lambda w: w.token(header(zip="DEF"), deflated)
    yield "deflated without saying so", lambda w: w.token(body=deflated)
    unencoded = {"alg": "RS256", "b64": False, "crit": ["b64"]}

    def unencoded_payload(w: Workshop) -> str:
        return w.seal(f"{b64(as_bytes(unencoded))}.{json.dumps(claims(aud='x')).replace('.', '')}")

    def detached(head: object) -> Make:
        return lambda w: (s := w.token(head).split("."))[0] + ".." + s[2]

    yield "unencoded payload", unencoded_payload
    yield "detached payload", detached(header())
    yield "detached unencoded payload", detached(unencoded)
    yield "kid is a number", lambda w: w.token(header(kid=1), signer=pkcs1(w.mallory))
    yield (
        "flattened JSON",
        lambda w: json.dumps(dict(zip(("protected", "payload", "signature"), w.token().split("."), strict=True))),
    )
    yield (
        "general JSON",
        lambda w: json.dumps(
            {"payload": (s := w.token().split("."))[1], "signatures": [{"protected": s[0], "signature": s[2]}]}
        ),
    )
    yield "JWE to alice", encrypted
    yield "JWE cut to three segments", lambda w: ".".join(encrypted(w).split(".")[:3])


def oversize_cases() -> Iterator[tuple[str, Make]]:
    yield "too long by a character", lambda w: padded(w, MAX_TOKEN_LENGTH + 1)
    yield "twice too long", lambda w: padded(w, 2 * MAX_TOKEN_LENGTH)
    yield "header too long", lambda w: w.token(header(x="x" * MAX_TOKEN_LENGTH))
    yield "signature too long", lambda w: w.token(signer=lambda _: bytes(MAX_TOKEN_LENGTH))


REFUSED: dict[str, Make] = {}
for _cases in (
    unsigned_cases,
    other_algorithm_cases,
    confusion_cases,
    offered_key_cases,
    time_cases,
    audience_cases,
    user_cases,
    duplicate_cases,
    signature_cases,
    tampered_cases,
    shape_cases,
    spelling_cases,
    json_cases,
    extension_cases,
    oversize_cases,
):
    for _name, _make in _cases():
        _title = f"{_cases.__name__.removesuffix('_cases')}: {_name}"
        assert _title not in REFUSED, _title
        REFUSED[_title] = _make
