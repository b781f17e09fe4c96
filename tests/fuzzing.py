"""Fuzzing of functions that read bytes from outside: they may raise one error class, and nothing else."""

import os
import random
import time
from collections.abc import Callable, Sequence

DEFAULT_S = float(os.environ.get("BAITIE_FUZZ_S", "8"))


def fuzz(
    function: Callable[[bytes], object],
    error_class: type[Exception],
    seeds: Sequence[bytes],
    seconds: float | None = None,
    rng_seed: int = 0,
) -> int:
    """Feed `function` with mutations of `seeds` for `seconds` and give the number of inputs tried.

    Anything but a result or an `error_class` is raised, with the input in the message.
    """
    rng = random.Random(rng_seed)
    ends_at = time.monotonic() + (DEFAULT_S if seconds is None else seconds)
    tried = 0
    while time.monotonic() < ends_at:
        for _ in range(50):
            data = mutate(rng, seeds)
            tried += 1
            try:
                function(data)
            except error_class:
                pass
            except Exception as error:
                raise AssertionError(f"{type(error).__name__} for input {data!r} (rng_seed {rng_seed})") from error
    return tried


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
