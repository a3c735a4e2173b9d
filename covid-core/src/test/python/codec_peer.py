"""What pydicom, with GDCM's decoders, reads in DICOM files: a JSON list on standard output.

    codec_peer.py samples FILE ...   rows, columns and samples (int16, little endian, zlib, base64)
    codec_peer.py sums FILE ...      rows, columns and the samples' SHA-256
"""

import base64
import hashlib
import json
import sys
import zlib

import numpy as np
import pydicom
import pydicom.pixels

RLE = "1.2.840.10008.1.2.5"


def main(mode, *files):
    rows = []
    for file in files:
        data = pydicom.dcmread(file)
        syntax = data.file_meta.TransferSyntaxUID
        plugin = "" if not syntax.is_encapsulated else "pydicom" if syntax == RLE else "gdcm"
        samples = pydicom.pixels.pixel_array(data, raw=True, decoding_plugin=plugin)
        content = (samples.astype(np.int64) & 0xFFFF).astype("<u2").tobytes()
        row = {"file": file, "rows": samples.shape[0], "columns": samples.shape[1]}
        if mode == "sums":
            row["sha256"] = hashlib.sha256(content).hexdigest()
        else:
            row["samples"] = base64.b64encode(zlib.compress(content)).decode()
        rows.append(row)
    json.dump(rows, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
