"""Section 2: what the first bytes say, and whether a text is UTF-8."""

from conformance.generator.build import dense_net, json_bytes, msgpack_bytes
from conformance.generator.table import Table, in_value

SECTION = "bytes"

SOUND = json_bytes(dense_net())
SOUND_MSGPACK = msgpack_bytes(dense_net())

FOREIGN = {
    "zip": (b"PK\x03\x04\x14\x00\x00\x00\x08\x00", "a zip archive"),
    "gzip": (b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03", "a gzip file"),
    "png": (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "a PNG image"),
    "hdf5": (b"\x89HDF\r\n\x1a\n\x00\x00\x00\x00", "an HDF5 file"),
    "pickle-2": (b"\x80\x02}q\x00.", "a pickle of protocol 2"),
    "pickle-3": (b"\x80\x03}q\x00.", "a pickle of protocol 3"),
    "pickle-4": (b"\x80\x04\x95\x02\x00\x00\x00\x00\x00\x00\x00}.", "a pickle of protocol 4"),
    "pickle-5": (b"\x80\x05\x95\x02\x00\x00\x00\x00\x00\x00\x00}.", "a pickle of protocol 5"),
    "numpy": (b"\x93NUMPY\x01\x00v\x00{'descr'", "a numpy array"),
    "lua": (b"\x1bLua"[1:] + b"S\x00", "Lua"),
    "jpeg": (b"\xff\xd8\xff\xe0\x00\x10JFIF", "a JPEG image"),
    "pdf": (b"%PDF-1.7\n", "a PDF document"),
    "git-lfs": (
        b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n",
        "a Git LFS pointer in the place of the file",
    ),
    "html": (b"<!DOCTYPE html>\n<title>404</title>\n", "an error page in the place of the file"),
    "html-after-space": (b"\r\n\t <html></html>", "an HTML page after white space"),
    "xml": (b'<?xml version="1.0"?><model/>', "an XML file"),
}

ILL_FORMED = {
    "continuation": (b"\x80", "a continuation byte alone"),
    "overlong-2-c0": (b"\xc0\x80", "an overlong form of two bytes: U+0000 as C0 80"),
    "overlong-2-c1": (b"\xc1\xbf", "an overlong form of two bytes, first byte C1"),
    "overlong-3": (b"\xe0\x80\xaf", "an overlong form of three bytes"),
    "overlong-3-edge": (b"\xe0\x9f\xbf", "the largest overlong form of three bytes"),
    "overlong-4": (b"\xf0\x80\x80\x80", "an overlong form of four bytes"),
    "overlong-4-edge": (b"\xf0\x8f\xbf\xbf", "the largest overlong form of four bytes"),
    "surrogate-low-end": (b"\xed\xa0\x80", "the surrogate U+D800"),
    "surrogate-high-end": (b"\xed\xbf\xbf", "the surrogate U+DFFF"),
    "cesu-8": (b"\xed\xa0\xbd\xed\xb8\x80", "an emoji as two surrogates of three bytes (CESU-8)"),
    "above": (b"\xf4\x90\x80\x80", "U+110000"),
    "f5": (b"\xf5\x80\x80\x80", "the first byte F5"),
    "five-bytes": (b"\xf8\x88\x80\x80\x80", "a form of five bytes"),
    "fe": (b"\xfe", "the byte FE"),
    "ff": (b"\xff", "the byte FF"),
    "cut-2": (b"\xc3", "one byte of two"),
    "cut-3": (b"\xe2\x82", "two bytes of three"),
    "cut-4": (b"\xf0\x9f\x98", "three bytes of four"),
    "second-wrong": (b"\xe2\x28\xa1", "a second byte that is none"),
    "third-wrong": (b"\xe2\x82\x28", "a third byte that is none"),
    "fourth-wrong": (b"\xf0\x9f\x98\x28", "a fourth byte that is none"),
    "tail-7f": (b"\xc3\x7f", "a second byte just below the range"),
    "tail-c0": (b"\xc3\xc0", "a second byte just above the range"),
    "tail-3-7f": (b"\xe2\x82\x7f", "a third byte just below the range"),
    "tail-3-c0": (b"\xe2\x82\xc0", "a third byte just above the range"),
    "tail-4-7f": (b"\xf1\x80\x80\x7f", "a fourth byte just below the range"),
    "tail-4-c0": (b"\xf3\xbf\xbf\xc0", "a fourth byte just above the range"),
    "e0-c0": (b"\xe0\xc0\x80", "E0 and a second byte above the range"),
    "ed-7f": (b"\xed\x7f\x80", "ED and a second byte below the range"),
    "f0-c0": (b"\xf0\xc0\x80\x80", "F0 and a second byte above the range"),
    "f4-7f": (b"\xf4\x7f\x80\x80", "F4 and a second byte below the range"),
    "latin-1": (b"caf\xe9", "Latin-1 in the place of UTF-8"),
}

EDGES = "\x7f \u0080 \u07ff \u0800 \u0fff \uc000 \ucfff \ud000 \ud7ff \ue000 \ufeff \uffff \U00010000 \U0003ffff \U00040000 \U000c0000 \U000fffff \U00100000 \U0010ffff"


def cases() -> Table:
    """The order of [bytes-1] to [bytes-6], each with what is just allowed beside it."""
    table = Table(SECTION, features=[])
    table.row(
        "empty",
        "no bytes at all",
        "bytes-1",
        b"",
        "a crash at the first byte",
        expect="BYTES_EMPTY",
    )
    sizes(table)
    foreign(table)
    recognition(table)
    utf8(table)
    return table


def sizes(table: Table) -> None:
    """[bytes-2]."""
    size = len(SOUND)
    table.row(
        "size-at-limit", "as many bytes as the limit allows", "bytes-2 limit-1", SOUND,
        "a limit that is one too low", limits={"size": size},
    )  # fmt: skip
    table.row(
        "size-beyond-limit", "one byte more than the limit allows", "bytes-2 limit-1", SOUND,
        "a limit that is not looked at", limits={"size": size - 1}, expect="LIMIT_SIZE",
    )  # fmt: skip
    table.row(
        "size-before-foreign", "a zip archive beyond the limit", "bytes-2", FOREIGN["zip"][0],
        "a wrong order: the size is judged before the first bytes",
        limits={"size": 9}, expect="LIMIT_SIZE",
    )  # fmt: skip


def foreign(table: Table) -> None:
    """[bytes-3] and [bytes-4]."""
    for name, (data, what) in FOREIGN.items():
        table.row(
            name, what, "bytes-3", data, "a puzzling message for somebody else's file",
            expect="BYTES_FOREIGN",
        )  # fmt: skip
    near = {
        "zip-cut": (b"PK\x03", "three bytes of a zip archive"),
        "zip-after-space": (b" PK\x03\x04", "a zip archive after a space"),
        "gzip-cut": (b"\x1f\x8c", "the first byte of gzip and another"),
        "lua-cut": (b"Lub", "two letters of Lua"),
        "jpeg-cut": (b"\xff\xd8\xfe", "two bytes of a JPEG image"),
        "pdf-cut": (b"%PDG", "three letters of a PDF document"),
        "numpy-cut": (b"\x93NUMP", "five bytes of a numpy array"),
        "git-lfs-cut": (b"version https://git-lf", "a Git LFS pointer without its last letter"),
        "git-lfs-upper": (b"Version https://git-lfs", "a Git LFS pointer with a capital letter"),
    }
    for name, (data, what) in near.items():
        table.row(
            name, what, "bytes-3 bytes-5", data, "a test of too few bytes, or after white space",
            expect="BYTES_UNRECOGNISED",
        )  # fmt: skip
    for name, data in (("png", b"\x89PNH"), ("hdf5", b"\x89HDG")):
        table.row(
            f"{name}-cut", f"three bytes of {name} and another: a map of nine members that are not there",
            "bytes-3 bytes-5 msgpack-6", data, "a test of too few bytes", expect="SYNTAX_END",
        )  # fmt: skip
    table.row(
        "pickle-1-like", "80 01: no pickle, an empty map and a byte after it", "bytes-3 bytes-5",
        b"\x80\x01", "a test of the byte 80 alone", expect="SYNTAX_TRAILING",
    )  # fmt: skip
    table.row(
        "bom", "a byte order mark before the text", "bytes-4", b"\xef\xbb\xbf" + SOUND,
        "a decoder that swallows the mark", expect="BYTES_BOM",
    )  # fmt: skip
    table.row(
        "bom-alone", "a byte order mark and nothing else", "bytes-4", b"\xef\xbb\xbf",
        "reading past the mark", expect="BYTES_BOM",
    )  # fmt: skip
    table.row(
        "bom-cut", "two bytes of a byte order mark", "bytes-4 bytes-5", b"\xef\xbb",
        "a test of too few bytes", expect="BYTES_UNRECOGNISED",
    )  # fmt: skip
    table.row(
        "bom-after-space", "a byte order mark after a space", "bytes-4 bytes-5",
        b" \xef\xbb\xbf" + SOUND, "white space that is skipped too early",
        expect="BYTES_UNRECOGNISED",
    )  # fmt: skip


def recognition(table: Table) -> None:
    """[bytes-5]."""
    table.row(
        "white-before", "every kind of white space before the text", "bytes-5",
        b"\t\n\r \n" + SOUND, "a text that must start at the first byte",
    )  # fmt: skip
    table.row(
        "msgpack", "a msgpack file", "bytes-5", SOUND_MSGPACK, "recognition by something else",
        file="doubler.rnn",
    )  # fmt: skip
    table.row(
        "msgpack-map-16", "a msgpack file with a map 16", "bytes-5",
        b"\xde\x00\x05" + SOUND_MSGPACK[1:], "recognition of fixmap only",
    )  # fmt: skip
    table.row(
        "msgpack-map-32", "a msgpack file with a map 32", "bytes-5",
        b"\xdf\x00\x00\x00\x05" + SOUND_MSGPACK[1:], "recognition of fixmap only",
    )  # fmt: skip
    unrecognised = {
        "white-only": (b" \n\t\r ", "white space alone"),
        "msgpack-after-space": (b" " + SOUND_MSGPACK, "a msgpack file after a space"),
        "list": (b"[1]", "a JSON list"),
        "string": (b'"rnnspec"', "a JSON string"),
        "number": (b"1.0", "a JSON number"),
        "msgpack-array": (b"\x92\x01\x02", "a msgpack array"),
        "msgpack-array-32": (b"\xdd\x00\x00\x00\x01\x01", "a msgpack array 32"),
        "msgpack-array-empty": (b"\x90", "an empty msgpack array: one above the maps"),
        "delete": (b"\x7f" + SOUND, "the byte 7F: one below the maps"),
        "msgpack-negative": (b"\xe0", "the byte E0: one above the maps of 32 bits"),
        "msgpack-array-16": (b"\xdc\x00\x00", "an array 16"),
        "msgpack-nil": (b"\xc0", "a msgpack nil"),
        "nul": (b"\x00" * 16, "bytes of zero"),
        "utf-16-le": ('{"a":1}'.encode("utf-16-le")[1:], "UTF-16 from its second byte"),
        "utf-16-mark": (b"\xff\xfe" + '{"a":1}'.encode("utf-16-le"), "UTF-16 with its mark"),
        "utf-16-be": ('{"a":1}'.encode("utf-16-be"), "UTF-16, big-endian"),
        "form-feed": (b"\x0c" + SOUND, "a form feed, which is no white space"),
        "no-break-space": (b"\xc2\xa0" + SOUND, "a no-break space, which is no white space"),
        "text": (b"rnnspec: 1.0-draft.3\n", "YAML"),
    }
    for name, (data, what) in unrecognised.items():
        table.row(
            name, what, "bytes-5", data, "a guess at what the bytes may be",
            expect="BYTES_UNRECOGNISED",
        )  # fmt: skip
    table.row(
        "utf-16-brace", "UTF-16, little-endian: it starts with a brace, and is UTF-8", "bytes-5 json-1",
        SOUND.decode().encode("utf-16-le"), "a decoder that tries several encodings",
        expect="SYNTAX_UNEXPECTED",
    )  # fmt: skip


def utf8(table: Table) -> None:
    """[bytes-6]."""
    before, after = in_value('"né☃😀@@"').encode().split(b"@@")
    for name, (data, what) in ILL_FORMED.items():
        table.row(
            f"utf8-{name}", what, "bytes-6", before + data + after,
            "a decoder that repairs, or an offset that is not that of the first byte",
            expect="BYTES_UTF8",
        )  # fmt: skip
    table.row(
        "utf8-edges", "the first and last scalar values of each length", "bytes-6 json-7",
        in_value(f'"{EDGES}"'),
        "a table of UTF-8 that is too strict",
    )  # fmt: skip
    table.row(
        "utf8-before-syntax", "wrong UTF-8 after a fault of the grammar", "bytes-6 stage-1",
        b"{]" + b"\xff", "a stage that starts before the one before it has ended",
        expect="BYTES_UTF8",
    )  # fmt: skip
    table.row(
        "utf8-after-end", "wrong UTF-8 after the end of the object", "bytes-6", SOUND + b"\xc3",
        "bytes after the end that are not looked at", expect="BYTES_UTF8",
    )  # fmt: skip
    table.row(
        "utf8-in-key", "wrong UTF-8 in a key", "bytes-6", b'{"\xc3(": 1}',
        "keys that are decoded by another path", expect="BYTES_UTF8",
    )  # fmt: skip
