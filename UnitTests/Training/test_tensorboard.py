# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`h3k27m export-tensorboard`, read back by a reader of this test's own: TFRecord framing, checksums, protocol buffers.

TensorBoard 2.21 reads the same files; it is not installed here for its size.
"""

import json
import os
import struct
import subprocess
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
ENGINE = Path(os.environ.get("H3K27M_BUILD", REPOSITORY / "build" / "release")) / "h3k27m"


def crc32c(data):
    crc = 0xffffffff
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82f63b78 if crc & 1 else 0)
    return crc ^ 0xffffffff


def mask(crc):
    return ((crc >> 15 | crc << 17) + 0xa282ead8) & 0xffffffff


def read_records(data):
    while data:
        length, checksum = struct.unpack_from("<QI", data)
        assert checksum == mask(crc32c(data[:8]))
        body, data = data[12:12 + length], data[12 + length:]
        assert struct.unpack_from("<I", data)[0] == mask(crc32c(body))
        yield body
        data = data[4:]


def read_varint(data):
    value = shift = 0
    for used, byte in enumerate(data, 1):
        value |= (byte & 0x7f) << shift
        if byte < 0x80:
            return value, data[used:]
        shift += 7
    raise AssertionError("a number has no end")


def read_fields(data):
    """(field number, value) of a message."""
    while data:
        key, data = read_varint(data)
        kind = key & 7
        if kind == 0:
            value, data = read_varint(data)
        elif kind == 1:
            value, data = struct.unpack("<d", data[:8])[0], data[8:]
        elif kind == 2:
            length, data = read_varint(data)
            value, data = data[:length], data[length:]
        else:
            assert kind == 5
            value, data = struct.unpack("<f", data[:4])[0], data[4:]
        yield key >> 3, value


def read_scalars(path):
    """[(wall time, step, {tag: value})], after the first record, which names the version."""
    version, *events = [list(read_fields(record)) for record in read_records(path.read_bytes())]
    assert dict(version)[3] == b"brain.Event:2"
    found = []
    for event in events:
        fields = dict(event)
        values = [dict(read_fields(value)) for number, value in read_fields(fields[5]) if number == 1]
        found.append((fields[1], fields[2], {value[1].decode(): value[2] for value in values}))
    return found


def export(run, output):
    return subprocess.run([ENGINE, "export-tensorboard", "--run", run, "--output", output], capture_output=True,
                          text=True, check=False)


def test_the_checksum_is_that_of_the_standard():
    assert crc32c(b"123456789") == 0xe3069283


def test_curves_come_back_with_the_steps_of_all_stages(tmp_path):
    common = {"event": "step", "rate": 0.5, "time": "2026-01-02T03:04:05Z"}
    lines = [{"event": "data", "done": 1, "of": 1},
             {**common, "input_size": 32, "step": 10, "of": 20, "total": 1.5},
             {**common, "input_size": 32, "step": 20, "of": 20, "total": 1.25},
             {**common, "input_size": 64, "step": 10, "of": 300, "total": 0.5},
             {"event": "resumed", "stage": 1, "step": 10},      # from a checkpoint of the stage before
             {**common, "input_size": 32, "step": 20, "of": 20, "total": 1.125},
             {**common, "input_size": 64, "step": 300, "of": 300, "total": 0.25},
             {**common, "unit": "../fold-1", "input_size": 64, "step": 10, "of": 300, "total": 2, "seconds_left": 5}]
    (tmp_path / "events.jsonl").write_text("\n".join(map(json.dumps, lines)) + '\n{"event": "st')
    result = export(tmp_path, tmp_path / "out")
    assert result.returncode == 0, result.stderr
    written = sorted(path.relative_to(tmp_path / "out") for path in (tmp_path / "out").rglob("*") if path.is_file())
    assert [path.parent.name for path in written] == ["---fold-1", "training"]
    assert len(written[0].parts) == 2                           # nothing beside the folder
    scalars = read_scalars(tmp_path / "out" / written[1])
    assert [(step, values["total"]) for _, step, values in scalars] == [(10, 1.5), (20, 1.25), (30, 0.5), (20, 1.125),
                                                                        (320, 0.25)]
    assert {time for time, _, _ in scalars} == {1767323045.0}
    assert read_scalars(tmp_path / "out" / written[0])[0][2] == pytest.approx({"rate": 0.5, "total": 2})


def test_stages_of_one_size_follow_each_other(tmp_path):
    common = {"event": "step", "input_size": 64, "of": 20, "of_all": 40, "time": "2026-01-02T03:04:05Z"}
    lines = [{**common, "step": 10, "step_in_all": 10, "total": 2},
             {**common, "step": 20, "step_in_all": 20, "total": 1},
             {**common, "step": 10, "step_in_all": 30, "total": 0.5}]
    (tmp_path / "events.jsonl").write_text("\n".join(map(json.dumps, lines)) + "\n")
    result = export(tmp_path, tmp_path / "out")
    assert result.returncode == 0, result.stderr
    written = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert [(step, values["total"]) for _, step, values in read_scalars(*written)] == [(10, 2), (20, 1), (30, 0.5)]


def test_stages_of_one_size_and_another_length_follow_each_other_in_an_earlier_release_too(tmp_path):
    common = {"event": "step", "input_size": 64, "time": "2026-01-02T03:04:05Z"}
    lines = [{**common, "step": 20, "of": 20, "total": 1}, {**common, "step": 10, "of": 30, "total": 0.5}]
    (tmp_path / "events.jsonl").write_text("\n".join(map(json.dumps, lines)) + "\n")
    assert export(tmp_path, tmp_path / "out").returncode == 0
    written = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert [(step, values["total"]) for _, step, values in read_scalars(*written)] == [(20, 1), (30, 0.5)]


def test_a_folder_without_a_training_is_refused(tmp_path):
    result = export(tmp_path, tmp_path / "out")
    assert result.returncode == 4
    assert "tells of no step" in result.stderr
    assert not (tmp_path / "out").exists()
