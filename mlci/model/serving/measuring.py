"""Measuring a model where it runs: seconds of a call, and memory."""

from __future__ import annotations

import sys
import time
from typing import Any, Callable, Dict, List, Optional, Sequence


def time_calls(
    served: Callable[[List[Any]], Any], batches: Sequence[List[Any]], plan: Dict[str, Any]
) -> Dict[str, Any]:
    """Call `served` over `batches`, one after the other and again from the start, and return the seconds of each call.

    `plan` holds `warm_up` (calls that are not counted), `calls`, and `budget_s`: no call begins after so many seconds.
    The garbage collector runs before the calls and not between them.
    """
    import gc

    for at in range(plan["warm_up"]):
        served(list(batches[at % len(batches)]))
    gc.collect()
    was_on, seconds, began = gc.isenabled(), [], time.perf_counter()
    gc.disable()
    try:
        for at in range(plan["calls"]):
            batch = list(batches[(plan.get("first", 0) + at) % len(batches)])
            start = time.perf_counter()
            served(batch)
            seconds.append(time.perf_counter() - start)
            if time.perf_counter() - began > plan["budget_s"]:
                break
    finally:
        if was_on:
            gc.enable()
    return {"seconds": seconds}


def peak_memory() -> Optional[int]:
    """Return the largest resident size of this process so far, in bytes; None on a system that does not tell."""
    try:
        with open("/proc/self/status", encoding="ascii") as file:
            # Not getrusage: on Linux its maximum begins with the size of the process that started this one.
            return next(int(line.split()[1]) * 1024 for line in file if line.startswith("VmHWM:"))
    except (OSError, StopIteration, ValueError):
        pass
    try:
        import resource
    except ImportError:
        return None
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
