"""Fuzzing of functions that read bytes from outside: they may raise one error class, and nothing else.

A run is bounded by a number of inputs, so that it is the same run everywhere and a finding can be had again.
`make fuzz` gives each function BAITIE_FUZZ_S seconds instead, and a seed of its own by BAITIE_FUZZ_SEED.
"""

import os
import random
import time
from collections.abc import Callable, Iterator, Sequence

INPUTS = 10_000
FUZZ_S = float(os.environ.get("BAITIE_FUZZ_S", "0"))
FUZZ_SEED = int(os.environ.get("BAITIE_FUZZ_SEED", "0"))
PIECE = 50
"""So many inputs between two looks at the clock, where there is one."""


def fuzz(
    function: Callable[[bytes], object],
    error_class: type[Exception],
    seeds: Sequence[bytes],
    inputs: int = INPUTS,
    rng_seed: int = FUZZ_SEED,
) -> int:
    """Feed `function` with so many mutations of `seeds`, and give how many that were.

    Anything but a result or an `error_class` is raised, with the input and its place in the message.
    """
    rng = random.Random(rng_seed)
    tried = 0
    for tried in _places(inputs):
        data = mutate(rng, seeds)
        try:
            function(data)
        except error_class:
            pass
        except Exception as error:
            where = f"input {tried} of rng_seed {rng_seed}"
            raise AssertionError(f"{type(error).__name__} for {data!r} ({where})") from error
    return tried


def _places(inputs: int) -> Iterator[int]:
    """1, 2, 3 … to the number of inputs, or for as long as BAITIE_FUZZ_S says."""
    if not FUZZ_S:
        yield from range(1, inputs + 1)
        return
    ends_at, place = time.monotonic() + FUZZ_S, 0
    while time.monotonic() < ends_at:
        yield from range(place + 1, place + PIECE + 1)
        place += PIECE


def mutate(rng: random.Random, seeds: Sequence[bytes]) -> bytes:
    """A seed with some bytes changed, cut, doubled, inserted, or spliced with another seed."""
    data = bytearray(rng.choice(seeds))
    for _ in range(rng.randint(1, 6)):
        at = rng.randrange(len(data) + 1)
        match rng.randrange(7):
            case 0 if data:
                data[at % len(data)] = rng.randrange(256)
            case 1 if data:
                data[at % len(data)] ^= 1 << rng.randrange(8)
            case 2:
                del data[at : at + rng.randint(1, 16)]
            case 3:
                data[at:at] = rng.randbytes(rng.randint(1, 8))
            case 4:
                data[at:at] = data[at : at + rng.randint(1, 64)]
            case 5:
                other = rng.choice(seeds)
                data[at:] = other[rng.randrange(len(other) + 1) :]
            case _:
                data[at:at] = rng.choice(
                    (b"0", b"-1", b"\x00", b"\xff\xff\xff\xff", b"99999999999999999999", b"\r\n", b" ")
                )
    return bytes(data)
