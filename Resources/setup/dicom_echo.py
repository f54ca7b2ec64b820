# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One C-ECHO over a new association (DICOM PS3.7 section 9.3.5, PS3.8 section 9.3), in the few PDUs that it takes.

For timing only: pynetdicom adds some 60 ms of its own to each association, DCMTK's echoscu 150 ms of start-up, so
neither can show a limit of 50 ms. Acknowledgements are sent at once (TCP_QUICKACK): DCMTK writes a PDU in two parts, and
Linux's delayed acknowledgement adds 40 ms between them on loopback, with or without a plugin.
"""

import socket
import struct

VERIFICATION = b"1.2.840.10008.1.1"
ITEMS = {"application_context": b"1.2.840.10008.3.1.1.1", "implicit_little_endian": b"1.2.840.10008.1.2"}
ASSOCIATE_ACCEPT, DATA, RELEASE_REPLY = 0x02, 0x04, 0x06
CONTEXT_ID = 1
STATUS_TAG = struct.pack("<HH", 0x0000, 0x0900)


def item(kind, content):
    return struct.pack(">BBH", kind, 0, len(content)) + content


def pdu(kind, content):
    return struct.pack(">BBL", kind, 0, len(content)) + content


def receive(connection):
    def exactly(count):
        content = b""
        while len(content) < count:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
            part = connection.recv(count - len(content))
            if not part:
                raise ConnectionError("the peer closed the association")
            content += part
        return content
    kind, _, length = struct.unpack(">BBL", exactly(6))
    return kind, exactly(length)


def associate_request(calling, called):
    context = struct.pack(">BBBB", CONTEXT_ID, 0, 0, 0) + item(0x30, VERIFICATION) + \
        item(0x40, ITEMS["implicit_little_endian"])
    user = item(0x51, struct.pack(">L", 16384)) + item(0x52, b"2.25.27")
    return pdu(0x01, struct.pack(">HH", 1, 0) + called.encode().ljust(16) + calling.encode().ljust(16) + bytes(32)
               + item(0x10, ITEMS["application_context"]) + item(0x20, context) + item(0x50, user))


def echo_request():
    def element(number, value):
        return struct.pack("<HHL", 0x0000, number, len(value)) + value
    command = element(0x0002, VERIFICATION + b"\0") + element(0x0100, struct.pack("<H", 0x0030)) + \
        element(0x0110, struct.pack("<H", 1)) + element(0x0800, struct.pack("<H", 0x0101))
    command = element(0x0000, struct.pack("<L", len(command))) + command
    value = struct.pack(">BB", CONTEXT_ID, 0x03) + command   # 0x03: command, last fragment
    return pdu(DATA, struct.pack(">L", len(value)) + value)


def echo(port, calling="LOCAL", called="H3K27M", host="127.0.0.1", timeout=10):
    """Raises ConnectionError unless the peer answers with success."""
    with socket.create_connection((host, port), timeout=timeout) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall(associate_request(calling, called))
        kind, _ = receive(connection)
        if kind != ASSOCIATE_ACCEPT:
            raise ConnectionError(f"the association was refused (PDU type {kind})")
        connection.sendall(echo_request())
        kind, content = receive(connection)
        at = content.find(STATUS_TAG)
        if kind != DATA or at < 0 or content[at + 8:at + 10] != b"\0\0":
            raise ConnectionError("C-ECHO was not answered with success")
        connection.sendall(pdu(0x05, bytes(4)))
        if receive(connection)[0] != RELEASE_REPLY:
            raise ConnectionError("the association was not released")
