"""The whole public surface: for each call, the values of each argument that its docstring names.

`tests/surface/test_surface.py` tries them all, and sees that none is missing here.
"""

from . import of_data, of_layers, of_models, of_training

USES = of_models.USES | of_layers.USES | of_training.USES | of_data.USES
