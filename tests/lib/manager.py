# SPDX-License-Identifier: Apache-2.0
# manager.py PATH: the socket of a service manager. Prints each thing that a program says to it, as a line of JSON with the
# number of its process and the name of its program.
import json
import os
import socket
import struct
import sys

listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
listener.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
listener.bind(sys.argv[1])
os.chmod(sys.argv[1], 0o777)
programs = {}
print(json.dumps({"said": "listening"}), flush=True)
while True:
    text, ancillary, _, _ = listener.recvmsg(4096, socket.CMSG_SPACE(12))
    pid = struct.unpack("3i", ancillary[0][2])[0]
    if pid not in programs:
        try:
            programs[pid] = os.path.basename(os.readlink(f"/proc/{pid}/exe"))
        except OSError:
            continue
    print(json.dumps({"pid": pid, "program": programs[pid], "said": text.decode()}), flush=True)
