"""Runs the escape attempts, each in a worker of its own, and prints what each got away with as JSON.

python run_attempts.py FOLDER sandboxed|open
"""

import json
import os
import socket
import subprocess
import sys
import threading

from lyra_core.errors import PluginError
from lyra_core.foreign.bridge import ForeignHost
from lyra_core.foreign.supervisor import Worker
from lyra_core.security.sandbox import Limits, SandboxPolicy, launch_worker, sandbox_status
from lyra_core.security.sandbox.bubblewrap import bubblewrap_works
from lyra_core.security.sandbox.status import decide_status
from lyra_core.values import Association, String

HERE = os.path.dirname(os.path.abspath(__file__))
MEMORY, DESCRIPTORS, FILE = 512, 128, 8
os.environ["LYRA_TEST_SECRET"] = "secret"


def make_world(folder):
    """Lay out what is granted, what is not, and whom to reach."""
    for name in ("read", "write"):
        os.makedirs(os.path.join(folder, name), exist_ok=True)
    files = {"secret": "secret.csv", "movable": "movable.txt", "readable": "read/data.txt", "code": "elsewhere.py"}
    world = {name: os.path.join(folder, path) for name, path in files.items()}
    for path in world.values():
        with open(path, "w") as file:
            file.write("VALUE = 1\n")
    with open(os.path.join(folder, "read", "doomed"), "w"):
        pass
    planted = os.path.join(folder, "read", "planted")
    if not os.path.islink(planted):
        os.symlink(world["secret"], planted)
    world |= {"read": os.path.join(folder, "read"), "write": os.path.join(folder, "write"), "host": os.getpid()}
    world |= {"memory": MEMORY, "descriptors": DESCRIPTORS, "file": FILE}
    return world


def serve(world, folder):
    """Open the sockets that the attempts try to reach."""
    tcp = socket.create_server(("127.0.0.1", 0))
    path = os.path.join(folder, "s")
    unix, abstract, datagram = socket.socket(socket.AF_UNIX), socket.socket(socket.AF_UNIX), None
    if os.path.exists(path):
        os.unlink(path)
    unix.bind(path)
    world["abstract"] = f"lyra-escape-{os.getpid()}"
    abstract.bind("\0" + world["abstract"])
    datagram = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    world["abstract_datagram"] = world["abstract"] + "-d"
    datagram.bind("\0" + world["abstract_datagram"])
    for each in (unix, abstract):
        each.listen(50)
    world |= {"tcp": tcp.getsockname()[1], "unix": path}

    def accept(sock):
        while True:
            sock.accept()[0].close()

    for each in (tcp, unix, abstract):
        threading.Thread(target=accept, args=(each,), daemon=True).start()
    return tcp, unix, abstract, datagram


def association(world):
    return Association.from_pairs((String(k), String(v) if isinstance(v, str) else v) for k, v in world.items())


def main(folder, mode):
    world = make_world(folder)
    kept = serve(world, folder)
    victim = subprocess.Popen(["/bin/sleep", "600"])
    world["victim"] = victim.pid
    module = os.path.join(HERE, "escape_attempts.py")
    policy = SandboxPolicy(
        read=(module, world["read"]),
        write=(world["write"],),
        limits=Limits(memory=MEMORY, address_space=16384, file=FILE, open_files=DESCRIPTORS),
    )
    status = sandbox_status()
    if mode == "bubblewrap":
        status = decide_status("Linux", 0, "x86_64", True, bubblewrap_works)
    worker = Worker(
        lambda: launch_worker(policy, sandboxed=mode != "open", preload=("numpy",), status=status),
        language="Python",
        host=ForeignHost(),
        deadline=60.0,
    )
    results = {}
    try:
        worker.load({"path": module, "name": "escape_attempts"})
        listed = {
            k: [x.value for x in worker.call("escape_attempts", k, []).args] for k in ("names", "controls", "fatal")
        }
        chosen = listed["controls"] if mode == "open" else listed["names"]
        for name in chosen:
            try:
                results[name] = worker.call("escape_attempts", "run", [String(name), association(world)]).value
            except PluginError as problem:
                results[name] = f"{problem.code} {problem.message}"
            if mode == "open":
                worker.close()
                make_world(folder)
                for left in os.listdir(world["write"]):
                    os.unlink(os.path.join(world["write"], left))
    finally:
        worker.close()
        victim.kill()
        victim.wait()
        for each in kept:
            each.close()
    print(json.dumps({"results": results, "fatal": listed["fatal"], "user": os.getuid(), "files": describe(world)}))


def describe(world):
    """What the host's files look like afterwards."""
    found = {}
    for name in ("secret", "movable", "readable"):
        try:
            info = os.stat(world[name])
            with open(world[name]) as file:
                found[name] = [file.read(), oct(info.st_mode & 0o777), info.st_mtime > 100]
        except OSError as problem:
            found[name] = [str(problem)]
    return found


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
