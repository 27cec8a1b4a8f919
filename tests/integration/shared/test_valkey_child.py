"""The Valkey child: private, short-pathed, restarted, and never left behind."""

import asyncio
import signal
import stat
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from support.caches import cache_on, environment, eventually, gone, own_valkey, server_under
from techdock_shared.cache.valkey import ValkeyChild

PROGRAM = """
import asyncio, sys, threading
from pathlib import Path
from techdock_shared.cache.valkey import ValkeyChild

async def main():
    child = ValkeyChild(Path(sys.argv[1]))
    await child.start()
    print("ready", flush=True)
    await asyncio.Event().wait()

if sys.argv[2] == "thread":
    # Started from a thread that ends: a parent-death signal alone would kill the child then.
    loop = asyncio.new_event_loop()
    child = ValkeyChild(Path(sys.argv[1]))
    thread = threading.Thread(target=loop.run_until_complete, args=(child.start(),))
    thread.start()
    thread.join()
    print("ready", flush=True)
    threading.Event().wait()
else:
    asyncio.run(main())
"""


def start_program(folder: Path, how: str) -> subprocess.Popen[str]:
    program = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(folder), how],
        stdout=subprocess.PIPE,
        text=True,
        env=environment(),
    )
    assert program.stdout is not None
    assert "ready\n" in iter(program.stdout.readline, "")
    return program


@pytest.mark.parametrize("how", ["loop", "thread"])
async def test_the_server_ends_when_its_parent_is_killed(tmp_path: Path, how: str) -> None:
    with start_program(tmp_path / "run", how) as program:
        server = server_under(psutil.Process(program.pid), tmp_path / "run" / "cache.sock")
        guard = server.parent()
        assert guard is not None
        assert server.is_running()

        program.send_signal(signal.SIGKILL)

        await eventually(lambda: gone(server.pid) and gone(guard.pid))


async def test_the_server_outlives_the_thread_that_started_it(tmp_path: Path) -> None:
    with start_program(tmp_path / "run", "thread") as program:
        server = server_under(psutil.Process(program.pid), tmp_path / "run" / "cache.sock")
        # The guard looks at its parent five times a second; give it several looks.
        with pytest.raises(TimeoutError):
            await eventually(lambda: gone(server.pid), within_s=1)
        program.kill()
        await eventually(lambda: gone(server.pid))


async def test_the_server_ends_when_its_guard_is_killed_and_is_started_again(
    tmp_path: Path,
) -> None:
    async with own_valkey(tmp_path / "run") as valkey:
        keeping = asyncio.ensure_future(valkey.child.keep())
        old = valkey.server()
        guard = old.parent()
        assert guard is not None

        guard.kill()

        if sys.platform == "linux":
            await eventually(lambda: gone(old.pid))
        async with cache_on(valkey) as cache, asyncio.timeout(10):
            while not await cache.set("a", b"1", 60):
                await asyncio.sleep(0.01)
        assert valkey.server().pid != old.pid
        keeping.cancel()
        await asyncio.wait([keeping])


async def test_stopping_leaves_nothing(tmp_path: Path) -> None:
    child = ValkeyChild(tmp_path / "run")
    await child.start()
    server = server_under(psutil.Process(), child.socket)

    await child.stop()

    assert gone(server.pid)
    assert not child.socket.exists()


async def test_the_socket_is_private(tmp_path: Path) -> None:
    async with own_valkey(tmp_path / "run") as valkey:
        assert stat.S_IMODE(valkey.child.socket.parent.stat().st_mode) == 0o700
        assert stat.S_IMODE(valkey.child.socket.stat().st_mode) == 0o700


async def test_a_deep_folder_gets_a_short_socket_elsewhere_and_leaves_no_folder(
    tmp_path: Path,
) -> None:
    deep = tmp_path / ("deep" * 30)
    async with own_valkey(deep) as valkey:
        folder = valkey.child.socket.parent
        assert len(str(valkey.child.socket)) <= 100
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        async with cache_on(valkey) as cache:
            assert await cache.set("a", b"1", 60)
    assert not folder.exists()


async def test_an_old_socket_file_is_in_nobodys_way(tmp_path: Path) -> None:
    (tmp_path / "cache.sock").write_bytes(b"left by a killed program")
    async with own_valkey(tmp_path) as valkey, cache_on(valkey) as cache:
        assert await cache.set("a", b"1", 60)
