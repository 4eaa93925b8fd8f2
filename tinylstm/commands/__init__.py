"""The commands of ``python -m tinylstm``, one file each."""
