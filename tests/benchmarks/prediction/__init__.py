"""Prediction: one step a call with the state carried, whole sequences, and a closed loop.

A module for each engine, with ``predict(task)``: variant name -> ``run(times)``, which makes that
many calls (a closed loop: that many loops of ``task.count`` steps) and returns the last output.
"""
