#include "experiments/release_parts.h"

namespace segue {

const char* loader_example() {
  return R"python(#!/usr/bin/env python3
"""Reads this release with pandas or Polars, whichever is installed; nothing else is needed.

  python3 load.py              every table with its rows and columns, every signal with its shape
  python3 load.py --verify     compares every file with SHA256SUMS

In a program: from load import table, arrays, signal
"""
import hashlib
import json
import struct
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
KINDS = {"F32": "f", "F64": "d", "I64": "q", "I32": "i", "I16": "h", "I8": "b", "U8": "B", "BOOL": "B"}


def table(name):
    """A Parquet table of this folder as a DataFrame: table("plays"), table("protocols/segue/cases")."""
    path = HERE / (name + ".parquet")
    try:
        import polars
        return polars.read_parquet(path)
    except ImportError:
        import pandas
        return pandas.read_parquet(path)


def arrays(path):
    """The arrays of a safetensors file by name, as memoryviews: numpy.asarray(view) copies nothing."""
    data = (HERE / path).read_bytes()
    size = struct.unpack("<Q", data[:8])[0]
    out = {}
    for name, about in json.loads(data[8:8 + size]).items():
        if name == "__metadata__":
            continue
        begin, end = (8 + size + at for at in about["data_offsets"])
        flat, kind, shape = memoryview(data)[begin:end], KINDS[about["dtype"]], about["shape"]
        out[name] = flat.cast(kind, shape) if len(flat) > 0 else flat.cast(kind)
    return out


def signal(name):
    """track [n], known [n] (1: a vector, 2: no words, 3: unreadable), vectors [n, D], perhaps mask [n, D] (1: that number is known)."""
    return arrays(f"signals/{name}/vectors.safetensors")


def verify():
    """Names of files that are missing or not as they were released."""
    wrong = []
    for line in (HERE / "SHA256SUMS").read_text(encoding="utf-8").splitlines():
        sha256, name = line.split("  ", 1)
        path = HERE / name
        if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
            wrong.append(name)
    return wrong


def main():
    if "--verify" in sys.argv[1:]:
        wrong = verify()
        sys.exit("missing or changed: " + ", ".join(wrong) if wrong else 0)
    for path in sorted(HERE.rglob("*.parquet")):
        name = path.relative_to(HERE).with_suffix("").as_posix()
        frame = table(name)
        print(f"{name}: {len(frame)} rows: {', '.join(frame.columns)}")
    for path in sorted(HERE.glob("signals/*/vectors.safetensors")):
        vectors = signal(path.parent.name)["vectors"]
        print(f"signal {path.parent.name}: {' x '.join(map(str, vectors.shape))}")


if __name__ == "__main__":
    main()
)python";
}

}  // namespace segue
