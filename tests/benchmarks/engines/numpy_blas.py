"""NumPy with the BLAS that comes with it: the speed of one large matrix product, nothing else."""

import numpy as np

VERSION = f"NumPy {np.__version__}"


def product(size):
    """One large matrix product, on as many threads as BLAS takes by itself."""
    a, b = size.operands()
    out = np.empty_like(a)

    def run(times):
        for _ in range(times):
            np.matmul(a, b, out=out)
        return float(out[0, 0])

    return {"numpy.matmul": run}
