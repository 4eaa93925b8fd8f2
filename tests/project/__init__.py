"""Tests of documents, of who imports whom, of what is installed, of the tests themselves."""
