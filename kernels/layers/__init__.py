"""The kernels of the layers, one file each: forward, and under it backward."""
