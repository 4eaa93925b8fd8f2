"""A progress bar, on standard error."""

from ..kernels.compiling import ERR


def progress_bar(total, unit, done=None, **options):
    """A bar on the standard error stream that counts so many, or what comes out of `done`."""
    from tqdm import tqdm  # takes time to import

    options |= {"total": total, "unit": unit, "file": ERR, "dynamic_ncols": True}
    return tqdm(done, disable=ERR.now is None, **options)
