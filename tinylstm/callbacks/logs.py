"""Logs and messages in words."""

import math

from ..kernels.compiling import OUT


def format_logs(logs):
    """The logs in one line: ``loss: 0.1234 - accuracy: 0.9600``."""
    return " - ".join(f"{name}: {number(value)}" for name, value in logs.items())


def number(value):
    """Four decimals, or four digits with an exponent where those would say nothing."""
    small = value != 0 and abs(value) < 1e-3
    return f"{value:.4e}" if small and math.isfinite(value) else f"{value:.4f}"


def say(message):
    """Print a line, above the progress bar where there is one."""
    from tqdm import tqdm  # takes time to import

    tqdm.write(message, file=OUT)
