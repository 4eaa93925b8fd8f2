"""Imported first by the command line: says so where Python has found the checkout, not the package.

In the folder above a checkout that is called tinylstm, Python takes it for a package without code.
"""

import sys

name = __name__.partition(".")[0]
if getattr(sys.modules[name], "__file__", None) is None:
    sys.exit(
        f"Python takes the folder {name} that is here for the package {name}, which is inside it.\n"
        f"Expected: the command in that folder (cd {name}), or anywhere else\n"
        f"Received: the command in the folder above the checkout"
    )
