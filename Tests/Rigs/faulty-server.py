#!/usr/bin/python3
"""A server on loopback with a fault.

    faulty-server.py silent                    accepts, and never says a word
    faulty-server.py garbage                   accepts, and answers everything with bytes that mean nothing
    faulty-server.py cut --to PORT --after S   passes on what the server at PORT says, and S seconds after a client has
                                               come closes its connection in the middle of a packet
    faulty-server.py stall --to PORT --after S passes on, and then no longer; the connection stays
    faulty-server.py garble --to PORT --after S  passes on, and then noise instead

Prints "listening PORT" when clients can come. Ends on SIGTERM, and when its parent is gone.
"""

import argparse
import asyncio
import os
import random
import signal
import time


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("fault", choices=["silent", "garbage", "cut", "stall", "garble"])
    parser.add_argument("--port", type=int, default=0, help="default: any free one")
    parser.add_argument("--to", type=int, metavar="PORT", help="the server that is behind this one")
    parser.add_argument("--after", type=float, default=2, metavar="S")
    options = parser.parse_args()
    if options.fault not in ("silent", "garbage") and not options.to:
        parser.error(f"{options.fault} needs --to PORT")
    return options


async def silence(reader):
    """Reads until the client goes."""
    while await reader.read(65536):
        pass


async def babble(reader, writer, noise):
    """Noise whenever the client has said something."""
    while await reader.read(65536):
        writer.write(noise.randbytes(4096))
        await writer.drain()


async def forward(reader, writer):
    """What the client says, to the server behind."""
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()


async def answer(options, reader, client, noise):
    """What the server behind says, to the client, until the fault."""
    end = time.monotonic() + options.after
    while data := await reader.read(65536):
        if time.monotonic() < end:
            client.write(data)
        elif options.fault == "cut":
            client.write(data[: len(data) // 2])
            await client.drain()
            return
        elif options.fault == "garble":
            client.write(noise.randbytes(len(data)))
        await client.drain()


async def serve(options, reader, writer):
    """One client."""
    noise = random.Random(5)
    tasks, behind = [], None
    try:
        if options.fault == "silent":
            await silence(reader)
        elif options.fault == "garbage":
            await babble(reader, writer, noise)
        else:
            back, behind = await asyncio.open_connection("127.0.0.1", options.to)
            tasks = [asyncio.ensure_future(forward(reader, behind)),
                     asyncio.ensure_future(answer(options, back, writer, noise))]
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    except (ConnectionError, OSError):
        pass
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if behind:
            behind.close()
        writer.close()


async def main():
    options, parent = arguments(), os.getppid()
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGTERM, signal.SIGINT])  # a thread that blocks them started us
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    server = await asyncio.start_server(
        lambda reader, writer: serve(options, reader, writer), "127.0.0.1", options.port)
    print(f"listening {server.sockets[0].getsockname()[1]}", flush=True)
    while not stop.is_set() and os.getppid() == parent:
        try:
            await asyncio.wait_for(stop.wait(), 1)
        except asyncio.TimeoutError:
            pass
    os._exit(0)  # whatever the clients are doing


if __name__ == "__main__":
    asyncio.run(main())
