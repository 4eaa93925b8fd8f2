"""Logs and histories that answer ``acc`` and ``accuracy`` alike."""


class Logs(dict):
    """A dict in which an accuracy is found under either of its names."""

    def _key(self, name):
        if not isinstance(name, str) or super().__contains__(name):
            return name
        other = name[:-3] + "accuracy" if name.endswith("acc") else name.replace("accuracy", "acc")
        return other if super().__contains__(other) else name

    def __getitem__(self, name):
        return super().__getitem__(self._key(name))

    def __contains__(self, name):
        return super().__contains__(self._key(name))

    def get(self, name, default=None):
        """As of a dict."""
        return super().get(self._key(name), default)
