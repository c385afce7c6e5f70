"""The safetensors container: u64 length, a JSON header, then the tensors' bytes without holes. All little-endian."""

import json
import struct
from pathlib import Path
from typing import Dict, Mapping, Tuple

import numpy as np

MAX_HEADER_BYTES = 100_000_000
DTYPES = {"I8": np.int8, "U8": np.uint8, "I16": np.int16, "I32": np.int32, "I64": np.int64, "F32": np.float32, "F64": np.float64}
NAMES = {np.dtype(dtype): name for name, dtype in DTYPES.items()}


def write_safetensors(path: Path, tensors: Mapping[str, np.ndarray], metadata: Mapping[str, str]) -> None:
    """The same tensors and metadata give the same bytes: wide elements first, then by name; the header is padded to 8 bytes."""
    order = sorted(tensors, key=lambda name: (-tensors[name].dtype.itemsize, name))
    header: Dict[str, object] = {"__metadata__": dict(sorted(metadata.items()))}
    offset = 0
    for name in order:
        tensor = tensors[name]
        header[name] = {"dtype": NAMES[tensor.dtype], "shape": list(tensor.shape), "data_offsets": [offset, offset + tensor.nbytes]}
        offset += tensor.nbytes
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for name in order:
            file.write(np.ascontiguousarray(tensors[name]).astype(tensors[name].dtype.newbyteorder("<")).tobytes())


def read_safetensors(path: Path) -> "Tuple[Dict[str, np.ndarray], Dict[str, str]]":
    """Tensors and metadata. Raises ValueError when lengths, shapes and offsets do not agree."""
    raw = Path(path).read_bytes()
    length = struct.unpack_from("<Q", raw)[0] if len(raw) >= 8 else MAX_HEADER_BYTES
    if length >= MAX_HEADER_BYTES or 8 + length > len(raw):
        raise ValueError(f"{path}: not a safetensors file, or cut short")
    header = json.loads(raw[8 : 8 + length])
    metadata = header.pop("__metadata__", {})
    data, tensors = raw[8 + length :], {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        dtype = np.dtype(DTYPES[entry["dtype"]]).newbyteorder("<")
        if not 0 <= begin <= end <= len(data) or end - begin != int(np.prod(entry["shape"], dtype=np.int64)) * dtype.itemsize:
            raise ValueError(f"{path}: {name} does not fit its offsets")
        tensors[name] = np.frombuffer(data[begin:end], dtype).reshape(entry["shape"]).astype(dtype.newbyteorder("="))
    return tensors, metadata
