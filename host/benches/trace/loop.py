"""Sends each APDU of a trace to the card in a reader, with pyscard: FILE READER."""

import sys

from smartcard.System import readers


def main(path, name):
    with open(path, encoding="ascii") as trace:
        commands = [list(bytes.fromhex(line[2:])) for line in trace if line.startswith("> ")]
    reader = next(reader for reader in readers() if str(reader) == name)
    connection = reader.createConnection()
    connection.connect()
    for command in commands:
        data, high, low = connection.transmit(command)
        if (data, high, low) != ([], 0x90, 0x00):
            sys.exit(f"{command} was answered {data} {high:02X}{low:02X}")


main(*sys.argv[1:])
