"""Keras' files, read and written without Keras.

``settings`` says what a setting of a config is here. The tables of ``parts``, ``layers`` and
``training`` have every class that both sides know, with every setting of it, for both directions;
``models`` makes a model of them.
"""
