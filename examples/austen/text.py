"""The text: six novels out of the Debian package r-cran-janeaustenr, cleaned to 75 symbols.

    python text.py r-cran-janeaustenr_1.0.0-1_all.deb clean.txt

Only the standard library is needed. The first argument is the .deb file itself, or the
folder in which R keeps the data of the installed package (.../site-library/janeaustenr/data).
"""

import hashlib
import io
import re
import struct
import sys
import tarfile
import zlib
from pathlib import Path

# SHA-256 of data/Rdata.rdb in version 1.0.0-1. Another version works, but gives another net.
RDB_SHA256 = "8fb5198960d0da724b1562f96e4221e5c1b41ff455000280b02c55980c3d8f21"
HELD_OUT = 25_000  # about so many characters at the end of every novel are never trained on


# ---- reading the package ------------------------------------------------


def _members_of_deb(data):
    """A .deb is an `ar` archive; the files are in its member data.tar.xz."""
    if data[:8] != b"!<arch>\n":
        raise ValueError("not a .deb file")
    at = 8
    while at < len(data):
        header = data[at : at + 60]
        name, size = header[:16].decode("ascii").strip().rstrip("/"), int(header[48:58])
        if name.startswith("data.tar"):
            with tarfile.open(fileobj=io.BytesIO(data[at + 60 : at + 60 + size])) as tar:
                return {
                    m.name.rsplit("/", 1)[-1]: tar.extractfile(m).read()
                    for m in tar
                    if m.isfile() and "/janeaustenr/data/" in m.name
                }
        at += 60 + size + size % 2
    raise ValueError("no data.tar in the .deb file")


class _Unserialise:
    """The few kinds of R's binary XDR serialisation (versions 2 and 3) that this package uses."""

    def __init__(self, data):
        if data[:2] != b"X\n":
            raise ValueError("not R's XDR serialisation")
        self.data, self.at, self.symbols = data, 2, []
        version = self.int()
        self.int(), self.int()  # version of R that wrote, that can read
        if version == 3:
            size = self.int()
            self.at += size  # name of the native encoding

    def int(self):
        (value,) = struct.unpack_from(">i", self.data, self.at)
        self.at += 4
        return value

    def item(self):
        """A vector is (list of values, attributes)."""
        flags = self.int()
        kind = flags & 255
        if kind == 254:  # NULL
            return None
        if kind == 255:  # a symbol seen before
            return self.symbols[(flags >> 8) - 1]
        if kind == 1:  # symbol
            name = self.item()
            self.symbols.append(name)
            return name
        if kind == 9:  # one string
            size = self.int()
            if size < 0:
                return None
            raw = self.data[self.at : self.at + size]
            self.at += size
            return raw.decode("latin-1" if flags >> 12 & 4 else "utf-8")
        if kind == 2:  # pair list, as a dict
            if flags & 0x200:
                self.item()
            tag = self.item() if flags & 0x400 else None
            head = self.item()
            return {tag: head, **(self.item() or {})}
        count = self.int()
        if kind in (10, 13):  # logical, integer
            values = [self.int() for _ in range(count)]
        elif kind in (16, 19):  # strings, list
            values = [self.item() for _ in range(count)]
        else:
            raise ValueError(f"R type {kind} is not expected here")
        return values, (self.item() if flags & 0x200 else {})


def novels(source):
    """The lines of each novel, by its name, sorted."""
    source = Path(source)
    if source.is_dir():
        rdx, rdb = (source / "Rdata.rdx").read_bytes(), (source / "Rdata.rdb").read_bytes()
    else:
        files = _members_of_deb(source.read_bytes())
        rdx, rdb = files["Rdata.rdx"], files["Rdata.rdb"]
    if hashlib.sha256(rdb).hexdigest() != RDB_SHA256:
        print(
            "warning: not the text this net was trained on (another version of the package?)",
            file=sys.stderr,
        )
    (variables, _, _), _ = _Unserialise(zlib.decompress(rdx, 47)).item()
    places, attributes = variables
    out = {}
    for name, (place, _) in zip(attributes["names"][0], places, strict=True):
        start, size = place
        # 4 bytes of length, then a zlib stream
        out[name] = _Unserialise(zlib.decompress(rdb[start + 4 : start + size])).item()[0]
    return dict(sorted(out.items()))


# ---- cleaning -----------------------------------------------------------

HEADING = re.compile(r"\s*(chapter|volume) [ivxlc0-9]+\s*$", re.IGNORECASE)
THE_END = re.compile(r"\s*(the end|finis|a note on the text)\s*$", re.IGNORECASE)
REPLACE = str.maketrans(
    {
        "\u2018": "'",
        "\u2019": "'",
        "\u201c": '"',
        "\u201d": '"',
        "\u2013": "-",
        "\u2014": "--",
        "\u00a0": " ",
        "_": "",
        "*": "",  # _so_ marks emphasis
    }
)


def paragraphs(lines):
    """One string for each paragraph, without title pages, headings, editors' notes, ornaments."""
    first = next(i for i, line in enumerate(lines) if re.match(r"\s*chapter ", line, re.IGNORECASE))
    out, words = [], []
    for line in [*lines[first:], ""]:
        end = THE_END.match(line)
        if line.strip() and not end and not HEADING.match(line):
            words.append(line)
            continue
        text = " ".join(words).strip()
        words = []
        if text and text[0] not in "[*":
            text = text.replace("&c", "etc").replace("&", "and")
            text = re.sub(r"\u00a3([\d,]*\d)", r"\1 pounds", text).translate(REPLACE)
            text = " ".join(text.split())
            if text:
                out.append(text)
        if end:
            break
    return out


def prepare(source):
    """Training text, held-out text: each is paragraphs that end in a newline, after one newline."""
    train, held = [], []
    for lines in novels(source).values():
        texts = paragraphs(lines)
        cut, size = len(texts), 0
        while size < HELD_OUT:
            cut -= 1
            size += len(texts[cut]) + 1
        train += texts[:cut]
        held += texts[cut:]
    return "\n" + "\n".join(train) + "\n", "\n" + "\n".join(held) + "\n"


def alphabet(text):
    """Newline is 0, the others follow by code point."""
    return ["\n", *sorted(set(text) - {"\n"})]


if __name__ == "__main__":
    training_text, held_out_text = prepare(sys.argv[1])
    Path(sys.argv[2]).write_text(training_text + held_out_text[1:], encoding="utf-8", newline="\n")
    print(
        f"{len(training_text):,} characters to train on, {len(held_out_text):,} held out, "
        f"{len(alphabet(training_text + held_out_text))} symbols: "
        + "".join(alphabet(training_text + held_out_text))[1:]
    )
