"""Writes small compressed frames, and what other decoders make of them, for src/test/resources.

    pip install imagecodecs==2026.3.6 numpy==2.4.6 pillow==13.0.0
    codec_goldens.py OUT.json

Lossless JPEG with every predictor, restart markers and point transform is encoded here, as no
encoder at hand writes all of it; libjpeg-turbo (imagecodecs) must decode it. What is lossy has the
reference decoder's samples beside it. Samples are int16 or uint16, little endian, zlib, base64.
"""

import base64
import io
import json
import pathlib
import struct
import sys
import zlib

import imagecodecs
import numpy as np
import PIL
import PIL.Image

BASELINE, EXTENDED = "1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51"
LOSSLESS, FIRST_ORDER = "1.2.840.10008.1.2.4.57", "1.2.840.10008.1.2.4.70"
LS, LS_NEAR = "1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.81"
J2K_LOSSLESS, J2K = "1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.91"
RLE = "1.2.840.10008.1.2.5"
NONE = -(10**9)


def images():
    random = np.random.default_rng(30)
    y, x = np.mgrid[:32, :40]
    smooth = 1500 + 1200 * np.sin(x / 9) * np.cos(y / 7)
    noise = random.normal(0, 12, smooth.shape)
    air = (x - 20) ** 2 + (y - 16) ** 2 > 230
    ct = np.where(air, 0, np.clip(smooth + noise, 0, 4095)).astype(np.uint16)
    yield "ct12", ct, 12, False
    yield "flat12", np.full((9, 21), 1024, np.uint16), 12, False
    yield "eight", (ct >> 4).astype(np.uint16), 8, False
    yield "hu16", ct.astype(np.int16) - 1024, 16, True
    wide = random.integers(0, 65536, (11, 17), np.uint16)
    wide.flat[:4] = 0, 65535, 0, 32768
    yield "noise16", wide, 16, False
    yield "ten", (ct >> 2).astype(np.uint16), 10, False


# --- Lossless JPEG (ITU-T T.81, annex H) ------------------------------------------------------


def predictions(stored, predictor, first):
    padded = np.zeros((stored.shape[0], stored.shape[1]), np.int64)
    left, above, corner = (np.zeros_like(padded) for _ in range(3))
    left[:, 1:] = stored[:, :-1]
    above[1:] = stored[:-1]
    corner[1:, 1:] = stored[:-1, :-1]
    inner = [
        None,
        left,
        above,
        corner,
        left + above - corner,
        left + ((above - corner) >> 1),
        above + ((left - corner) >> 1),
        (left + above) >> 1,
    ][predictor]
    result = inner.copy()
    result[:, 0] = above[:, 0]
    for row in first:
        result[row] = left[row]
        result[row, 0] = NONE
    return result


def lossless(image, precision, predictor, *, shift=0, rows=0, lengths=None, fill=False):
    stored = image.astype(np.int64) >> shift
    first = range(0, stored.shape[0], rows or stored.shape[0])
    predicted = predictions(stored, predictor, first)
    predicted[predicted == NONE] = 1 << (precision - shift - 1)
    difference = (stored - predicted) & 0xFFFF
    difference[difference > 32768] -= 65536
    category = np.array([int(abs(d)).bit_length() for d in difference.ravel()])
    category = category.reshape(difference.shape)
    # Lengths of codes: one for each category, a complete code but for its last word.
    lengths = lengths or [2, 3, 3, 3, 3, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14]
    symbols = sorted(range(17), key=lambda s: (lengths[s], s))
    codes, code, before = {}, 0, 0
    for s in symbols:
        code <<= lengths[s] - before
        codes[s] = (code, lengths[s])
        before = lengths[s]
        code += 1
    counts = [sum(1 for s in symbols if lengths[s] == n) for n in range(1, 17)]
    out = bytearray(b"\xff\xd8")
    out += b"\xff\xe0" + struct.pack(">H", 6) + b"test"
    out += b"\xff\xc3" + struct.pack(">HBHHB3B", 11, precision, *image.shape, 1, 1, 0x11, 0)
    out += b"\xff\xc4" + struct.pack(">HB", 19 + 17, 0) + bytes(counts) + bytes(symbols)
    if rows:
        out += b"\xff\xdd" + struct.pack(">HH", 4, rows * image.shape[1])
    out += b"\xff\xda" + struct.pack(">HB2B3B", 8, 1, 1, 0, predictor, 0, shift)
    for n, start in enumerate(first):
        if n:
            out += (b"\xff" if fill else b"") + bytes([0xFF, 0xD0 + (n - 1) % 8])
        bits = []
        for row in range(start, min(stored.shape[0], start + (rows or stored.shape[0]))):
            for d, c in zip(difference[row], category[row]):
                word, length = codes[int(c)]
                bits.append(format(word, f"0{length}b"))
                if 0 < c < 16:
                    extra = int(d) if d > 0 else int(d) + (1 << int(c)) - 1
                    bits.append(format(extra, f"0{int(c)}b"))
        text = "".join(bits)
        text += "1" * (-len(text) % 8)
        for i in range(0, len(text), 8):
            byte = int(text[i : i + 8], 2)
            out.append(byte)
            if byte == 0xFF:
                out.append(0)
    return bytes(out + b"\xff\xd9")


# --- Others -----------------------------------------------------------------------------------


def rle(image, size):
    data = image.astype("<u2")
    planes = [data >> 8, data & 0xFF] if size == 2 else [data]
    segments = []
    for plane in planes:
        packed = b"".join(
            imagecodecs.packbits_encode(row.tobytes()) for row in plane.astype(np.uint8)
        )
        segments.append(packed + b"\0" * (len(packed) % 2))
    offsets, at = [], 64
    for s in segments:
        offsets.append(at)
        at += len(s)
    header = struct.pack("<16I", len(segments), *(offsets + [0] * (15 - len(offsets))))
    return header + b"".join(segments)


def packed(samples):
    return base64.b64encode(zlib.compress(np.ascontiguousarray(samples, "<u2").tobytes())).decode()


def main(target):
    streams = []

    def add(name, syntax, image, stream, expected=None, tolerance=0, allocated=None, stored=None):
        pixels, bits, signed = image
        expected = pixels if expected is None else np.asarray(expected)
        assert expected.shape == pixels.shape, name
        streams.append(
            {
                "name": name,
                "syntax": syntax,
                "rows": pixels.shape[0],
                "columns": pixels.shape[1],
                "bitsAllocated": allocated or (8 if bits <= 8 else 16),
                "bitsStored": stored or bits,
                "signed": signed,
                "tolerance": tolerance,
                "stream": base64.b64encode(stream).decode(),
                "samples": packed(expected.astype(np.int64) & 0xFFFF),
            }
        )

    def same(name, decoded, pixels):
        assert np.array_equal(np.asarray(decoded).astype(np.int64), pixels.astype(np.int64)), name

    all_images = {name: (pixels, bits, signed) for name, pixels, bits, signed in images()}
    for name, image in all_images.items():
        pixels, bits, signed = image
        mask = (1 << bits) - 1
        raw = (pixels.astype(np.int64) & mask).astype(np.uint8 if bits <= 8 else np.uint16)
        predictors = range(1, 8) if name in ("ct12", "noise16") else [1]
        for p in predictors:
            stream = lossless(raw, bits, p)
            same(name, imagecodecs.jpeg8_decode(stream), raw)
            add(f"lossless-{name}-{p}", FIRST_ORDER if p == 1 else LOSSLESS, image, stream)
        encoded = imagecodecs.jpegls_encode(raw)
        same(name, imagecodecs.jpegls_decode(encoded), raw)
        add(f"ls-{name}", LS, image, encoded)
        for near in (1, 3, 10):
            encoded = imagecodecs.jpegls_encode(raw, level=near)
            decoded = imagecodecs.jpegls_decode(encoded)
            assert np.abs(decoded.astype(int) - raw.astype(int)).max() <= near, name
            if not signed:
                add(f"ls-{name}-near{near}", LS_NEAR, image, encoded, decoded)
        encoded = imagecodecs.jpeg2k_encode(
            pixels if signed else raw, level=0, codecformat="j2k", bitspersample=bits
        )
        same(name, imagecodecs.jpeg2k_decode(encoded), pixels)
        add(f"j2k-{name}", J2K_LOSSLESS, image, encoded)
        size = 1 if bits <= 8 else 2
        encoded = rle(raw, size)
        back = imagecodecs.dicomrle_decode(encoded, np.dtype(f"<u{size}"))
        same(name, np.frombuffer(back, f"<u{size}").reshape(raw.shape), raw)
        add(f"rle-{name}", RLE, image, encoded)

    ct, ten, eight = all_images["ct12"], all_images["ten"], all_images["eight"]
    raw = ct[0]
    long_codes = [14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 3, 3, 3, 2, 14]
    for options in (
        {"rows": 1},
        {"rows": 5, "fill": True},
        {"shift": 2},
        {"shift": 3, "rows": 8},
        {"lengths": long_codes},
    ):
        for p in (1, 4, 7):
            stream = lossless(raw, 12, p, **options)
            shift = options.get("shift", 0)
            expected = raw >> shift << shift
            if not options.get("fill"):
                same(str(options), imagecodecs.jpeg8_decode(stream), expected)
            what = "-".join(f"{k}{v if k != 'lengths' else ''}" for k, v in options.items())
            add(f"lossless-{what}-{p}", LOSSLESS, ct, stream, expected)
    # A stream of 16 bits may hold the 12 of the data set, its upper bits the sign's.
    signed = (ct[0].astype(np.int16) - 2048, 12, True)
    stream = lossless(signed[0].view(np.uint16), 16, 1)
    add("lossless-signed12in16", FIRST_ORDER, signed, stream)
    stream = lossless(signed[0].view(np.uint16) & 0xFFF, 12, 6)
    add("lossless-signed12", LOSSLESS, signed, stream)

    raw8 = eight[0].astype(np.uint8)
    for quality in (50, 90, 100):
        stream = imagecodecs.jpeg8_encode(raw8, level=quality)
        add(f"dct8-{quality}", BASELINE, eight, stream, imagecodecs.jpeg8_decode(stream), 1)
        stream = imagecodecs.jpeg8_encode(raw, level=quality, bitspersample=12)
        add(f"dct12-{quality}", EXTENDED, ct, stream, imagecodecs.jpeg8_decode(stream), 1)
    file = io.BytesIO()
    PIL.Image.fromarray(raw8[:29, :37]).save(file, "JPEG", quality=80, restart_marker_blocks=3)
    stream = file.getvalue()
    cut = (eight[0][:29, :37], 8, False)
    add("dct8-restarts", BASELINE, cut, stream, imagecodecs.jpeg8_decode(stream), 1)

    for quality in (40, 70):
        encoded = imagecodecs.jpeg2k_encode(
            raw, level=quality, codecformat="j2k", bitspersample=12, reversible=False
        )
        decoded = imagecodecs.jpeg2k_decode(encoded)
        add(f"j2k-irreversible{quality}", J2K, ct, encoded, decoded, 1)
    for name, options in {
        "tiles": {"tile_size": (16, 16), "num_resolutions": 3},
        "precincts": {"precinct_size": (32, 32), "codeblock_size": (16, 16), "progression": "RPCL"},
        "layers": {"quality_mode": "rates", "quality_layers": [20, 5, 1], "progression": "RLCP"},
    }.items():
        file = io.BytesIO()
        PIL.Image.fromarray(raw).save(file, "JPEG2000", no_jp2=True, **options)
        encoded = file.getvalue()
        # Pillow garbles tiles of 16 bits before they are encoded.
        add(f"j2k-{name}", J2K_LOSSLESS, ct, encoded, imagecodecs.jpeg2k_decode(encoded))

    versions = {
        "imagecodecs": imagecodecs.__version__,
        "libjpeg-turbo": imagecodecs.jpeg8_version(),
        "charls": imagecodecs.jpegls_version(),
        "openjpeg": imagecodecs.jpeg2k_version(),
        "pillow": PIL.__version__,
        "numpy": np.__version__,
    }
    table = {"versions": versions, "streams": streams}
    pathlib.Path(target).write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")
    print(len(streams), "streams")


if __name__ == "__main__":
    main(*sys.argv[1:])
