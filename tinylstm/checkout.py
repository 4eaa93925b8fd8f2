"""Imported first: in a checkout, kernels/ and demos/ stand beside this folder and not inside it.

``tinylstm.kernels`` and ``tinylstm.demos`` are looked for here before anything that is installed is
asked. So the three come from one checkout, or from one installation, and never from two.
"""

import os
import sys

FOLDER = os.path.dirname(__file__)

if not os.path.isdir(os.path.join(FOLDER, "kernels")):
    sys.modules[__package__].__path__.append(os.path.dirname(FOLDER))
