"""Model folders and checkpoints: safetensors, written and read without that library."""

import json
import math
import os
import struct

import numpy as np
import torch

from settings import InputError

PREFIX = "_orig_mod.model.inner."
TYPES = {
    "F32": torch.float32, "BF16": torch.bfloat16, "F64": torch.float64, "I32": torch.int32,
    "I64": torch.int64, "BOOL": torch.bool,
}  # fmt: skip
NAMES = {dtype: name for name, dtype in TYPES.items()}


def encode(tensors, metadata=None):
    """The bytes of a safetensors file."""
    header = {"__metadata__": metadata} if metadata else {}
    parts, at = [], 0
    for name, tensor in tensors.items():
        flat = tensor.detach().cpu().contiguous().reshape(-1)
        raw = flat.view(torch.uint8).numpy().tobytes()
        span = [at, at + len(raw)]
        header[name] = dict(dtype=NAMES[tensor.dtype], shape=list(tensor.shape), data_offsets=span)
        parts.append(raw)
        at += len(raw)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + b"".join(parts)


def decode(data):
    """Tensors by name, and the metadata."""
    (length,) = struct.unpack_from("<Q", data)
    header = json.loads(data[8 : 8 + length])
    metadata = header.pop("__metadata__", {})
    tensors = {}
    for name, entry in header.items():
        start, end = entry["data_offsets"]
        raw = np.frombuffer(data, np.uint8, end - start, 8 + length + start).copy()
        tensors[name] = torch.from_numpy(raw).view(TYPES[entry["dtype"]]).reshape(entry["shape"])
    return tensors, metadata


def read(path):
    with open(path, "rb") as file:
        return decode(file.read())[0]


def read_model(path, arch):
    """The weights of a model folder, or of its file, as float32, without their prefix."""
    file = os.path.join(path, "model.safetensors") if os.path.isdir(path) else path
    try:
        stored = read(file)
    except OSError as e:
        raise InputError(f"{file}: {e.strerror}") from e
    shapes = arch.shapes()
    for name in stored:
        if name.removeprefix(PREFIX) not in shapes:
            raise InputError(
                f"{file}: arch has no place for its tensor {name}: use that model's arch"
            )
    weights = {}
    for name, shape in shapes.items():
        tensor = stored.get(PREFIX + name)
        if tensor is None or tuple(tensor.shape) != shape:
            found = "is missing" if tensor is None else f"has shape {list(tensor.shape)}"
            raise InputError(
                f"{file}: tensor {name} {found}; arch asks for {list(shape)}: use that model's arch"
            )
        weights[name] = tensor.float()
    return weights


def write(path, data):
    """All of a file or none of it."""
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    with open(path + ".part", "wb") as file:
        file.write(data)
    os.replace(path + ".part", path)


def save_model(folder, arch, weights, metadata):
    """model.safetensors (bfloat16, published keys) and config.json, as the Java side loads them."""
    tensors = {PREFIX + name: weights[name].to(torch.bfloat16) for name in arch.shapes()}
    write(os.path.join(folder, "model.safetensors"), encode(tensors, metadata))
    config = {key: value for key, value in arch.keys.items() if value is not None}
    write(os.path.join(folder, "config.json"), (json.dumps(config, indent=2) + "\n").encode())


# What a checkpoint stores as what, until it fits: parameters, their average, optimizer state.
PLANS = [
    dict(p=torch.float32, ema=torch.float32, rest=torch.bfloat16),
    dict(p=torch.float32, ema=torch.bfloat16, rest=torch.bfloat16),
    dict(p=torch.float32, ema=torch.bfloat16, rest=None),
    dict(p=torch.bfloat16, ema=torch.bfloat16, rest=None),
]


def save_checkpoint(folder, state, metadata, pieces, piece_bytes):
    """Pieces `checkpoint.0`, ... of at most piece_bytes each; gives a note where the state had to
    be coarsened to fit."""
    for number, plan in enumerate(PLANS):
        stored = {}
        for name, tensor in state.items():
            kind = name.split("/")[0]
            dtype = plan[kind] if kind in plan else plan["rest"]
            if dtype is not None:
                stored[name] = tensor.to(dtype)
        data = encode(stored, metadata)
        if len(data) <= pieces * piece_bytes:
            break
    else:
        raise InputError(
            f"the checkpoint takes {len(data)} bytes, but --pieces {pieces} of --piece-mib allow"
            f" {pieces * piece_bytes}; raise them where they need not travel"
        )
    count = math.ceil(len(data) / piece_bytes)
    size = math.ceil(len(data) / count)
    path = os.path.join(folder, "checkpoint.")
    for i in range(count):
        write(f"{path}{i}.new", data[i * size : (i + 1) * size])
    for i in range(count):
        os.replace(f"{path}{i}.new", f"{path}{i}")
    while os.path.exists(f"{path}{count}"):
        os.remove(f"{path}{count}")
        count += 1
    return None if number == 0 else f"checkpoint coarsened to fit: {plan}"


def load_checkpoint(folder):
    """State and metadata of the pieces in a folder."""
    data = b""
    i = 0
    while os.path.exists(os.path.join(folder, f"checkpoint.{i}")):
        with open(os.path.join(folder, f"checkpoint.{i}"), "rb") as file:
            data += file.read()
        i += 1
    if i == 0:
        raise InputError(f"{folder} has no checkpoint.0; give the folder of an earlier run")
    try:
        return decode(data)
    except (ValueError, KeyError, struct.error) as e:
        raise InputError(f"the {i} pieces in {folder} are not a whole checkpoint: {e}") from e
