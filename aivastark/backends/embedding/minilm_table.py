"""The embedding table of the packaged MiniLM, left as small as it is stored.

The file has its weights as int8 and makes floats of them first: `Cast`, then `Mul` by the scale of each row.
onnxruntime does that once, when it loads, and keeps 47 MB of floats of which a question looks at ten rows. Here
the rows are taken first and made floats after, by the same operations: every number comes out as before, and the
table stays at 12 MB. The matrices of the layers are needed whole, as floats, and are left alone.

Written as ONNX has it (github.com/onnx/onnx, `onnx.proto`), each stretch exactly as long as the one it stands in
for: so no length around it changes, and nothing has to take the file apart.
"""

# Field numbers. Of a graph:
_NODE = 1
_REMARK = 10
# Of a node:
_INPUT = 1
_OUTPUT = 2
_NAME = 3
_OPERATION = 4
_ATTRIBUTE = 5

_TABLE = b"inner.embeddings.word_embeddings.weight"
_TO_FLOAT = b"\n\x02to\x18\x01\xa0\x01\x02"  # to = 1 (float32)
_BY_ROW = b"\n\x04axis\x18\x00\xa0\x01\x02"  # axis = 0


def rows_before_floats(model: bytes) -> bytes:
    """The model with rows of the table taken before they are made floats. Raises `ValueError` if it is another one."""
    floats = _node(b"Cast", [_TABLE + b"_q"], _TABLE + b"_f", name=_TABLE + b"_cast", attribute=_TO_FLOAT)
    floats += _node(b"Mul", [_TABLE + b"_f", _TABLE + b"_scale"], _TABLE, name=_TABLE + b"_mul")
    row = _node(b"Gather", [_TABLE, b"input_ids"], b"embedding", name=b"node_embedding", attribute=_BY_ROW)

    rows = _node(b"Gather", [_TABLE + b"_q", b"input_ids"], b"rows", attribute=_BY_ROW)
    rows += _node(b"Gather", [_TABLE + b"_scale", b"input_ids"], b"scales", attribute=_BY_ROW)
    rows += _node(b"Cast", [b"rows"], b"rows_as_floats", attribute=_TO_FLOAT)
    scaled = _node(b"Mul", [b"rows_as_floats", b"scales"], b"embedding")
    return _replaced(_replaced(model, floats, rows), row, scaled)


def _replaced(model: bytes, old: bytes, new: bytes) -> bytes:
    """`new` in the place of `old`, made as long by a remark of spaces."""
    before, found, after = model.partition(old)
    if not found:
        raise ValueError("the model's embedding table is not made as expected")
    remark = b" " * (len(old) - len(new) - len(_field(_REMARK, b"")))
    return b"".join((before, new, _field(_REMARK, remark), after))


def _node(operation: bytes, inputs: list[bytes], output: bytes, *, attribute: bytes = b"", name: bytes = b"") -> bytes:
    fields = [_field(_INPUT, one) for one in inputs]
    fields.append(_field(_OUTPUT, output))
    fields += [_field(number, one) for number, one in ((_NAME, name), (_OPERATION, operation)) if one]
    fields += [_field(_ATTRIBUTE, attribute)] if attribute else []
    return _field(_NODE, b"".join(fields))


def _field(number: int, content: bytes) -> bytes:
    """A field with a length before it; lengths below 16,384 take one byte or two."""
    length = len(content)
    written = bytes([length]) if length < 0x80 else bytes([length & 0x7F | 0x80, length >> 7])
    return bytes([number << 3 | 2]) + written + content
